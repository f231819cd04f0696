//! The loader as its users see it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;

fn load(text: &str) -> LoadedFile {
    load_yaml(SourceText::new("t.yaml", text), &LoadOptions::default())
}

fn one(text: &str) -> Document {
    let mut file = load(text);
    assert_eq!(file.errors, [], "{text}");
    assert_eq!(file.documents.len(), 1, "{text}");
    file.documents.remove(0)
}

fn value(text: &str) -> Value {
    one(text).root().to_json()
}

fn error(text: &str) -> LoadError {
    let mut file = load(text);
    assert!(file.documents.is_empty(), "{text}");
    assert_eq!(file.errors.len(), 1, "{text}");
    file.errors.remove(0)
}

fn at<'t>(text: &'t str, node: Node<'_>) -> &'t str {
    &text[node.span().range()]
}

#[test]
fn scalars_mean_what_the_api_server_reads() {
    let text = "a: 0777\nb: yes\nc: 1_000\nd: 2024-01-02\ne: 3.0\nf: 1.50\ng: '12'\nh:\ni: 9223372036854775808\nj: 190:20:30\n";
    assert_eq!(
        value(text),
        json!({"a": 511, "b": true, "c": 1000, "d": "2024-01-02", "e": 3, "f": 1.5, "g": "12", "h": null,
               "i": 9223372036854775808.0, "j": "190:20:30"})
    );
    let document = one(text);
    assert_eq!(document.root().get("a").unwrap().scalar_text(), Some("511"));
    assert_eq!(document.root().get("f").unwrap().scalar_text(), Some("1.5"));
    assert_eq!(document.root().get("e").unwrap().as_i64(), Some(3));
    assert_eq!(document.root().get("e").unwrap().as_str(), None);
}

#[test]
fn tags_and_binary_are_applied_to_quoted_scalars() {
    assert_eq!(
        value("a: !!int \"3\"\nb: !!bool 'yes'\nc: !!str 5\nd: !!binary aGk=\ne: !custom 5\nf: !!float 2\ng: !!str\n"),
        json!({"a": 3, "b": true, "c": "5", "d": "hi", "e": "5", "f": 2, "g": ""})
    );
    assert_eq!(error("a: !!int x\n").kind, LoadErrorKind::Meaning);
    assert_eq!(error("a: !!binary '*'\n").kind, LoadErrorKind::Meaning);
}

#[test]
fn keys_become_strings() {
    assert_eq!(
        value("1: a\ntrue: b\nn: c\n1.50: d\n1e6: e\n0x10: f\n"),
        json!({
        "1": "a", "true": "b", "false": "c", "1.5": "d", "1e+06": "e", "16": "f"})
    );
    assert_eq!(error("~: a\n").message, "null cannot be a key: quote it");
    assert_eq!(error("? [a]\n: b\n").kind, LoadErrorKind::Meaning);
    assert_eq!(error("18446744073709551615: a\n").kind, LoadErrorKind::Meaning);
}

#[test]
fn merge_keys_are_applied_in_order() {
    assert_eq!(value("a: &a {x: 1, z: 2}\nb:\n  <<: *a\n  x: 3\n")["b"], json!({"x": 3, "z": 2}));
    assert_eq!(value("a: &a {x: 1, z: 2}\nb:\n  x: 3\n  <<: *a\n")["b"], json!({"x": 1, "z": 2}));
    assert_eq!(
        value("a: &a {x: 1}\nb: &b {x: 2, z: 3}\nc: {<<: [*a, *b, {w: 4}]}\n")["c"],
        json!({"x": 1, "z": 3, "w": 4})
    );
    assert_eq!(value("a: &a {<<: {x: 1}, z: 2}\nb: {<<: *a}\nc: *a\n")["c"], json!({"x": 1, "z": 2}));
    assert_eq!(value("'<<': 1\n"), json!({"<<": 1}));
    for text in ["<<: 1\n", "a: &a [{x: 1}]\nb: {<<: *a}\n", "<<: [1]\n"] {
        assert_eq!(error(text).kind, LoadErrorKind::Meaning, "{text}");
    }
}

