//! Whether a blank stands between two pieces of one line.

use super::pieces::Piece;
use crate::lexer::{TokenKind, is_reserved};
use crate::span::Span;

/// What the tokens alone do not tell.
#[derive(Default)]
pub(super) struct Hints {
    /// Types and paths, where `<`, `>` and `?` are no operators.
    pub tight: Vec<Span>,
    /// Starts of minus signs that belong to a number.
    pub unary: Vec<u32>,
}

/// True where a blank stands between piece `index - 1` and piece `index`.
pub(super) fn blank_before(text: &str, pieces: &[Piece], index: usize, hints: &Hints) -> bool {
    let Some(before) = index.checked_sub(1).and_then(|before| pieces.get(before)) else { return false };
    let Some(piece) = pieces.get(index) else { return false };
    let (left, right) = (&text[before.span.range()], &text[piece.span.range()]);
    let tight = |piece: &Piece| hints.tight.iter().position(|span| span.contains(piece.span));
    let in_tight = tight(before).is_some() && tight(before) == tight(piece);
    if in_tight {
        return before.kind == TokenKind::Word && piece.kind == TokenKind::Word;
    }
    match right {
        "," | ":" | ")" | "]" | "." | "->" => return false,
        "?" if tight(piece).is_some() => return false,
        "(" | "[" => {
            if matches!(left, "(" | "[" | "." | "->") {
                return false;
            }
            // A call or an index, unless a word of the language stands before it.
            let is_field = index >= 2 && text[pieces[index - 2].span.range()] == *".";
            let ends_operand = match before.kind {
                TokenKind::Word => is_field || !is_reserved(left),
                TokenKind::Sign => matches!(left, ")" | "]") || (left == ">" && tight(before).is_some()),
                TokenKind::Number => false,
                _ => right == "[" && before.kind != TokenKind::Regex,
            };
            return !ends_operand;
        }
        _ => {}
    }
    if matches!(left, "(" | "[" | "." | "->") {
        return false;
    }
    !(left == "-" && hints.unary.contains(&before.span.start))
}
