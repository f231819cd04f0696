//! Each case shows a text before and after.

use super::*;
use crate::document::Step;

fn path(text: &str) -> NodePath {
    let step = |part: &str| match part.parse() {
        Ok(index) => Step::Index(index),
        Err(_) => Step::Key(part.into()),
    };
    NodePath { steps: text.split('/').map(step).collect() }
}

fn change(at: &str, action: EditAction) -> Change {
    Change { document: 0, path: path(at), action }
}

fn edited(file: &str, text: &str, changes: &[Change]) -> Result<String, String> {
    let mut editor = Editor::new(&SourceText::new(file, text));
    editor.change(changes).map_err(|refusal| refusal.0)?;
    Ok(editor.text())
}

fn set(text: &str, at: &str, value: serde_json::Value) -> String {
    edited("a.yaml", text, &[change(at, EditAction::Set(value))]).unwrap_or_else(|refusal| refusal)
}

fn remove(text: &str, at: &str) -> String {
    edited("a.yaml", text, &[change(at, EditAction::Remove)]).unwrap_or_else(|refusal| refusal)
}

fn json(text: &str, at: &str, action: EditAction) -> String {
    edited("a.json", text, &[change(at, action)]).unwrap_or_else(|refusal| refusal)
}

#[test]
fn a_scalar_is_replaced_in_its_own_style() {
    assert_eq!(set("a: x # note\nb: 1\n", "a", "z".into()), "a: z # note\nb: 1\n");
    // YAML 1.1 reads it as true.
    assert_eq!(set("a: x\n", "a", "y".into()), "a: \"y\"\n");
    assert_eq!(set("a: 'x'\n", "a", "it's".into()), "a: 'it''s'\n");
    assert_eq!(set("a: \"x\"\n", "a", "y".into()), "a: \"y\"\n");
    assert_eq!(set("a: x\n", "a", "true".into()), "a: \"true\"\n");
    assert_eq!(set("a: yes # on\n", "a", false.into()), "a: false # on\n");
    assert_eq!(set("a: {b: 1, c: 2}\n", "a/c", 3.into()), "a: {b: 1, c: 3}\n");
    assert_eq!(set("a: |\n  text\n  more\nb: 1\n", "a", "x".into()), "a: x\nb: 1\n");
    assert_eq!(set("a:\nb: 1\n", "a", "x".into()), "a: x\nb: 1\n");
    assert_eq!(set("a: ~\n", "a", "x".into()), "a: x\n");
}

#[test]
fn a_field_joins_those_on_one_line() {
    assert_eq!(
        set("spec:\n  a: 1 # one\n  # about b\n  b:\n    c: 1\n", "spec/x", true.into()),
        "spec:\n  a: 1 # one\n  x: true\n  # about b\n  b:\n    c: 1\n"
    );
    assert_eq!(set("spec:\n  b:\n    c: 1\n", "spec/x", true.into()), "spec:\n  x: true\n  b:\n    c: 1\n");
    assert_eq!(set("- a: 1\n- b: 2\n", "0/x", 1.into()), "- a: 1\n  x: 1\n- b: 2\n");
    assert_eq!(set("a: 1", "x", 1.into()), "a: 1\nx: 1");
}

#[test]
fn parents_that_are_missing_are_made_in_the_indentation_of_the_document() {
    assert_eq!(set("a:\n    b: 1\n", "s/t/u", true.into()), "a:\n    b: 1\ns:\n    t:\n        u: true\n");
    assert_eq!(set("a: {}\n", "a/b", 1.into()), "a: {b: 1}\n");
    assert_eq!(set("a: # note\nb: 1\n", "a/c", 1.into()), "a: # note\n  c: 1\nb: 1\n");
    assert_eq!(
        set("l:\n  - x\n", "drop", serde_json::json!(["ALL", {"a": 1, "b": [2]}])),
        "l:\n  - x\ndrop:\n  - ALL\n  - a: 1\n    b:\n      - 2\n"
    );
}

#[test]
fn lists_change_item_by_item() {
    let text = "l:\n- a # first\n# about b\n- b\n- c\nz: 1\n";
    assert_eq!(set(text, "l", serde_json::json!(["a", "b", "c", "d"])), text.replace("- c\n", "- c\n- d\n"));
    assert_eq!(set(text, "l", serde_json::json!(["a", "c"])), text.replace("- b\n", ""));
    assert_eq!(remove(text, "l/0"), text.replace("- a # first\n", ""));
    assert_eq!(remove("l:\n- a\nz: 1\n", "l/0"), "l: []\nz: 1\n");
    assert_eq!(remove("l:\n- - a\n  - b\n", "l/0/0"), "l:\n- - b\n");
    assert_eq!(set("l: [a, b]\n", "l/2", "c".into()), "l: [a, b, c]\n");
}

#[test]
fn an_entry_goes_with_its_lines() {
    assert_eq!(remove("a: 1\nb: # note\n  c: 1\n  d: [x]\n\n# next\ne: 2\n", "b"), "a: 1\n\n# next\ne: 2\n");
    assert_eq!(remove("a: 1\nb: |\n  text\n\nc: 2\n", "b"), "a: 1\n\nc: 2\n");
    assert_eq!(remove("- a: 1\n  b: 2\n", "0/a"), "- b: 2\n");
    assert_eq!(remove("- a: 1 # why\n  b: 2\n", "0/a"), "-  # why\n  b: 2\n");
    assert_eq!(remove("a:\n  b: 1\nc: 2\n", "a/b"), "a: {}\nc: 2\n");
    assert_eq!(remove("a: # note\n  b: 1\n", "a/b"), "a: {} # note\n");
    assert_eq!(remove("a:\nb: 1\n", "a"), "b: 1\n");
    assert_eq!(remove("a: 1\nb: 2", "b"), "a: 1\n");
}

