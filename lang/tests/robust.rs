//! Any text has a tree: random damage never panics, costs nothing but the item that it hits, and every span is a place
//! in the text.

use proptest::prelude::*;
use tacit_lang::ast::*;
use tacit_lang::diag::Diagnostic;
use tacit_lang::lexer::{heads, items, tokens};
use tacit_lang::parse::{MAX_CHAIN, MAX_NESTING, parse, parse_expr};
use tacit_lang::span::Span;

const CORPUS: [&str; 3] =
    [include_str!("fixtures/first.tacit"), include_str!("fixtures/ten.tacit"), include_str!("fixtures/items.tacit")];

/// Bytes and words that have a meaning somewhere.
const PIECES: [&str; 40] = [
    "\"",
    "\"\"\"",
    "{",
    "}",
    "{{",
    "(",
    ")",
    "[",
    "]",
    "/",
    "//",
    "'",
    "\\",
    "\n",
    "\r",
    ",",
    ":",
    "=",
    "==",
    ".",
    "->",
    "|",
    "?",
    "é",
    "\u{feff}",
    "not ",
    "any x in ",
    "if ",
    " as ",
    "rule ",
    "\nrule ",
    "\ntest a-b \"t\"\n",
    " for ",
    " where ",
    "\n  deny ",
    "let ",
    "2027-03-01",
    "9999999999999999999",
    "r\"",
    "\\u{",
];

fn in_text(text: &str, span: Span) -> bool {
    span.start <= span.end
        && text.is_char_boundary(span.start as usize)
        && (span.end as usize) <= text.len()
        && text.is_char_boundary(span.end as usize)
}

/// Every span of the tree and of the diagnostics lies in the text, between characters.
fn check_spans(text: &str, file: &File, diagnostics: &[Diagnostic]) {
    // The debug form shows each span as `start..end`, so none is forgotten when the tree grows.
    let shown = format!("{file:?}");
    for (at, _) in shown.match_indices("span: ") {
        let rest = &shown[at + 6..];
        let Some((start, rest)) = rest.split_once("..") else { continue };
        let end: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let (Ok(start), Ok(end)) = (start.parse(), end.parse()) else { continue };
        assert!(in_text(text, Span::new(start, end)), "{start}..{end} in {text:?}");
    }
    for diagnostic in diagnostics {
        assert!(in_text(text, diagnostic.span), "{diagnostic:?} in {text:?}");
        for edit in diagnostic.help.iter().flat_map(|help| &help.edits) {
            assert!(in_text(text, edit.span), "{diagnostic:?} in {text:?}");
        }
        for related in &diagnostic.related {
            assert!(in_text(text, related.span), "{diagnostic:?} in {text:?}");
        }
    }
}

fn check_text(text: &str) {
    let (file, diagnostics) = parse(text);
    check_spans(text, &file, &diagnostics);
    let raws = items(text);
    for pair in raws.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{text:?}");
    }
    for raw in &raws {
        heads(text, raw);
    }
    for token in tokens(text, Span::new(0, text.len() as u32)) {
        assert!(in_text(text, token.span) && !token.span.is_empty(), "{token:?} in {text:?}");
    }
    let broken = file.items.iter().any(|item| match &item.kind {
        ItemKind::Broken { .. } => true,
        ItemKind::Rule(rule) => rule.dropped,
        _ => false,
    });
    assert!(!broken || !diagnostics.is_empty(), "broken without a word: {text:?}");
}

