//! Tests on text: patterns, beginnings, ends, parts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use regex::Regex;
use tacit_lang::ast::BinaryOp;

use super::read::no_bytes;
use super::source::unknown;
use crate::value::{Data, Outcome, Value, doubt};

/// Compiled patterns that are kept; a program computes few.
const KEPT_PATTERNS: usize = 1_000;
/// Largest compiled pattern, in bytes: one from a manifest must not take the memory of the machine.
const PATTERN_SIZE: usize = 1 << 20;

/// `left matches right`
pub(super) fn matches<'a>(left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, bool> {
    match left.data {
        Data::Unknown => return unknown(left.origin),
        Data::NoBytes => return no_bytes(left.origin),
        _ => {}
    }
    let Some(text) = left.as_text() else {
        // Bytes that are no text match nothing.
        return match left.data {
            Data::Bytes(_) => Ok(false),
            _ => doubt(format!("{} cannot match a pattern", left.data.noun()), "", left.origin),
        };
    };
    Ok(pattern(right)?.is_match(text))
}

/// The pattern that a value is, or states.
pub(crate) fn pattern<'a>(value: &Value<'a>) -> Outcome<'a, Arc<Regex>> {
    let regex = match (&value.data, value.as_str()) {
        (Data::Regex(pattern), _) => pattern.regex().cloned(),
        (_, Some(text)) => compile(text),
        _ => return doubt(format!("{} is no pattern", value.data.noun()), "", value.origin),
    };
    match regex {
        Some(regex) => Ok(regex),
        None => doubt("a pattern is no regular expression", "a pattern in RE2 syntax", value.origin),
    }
}

/// Patterns that were met before; nothing where one is none.
type Known = Mutex<HashMap<Box<str>, Option<Arc<Regex>>>>;

fn compile(text: &str) -> Option<Arc<Regex>> {
    static KNOWN: OnceLock<Known> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(regex) = known.lock().unwrap_or_else(PoisonError::into_inner).get(text) {
        return regex.clone();
    }
    let regex = regex::RegexBuilder::new(text).size_limit(PATTERN_SIZE).build().ok().map(Arc::new);
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() >= KEPT_PATTERNS {
        known.clear();
    }
    known.insert(text.into(), regex.clone());
    regex
}

/// `starts with`, `ends with`, `contains`, on bytes where one side is bytes.
pub(super) fn test<'a>(op: BinaryOp, left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, bool> {
    for side in [left, right] {
        match side.data {
            Data::Unknown => return unknown(side.origin),
            Data::NoBytes => return no_bytes(side.origin),
            _ => {}
        }
    }
    let (Some(text), Some(part)) = (bytes(left), bytes(right)) else {
        let text = format!("`{}` cannot compare {} and {}", op.as_str(), left.data.noun(), right.data.noun());
        return doubt(text, "", left.origin.or(right.origin));
    };
    Ok(match op {
        BinaryOp::StartsWith => text.starts_with(part),
        BinaryOp::EndsWith => text.ends_with(part),
        _ => memchr::memmem::find(text, part).is_some(),
    })
}

fn bytes<'v>(value: &'v Value<'_>) -> Option<&'v [u8]> {
    match &value.data {
        Data::Bytes(bytes) => Some(bytes),
        _ => value.as_str().map(str::as_bytes),
    }
}
