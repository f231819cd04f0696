//! Where the literals that hide other text end: strings, block strings, raw strings, regexes.

use memchr::{memchr, memmem};

use super::items::looks_like_item;

/// How far an interpolation may reach, in bytes; bounds the work on hostile text.
const INTERPOLATION_REACH: usize = 2048;
/// Strings within interpolations within strings.
const INTERPOLATION_DEPTH: usize = 8;

/// The end of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    /// Offset after the literal.
    pub at: usize,
    /// False where the closing sign is missing; `at` is then the end of the line, or of the block.
    pub closed: bool,
    /// False where a `{` of a string has no `}` before the string ends.
    pub balanced: bool,
}

/// The end of a `"string {expr}"` whose opening quote is at `start`. It closes on its line.
pub(super) fn string_end(bytes: &[u8], start: usize) -> End {
    let limit = start + INTERPOLATION_REACH;
    if let Some(at) = string_inner(bytes, start + 1, limit, 0) {
        return End { at, closed: true, balanced: true };
    }
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return End { at: at + 1, closed: true, balanced: false },
            b'\n' => break,
            b'\\' if at + 1 < bytes.len() && bytes[at + 1] != b'\n' => at += 2,
            _ => at += 1,
        }
    }
    End { at: line_end(bytes, at), closed: false, balanced: true }
}

/// Offset after the closing quote, `None` where the line, the reach or the depth ends first.
fn string_inner(bytes: &[u8], mut at: usize, limit: usize, depth: usize) -> Option<usize> {
    loop {
        match *bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' => return None,
            b'\\' => at += escape_length(bytes, at),
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => at = interpolation_end(bytes, at + 1, limit, depth)?,
            _ => at += 1,
        }
    }
}

/// Length of what the backslash at `at` begins; the brace of `\u{…}` opens no interpolation.
pub(super) fn escape_length(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at + 1) {
        Some(b'\n') => 1,
        Some(b'u') if bytes.get(at + 2) == Some(&b'{') => 3,
        _ => 2,
    }
}

/// Offset after the `}` of an interpolation that starts before `at`.
fn interpolation_end(bytes: &[u8], mut at: usize, limit: usize, depth: usize) -> Option<usize> {
    if depth >= INTERPOLATION_DEPTH {
        return None;
    }
    while at < limit {
        match *bytes.get(at)? {
            b'}' => return Some(at + 1),
            b'\n' | b'{' => return None,
            b'"' if is_raw(bytes, at) => at = raw_end(bytes, at).filter(|end| end.closed)?.at,
            b'"' => at = string_inner(bytes, at + 1, limit, depth + 1)?,
            b'/' => at = regex_end(bytes, at)?,
            _ => at += 1,
        }
    }
    None
}

/// True where the quote at `quote` belongs to `r"…"`.
pub(super) fn is_raw(bytes: &[u8], quote: usize) -> bool {
    quote > 0 && bytes[quote - 1] == b'r' && (quote == 1 || !super::is_word_byte(bytes[quote - 2]))
}

/// The end of an `r"raw"` text whose quote is at `quote`. Always something; an option to chain on.
pub(super) fn raw_end(bytes: &[u8], quote: usize) -> Option<End> {
    let line = memchr(b'\n', &bytes[quote..]).map_or(bytes.len(), |found| quote + found);
    Some(match memchr(b'"', &bytes[quote + 1..line.max(quote + 1)]) {
        Some(found) => End { at: quote + found + 2, closed: true, balanced: true },
        None => End { at: line_end(bytes, line), closed: false, balanced: true },
    })
}

/// Offset after a `/regex/` whose first slash is at `start`; `None` where it does not close on its line.
pub(super) fn regex_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'/' => return (at > start + 1).then_some(at + 1),
            b'\n' => return None,
            b'\\' if bytes.get(at + 1).is_some_and(|&next| next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
}

/// The end of a `"""block"""` whose first quote is at `start`.
///
/// A line that begins, in the first column, as an item does ends the block too: then the closing quotes were
/// forgotten, and the items that follow are not swallowed.
pub(super) fn block_end(bytes: &[u8], start: usize) -> End {
    let body = start + 3;
    let close = memmem::find(&bytes[body.min(bytes.len())..], b"\"\"\"").map(|found| body + found);
    let end = close.unwrap_or(bytes.len());
    let mut line = body.min(end);
    while let Some(found) = memchr(b'\n', &bytes[line..end]) {
        line += found + 1;
        if line < bytes.len() && looks_like_item(bytes, line) {
            return End { at: trim_end(bytes, body, line), closed: false, balanced: true };
        }
    }
    match close {
        Some(at) => End { at: at + 3, closed: true, balanced: true },
        None => End { at: trim_end(bytes, body.min(bytes.len()), bytes.len()), closed: false, balanced: true },
    }
}

/// The end of `bytes[from..to]` without the blanks at its end.
pub(super) fn trim_end(bytes: &[u8], from: usize, to: usize) -> usize {
    let mut end = to;
    while end > from && bytes[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    end
}

/// The end of a line whose break (or the end of the text) is at `line_break`, without blanks.
fn line_end(bytes: &[u8], line_break: usize) -> usize {
    let mut end = line_break;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'\t' | b'\r') {
        end -= 1;
    }
    end
}
