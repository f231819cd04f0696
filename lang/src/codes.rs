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
}

/// The entry of a code such as `T0103`; `None` for any other text.
pub fn find(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.code.0.eq_ignore_ascii_case(code))
}
