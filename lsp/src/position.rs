//! Positions of the protocol and byte offsets.

use lsp_types::{Position, PositionEncodingKind, Range};
use tacit_lang::span::{LineIndex, Span};

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, which every client understands.
    #[default]
    Utf16,
}

impl Encoding {
    /// The first of those that a client understands, by what costs least.
    pub fn negotiate(offered: Option<&[PositionEncodingKind]>) -> Encoding {
        let offers = |kind: &PositionEncodingKind| offered.is_some_and(|offered| offered.contains(kind));
        if offers(&PositionEncodingKind::UTF8) { Encoding::Utf8 } else { Encoding::Utf16 }
    }

    /// The word of the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    fn units(self, c: char) -> u32 {
        match self {
            Encoding::Utf8 => c.len_utf8() as u32,
            Encoding::Utf16 => c.len_utf16() as u32,
        }
    }

    /// Length of a text on one line.
    pub fn length(self, text: &str) -> u32 {
        text.chars().map(|c| self.units(c)).sum()
    }
}

/// A text with its lines.
#[derive(Clone, Copy)]
pub struct Lines<'t> {
    /// The text.
    pub text: &'t str,
    /// Its lines.
    pub index: &'t LineIndex,
    /// What columns count.
    pub encoding: Encoding,
}

impl Lines<'_> {
    /// The position of an offset; one inside a character is that of the character.
    pub fn position(&self, offset: u32) -> Position {
        let mut offset = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.index.line_of(offset as u32);
        let start = self.index.start_of(line) as usize;
        let character = self.encoding.length(&self.text[start.min(offset)..offset]);
        Position { line: line as u32, character }
    }

    /// The range of a span.
    pub fn range(&self, span: Span) -> Range {
        Range { start: self.position(span.start), end: self.position(span.end.max(span.start)) }
    }

    /// The offset of a position. One behind the end of a line is that end; one behind the last line the end of the text.
    pub fn offset(&self, position: Position) -> u32 {
        if position.line as usize >= self.index.lines() {
            return self.text.len() as u32;
        }
        let line = self.index.line_span(self.text, position.line as usize);
        let mut left = position.character;
        let mut offset = line.start;
        for c in self.text[line.range()].chars() {
            let units = self.encoding.units(c);
            if left < units {
                break;
            }
            left -= units;
            offset += c.len_utf8() as u32;
        }
        offset
    }

    /// The span of a range.
    pub fn span(&self, range: Range) -> Span {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        Span::new(start.min(end), end.max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_counts_its_own_units() {
        let text = "a\né𝄞x\r\nz";
        let index = LineIndex::new(text);
        for (encoding, column) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3)] {
            let lines = Lines { text, index: &index, encoding };
            let position = Position { line: 1, character: column };
            assert_eq!(lines.offset(position), 8, "{encoding:?}");
            assert_eq!(lines.position(8), position, "{encoding:?}");
        }
    }

    #[test]
    fn positions_outside_the_text_are_moved_into_it() {
        let text = "ab\ncd";
        let lines = Lines { text, index: &LineIndex::new(text), encoding: Encoding::Utf16 };
        assert_eq!(lines.offset(Position { line: 0, character: 99 }), 2);
        assert_eq!(lines.offset(Position { line: 9, character: 0 }), 5);
        assert_eq!(lines.position(99), Position { line: 1, character: 2 });
    }
}
