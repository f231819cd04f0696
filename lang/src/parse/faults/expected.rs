//! "expected a comma or a clause, found `c`": the words for what the grammar tried, and for what stands there.

use super::super::grammar::{Rule, keyword};
use super::Fault;
use crate::lexer::TokenKind;

/// How much of a token a message shows.
const SHOWN: usize = 32;

/// What could have stood there, most telling first.
pub(super) fn phrase(fault: &Fault<'_>) -> String {
    let mut phrases: Vec<String> = Vec::new();
    for &rule in &fault.expected {
        if let Some(phrase) = name(fault, rule)
            && !phrases.contains(&phrase)
        {
            phrases.push(phrase);
        }
    }
    // After an operand anything may follow that goes on with it; say so only where nothing else may.
    if phrases.is_empty() {
        phrases.push("an operator".to_owned());
    }
    phrases.sort_by_key(|phrase| (phrase == "a clause" || phrase.starts_with("the end"), phrase.starts_with('`')));
    // The end is a thing to expect only where nothing else is.
    if phrases.len() > 1 {
        phrases.retain(|phrase| !phrase.starts_with("the end"));
    }
    match phrases.as_slice() {
        [one] => one.clone(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
        [] => String::new(),
    }
}

/// What stands there.
pub(super) fn found(fault: &Fault<'_>) -> String {
    let Some(token) = fault.token(0) else {
        return match fault.entry {
            Rule::a_rule_head => "the end of the head",
            Rule::some_clauses => "the end of the clause",
            Rule::a_test_head | Rule::some_parts => "the end of this part of the test",
            Rule::an_expr => "the end of the expression",
            _ => "the end of the item",
        }
        .to_owned();
    };
    let text = token.text(fault.piece);
    match token.kind {
        TokenKind::Block { .. } => "a block of text".to_owned(),
        TokenKind::Text { .. } | TokenKind::Raw { .. } if text.len() > SHOWN => "a text".to_owned(),
        _ if text.len() > SHOWN => {
            format!("`{}…`", text.chars().take(SHOWN).collect::<String>())
        }
        _ => format!("`{text}`"),
    }
}

/// The words for one rule of the grammar; `None` for what goes on with an operand and for what is never told.
fn name(fault: &Fault<'_>, rule: Rule) -> Option<String> {
    if fault.expects_operand() && is_operand(rule) {
        return Some("an expression".to_owned());
    }
    if fault.expects_operator() && matches!(rule, Rule::kw_as | Rule::dot | Rule::lbracket | Rule::lparen) {
        return None;
    }
    let phrase = match rule {
        Rule::infix | Rule::test | Rule::member | Rule::each | Rule::index | Rule::follow | Rule::cast | Rule::args => {
            return None;
        }
        Rule::time => "a date such as `2027-03-01`",
        Rule::int => "a whole number",
        Rule::kinds | Rule::code | Rule::comprehension | Rule::kw_confidential | Rule::question => return None,
        Rule::text | Rule::block | Rule::raw | Rule::string => return text_name(fault),
        Rule::chunk | Rule::interpolation => "a text",
        Rule::name => "a name",
        Rule::word if fault.word(-1) == "." => "a field name",
        Rule::word => "a name",
        Rule::name_path | Rule::path | Rule::link_path | Rule::path_key | Rule::path_index => "a path",
        Rule::kind_field => "a path and its type",
        Rule::ty | Rule::list_type | Rule::map_type | Rule::plain_type | Rule::type_at => "a type",
        Rule::type_path => return None,
        Rule::generator | Rule::generators => "a name and what it goes through",
        Rule::assign | Rule::assigns => "a name and its value",
        Rule::column => "a column",
        Rule::fn_param => "a parameter",
        Rule::severity => "a severity",
        Rule::rule_name => "the name of the rule",
        Rule::rule_ref => "the code or name of a rule",
        Rule::rule_head => "the name of the rule",
        Rule::test_head => "the code or name of a rule",
        Rule::label if fault.tokens.first().is_some_and(|first| first.text(fault.piece) == "controls") => {
            "the name of a framework"
        }
        Rule::label => "a tag",
        Rule::verdict => "`deny`, `undecided` or `clean`",
        Rule::comma => "a comma",
        Rule::colon => "`:`",
        Rule::dot => "`.`",
        Rule::equals => "`=`",
        Rule::bar => "`|`",
        Rule::lparen => "`(`",
        Rule::rparen => "`)`",
        Rule::lbracket => "`[`",
        Rule::rbracket => "`]`",
        Rule::rbrace => "`}`",
        Rule::less => "`<`",
        Rule::greater => "`>`",
        Rule::as_part => "`as`",
        Rule::for_part => "`for`",
        Rule::when_part => "`when`",
        Rule::at_part | Rule::expect_at => "`at`",
        Rule::where_part => "`where`",
        Rule::yield_part => "`yield`",
        Rule::view_branch => "`from`",
        Rule::complete => "`complete`",
        Rule::clause => "a clause",
        Rule::now_part | Rule::with_part | Rule::given_part | Rule::expect_part => "`given`, `expect`, `with` or `now`",
        Rule::EOI => match fault.entry {
            Rule::a_rule_head | Rule::some_clauses => "a clause",
            Rule::a_test_head | Rule::some_parts => "`given`, `expect`, `with` or `now`",
            Rule::an_expr => "the end of the expression",
            _ => "the end of the item",
        },
        other => return keyword(other).map(|word| format!("`{word}`")),
    };
    Some(phrase.to_owned())
}

/// Rules that begin an expression.
fn is_operand(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::expr
            | Rule::operand
            | Rule::kw_not
            | Rule::minus
            | Rule::reference
            | Rule::name
            | Rule::text
            | Rule::list
    )
}

/// What a text is for, where only a text may stand.
fn text_name(fault: &Fault<'_>) -> Option<String> {
    let first = fault.tokens.first().map_or("", |token| token.text(fault.piece));
    let phrase = match (fault.entry, first) {
        (Rule::a_rule_head | Rule::a_test_head, _) => "the title in quotes",
        (Rule::some_clauses, "deny" | "require") => "a message in quotes",
        (Rule::some_clauses, "undecided") => "a reason in quotes",
        _ => "a text in quotes",
    };
    Some(phrase.to_owned())
}
