//! Numbers, durations, times, patterns and texts.

use std::sync::Arc;

use super::Reader;
use crate::ast::*;
use crate::lexer::is_word_byte;
use crate::parse::build::literals::{block_value, raw_value, regex_value};
use crate::parse::calendar;

/// A text literal, read.
enum Literal {
    Block(String, Vec<u32>),
    Plain(Vec<TemplatePart>),
}

impl Reader<'_> {
    /// A number, a duration or a time.
    pub(super) fn number(&mut self) -> Option<ExprKind> {
        let start = self.start();
        let rest = self.rest();
        if !rest.first()?.is_ascii_digit() {
            return None;
        }
        let digits =
            |range: std::ops::Range<usize>| rest.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
        let is_date = digits(0..4) && digits(5..7) && digits(8..10) && rest[4] == b'-' && rest[7] == b'-';
        let mut length = rest.iter().take_while(|&&byte| is_word_byte(byte)).count();
        if is_date {
            length = 10;
            if rest.get(length) == Some(&b'T') {
                let time = rest[11..].iter().take_while(|byte| byte.is_ascii_digit() || **byte == b':').count();
                (rest.get(11 + time) == Some(&b'Z')).then_some(())?;
                length = 12 + time;
            }
            if rest.get(length).is_some_and(|&byte| is_word_byte(byte)) {
                return None;
            }
        }
        self.advance(length);
        let text = &self.text[start..self.at];
        if is_date {
            return calendar::time(text).ok().map(ExprKind::Time);
        }
        if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
            return text.replace('_', "").parse().ok().map(ExprKind::Int);
        }
        is_duration(text).then(|| calendar::duration(text)).flatten().map(ExprKind::Duration)
    }

    pub(super) fn regex(&mut self) -> Option<Arc<str>> {
        let start = self.start();
        let rest = self.rest();
        let mut at = 1;
        loop {
            match *rest.get(at)? {
                b'/' if at == 1 => return None,
                b'/' => break,
                b'\n' => return None,
                b'\\' if *rest.get(at + 1)? == b'\n' => return None,
                // A character of several bytes has none that looks like one of these.
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        self.advance(at + 1);
        self.text.get(start..self.at).map(regex_value)
    }

    /// A text where no expressions may stand.
    pub(super) fn literal(&mut self) -> Option<Text> {
        let start = self.start();
        let (value, lines) = match self.text_literal()? {
            Literal::Block(value, lines) => (Arc::from(value), lines),
            Literal::Plain(mut parts) => match (parts.pop(), parts.is_empty()) {
                (None, _) => (Arc::from(""), Vec::new()),
                (Some(TemplatePart::Text(value)), true) => (value, Vec::new()),
                _ => return None,
            },
        };
        Some(Text { value, span: self.since(start), lines })
    }

    /// A text that may hold expressions.
    pub(super) fn template(&mut self) -> Option<Template> {
        let start = self.start();
        let parts = match self.text_literal()? {
            Literal::Block(value, _) => vec![TemplatePart::Text(Arc::from(value))],
            Literal::Plain(parts) => parts,
        };
        Some(Template { parts, span: self.since(start) })
    }

    fn text_literal(&mut self) -> Option<Literal> {
        let start = self.start();
        let rest = self.rest();
        if let Some(inside) = rest.strip_prefix(b"\"\"\"") {
            let length = memchr::memmem::find(inside, b"\"\"\"")?;
            let (value, offsets) = block_value(self.text.get(start + 3..start + 3 + length)?);
            self.advance(length + 6);
            let lines = offsets.into_iter().map(|offset| (start + 3 + offset) as u32).collect();
            return Some(Literal::Block(value, lines));
        }
        if rest.starts_with(b"r\"") {
            let length = memchr::memchr2(b'"', b'\n', &rest[2..])?;
            (rest.get(2 + length) == Some(&b'"')).then_some(())?;
            self.advance(length + 3);
            let value = raw_value(self.text.get(start..self.at)?);
            return Some(Literal::Plain(vec![TemplatePart::Text(Arc::from(value))]));
        }
        self.string().map(Literal::Plain)
    }

    /// `"text {expr}"`
    fn string(&mut self) -> Option<Vec<TemplatePart>> {
        self.sign(b'"')?;
        let mut parts = Vec::new();
        let mut chunk = String::new();
        loop {
            let rest = self.text.get(self.at..)?;
            let found = rest.bytes().position(|byte| matches!(byte, b'"' | b'{' | b'}' | b'\\' | b'\n'))?;
            chunk.push_str(&rest[..found]);
            self.advance(found);
            match &rest.as_bytes()[found..] {
                [b'"', ..] => {
                    self.advance(1);
                    break;
                }
                [b'{', b'{', ..] => {
                    chunk.push('{');
                    self.advance(2);
                }
                [b'}', b'}', ..] => {
                    chunk.push('}');
                    self.advance(2);
                }
                [b'\\', letter @ (b'n' | b't' | b'"' | b'\\'), ..] => {
                    chunk.push(match letter {
                        b'n' => '\n',
                        b't' => '\t',
                        other => char::from(*other),
                    });
                    self.advance(2);
                }
                [b'{', ..] => {
                    if !chunk.is_empty() {
                        parts.push(TemplatePart::Text(Arc::from(std::mem::take(&mut chunk))));
                    }
                    self.advance(1);
                    parts.push(TemplatePart::Expr(self.bracketed()?));
                    self.sign(b'}')?;
                }
                _ => return None,
            }
        }
        if !chunk.is_empty() {
            parts.push(TemplatePart::Text(Arc::from(chunk)));
        }
        Some(parts)
    }
}

/// Numbers, each with a unit.
fn is_duration(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let unit = match &rest[digits..] {
            [b'n' | b'u' | b'm', b's', ..] => 2,
            [b's' | b'm' | b'h' | b'd' | b'w', ..] => 1,
            _ => return false,
        };
        if digits == 0 {
            return false;
        }
        rest = &rest[digits + unit..];
    }
    true
}
