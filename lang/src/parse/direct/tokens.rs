//! Words, signs, and lists of parts.

use std::sync::Arc;

use super::Reader;
use crate::ast::{Ident, Severity};
use crate::lexer::{is_reserved, is_word_byte};
use crate::span::{Span, Spanned};

impl<'t> Reader<'t> {
    pub(super) fn rest(&self) -> &'t [u8] {
        &self.text.as_bytes()[self.at..]
    }

    /// Goes over blanks and comments.
    pub(super) fn skip(&mut self) {
        loop {
            match self.rest() {
                [b' ' | b'\n' | b'\t' | b'\r', ..] => self.at += 1,
                [b'/', b'/', rest @ ..] => self.at += 2 + memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                _ => return,
            }
        }
    }

    /// The offset of the next token.
    pub(super) fn start(&mut self) -> usize {
        self.skip();
        self.at
    }

    pub(super) fn next_is(&mut self, sign: u8) -> bool {
        self.skip();
        self.rest().first() == Some(&sign)
    }

    /// From an offset to the end of the last token.
    pub(super) fn since(&self, start: usize) -> Span {
        span(start, self.last)
    }

    pub(super) fn advance(&mut self, length: usize) {
        self.at += length;
        self.last = self.at;
    }

    /// The word at the next token, not taken.
    pub(super) fn peek(&mut self) -> Option<&'t str> {
        self.skip();
        let rest = self.rest();
        if !rest.first().is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_') {
            return None;
        }
        let length = rest.iter().take_while(|&&byte| is_word_byte(byte)).count();
        self.text.get(self.at..self.at + length)
    }

    /// Any word.
    pub(super) fn word(&mut self) -> Option<Ident> {
        let word = self.peek()?;
        let start = self.at;
        self.advance(word.len());
        Some(Ident { text: Arc::from(word), span: self.since(start) })
    }

    /// A word that is not reserved.
    pub(super) fn name(&mut self) -> Option<Ident> {
        if is_reserved(self.peek()?) { None } else { self.word() }
    }

    /// A word whose parts hyphens join, `minus` of them at the least.
    pub(super) fn label(&mut self, hyphens: usize) -> Option<Ident> {
        let start = self.start();
        let first = self.peek()?;
        if first.starts_with('_') {
            return None;
        }
        self.advance(first.len());
        let mut found = 0;
        while let [b'-', next, ..] = self.rest()
            && is_word_byte(*next)
        {
            let length = self.rest()[1..].iter().take_while(|&&byte| is_word_byte(byte)).count();
            self.advance(1 + length);
            found += 1;
        }
        (found >= hyphens).then(|| Ident { text: Arc::from(&self.text[start..self.at]), span: self.since(start) })
    }

    /// Takes the word if it is the next one.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(word);
        if found {
            self.advance(word.len());
        }
        found
    }

    pub(super) fn keyword(&mut self, word: &str) -> Option<()> {
        self.takes(word).then_some(())
    }

    /// Takes a sign of one byte if it is the next token.
    pub(super) fn takes_sign(&mut self, sign: u8) -> bool {
        let found = self.next_is(sign);
        if found {
            self.advance(1);
        }
        found
    }

    pub(super) fn sign(&mut self, sign: u8) -> Option<()> {
        self.takes_sign(sign).then_some(())
    }

    /// `=`, not `==`
    pub(super) fn equals(&mut self) -> Option<()> {
        self.sign(b'=')?;
        (self.rest().first() != Some(&b'=')).then_some(())
    }

    /// `|`, not `||`
    pub(super) fn takes_bar(&mut self) -> bool {
        self.next_is(b'|') && self.rest().get(1) != Some(&b'|') && self.takes_sign(b'|')
    }

    pub(super) fn severity(&mut self) -> Option<Spanned<Severity>> {
        let word = self.word()?;
        Some(Spanned::new(Severity::parse(&word.text)?, word.span))
    }

    /// Parts with commas between them; before `close` a comma may stand.
    pub(super) fn listed<T>(&mut self, close: u8, mut part: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut parts = Vec::new();
        while !self.takes_sign(close) {
            parts.push(part(self)?);
            if !self.takes_sign(b',') {
                self.sign(close)?;
                break;
            }
        }
        Some(parts)
    }

    /// Parts with commas between them, one at the least.
    pub(super) fn several<T>(&mut self, mut part: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let mut parts = vec![part(self)?];
        while self.takes_sign(b',') {
            parts.push(part(self)?);
        }
        Some(parts)
    }
}

pub(super) fn span(start: usize, end: usize) -> Span {
    Span::new(start as u32, end as u32)
}
