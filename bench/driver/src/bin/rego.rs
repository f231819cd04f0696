//! Rego, by regorus: `rego each POLICY FOLDER` evaluates one document at a time, `rego join POLICY FOLDER` all at once,
//! `rego json FOLDER FILE` writes the input that OPA needs for the join.
//!
//! Prints the number of messages by their first word.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

use regorus::{Engine, Value};

/// The rule that the policies define.
const ENTRY: &str = "data.main.deny";

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["each", policy, root] => each(policy, root.as_ref()),
        ["join", policy, root] => join(policy, root.as_ref()),
        ["json", root, out] => json(root.as_ref(), out.as_ref()),
        _ => Err("usage: each|join POLICY FOLDER, or json FOLDER FILE".into()),
    }
}

/// Hands each document of each file to the closure.
fn documents<T: serde::de::DeserializeOwned>(
    root: &Path,
    mut take: impl FnMut(&Path, T) -> Result<(), Box<dyn Error>>,
) -> Result<(), Box<dyn Error>> {
    for path in tacit_bench_driver::manifests(root) {
        let text = std::fs::read_to_string(&path)?;
        for document in yaml_serde::Deserializer::from_str(&text) {
            take(&path, T::deserialize(document)?)?;
        }
    }
    Ok(())
}

fn engine(policy: &str) -> Result<Engine, Box<dyn Error>> {
    let mut engine = Engine::new();
    engine.add_policy(policy.to_owned(), std::fs::read_to_string(policy)?)?;
    Ok(engine)
}

fn count(value: &Value, counts: &mut BTreeMap<String, u64>) {
    for message in value.as_set().into_iter().flatten() {
        if let Ok(text) = message.as_string() {
            *counts.entry(text.split(' ').next().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
}

fn each(policy: &str, root: &Path) -> Result<(), Box<dyn Error>> {
    let mut engine = engine(policy)?;
    let mut counts = BTreeMap::new();
    documents(root, |_, document: Value| {
        engine.set_input(document);
        count(&engine.eval_rule(ENTRY.to_owned())?, &mut counts);
        Ok(())
    })?;
    println!("{}", serde_json::to_string(&counts)?);
    Ok(())
}

fn join(policy: &str, root: &Path) -> Result<(), Box<dyn Error>> {
    let mut engine = engine(policy)?;
    let mut inputs = Vec::new();
    documents(root, |path, contents: Value| {
        let path = Value::from(path.to_string_lossy().into_owned());
        inputs.push(Value::from(BTreeMap::from([(Value::from("path"), path), (Value::from("contents"), contents)])));
        Ok(())
    })?;
    engine.set_input(Value::from(inputs));
    let mut counts = BTreeMap::new();
    count(&engine.eval_rule(ENTRY.to_owned())?, &mut counts);
    println!("{}", serde_json::to_string(&counts)?);
    Ok(())
}

fn json(root: &Path, out: &Path) -> Result<(), Box<dyn Error>> {
    let mut inputs = Vec::new();
    documents(root, |path, contents: serde_json::Value| {
        inputs.push(serde_json::json!({ "path": path, "contents": contents }));
        Ok(())
    })?;
    serde_json::to_writer(std::io::BufWriter::new(std::fs::File::create(out)?), &inputs)?;
    Ok(())
}
