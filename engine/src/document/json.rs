//! JSON files: checked to be JSON first, then read with the parser that gives spans. JSON is YAML, apart from what
//! numbers and words without quotes mean.

use serde::de::IgnoredAny;
use serde_json::Deserializer;
use serde_json::error::Category;
use tacit_lang::span::Span;

use super::error::LoadErrorKind;
use super::load::Loader;

/// Reads all values of the text.
pub(super) fn run(loader: &mut Loader<'_>) {
    let whole = loader.text();
    let text = whole.strip_prefix('\u{FEFF}').unwrap_or(whole);
    let base = whole.len() - text.len();
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut start = base;
    while let Some(value) = values.next() {
        match value {
            Ok(_) => {
                let end = base + values.byte_offset();
                loader.run_json(start..end);
                start = end;
            }
            Err(error) => {
                let at = base + offset(text, error.line(), error.column());
                loader.fail(Span::at(at as u32), LoadErrorKind::Syntax, message(&error));
                loader.close_failed(whole.len() as u32);
                return;
            }
        }
    }
}

/// The length in bytes of the longest string of a JSON text, with the blanks around it.
pub(super) fn longest_string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut last = 0;
    let mut longest = 0;
    // Every second quote that is not escaped ends a string; the distance between any two bounds its length.
    for at in memchr::memchr_iter(b'"', bytes) {
        let escapes = bytes[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        if escapes % 2 == 0 {
            longest = longest.max(at - last);
            last = at;
        }
    }
    longest.max(bytes.len() - last)
}

/// The byte offset of a line and column, both counted from 1, the column in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let bytes = text.as_bytes();
    let start = match line {
        0 | 1 => 0,
        _ => memchr::memchr_iter(b'\n', bytes).nth(line - 2).map_or(bytes.len(), |at| at + 1),
    };
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn message(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Eof => "the JSON text ends too early".to_owned(),
        // The reason is one of a fixed list, with the place behind it.
        _ => format!("not JSON: {}", error.to_string().split(" at line ").next().unwrap_or("")),
    }
}
