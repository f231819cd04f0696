//! What of a document may be shown. It is decided on the nodes of the tree, before any renderer sees the source.
//!
//! The rule is the safe one: a place is shown only where a node says that it may be. Comments, texts of keys that stand
//! twice, anchors, and whatever the tree does not account for stay hidden. As a second net, messages are searched for the
//! secrets of the document they speak of.

mod judge;

use std::collections::HashMap;
use std::sync::Arc;

use tacit_lang::span::Span;

use crate::document::{Document, LoadOptions, Node, SourceText, TreeBuilder};
use crate::source::input::load;
use crate::source::objects::header;

/// What stands in the place of what is not shown.
pub const REDACTED: &str = "<redacted>";

/// Secrets shorter than this are not searched for in messages: they would hit words by chance.
const LEAST_NET: usize = 6;

/// What of one document may be shown.
#[derive(Clone, Default)]
pub struct Mask {
    document: Span,
    /// Places that the tree accounts for, sorted, and whether they may be shown.
    parts: Vec<(Span, bool)>,
    /// Secret texts, longest first.
    secrets: Vec<Box<str>>,
}

/// Says how much it hides, not what.
impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mask({:?}, {} secrets)", self.document, self.secrets.len())
    }
}

impl Mask {
    /// Judges every node of a document.
    pub fn of(document: &Document) -> Mask {
        let mut judge = judge::Judge::default();
        let root = document.root();
        match header(root) {
            (_, Some(kind)) if crate::source::objects::is_list(kind) && root.get("items").is_some() => {
                for (key, at, value) in root.entries() {
                    judge.safe.push(at.span());
                    if key == "items" {
                        value.items().for_each(|item| judge.object(item));
                    } else {
                        judge.plain(key, value);
                    }
                }
            }
            _ => judge.object(root),
        }
        let hidden = judge.hidden.into_iter().map(|span| (span, false));
        let mut parts: Vec<(Span, bool)> = judge.safe.into_iter().map(|span| (span, true)).chain(hidden).collect();
        // Of two for one place, as aliases make them, the one that hides it comes first and counts.
        parts.sort_unstable();
        let identity = identity(root);
        let mut secrets: Vec<Box<str>> = judge
            .secrets
            .into_iter()
            .filter(|secret| secret.len() >= LEAST_NET && !identity.iter().any(|known| known.contains(&**secret)))
            .collect();
        secrets.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        secrets.dedup();
        Mask { document: document.span, parts, secrets }
    }

    /// One that hides the whole of a file.
    pub fn all(source: &SourceText) -> Mask {
        let end = u32::try_from(source.text.len()).unwrap_or(u32::MAX);
        Mask { document: Span::new(0, end), parts: Vec::new(), secrets: Vec::new() }
    }

    /// A message without the secrets of the document.
    pub fn clean(&self, message: &str) -> String {
        let mut clean = message.to_owned();
        for secret in &self.secrets {
            if clean.contains(&**secret) {
                clean = clean.replace(&**secret, REDACTED);
            }
        }
        clean
    }

    /// A step of an explained rule: a text in quotes stays where the document shows it.
    pub fn trace(&self, source: &SourceText, value: &str) -> String {
        let Some(at) = value.find('"') else { return self.clean(value) };
        let (head, text) = value.split_at(at);
        let text = text.strip_suffix('…').unwrap_or(text);
        let shown = |span: &Span| format!("{:?}", source.slice(*span).trim_matches(['"', '\''])).starts_with(text);
        let known = self.parts.iter().any(|(span, safe)| *safe && shown(span));
        if known { self.clean(value) } else { format!("{}{REDACTED}", self.clean(head)) }
    }

    /// One line of the source as it may be shown, and where in it `span` stands then, in characters from 0.
    fn line(&self, source: &SourceText, line: Span, span: Span) -> (String, usize, usize) {
        let mut shown = String::new();
        let (mut start, mut end) = (None, None);
        let mut at = line.start;
        let mut put = |text: &str, from: Span, shown: &mut String| {
            let before = shown.chars().count();
            shown.push_str(text);
            // A place inside of what was replaced is at its start.
            let as_is = text.len() == from.len() as usize;
            let inside = |offset: u32| {
                let inside = offset.saturating_sub(from.start) as usize;
                before + if as_is { text.get(..inside).map_or(0, |head| head.chars().count()) } else { 0 }
            };
            if start.is_none() && span.start < from.end {
                start = Some(inside(span.start));
            }
            if end.is_none() && span.end <= from.end {
                end = Some(if as_is { inside(span.end) } else { before + text.chars().count() });
            }
        };
        for (part, safe) in self.parts.iter().filter(|(part, _)| part.end > line.start && part.start < line.end) {
            let (from, to) = (part.start.max(at), part.end.min(line.end));
            if to <= from {
                continue;
            }
            if from > at {
                self.gap(source, Span::new(at, from), &mut |text, from| put(text, from, &mut shown));
            }
            let text = source.slice(Span::new(from, to));
            // The same text can be a secret elsewhere in the document.
            let text = if *safe { self.clean(text) } else { hidden(text) };
            put(&text, Span::new(from, to), &mut shown);
            at = to;
        }
        if at < line.end {
            self.gap(source, Span::new(at, line.end), &mut |text, from| put(text, from, &mut shown));
        }
        let width = shown.trim_end().chars().count();
        let start = start.unwrap_or(width).min(width.saturating_sub(1));
        let end = end.unwrap_or(width).min(width);
        (shown.trim_end().to_owned(), start, end.max(start + 1))
    }

