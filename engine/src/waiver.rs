//! Exceptions: findings that were looked at and accepted, for a time.
//!
//! They come from `waive` items, from `tacit.toml`, from the annotation `tacit.dev/waive` of an object, and from comments
//! of the same form. An exception always ends; once it has, the finding stands again and the report says so.

use std::sync::Arc;

use globset::{GlobBuilder, GlobMatcher};
use tacit_lang::ir;
use tacit_lang::schema::Schemas;
use tacit_lang::span::Span;

use crate::config::WaiverEntry;
use crate::document::{Document, Kind, Node, Placement};
use crate::object::{Namespace, Object};
use crate::select::Pattern;
use crate::time::{self, DAY, SECOND};
use crate::verdict::{Finding, ObjectRef};

/// The name of the annotation, and what a comment starts with.
pub const MARK: &str = "tacit.dev/waive";

/// An exception.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// Rules: codes, names or globs of them.
    pub rules: Vec<Pattern>,
    /// Objects or nodes to which it applies.
    pub scope: Scope,
    /// Instant from which it no longer applies, in nanoseconds since 1970.
    pub until: i64,
    /// Why.
    pub because: Arc<str>,
    /// Who decided it; empty where that is not told.
    pub by: Arc<str>,
    /// Where it is written.
    pub source: Source,
}

/// A kind by group and name; any group where it is absent.
pub type KindName = (Option<Arc<str>>, Arc<str>);

/// To what an exception applies.
#[derive(Clone, Debug)]
pub enum Scope {
    /// Objects by kind and name.
    Named {
        /// Any kind where absent.
        kinds: Option<Vec<KindName>>,
        /// Glob on the name, or on `namespace/name` where it holds a `/`.
        object: GlobMatcher,
    },
    /// The object that starts at an offset of a file.
    Object {
        /// The file.
        path: Arc<str>,
        /// The offset of the object.
        offset: u32,
    },
    /// A node and what is in it.
    Node {
        /// The file.
        path: Arc<str>,
        /// The node, with its key.
        span: Span,
    },
}

/// Where an exception is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The form.
    pub form: Form,
    /// The file or module.
    pub file: Arc<str>,
    /// Its line, from 1; 0 where it is not known.
    pub line: u32,
}

/// The forms of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A `waive` item.
    Item,
    /// A table of `tacit.toml`.
    Project,
    /// An annotation.
    Annotation,
    /// A comment.
    Comment,
    /// The command line.
    Argument,
}

impl Form {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Form::Item => "rule file",
            Form::Project => "tacit.toml",
            Form::Annotation => "annotation",
            Form::Comment => "comment",
            Form::Argument => "command line",
        }
    }
}

/// Exceptions of objects and comments, and those that do not read.
#[derive(Clone, Debug, Default)]
pub struct Inline {
    /// Those that read.
    pub waivers: Vec<Waiver>,
    /// What is wrong with the others.
    pub problems: Vec<String>,
}

impl Inline {
    /// Adds those of another part of the input.
    pub fn append(&mut self, mut other: Inline) {
        self.waivers.append(&mut other.waivers);
        self.problems.append(&mut other.problems);
    }

    /// Adds the exceptions in an object's annotation.
    pub fn read_object(&mut self, object: &Object) {
        let annotation = object
            .node()
            .get("metadata")
            .and_then(|meta| meta.get("annotations")?.get(MARK))
            .and_then(|node| Some((node, node.as_str()?)));
        let Some((node, text)) = annotation else { return };
        let source = &object.document.source;
        let scope = Scope::Object { path: source.path.clone(), offset: object.node().span().start };
        let line = source.line_column(node.span().start).line;
        self.read(text, &scope, &Source { form: Form::Annotation, file: source.path.clone(), line });
    }

