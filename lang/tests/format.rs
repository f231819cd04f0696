//! The layout of rule files: what it looks like, that it keeps what is said, and that it is its own layout.

use proptest::prelude::*;
use tacit_lang::ast::File;
use tacit_lang::fmt::{WIDTH, format};
use tacit_lang::lexer::{TokenKind, items, tokens};
use tacit_lang::parse::parse;
use tacit_lang::span::Span;

const CORPUS: [&str; 4] = [
    include_str!("fixtures/first.tacit"),
    include_str!("fixtures/ten.tacit"),
    include_str!("fixtures/items.tacit"),
    include_str!("fixtures/long.tacit"),
];

#[track_caller]
fn formatted(text: &str) -> String {
    format(text).unwrap_or_else(|diagnostics| panic!("{diagnostics:#?}"))
}

/// The tree without places.
fn said(file: &File) -> String {
    let mut out = String::new();
    let shown = format!("{file:?}");
    let mut rest = shown.as_str();
    // Spans show as `1..2`, offsets of the lines of block strings as `lines: [1, 2]`.
    while let Some(at) = rest.find(|char: char| char.is_ascii_digit()) {
        let digits = rest[at..].bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[at + digits..];
        let in_lines = rest[..at].rfind("lines: [").is_some_and(|open| !rest[open..at].contains(']'));
        if let Some(second) = after.strip_prefix("..") {
            out.push_str(&rest[..at]);
            rest = second.trim_start_matches(|char: char| char.is_ascii_digit());
        } else if in_lines {
            out.push_str(&rest[..at]);
            let close = after.find(']').unwrap_or(0);
            rest = &after[close..];
        } else {
            out.push_str(&rest[..at + digits]);
            rest = after;
        }
    }
    out + rest
}

fn comments(text: &str) -> Vec<String> {
    tokens(text, Span::new(0, text.len() as u32))
        .filter(|token| token.kind == TokenKind::Comment)
        .map(|token| token.text(text).to_owned())
        .collect()
}

#[track_caller]
fn keeps(text: &str) {
    let once = formatted(text);
    assert_eq!(formatted(&once), once, "formatted twice:\n{once}");
    let (before, _) = parse(text);
    let (after, diagnostics) = parse(&once);
    assert!(diagnostics.is_empty(), "{diagnostics:#?}\n{once}");
    assert_eq!(said(&before), said(&after), "{once}");
    assert_eq!(comments(text), comments(&once));
}

#[test]
fn the_examples_are_in_the_layout() {
    for text in CORPUS {
        keeps(text);
    }
    assert_eq!(formatted(CORPUS[0]), CORPUS[0]);
    assert_eq!(formatted(CORPUS[3]), CORPUS[3]);
    // Two of its lines are longer than a line may be.
    let long = CORPUS[1].lines().filter(|line| line.len() > WIDTH).count();
    let new = formatted(CORPUS[1]);
    let kept = CORPUS[1].lines().filter(|line| new.lines().any(|other| other == *line)).count();
    assert_eq!((long, kept), (2, CORPUS[1].lines().count() - 2));
}

#[track_caller]
fn becomes(text: &str, expected: &str) {
    assert_eq!(formatted(text), expected);
    keeps(text);
}

#[test]
fn clauses_stand_on_lines_of_their_own() {
    becomes(
        "rule   A1 a-b   low\n\"t\" for x  in Pod,y in x . z where x.a==1 and not x . b exists  deny \"m {x . y}\"   remedy \"r\"",
        "rule A1 a-b low \"t\"\n  for x in Pod, y in x.z\n  where x.a == 1 and not x.b exists\n  deny \"m {x . y}\"\n  remedy \"r\"\n",
    );
}

#[test]
fn signs_have_their_blanks() {
    becomes(
        "let a=[ 1,- 2 , x [ 0 ] , f( a,b ) [ ] . c ]++(b ?? - 3h) -> .d\nfn f ( x :list< int ? > ? ) : any=x as  map <string>\n",
        "let a = [1, -2, x[0], f(a, b)[].c] ++ (b ?? -3h)->.d\n\nfn f(x: list<int?>?): any = x as map<string>\n",
    );
}