#[test]
fn braces_and_brackets_keep_their_layout() {
    assert_eq!(remove("a: { b: 1, c: 2 }\n", "a/b"), "a: { c: 2 }\n");
    assert_eq!(remove("a: { b: 1, c: 2 }\n", "a/c"), "a: { b: 1 }\n");
    assert_eq!(remove("a: { b: 1 }\n", "a/b"), "a: {}\n");
    assert_eq!(remove("a: [ x, {b: 1}, y ]\n", "a/1"), "a: [ x, y ]\n");
    assert_eq!(set("a: { b: 1 }\n", "a/c", "x".into()), "a: { b: 1, c: x }\n");
    assert_eq!(set("a: {\n  b: 1,\n  c: 2\n}\n", "a/d", 3.into()), "a: {\n  b: 1,\n  c: 2,\n  d: 3\n}\n");
}

#[test]
fn json_stays_json() {
    let text = "{\n    \"a\": 1,\n    \"b\": {\"c\": [1]}\n}\n";
    assert_eq!(json(text, "a", EditAction::Remove), "{\n    \"b\": {\"c\": [1]}\n}\n");
    assert_eq!(json(text, "b", EditAction::Remove), "{\n    \"a\": 1\n}\n");
    assert_eq!(json(text, "a", EditAction::Set("x".into())), text.replace("1,", "\"x\","));
    assert_eq!(
        json(text, "s/t", EditAction::Set(true.into())),
        "{\n    \"a\": 1,\n    \"b\": {\"c\": [1]},\n    \"s\": {\n        \"t\": true\n    }\n}\n"
    );
    assert_eq!(json("{\"a\":1}", "b", EditAction::Set(true.into())), "{\"a\":1, \"b\":true}");
}

#[test]
fn line_ends_and_the_byte_order_mark_survive() {
    assert_eq!(set("a: 1\r\nb:\r\n  c: 2\r\n", "b/d", 3.into()), "a: 1\r\nb:\r\n  c: 2\r\n  d: 3\r\n");
    assert_eq!(remove("a: 1\r\nb:\r\n  c: 2\r\n", "a"), "b:\r\n  c: 2\r\n");
    assert_eq!(set("\u{feff}a: 1\n", "b", 2.into()), "\u{feff}a: 1\nb: 2\n");
    assert_eq!(remove("\u{feff}a: 1\nb: 2\n", "b"), "\u{feff}a: 1\n");
}

#[test]
fn the_other_documents_of_a_file_stay_as_they_are() {
    let text = "# head\na: 1\n---\n# two\nb: [1,   2]\n---\n{{ broken }}\n---\nc: 3\n";
    let mut editor = Editor::new(&SourceText::new("a.yaml", text));
    let change = Change { document: 3, path: path("d"), action: EditAction::Set(4.into()) };
    assert_eq!(editor.change(&[change]), Ok(()));
    assert_eq!(editor.text(), text.replace("c: 3\n", "c: 3\nd: 4\n"));
}

#[test]
fn several_changes_are_made_or_none() {
    let text = "l: [a, b, c]\nx: 1\n";
    let both =
        [change("l/0", EditAction::Remove), change("l/2", EditAction::Remove), change("x", EditAction::Set(2.into()))];
    assert_eq!(edited("a.yaml", text, &both).unwrap(), "l: [b]\nx: 2\n");
    let mut editor = Editor::new(&SourceText::new("a.yaml", text));
    let refused = [change("x", EditAction::Set(2.into())), change("x/y", EditAction::Set(2.into()))];
    assert!(editor.change(&refused).is_err());
    assert_eq!(editor.text(), text);
}

#[test]
fn what_others_share_is_refused() {
    let text = "base: &b\n  x: 1\na: *b\nm:\n  <<: *b\n  z: 2\n";
    assert_eq!(set(text, "a/x", 2.into()), "the value comes from an anchor: change it there");
    assert_eq!(set(text, "m/x", 2.into()), "the value comes from an anchor: change it there");
    assert!(set(text, "base/x", 2.into()).starts_with("anchors and aliases take part"));
    assert!(remove(text, "base").starts_with("anchors and aliases take part"));
    // What nobody shares can be changed beside it.
    assert_eq!(set(text, "m/z", 3.into()), text.replace("z: 2", "z: 3"));
}

#[test]
fn encrypted_documents_are_refused() {
    let text = "data:\n  a: ENC[AES256_GCM,data:x,type:str]\nx: 1\nsops:\n  mac: ENC[x]\n";
    assert!(remove(text, "x").contains("SOPS"));
}

#[test]
fn unusual_layouts_come_out_right_or_are_refused() {
    for (text, at) in [
        ("? a\n: 1\nb: 2\n", "a"),
        ("a: !!str 5\nb: 2\n", "a"),
        ("a: &x\n  b: 1\nc: 2\n", "a/b"),
        ("a: 1\na: 2\n", "a"),
        ("a:\n  b: \"x\n    y\"\n  c: 1\n", "a/b"),
        ("a: [\n  x, # one\n  y\n]\n", "a/0"),
        ("\"a\": 1\n'b': 2\n", "b"),
        ("a:\n- b: 1\n  c: |\n    x\n\n\n- d\n", "a/0/c"),
    ] {
        for action in [EditAction::Remove, EditAction::Set("new".into())] {
            let before = Editor::new(&SourceText::new("a.yaml", text));
            let mut editor = before.clone();
            match editor.change(&[change(at, action)]) {
                Ok(()) => assert_ne!(editor.text(), text, "{text:?}"),
                Err(_) => assert_eq!(editor.text(), text),
            }
        }
    }
}
