//! What holds of the loader for any text.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Number, Value};
use tacit_engine::document::{
    Kind, LoadOptions, LoadedFile, Node, SourceText, Step, load_json, load_yaml, load_yaml_filtered,
};
use tacit_lang::span::Span;

/// Texts in which pieces of YAML meet at random.
fn yamlish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![
            "a: ", "b:", "- ", "-", "? ", ": ", "\n", "\n  ", "\n    ", "\n- ", "\n---\n", "\n...\n", "{", "}", "[", "]", ", ",
            "\"", "'", "|\n  ", ">-\n  ", "&x ", "*x", "<<: *x", "<<: {c: 1}", "!!int ", "!!binary aGk=", "!t ", "# c\n", "{{ .x }}",
            "{{- if }}", "\t", "\r\n", "\u{2028}", "\u{feff}", "\u{0}", "%YAML 1.2\n", "é", "😀", "\\u00e9", "apiVersion: v1\nkind: Secret\n",
            "apiVersion: v1\nkind: Pod\n", "kind: Secret\n", "<<: {kind: Secret}\n",
        ]).prop_map(str::to_owned),
        1 => "[a-z0-9 .:#-]{0,8}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter_map("a finite number with a fraction", |value| {
            Number::from_f64(value).filter(|_| value.fract() != 0.0).map(Value::Number)
        }),
        "\\PC{0,12}|[\\n\\t \"'\\\\{}:#é😀-]{0,12}".prop_map(Value::String),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec(("\\PC{0,10}", inner), 0..6)
                .prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

fn options() -> LoadOptions {
    LoadOptions { comments: true, ..LoadOptions::default() }
}

/// Checks what holds of every node, and counts them.
fn check_nodes(node: Node<'_>, text: &str) -> Result<usize, TestCaseError> {
    let inside = |span: Span| text.get(span.range()).is_some();
    let mut count = 1;
    prop_assert!(inside(node.span()) && inside(node.content_span()));
    prop_assert!(node.key_span().is_none_or(inside) && node.use_span().is_none_or(inside));
    prop_assert_eq!(node.scalar_text().is_none(), matches!(node.kind(), Kind::Seq | Kind::Map));
    if let Some(content) = node.scalar_text() {
        prop_assert!(content.char_indices().all(|(at, _)| inside(node.span_within(at..content.len()))));
    }
    let mut entries = 0;
    for (name, key, value) in node.entries() {
        entries += 1;
        prop_assert!(node.get(name) == Some(value), "each key stands once");
        prop_assert!(value.parent() == Some(node) && value.key() == Some(key));
        prop_assert_eq!(value.path().steps.pop(), Some(Step::Key(name.into())));
        count += check_nodes(value, text)?;
    }
    for (index, item) in node.items().enumerate() {
        entries += 1;
        prop_assert!(item.parent() == Some(node));
        prop_assert_eq!(item.path().steps.pop(), Some(Step::Index(index as u32)));
        count += check_nodes(item, text)?;
    }
    prop_assert_eq!(node.len(), entries);
    prop_assert_eq!(node.depth() as usize, node.path().steps.len());
    Ok(count)
}

fn check_file(file: &LoadedFile, text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    for document in &file.documents {
        prop_assert!(document.span.start >= end && text.get(document.span.range()).is_some());
        end = document.span.end;
        check_nodes(document.root(), text)?;
        for comment in document.comments() {
            prop_assert!(document.span.contains(comment.span) && text[comment.span.range()].starts_with('#'));
        }
        for problem in document.problems() {
            prop_assert!(text.get(problem.span.range()).is_some());
        }
    }
    for span in file.errors.iter().map(|error| error.span).chain(file.templates.iter().map(|template| template.span)) {
        prop_assert!(text.get(span.range()).is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_loads_without_panic_and_every_span_lies_in_it(text in yamlish()) {
        let source = SourceText::new("any", text.as_str());
        check_file(&load_yaml(Arc::clone(&source), &options()), &text)?;
        check_file(&load_json(source, &options()), &text)?;
    }

    #[test]
    fn a_filter_changes_neither_syntax_errors_nor_the_trees_that_are_wanted(text in yamlish()) {
        let source = SourceText::new("any", text.as_str());
        let all = load_yaml(Arc::clone(&source), &options());
        let secrets = load_yaml_filtered(source, &options(), &|_, kind| kind == Some("Secret"));
        let wanted = |node: Node<'_>| node.get("kind").and_then(Node::as_str) == Some("Secret");
        let trees = |file: &LoadedFile| -> Vec<Value> {
            file.documents.iter().map(|d| d.root()).filter(|&root| wanted(root)).map(Node::to_json).collect()
        };
        prop_assert_eq!(trees(&all), trees(&secrets));
        prop_assert_eq!(all.documents.len() + all.errors.len() + all.templates.len(),
            secrets.documents.len() + secrets.errors.len() + secrets.templates.len() + secrets.unwanted_documents);
    }

    #[test]
    fn json_values_come_back_as_they_were(value in json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let file = load_json(SourceText::new("any.json", text.as_str()), &options());
            prop_assert_eq!(&file.errors, &[]);
            prop_assert_eq!(file.documents[0].root().to_json(), value.clone());
            check_file(&file, &text)?;
        }
    }

    #[test]
    fn json_is_yaml(value in json()) {
        // One line of at most 1,024 characters: YAML bounds the length of a key.
        let text = value.to_string();
        prop_assume!(text.len() < 1_000);
        let file = load_yaml(SourceText::new("any.yaml", text.as_str()), &options());
        prop_assert_eq!(&file.errors, &[]);
        prop_assert_eq!(file.templates.len(), 0);
        prop_assert_eq!(file.documents[0].root().to_json(), value);
    }
}