#[test]
fn merged_entries_have_the_path_of_the_mapping_they_are_merged_into() {
    let text = "base: &b\n  env: [{name: x}]\nweb:\n  <<: *b\n  image: i\n";
    let document = one(text);
    let web = document.root().get("web").unwrap();
    let name = web.get("env").unwrap().item(0).unwrap().get("name").unwrap();
    assert_eq!(name.path().to_string(), "$['web']['env'][0]['name']");
    assert_eq!(at(text, name), "x");
    assert_eq!(&text[name.use_span().unwrap().range()], "*b");
    assert_eq!(name.depth(), 4);
    assert_eq!(name.parent().unwrap().parent().unwrap().parent().unwrap(), web);
    assert_eq!(web.entries().map(|(key, ..)| key).collect::<Vec<_>>(), ["env", "image"]);
}

#[test]
fn of_duplicate_keys_the_last_counts_and_a_problem_tells() {
    let text = "a: 1\nb: 2\na: 3\n";
    let document = one(text);
    assert_eq!(document.root().to_json(), json!({"a": 3, "b": 2}));
    let [problem] = document.problems() else { panic!("{:?}", document.problems()) };
    assert_eq!(problem.kind, ProblemKind::DuplicateKey);
    assert_eq!(problem.span.start, 10);
    assert_eq!(problem.related.unwrap().start, 0);
    assert_eq!(document.root().len(), 2);

    let many: String = (0..200).chain([7]).map(|n| format!("k{n}: {n}\n")).collect();
    assert_eq!(one(&many).problems().len(), 1);
}

#[test]
fn aliases_are_copies_that_know_both_places() {
    let text = "a: &x {k: v}\nb: *x\nc: [*x]\n";
    let document = one(text);
    let b = document.root().get("b").unwrap();
    assert_eq!(at(text, b), "*x");
    assert_eq!(&text[b.content_span().range()], "{k: v}");
    assert_eq!(b.get("k").unwrap().path().to_string(), "$['b']['k']");
    assert_eq!(b.get("k").unwrap().parent(), Some(b));
    let c = document.root().get("c").unwrap().item(0).unwrap();
    assert_eq!(c.get("k").unwrap().path().dotted().to_string(), "c[0].k");
}

#[test]
fn an_alias_inside_its_own_node_is_an_error_at_the_alias() {
    let text = "a: &x [1, *x]\n";
    let error = error(text);
    assert_eq!((error.kind, error.span.start), (LoadErrorKind::Meaning, 10));
}

#[test]
fn a_bomb_of_aliases_stops_at_the_alias_that_is_too_much() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let items = vec![format!("*a{}", n - 1); 9].join(", ");
        text += &format!("a{n}: &a{n} [{items}]\n");
    }
    let error = error(&text);
    assert_eq!(error.kind, LoadErrorKind::Limit);
    assert!(text[error.span.range()].starts_with('*'));
}

#[test]
fn spans_cover_what_is_written() {
    let text = "a:\n  b: |- # note\n    one\n    two\n\n  c:\n  - x\n  - {y: z}\nd: >\n  folded\n\n\ne: \"q\\n\"\nf:\n";
    let document = one(text);
    let root = document.root();
    let a = root.get("a").unwrap();
    assert_eq!(at(text, a.get("b").unwrap()), "|- # note\n    one\n    two");
    assert_eq!(a.get("b").unwrap().as_str(), Some("one\ntwo"));
    assert_eq!(at(text, a.get("c").unwrap()), "- x\n  - {y: z}");
    assert_eq!(at(text, a), "b: |- # note\n    one\n    two\n\n  c:\n  - x\n  - {y: z}");
    assert_eq!(at(text, root.get("d").unwrap()), ">\n  folded");
    assert_eq!(at(text, root.get("e").unwrap()), "\"q\\n\"");
    assert!(root.get("f").unwrap().span().is_empty());
    assert_eq!(&text[root.get("f").unwrap().key_span().unwrap().range()], "f");

    let text = "a: &k\n- - 1\n- 2\nb: # - c\n-\n  x\n";
    let document = one(text);
    assert_eq!(at(text, document.root().get("a").unwrap()), "- - 1\n- 2");
    assert_eq!(at(text, document.root().get("a").unwrap().item(0).unwrap()), "- 1");
    assert_eq!(at(text, document.root().get("b").unwrap()), "-\n  x");
}

