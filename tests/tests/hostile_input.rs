//! Input written to break a loader: each file gives its documents, or an error at a place, in little time and little
//! stack, and a broken document leaves the good one beside it standing.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tacit_engine::document::{FileKind, LoadOptions, SourceText, load_json, load_yaml};

/// What a file gives, one line for each document or error, in order of place.
fn outcome(path: &Path) -> Vec<String> {
    let source = match SourceText::from_bytes("input", fs::read(path).unwrap()) {
        Ok(source) => source,
        Err(error) => return vec![error.to_string()],
    };
    let load = if path.extension().is_some_and(|ending| ending == "json") { load_json } else { load_yaml };
    let file = load(source.clone(), &LoadOptions { comments: true, ..LoadOptions::default() });
    let mut lines = BTreeMap::new();
    for document in &file.documents {
        let name = document.root().get("metadata").and_then(|metadata| metadata.get("name"));
        let what = name.and_then(|name| name.as_str()).unwrap_or("document");
        lines.insert(document.index, format!("{what}, {} problems", document.problems().len()));
        // Turning it into JSON must be as safe as loading it.
        drop(document.root().to_json());
    }
    for error in &file.errors {
        let at = source.line_column(error.span.start);
        lines.insert(
            error.document.unwrap_or(0),
            format!("{}:{} {:?}: {}", at.line, at.column, error.kind, error.message),
        );
    }
    for template in &file.templates {
        let at = source.line_column(template.span.start);
        lines.insert(template.document, format!("{}:{} template", at.line, at.column));
    }
    assert_eq!(file.kind() == FileKind::Empty, lines.is_empty());
    lines.into_values().collect()
}

#[test]
fn every_file_gives_its_documents_or_an_error_at_a_place() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile");
    let mut files: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, EXPECTED.iter().map(|&(name, _)| name).collect::<Vec<_>>());

    for &(name, expected) in EXPECTED {
        let path = folder.join(name);
        let start = Instant::now();
        // A stack that code which recurses over depth would overrun.
        let run = thread::Builder::new().stack_size(256 << 10).spawn(move || outcome(&path)).unwrap();
        assert_eq!(run.join().unwrap(), expected, "{name}");
        assert!(start.elapsed() < Duration::from_secs(2), "{name} took {:?}", start.elapsed());
    }
}

