//! Lists the rule files, so that the library embeds them. Nothing is parsed here.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for dir in ["std", "rules"] {
        println!("cargo::rerun-if-changed={dir}");
        collect(&root.join(dir), &mut files)?;
    }
    let mut named: Vec<(String, PathBuf)> = files
        .into_iter()
        .map(|file| {
            let below = file.strip_prefix(&root).unwrap_or(&file).with_extension("");
            let below = below.to_string_lossy().replace('\\', "/");
            // Vocabulary stands in `std/…`, rules in `std/rules/…`.
            (if below.starts_with("rules/") { format!("std/{below}") } else { below }, file)
        })
        .collect();
    // By name, which is not the order of the paths.
    named.sort();
    let mut table = String::from("&[\n");
    for (name, file) in &named {
        let _ =
            writeln!(table, "    Module {{ name: {name:?}, text: include_str!({:?}) }},", file.display().to_string());
    }
    table.push(']');
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    fs::write(out.join("modules.rs"), table)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !dir.is_dir() {
        return Ok(());
    }
    println!("cargo::rerun-if-changed={}", dir.display());
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "tacit") {
            files.push(path);
        }
    }
    Ok(())
}
