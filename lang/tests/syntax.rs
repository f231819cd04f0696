//! The language's own examples, and the precedence of its operators.

use tacit_lang::ast::*;
use tacit_lang::parse::{parse, parse_expr};

const FIXTURES: [(&str, &str, usize); 3] = [
    ("first.tacit", include_str!("fixtures/first.tacit"), 2),
    ("ten.tacit", include_str!("fixtures/ten.tacit"), 11),
    ("items.tacit", include_str!("fixtures/items.tacit"), 23),
];

#[test]
fn the_examples_parse() {
    for (name, text, count) in FIXTURES {
        let (file, diagnostics) = parse(text);
        assert!(diagnostics.is_empty(), "{name}: {diagnostics:#?}");
        assert_eq!(file.items.len(), count, "{name}");
        for item in &file.items {
            assert!(!matches!(item.kind, ItemKind::Broken { .. }), "{name}: {}", &text[item.span.range()]);
        }
    }
}

/// An expression with all its parentheses.
fn show(expr: &Expr) -> String {
    match &*expr.kind {
        ExprKind::Error => "ERROR".to_owned(),
        ExprKind::Text(template) => format!("{:?}", template.parts.iter().map(part).collect::<Vec<_>>().concat()),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::Duration(value) => format!("{value}ns"),
        ExprKind::Time(value) => format!("@{value}"),
        ExprKind::Regex(pattern) => format!("/{pattern}/"),
        ExprKind::List(elements) => format!("[{}]", list(elements)),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Now => "now".to_owned(),
        ExprKind::Kinds(kinds) => kinds.iter().map(|kind| &*kind.text).collect::<Vec<_>>().join("|"),
        ExprKind::Field { base, name } => format!("{}.{}", show(base), name.text),
        ExprKind::Index { base, index } => format!("{}[{}]", show(base), show(index)),
        ExprKind::Each { base } => format!("{}[]", show(base)),
        ExprKind::Follow { base } => format!("{}->", show(base)),
        ExprKind::As { base, ty } => format!("({} as {})", show(base), type_name(ty)),
        ExprKind::Call { name, args } => format!("{}({})", name.text, list(args)),
        ExprKind::Method { base, name, args } => format!("{}.{}({})", show(base), name.text, list(args)),
        ExprKind::Not(inner) => format!("(not {})", show(inner)),
        ExprKind::Binary { op, left, right, .. } => format!("({} {} {})", show(left), op.as_str(), show(right)),
        ExprKind::Test { base, test, .. } => format!("({} {})", show(base), test.as_str()),
        ExprKind::Quantifier { all, generator, body } => {
            format!("({} {}: {})", if *all { "all" } else { "any" }, generators(&[(**generator).clone()]), show(body))
        }
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} then {} else {})", show(condition), show(then), show(otherwise))
        }
        ExprKind::Comprehension { body, generators: all, condition } => {
            let condition = condition.as_ref().map_or(String::new(), |expr| format!(" where {}", show(expr)));
            format!("[{} for {}{condition}]", show(body), generators(all))
        }
    }
}

fn part(part: &TemplatePart) -> String {
    match part {
        TemplatePart::Text(text) => text.to_string(),
        TemplatePart::Expr(expr) => format!("<{}>", show(expr)),
    }
}

fn list(all: &[Expr]) -> String {
    all.iter().map(show).collect::<Vec<_>>().join(", ")
}

fn generators(all: &[Generator]) -> String {
    let one = |generator: &Generator| {
        let key = generator.key.as_ref().map_or(String::new(), |key| format!("{}, ", key.text));
        format!("{key}{} in {}", generator.var.text, show(&generator.source))
    };
    all.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn type_name(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeExprKind::Name(name) => name.to_string(),
        TypeExprKind::At { owner, path } => format!("{}:{}", owner.text, path.steps.len()),
        TypeExprKind::List(inner) => format!("list<{}>", type_name(inner)),
        TypeExprKind::Map(inner) => format!("map<{}>", type_name(inner)),
        TypeExprKind::Optional(inner) => format!("{}?", type_name(inner)),
        TypeExprKind::Confidential(inner) => format!("confidential {}", type_name(inner)),
    }
}

#[track_caller]
fn reads(text: &str, expected: &str) {
    let (expr, diagnostics) = parse_expr(text);
    assert!(diagnostics.is_empty(), "{text}: {diagnostics:#?}");
    let expr = expr.unwrap_or_else(|| panic!("{text} has a tree"));
    assert_eq!(show(&expr), expected, "{text}");
}

