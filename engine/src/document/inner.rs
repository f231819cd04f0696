//! Places inside a scalar: a string may hold a document of its own, and a finding about a part of it should point there.

use std::ops::Range;

use tacit_lang::span::Span;

use super::arena::Style;
use super::node::Node;

impl Node<'_> {
    /// Where bytes `range` of the scalar's [text](Node::scalar_text) are written. Exact where the source holds the text as
    /// it is (plain, or quoted without escapes), and in literal blocks (`|`); else the content's whole span.
    pub fn span_within(self, range: Range<usize>) -> Span {
        let whole = self.content_span();
        let Some(text) = self.scalar_text().filter(|text| text.get(range.clone()).is_some()) else { return whole };
        if let Some(start) = self.text_offset() {
            return Span::new(start + range.start as u32, start + range.end as u32);
        }
        if self.style() != Style::Literal {
            return whole;
        }
        let source = self.document().source.text.get(whole.start as usize..).unwrap_or("");
        match (literal_offset(source, text, range.start), literal_offset(source, text, range.end)) {
            (Some(start), Some(end)) if start <= end => {
                // The span leaves out blank lines at the end, of which the text may have some.
                Span::new(whole.start + start.min(whole.len()), whole.start + end.min(whole.len()))
            }
            _ => whole,
        }
    }
}

/// The place in a source that starts with the `|` of a literal block, of byte `at` of its text. Line by line they are the same but
/// for the indentation.
fn literal_offset(block: &str, text: &str, at: usize) -> Option<u32> {
    let before = text.get(..at)?;
    let line = before.bytes().filter(|&byte| byte == b'\n').count();
    let column = at - before.rfind('\n').map_or(0, |newline| newline + 1);
    let mut start = 0;
    // The header takes the first line.
    let mut lines = block.split_inclusive('\n');
    for _ in 0..=line {
        start += lines.next()?.len();
    }
    let content = text.split('\n').nth(line)?;
    if content.is_empty() {
        return Some(start as u32);
    }
    let written = lines.next()?.trim_end_matches(['\n', '\r']);
    let indent = written.strip_suffix(content)?.len();
    Some((start + indent + column) as u32)
}