    /// Shows what the tree does not account for: punctuation as it is, anything else hidden.
    fn gap(&self, source: &SourceText, gap: Span, put: &mut dyn FnMut(&str, Span)) {
        let text = source.slice(gap);
        let structural = |c: char| c.is_whitespace() || ":-,{}[]\"'|>?".contains(c);
        let Some(head) = text.find(|c| !structural(c)) else {
            put(text, gap);
            return;
        };
        let tail = text.rfind(|c| !structural(c)).unwrap_or(head);
        let tail = tail + text[tail..].chars().next().map_or(1, char::len_utf8);
        let at = |offset: usize| gap.start + offset as u32;
        put(&text[..head], Span::new(gap.start, at(head)));
        if text[head..].starts_with('#') {
            put("# …", Span::new(at(head), gap.end));
        } else {
            put(REDACTED, Span::new(at(head), at(tail)));
            put(&text[tail..], Span::new(at(tail), gap.end));
        }
    }
}

/// What stands in the place of a hidden scalar: its quotes stay.
fn hidden(text: &str) -> String {
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => format!("{quote}{REDACTED}{quote}"),
        Some('|' | '>') => text.chars().take_while(|c| !c.is_whitespace()).collect(),
        _ => REDACTED.to_owned(),
    }
}

/// What names the object itself, and so is no secret of it.
fn identity(root: Node<'_>) -> Vec<&str> {
    let (api_version, kind) = header(root);
    let mut known: Vec<&str> = api_version.into_iter().chain(kind).collect();
    if let Some(meta) = root.get("metadata") {
        known.extend(["name", "namespace"].iter().filter_map(|key| meta.get(key)?.as_str()));
    }
    for key in ["data", "stringData"] {
        known.extend(root.get(key).into_iter().flat_map(Node::entries).map(|(key, ..)| key));
    }
    known
}

/// A line of the source as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// Number of the line, from 1.
    pub line: u32,
    /// Its text, redacted.
    pub text: String,
    /// First marked character, from 0.
    pub start: usize,
    /// Character after the last marked one.
    pub end: usize,
}

/// The masks of a run, by file. Documents that were at hand when a verdict fell are judged then; others are read again.
#[derive(Debug, Default)]
pub struct Masks {
    by_file: HashMap<Arc<str>, Vec<Arc<Mask>>>,
    complete: HashMap<Arc<str>, bool>,
}

impl Masks {
    /// Adds the mask of a document.
    pub fn add(&mut self, path: &Arc<str>, mask: Arc<Mask>) {
        self.by_file.entry(path.clone()).or_default().push(mask);
    }

    /// Adds those of another run.
    pub fn append(&mut self, other: Masks) {
        for (path, masks) in other.by_file {
            self.by_file.entry(path).or_default().extend(masks);
        }
        self.complete.extend(other.complete);
    }

    /// The mask that covers a place; everything is hidden where the file no longer reads.
    pub fn at(&mut self, source: &Arc<SourceText>, offset: u32) -> Arc<Mask> {
        let holds = |mask: &&Arc<Mask>| mask.document.start <= offset && offset <= mask.document.end;
        if let Some(mask) = self.by_file.get(&source.path).and_then(|masks| masks.iter().find(holds)) {
            return mask.clone();
        }
        if self.complete.insert(source.path.clone(), true).is_none() {
            let loaded = load(&mut TreeBuilder::new(), source, &LoadOptions::default(), &|_, _| true);
            let masks = loaded.documents.iter().map(|document| Arc::new(Mask::of(document)));
            self.by_file.entry(source.path.clone()).or_default().extend(masks);
        }
        self.by_file.get(&source.path).and_then(|masks| masks.iter().find(holds)).cloned().unwrap_or_default()
    }

