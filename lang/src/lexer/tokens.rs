//! Cuts text into tokens. Blanks are between them; everything else is in one.

use memchr::memchr;

use super::is_word_byte;
use super::scan::{block_end, escape_length, raw_end, regex_end, string_end};
use crate::span::Span;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A name or reserved word.
    Word,
    /// A number, a duration, a date or a time.
    Number,
    /// `"text {expr}"`, on one line.
    Text {
        /// The closing quote is there.
        closed: bool,
        /// Each `{` has its `}`.
        balanced: bool,
    },
    /// `r"raw"`
    Raw {
        /// The closing quote is there.
        closed: bool,
    },
    /// `"""block"""`
    Block {
        /// The closing quotes are there.
        closed: bool,
    },
    /// `/regex/`
    Regex,
    /// `'text'`, which the language does not have.
    SingleQuoted,
    /// An operator or a bracket.
    Sign,
    /// `// …`, `/// …`, `//! …` to the end of the line.
    Comment,
    /// A character that begins nothing.
    Stray,
}

/// A token and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where it stands.
    pub span: Span,
}

impl Token {
    /// The token as written.
    pub fn text<'a>(&self, text: &'a str) -> &'a str {
        &text[self.span.range()]
    }

    /// True for each of the four forms of text.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, TokenKind::Text { .. } | TokenKind::Raw { .. } | TokenKind::Block { .. })
    }
}

/// Signs of more than one byte, longest first. The last three belong to other languages and are told apart so that
/// a diagnostic can name them.
const SIGNS: &[&str] = &["===", "!==", "==", "!=", "<=", ">=", "??", "++", "->", "&&", "||", "=>"];

/// The tokens of `text[span]`, in order, comments included.
pub fn tokens(text: &str, span: Span) -> impl Iterator<Item = Token> + '_ {
    let mut at = span.start as usize;
    let end = (span.end as usize).min(text.len());
    std::iter::from_fn(move || {
        let bytes = &text.as_bytes()[..end];
        while at < end && (bytes[at].is_ascii_whitespace() || bytes[at..].starts_with("\u{feff}".as_bytes())) {
            at += if bytes[at] == 0xef { 3 } else { 1 };
        }
        if at >= end {
            return None;
        }
        let (kind, stop) = token(text, bytes, at);
        let token = Token { kind, span: Span::new(at as u32, stop as u32) };
        at = stop;
        Some(token)
    })
}

fn token(text: &str, bytes: &[u8], at: usize) -> (TokenKind, usize) {
    match bytes[at] {
        b'r' if bytes.get(at + 1) == Some(&b'"') => {
            let end = raw_end(bytes, at + 1);
            (TokenKind::Raw { closed: end.is_some_and(|end| end.closed) }, end.map_or(at + 2, |end| end.at.max(at + 2)))
        }
        byte if byte.is_ascii_alphabetic() || byte == b'_' => {
            (TokenKind::Word, at + bytes[at..].iter().take_while(|&&byte| is_word_byte(byte)).count())
        }
        byte if byte.is_ascii_digit() => (TokenKind::Number, number_end(bytes, at)),
        b'"' if bytes[at..].starts_with(b"\"\"\"") => {
            let end = block_end(bytes, at);
            (TokenKind::Block { closed: end.closed }, end.at.max(at + 3))
        }
        b'"' => {
            let end = string_end(bytes, at);
            (TokenKind::Text { closed: end.closed, balanced: end.balanced }, end.at.max(at + 1))
        }
        b'/' if bytes.get(at + 1) == Some(&b'/') => {
            let mut end = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |found| at + found);
            while end > at && bytes[end - 1].is_ascii_whitespace() {
                end -= 1;
            }
            (TokenKind::Comment, end)
        }
        b'/' => match regex_end(bytes, at) {
            Some(end) => (TokenKind::Regex, end),
            None => (TokenKind::Stray, at + 1),
        },
        b'\'' => match single_quoted_end(bytes, at) {
            Some(end) => (TokenKind::SingleQuoted, end),
            None => (TokenKind::Stray, at + 1),
        },
        _ => sign(text, bytes, at),
    }
}

