//! Splits a file into items: the pass that every other one rests on, fast enough to run on each keystroke.

use memchr::{memchr, memchr3};

use super::scan::{block_end, is_raw, raw_end, regex_end, string_end, trim_end};
use super::{Keyword, is_word_byte};
use crate::ast::Severity;
use crate::span::Span;

/// An item found by its reserved word in the first column, not parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawItem {
    /// Its reserved word; `None` for text before the first item, which belongs to none.
    pub keyword: Option<Keyword>,
    /// From the reserved word to the last token.
    pub span: Span,
    /// The `///` lines before it, from the first to the last.
    pub doc_span: Option<Span>,
}

/// Splits a file into its items, in order. Comments between items belong to none.
pub fn items(text: &str) -> Vec<RawItem> {
    let bytes = text.as_bytes();
    let mut splitter = Splitter { bytes, items: Vec::new(), open: None, doc: None, code_end: 0 };
    let mut line = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
    while line < bytes.len() {
        line = splitter.line(line);
    }
    splitter.close();
    splitter.items
}

struct Splitter<'a> {
    bytes: &'a [u8],
    items: Vec<RawItem>,
    /// The item whose end is not yet known, with its documentation.
    open: Option<(Option<Keyword>, usize, Option<Span>)>,
    /// `///` lines seen since the last code.
    doc: Option<Span>,
    /// Offset after the last token.
    code_end: usize,
}

impl Splitter<'_> {
    /// Reads the line that starts at `start`, with what follows on other lines if a block string begins in it;
    /// returns the start of the next line.
    fn line(&mut self, start: usize) -> usize {
        let bytes = self.bytes;
        let keyword = item_word(bytes, start);
        if keyword.is_some() {
            self.close();
            self.open = Some((keyword, start, self.doc.take()));
        }
        let mut code = start;
        let mut at = start;
        loop {
            let Some(found) = memchr3(b'"', b'/', b'\n', &bytes[at..]) else {
                self.code(code, bytes.len());
                return bytes.len();
            };
            at += found;
            match bytes[at] {
                b'\n' => {
                    self.code(code, at);
                    return at + 1;
                }
                b'"' => {
                    let end = if is_raw(bytes, at) {
                        raw_end(bytes, at).map_or(at + 1, |end| end.at)
                    } else if bytes[at..].starts_with(b"\"\"\"") {
                        block_end(bytes, at).at
                    } else {
                        string_end(bytes, at).at
                    };
                    at = end.max(at + 1);
                    self.code(code, at);
                    code = at;
                }
                _ if bytes.get(at + 1) == Some(&b'/') => {
                    self.code(code, at);
                    let line_break = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
                    self.comment(start, at, line_break);
                    return (line_break + 1).min(bytes.len());
                }
                _ => at = regex_end(bytes, at).unwrap_or(at + 1),
            }
        }
    }

    /// Notes that `from..to` may hold code.
    fn code(&mut self, from: usize, to: usize) {
        let end = trim_end(self.bytes, from, to);
        if end > from {
            self.code_end = end;
            self.doc = None;
            if self.open.is_none() {
                let start = from + self.bytes[from..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.open = Some((None, start, None));
            }
        }
    }

    fn comment(&mut self, line: usize, start: usize, end: usize) {
        let bytes = self.bytes;
        let is_doc = bytes[start..].starts_with(b"///") && bytes.get(start + 3) != Some(&b'/');
        if is_doc && trim_end(bytes, line, start) == line {
            let span = Span::new(start as u32, trim_end(bytes, start, end) as u32);
            self.doc = Some(self.doc.map_or(span, |doc| doc.to(span)));
        }
    }

    fn close(&mut self) {
        if let Some((keyword, start, doc_span)) = self.open.take() {
            let span = Span::new(start as u32, self.code_end.max(start) as u32);
            self.items.push(RawItem { keyword, span, doc_span });
        }
    }
}

/// The item word that starts at `at`, followed by a blank, a quote or the end.
fn item_word(bytes: &[u8], at: usize) -> Option<Keyword> {
    if !matches!(*bytes.get(at)?, b'r' | b'p' | b'l' | b'f' | b'g' | b'v' | b'k' | b'w' | b't' | b'u' | b'e') {
        return None;
    }
    let word = word_at(bytes, at);
    let keyword = Keyword::parse(word)?;
    match bytes.get(at + word.len()) {
        None | Some(b' ' | b'\t' | b'\r' | b'\n' | b'"' | b'/') => Some(keyword),
        Some(_) => None,
    }
}