    /// The first line of a place, as it may be shown.
    pub fn excerpt(&mut self, source: &Arc<SourceText>, span: Span) -> Excerpt {
        let mask = self.at(source, span.start);
        let index = source.line_index();
        let number = index.line_of(span.start);
        let line = index.line_span(&source.text, number);
        let (text, start, end) = mask.line(source, line, span);
        Excerpt { line: number as u32 + 1, text, start, end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, line: u32) -> String {
        let source = SourceText::new("a.yaml", text);
        let offset = source.line_index().start_of(line as usize - 1);
        Masks::default().excerpt(&source, Span::at(offset)).text
    }

    #[test]
    fn values_of_secrets_comments_and_keys_that_stand_twice_are_hidden() {
        let text = "apiVersion: v1\nkind: Secret # hunter1\ndata:\n  a: aHVudGVyMg==\n  a: aHVudGVyMw==\nstringData: {b: hunter4, c: \"hunter5\"}\n";
        assert_eq!(shown(text, 2), "kind: Secret # …");
        assert_eq!(shown(text, 4), "  <redacted>");
        assert_eq!(shown(text, 5), "  a: <redacted>");
        assert_eq!(shown(text, 6), "stringData: {b: <redacted>, c: \"<redacted>\"}");
    }

    #[test]
    fn what_is_no_secret_is_shown_with_its_mark() {
        let text = "kind: Pod\nspec:\n  containers:\n  - image: nginx:1.27\n    env: [{name: DB, value: pw}]\n";
        let source = SourceText::new("a.yaml", text);
        let start = text.find("nginx").unwrap() as u32;
        let excerpt = Masks::default().excerpt(&source, Span::new(start, start + 10));
        assert_eq!((excerpt.text.as_str(), excerpt.start, excerpt.end), ("  - image: nginx:1.27", 11, 21));
        assert_eq!(shown(text, 5), "    env: [{name: DB, value: <redacted>}]");
    }

    #[test]
    fn versions_are_shown_though_they_look_like_random_text() {
        let text = "apiVersion: extensions/v1beta1\nkind: X\nspec: {ref: {apiVersion: secrets-store.csi.x-k8s.io/v1alpha1}, v: extensions/v1beta1x9}\n";
        assert_eq!(shown(text, 1), "apiVersion: extensions/v1beta1");
        let third = shown(text, 3);
        assert_eq!(third, "spec: {ref: {apiVersion: secrets-store.csi.x-k8s.io/v1alpha1}, v: <redacted>}");
        assert_eq!(shown("kind: X\napiVersion: hunter2hunter2hunter2/v1x\n", 2), "apiVersion: <redacted>");
    }

    #[test]
    fn keys_of_secrets_are_names_unless_they_are_tokens() {
        let token = format!("{}{}", "AGE-SECRET-KEY-1", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQPZRY9X8GF2TVDW0S3JN54KHCE");
        let text = format!(
            "kind: ExternalSecret\nspec:\n  secretKey: hunter2\n  data:\n  - secretKey: password\n  - secretKey: {token}\n"
        );
        assert_eq!(shown(&text, 3), "  secretKey: <redacted>");
        assert_eq!(shown(&text, 5), "  - secretKey: password");
        assert_eq!(shown(&text, 6), "  - secretKey: <redacted>");
    }

    #[test]
    fn the_net_keeps_secrets_out_of_messages_but_not_names() {
        let text = "kind: Secret\nmetadata: {name: hunter}\nstringData: {password: hunter22, user: hunter, x: ab}\n";
        let source = SourceText::new("a.yaml", text);
        let mask = Masks::default().at(&source, 0);
        assert_eq!(mask.clean("Secret hunter has hunter22 and ab"), "Secret hunter has <redacted> and ab");
    }

    #[test]
    fn an_anchor_of_a_secret_is_hidden_where_it_stands() {
        let text = "kind: Secret\nnote: &pw hunter22\nstringData: {b: *pw}\n";
        assert_eq!(shown(text, 2), "note: <redacted> <redacted>");
    }

    #[test]
    fn places_that_the_schema_calls_confidential_are_hidden() {
        let text = "apiVersion: external-secrets.io/v1\nkind: SecretStore\nspec:\n  provider:\n    fake:\n      data:\n      - {key: a, value: plain}\n";
        assert_eq!(shown(text, 7), "      - {key: a, value: <redacted>}");
        assert_eq!(
            Masks::default().at(&SourceText::new("a.yaml", text.replace("plain", "plainly")), 0).clean("so plainly"),
            "so <redacted>"
        );
    }

    #[test]
    fn a_file_that_does_not_read_shows_nothing() {
        assert_eq!(shown("password: [hunter2\n", 1), "<redacted>");
    }
}
