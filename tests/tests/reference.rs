//! The generated pages of the guide are those that the tables of today give.

use tacit_lang::builtin::methods;
use tacit_tests::{binary, reference};

fn fresh(path: &str, page: &str) {
    let file = binary::repository().join(path);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page).expect("the page can be written");
    }
    let stands = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(stands == page, "{path} is stale: UPDATE_DOCS=1 cargo test -p tacit-tests --test reference");
}

#[test]
fn the_page_of_methods_is_fresh() {
    fresh("docs/guide/reference/methods.md", &reference::methods_page());
}

#[test]
fn the_page_of_relations_is_fresh() {
    fresh("docs/guide/reference/relations.md", &reference::relations_page());
}

#[test]
fn every_method_stands_on_its_page_once() {
    let page = reference::methods_page();
    let rows = page.lines().filter(|line| line.starts_with("| `.")).count();
    assert_eq!(rows, methods::ALL.len());
}