#[test]
fn a_broken_document_leaves_the_others_standing() {
    let text = "a: 1\n---\nb: [1\n---\nc: 3\n---\nd: \"x\n---\ne: 5\n";
    let file = load(text);
    let indices: Vec<u32> = file.documents.iter().map(|document| document.index).collect();
    assert_eq!(indices, [0, 2, 4]);
    assert_eq!(file.errors.iter().map(|error| error.document).collect::<Vec<_>>(), [Some(1), Some(3)]);
    assert_eq!(&text[file.documents[1].span.range()], "---\nc: 3\n");
}

#[test]
fn templates_are_told_from_quoted_braces() {
    let file =
        load("a: {{ .Values.x }}\n---\n{{- if .x }}\nb: 1\n{{- end }}\n---\nc: '{{ ok }}'\n---\nd: {{ nindent 2 }\n");
    assert_eq!(file.templates.iter().map(|template| template.document).collect::<Vec<_>>(), [0, 1, 3]);
    assert_eq!(file.documents.len(), 1);
    assert_eq!(file.errors, []);
    assert_eq!(file.kind(), FileKind::Template);
    assert_eq!(load("a: x-{{ y }}\n").kind(), FileKind::Documents);
    assert_eq!(load("# {{ y }}\n").kind(), FileKind::Empty);
}

#[test]
fn comments_are_kept_on_request() {
    let text = "# head\na: 1 # side\n# last\n---\n# second\n{b: 2} # end\n---\nc: 3\n";
    let options = LoadOptions { comments: true, ..LoadOptions::default() };
    let source = SourceText::new("t", text);
    let file = load_yaml(Arc::clone(&source), &options);
    let comments: Vec<Vec<&str>> =
        file.documents.iter().map(|document| document.comments().iter().map(|c| c.text(&source)).collect()).collect();
    assert_eq!(comments, [vec![" head", " side", " last"], vec![" second", " end"], vec![]]);
    assert_eq!(file.documents[0].comments()[1].placement, Placement::Trailing);
    assert!(load(text).documents[0].comments().is_empty());
}

#[test]
fn empty_documents_are_counted() {
    let file = load("---\n# nothing\n---\na: 1\n---\n");
    assert_eq!((file.documents.len(), file.empty_documents), (1, 2));
    assert_eq!(file.documents[0].index, 1);
    assert_eq!(load("").kind(), FileKind::Empty);
}

#[test]
fn a_builder_asks_for_each_document_once_and_with_its_own_header() {
    let mut builder = TreeBuilder::new();
    let first = SourceText::new(
        "first",
        "# a long comment\napiVersion: example.org/v1\nkind: Widget\nspec: { a: [1, 2, 3] }\n",
    );
    // Shorter, and with a character of two bytes where the header of the first stood.
    let second = SourceText::new("second", "# ééééééééééééééééé\napiVersion: v1\nkind: Secret\n");
    let asked = std::cell::RefCell::new(Vec::new());
    for source in [first, second] {
        let loaded = builder.load_yaml_filtered(&source, &LoadOptions::default(), &|_, kind| {
            asked.borrow_mut().push(kind.map(str::to_owned));
            kind == Some("Secret")
        });
        assert_eq!(loaded.documents.len() + loaded.unwanted_documents, 1);
    }
    assert_eq!(asked.into_inner(), [Some("Widget".to_owned()), Some("Secret".to_owned())]);
}

#[test]
fn unwanted_documents_are_scanned_only() {
    let text = "apiVersion: v1\nkind: Secret\n---\napiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n---\n\
                kind: Pod\napiVersion: v1\nspec: [\n";
    let file =
        load_yaml_filtered(SourceText::new("t", text), &LoadOptions::default(), &|_, kind| kind == Some("Secret"));
    assert_eq!(file.documents.len(), 1);
    assert_eq!(file.unwanted_documents, 1);
    assert_eq!(file.errors.len(), 1);
    assert_eq!(file.errors[0].document, Some(2));
}

#[test]
fn json_files_follow_json() {
    let json = |text: &str| load_json(SourceText::new("t.json", text), &LoadOptions::default());
    let file = json("{\"a\": 1.0, \"b\": [true, null, \"y\\u0041\\/\"], \"c\": 1e2}\n{\"d\": 2}");
    assert_eq!(file.errors, []);
    assert_eq!(file.documents[0].root().to_json(), json!({"a": 1.0, "b": [true, null, "yA/"], "c": 100.0}));
    assert_eq!(file.documents[0].root().get("a").unwrap().kind(), Kind::Float);
    assert_eq!(file.documents[1].source.slice(file.documents[1].root().get("d").unwrap().span()), "2");

    let broken = json("{\"a\": yes}");
    assert_eq!((broken.documents.len(), broken.errors.len()), (0, 1));
    assert!(broken.errors[0].message.starts_with("not JSON: "), "{}", broken.errors[0].message);
    let key = "k".repeat(5000);
    assert_eq!(json(&format!("{{\"{key}\": 1}}")).documents.len(), 1);
}

