//! What a failed parse means, in the author's words.
//!
//! A [`Fault`] is the place where the grammar could not go on. The slips that authors make most are recognized by the
//! token there and its neighbours ([`slips`], [`joins`], [`heads`]); everything else is told as what was expected and
//! what was found ([`expected`]). Most slips can be mended in the piece, so that reading goes on behind them.

mod expected;
mod heads;
mod joins;
mod literals;
mod slips;

use pest::error::{Error, ErrorVariant, InputLocation};

pub(super) use literals::{is_misspelt_item, no_item, unclosed};

use super::grammar::Rule;
use super::place::Place;
use crate::ast::Severity;
use crate::codes;
use crate::diag::{Diagnostic, TextEdit};
use crate::lexer::{Token, TokenKind, is_reserved, tokens};
use crate::span::Span;

/// Words that begin a clause of a rule.
pub(super) const CLAUSE_WORDS: [&str; 11] =
    ["for", "where", "let", "deny", "require", "undecided", "remedy", "fix", "controls", "tags", "docs"];
/// Words that begin a part of a test.
pub(super) const TEST_WORDS: [&str; 4] = ["now", "with", "given", "expect"];

/// A place where the grammar could not go on.
pub(super) struct Fault<'a> {
    /// The entry that was tried.
    entry: Rule,
    /// The piece of text, earlier slips mended.
    piece: &'a str,
    /// Where the piece stands.
    place: &'a Place,
    /// What could have stood there.
    expected: Vec<Rule>,
    /// Tokens around the place, without comments: those of the piece, or of the interpolation that holds the place.
    tokens: Vec<Token>,
    /// Index of the token that stands there; past the end at the end of the piece.
    index: usize,
}

/// How reading goes on.
pub(super) enum Next {
    /// Replace this stretch of the piece and try again.
    Repair(TextEdit),
    /// Leave out what follows this offset and try again.
    Cut(u32),
    /// Leave out the piece.
    Drop,
}

/// A recognized slip: what to say, and how to go on.
type Slip = Option<(Diagnostic, Next)>;

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
        let tokens = tokens_around(piece, Span::new(0, piece.len() as u32), at);
        let index = tokens.iter().position(|token| token.span.end > at).unwrap_or(tokens.len());
        Fault { entry, piece, place, expected, tokens, index }
    }

    fn expects(&self, rule: Rule) -> bool {
        self.expected.contains(&rule)
    }

    fn expects_operator(&self) -> bool {
        self.expects(Rule::infix)
    }

    fn expects_operand(&self) -> bool {
        self.expects(Rule::expr) || self.expects(Rule::operand)
    }

    fn expects_clause(&self) -> bool {
        match self.entry {
            Rule::a_rule_head | Rule::some_clauses => self.expects(Rule::EOI) || self.expects(Rule::clause),
            _ => false,
        }
    }

    fn expects_test_part(&self) -> bool {
        match self.entry {
            Rule::a_test_head | Rule::some_parts => self.expects(Rule::EOI) || self.expects(Rule::expect_part),
            _ => false,
        }
    }

    /// The token that is `by` after the place.
    fn token(&self, by: isize) -> Option<&Token> {
        self.tokens.get(self.index.checked_add_signed(by)?)
    }

    /// Its text, empty where there is none.
    fn word(&self, by: isize) -> &'a str {
        self.token(by).map_or("", |token| token.text(self.piece))
    }

    fn is_word(&self, by: isize) -> bool {
        self.token(by).is_some_and(|token| token.kind == TokenKind::Word)
    }

    /// A word that may name something.
    fn is_name(&self, by: isize) -> bool {
        self.is_word(by) && !is_reserved(self.word(by))
    }

    /// True where a token may begin an expression.
    fn begins_operand(&self, by: isize) -> bool {
        self.token(by).is_some_and(|token| match token.kind {
            TokenKind::Word => {
                let word = token.text(self.piece);
                !is_reserved(word) || matches!(word, "not" | "any" | "all" | "if" | "true" | "false" | "now")
            }
            TokenKind::Sign => matches!(token.text(self.piece), "(" | "[" | "-"),
            TokenKind::Comment | TokenKind::Stray | TokenKind::SingleQuoted => false,
            _ => true,
        })
    }

    /// Place in the piece: of the token, or the end of the last one.
    fn at(&self, by: isize) -> Span {
        match self.token(by) {
            Some(token) => token.span,
            None => Span::at(self.tokens.last().map_or(0, |token| token.span.end)),
        }
    }

    /// Place in the piece: directly behind the token before.
    fn behind(&self) -> Span {
        match self.index.checked_sub(1).and_then(|index| self.tokens.get(index)) {
            Some(token) => Span::at(token.span.end),
            None => Span::at(self.at(0).start),
        }
    }

    /// Place in the file of a place in the piece.
    fn file(&self, span: Span) -> Span {
        self.place.span(span.start as usize, span.end as usize)
    }

    /// Place in the file of the token.
    fn span(&self) -> Span {
        self.file(self.at(0))
    }

    /// True where no other token stands before it on its line.
    fn begins_line(&self) -> bool {
        let start = self.at(0).start as usize;
        self.index < self.tokens.len() && self.piece[..start].trim_end_matches([' ', '\t']).ends_with('\n')
    }

    /// The innermost bracket that is open, where its closing one was expected.
    fn open_bracket(&self) -> Option<Span> {
        if !self.expects(Rule::rparen) && !self.expects(Rule::rbracket) {
            return None;
        }
        let mut open = Vec::new();
        for token in &self.tokens[..self.index] {
            match token.text(self.piece) {
                "(" | "[" => open.push(token.span),
                ")" | "]" => {
                    open.pop();
                }
                _ => {}
            }
        }
        open.pop().map(|span| self.file(span))
    }

    /// A diagnostic whose help replaces `span` of the piece, and the repair that does the same.
    fn replace(&self, diagnostic: Diagnostic, help: impl Into<String>, span: Span, text: &str) -> (Diagnostic, Next) {
        let diagnostic = diagnostic.fix(help, self.file(span), text);
        (diagnostic, Next::Repair(TextEdit { span, text: text.to_owned() }))
    }

    /// Goes on with what was read, if it is complete, or leaves the piece out.
    fn cut(&self) -> Next {
        match self.token(0) {
            Some(token) if self.expects(Rule::EOI) => Next::Cut(token.span.start),
            _ => Next::Drop,
        }
    }
}

