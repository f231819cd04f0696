//! Generators of checked-in files.
//!
//! `cargo run --manifest-path xtask/Cargo.toml -- schemas --openapi DIR [--defaults DIR] [--out FILE]`
//!
//! writes the table of built-in kinds (`lang/src/schema/builtin.table`) from the documents that
//! `tests/cluster/openapi.sh` saves: `DIR` from a server with every API switched on, `--defaults` from one started
//! without options, which tells the versions that are served unasked.

mod documents;
mod removed;
mod render;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(message) => {
            eprintln!("{message}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(args: &[String]) -> Result<String, String> {
    let usage = "usage: xtask schemas --openapi DIR [--defaults DIR] [--out FILE]";
    let Some(("schemas", options)) = args.split_first().map(|(c, o)| (c.as_str(), o)) else {
        return Err(usage.into());
    };
    let (mut openapi, mut defaults) = (None, None);
    let mut out = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../lang/src/schema/builtin.table"));
    for pair in options.chunks(2) {
        match pair {
            [name, value] if name == "--openapi" => openapi = Some(PathBuf::from(value)),
            [name, value] if name == "--defaults" => defaults = Some(PathBuf::from(value)),
            [name, value] if name == "--out" => out = PathBuf::from(value),
            _ => return Err(usage.into()),
        }
    }
    let documents = documents::Documents::read(&openapi.ok_or(usage)?)?;
    let served = match defaults {
        Some(dir) => Some(documents::Documents::read(&dir)?.kinds),
        None => None,
    };
    let table = table::Table::build(&documents, served.as_deref())?;
    let text = render::render(&table, &documents.release);
    std::fs::write(&out, &text).map_err(|e| format!("cannot write `{}`: {e}", out.display()))?;
    let notes = table.notes.join("\n");
    Ok(format!(
        "{notes}\n{}: {} kinds, {} types, {} bytes",
        out.display(),
        table.kinds.len(),
        table.types.len(),
        text.len()
    ))
}