/// True where an item begins at `at` beyond doubt: its word, a blank, and a name as that item has it. Text inside
/// a block string hardly ever looks so (`kind: Pod` does not).
pub fn looks_like_item(bytes: &[u8], at: usize) -> bool {
    let Some(keyword) = item_word(bytes, at) else { return false };
    let line = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
    let rest = &bytes[at + keyword.as_str().len()..line];
    let (name, after) = next_name(rest);
    let sign = after.first().copied();
    match keyword {
        Keyword::Rule => {
            let (second, after_second) = next_name(after);
            let severity = |text: &str| Severity::parse(text).is_some();
            (name.contains('-') && severity(second)) || (second.contains('-') && severity(next_name(after_second).0))
        }
        Keyword::Param => !name.is_empty() && sign == Some(b':'),
        Keyword::Let | Keyword::View | Keyword::Kind => !name.is_empty() && sign == Some(b'='),
        Keyword::Fn => !name.is_empty() && sign == Some(b'('),
        Keyword::Group => !name.is_empty() && next_name(after).0 == "of",
        Keyword::Field | Keyword::Link => {
            name.bytes().next().is_some_and(|byte| byte.is_ascii_uppercase()) && sign == Some(b'.')
        }
        Keyword::Waive => !name.is_empty() && next_name(after).0 == "for",
        Keyword::Test => !name.is_empty() && sign == Some(b'"'),
        Keyword::Use => name.is_empty() && sign == Some(b'"'),
        Keyword::Edition => !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()),
    }
}

/// The word at `at`; empty where none stands there.
fn word_at(bytes: &[u8], at: usize) -> &str {
    let length = bytes[at..].iter().take_while(|&&byte| is_word_byte(byte)).count();
    // Word bytes are ASCII, so this never falls back.
    std::str::from_utf8(&bytes[at..at + length]).unwrap_or("")
}

/// The next word, hyphens included, and what follows it, both without leading blanks.
fn next_name(bytes: &[u8]) -> (&str, &[u8]) {
    let bytes = bytes.trim_ascii_start();
    let length = bytes.iter().take_while(|&&byte| is_word_byte(byte) || byte == b'-').count();
    (std::str::from_utf8(&bytes[..length]).unwrap_or(""), bytes[length..].trim_ascii_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `word: first line … last word` of each item.
    fn split(text: &str) -> Vec<&str> {
        items(text).iter().map(|item| &text[item.span.range()]).collect()
    }

    #[test]
    fn items_begin_at_reserved_words_in_the_first_column() {
        let text = "let a = 1 // one\n\n// between\nrule a-b low \"x\"\n  for k in kind\n  let b = 2\n\nuse \"x\"\n";
        assert_eq!(split(text), ["let a = 1", "rule a-b low \"x\"\n  for k in kind\n  let b = 2", "use \"x\""]);
    }

    #[test]
    fn strings_comments_and_regexes_hide_words_and_quotes() {
        let text = "let a = \"// {b[\"let\"]}\" // \"\nlet b = r\"\\\" ++ x\nlet c = x matches /\"/\nlet d = 1";
        assert_eq!(split(text).len(), 4);
        assert_eq!(split(text)[0], "let a = \"// {b[\"let\"]}\"");
    }

    #[test]
    fn yaml_in_a_block_is_no_item() {
        let text = "test a-b \"t\"\n  given \"\"\"\nkind: Pod\nuse: x\nlet\n\"\"\"\n  expect clean\nlet a = 1\n";
        let items = split(text);
        assert_eq!(items.len(), 2);
        assert!(items[0].ends_with("expect clean"));
    }

    #[test]
    fn an_unclosed_block_ends_before_the_next_item() {
        let text = "test a-b \"t\"\n  given \"\"\"\n    kind: Pod\n\nrule c-d low \"x\"\n  deny \"\"\"y\"\"\"\n";
        assert_eq!(
            split(text),
            ["test a-b \"t\"\n  given \"\"\"\n    kind: Pod", "rule c-d low \"x\"\n  deny \"\"\"y\"\"\""]
        );
    }

    #[test]
    fn an_unclosed_string_ends_with_its_line() {
        let text = "let a = \"x\nlet b = \"{c\nlet d = 1";
        assert_eq!(split(text), ["let a = \"x", "let b = \"{c", "let d = 1"]);
    }

    #[test]
    fn documentation_is_kept_beside_the_item() {
        let text = "//! file\n\n/// one\n/// two\nlet a = 1\n//// three\nlet b = 2";
        let items = items(text);
        assert_eq!(items[0].doc_span.map(|span| &text[span.range()]), Some("/// one\n/// two"));
        assert_eq!(items[1].doc_span, None);
    }

    #[test]
    fn text_before_the_first_item_is_kept_apart() {
        let text = "rul a-b low \"x\"\nlet a = 1";
        let items = items(text);
        assert_eq!(items[0].keyword, None);
        assert_eq!(&text[items[0].span.range()], "rul a-b low \"x\"");
        assert_eq!(items.len(), 2);
    }
}
