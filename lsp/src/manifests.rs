//! What is found in manifests, as diagnostics.
//!
//! An edit shows at once what hangs on one object alone; findings of joins follow with the next evaluation of all
//! manifests, and until then move with the text around them.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types as lsp;
use tacit_engine::document::{LoadOptions, Node, NodePath, SourceText, TreeBuilder};
use tacit_engine::report::build::{Settings, build};
use tacit_engine::report::model::FindingEntry;
use tacit_engine::run::{Outcome, run_file};
use tacit_engine::source::Input;
use tacit_engine::source::input::load;
use tacit_engine::verdict::Edit;
use tacit_lang::ir::Rule;
use tacit_lang::schema::Schemas;
use tacit_lang::span::{LineIndex, Span};

use crate::position::Lines;
use crate::server::State;
use crate::worker::{Evaluated, Ready};

/// A finding, where it is, and what would mend it.
#[derive(Clone)]
pub struct ManifestFinding {
    /// As reports have it: redacted.
    pub entry: FindingEntry,
    /// The rule.
    pub rule: Arc<Rule>,
    /// The place in the text.
    pub span: Span,
    /// Its path below the object.
    pub path: NodePath,
    /// Where the object starts.
    pub object: u32,
    /// What the rule's `fix` clauses would change.
    pub edits: Vec<Edit>,
}

/// A document that does not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Line and column, from 1; the whole file where unknown.
    pub at: Option<(u32, u32)>,
    /// Why.
    pub reason: String,
}

/// Findings of a file, for the text that they were made of.
#[derive(Clone, Default)]
struct FileFindings {
    text: Arc<str>,
    findings: Vec<ManifestFinding>,
    problems: Vec<Problem>,
}

/// What is known of the manifests of a project.
#[derive(Default)]
pub struct Manifests {
    files: HashMap<PathBuf, FileFindings>,
    last: Option<(Arc<Input>, Arc<Ready>)>,
    /// Files to which the rules of now were applied.
    fresh: HashSet<PathBuf>,
    definitions: u64,
}

type Collected = (HashMap<PathBuf, Vec<ManifestFinding>>, HashMap<PathBuf, Vec<Problem>>);

/// Findings and problems of a run, by file.
pub fn collect(mut outcome: Outcome, ready: &Ready) -> Collected {
    // The report has its findings in this order too.
    outcome.sort();
    let raw: Vec<_> = outcome
        .verdicts
        .findings
        .iter()
        .map(|found| {
            let file = ready.path(&found.place.source.path);
            let place = (found.place.span, found.place.path.clone(), found.object.offset);
            (found.rule.clone(), file, place, found.edits.clone())
        })
        .collect();
    let report = build(
        outcome,
        &ready.program.rules,
        Settings {
            now: ready.now,
            waivers: ready.waivers.clone(),
            baseline: None,
            severity: ready.severity.clone(),
            idle: Vec::new(),
            notes: Vec::new(),
            excerpts: false,
        },
    );
    let mut findings: HashMap<PathBuf, Vec<ManifestFinding>> = HashMap::new();
    for (entry, (rule, file, (span, path, object), edits)) in report.findings.into_iter().zip(raw) {
        if entry.waived.is_none() {
            findings.entry(file).or_default().push(ManifestFinding { entry, rule, span, path, object, edits });
        }
    }
    let mut problems: HashMap<PathBuf, Vec<Problem>> = HashMap::new();
    for skipped in report.inputs.skipped {
        problems.entry(ready.path(&skipped.file)).or_default().push(problem(&skipped.reason));
    }
    (findings, problems)
}

/// Reads `line 3, column 5: why`.
fn problem(reason: &str) -> Problem {
    let read = || {
        let rest = reason.strip_prefix("line ")?;
        let (line, rest) = rest.split_once(", column ")?;
        let (column, why) = rest.split_once(": ")?;
        Some(Problem { at: Some((line.parse().ok()?, column.parse().ok()?)), reason: why.to_owned() })
    };
    read().unwrap_or_else(|| Problem { at: None, reason: reason.to_owned() })
}

impl Manifests {
    /// Takes what came of an evaluation. Gives the kinds where the CustomResourceDefinitions changed.
    pub fn take(&mut self, evaluated: Evaluated) -> Option<Schemas> {
        let mut problems = evaluated.problems;
        self.files.clear();
        self.fresh.clear();
        let mut paths: BTreeSet<PathBuf> = evaluated.findings.keys().cloned().collect();
        paths.extend(problems.keys().cloned());
        let texts: HashMap<&Path, _> =
            evaluated.input.files.iter().map(|file| (file.absolute.as_path(), file)).collect();
        let mut findings = evaluated.findings;
        for path in paths {
            let text = texts.get(path.as_path()).and_then(|file| file.text().ok());
            let file = FileFindings {
                text: text.map(|source| Arc::from(&*source.text)).unwrap_or_default(),
                findings: findings.remove(&path).unwrap_or_default(),
                problems: problems.remove(&path).unwrap_or_default(),
            };
            self.fresh.insert(path.clone());
            self.files.insert(path, file);
        }
        let schemas = (self.definitions != evaluated.definitions).then(|| evaluated.input.schemas.clone());
        self.definitions = evaluated.definitions;
        self.last = Some((evaluated.input, evaluated.ready));
        schemas
    }

