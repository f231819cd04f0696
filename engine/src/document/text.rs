//! A file that is no YAML or JSON, as a document: the list of its lines.

use std::sync::Arc;

use tacit_lang::span::Span;

use super::arena::{Arena, Kind, NO_PARENT, NodeData, Style};
use super::source::SourceText;
use super::tree::Document;

impl Document {
    /// The document of a text file. Its root stands for the file as a whole, at the file's start; its items are the
    /// lines, as [`str::lines`] gives them, where `lines` asks for them.
    pub fn of_text(source: Arc<SourceText>, lines: bool) -> Document {
        let text = &*source.text;
        let node = |span: Span, parent: u32, kind: Kind, style: Style| NodeData {
            span,
            parent,
            a: span.start,
            b: span.len(),
            c: 0,
            kind,
            style,
            flags: 0,
        };
        let mut nodes = vec![node(Span::at(0), NO_PARENT, Kind::Seq, Style::Literal)];
        if lines && u32::try_from(text.len()).is_ok() {
            let mut start = 0;
            for line in text.split_inclusive('\n') {
                let shown = line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line));
                let span = Span::new(start, start + shown.len() as u32);
                nodes.push(node(span, 0, Kind::String, Style::Plain));
                start += line.len() as u32;
            }
        }
        // Of a collection: the id behind its last node, and the number of its items.
        (nodes[0].a, nodes[0].b) = (nodes.len() as u32, nodes.len() as u32 - 1);
        let span = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
        let arena = Arena { nodes, ..Arena::default() };
        Document { source, index: 0, span, arena, comments: Vec::new(), problems: Vec::new() }
    }

    /// True for a document that [`of_text`](Self::of_text) made.
    pub fn is_text(&self) -> bool {
        // No YAML sequence is a literal block.
        self.root().kind() == Kind::Seq && self.root().style() == Style::Literal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_items_are_the_lines() {
        for text in ["a\nbc\r\n\nd", "", "\n", "one\n", "ü\r\n"] {
            let document = Document::of_text(SourceText::new("notes.txt", text), true);
            let lines: Vec<&str> = document.root().items().filter_map(|line| line.as_str()).collect();
            assert_eq!(lines, text.lines().collect::<Vec<_>>());
            assert!(document.is_text());
        }
    }

    #[test]
    fn a_line_knows_where_it_stands() {
        let document = Document::of_text(SourceText::new(".env", "MODE=fast\nTOKEN=x\n"), true);
        let line = document.root().item(1).map(|line| line.span());
        assert_eq!(line, Some(Span::new(10, 17)));
        assert_eq!(Document::of_text(document.source.clone(), false).root().len(), 0);
    }
}
