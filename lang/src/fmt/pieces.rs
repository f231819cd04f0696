//! The tokens of an item as the layout sees them: names with hyphens in one piece, comments attached.

use crate::ast::{ClauseKind, Item, ItemKind};
use crate::lexer::{Token, TokenKind, tokens};
use crate::parse::block_lines;
use crate::span::Span;

/// A token, and the comments before it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// What it is; of a name with hyphens, a word.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
    /// A comment on the line of the piece before.
    pub trailing: Option<Span>,
    /// Comments on lines of their own, each with whether a blank line stands before it.
    pub comments: Vec<(Span, bool)>,
    /// Line breaks between it and what stands before it.
    pub line_breaks: usize,
}

/// Cuts an item into pieces.
pub(super) fn pieces(text: &str, item: &Item, all: &[Token]) -> Vec<Piece> {
    let glued = hyphenated(item);
    let mut pieces: Vec<Piece> = Vec::with_capacity(all.len());
    let (mut trailing, mut comments) = (None, Vec::new());
    let mut end = item.span.start;
    for token in all {
        let between = &text[end as usize..token.span.start.max(end) as usize];
        let line_breaks = between.bytes().filter(|&byte| byte == b'\n').count();
        if token.kind == TokenKind::Comment {
            if line_breaks == 0 && comments.is_empty() && trailing.is_none() && !pieces.is_empty() {
                trailing = Some(token.span);
            } else {
                comments.push((token.span, line_breaks > 1));
            }
            end = token.span.end;
            continue;
        }
        end = token.span.end;
        if let Some(name) = glued.iter().find(|name| name.contains(token.span)) {
            if name.start < token.span.start {
                continue;
            }
            end = name.end;
        }
        pieces.push(Piece {
            kind: token.kind,
            span: Span::new(token.span.start, end),
            trailing: trailing.take(),
            comments: std::mem::take(&mut comments),
            line_breaks,
        });
    }
    pieces
}

/// The names of the item that may carry hyphens.
fn hyphenated(item: &Item) -> Vec<Span> {
    match &item.kind {
        ItemKind::Rule(rule) => {
            let mut spans = vec![rule.name.span];
            for clause in &rule.clauses {
                match &clause.kind {
                    ClauseKind::Tags(tags) => spans.extend(tags.iter().map(|tag| tag.span)),
                    ClauseKind::Controls { framework, .. } => spans.push(framework.span),
                    _ => {}
                }
            }
            spans
        }
        ItemKind::Waive(waive) => vec![waive.rule.span],
        ItemKind::Test(test) => vec![test.rule.span],
        _ => Vec::new(),
    }
}

/// True where `formatted` has the tokens `all` of `text`, block strings by value.
pub(super) fn same(text: &str, all: &[Token], formatted: &str) -> bool {
    let mut others = tokens(formatted, Span::new(0, formatted.len() as u32));
    let equal = all.iter().all(|token| {
        others.next().is_some_and(|other| {
            let (left, right) = (token.text(text), other.text(formatted));
            left == right || (is_block(token) && is_block(&other) && block_value(left).eq(block_value(right)))
        })
    });
    equal && others.next().is_none()
}

fn is_block(token: &Token) -> bool {
    matches!(token.kind, TokenKind::Block { .. })
}

/// The lines of a block string literal.
pub(super) fn block_value(literal: &str) -> impl Iterator<Item = &str> {
    let inside = literal.strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")).unwrap_or("");
    block_lines(inside).into_iter().map(|(_, line)| line)
}