#[test]
fn operators_bind_as_the_language_says() {
    reads("a or b and not c == d", "(a or (b and (not (c == d))))");
    reads("a and b or c and d", "((a and b) or (c and d))");
    reads("not x exists", "(not (x exists))");
    reads("not not a", "(not (not a))");
    reads("a ++ b empty", "((a ++ b) empty)");
    reads("x.y exists and x.y > 1", "((x.y exists) and (x.y > 1))");
    reads("a ?? b + 1 * 2 - c", "(a ?? ((b + (1 * 2)) - c))");
    reads("a ?? b == c", "((a ?? b) == c)");
    reads("a-b", "(a - b)");
    reads("now - x > 90d", "((now - x) > 7776000000000000ns)");
    reads("a starts  with b", "(a starts with b)");
    reads("x in ys and x overlaps z", "((x in ys) and (x overlaps z))");
    reads("(a or b) and c", "((a or b) and c)");
}

#[test]
fn postfixes_bind_tightest() {
    reads("a.b[\"c\"][0][].d->.e", "a.b[\"c\"][0][].d->.e");
    reads("a.where.in.exists exists", "(a.where.in.exists exists)");
    reads("a.b as int + 1", "((a.b as int) + 1)");
    reads("a as list<Pod.spec[]>? ?? b", "((a as list<Pod:2>?) ?? b)");
    reads("a as Pod.walk()", "(a as Pod).walk()");
    reads("a as string.size", "(a as string).size");
    reads("a.b(1, c).d", "a.b(1, c).d");
    reads("(a ++ b).c", "(a ++ b).c");
    reads("f(x)", "f(x)");
}

#[test]
fn quantifiers_and_conditions_reach_to_the_right() {
    reads("a and any x in xs: x == 1 or b", "(a and (any x in xs: ((x == 1) or b)))");
    reads("not (any x in xs: (all k, v in x: k == v))", "(not (any x in xs: (all k, v in x: (k == v))))");
    reads("if a then b else c == d", "(if a then b else (c == d))");
    reads("x + if a then b else if c then d else e", "(x + (if a then b else (if c then d else e)))");
    reads("[x for x in xs, y in x where y exists][0]", "[x for x in xs, y in x where (y exists)][0]");
    reads("any r in Role | ClusterRole: r.name == \"x\"", "(any r in Role|ClusterRole: (r.name == \"x\"))");
}

#[test]
fn literals_have_their_values() {
    reads("-3", "-3");
    reads("1_000 - -1h", "(1000 - -3600000000000ns)");
    reads("2027-03-01", "@1803859200");
    reads("[1, 2,]", "[1, 2]");
    reads("\"a {b.c} {{d}} \\u{41}\\n\"", "\"a <b.c> {d} A\\n\"");
    reads("r\"a{b}\\n\"", "\"a{b}\\\\n\"");
    reads("x matches /a\\/\\d\"/", "(x matches /a/\\d\"/)");
    reads("\"{x[\"a\"]}\"", "\"<x[\\\"a\\\"]>\"");
}

#[test]
fn spans_end_with_the_last_token() {
    let text = "rule a-b low \"t\" // title\n  for x in Pod // all\n  where any c in x.cs: c.y // why\n    == (1)\n  tags a // end\n";
    let (file, diagnostics) = parse(text);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}");
    let ItemKind::Rule(rule) = &file.items[0].kind else { panic!("a rule") };
    let clauses: Vec<&str> = rule.clauses.iter().map(|clause| &text[clause.span.range()]).collect();
    assert_eq!(clauses, ["for x in Pod", "where any c in x.cs: c.y // why\n    == (1)", "tags a"]);
    let ClauseKind::For(generators) = &rule.clauses[0].kind else { panic!("a for") };
    assert_eq!(&text[generators[0].span.range()], "x in Pod");
    assert_eq!(&text[generators[0].source.span.range()], "Pod");
    let ClauseKind::Where(expr) = &rule.clauses[1].kind else { panic!("a where") };
    let ExprKind::Quantifier { generator, body, .. } = &*expr.kind else { panic!("a quantifier") };
    assert_eq!(&text[generator.span.range()], "c in x.cs");
    assert_eq!(&text[body.span.range()], "c.y // why\n    == (1)");
    let ExprKind::Binary { left, right, .. } = &*body.kind else { panic!("a comparison") };
    assert_eq!(&text[left.span.range()], "c.y");
    assert_eq!(&text[right.span.range()], "1");
}

#[test]
fn the_grammar_reserves_the_words_of_the_lexer() {
    use tacit_lang::lexer::{Keyword, RESERVED};
    assert!(RESERVED.is_sorted());
    for word in RESERVED {
        let (_, diagnostics) = parse(&format!("let {word} = 1"));
        assert!(!diagnostics.is_empty(), "`{word}` is reserved");
        let (_, diagnostics) = parse(&format!("let a = x.{word}.y"));
        assert!(diagnostics.is_empty(), "`{word}` is a field after a dot");
    }
    for word in
        Keyword::ALL.map(Keyword::as_str).into_iter().chain(["to", "by", "of", "until", "nothing", "fort", "at_"])
    {
        let (_, diagnostics) = parse(&format!("let a = {word}"));
        assert_eq!(diagnostics.is_empty(), word != "let", "`{word}` is free inside an item");
    }
}
