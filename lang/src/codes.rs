//! The list of diagnostic codes. Each has a page in `lang/docs/diagnostics/`, shown by `tacit explain CODE`.
//!
//! `T00xx` syntax · `T01xx` names · `T02xx` types · `T03xx` missing values · `T04xx` confidential values ·
//! `T05xx` the shape of items and clauses · `T06xx` warnings about meaning.

use crate::diag::Code;

/// A code, its title and its page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// The page, in Markdown: cause, example, mended example.
    pub page: &'static str,
}

/// Declares the constants and the table together, so that a code without a page does not compile.
macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: Code = Code($code);
        )*
        /// Every code, in the order of the numbers.
        pub const ALL: &[Entry] = &[
            $(Entry {
                code: $name,
                title: $title,
                page: include_str!(concat!("../docs/diagnostics/", $code, ".md")),
            },)*
        ];
    };
}

codes! {
    SYNTAX = "T0001", "the text is not in the language";
    UNCLOSED = "T0002", "a text is not closed";
    FOREIGN = "T0003", "written as in another language";
    SEPARATOR = "T0004", "a comma or a colon is missing";
    UNKNOWN_WORD = "T0005", "no clause or item begins with this word";
    COLUMN = "T0006", "an item does not begin in the first column";
    HEAD = "T0007", "the head of a rule is wrong";
    TEXT = "T0008", "an escape or a brace in a text is wrong";
    NUMBER = "T0009", "a number, duration or date does not exist";
    TOO_DEEP = "T0010", "an expression is nested too deep";
    PARENTHESES = "T0011", "parentheses are needed";
    RESERVED = "T0012", "a reserved word is used as a name";
}

/// The entry of a code such as `T0103`; `None` for any other text.
pub fn find(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.code.0.eq_ignore_ascii_case(code))
}
