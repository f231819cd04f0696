//! The parameters of the call around a cursor.

use super::{Analysis, hover};
use crate::builtin::methods;
use crate::lexer::{self, Token, TokenKind};
use crate::span::Span;

/// A function or method, and where in its arguments the cursor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// As written: `.replace(pattern, replacement)`.
    pub label: String,
    /// The places of the parameters in `label`, in bytes.
    pub params: Vec<Span>,
    /// Index of the parameter at the cursor.
    pub active: usize,
    /// What it does; may be empty.
    pub doc: String,
}

/// The signatures of the call around an offset; a method name can have several.
pub fn signature_help(analysis: &Analysis, module: &str, offset: u32) -> Vec<Signature> {
    let text = analysis.text(module);
    // A call can stand open at the end of an item: what was typed last may be a blank.
    let Some(raw) = analysis.raw(module).iter().rfind(|raw| raw.span.start <= offset) else { return Vec::new() };
    let start = raw.span.start;
    let tokens = inner_tokens(text, Span::new(start, offset));
    let Some((name, is_method, active)) = call(text, &tokens) else { return Vec::new() };
    if is_method {
        return methods::ALL
            .iter()
            .filter(|signature| signature.call && signature.name == name)
            .map(|signature| make(hover::method_signature(signature), active, signature.doc.to_owned()))
            .collect();
    }
    let Some(function) = analysis.compiler().function(name) else { return Vec::new() };
    vec![make(format!("{name}{}", function.detail), active, function.doc.to_string())]
}

fn make(label: String, active: usize, doc: String) -> Signature {
    let mut params = Vec::new();
    if let (Some(open), Some(close)) = (label.find('('), label.find(')')) {
        let mut at = open + 1;
        for part in label[open + 1..close].split(',') {
            let trimmed = part.trim_start();
            let start = at + part.len() - trimmed.len();
            if !trimmed.is_empty() {
                params.push(Span::new(start as u32, (start + trimmed.len()) as u32));
            }
            at += part.len() + 1;
        }
    }
    Signature { label, params, active, doc }
}

/// The tokens before the end of a span; of a text that the end lies in, the tokens of the interpolation around it.
pub(super) fn inner_tokens(text: &str, span: Span) -> Vec<Token> {
    let mut tokens: Vec<Token> = lexer::tokens(text, span).filter(|token| token.kind != TokenKind::Comment).collect();
    if let Some(last) = tokens.last().copied()
        && matches!(last.kind, TokenKind::Text { closed: false, .. })
    {
        let inside = &text[last.span.range()];
        let mut open = None;
        let mut at = 1;
        while at < inside.len() {
            match inside.as_bytes()[at] {
                b'\\' => at += 1,
                b'{' if inside.as_bytes().get(at + 1) == Some(&b'{') => at += 1,
                b'{' => open = Some(at + 1),
                b'}' => open = None,
                _ => {}
            }
            at += 1;
        }
        if let Some(open) = open {
            tokens = lexer::tokens(text, Span::new(last.span.start + open as u32, span.end)).collect();
        }
    }
    tokens
}

/// Name of the innermost call that is still open, whether it is a method, and the index of its argument.
fn call<'t>(text: &'t str, tokens: &[Token]) -> Option<(&'t str, bool, usize)> {
    let (mut depth, mut commas) = (0i32, 0);
    for at in (0..tokens.len()).rev() {
        match tokens[at].text(text) {
            ")" | "]" => depth += 1,
            "[" if depth > 0 => depth -= 1,
            "[" => commas = 0,
            "(" if depth > 0 => depth -= 1,
            "(" => {
                let name = at.checked_sub(1).and_then(|before| tokens.get(before));
                match name {
                    Some(name) if name.kind == TokenKind::Word && !lexer::is_reserved(name.text(text)) => {
                        let dot = at.checked_sub(2).is_some_and(|before| tokens[before].text(text) == ".");
                        return Some((name.text(text), dot, commas));
                    }
                    _ => commas = 0,
                }
            }
            "," if depth == 0 => commas += 1,
            _ => {}
        }
    }
    None
}
