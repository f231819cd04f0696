//! Rule texts of pages and examples are in the language, and formatted.

use std::path::PathBuf;

use tacit_tests::binary::repository;
use tacit_tests::markdown::{blocks, pages};

/// Rule texts with their places; those that a page says are refused are left out.
fn texts() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    for path in pages(&repository().join("docs/guide")).into_iter().chain([repository().join("README.md")]) {
        let page = std::fs::read_to_string(&path).expect("a page is UTF-8");
        for block in blocks(&page).into_iter().filter(|block| block.language() == "tacit") {
            if block.attribute("part").is_none() && block.attribute("fail").is_none() {
                texts.push((format!("{}:{}", path.display(), block.line), block.text));
            }
        }
    }
    let mut folders: Vec<PathBuf> = ["examples", "bench"].iter().map(|name| repository().join(name)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "tacit") {
                texts.push((path.display().to_string(), std::fs::read_to_string(&path).expect("a rule file is UTF-8")));
            }
        }
    }
    texts
}

#[test]
fn every_text_parses() {
    let texts = texts();
    assert!(texts.len() > 40, "texts are found");
    let faults: Vec<String> = texts
        .iter()
        .flat_map(|(place, text)| {
            let (_, diagnostics) = tacit_lang::parse::parse(text);
            diagnostics.into_iter().map(move |found| format!("{place}: {} {}", found.code.0, found.message))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_text_is_formatted() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let mut faults = Vec::new();
    for (place, text) in texts() {
        let Ok(formatted) = tacit_lang::fmt::format(&text) else { continue };
        if formatted == text {
            continue;
        }
        if update {
            let file = place.rsplit_once(".md:").map_or(place.clone(), |(file, _)| format!("{file}.md"));
            let whole = std::fs::read_to_string(&file).expect("the file was read before");
            std::fs::write(&file, whole.replace(&text, &formatted)).expect("the file can be written");
        } else {
            faults.push(format!("{place}:\n{formatted}"));
        }
    }
    assert!(faults.is_empty(), "not formatted (UPDATE_DOCS=1 does it):\n{}", faults.join("\n"));
}