    /// Adds the exceptions in the comments of a document.
    pub fn read_comments(&mut self, document: &Document) {
        let source = &document.source;
        for comment in document.comments() {
            let Some(text) =
                comment.text(source).trim().strip_prefix(MARK).and_then(|text| text.trim_start().strip_prefix(':'))
            else {
                continue;
            };
            let text = text.trim().trim_matches(['"', '\'']);
            let index = source.line_index();
            let line = index.line_of(comment.span.start);
            let root = document.root();
            let at_head = comment.span.start < root.span().start;
            let scope = if at_head {
                // The whole document: one object, or all objects of a list.
                Scope::Node { path: source.path.clone(), span: document.span }
            } else {
                let target = match comment.placement {
                    Placement::Trailing => Some(line),
                    Placement::OwnLine => next_content(document, line),
                };
                match target.and_then(|line| entry_at(root, &|offset| index.line_of(offset) == line)) {
                    Some(span) => Scope::Node { path: source.path.clone(), span },
                    None => {
                        self.problems.push(format!("{}:{}: this waiver stands beside nothing", source.path, line + 1));
                        continue;
                    }
                }
            };
            self.read(text, &scope, &Source { form: Form::Comment, file: source.path.clone(), line: line as u32 + 1 });
        }
    }

    fn read(&mut self, text: &str, scope: &Scope, source: &Source) {
        for part in text.split(['\n', ';']).map(str::trim).filter(|part| !part.is_empty()) {
            match parse(part) {
                Ok((rules, until, because)) => self.waivers.push(Waiver {
                    rules,
                    scope: scope.clone(),
                    until,
                    because: because.into(),
                    by: Arc::default(),
                    source: source.clone(),
                }),
                Err(problem) => self.problems.push(format!("{}:{}: {problem}", source.file, source.line)),
            }
        }
    }
}

/// Reads `ENV001, other-rule until 2027-03-01: reason`.
fn parse(text: &str) -> Result<(Vec<Pattern>, i64, &str), String> {
    const FORM: &str = "write `RULE until YYYY-MM-DD: reason`";
    let (rules, rest) = text.split_once(" until ").ok_or_else(|| format!("this waiver has no `until`: {FORM}"))?;
    let (date, because) = rest.split_once(':').ok_or_else(|| format!("this waiver has no reason: {FORM}"))?;
    let because = because.trim();
    if because.is_empty() {
        return Err(format!("this waiver has no reason: {FORM}"));
    }
    let until = time::parse_time(date.trim()).ok_or_else(|| format!("this waiver has no date that reads: {FORM}"))?;
    let rules = rules.split(',').map(|rule| Pattern::new(rule.trim())).collect::<Result<_, _>>()?;
    Ok((rules, until, because))
}

/// The first line (from 0) behind `line` that holds more than blanks and comments.
fn next_content(document: &Document, line: usize) -> Option<usize> {
    let index = document.source.line_index();
    let text = &document.source.text;
    (line + 1..index.lines()).find(|&line| {
        let content = text.get(index.line_span(text, line).range()).unwrap_or_default().trim();
        !content.is_empty() && !content.starts_with('#')
    })
}

/// The outermost entry or item that starts on a line, with its key.
fn entry_at(node: Node<'_>, on_line: &dyn Fn(u32) -> bool) -> Option<Span> {
    match node.kind() {
        Kind::Map => node.entries().find_map(|(_, key, value)| {
            if on_line(key.span().start) { Some(key.span().to(value.span())) } else { entry_at(value, on_line) }
        }),
        Kind::Seq => node
            .items()
            .find_map(|item| if on_line(item.span().start) { Some(item.span()) } else { entry_at(item, on_line) }),
        _ => None,
    }
}