#[test]
fn messages_stay_on_a_line_of_their_own() {
    becomes(
        "rule a-b low \"t\"\n  for x in Pod\n  deny when x.a exists\n \"m\"\n  deny when x.b exists \"m\"\n",
        "rule a-b low \"t\"\n  for x in Pod\n  deny when x.a exists\n    \"m\"\n  deny when x.b exists \"m\"\n",
    );
}

#[test]
fn comments_keep_their_places() {
    becomes(
        "//! file\n\n\n\n// free\n\n/// doc\n   /// more\nrule a-b low \"t\" // head\n// first\n  for x in Pod // all\n\n\n      // second\n  where x.a // why\n   == 1\n   // end\n\n// next\nlet a=1 // one\n// last",
        "//! file\n\n// free\n\n/// doc\n/// more\nrule a-b low \"t\" // head\n  // first\n  for x in Pod // all\n\n  // second\n  where x.a // why\n    == 1\n  // end\n\n// next\nlet a = 1 // one\n\n// last\n",
    );
}

#[test]
fn short_items_of_one_kind_may_stand_together() {
    becomes(
        "use \"a\"\nuse \"b\"\nlet a = 1\nlet b = 2\n\n\n\nlet c = 3",
        "use \"a\"\nuse \"b\"\n\nlet a = 1\nlet b = 2\n\nlet c = 3\n",
    );
}

#[test]
fn blocks_move_with_their_clause_and_keep_their_value() {
    becomes(
        "test a-b \"t\"\n given \"\"\"\nkind: Pod\n  a: |\n\n      b\n\"\"\"\n expect clean",
        "test a-b \"t\"\n  given \"\"\"\n    kind: Pod\n      a: |\n\n          b\n  \"\"\"\n  expect clean\n",
    );
}

#[test]
fn broken_items_stay_byte_for_byte() {
    let broken = "rule  a-b   low \"t\"\n    for x in\n  deny   \"m\"";
    let text = format!("let a=1\n{broken}\n\n\nlet  b = 2\n");
    assert_eq!(formatted(&text), format!("let a = 1\n\n{broken}\n\nlet b = 2\n"));
    assert!(format(broken).is_err());
}

#[test]
fn an_empty_file_stays_empty() {
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\n\n"), "");
    assert_eq!(formatted("// only\n\n\n// comments"), "// only\n\n// comments\n");
}

/// The text with other blanks between its tokens.
fn scatter(text: &str, choices: &[u8]) -> String {
    let mut out = String::new();
    let mut choice = choices.iter().cycle();
    let mut end = 0;
    for raw in items(text) {
        let head = &text[end..raw.span.start as usize];
        out.push_str(head);
        let all: Vec<_> = tokens(text, raw.span).collect();
        for (index, token) in all.iter().enumerate() {
            let touches = index > 0 && all[index - 1].span.end == token.span.start;
            let after_comment = index > 0 && all[index - 1].kind == TokenKind::Comment;
            // Tokens that touch may be one name; words after a line break stay off the first column.
            let blank = match choice.next().copied().unwrap_or(0) % 8 {
                _ if index == 0 || touches => "",
                _ if after_comment => "\n    ",
                0 => "\n  ",
                1 => "\n\n\n      ",
                2 => "  \t ",
                3 => " // c\n   ",
                4 => "\n  // d\n  ",
                _ => " ",
            };
            out.push_str(blank);
            out.push_str(token.text(text));
        }
        end = raw.span.end as usize;
    }
    out + &text[end..]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_layout_becomes_one_that_stays(which in 0..CORPUS.len(), choices in prop::collection::vec(any::<u8>(), 1..200)) {
        keeps(&scatter(CORPUS[which], &choices));
    }

    /// Without comments the author's line breaks do not matter, but where they are kept.
    #[test]
    fn blanks_do_not_matter(which in 0..CORPUS.len(), choices in prop::collection::vec(Just(2u8).prop_union(Just(5u8)), 1..200)) {
        let plain = formatted(&scatter(CORPUS[which], &[5]));
        prop_assert_eq!(formatted(&scatter(CORPUS[which], &choices)), plain);
    }
}
