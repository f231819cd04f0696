//! Signs and words of other languages.

use super::super::grammar::Rule;
use super::{CLAUSE_WORDS, Fault, Next, Slip, TEST_WORDS};
use crate::codes;
use crate::diag::Diagnostic;
use crate::lexer::{TokenKind, is_reserved};
use crate::schema::nearest;
use crate::span::Span;

/// Slips that the token itself gives away.
pub(super) fn slip(fault: &Fault<'_>) -> Slip {
    stray(fault).or_else(|| sign(fault)).or_else(|| word_operator(fault)).or_else(|| number(fault))
}

/// Slips that are likely only where no other one was found.
pub(super) fn late_slip(fault: &Fault<'_>) -> Slip {
    misspelt_clause(fault).or_else(|| misspelt_operator(fault)).or_else(|| reserved_name(fault))
}

fn foreign(fault: &Fault<'_>, span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(codes::FOREIGN, fault.file(span), message)
}

/// `'text'`, `;`, `#`, typographic quotes.
fn stray(fault: &Fault<'_>) -> Slip {
    let token = fault.token(0)?;
    let text = token.text(fault.piece);
    match token.kind {
        TokenKind::SingleQuoted => {
            let inside = text.trim_matches('\'').replace("\\'", "'").replace('"', "\\\"");
            let diagnostic = foreign(fault, token.span, "texts stand in double quotes");
            let mended = format!("\"{inside}\"");
            Some(fault.replace(diagnostic, format!("write `{mended}`"), token.span, &mended))
        }
        TokenKind::Stray => match text {
            ";" => {
                let diagnostic = foreign(fault, token.span, "nothing ends with a semicolon here");
                Some(fault.replace(diagnostic, "leave it out", token.span, ""))
            }
            "#" => {
                let diagnostic = foreign(fault, token.span, "comments begin with `//`");
                Some(fault.replace(diagnostic, "write `//`", token.span, "//"))
            }
            "'" => {
                Some((foreign(fault, token.span, "texts stand in double quotes, and close on their line"), Next::Drop))
            }
            "/" => {
                let message = "this regex does not close on its line";
                let diagnostic = Diagnostic::error(codes::UNCLOSED, fault.file(token.span), message)
                    .help("a regex stands between slashes; `\\/` is a slash in it. There is no division");
                Some((diagnostic, Next::Drop))
            }
            "“" | "”" | "„" | "‘" | "’" => {
                Some((foreign(fault, token.span, "texts stand in plain double quotes, `\"`"), Next::Drop))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `=`, `===`, `&&`, `||`, `!`, `a->b`.
fn sign(fault: &Fault<'_>) -> Slip {
    let at = fault.at(0);
    let (wrong, right) = (fault.word(0), fault.expects_operator());
    let swap = |sign: &str| {
        let diagnostic = foreign(fault, at, format!("`{wrong}` is no operator"));
        Some(fault.replace(diagnostic, format!("write `{sign}`"), at, sign))
    };
    match wrong {
        "=" if right && !fault.expects(Rule::equals) => {
            let diagnostic = foreign(fault, at, "`=` gives a name its value; it does not compare");
            Some(fault.replace(diagnostic, "write `==`", at, "=="))
        }
        "===" => swap("=="),
        "!==" => swap("!="),
        "=>" if right && !fault.expects(Rule::colon) => swap(">="),
        "&&" | "&" if right => swap("and"),
        "||" if right => swap("or"),
        "!" if fault.expects_operand() => {
            let diagnostic = foreign(fault, at, "`!` is no operator");
            Some(fault.replace(diagnostic, "write `not`", at, "not "))
        }
        _ if fault.word(-1) == "->" && fault.is_word(0) && fault.at(-1).end == at.start => {
            let diagnostic = Diagnostic::error(
                codes::FOREIGN,
                fault.file(fault.at(-1).to(at)),
                "a field is read with a dot, also after `->`",
            );
            Some(fault.replace(diagnostic, format!("write `->.{wrong}`"), Span::at(at.start), "."))
        }
        _ => None,
    }
}

/// `is missing`, `not in`, `startsWith` and their like.
fn word_operator(fault: &Fault<'_>) -> Slip {
    if !fault.expects_operator() || !fault.is_word(0) {
        return None;
    }
    let at = fault.at(0);
    let word = fault.word(0);
    let (span, mended) = match (word, fault.word(1)) {
        ("is", "not") => (at.to(fault.at(2)), if is_absence(fault.word(2)) { "exists" } else { "!=" }),
        ("is", next) if is_absence(next) => (at.to(fault.at(1)), "absent"),
        ("is", "present" | "set" | "defined" | "there") => (at.to(fault.at(1)), "exists"),
        ("is", next @ ("exists" | "absent" | "empty" | "dangling")) => (at.to(fault.at(1)), next),
        ("is", "in") => (at.to(fault.at(1)), "in"),
        ("is", _) => (at, "=="),
        ("not", "in") => {
            let span = at.to(fault.at(1));
            let diagnostic = foreign(fault, span, "`not in` is no operator").help("write `not (a in b)`");
            return Some((diagnostic, Next::Repair(crate::diag::TextEdit { span, text: "in".to_owned() })));
        }
        ("starts" | "ends", _) => {
            let diagnostic =
                Diagnostic::error(codes::SEPARATOR, fault.span(), format!("`{word}` is followed by `with`"));
            let mended = format!("{word} with");
            return Some(fault.replace(diagnostic, format!("write `{mended}`"), at, &mended));
        }
        _ if fault.begins_line() => return None,
        ("missing" | "unset" | "undefined", _) => (at, "absent"),
        ("present" | "defined" | "exist", _) => (at, "exists"),
        ("has" | "includes" | "contain", _) => (at, "contains"),
        ("match" | "like" | "matching", _) => (at, "matches"),
        ("AND" | "And", _) => (at, "and"),
        ("OR" | "Or", _) => (at, "or"),
        ("IN", _) => (at, "in"),
        ("startswith" | "startsWith" | "starts_with" | "hasPrefix", _) => (at, "starts with"),
        ("endswith" | "endsWith" | "ends_with" | "hasSuffix", _) => (at, "ends with"),
        ("overlap" | "intersects", _) => (at, "overlaps"),
        ("eq" | "equals", _) => (at, "=="),
        ("ne", _) => (at, "!="),
        _ => return None,
    };
    // `is not x` keeps its operand.
    let span = if mended == "!=" && word == "is" { at.to(fault.at(1)) } else { span };
    let written = &fault.piece[span.range()];
    let diagnostic = foreign(fault, span, format!("`{written}` is no operator"));
    Some(fault.replace(diagnostic, format!("write `{mended}`"), span, mended))
}

fn is_absence(word: &str) -> bool {
    matches!(word, "missing" | "absent" | "null" | "nil" | "None" | "undefined" | "unset" | "none")
}

/// `3.5`, `3months`, `2027-03-01T10:00`.
fn number(fault: &Fault<'_>) -> Slip {
    let token = fault.token(0)?;
    if token.kind != TokenKind::Number {
        return None;
    }
    let text = token.text(fault.piece);
    let is_number = |by: isize| fault.token(by).is_some_and(|token| token.kind == TokenKind::Number);
    if fault.word(-1) == "." && is_number(-2) {
        let span = fault.at(-2).to(token.span);
        let diagnostic = Diagnostic::error(codes::NUMBER, fault.file(span), "numbers have no fractions")
            .help("compare with a whole number, or use a smaller unit");
        return Some((diagnostic, Next::Drop));
    }
    if !fault.expects_operand() && !fault.expects(Rule::time) {
        return None;
    }
    let diagnostic = Diagnostic::error(codes::NUMBER, fault.span(), format!("`{text}` is no number, duration or date"));
    let help = if text.contains('T') {
        "a time is written `2027-03-01T10:00:00Z`, in UTC"
    } else if fault.expects(Rule::time) && !fault.expects_operand() {
        "a date is written `2027-03-01`"
    } else if text.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        "the units of a duration are `ns us ms s m h d w`, as in `1h30m`"
    } else {
        "numbers are whole and decimal"
    };
    Some((diagnostic.help(help), Next::Drop))
}

/// `wher`, `given` for `give`.
fn misspelt_clause(fault: &Fault<'_>) -> Slip {
    let (words, what): (&[&str], _) = if fault.expects_clause() {
        (&CLAUSE_WORDS, "clause")
    } else if fault.expects_test_part() {
        (&TEST_WORDS, "part of a test")
    } else {
        return None;
    };
    if !fault.is_name(0) || (!fault.begins_line() && fault.expects_operator()) {
        return None;
    }
    let at = fault.at(0);
    let word = fault.word(0);
    let alias = match word {
        "when" | "if" | "filter" | "match" => Some("where"),
        "assert" | "must" | "expects" => Some("require"),
        "violation" | "fail" | "forbid" | "error" => Some("deny"),
        "foreach" | "each" | "forall" => Some("for"),
        _ => None,
    };
    let alias = alias.filter(|alias| words.contains(alias));
    let diagnostic = Diagnostic::error(codes::UNKNOWN_WORD, fault.span(), format!("no {what} begins with `{word}`"));
    let elsewhere = match word {
        "message" | "msg" => Some("a message stands at the end of `deny`, in quotes"),
        "severity" | "title" => Some("severity and title stand in the head, behind the name"),
        "description" => Some("documentation stands in `///` lines above the rule"),
        _ => None,
    };
    if let Some(help) = elsewhere {
        return Some((diagnostic.help(help), fault.cut()));
    }
    match alias.or_else(|| nearest(word, words.iter().copied())) {
        Some(meant) => Some(fault.replace(diagnostic, format!("did you mean `{meant}`"), at, meant)),
        None if fault.begins_line() => {
            let all = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            Some((diagnostic.help(format!("a {what} begins with one of {all}")), fault.cut()))
        }
        None => None,
    }
}

/// `exsts`, `contians`.
fn misspelt_operator(fault: &Fault<'_>) -> Slip {
    const OPERATORS: [&str; 9] =
        ["and", "overlaps", "matches", "contains", "exists", "absent", "empty", "dangling", "starts"];
    if !fault.expects_operator() || !fault.is_name(0) {
        return None;
    }
    let word = fault.word(0);
    let meant = nearest(word, OPERATORS.into_iter()).filter(|meant| word.len() > 2 && *meant != "starts")?;
    let diagnostic = Diagnostic::error(codes::FOREIGN, fault.span(), format!("`{word}` is no operator"));
    Some(fault.replace(diagnostic, format!("did you mean `{meant}`"), fault.at(0), meant))
}

/// `for tags in …`
fn reserved_name(fault: &Fault<'_>) -> Slip {
    let word = fault.word(0);
    let binds = fault.expects(Rule::name) || fault.expects(Rule::generator) || fault.expects(Rule::generators);
    if !binds || fault.expects_operand() || !is_reserved(word) {
        return None;
    }
    let message = format!("`{word}` is a word of the language and cannot be a name");
    let diagnostic = Diagnostic::error(codes::RESERVED, fault.span(), message).help("choose another name");
    Some((diagnostic, Next::Drop))
}
