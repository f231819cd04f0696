//! Rule files with the diagnostics they give written under the lines that cause them.
//!
//! ```text
//!   wher c.image exists
//! //^^^^ T0005 no clause begins with `wher`
//! // help did you mean `where`
//! ```
//!
//! The carets stand under the span (one caret for an empty one, or for a span of several lines its first line). Where
//! the span begins in the first two columns, `//@1-4 T0005 …` names its columns instead. The text is part of the
//! message; a `help` line, also a part, belongs to the expectation above it. Each diagnostic must be expected and
//! each expectation met. Warnings and errors are alike here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use tacit_lang::diag::Diagnostic;
use tacit_lang::span::LineIndex;

/// What a comment says about the line above it. Lines and columns count from 1, `end` is behind the last one.
struct Expectation {
    line: u32,
    start: u32,
    end: u32,
    code: String,
    message: String,
    help: Option<String>,
}

/// Checks each `.tacit` file of a folder below `lang/tests/diagnostics`; `diagnose` gives the diagnostics of a text.
pub fn check_folder(folder: &str, diagnose: impl Fn(&str) -> Vec<Diagnostic>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&root)
        .expect("the folder of examples")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tacit"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{} has examples", root.display());
    let mut report = String::new();
    for path in files {
        let text = std::fs::read_to_string(&path).expect("a text");
        let problems = compare(&text, &diagnose(&text));
        if !problems.is_empty() {
            let _ = writeln!(report, "{}:\n{problems}", path.display());
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

/// What is missing and what is unexpected, a line each.
pub fn compare(text: &str, diagnostics: &[Diagnostic]) -> String {
    let index = LineIndex::new(text);
    let mut expectations = read(text);
    let mut report = String::new();
    for diagnostic in diagnostics {
        let start = index.line_column(text, diagnostic.span.start);
        let end = index.line_column(text, diagnostic.span.end);
        let line_end = index.line_span(text, start.line as usize - 1).end;
        let end_column = if end.line == start.line { end.column } else { index.line_column(text, line_end).column };
        let end_column = end_column.max(start.column + 1);
        let help = diagnostic.help.as_ref().map_or("", |help| &help.message);
        let met = expectations.iter().position(|expected| {
            (expected.line, expected.start, expected.end) == (start.line, start.column, end_column)
                && expected.code == diagnostic.code.0
                && diagnostic.message.contains(&expected.message)
                && expected.help.as_ref().is_none_or(|part| help.contains(part))
        });
        match met {
            Some(met) => {
                expectations.remove(met);
            }
            None => {
                let _ = writeln!(
                    report,
                    "  unexpected {}:{}-{end_column} {} {}{}",
                    start.line,
                    start.column,
                    diagnostic.code.0,
                    diagnostic.message,
                    if help.is_empty() { String::new() } else { format!(" (help: {help})") }
                );
            }
        }
    }
    for expected in expectations {
        let _ = writeln!(
            report,
            "  missing    {}:{}-{} {} {}{}",
            expected.line,
            expected.start,
            expected.end,
            expected.code,
            expected.message,
            expected.help.map_or(String::new(), |help| format!(" (help: {help})"))
        );
    }
    report
}

fn read(text: &str) -> Vec<Expectation> {
    let mut all: Vec<Expectation> = Vec::new();
    let mut code_line = 0;
    for (index, line) in text.lines().enumerate() {
        let comment = line.trim_start();
        if let Some(help) = comment.strip_prefix("// help ") {
            if let Some(last) = all.last_mut() {
                last.help = Some(help.trim().to_owned());
            }
        } else if let Some((start, end, rest)) = columns(line) {
            let (code, message) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            all.push(Expectation {
                line: code_line,
                start,
                end,
                code: code.to_owned(),
                message: message.trim().to_owned(),
                help: None,
            });
        } else {
            code_line = index as u32 + 1;
        }
    }
    all
}

/// Columns of an expectation and what follows them.
fn columns(line: &str) -> Option<(u32, u32, &str)> {
    let comment = line.trim_start().strip_prefix("//")?;
    if let Some(named) = comment.strip_prefix('@') {
        let (range, rest) = named.split_once(' ')?;
        let (start, end) = range.split_once('-')?;
        return Some((start.parse().ok()?, end.parse::<u32>().ok()? + 1, rest));
    }
    if !comment.trim_start().starts_with('^') {
        return None;
    }
    let start = line.find('^')?;
    let carets = line[start..].bytes().take_while(|&byte| byte == b'^').count();
    Some((start as u32 + 1, (start + carets) as u32 + 1, &line[start + carets..]))
}
