//! The one layout of rule files, without options.
//!
//! An item is laid out from its tokens: the syntax tree only says where lines may break (`marks`), so what a file
//! says cannot change. Tokens, comments and parentheses stay as they are; only the blanks between them, and the
//! indentation of block strings, are set. Where the author broke a line before a message or between the parts of a
//! `view`, `link` or `waive`, the break is kept; all other breaks follow from the width. A broken item stays as it is.

mod layout;
mod marks;
mod pieces;
mod spacing;

use crate::ast::{Item, ItemKind};
use crate::diag::{Diagnostic, Level};
use crate::lexer::{RawItem, Token, TokenKind, items, tokens};
use crate::parse::parse_item;
use crate::span::Span;

/// Columns that a line should not pass.
pub const WIDTH: usize = 110;

/// Formats a file. Broken items are left byte for byte; only where no item at all can be read, the reasons are
/// returned instead.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let raws = items(text);
    let mut problems = Vec::new();
    let mut good = 0;
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut before: Option<(&RawItem, bool)> = None;
    for raw in &raws {
        let formatted = match read(text, raw) {
            Ok(item) => {
                good += 1;
                format_item(text, &item)
            }
            Err(mut diagnostics) => {
                problems.append(&mut diagnostics);
                text[raw.span.range()].to_owned()
            }
        };
        let one_line = !formatted.contains('\n');
        let gap = Gap { text, span: Span::new(at, raw.span.start) };
        let together = before.is_some_and(|(last, line)| line && one_line && last.keyword == raw.keyword);
        gap.write(&mut out, before.is_some(), Some((raw, together)));
        out.push_str(&formatted);
        before = Some((raw, one_line));
        at = raw.span.end;
    }
    if good == 0 && !problems.is_empty() {
        return Err(problems);
    }
    Gap { text, span: Span::new(at, text.len() as u32) }.write(&mut out, before.is_some(), None);
    if !out.is_empty() {
        out.push('\n');
    }
    Ok(out)
}

/// The item, where nothing in it is wrong.
fn read(text: &str, raw: &RawItem) -> Result<Item, Vec<Diagnostic>> {
    let (item, diagnostics) = parse_item(text, raw);
    let broken = matches!(item.kind, ItemKind::Broken { .. });
    if broken || diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error) {
        return Err(diagnostics);
    }
    Ok(item)
}

/// One item that parsed without errors, laid out; no documentation before it, no line break behind it.
pub fn format_item(text: &str, item: &Item) -> String {
    let all: Vec<Token> = tokens(text, item.span).collect();
    let pieces = pieces::pieces(text, item, &all);
    let marks = marks::marks(text, item, &pieces);
    let formatted = layout::render(text, &pieces, &marks);
    // The layout only moves tokens; should it ever lose one, the author's text is worth more than its look.
    if pieces::same(text, &all, &formatted) { formatted } else { text[item.span.range()].to_owned() }
}

/// The text between two items: blanks and comments.
struct Gap<'t> {
    text: &'t str,
    span: Span,
}

impl Gap<'_> {
    /// Writes the comments of the gap and the blank lines around them. `next` is the item behind the gap, and
    /// whether it may stand directly under the one before.
    fn write(&self, out: &mut String, after_item: bool, next: Option<(&RawItem, bool)>) {
        let comments: Vec<Token> =
            tokens(self.text, self.span).filter(|token| token.kind == TokenKind::Comment).collect();
        let doc = next.and_then(|(raw, _)| raw.doc_span);
        let mut end = self.span.start;
        let mut inside_item = after_item;
        for comment in &comments {
            let between = &self.text[end as usize..comment.span.start as usize];
            let indented = !between.is_empty() && !between.ends_with('\n');
            let is_doc = doc.is_some_and(|doc| doc.contains(comment.span));
            let breaks = between.bytes().filter(|&byte| byte == b'\n').count();
            if end == self.span.start && after_item && breaks == 0 {
                out.push(' ');
            } else if inside_item && indented && !is_doc {
                // An indented comment behind the last clause belongs to the item before it.
                out.push_str(if breaks > 1 { "\n\n  " } else { "\n  " });
            } else {
                let first = out.is_empty();
                let blank = inside_item || breaks > 1;
                inside_item = false;
                out.push_str(match (first, blank) {
                    (true, _) => "",
                    (_, true) => "\n\n",
                    _ => "\n",
                });
            }
            out.push_str(comment.text(self.text).trim_end());
            end = comment.span.end;
        }
        let Some((_, together)) = next else { return };
        if out.is_empty() {
            return;
        }
        let between = &self.text[end as usize..self.span.end as usize];
        let blank_line = between.bytes().filter(|&byte| byte == b'\n').count() > 1;
        let blank = if inside_item { blank_line || !together } else { blank_line && doc.is_none() };
        out.push_str(if blank { "\n\n" } else { "\n" });
    }
}
