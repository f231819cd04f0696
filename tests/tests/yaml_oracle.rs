//! The loader reads every document as the libraries behind the Kubernetes API server do: `tests/oracle` runs them, and
//! this compares. Needs Go, and one test the corpora below `$TACIT_SHARED` (by default `shared` in the workspace or beside
//! it). So they are ignored by a plain run, and `tests/run` runs them where it finds what they need.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fmt, fs};

use serde::Deserialize;
use serde_json::Value;
use tacit_engine::document::{Limits, LoadOptions, LoadedFile, SourceText, load_json, load_yaml};

/// Files of the corpora on which the loader differs on purpose, by the end of their path, with the reason.
const KNOWN: &[(&str, &str)] = &[];

/// Hostile files on which the loader differs on purpose, with the reason.
const HOSTILE: &[(&str, &str)] = &[
    ("bad-directive.yaml", "the document reader parts a directive from its document, which is then read without it"),
    ("bom-inside.yaml", "they read a key with an invisible first character, which nobody means"),
    ("garbage-behind.yaml", "they read the first of a part's documents and ignore what follows it; we report it"),
    ("line-separator.yaml", "they read a key behind a character that looks like a part of a comment; we refuse it"),
    ("lone-surrogate.json", "they put U+FFFD in the place of half a character; we refuse it"),
    (
        "marker-content.yaml",
        "they refuse and drop the document before a line that starts with `---` and goes on; we read it and tell",
    ),
    ("utf16-be-cut.yaml", "the document reader adds a line break, which completes the last character by chance"),
    ("utf16-le.yaml", "the document reader adds half a line break; kubectl decodes the file before it comes there"),
];

#[derive(Deserialize)]
struct OracleFile {
    documents: Vec<OracleDocument>,
}

#[derive(Deserialize)]
struct OracleDocument {
    json: Option<Value>,
    error: Option<String>,
}

/// What one side makes of a document that holds something.
enum Read {
    Value(Value),
    Refused(String),
}

impl fmt::Display for Read {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Read::Value(value) => write!(f, "{value}"),
            Read::Refused(reason) => write!(f, "refused ({reason})"),
        }
    }
}

#[test]
#[ignore = "needs Go, and corpora: `tests/run` runs it where both are there"]
fn every_document_of_the_corpora_reads_as_the_api_server_reads_it() {
    let shared = shared();
    let mut files = Vec::new();
    for place in ["corpora", "oracles/cases"] {
        let place = shared.join(place);
        assert!(place.is_dir(), "{} is missing: set TACIT_SHARED to the folder of the corpora", place.display());
        collect(&place, &mut files);
    }
    files.sort();

    let mut known: BTreeMap<&str, bool> = KNOWN.iter().map(|&(path, _)| (path, false)).collect();
    let (mut documents, mut refused, mut report) = (0, 0, String::new());
    for (path, theirs) in files.iter().zip(oracle(&files)) {
        match compare(path, theirs) {
            Ok(agreement) => {
                documents += agreement.documents;
                refused += agreement.refused;
            }
            Err(difference) => match known.iter_mut().find(|(end, _)| path.to_string_lossy().ends_with(**end)) {
                Some((_, met)) => *met = true,
                None => writeln!(report, "{}: {difference}", path.display()).unwrap(),
            },
        }
    }
    println!("compared {} files, {documents} documents, of which both sides refuse {refused}", files.len());
    assert!(report.is_empty(), "{report}");
    for (path, met) in known {
        assert!(met, "{path} no longer differs: take it off the list");
    }
}

#[test]
#[ignore = "needs Go: `tests/run` runs it where that is installed"]
fn hostile_input_reads_as_the_api_server_reads_it_or_for_a_reason_does_not() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hostile"), &mut files);
    // The oracle's answers about these are deeper than the test can read.
    files.retain(|path| !path.to_string_lossy().contains("deep-"));
    files.sort();
    let mut differing = BTreeMap::new();
    for (path, theirs) in files.iter().zip(oracle(&files)) {
        if let Err(difference) = compare(path, theirs) {
            differing.insert(path.file_name().unwrap().to_string_lossy().into_owned(), difference);
        }
    }
    let reasons: BTreeMap<String, &str> = HOSTILE.iter().map(|&(name, reason)| (name.to_owned(), reason)).collect();
    assert!(differing.keys().eq(reasons.keys()), "{differing:#?} are not {reasons:#?}");
}

