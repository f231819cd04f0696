//! What each word of a file is, for colours.

use std::collections::HashMap;

use super::Analysis;
use crate::check::Symbol;
use crate::lexer::{self, Keyword, TokenKind};
use crate::span::Span;

/// What a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Class {
    Keyword,
    Comment,
    String,
    Number,
    Regexp,
    Operator,
    Variable,
    Parameter,
    Function,
    Method,
    Property,
    Type,
    Rule,
    EnumMember,
}

impl Class {
    /// All classes, in the order of their numbers.
    pub const ALL: [Class; 14] = [
        Class::Keyword,
        Class::Comment,
        Class::String,
        Class::Number,
        Class::Regexp,
        Class::Operator,
        Class::Variable,
        Class::Parameter,
        Class::Function,
        Class::Method,
        Class::Property,
        Class::Type,
        Class::Rule,
        Class::EnumMember,
    ];
}

/// A word with what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The word; it lies on one line.
    pub span: Span,
    /// What it is.
    pub class: Class,
    /// It declares the name.
    pub declaration: bool,
    /// It is secret material.
    pub confidential: bool,
}

/// The words of a part of a module, in order.
pub fn semantic_tokens(analysis: &Analysis, module: &str, range: Option<Span>) -> Vec<Token> {
    let text = analysis.text(module);
    let range = range.unwrap_or(Span::new(0, text.len() as u32));
    let mut tokens = Vec::new();
    let mut at = 0;
    for (index, raw) in analysis.raw(module).iter().enumerate() {
        plain(text, Span::new(at, raw.span.start), &HashMap::new(), false, &mut tokens);
        at = raw.span.end;
        if raw.span.end < range.start || raw.span.start > range.end {
            continue;
        }
        let mut known = HashMap::new();
        if let Some(item) = analysis.item(module, index) {
            for fact in &item.facts {
                if let Some(class) = class(&fact.what, analysis, module, raw.keyword) {
                    let declaration = super::definition::declares(&fact.what, fact.span);
                    known.insert(fact.span.start, (fact.span, class, declaration, fact.ty.confidential));
                }
            }
        }
        plain(text, raw.span, &known, true, &mut tokens);
    }
    plain(text, Span::new(at, text.len() as u32), &HashMap::new(), false, &mut tokens);
    tokens.retain(|token| token.span.end >= range.start && token.span.start <= range.end);
    tokens
}

type Known = HashMap<u32, (Span, Class, bool, bool)>;

fn plain(text: &str, span: Span, known: &Known, item: bool, into: &mut Vec<Token>) {
    let mut first = item;
    let mut skip_to = 0;
    let mut after_dot = false;
    for token in lexer::tokens(text, span) {
        if token.span.start < skip_to {
            continue;
        }
        let word = token.text(text);
        let mut push = |span: Span, class, declaration, confidential| {
            into.push(Token { span, class, declaration, confidential });
        };
        if let Some((span, class, declaration, confidential)) = known.get(&token.span.start)
            && token.kind == TokenKind::Word
        {
            push(*span, *class, *declaration, *confidential);
            skip_to = span.end;
        } else {
            match token.kind {
                TokenKind::Word if first && Keyword::parse(word).is_some() => {
                    push(token.span, Class::Keyword, false, false);
                }
                TokenKind::Word if !after_dot && lexer::is_reserved(word) => {
                    push(token.span, Class::Keyword, false, false);
                }
                TokenKind::Word if crate::ast::Severity::parse(word).is_some() && !after_dot => {
                    push(token.span, Class::EnumMember, false, false);
                }
                TokenKind::Number => push(token.span, Class::Number, false, false),
                TokenKind::Regex => push(token.span, Class::Regexp, false, false),
                TokenKind::Comment => push(token.span, Class::Comment, false, false),
                TokenKind::Text { .. } | TokenKind::Raw { .. } | TokenKind::Block { .. } => {
                    let mut from = token.span.start;
                    for inside in lexer::interpolations(text, &token) {
                        lines(text, Span::new(from, inside.start), into);
                        plain(text, inside, known, false, into);
                        from = inside.end;
                    }
                    lines(text, Span::new(from, token.span.end), into);
                }
                _ => {}
            }
        }
        after_dot = word == ".";
        first = false;
    }
}

/// A text is one token for each of its lines: clients need not take longer ones.
fn lines(text: &str, span: Span, into: &mut Vec<Token>) {
    let mut at = span.start;
    for line in text[span.range()].split_inclusive('\n') {
        let trimmed = line.trim_end_matches(['\n', '\r']);
        let span = Span::new(at, at + trimmed.len() as u32);
        if !span.is_empty() {
            into.push(Token { span, class: Class::String, declaration: false, confidential: false });
        }
        at += line.len() as u32;
    }
}

fn class(symbol: &Symbol, analysis: &Analysis, module: &str, keyword: Option<Keyword>) -> Option<Class> {
    Some(match symbol {
        Symbol::Variable { .. } if keyword == Some(Keyword::Fn) => Class::Parameter,
        Symbol::Variable { .. } => Class::Variable,
        Symbol::Item { module: other, span } => {
            let raw = analysis.raw(other).iter().find(|raw| raw.span.contains(*span));
            match raw.and_then(|raw| raw.keyword)? {
                Keyword::Rule => Class::Rule,
                Keyword::Param => Class::Parameter,
                Keyword::Fn => Class::Function,
                Keyword::Field | Keyword::Link => Class::Property,
                Keyword::Group | Keyword::View | Keyword::Kind => Class::Type,
                Keyword::Let => Class::Variable,
                _ => return (**other == *module).then_some(Class::Variable),
            }
        }
        Symbol::Kind(_) | Symbol::Relation(_) | Symbol::Type(_) => Class::Type,
        Symbol::Field { .. } | Symbol::Key | Symbol::Column { .. } | Symbol::Attr(_) => Class::Property,
        Symbol::Method(_) => Class::Method,
        Symbol::Value | Symbol::NoMember => return None,
    })
}