/// Documents by name with the number of problems, errors by line and column, in the order of the files.
const EXPECTED: &[(&str, &[&str])] = &[
    ("alias-bomb.yaml", &["4:16 Limit: the aliases expand to too many nodes", "good, 0 problems"]),
    ("bad-binary.yaml", &["1:13 Meaning: the value of `!!binary` is not base64", "good, 0 problems"]),
    ("bad-directive.yaml", &["1:1 Syntax: this version of YAML is not supported", "good, 0 problems"]),
    ("bad-escape.yaml", &["1:4 Syntax: unknown escape: write `\\\\` for a backslash", "good, 0 problems"]),
    (
        "bad-indentation.yaml",
        &[
            "3:3 Syntax: a key was expected here: check the indentation of this line and the ones above",
            "good, 0 problems",
        ],
    ),
    (
        "bad-merge.yaml",
        &["2:6 Meaning: the merge key `<<` takes a mapping or a sequence of mappings", "good, 0 problems"],
    ),
    ("bad-tag.yaml", &["1:10 Meaning: the value is not what its tag !!int says", "good, 0 problems"]),
    ("behind.json", &["document, 0 problems", "1:10 Syntax: not JSON: expected value"]),
    ("bom-inside.yaml", &["2:1 Syntax: a byte-order mark can only stand at the start", "good, 0 problems"]),
    ("bom.json", &["document, 0 problems"]),
    ("bom.yaml", &["document, 0 problems"]),
    ("comment.json", &["2:3 Syntax: not JSON: key must be a string"]),
    ("comments.yaml", &["document, 0 problems"]),
    ("complex-key.yaml", &["1:3 Meaning: a mapping or sequence cannot be a key", "good, 0 problems"]),
    ("concatenated.json", &["document, 0 problems", "document, 0 problems", "document, 0 problems"]),
    ("control-character.yaml", &["2:4 Syntax: control characters are not allowed", "good, 0 problems"]),
    ("cr.yaml", &["document, 0 problems"]),
    ("crlf.yaml", &["document, 0 problems", "good, 0 problems"]),
    ("cut.json", &["2:1 Syntax: the JSON text ends too early"]),
    ("deep-block.yaml", &["1:2001 Limit: nested deeper than 1000 levels", "good, 0 problems"]),
    ("deep-enough.json", &["document, 0 problems"]),
    ("deep-enough.yaml", &["document, 0 problems", "good, 0 problems"]),
    ("deep-flow-mapping.yaml", &["1:4001 Limit: nested deeper than 1000 levels", "good, 0 problems"]),
    ("deep-flow.yaml", &["1:1004 Limit: nested deeper than 1000 levels", "good, 0 problems"]),
    ("deep.json", &["1:100000 Syntax: the JSON text ends too early"]),
    ("duplicate-keys.yaml", &["document, 3 problems", "good, 0 problems"]),
    ("empty.json", &[]),
    ("empty.yaml", &[]),
    ("garbage-behind.yaml", &["document, 0 problems", "2:1 Syntax: `---` was expected here", "good, 0 problems"]),
    ("invalid-utf8.yaml", &["byte 8 is not valid UTF-8: save the file as UTF-8"]),
    ("jinja.yaml", &["2:2 Syntax: a text cannot start like this: quote it", "good, 0 problems"]),
    ("large-key.yaml", &["1:1 Meaning: a number this large cannot be a key: quote it", "good, 0 problems"]),
    ("large-number.json", &["1:7 Meaning: this number is too large"]),
    (
        "line-separator.yaml",
        &[
            "1:12 Meaning: U+0085, U+2028 and U+2029 end a line for the API server and not for other readers: escape the character",
            "good, 0 problems",
        ],
    ),
    ("lone-surrogate.json", &["1:7 Syntax: this escape names no character"]),
    ("long-key.json", &["document, 0 problems"]),
    (
        "long-key.yaml",
        &["1:2001 Syntax: `: ` cannot stand here: check the indentation, or quote the text", "good, 0 problems"],
    ),
    ("long-scalar.yaml", &["document, 0 problems", "good, 0 problems"]),
    ("many-duplicates.yaml", &["document, 19999 problems", "good, 0 problems"]),
    ("marker-content.yaml", &["document, 1 problems", "document, 1 problems"]),
    ("markers.yaml", &["good, 0 problems"]),
    ("merge-bomb.yaml", &["23:7 Limit: the aliases expand to too many nodes", "good, 0 problems"]),
    (
        "not-finite.yaml",
        &["1:8 Meaning: infinity and not-a-number cannot be sent to the API server", "good, 0 problems"],
    ),
    ("nul.yaml", &["2:5 Syntax: control characters are not allowed", "good, 0 problems"]),
    ("null-key.yaml", &["2:3 Meaning: null cannot be a key: quote it", "good, 0 problems"]),
    ("octal.json", &["1:8 Syntax: not JSON: invalid number"]),
    ("self-merge.yaml", &["3:7 Meaning: this alias stands inside the node that it refers to", "good, 0 problems"]),
    ("self-reference.yaml", &["2:7 Meaning: this alias stands inside the node that it refers to", "good, 0 problems"]),
    ("tabs.yaml", &["2:2 Syntax: a tab cannot indent: use spaces", "good, 0 problems"]),
    ("template.yaml", &["1:1 template", "good, 0 problems"]),
    (
        "unclosed-double-quote.yaml",
        &["1:4 Syntax: a quoted text goes on past the end of the document", "good, 0 problems"],
    ),
    ("unclosed-flow.yaml", &["1:8 Syntax: this bracket does not match the one that is open", "good, 0 problems"]),
    ("unclosed-single-quote.yaml", &["good, 0 problems", "6:4 Syntax: this quote is never closed"]),
    ("undeclared-tag.yaml", &["1:4 Syntax: the tag's prefix is not declared", "good, 0 problems"]),
    ("unknown-alias.yaml", &["1:8 Syntax: no anchor of this name stands before the alias", "good, 0 problems"]),
    ("utf16-be-cut.yaml", &["byte 10 is not valid UTF-16: save the file as UTF-8"]),
    ("utf16-le.yaml", &["document, 0 problems"]),
    ("wide-aliases.yaml", &["127:3 Limit: the aliases expand to too many nodes", "good, 0 problems"]),
    ("wrong-types.yaml", &["document, 0 problems", "good, 0 problems"]),
];