fn sign(text: &str, bytes: &[u8], at: usize) -> (TokenKind, usize) {
    if let Some(sign) = SIGNS.iter().find(|sign| bytes[at..].starts_with(sign.as_bytes())) {
        return (TokenKind::Sign, at + sign.len());
    }
    match bytes[at] {
        b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'.' | b',' | b':' | b'|' | b'=' | b'<' | b'>' | b'+' | b'-'
        | b'*' | b'?' | b'!' | b'&' => (TokenKind::Sign, at + 1),
        _ => {
            let length = text[at..].chars().next().map_or(1, char::len_utf8);
            (TokenKind::Stray, at + length)
        }
    }
}

/// `42`, `1_000`, `1h30m`, `2027-03-01`, `2027-03-01T10:00:00Z`; letters that follow a number belong to it, so that
/// `10min` is one wrong duration and not a number beside a name.
fn number_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + bytes[start..].iter().take_while(|&&byte| is_word_byte(byte)).count();
    let is_date = |at: usize| {
        bytes.get(at..at + 6).is_some_and(|rest| {
            rest[0] == b'-' && rest[3] == b'-' && [1, 2, 4, 5].iter().all(|&index| rest[index].is_ascii_digit())
        })
    };
    if at - start == 4 && is_date(at) {
        at += 6;
        while bytes.get(at).is_some_and(|&byte| is_word_byte(byte) || byte == b':') {
            // A colon belongs to a time only before a digit: `all x in xs: …` ends with one.
            if bytes[at] == b':' && !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
                break;
            }
            at += 1;
        }
    }
    at
}

fn single_quoted_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\'' => return Some(at + 1),
            b'\n' => return None,
            b'\\' if bytes.get(at + 1).is_some_and(|&next| next != b'\n') => at += 2,
            _ => at += 1,
        }
    }
}

/// The insides of the interpolations of a `"text {expr}"` that stands at `token`, braces excluded.
pub fn interpolations(text: &str, token: &Token) -> Vec<Span> {
    let TokenKind::Text { balanced: true, closed: true } = token.kind else { return Vec::new() };
    let bytes = &text.as_bytes()[..token.span.end as usize];
    let mut at = token.span.start as usize + 1;
    let mut spans = Vec::new();
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += escape_length(bytes, at),
            b'{' if bytes.get(at + 1) == Some(&b'{') => at += 2,
            b'{' => {
                let inside = Span::new(at as u32 + 1, token.span.end);
                // The inside ends at the first `}` that is a token of its own.
                let close = tokens(text, inside).find(|inner| inner.text(text) == "}");
                let end = close.map_or(token.span.end - 1, |close| close.span.start);
                spans.push(Span::new(at as u32 + 1, end));
                at = end as usize + 1;
            }
            _ => at += 1,
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        tokens(text, Span::new(0, text.len() as u32)).map(|token| token.text(text)).collect()
    }

    #[test]
    fn words_signs_and_literals_are_told_apart() {
        assert_eq!(
            cut("a-b->c[].d ?? 1h30m <= 2027-03-01T10:00:00Z // x"),
            ["a", "-", "b", "->", "c", "[", "]", ".", "d", "??", "1h30m", "<=", "2027-03-01T10:00:00Z", "// x"]
        );
        assert_eq!(cut("until 2027-03-01: x"), ["until", "2027-03-01", ":", "x"]);
        assert_eq!(cut("x matches /a\\/\"b/ r\"c\\\""), ["x", "matches", "/a\\/\"b/", "r\"c\\\""]);
    }

    #[test]
    fn a_text_holds_its_interpolations() {
        let text = "\"a {b[\"c\"]} {{d}} {e}\" f";
        assert_eq!(cut(text), ["\"a {b[\"c\"]} {{d}} {e}\"", "f"]);
        let first = tokens(text, Span::new(0, text.len() as u32)).next().expect("a token");
        let inside: Vec<&str> = interpolations(text, &first).iter().map(|span| &text[span.range()]).collect();
        assert_eq!(inside, ["b[\"c\"]", "e"]);
    }

    #[test]
    fn an_unbalanced_brace_does_not_swallow_the_next_text() {
        let text = "\"a {b\" \"c\"";
        let kinds: Vec<TokenKind> = tokens(text, Span::new(0, text.len() as u32)).map(|token| token.kind).collect();
        assert_eq!(
            kinds,
            [TokenKind::Text { closed: true, balanced: false }, TokenKind::Text { closed: true, balanced: true }]
        );
    }
}
