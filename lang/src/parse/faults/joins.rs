//! Signs and words that are missing between two parts.

use super::super::grammar::Rule;
use super::{Fault, Slip};
use crate::codes;
use crate::diag::{Diagnostic, TextEdit};
use crate::span::Span;

/// What is missing between the token and the one before it.
pub(super) fn slip(fault: &Fault<'_>) -> Slip {
    generators(fault)
        .or_else(|| quantifier_colon(fault))
        .or_else(|| list_comma(fault))
        .or_else(|| joining_word(fault))
        .or_else(|| field_name(fault))
        .or_else(|| param_type(fault))
}

/// Inserts `text` behind the token before.
fn insert(fault: &Fault<'_>, message: String, help: &str, text: &str) -> Slip {
    let at = fault.behind();
    let diagnostic = Diagnostic::error(codes::SEPARATOR, fault.span(), message);
    Some(fault.replace(diagnostic, help, at, text))
}

/// `for w in Workload c in w.containers`
fn generators(fault: &Fault<'_>) -> Slip {
    if !fault.expects(Rule::comma) || !fault.is_name(0) {
        return None;
    }
    let goes_on = fault.word(1) == "in" || (fault.word(1) == "," && fault.is_name(2) && fault.word(3) == "in");
    if !goes_on {
        return None;
    }
    let message = format!("expected a comma or a clause, found `{}`", fault.word(0));
    insert(fault, message, "put a comma between the two", ",")
}

/// `any x in xs x.y exists`
fn quantifier_colon(fault: &Fault<'_>) -> Slip {
    if !fault.expects(Rule::colon) || !fault.expects_operator() {
        return None;
    }
    let word = fault.word(0);
    let replaces = matches!(word, "where" | "=>" | "|" | "such" | "satisfies" | "then" | "have" | "has");
    if !replaces && !fault.begins_operand(0) {
        return None;
    }
    let before = fault.tokens[..fault.index].iter().rev();
    let quantifier = before.map(|token| token.text(fault.piece)).find(|word| *word == "any" || *word == "all")?;
    let message = format!("expected `:` between the source of `{quantifier}` and its body, found `{word}`");
    if replaces {
        let diagnostic = Diagnostic::error(codes::SEPARATOR, fault.span(), message);
        return Some(fault.replace(diagnostic, "write `:`", fault.at(0), ":"));
    }
    insert(fault, message, "put `:` before the body", ":")
}

/// `[a b]`, `f(a b)`
fn list_comma(fault: &Fault<'_>) -> Slip {
    let closes = fault.expects(Rule::rbracket) || fault.expects(Rule::rparen);
    if !fault.expects(Rule::comma) || !closes || !fault.begins_operand(0) || fault.begins_line() && fault.is_word(0) {
        return None;
    }
    let message = format!("expected a comma or the end of the list, found {}", super::expected::found(fault));
    insert(fault, message, "put a comma between the two", ",")
}

/// `require x "m"` without `else`, `deny x == y "m"` without `when`.
fn joining_word(fault: &Fault<'_>) -> Slip {
    let is_text = fault.token(0).is_some_and(|token| token.is_text());
    if fault.expects(Rule::kw_else) && is_text {
        return insert(fault, "`else` is missing before the message".to_owned(), "write `else`", " else");
    }
    let first = fault.tokens.first().map_or("", |token| token.text(fault.piece));
    let takes_when =
        matches!(first, "deny" | "undecided") && (fault.expects(Rule::when_part) || fault.expects(Rule::kw_when));
    if takes_when && (matches!(fault.word(0), "if" | "where")) {
        let diagnostic =
            Diagnostic::error(codes::SEPARATOR, fault.span(), format!("the condition of `{first}` follows `when`"));
        return Some(fault.replace(diagnostic, "write `when`", fault.at(0), "when"));
    }
    if takes_when && fault.begins_operand(0) && !is_text {
        let message = format!("`when` is missing before the condition of `{first}`");
        return insert(fault, message, "write `when`", " when");
    }
    None
}

/// `x.spec.` with nothing behind the dot.
fn field_name(fault: &Fault<'_>) -> Slip {
    let dot = fault.at(-1);
    if fault.index == 0 || fault.word(-1) != "." || !fault.expects(Rule::word) || fault.is_word(0) {
        return None;
    }
    let span = fault.file(Span::at(dot.end));
    let message = format!("expected a field name after the dot, found {}", super::expected::found(fault));
    let diagnostic = Diagnostic::error(codes::SYNTAX, span, message);
    Some((diagnostic, super::Next::Repair(TextEdit { span: dot, text: String::new() })))
}

/// `param x = 1`
fn param_type(fault: &Fault<'_>) -> Slip {
    let is_param = fault.tokens.first().is_some_and(|first| first.text(fault.piece) == "param");
    if !is_param || !fault.expects(Rule::colon) || fault.word(0) != "=" {
        return None;
    }
    let message = "a param states its type before its value";
    let diagnostic = Diagnostic::error(codes::SYNTAX, fault.span(), message)
        .help(format!("write `param {}: int = …` say", fault.word(-1)));
    Some((diagnostic, super::Next::Drop))
}
