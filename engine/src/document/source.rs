//! The text of a file, and how bytes become text.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tacit_lang::span::{LineColumn, LineIndex, Span};

/// A file's name and text, shared by the documents read from it.
///
/// Byte offsets of spans count from the start of [`text`](Self::text). A UTF-8 byte-order mark is part of the text, so
/// the offsets are those of the file itself; a UTF-16 file is decoded first, and offsets count in the decoded text.
pub struct SourceText {
    /// The file as shown to the user; `-` stands for a stream.
    pub path: Arc<str>,
    /// The whole text.
    pub text: Box<str>,
    /// True for an object of a live cluster: it has no lines that anybody could look up.
    pub live: bool,
    lines: OnceLock<LineIndex>,
}

impl SourceText {
    /// Pairs a text with its name.
    pub fn new(path: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(SourceText { path: path.into(), text: text.into(), live: false, lines: OnceLock::new() })
    }

    /// An object of a live cluster, by the name that reports give it: `prod/Secret/shop/db`.
    pub fn live(path: impl Into<Arc<str>>, text: impl Into<Box<str>>) -> Arc<Self> {
        Arc::new(SourceText { path: path.into(), text: text.into(), live: true, lines: OnceLock::new() })
    }

    /// Decodes the bytes of a file and pairs them with its name; see [`decode`].
    pub fn from_bytes(path: impl Into<Arc<str>>, bytes: Vec<u8>) -> Result<Arc<Self>, DecodeError> {
        Ok(Self::new(path, decode(bytes)?))
    }

    /// The lines of the text, found at the first call.
    pub fn line_index(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of a byte offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        self.line_index().line_column(&self.text, offset)
    }

    /// The text a span covers; empty where the span is not one of this text's.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }
}

/// Names the file and its size only: the text may hold secrets.
impl fmt::Debug for SourceText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SourceText").field("path", &self.path).field("bytes", &self.text.len()).finish()
    }
}

/// Why bytes are not text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeError {
    /// Offset of the first byte that is wrong.
    pub offset: usize,
    /// What is wrong with it.
    pub kind: DecodeErrorKind,
}

/// The ways in which bytes fail to be text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeErrorKind {
    /// Not UTF-8, and no byte-order mark says otherwise.
    InvalidUtf8,
    /// A UTF-16 byte-order mark, but then an unpaired surrogate or half a code unit.
    InvalidUtf16,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoding = match self.kind {
            DecodeErrorKind::InvalidUtf8 => "UTF-8",
            DecodeErrorKind::InvalidUtf16 => "UTF-16",
        };
        write!(f, "byte {} is not valid {encoding}: save the file as UTF-8", self.offset)
    }
}

impl std::error::Error for DecodeError {}

/// Turns the bytes of a file into text as kubectl does: UTF-8, or UTF-16 where a byte-order mark says so. Unlike
/// kubectl, which puts U+FFFD in the place of invalid UTF-8, this reports it.
pub fn decode(bytes: Vec<u8>) -> Result<String, DecodeError> {
    match bytes.as_slice() {
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        _ => String::from_utf8(bytes).map_err(|error| DecodeError {
            offset: error.utf8_error().valid_up_to(),
            kind: DecodeErrorKind::InvalidUtf8,
        }),
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, DecodeError> {
    const MARK: usize = 2;
    let fail = |at: usize| DecodeError { offset: MARK + at, kind: DecodeErrorKind::InvalidUtf16 };
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let mut at = 0;
    for unit in char::decode_utf16(pairs.iter().map(|&pair| unit(pair))) {
        let character = unit.map_err(|_| fail(at))?;
        at += character.len_utf16() * 2;
        text.push(character);
    }
    if rest.is_empty() { Ok(text) } else { Err(fail(at)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_selects_utf_16() {
        let little: Vec<u8> =
            [0xFF, 0xFE].into_iter().chain("a: ü\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xFE, 0xFF].into_iter().chain("a: 😀".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        assert_eq!(decode(little).unwrap(), "a: ü\n");
        assert_eq!(decode(big).unwrap(), "a: 😀");
    }

    #[test]
    fn the_first_wrong_byte_is_named() {
        let utf8 = decode(b"ab\xFFc".to_vec()).unwrap_err();
        assert_eq!((utf8.offset, utf8.kind), (2, DecodeErrorKind::InvalidUtf8));
        let unpaired = decode(vec![0xFE, 0xFF, 0x00, 0x61, 0xD8, 0x00, 0x00, 0x61]).unwrap_err();
        assert_eq!((unpaired.offset, unpaired.kind), (4, DecodeErrorKind::InvalidUtf16));
        let half = decode(vec![0xFF, 0xFE, 0x61, 0x00, 0x62]).unwrap_err();
        assert_eq!(half.offset, 4);
    }

    #[test]
    fn the_text_stays_out_of_debug_output() {
        let source = SourceText::new("a.yaml", "password: hunter2");
        assert!(!format!("{source:?}").contains("hunter2"));
    }
}
