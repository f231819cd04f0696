//! A document and how it is laid out: its line ends, its indentation, where its nodes end.

use tacit_lang::diag::TextEdit;
use tacit_lang::span::Span;

use crate::document::{Document, Kind, Node, Style};

/// A document to be edited.
pub(super) struct Site<'d> {
    pub text: &'d str,
    /// JSON, or YAML that is written as JSON: keys and texts have double quotes.
    pub json: bool,
    /// What ends a line.
    pub newline: &'static str,
    /// Spaces of one level.
    pub indent: usize,
    /// Spaces by which the dashes of a sequence stand to the right of its key.
    pub dash: usize,
}

impl<'d> Site<'d> {
    pub fn new(document: &'d Document, json: bool) -> Self {
        let text: &str = &document.source.text;
        let newline = match text.find('\n') {
            Some(at) if text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        };
        let mut site = Site { text, json, newline, indent: 2, dash: 0 };
        if let Some(indent) = site.step(document.root(), Kind::Map).filter(|indent| *indent > 0) {
            site.indent = indent;
        }
        if let Some(dash) = site.step(document.root(), Kind::Seq) {
            site.dash = dash;
        }
        site
    }

    /// By how much the first block collection of a kind stands to the right of its key.
    fn step(&self, node: Node<'d>, kind: Kind) -> Option<usize> {
        if node.use_span().is_some() || self.is_flow(node) {
            return None;
        }
        let below = |child: Node<'d>| {
            let key = child.key_span();
            let found = key.filter(|_| child.kind() == kind && !child.is_empty() && !self.is_flow(child));
            let first = match kind {
                Kind::Seq => child.items().next().map(|item| self.dash_of(item).unwrap_or(item.span().start as usize)),
                _ => self.first(child).map(|(key, _)| key.span().start as usize),
            };
            let own =
                found.zip(first).filter(|(key, first)| self.line_start(key.start as usize) != self.line_start(*first));
            let own = own.and_then(|(key, first)| self.column(first).checked_sub(self.column(key.start as usize)));
            own.or_else(|| self.step(child, kind))
        };
        match node.kind() {
            Kind::Map => node.entries().find_map(|(_, _, child)| below(child)),
            Kind::Seq => node.items().find_map(below),
            _ => None,
        }
    }

    /// True for a collection in brackets or braces, and for what is in one.
    pub fn is_flow(&self, node: Node<'_>) -> bool {
        matches!(node.kind(), Kind::Map | Kind::Seq) && node.style() == Style::Flow
    }

    /// Where the line of an offset starts.
    pub fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |at| at + 1)
    }

    /// Where the line behind that of an offset starts, or the end of the text.
    pub fn line_end(&self, at: usize) -> usize {
        self.text[at..].find('\n').map_or(self.text.len(), |next| at + next + 1)
    }

    /// Characters before an offset on its line.
    pub fn column(&self, at: usize) -> usize {
        self.text[self.line_start(at)..at].chars().filter(|c| *c != '\u{feff}').count()
    }

    /// The text between two offsets.
    pub fn between(&self, from: usize, to: usize) -> &'d str {
        self.text.get(from..to).unwrap_or("")
    }

    /// True where nothing but a comment follows on the line of an offset.
    pub fn ends_line(&self, at: usize) -> bool {
        let rest = self.between(at, self.line_end(at));
        let behind = rest.trim();
        behind.is_empty() || (behind.starts_with('#') && rest.starts_with([' ', '\t']))
    }

    /// Entries of a mapping that are written in it, in the order of the source.
    pub fn written(&self, node: Node<'d>) -> Vec<(Node<'d>, Node<'d>)> {
        let own = node.span();
        let inside = |key: &Node<'_>| own.start <= key.span().start && key.span().end <= own.end;
        let mut entries: Vec<_> =
            node.entries().map(|(_, key, value)| (key, value)).filter(|(key, _)| inside(key)).collect();
        entries.sort_by_key(|(key, _)| key.span());
        entries
    }

    /// The first entry of a mapping that is written in it.
    pub fn first(&self, node: Node<'d>) -> Option<(Node<'d>, Node<'d>)> {
        self.written(node).into_iter().next()
    }

    /// Where a node starts, with its key.
    pub fn start_of(&self, node: Node<'_>) -> usize {
        node.key_span().unwrap_or_else(|| node.span()).start as usize
    }

    /// Where the text of a node ends, without the blanks and comments behind it.
    pub fn end_of(&self, node: Node<'d>) -> usize {
        let span = node.span();
        if node.use_span() == Some(span) || self.is_flow(node) {
            return span.end as usize;
        }
        let last = match node.kind() {
            Kind::Map => self.written(node).last().map(|(_, value)| self.end_of(*value)),
            Kind::Seq => node.items().last().map(|item| self.end_of(item)),
            _ => None,
        };
        if let Some(last) = last {
            return last;
        }
        let text = self.text.get(span.range()).unwrap_or("").trim_end();
        match (text.is_empty(), node.key_span()) {
            (true, Some(key)) => self.colon(key),
            _ => span.start as usize + text.len(),
        }
    }

    /// Behind the colon of a key.
    pub fn colon(&self, key: Span) -> usize {
        let end = key.end as usize;
        self.text.get(end..).and_then(|rest| rest.find(':')).map_or(end, |at| end + at + 1)
    }

    /// Where the dash of an item of a block sequence stands.
    pub fn dash_of(&self, item: Node<'_>) -> Option<usize> {
        let before = self.text.get(..item.span().start as usize)?.trim_end();
        before.ends_with('-').then(|| before.len() - 1)
    }
}

/// An edit of the text.
pub(super) fn edit(from: usize, to: usize, text: impl Into<String>) -> TextEdit {
    TextEdit { span: Span::new(from as u32, to as u32), text: text.into() }
}
