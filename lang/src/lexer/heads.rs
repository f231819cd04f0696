//! What an item is called and which names it uses, without parsing it.

use super::{Keyword, RawItem, Token, TokenKind, interpolations, is_reserved, tokens};
use crate::ast::Severity;
use crate::span::Span;

/// The head of an item, read without parsing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleHead<'a> {
    /// The code of a rule.
    pub code: Option<&'a str>,
    /// The name of the item; of a `test` or `waive` the rule that it names, of `field` and `link` the owner.
    pub name: Option<&'a str>,
    /// The severity of a rule.
    pub severity: Option<Severity>,
    /// The names that the item uses, sorted, each once: words outside strings, and in the expressions inside
    /// strings, that are neither reserved nor fields after a dot.
    pub names: Vec<&'a str>,
}

/// Reads the head of an item that [`super::items`] found in `text`.
pub fn heads<'a>(text: &'a str, raw: &RawItem) -> RuleHead<'a> {
    let mut head = RuleHead::default();
    let mut stream = tokens(text, raw.span).peekable();
    // The item word, or the word that was meant to be one.
    stream.next();
    // Names with hyphens are several tokens that touch.
    while let Some(first) = stream.peek().copied() {
        if first.kind != TokenKind::Word {
            break;
        }
        stream.next();
        let mut end = first.span.end;
        while let Some(next) = stream.next_if(|next| next.span.start == end && is_name_part(text, next)) {
            end = next.span.end;
        }
        let word = &text[first.span.start as usize..end as usize];
        match raw.keyword {
            Some(Keyword::Rule) => {
                if let Some(severity) = Severity::parse(word) {
                    head.severity = Some(severity);
                    break;
                } else if word.contains('-') {
                    head.name = Some(word);
                } else if head.name.is_none() && head.code.is_none() {
                    head.code = Some(word);
                } else {
                    break;
                }
            }
            _ => {
                head.name = Some(word);
                break;
            }
        }
    }
    let mut previous_dot = false;
    for token in stream {
        note(text, &token, &mut previous_dot, &mut head.names);
    }
    if matches!(raw.keyword, Some(Keyword::Field | Keyword::Link)) {
        head.names.extend(head.name);
    }
    head.names.sort_unstable();
    head.names.dedup();
    head
}

fn is_name_part(text: &str, token: &Token) -> bool {
    token.kind == TokenKind::Word || token.kind == TokenKind::Number || token.text(text) == "-"
}

fn note<'a>(text: &'a str, token: &Token, after_dot: &mut bool, names: &mut Vec<&'a str>) {
    match token.kind {
        TokenKind::Word if !*after_dot => {
            let word = token.text(text);
            if !is_reserved(word) {
                names.push(word);
            }
        }
        TokenKind::Text { .. } => {
            for inside in interpolations(text, token) {
                note_all(text, inside, names);
            }
        }
        _ => {}
    }
    *after_dot = token.text(text) == ".";
}

fn note_all<'a>(text: &'a str, span: Span, names: &mut Vec<&'a str>) {
    let mut after_dot = false;
    for token in tokens(text, span) {
        note(text, &token, &mut after_dot, names);
    }
}

#[cfg(test)]
mod tests {
    use super::super::items;
    use super::*;

    #[test]
    fn a_rule_tells_code_name_severity_and_names() {
        let text = "rule ENV001 secret-in-env medium \"Files, not Env\"\n  for w in Workload, c in w.containers\n  \
                    deny when c.env exists \"{c.name} of {Owner.kind} in Text\"\n";
        let raw = items(text)[0];
        let head = heads(text, &raw);
        assert_eq!(head.code, Some("ENV001"));
        assert_eq!(head.name, Some("secret-in-env"));
        assert_eq!(head.severity, Some(Severity::Medium));
        assert_eq!(head.names, ["Owner", "Workload", "c", "w"]);
    }

    #[test]
    fn other_items_tell_their_name() {
        let text = "link Pod.spec.x to Secret\ntest a-b2-c \"t\"\nuse \"x\"";
        let names: Vec<Option<&str>> = items(text).iter().map(|raw| heads(text, raw).name).collect();
        assert_eq!(names, [Some("Pod"), Some("a-b2-c"), None]);
    }
}
