//! From text to syntax tree, whatever the text.
//!
//! The lexer cuts a file into items and each is parsed alone. An item that is right is parsed in one go. A broken one is
//! cut into its clauses, each parsed alone: what is right stays, each broken one gives its own diagnostic, and
//! where the slip is plain (`=` for `==`, a missing comma) it is mended and reading goes on, so that one slip
//! gives one diagnostic.

mod build;
mod calendar;
mod direct;
mod faults;
mod grammar;
mod limits;
mod place;
mod recover;

use std::sync::Arc;

use pest::Parser;

use build::Builder;
pub(crate) use build::block_lines;
use grammar::{Grammar, Rule};
pub use limits::{MAX_CHAIN, MAX_NESTING};
use place::Place;

use crate::ast::{Expr, File, Ident, Item, ItemKind};
use crate::codes;
use crate::diag::Diagnostic;
use crate::lexer::{RawItem, heads, items};
use crate::span::{Span, Spanned};

/// Parses a file. The tree is total; diagnostics are in the order of the text.
pub fn parse(text: &str) -> (File, Vec<Diagnostic>) {
    let mut file = File { doc: file_doc(text), items: Vec::new() };
    let mut diagnostics = Vec::new();
    if let Some(at) = lone_carriage_return(text) {
        diagnostics.push(
            Diagnostic::error(codes::SYNTAX, Span::new(at, at + 1), "a line ends with a lone carriage return").fix(
                "end lines with a line feed",
                Span::new(at, at + 1),
                "\n",
            ),
        );
    }
    for raw in items(text) {
        let parsed = recover::item(text, &raw);
        file.items.extend(parsed.items);
        diagnostics.extend(parsed.diagnostics);
    }
    (file, diagnostics)
}

/// Parses one item that [`crate::lexer::items`] found in `text`. Spans count from the start of `text`.
pub fn parse_item(text: &str, raw: &RawItem) -> (Item, Vec<Diagnostic>) {
    let parsed = recover::item(text, raw);
    let first = parsed.items.into_iter().next();
    (first.unwrap_or_else(|| broken(text, raw)), parsed.diagnostics)
}

/// Parses an expression alone, as a command line or an editor hands it over; `None` where it is broken.
pub fn parse_expr(text: &str) -> (Option<Expr>, Vec<Diagnostic>) {
    let span = Span::new(0, text.len() as u32);
    if let Err(diagnostic) = limits::check(text, span) {
        return (None, vec![diagnostic]);
    }
    let mut reader = recover::Reader::new(text);
    let expr = reader.piece(Rule::an_expr, span, |builder, mut pairs| {
        let pair = pairs.next()?;
        Some(builder.expr(pair))
    });
    (expr, reader.diagnostics)
}

/// The item where nothing in it is wrong for the grammar.
fn parse_whole(text: &str, raw: &RawItem) -> Option<(ItemKind, Vec<Diagnostic>)> {
    if let Some(kind) = direct::item(text, raw) {
        return Some((kind, Vec::new()));
    }
    limits::check(text, raw.span).ok()?;
    parse_by_grammar(text, raw)
}

fn parse_by_grammar(text: &str, raw: &RawItem) -> Option<(ItemKind, Vec<Diagnostic>)> {
    let mut pairs = Grammar::parse(Rule::an_item, &text[raw.span.range()]).ok()?;
    let place = Place::new(raw.span.start);
    let mut builder = Builder::new(&place);
    let kind = builder.item(pairs.next()?)?;
    Some((kind, builder.diagnostics))
}

/// An item of which nothing could be read but its head.
fn broken(text: &str, raw: &RawItem) -> Item {
    let name = heads(text, raw).name.map(|name| {
        // `heads` gives slices of `text`.
        let start = (name.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) as u32;
        Ident { text: Arc::from(name), span: Span::new(start, start + name.len() as u32) }
    });
    let keyword = Arc::from(raw.keyword.map_or("", |keyword| keyword.as_str()));
    Item { span: raw.span, doc: doc(text, raw), kind: ItemKind::Broken { keyword, name } }
}

/// The `///` lines of an item, without their markers.
fn doc(text: &str, raw: &RawItem) -> Option<Spanned<Arc<str>>> {
    let span = raw.doc_span?;
    Some(Spanned::new(Arc::from(comment_text(&text[span.range()], "///")), span))
}