/// The exceptions of `waive` items.
pub fn of_items(
    items: &[ir::Waiver],
    schemas: &Schemas,
    line_of: &dyn Fn(&str, Span) -> u32,
) -> Vec<Result<Waiver, String>> {
    let read = |item: &ir::Waiver| {
        let kinds = item.kinds.iter().map(|&kind| {
            let kind = schemas.kind(kind);
            (Some(kind.group.clone()), kind.name.clone())
        });
        Ok(Waiver {
            rules: vec![Pattern::new(&item.rule)?],
            scope: Scope::Named { kinds: Some(kinds.collect()), object: glob(&item.object)? },
            until: item.until.saturating_mul(SECOND),
            because: item.because.clone(),
            by: item.by.clone(),
            source: Source { form: Form::Item, file: item.module.clone(), line: line_of(&item.module, item.span) },
        })
    };
    items.iter().map(read).collect()
}

/// The exceptions of a `tacit.toml`.
pub fn of_project(entries: &[WaiverEntry], file: &str) -> Vec<Result<Waiver, String>> {
    let read = |entry: &WaiverEntry| {
        Ok(Waiver {
            rules: vec![Pattern::new(&entry.rule)?],
            scope: Scope::Named {
                kinds: entry.kind.as_deref().map(|kind| vec![(None, Arc::from(kind))]),
                object: glob(&entry.object)?,
            },
            until: entry.until,
            because: entry.because.as_str().into(),
            by: entry.by.as_str().into(),
            source: Source { form: Form::Project, file: file.into(), line: entry.line },
        })
    };
    entries.iter().map(read).collect()
}

/// The exception of a command line: `RULE [for OBJECT] until DATE: reason`.
pub fn of_argument(text: &str) -> Result<Waiver, String> {
    let (head, tail) = text.split_once(" until ").unwrap_or((text, ""));
    let (rules, object) = head.split_once(" for ").unwrap_or((head, "*"));
    let inline = format!("{rules} until {tail}");
    let (rules, until, because) = parse(&inline)?;
    Ok(Waiver {
        rules,
        scope: Scope::Named { kinds: None, object: glob(object.trim())? },
        until,
        because: because.into(),
        by: Arc::default(),
        source: Source { form: Form::Argument, file: "--waive".into(), line: 0 },
    })
}

fn glob(text: &str) -> Result<GlobMatcher, String> {
    let glob = GlobBuilder::new(text).literal_separator(true).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|_| format!("the object `{text}` of a waiver is no glob"))
}

impl Waiver {
    /// True where it would cover a finding, whatever the date.
    pub fn covers(&self, finding: &Finding) -> bool {
        self.rules.iter().any(|rule| rule.matches_rule(&finding.rule))
            && match &self.scope {
                Scope::Named { kinds, object } => {
                    kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| is_kind(kind, &finding.object)))
                        && named(object, &finding.object)
                }
                Scope::Object { path, offset } => finding.object.path == *path && finding.object.offset == *offset,
                Scope::Node { path, span } => finding.place.source.path == *path && span.contains(finding.place.span),
            }
    }

    /// True where it still applies.
    pub fn applies(&self, now: i64) -> bool {
        now < self.until
    }
}

fn is_kind((group, kind): &KindName, object: &ObjectRef) -> bool {
    *kind == object.kind
        && group
            .as_ref()
            .is_none_or(|group| **group == *object.api_version.split_once('/').map_or("", |(group, _)| group))
}

fn named(glob: &GlobMatcher, object: &ObjectRef) -> bool {
    if !glob.glob().glob().contains('/') {
        return glob.is_match(&*object.name);
    }
    // An unknown namespace matches no name but `*`.
    let namespace = match &object.namespace {
        Namespace::Set(name) | Namespace::Given(name) => name,
        Namespace::ClusterScoped | Namespace::Unknown => "",
    };
    glob.is_match(format!("{namespace}/{}", object.name))
}

/// What exceptions made of the findings of a run.
#[derive(Clone, Debug, Default)]
pub struct Applied {
    /// For each finding, the exception that covers it.
    pub of_finding: Vec<Option<Arc<Waiver>>>,
    /// What to tell: exceptions that ended, and those that cover nothing.
    pub notes: Vec<String>,
}