    /// Takes rules that are ready, before they ran on all files.
    pub fn prepare(&mut self, input: Arc<Input>, ready: Arc<Ready>) {
        self.fresh.clear();
        self.last = Some((input, ready));
    }

    /// Takes the text of a file that is edited.
    pub fn edited(&mut self, path: &Path, text: Option<&str>) {
        let Some((input, ready)) = &self.last else { return };
        let Some(text) = text else { return };
        let before = self.files.remove(path).unwrap_or_default();
        if *before.text == *text && self.fresh.contains(path) {
            self.files.insert(path.to_owned(), before);
            return;
        }
        // What joins found stays until they are looked at again.
        let moved = Moved::new(&before.text, text);
        let joined = before.findings.into_iter().filter(|found| !found.rule.reach.local).filter_map(|mut found| {
            found.span = moved.span(found.span)?;
            found.object = moved.offset(found.object)?;
            Some(found)
        });
        let mut file = FileFindings { text: text.into(), findings: joined.collect(), problems: Vec::new() };
        let known = input.files.iter().find(|file| file.absolute == path);
        if let Some(known) = known {
            let source = SourceText::new(known.found.shown.clone(), text.to_owned());
            let outcome = run_file(input, &known.with_text(source), &ready.evaluator, &ready.options);
            let (mut findings, mut problems) = collect(outcome, ready);
            file.findings.extend(findings.remove(path).unwrap_or_default());
            file.problems = problems.remove(path).unwrap_or_default();
        }
        self.fresh.insert(path.to_owned());
        file.findings.sort_by(|a, b| (a.span, &a.entry.rule).cmp(&(b.span, &b.entry.rule)));
        self.files.insert(path.to_owned(), file);
    }

    /// Files with findings or problems.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.files.keys().cloned().collect()
    }

    /// The files and rules of the last evaluation.
    pub fn last(&self) -> Option<&(Arc<Input>, Arc<Ready>)> {
        self.last.as_ref()
    }

    /// The findings of a file, with the text that they were made of.
    pub fn findings(&self, path: &Path) -> Option<(&str, &[ManifestFinding])> {
        self.files.get(path).map(|file| (&*file.text, &*file.findings))
    }

    /// The findings of a rule in all files, by file and place.
    pub fn of_rule(&self, rule: &str) -> Vec<(&Path, &str, &ManifestFinding)> {
        let mut found: Vec<_> = self
            .files
            .iter()
            .flat_map(|(path, file)| file.findings.iter().map(move |found| (path.as_path(), &*file.text, found)))
            .filter(|(.., found)| *found.entry.rule == *rule || *found.entry.name == *rule)
            .collect();
        found.sort_by_key(|(path, _, found)| (*path, found.span));
        found
    }

    /// The findings and problems of a file as diagnostics.
    pub fn diagnostics(&self, state: &State, path: &Path) -> Vec<lsp::Diagnostic> {
        let Some(file) = self.files.get(path) else { return Vec::new() };
        let index = LineIndex::new(&file.text);
        let lines = Lines { text: &file.text, index: &index, encoding: state.encoding };
        let base = self.last.as_ref().map(|(_, ready)| ready.base.as_path()).unwrap_or(Path::new(""));
        let mut diagnostics: Vec<_> = file.findings.iter().map(|found| diagnostic(state, base, lines, found)).collect();
        for problem in &file.problems {
            let (line, column) = problem.at.unwrap_or((1, 1));
            let start = lsp::Position { line: line.saturating_sub(1), character: column.saturating_sub(1) };
            let end = lsp::Position { line: start.line, character: start.character + 1 };
            diagnostics.push(lsp::Diagnostic {
                range: lsp::Range { start, end },
                severity: Some(if problem.at.is_some() {
                    lsp::DiagnosticSeverity::Error
                } else {
                    lsp::DiagnosticSeverity::Information
                }),
                source: Some("tacit".to_owned()),
                message: lsp::Message::String(problem.reason.clone()),
                ..Default::default()
            });
        }
        diagnostics
    }

    /// Where a CustomResourceDefinition of the workspace defines a kind.
    pub fn custom_kind(&self, state: &State, group: &str, kind: &str) -> Option<lsp::Location> {
        let (input, ready) = self.last.as_ref()?;
        for file in &input.files {
            let Ok(source) = file.text() else { continue };
            if !source.text.contains("CustomResourceDefinition") || !source.text.contains(kind) {
                continue;
            }
            let wanted = |_: Option<&str>, kind: Option<&str>| kind == Some("CustomResourceDefinition");
            for document in load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &wanted).documents {
                let spec = document.root().get("spec");
                let named = spec.and_then(|spec| spec.get("names")?.get("kind"));
                let of_group = spec.and_then(|spec| spec.get("group")?.as_str()) == Some(group);
                if let (true, Some(named)) = (of_group, named.filter(|named| named.as_str() == Some(kind))) {
                    return Some(place(state, ready, &source, named));
                }
            }
        }
        None
    }
}

