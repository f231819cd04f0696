//! The text of a rule file, cut into items and tokens without parsing.
//!
//! [`items`] splits a file at the reserved words of the first column, [`heads`] reads what an item is called and
//! which names it uses, [`tokens`] cuts any stretch of text into words, literals, signs and comments. All three
//! accept any text: what cannot be read is a token or an item of its own, never an error.

mod heads;
mod items;
mod scan;
mod tokens;

pub use heads::{RuleHead, heads};
pub use items::{RawItem, items, looks_like_item};
pub use tokens::{Token, TokenKind, interpolations, tokens};

/// A reserved word that begins an item in the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words of the language")]
pub enum Keyword {
    Rule,
    Param,
    Let,
    Fn,
    Group,
    Field,
    Link,
    View,
    Kind,
    Waive,
    Test,
    Use,
    Edition,
}

impl Keyword {
    /// All item words.
    pub const ALL: [Keyword; 13] = [
        Keyword::Rule,
        Keyword::Param,
        Keyword::Let,
        Keyword::Fn,
        Keyword::Group,
        Keyword::Field,
        Keyword::Link,
        Keyword::View,
        Keyword::Kind,
        Keyword::Waive,
        Keyword::Test,
        Keyword::Use,
        Keyword::Edition,
    ];

    /// The word as written.
    pub fn as_str(self) -> &'static str {
        match self {
            Keyword::Rule => "rule",
            Keyword::Param => "param",
            Keyword::Let => "let",
            Keyword::Fn => "fn",
            Keyword::Group => "group",
            Keyword::Field => "field",
            Keyword::Link => "link",
            Keyword::View => "view",
            Keyword::Kind => "kind",
            Keyword::Waive => "waive",
            Keyword::Test => "test",
            Keyword::Use => "use",
            Keyword::Edition => "edition",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|keyword| keyword.as_str() == word)
    }
}

/// Words that name nothing: they are clauses, operators and literals. After a dot, before `:` in `yield (…)` and
/// before `=` in `by …` and `with …` any word is a name. Words that begin items are free inside an item, `let` aside.
pub const RESERVED: &[&str] = &[
    "absent",
    "all",
    "and",
    "any",
    "as",
    "at",
    "contains",
    "controls",
    "dangling",
    "deny",
    "docs",
    "else",
    "empty",
    "ends",
    "exists",
    "expect",
    "false",
    "fix",
    "for",
    "from",
    "given",
    "if",
    "in",
    "let",
    "matches",
    "not",
    "now",
    "or",
    "overlaps",
    "remedy",
    "require",
    "starts",
    "tags",
    "then",
    "true",
    "undecided",
    "when",
    "where",
    "with",
    "yield",
];

/// True for a word of [`RESERVED`].
pub fn is_reserved(word: &str) -> bool {
    // Most names are of one letter, or have a capital.
    (2..=9).contains(&word.len()) && RESERVED.binary_search(&word).is_ok()
}

/// True for the bytes of words.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
