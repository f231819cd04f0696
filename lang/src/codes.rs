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
    UNKNOWN_NAME = "T0101", "a name does not exist";
    UNKNOWN_KIND = "T0102", "a kind does not exist";
    UNKNOWN_FIELD = "T0103", "a field does not exist";
    UNKNOWN_METHOD = "T0104", "a method does not exist";
    UNKNOWN_TYPE = "T0105", "a type does not exist";
    UNKNOWN_RULE = "T0106", "a rule does not exist";
    UNKNOWN_MODULE = "T0107", "a file does not exist";
    NOT_USED = "T0108", "a name of another file is not brought in";
    AMBIGUOUS_KIND = "T0109", "several groups have a kind of this name";
    DECLARED_TWICE = "T0110", "a name is declared twice";
    HIDES = "T0111", "a name hides another";
    RECURSION = "T0112", "an item depends on itself";
    KIND_AS_VALUE = "T0114", "a kind is used as a value";
    WRONG_TYPE = "T0201", "a value has the wrong type";
    IMPOSSIBLE_COMPARISON = "T0202", "a comparison can never hold";
    OUTSIDE_ENUM = "T0203", "a literal is outside the enumeration";
    NOTHING_IN_COMMON = "T0204", "two types have nothing in common";
    UNDEFINED_OPERATOR = "T0205", "an operator is not defined for these types";
    WRONG_ARGUMENTS = "T0206", "a call has the wrong arguments";
    NOT_A_LIST = "T0207", "a value cannot be gone through";
    NO_KEY = "T0208", "objects and rows have no index";
    NO_INDEX = "T0209", "a value has no such element";
    BAD_CAST = "T0210", "a value cannot be taken as this type";
    METHOD_FORM = "T0211", "a method is written in the wrong form";
    NO_LINK = "T0212", "a value is no known reference";
    AMBIGUOUS_LINK = "T0213", "several links are declared here";
    BAD_REGEX = "T0214", "a regular expression is broken";
    NOT_A_CONDITION = "T0215", "a condition is neither true nor false";
    NOT_PRINTABLE = "T0216", "a value has no text form";
    NOT_A_NODE = "T0217", "a value stands nowhere in the input";
    OUT_OF_RANGE = "T0218", "a value is out of range";
    MISSING_VALUE = "T0301", "a value may be missing";
    MISSING_CONDITION = "T0302", "a condition may be missing";
    CONFIDENTIAL_MESSAGE = "T0401", "a message would print secret material";
    CONFIDENTIAL_FIX = "T0402", "a fix would write secret material";
    CONFIDENTIAL_FLOW = "T0403", "secret material would become public";
    NO_VERDICT = "T0501", "a rule never says anything";
    NO_SUBJECT = "T0502", "a rule looks at nothing";
    CLAUSE_TWICE = "T0503", "a clause is given twice";
    LINK_SHAPE = "T0504", "a link does not say where it leads";
    GROUP_PATH = "T0505", "a shared part is no path of a member";
    PARAM_TYPE = "T0506", "a param has a type that cannot be set";
    NOT_CONSTANT = "T0507", "a value is no literal";
    VIEW_COLUMNS = "T0508", "the branches of a view differ";
    KIND_TARGET = "T0509", "a `kind` item cannot be used";
    WAIVER_SHAPE = "T0510", "a waiver is incomplete";
    TEST_SHAPE = "T0511", "a test is incomplete";
    EDITION = "T0512", "an edition does not exist";
    ALWAYS = "T0601", "a condition always holds";
    NEVER = "T0602", "a condition never holds";
    IMPLIED_RULE = "T0603", "a rule is implied by another";
    UNUSED_NAME = "T0604", "a name is not used";
    UNRELATED_JOIN = "T0605", "two kinds are joined by nothing";
    RAW_CONTAINERS = "T0606", "only some containers are looked at";
    DEPRECATED_VERSION = "T0607", "a deprecated version is named";
    NO_TEST = "T0608", "a rule has no test";
    NO_REMEDY = "T0609", "a rule has no remedy";
    NO_DOC = "T0610", "a rule has no documentation";
    WIDE_WAIVER = "T0611", "a waiver is wider than its rule";
}

/// The entry of a code such as `T0103`; `None` for any other text.
pub fn find(code: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.code.0.eq_ignore_ascii_case(code))
}