#[test]
#[ignore = "needs Go: `tests/run` runs it where that is installed"]
fn scalars_read_as_the_api_server_reads_them() {
    let texts = scalars();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("scalars");
    fs::create_dir_all(&folder).unwrap();
    let mut files = Vec::new();
    let mut add = |name: String, text: String| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        files.push(path);
    };
    // One document a text: some are refused.
    let stream =
        |line: &dyn Fn(&str) -> String| texts.iter().map(|text| format!("---\n{}\n", line(text))).collect::<String>();
    add("values.yaml".to_owned(), stream(&|text| format!("a: {text}")));
    add("keys.yaml".to_owned(), stream(&|text| format!("{text}: a")));
    for tag in ["!!int", "!!float", "!!bool", "!!str", "!!null", "!!timestamp", "!!binary", "!other", "!"] {
        let name = tag.trim_start_matches('!');
        add(format!("tag-{name}.yaml"), stream(&|text| format!("a: {tag} {text}")));
        add(format!("quoted-{name}.yaml"), stream(&|text| format!("a: {tag} '{text}'")));
    }
    let mut report = String::new();
    for (path, theirs) in files.iter().zip(oracle(&files)) {
        if let Err(difference) = compare(path, theirs) {
            writeln!(report, "{}: {difference}", path.display()).unwrap();
        }
    }
    println!("compared {} texts in {} places", texts.len(), files.len());
    assert!(report.is_empty(), "{report}");
}

/// Texts that look like numbers, words, dates, and nearly so.
fn scalars() -> Vec<String> {
    let mut texts: Vec<String> = include_str!("../fixtures/scalars/texts").lines().map(str::to_owned).collect();
    // Every short text of the characters that numbers are made of.
    let signs = ['0', '1', '8', '.', '-', '+', 'e', 'x', 'b', 'o', '_', 'f'];
    let mut last: Vec<String> = signs.iter().map(char::to_string).collect();
    for _ in 0..3 {
        texts.extend(last.iter().cloned());
        last = last.iter().flat_map(|text| signs.iter().map(move |sign| format!("{text}{sign}"))).collect();
    }
    // `-`, `---` and what starts a comment or a collection have a meaning of their own.
    texts.retain(|text| !text.starts_with("---"));
    texts
}

fn shared() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let near = || ["shared", "../shared"].map(|name| workspace.join(name)).into_iter().find(|place| place.is_dir());
    env::var_os("TACIT_SHARED").map(PathBuf::from).or_else(near).expect("TACIT_SHARED names the folder of the corpora")
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|known| ending == *known)) {
            files.push(path);
        }
    }
}

/// Builds the oracle and asks it about the files.
fn oracle(files: &[PathBuf]) -> Vec<OracleFile> {
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oracle");
    let built = Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle"))
        .status()
        .expect("go must be installed to build the oracle");
    assert!(built.success(), "the oracle does not build");

    let mut child = Command::new(&program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let list: String = files.iter().map(|path| format!("{}\n", path.display())).collect();
    let writer = std::thread::spawn(move || input.write_all(list.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    let answers: Vec<OracleFile> = output
        .stdout
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!(answers.len(), files.len());
    answers
}

/// The documents of a file, in which both sides agree.
struct Agreement {
    documents: usize,
    refused: usize,
}

/// Where the sides do not agree is the error.
fn compare(path: &Path, theirs: OracleFile) -> Result<Agreement, String> {
    let ours = ours(path);
    let theirs: Vec<Read> = theirs
        .documents
        .into_iter()
        .filter_map(|document| match document.error {
            Some(error) => Some(Read::Refused(error)),
            None => document.json.filter(|value| !value.is_null()).map(Read::Value),
        })
        .collect();
    for (index, pair) in ours.iter().zip(&theirs).enumerate() {
        match pair {
            (Read::Value(a), Read::Value(b)) if same(a, b) => {}
            (Read::Refused(_), Read::Refused(_)) => {}
            (a, b) => return Err(format!("document {index}: we read {a}, they {b}")),
        }
    }
    if ours.len() != theirs.len() {
        return Err(format!("we read {} documents, they {}", ours.len(), theirs.len()));
    }
    let refused = ours.iter().filter(|read| matches!(read, Read::Refused(_))).count();
    Ok(Agreement { documents: ours.len(), refused })
}

fn ours(path: &Path) -> Vec<Read> {
    let bytes = fs::read(path).unwrap();
    let source = match SourceText::from_bytes(path.to_string_lossy().as_ref(), bytes) {
        Ok(source) => source,
        Err(error) => return vec![Read::Refused(error.to_string())],
    };
    let options = LoadOptions { comments: true, limits: Limits::default() };
    let load = if path.extension().is_some_and(|ending| ending == "json") { load_json } else { load_yaml };
    let LoadedFile { documents, errors, templates, .. } = load(source, &options);
    let mut all = BTreeMap::new();
    for document in &documents {
        assert!(document.root().span().end <= document.span.end, "{}", path.display());
        all.insert(document.index, Read::Value(document.root().to_json()));
    }
    all.extend(errors.iter().map(|error| (error.document.unwrap_or(0), Read::Refused(error.message.clone()))));
    all.extend(templates.iter().map(|template| (template.document, Read::Refused("template".to_owned()))));
    all.into_values().filter(|read| !matches!(read, Read::Value(Value::Null))).collect()
}

/// Equality as the API server sees it: a number is an integer of 64 bits with a sign, else a float.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => a.as_f64() == b.as_f64(),
            // `-0` is read as a float here, but as an integer there.
            (Some(0), None) => b.as_f64() == Some(0.0),
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((key, a), (other, b))| key == other && same(a, b))
        }
        _ => a == b,
    }
}