#[derive(Clone, Debug)]
enum Edit {
    Delete(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
    Swap(prop::sample::Index, prop::sample::Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (any::<prop::sample::Index>(), 1..12usize).prop_map(|(at, length)| Edit::Delete(at, length)),
        (any::<prop::sample::Index>(), prop::sample::select(&PIECES[..]))
            .prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (any::<prop::sample::Index>(), any::<prop::sample::Index>()).prop_map(|(one, other)| Edit::Swap(one, other)),
    ]
}

/// The start of a character at or before a random place of the text.
fn boundary(text: &str, at: &prop::sample::Index) -> usize {
    let mut at = at.index(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn apply(text: &mut String, edit: &Edit) {
    match edit {
        Edit::Delete(at, length) => {
            let start = boundary(text, at);
            let mut end = (start + length).min(text.len());
            while !text.is_char_boundary(end) {
                end += 1;
            }
            text.replace_range(start..end, "");
        }
        Edit::Insert(at, piece) => {
            let at = boundary(text, at);
            text.insert_str(at, piece);
        }
        Edit::Swap(one, other) => {
            let all: Vec<Span> = tokens(text, Span::new(0, text.len() as u32)).map(|token| token.span).collect();
            if all.is_empty() {
                return;
            }
            let (first, second) = (one.index(all.len()), other.index(all.len()));
            let (first, second) = (all[first.min(second)], all[first.max(second)]);
            if first.end <= second.start {
                let (left, right) = (text[first.range()].to_owned(), text[second.range()].to_owned());
                text.replace_range(second.range(), &left);
                text.replace_range(first.range(), &right);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn damage_never_panics(which in 0..CORPUS.len(), edits in prop::collection::vec(edit(), 1..8)) {
        let mut text = CORPUS[which].to_owned();
        for edit in &edits {
            apply(&mut text, edit);
        }
        check_text(&text);
    }

    #[test]
    fn any_text_has_a_tree(text in "(rule|let|test|[a-z]| |\\n|\"|[{}()\\[\\]/.,:=]|é|[0-9]|\\PC){0,60}") {
        check_text(&text);
        let (_, diagnostics) = parse_expr(&text);
        for diagnostic in diagnostics {
            prop_assert!(in_text(&text, diagnostic.span));
        }
    }

    /// Damage inside one item leaves the items before and after it as they were. (A damage that makes its own item
    /// begin anew or take in the next line is damage to the item's extent all the same.)
    #[test]
    fn other_items_survive(
        which in 0..CORPUS.len(), item in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(),
        length in 1..12usize, piece in prop::sample::select(&PIECES[..]),
    ) {
        let text = CORPUS[which];
        let raws = items(text);
        let hit = raws[item.index(raws.len())];
        let inside = &text[hit.span.range()];
        let start = boundary(inside, &at).max(hit.keyword.map_or(0, |keyword| keyword.as_str().len() + 1));
        let mut end = (start + length).min(inside.len());
        while !inside.is_char_boundary(end) {
            end += 1;
        }
        prop_assume!(start <= end && inside.is_char_boundary(start));
        let damaged = format!("{}{piece}{}", &inside[..start], &inside[end..]);
        let whole = format!("{}{damaged}{}", &text[..hit.span.start as usize], &text[hit.span.end as usize..]);
        let names = |text: &str, keep: &dyn Fn(usize) -> bool| -> Vec<String> {
            items(text).iter().filter(|raw| keep(raw.span.start as usize)).map(|raw| text[raw.span.range()].to_owned()).collect()
        };
        let shift = damaged.len();
        let begin = hit.span.start as usize;
        prop_assert_eq!(names(text, &|at| at < begin), names(&whole, &|at| at < begin));
        prop_assert_eq!(
            names(text, &|at| at >= hit.span.end as usize),
            names(&whole, &|at| at >= begin + shift)
        );
    }
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    let too_many = MAX_NESTING as usize + 10;
    let deep = [
        format!("{}x{}", "(".repeat(too_many), ")".repeat(too_many)),
        format!("{}x{}", "[".repeat(50_000), "]".repeat(50_000)),
        format!("{}x", "not ".repeat(50_000)),
        format!("{}x", "if a then b else ".repeat(50_000)),
        format!("{}x", "any x in y: ".repeat(50_000)),
        format!("{}x", "any k, v in y: ".repeat(50_000)),
        format!("x{}", ".a".repeat(50_000)),
        format!("x{}", " or x".repeat(50_000)),
        format!("x{}", "[0]".repeat(50_000)),
        format!("x{}", "->".repeat(50_000)),
        format!("{}x", "- ".repeat(50_000)),
        format!("x as {}int{}", "list<".repeat(50_000), ">".repeat(50_000)),
        format!("x as {}int", "confidential ".repeat(50_000)),
        format!("x{}", " exists".repeat(50_000)),
        format!("{}x{}", "(".repeat(60), format!("{})", ".a".repeat(300)).repeat(60)),
        "f(".repeat(50_000),
        "\"{".repeat(50_000),
        "\"{x[".repeat(50_000),
    ];
    for expr in deep {
        let text = format!("let a = {expr}\nlet b = 1\nrule a-b low \"t\"\n  where {expr}\n  deny \"m\"\n");
        let (file, diagnostics) = parse(&text);
        assert!(!diagnostics.is_empty(), "{}", &expr[..40]);
        assert_eq!(file.items.len(), 3, "{}", &expr[..40]);
    }
}

#[test]
fn what_people_write_is_not_too_deep() {
    let inside = MAX_NESTING as usize - 2;
    for expr in [
        format!("{}x{}", "(".repeat(inside), ")".repeat(inside)),
        format!("x{}", " or x".repeat(MAX_CHAIN as usize - 2)),
        format!("[{}]", "x.y.z, ".repeat(5_000)),
        format!("x.a == 1{}", " and not x.b == 2".repeat(60)),
    ] {
        let (file, diagnostics) = parse(&format!("let a = {expr}"));
        assert!(diagnostics.is_empty(), "{:?}", diagnostics[0]);
        assert!(matches!(file.items[0].kind, ItemKind::Let(_)));
    }
}