/// Applies exceptions. `ran` says whether a rule of that pattern was run, so that an exception of a rule that was left out
/// is not called useless.
pub fn apply(waivers: Vec<Waiver>, findings: &[Finding], now: i64, ran: &dyn Fn(&Pattern) -> bool) -> Applied {
    let waivers: Vec<Arc<Waiver>> = waivers.into_iter().map(Arc::new).collect();
    let mut used = vec![0usize; waivers.len()];
    let mut applied = Applied::default();
    for finding in findings {
        let mut found = None;
        for (at, waiver) in waivers.iter().enumerate().filter(|(_, waiver)| waiver.covers(finding)) {
            used[at] += 1;
            if found.is_none() && waiver.applies(now) {
                found = Some(waiver.clone());
            }
        }
        applied.of_finding.push(found);
    }
    for (waiver, used) in waivers.iter().zip(used) {
        let Source { form, file, line } = &waiver.source;
        let rules = waiver.rules.iter().map(Pattern::as_str).collect::<Vec<_>>().join(", ");
        let at = if *line == 0 { file.to_string() } else { format!("{file}:{line}") };
        let form = form.as_str();
        if used > 0 && !waiver.applies(now) {
            let date = time::format_time(waiver.until - waiver.until.rem_euclid(DAY));
            let stand =
                if used == 1 { "1 finding stands again".to_owned() } else { format!("{used} findings stand again") };
            applied.notes.push(format!("{at}: the waiver of {rules} ({form}) ended on {date}: {stand}"));
        } else if used == 0 && waiver.rules.iter().any(ran) {
            applied.notes.push(format!("{at}: the waiver of {rules} ({form}) covers no finding: remove it"));
        }
    }
    applied
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{LoadOptions, SourceText, load_yaml};

    fn comments(text: &str) -> (Inline, Arc<SourceText>) {
        let source = SourceText::new("a.yaml", text);
        let loaded = load_yaml(source.clone(), &LoadOptions { comments: true, ..LoadOptions::default() });
        let mut inline = Inline::default();
        inline.read_comments(&loaded.documents[0]);
        (inline, source)
    }

    fn covered(text: &str) -> String {
        let (inline, source) = comments(text);
        assert_eq!(inline.problems, [""; 0]);
        match &inline.waivers[0].scope {
            Scope::Node { span, .. } => source.slice(*span).to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_comment_covers_the_node_beside_or_below_it() {
        let trailing = "a: 1\nb: [x] # tacit.dev/waive: ENV001 until 2027-03-01: SEC-1\nc: 3\n";
        assert_eq!(covered(trailing), "b: [x]");
        let above = "list:\n# tacit.dev/waive: \"ENV001 until 2027-03-01: SEC-1\"\n- name: a\n  value: b\n- name: c\n";
        assert!(covered(above).starts_with("name: a\n  value: b"), "{}", covered(above));
    }

    #[test]
    fn a_comment_at_the_head_covers_the_document() {
        let text = "# tacit.dev/waive: ENV001 until 2027-03-01: SEC-1\napiVersion: v1\nkind: Pod\n";
        assert_eq!(covered(text), text);
    }

    #[test]
    fn the_command_line_can_name_an_object() {
        let waiver = of_argument("ENV001 for prod/* until 2027-03-01: SEC-1").unwrap();
        assert!(matches!(&waiver.scope, Scope::Named { object, .. } if object.is_match("prod/web")));
        assert!(of_argument("ENV001").is_err());
    }

    #[test]
    fn an_exception_needs_an_end_and_a_reason() {
        for text in ["ENV001: because", "ENV001 until 2027-03-01", "ENV001 until 2027-03-01: ", "ENV001 until soon: x"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
        let (rules, until, because) = parse("ENV001, secret-in-env until 2027-03-01: SEC-123: later").unwrap();
        assert_eq!((rules.len(), until, because), (2, time::parse_time("2027-03-01").unwrap(), "SEC-123: later"));
    }
}
