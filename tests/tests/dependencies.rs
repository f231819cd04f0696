//! DEPENDENCIES.md names what the manifests name, and nothing else.

use std::collections::BTreeSet;

use tacit_tests::binary::repository;

/// Names of the dependencies of a manifest, in the sections whose name ends as given.
fn dependencies(manifest: &str, section: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(repository().join(manifest)).expect("a manifest is readable");
    let mut inside = false;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix('[') {
            inside = header.trim_end_matches(']').ends_with(section);
        } else if inside && let Some((key, _)) = line.split_once('=') {
            let name = key.trim().trim_end_matches(".workspace");
            if !name.is_empty() && !name.starts_with('#') && !name.starts_with("tacit") {
                found.insert(name.to_owned());
            }
        }
    }
    found
}

#[test]
fn every_dependency_has_a_row_and_every_row_a_dependency() {
    let page = std::fs::read_to_string(repository().join("DEPENDENCIES.md")).expect("the page is readable");
    let mut named = BTreeSet::new();
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cell = line.split('|').nth(1).unwrap_or_default();
        // A name in parentheses is the published one of a crate that is renamed.
        let cell = cell.split('(').next().unwrap_or_default();
        named.extend(cell.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    let used: BTreeSet<String> = ["lang", "engine", "cluster", "stdlib-rules", "lsp", "cli", "tests"]
        .iter()
        .flat_map(|member| dependencies(&format!("{member}/Cargo.toml"), "dependencies"))
        .collect();
    let without_row: Vec<_> = used.difference(&named).collect();
    let without_use: Vec<_> = named.difference(&used).collect();
    assert!(without_row.is_empty(), "no row in DEPENDENCIES.md for {without_row:?}");
    assert!(without_use.is_empty(), "DEPENDENCIES.md names {without_use:?}, which no crate uses");
}
