//! Reads items that are right in one pass over their text.
//!
//! The grammar in `grammar.pest` says what the language is, and its parser tells what is wrong with a text. Going by it
//! costs a multiple of what reading costs, and nearly every item is right. So an item is first read directly. Whatever is
//! doubtful here (a slip, an odd escape, a word of another language) gives `None`, and the grammar decides. A test holds
//! both to the same trees.

mod clauses;
mod expr;
mod items;
mod literals;
mod tokens;

use crate::ast::*;
use crate::lexer::{Keyword, RawItem};
use crate::span::Span;

/// The item, where nothing about it is doubtful.
pub(super) fn item(text: &str, raw: &RawItem) -> Option<ItemKind> {
    let Span { start, end } = raw.span;
    let text = text.get(..end as usize)?;
    let mut reader = Reader { text, at: start as usize, last: start as usize, in_body: false, depth: 0, chain: 0 };
    reader.word()?;
    let kind = match raw.keyword? {
        Keyword::Rule => ItemKind::Rule(Box::new(reader.rule()?)),
        Keyword::Param => reader.param()?,
        Keyword::Let => {
            let (name, value) = reader.definition()?;
            ItemKind::Let(LetItem { name, value })
        }
        Keyword::Fn => reader.function()?,
        Keyword::Group => reader.group()?,
        Keyword::Field => reader.field()?,
        Keyword::Link => reader.link()?,
        Keyword::View => reader.view()?,
        Keyword::Kind => reader.kind()?,
        Keyword::Waive | Keyword::Test | Keyword::Use | Keyword::Edition => return None,
    };
    reader.skip();
    (reader.at == text.len()).then_some(kind)
}

/// A cursor over the text of an item. Offsets are those of the file.
struct Reader<'t> {
    /// The file up to the end of the item.
    text: &'t str,
    at: usize,
    /// The end of the last token.
    last: usize,
    /// Inside the body of a quantifier, where another one needs parentheses.
    in_body: bool,
    /// Expressions and types around this one.
    depth: usize,
    /// Operators and steps of the outermost expression so far.
    chain: usize,
}