/// A node as a place of a document.
pub fn place(state: &State, ready: &Ready, source: &SourceText, node: Node<'_>) -> lsp::Location {
    let lines = Lines { text: &source.text, index: source.line_index(), encoding: state.encoding };
    lsp::Location { uri: state.uri_of(&ready.path(&source.path)), range: lines.range(node.span()) }
}

fn diagnostic(state: &State, base: &Path, lines: Lines<'_>, found: &ManifestFinding) -> lsp::Diagnostic {
    let entry = &found.entry;
    let severity = match entry.severity {
        "critical" | "high" => lsp::DiagnosticSeverity::Error,
        "medium" => lsp::DiagnosticSeverity::Warning,
        "low" => lsp::DiagnosticSeverity::Information,
        _ => lsp::DiagnosticSeverity::Hint,
    };
    // A block can end with line breaks that nobody means.
    let text = &lines.text[found.span.range()];
    let span = Span::new(found.span.start, found.span.start + text.trim_end().len() as u32);
    let mut message = format!("{} ({})", entry.message, entry.severity);
    if !entry.remedy.is_empty() {
        message.push_str("\nremedy: ");
        message.push_str(&entry.remedy);
    }
    let related: Vec<_> = entry
        .related
        .iter()
        .map(|related| {
            let at = &related.location;
            let position = |line: u32, column: u32| lsp::Position { line: line - 1, character: column - 1 };
            lsp::DiagnosticRelatedInformation {
                location: lsp::Location {
                    uri: state.uri_of(&base.join(&*at.file)),
                    range: lsp::Range {
                        start: position(at.line, at.column),
                        end: position(at.end_line, at.end_column),
                    },
                },
                message: related.message.clone(),
            }
        })
        .collect();
    lsp::Diagnostic {
        range: lines.range(span),
        severity: Some(severity),
        code: Some(lsp::Code::String(entry.rule.to_string())),
        code_description: found.rule.docs.first().map(|docs| lsp::CodeDescription { href: lsp::Uri(docs.to_string()) }),
        source: Some("tacit".to_owned()),
        message: lsp::Message::String(message),
        related_information: (!related.is_empty() && state.client.document_changes).then_some(related),
        ..Default::default()
    }
}

/// Where the parts of a text are after an edit.
struct Moved {
    start: u32,
    old_end: u32,
    new_end: u32,
}

impl Moved {
    fn new(old: &str, new: &str) -> Moved {
        let start = old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
        let rest = old.len().min(new.len()) - start;
        let end = old.bytes().rev().zip(new.bytes().rev()).take(rest).take_while(|(a, b)| a == b).count();
        Moved { start: start as u32, old_end: (old.len() - end) as u32, new_end: (new.len() - end) as u32 }
    }

    /// Nothing for what was edited itself.
    fn span(&self, span: Span) -> Option<Span> {
        if span.end <= self.start {
            Some(span)
        } else if span.start >= self.old_end {
            Some(Span::new(span.start - self.old_end + self.new_end, span.end - self.old_end + self.new_end))
        } else {
            None
        }
    }

    fn offset(&self, offset: u32) -> Option<u32> {
        self.span(Span::at(offset)).map(|span| span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_an_edit_moves_with_it() {
        let moved = Moved::new("a: 1\nb: 2\nc: 3\n", "a: 1\nb: 22\nc: 3\n");
        assert_eq!(moved.span(Span::new(0, 4)), Some(Span::new(0, 4)));
        assert_eq!(moved.span(Span::new(10, 14)), Some(Span::new(11, 15)));
        assert_eq!(moved.span(Span::new(5, 10)), None);
    }

    #[test]
    fn a_reason_tells_its_place() {
        assert_eq!(problem("line 3, column 5: bad"), Problem { at: Some((3, 5)), reason: "bad".into() });
        assert_eq!(problem("not rendered").at, None);
    }
}
