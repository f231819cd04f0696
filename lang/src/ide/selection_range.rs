//! The parts of the text around a cursor, from a word outwards.

use super::{Analysis, nodes};
use crate::lexer::{self, TokenKind};
use crate::span::Span;

/// The places around an offset, innermost first, each larger than the one before.
pub fn selection_range(analysis: &Analysis, module: &str, offset: u32) -> Vec<Span> {
    let text = analysis.text(module);
    let mut spans = Vec::new();
    if let Some(index) = analysis.item_at(module, offset) {
        let raw = analysis.raw(module)[index];
        if let Some(item) = analysis.syntax(module, index) {
            spans = nodes::around(&item, offset);
        }
        let touching = lexer::tokens(text, raw.span).filter(|token| token.span.touches(offset));
        // Between a word and a sign the word is meant.
        let token = touching.max_by_key(|token| token.kind == TokenKind::Word);
        if let Some(token) = token
            && spans.last().is_none_or(|inner| inner.contains(token.span) && *inner != token.span)
        {
            spans.push(token.span);
        }
        if let Some(doc) = raw.doc_span {
            spans.insert(0, doc.to(raw.span));
        }
    }
    let whole = Span::new(0, text.len() as u32);
    if spans.first() != Some(&whole) {
        spans.insert(0, whole);
    }
    spans.reverse();
    spans
}