/// The `//!` lines before the first item.
fn file_doc(text: &str) -> Option<Arc<str>> {
    let head = text.lines().map(|line| line.trim_start_matches('\u{feff}').trim());
    let lines: Vec<&str> = head
        .take_while(|line| line.is_empty() || line.starts_with("//"))
        .filter(|line| line.starts_with("//!"))
        .collect();
    (!lines.is_empty()).then(|| Arc::from(comment_text(&lines.join("\n"), "//!")))
}

/// The lines that begin with `marker`, without it and one following blank.
fn comment_text(text: &str, marker: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = line.trim();
        let Some(rest) = line.strip_prefix(marker) else { continue };
        if rest.starts_with('/') {
            continue;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(rest.strip_prefix(' ').unwrap_or(rest));
    }
    out
}

fn lone_carriage_return(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'\r', bytes)
        .find(|&at| bytes.get(at + 1).is_some_and(|&next| next != b'\n'))
        .map(|at| at as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexer::{Keyword, RESERVED};

    /// Texts of the library: every form of the language, as it is written.
    fn library() -> Vec<String> {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../stdlib-rules");
        let mut open = vec![std::path::PathBuf::from(root)];
        let mut texts = Vec::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                open.extend(std::fs::read_dir(&path).expect("a folder").flatten().map(|entry| entry.path()));
            } else if path.extension().is_some_and(|extension| extension == "tacit") {
                texts.push(std::fs::read_to_string(&path).expect("a rule file"));
            }
        }
        texts
    }

    /// True where the direct reader read the item, which must then be as the grammar has it, without a complaint.
    fn agree(text: &str, raw: &RawItem) -> bool {
        let Some(direct) = direct::item(text, raw) else { return false };
        let item = &text[raw.span.range()];
        assert!(limits::check(text, raw.span).is_ok(), "\n{item}");
        let (kind, diagnostics) =
            parse_by_grammar(text, raw).unwrap_or_else(|| panic!("the grammar does not read\n{item}"));
        assert!(diagnostics.is_empty(), "{diagnostics:?}\n{item}");
        assert_eq!(format!("{direct:?}"), format!("{kind:?}"), "\n{item}");
        true
    }

    #[test]
    fn the_library_is_read_directly_and_as_by_the_grammar() {
        let texts = library();
        assert!(texts.len() > 100);
        for text in texts {
            for raw in items(&text) {
                let read = agree(&text, &raw);
                let expected = !matches!(raw.keyword, Some(Keyword::Test | Keyword::Waive));
                assert_eq!(read, expected, "\n{}", &text[raw.span.range()]);
            }
        }
    }

    #[test]
    fn deep_nesting_is_left_to_the_grammar() {
        let read = |expr: String| {
            let text = format!("let a = {expr}");
            direct::item(&text, &items(&text)[0]).is_some()
        };
        for (open, close) in [("(", ")"), ("[", "]"), ("f(", ")"), ("not ", ""), ("if a then b else ", "")] {
            assert!(read(format!("{}x{}", open.repeat(5), close.repeat(5))), "{open}");
            assert!(!read(format!("{}x{}", open.repeat(60), close.repeat(60))), "{open}");
        }
        assert!(read(format!("a{}", ".b".repeat(100))));
        assert!(!read(format!("a{}", ".b".repeat(390))));
        assert!(!read(format!("a{}", " or b".repeat(390))));
    }

    #[test]
    fn what_is_wrong_is_left_to_the_grammar() {
        // Small changes of right texts: taken out, doubled, swapped, other words and signs put in.
        let signs = [
            "==", "=", "-", "->", "(", ")", "[", "]", "{", "}", "\"", "/", "//", "|", "||", "??", "?", ".", ",", "5",
            "3d",
        ];
        let mut seed = 7u64;
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % below
        };
        let mut read = 0;
        for text in library().iter().take(120) {
            for raw in items(text).iter().filter(|raw| raw.keyword != Some(Keyword::Test)) {
                let tokens: Vec<Span> = crate::lexer::tokens(text, raw.span).map(|token| token.span).collect();
                for _ in 0..4 {
                    let (at, other) = (tokens[next(tokens.len())], tokens[next(tokens.len())]);
                    let with = match next(5) {
                        0 => "",
                        1 => &text[other.range()],
                        2 => RESERVED[next(RESERVED.len())],
                        3 => signs[next(signs.len())],
                        _ => "null",
                    };
                    let mut changed = text[raw.span.range()].to_owned();
                    let (start, end) = ((at.start - raw.span.start) as usize, (at.end - raw.span.start) as usize);
                    changed.replace_range(start..end, with);
                    for raw in items(&changed) {
                        read += usize::from(agree(&changed, &raw));
                    }
                }
            }
        }
        assert!(read > 0);
    }
}