/// Tokens of `span`, or of the interpolation in it that holds `at`.
fn tokens_around(piece: &str, span: Span, at: u32) -> Vec<Token> {
    let all: Vec<Token> = tokens(piece, span).filter(|token| token.kind != TokenKind::Comment).collect();
    let holder = all.iter().find(|token| token.is_text() && token.span.start < at && at < token.span.end);
    if let Some(holder) = holder {
        // The closing brace is kept: it may be what was not expected.
        for inside in crate::lexer::interpolations(piece, holder) {
            if inside.start <= at && at <= inside.end {
                return tokens_around(piece, Span::new(inside.start, inside.end + 1), at);
            }
        }
    }
    all
}

/// The diagnostic for a fault, and how to go on.
pub(super) fn explain(fault: &Fault<'_>) -> (Diagnostic, Next) {
    slips::slip(fault)
        .or_else(|| heads::slip(fault))
        .or_else(|| joins::slip(fault))
        .or_else(|| slips::late_slip(fault))
        .unwrap_or_else(|| {
            let message = format!("expected {}, found {}", expected::phrase(fault), expected::found(fault));
            let mut diagnostic = Diagnostic::error(codes::SYNTAX, fault.span(), message);
            if let Some(open) = fault.open_bracket() {
                diagnostic = diagnostic.related(open, "this is not closed");
            }
            (diagnostic, fault.cut())
        })
}

/// The severity that other tools call so.
fn severity_alias(word: &str) -> Option<Severity> {
    Some(match word.to_ascii_lowercase().as_str() {
        "informational" | "information" | "note" | "notice" | "hint" | "none" => Severity::Info,
        "minor" => Severity::Low,
        "moderate" | "med" | "normal" | "warn" | "warning" => Severity::Medium,
        "error" | "err" | "major" | "important" | "severe" => Severity::High,
        "crit" | "fatal" | "blocker" | "emergency" => Severity::Critical,
        lower => {
            return crate::schema::nearest(lower, Severity::ALL.iter().map(|s| s.as_str())).and_then(Severity::parse);
        }
    })
}
