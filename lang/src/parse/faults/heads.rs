//! The head of a rule: code, name, severity, title.

use super::super::grammar::Rule;
use super::{Fault, Next, Slip, severity_alias};
use crate::ast::Severity;
use crate::codes;
use crate::diag::{Diagnostic, TextEdit};
use crate::lexer::TokenKind;
use crate::span::Span;

/// What is wrong with a head, or with a severity elsewhere.
pub(super) fn slip(fault: &Fault<'_>) -> Slip {
    if fault.expects(Rule::severity) {
        return severity(fault);
    }
    if fault.entry != Rule::a_rule_head {
        return None;
    }
    name(fault).or_else(|| title(fault))
}

fn head(fault: &Fault<'_>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(codes::HEAD, fault.file(span), message)
}

fn severity(fault: &Fault<'_>) -> Slip {
    let at = fault.at(0);
    let in_head = fault.entry == Rule::a_rule_head;
    let is_text = fault.token(0).is_some_and(|token| token.is_text());
    if in_head && fault.is_word(0) && fault.tokens.len() > 3 {
        // A word before the severity: the code stands behind the name.
        let name = Span::new(fault.tokens[1].span.start, fault.behind().end);
        let code = fault.word(0);
        if Severity::parse(fault.word(1)).is_some() && name.start < name.end {
            let both = name.to(at);
            let diagnostic = head(fault, at, "the code of a rule stands before its name");
            let text = format!("{code} {}", &fault.piece[name.range()]);
            return Some(fault.replace(diagnostic, format!("write `{text}`"), both, &text));
        }
    }
    if fault.is_word(0) {
        let word = fault.word(0);
        let all = Severity::ALL.map(|severity| format!("`{}`", severity.as_str())).join(", ");
        let diagnostic = head(fault, at, format!("`{word}` is no severity"));
        return Some(match severity_alias(word) {
            Some(meant) => fault.replace(diagnostic, format!("did you mean `{}`", meant.as_str()), at, meant.as_str()),
            None if in_head && fault.token(1).is_some_and(|token| token.is_text()) => {
                let repair = TextEdit { span: at, text: Severity::Medium.as_str().to_owned() };
                (diagnostic.help(format!("severities are {all}")), Next::Repair(repair))
            }
            None => (diagnostic.help(format!("severities are {all}")), Next::Drop),
        });
    }
    if in_head && (is_text || fault.token(0).is_none()) {
        let diagnostic = head(fault, at, "the severity is missing before the title");
        return Some(fault.replace(diagnostic, "state how bad a finding is: `medium` say", fault.behind(), " medium"));
    }
    None
}

fn name(fault: &Fault<'_>) -> Slip {
    if !fault.expects(Rule::rule_name) && !fault.expects(Rule::rule_head) {
        return None;
    }
    let at = fault.at(0);
    if fault.is_word(0) && Severity::parse(fault.word(0)).is_none() {
        // With a code before it, this word is the name.
        let diagnostic = head(fault, at, format!("the name of a rule carries a hyphen, `{}` has none", fault.word(0)));
        return Some((diagnostic.help("name the rule by what is wrong or required: `secret-in-env` say"), Next::Drop));
    }
    let code = fault.word(-1);
    let message = match fault.token(0) {
        _ if fault.index == 1 => "the name of the rule is missing".to_owned(),
        _ if Severity::parse(code).is_some() => "the name of the rule is missing before the severity".to_owned(),
        Some(token) if token.kind != TokenKind::Word && !token.is_text() => return None,
        _ => format!("the name of a rule carries a hyphen, `{code}` has none"),
    };
    let span = if fault.index == 1 { at } else { fault.at(-1) };
    Some((
        head(fault, span, message).help("name the rule by what is wrong or required: `secret-in-env` say"),
        Next::Drop,
    ))
}

fn title(fault: &Fault<'_>) -> Slip {
    // Only the head is before the title; messages of clauses are texts too.
    let after_severity = Severity::parse(fault.word(-1)).is_some() && fault.index <= 7;
    if !fault.expects(Rule::text) || !after_severity || fault.token(0).is_some_and(|token| token.is_text()) {
        return None;
    }
    let behind = fault.behind();
    let diagnostic = head(fault, behind, "the title of the rule is missing")
        .help("say in one sentence, in quotes, what is required");
    Some((diagnostic, Next::Repair(TextEdit { span: behind, text: " \"\"".to_owned() })))
}
