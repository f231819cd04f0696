//! The parser that pest derives from `grammar.pest`, and what each of its rules is called in messages.

// The derive macro documents nothing; `grammar.pest` does.
#![allow(missing_docs)]

use pest_derive::Parser;

/// The derived parser.
#[derive(Parser)]
#[grammar = "grammar.pest"]
pub(super) struct Grammar;

/// A node of the derived tree.
pub(super) type Pair<'i> = pest::iterators::Pair<'i, Rule>;

/// True for the words and signs that hold a form together and carry nothing themselves.
pub(super) fn is_structure(rule: Rule) -> bool {
    match rule {
        Rule::kw_not | Rule::minus | Rule::kw_confidential | Rule::question => false,
        Rule::EOI
        | Rule::colon
        | Rule::comma
        | Rule::dot
        | Rule::equals
        | Rule::bar
        | Rule::lparen
        | Rule::rparen
        | Rule::lbracket
        | Rule::rbracket
        | Rule::rbrace
        | Rule::less
        | Rule::greater => true,
        other => keyword(other).is_some(),
    }
}

/// The parts of a node, without the words and signs that only hold it together.
pub(super) fn parts(pair: Pair<'_>) -> impl Iterator<Item = Pair<'_>> {
    pair.into_inner().filter(|part| !is_structure(part.as_rule()))
}

/// The word that a keyword rule stands for.
pub(super) fn keyword(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::kw_rule => "rule",
        Rule::kw_param => "param",
        Rule::kw_let => "let",
        Rule::kw_fn => "fn",
        Rule::kw_group => "group",
        Rule::kw_field => "field",
        Rule::kw_link => "link",
        Rule::kw_view => "view",
        Rule::kw_kind => "kind",
        Rule::kw_waive => "waive",
        Rule::kw_test => "test",
        Rule::kw_use => "use",
        Rule::kw_edition => "edition",
        Rule::kw_for => "for",
        Rule::kw_where => "where",
        Rule::kw_deny => "deny",
        Rule::kw_require => "require",
        Rule::kw_undecided => "undecided",
        Rule::kw_remedy => "remedy",
        Rule::kw_fix => "fix",
        Rule::kw_set => "set",
        Rule::kw_remove => "remove",
        Rule::kw_unsafe => "unsafe",
        Rule::kw_controls => "controls",
        Rule::kw_tags => "tags",
        Rule::kw_docs => "docs",
        Rule::kw_now => "now",
        Rule::kw_with => "with",
        Rule::kw_given => "given",
        Rule::kw_expect => "expect",
        Rule::kw_as => "as",
        Rule::kw_at => "at",
        Rule::kw_because => "because",
        Rule::kw_by => "by",
        Rule::kw_confidential => "confidential",
        Rule::kw_else => "else",
        Rule::kw_from => "from",
        Rule::kw_if => "if",
        Rule::kw_in => "in",
        Rule::kw_not => "not",
        Rule::kw_of => "of",
        Rule::kw_then => "then",
        Rule::kw_to => "to",
        Rule::kw_until => "until",
        Rule::kw_when => "when",
        Rule::kw_yield => "yield",
        _ => return None,
    })
}