#[test]
fn a_recycled_builder_gives_the_same_trees() {
    let mut builder = TreeBuilder::new();
    for text in ["a: [1, 2]\n", "b: {c: d}\n", "a: [1, 2]\n"] {
        let mut file = builder.load_yaml(&SourceText::new("t", text), &LoadOptions::default());
        let document = file.documents.remove(0);
        assert_eq!(document.root().to_json(), value(text));
        builder.recycle(document);
    }
}

#[test]
fn errors_name_no_text_of_the_source() {
    let error = error("password: \"hunter2\n");
    assert!(!error.message.contains("hunter2"));
    assert_eq!(error.kind, LoadErrorKind::Syntax);
}

#[test]
fn lines_that_end_a_document_for_kubectl_only_are_problems() {
    let problems =
        |text: &str| one(text).problems().iter().map(|p| text[p.span.range()].to_owned()).collect::<Vec<_>>();
    assert_eq!(problems("--- {a: b} # c\n"), ["{a: b} # c"]);
    assert_eq!(problems("a: 1\n---b: 2\n"), ["b: 2"]);
    assert!(problems("--- # c\na: x---y\nb: |\n  ---z\n").is_empty());
}

#[test]
fn characters_that_end_a_line_for_the_api_server_only_are_refused_outside_quotes() {
    for text in ["a: b\u{2028}c\n", "a: b # c\u{2029}d: e\n", "a: |\n  x\u{85}b: c\n"] {
        let error = error(text);
        assert_eq!(error.kind, LoadErrorKind::Meaning);
        assert!(["\u{2028}", "\u{2029}", "\u{85}"].contains(&&text[error.span.range()]));
    }
    assert_eq!(value("a: \"b\u{2028}c\"\n"), json!({"a": "b\u{2028}c"}));
    let hidden = SourceText::new("t", "apiVersion: v1\nkind: ConfigMap # \u{2028}kind: Secret\n");
    assert_eq!(load_yaml_filtered(hidden, &LoadOptions::default(), &|_, kind| kind == Some("Secret")).errors.len(), 1);
}

#[test]
fn a_filter_is_not_misled_by_a_kind_that_is_written_again() {
    let secrets = |text: &str| {
        let want: Want<'_> = &|_, kind| kind == Some("Secret");
        load_yaml_filtered(SourceText::new("t", text), &LoadOptions::default(), want).documents.len()
    };
    let pod = "apiVersion: v1\nkind: Pod\nspec: {kind: Secret}\n";
    assert_eq!(secrets(pod), 0);
    assert_eq!(secrets(&format!("{pod}kind: Secret\n")), 1);
    assert_eq!(secrets(&format!("{pod}<<: {{kind: Secret}}\n")), 1);
    assert_eq!(secrets(&format!("{pod}!!str kind: Secret\n")), 1);
    assert_eq!(secrets("a: &a {kind: Secret}\napiVersion: v1\nkind: Pod\n<<: *a\n"), 1);
    assert_eq!(secrets("<<: {kind: Secret}\napiVersion: v1\n"), 1);
}

#[test]
fn parts_of_a_scalar_have_places_of_their_own() {
    let text = "a: plain text\nb: 'in quotes'\nc: |  # note\n  {\"é\": 1,\n\n    \"key\": 2}\nd: \"esc\\taped\"\ne: |2\n    x\n   y\n";
    let document = one(text);
    let part = |key: &str, what: &str| {
        let node = document.root().get(key).unwrap();
        let start = node.as_str().unwrap().find(what).unwrap();
        &text[node.span_within(start..start + what.len()).range()]
    };
    assert_eq!(part("a", "text"), "text");
    assert_eq!(part("b", "quotes"), "quotes");
    assert_eq!(part("c", "é"), "é");
    assert_eq!(part("c", "\"key\""), "\"key\"");
    assert_eq!(part("c", "2}\n"), "2}");
    assert_eq!(part("d", "aped"), "\"esc\\taped\"");
    assert_eq!(part("e", "y"), "y");
}
