//! Literals that do not close, and text that belongs to no item.

use crate::codes;
use crate::diag::Diagnostic;
use crate::lexer::{Keyword, Token, TokenKind};
use crate::schema::nearest;
use crate::span::Span;

/// What is wrong with a literal that does not close.
pub(in super::super) fn unclosed(text: &str, token: &Token) -> Option<Diagnostic> {
    let quote = |length: u32| Span::new(token.span.start, (token.span.start + length).min(token.span.end));
    let end = Span::at(token.span.end);
    match token.kind {
        TokenKind::Text { closed: false, .. } | TokenKind::Raw { closed: false } => {
            Some(Diagnostic::error(codes::UNCLOSED, token.span, "this text is not closed on its line").fix(
                "close it; a text of several lines stands in `\"\"\"`",
                end,
                "\"",
            ))
        }
        TokenKind::Text { balanced: false, .. } => {
            let brace = open_brace(text, token);
            Some(Diagnostic::error(codes::UNCLOSED, brace, "this `{` has no `}` in the text").fix(
                "close the expression, or write `{{` for a brace",
                brace,
                "{{",
            ))
        }
        TokenKind::Block { closed: false } => Some(
            Diagnostic::error(codes::UNCLOSED, quote(3), "this block of text is not closed")
                .related(end, "it ends here, before the next item")
                .fix("close it", end, "\n  \"\"\""),
        ),
        _ => None,
    }
}

/// The first `{` of a text that no `}` follows before the next one, else the whole text.
fn open_brace(text: &str, token: &Token) -> Span {
    let inside = token.text(text);
    let mut rest = inside;
    while let Some(found) = rest.find('{') {
        let at = inside.len() - rest.len() + found;
        if rest[found..].starts_with("{{") {
            rest = &rest[found + 2..];
            continue;
        }
        let behind = &rest[found + 1..];
        match (behind.find('}'), behind.find('{')) {
            (Some(close), open) if open.is_none_or(|open| close < open) => rest = &behind[close + 1..],
            _ => {
                let start = token.span.start + at as u32;
                return Span::new(start, start + 1);
            }
        }
    }
    token.span
}

/// Text that belongs to no item.
pub(in super::super) fn no_item(text: &str, token: &Token) -> Diagnostic {
    let word = token.text(text);
    let words = Keyword::ALL.map(Keyword::as_str);
    if token.kind != TokenKind::Word {
        return Diagnostic::error(codes::UNKNOWN_WORD, token.span, "this belongs to no item")
            .help("a file begins with an item: `rule`, `param`, `test` say, in the first column");
    }
    let diagnostic = Diagnostic::error(codes::UNKNOWN_WORD, token.span, format!("no item begins with `{word}`"));
    let alias = match word {
        "import" | "include" | "from" => Some("use"),
        "policy" | "check" => Some("rule"),
        "function" | "def" | "func" => Some("fn"),
        "const" | "var" => Some("let"),
        "exception" | "ignore" | "skip" => Some("waive"),
        _ => None,
    };
    match alias.or_else(|| nearest(word, words.into_iter())) {
        Some(meant) => diagnostic.fix(format!("did you mean `{meant}`"), token.span, meant),
        None => diagnostic.help("an item begins with a reserved word: `rule`, `param`, `test` say"),
    }
}

/// True where `word`, in the first column at `start`, is an item word but for its spelling.
pub(in super::super) fn is_misspelt_item(text: &str, start: usize, word: &str) -> bool {
    if crate::lexer::is_reserved(word) || Keyword::parse(word).is_some() {
        return false;
    }
    let Some(meant) = nearest(word, Keyword::ALL.map(Keyword::as_str).into_iter()) else { return false };
    // Put right, it must look like that item.
    let line = text[start..].lines().next().unwrap_or("");
    let mended = format!("{meant}{}", line.get(word.len()..).unwrap_or(""));
    crate::lexer::looks_like_item(mended.as_bytes(), 0)
}
