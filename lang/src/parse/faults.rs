//! What a failed parse means, in the author's words.

use pest::error::{Error, ErrorVariant, InputLocation};

use super::grammar::{Rule, keyword};
use super::place::Place;
use crate::codes;
use crate::diag::{Diagnostic, TextEdit};
use crate::lexer::{Token, TokenKind, tokens};
use crate::span::Span;

/// A place where the grammar could not go on.
pub(super) struct Fault<'a> {
    /// The entry that was tried.
    pub entry: Rule,
    /// The piece of text, earlier slips mended.
    pub piece: &'a str,
    /// Where the piece stands.
    pub place: &'a Place,
    /// What could have stood there.
    pub expected: Vec<Rule>,
    /// Tokens of the piece, without comments.
    pub tokens: Vec<Token>,
    /// Index of the token that stands there; past the end at the end of the piece.
    pub index: usize,
}

/// How reading goes on.
pub(super) enum Next {
    /// Replace this and try again.
    Repair(TextEdit),
    /// Leave out what follows this offset and try again.
    Cut(u32),
    /// Leave out the piece.
    Drop,
}

impl<'a> Fault<'a> {
    /// Reads pest's error: its furthest position and what it tried there.
    pub fn new(entry: Rule, piece: &'a str, place: &'a Place, error: &Error<Rule>) -> Self {
        let at = match error.location {
            InputLocation::Pos(at) => at,
            InputLocation::Span((start, _)) => start,
        } as u32;
        let expected = match &error.variant {
            ErrorVariant::ParsingError { positives, .. } => positives.clone(),
            ErrorVariant::CustomError { .. } => Vec::new(),
        };
        let tokens: Vec<Token> = tokens(piece, Span::new(0, piece.len() as u32))
            .filter(|token| token.kind != TokenKind::Comment)
            .collect();
        let index = tokens.iter().position(|token| token.span.end > at).unwrap_or(tokens.len());
        Fault { entry, piece, place, expected, tokens, index }
    }

    fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }
}

/// The diagnostic for a fault, and how to go on.
pub(super) fn explain(fault: &Fault<'_>) -> (Diagnostic, Next) {
    let token = fault.tokens.get(fault.index);
    let span = match token {
        Some(token) => fault.place.span(token.span.start as usize, token.span.end as usize),
        None => fault.place.span(fault.piece.len(), fault.piece.len()),
    };
    let found = token.map_or("the end".to_owned(), |token| format!("`{}`", token.text(fault.piece)));
    let expected: Vec<String> = fault.expected.iter().map(|&rule| name(rule)).collect();
    let diagnostic =
        Diagnostic::error(codes::SYNTAX, span, format!("expected {}, found {found}", expected.join(" or ")));
    let next = match token {
        Some(token) if fault.expects(Rule::EOI) => Next::Cut(token.span.start),
        _ => Next::Drop,
    };
    let _ = fault.entry;
    (diagnostic, next)
}

fn name(rule: Rule) -> String {
    keyword(rule).map_or_else(|| format!("{rule:?}"), |word| format!("`{word}`"))
}

/// What is wrong with a literal that does not close.
pub(super) fn unclosed(text: &str, token: &Token) -> Option<Diagnostic> {
    let what = match token.kind {
        TokenKind::Text { closed: false, .. } => "this text is not closed on its line",
        TokenKind::Text { balanced: false, .. } => "a `{` in this text has no `}`",
        TokenKind::Raw { closed: false } => "this text is not closed on its line",
        TokenKind::Block { closed: false } => "this block of text is not closed",
        _ => return None,
    };
    let _ = text;
    Some(Diagnostic::error(codes::UNCLOSED, token.span, what))
}

/// Text that belongs to no item.
pub(super) fn no_item(text: &str, token: &Token) -> Diagnostic {
    Diagnostic::error(codes::UNKNOWN_WORD, token.span, format!("no item begins with `{}`", token.text(text)))
}
