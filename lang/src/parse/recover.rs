//! Reads a broken item piece by piece.

use std::sync::Arc;

use pest::Parser;
use pest::iterators::Pairs;

use super::build::Builder;
use super::faults::{self, Fault, Next};
use super::grammar::{Grammar, Rule};
use super::place::Place;
use super::{broken, doc, limits, parse_whole};
use crate::ast::{Ident, Item, ItemKind, Severity, Test, Text};
use crate::codes;
use crate::diag::Diagnostic;
use crate::lexer::{Keyword, RawItem, Token, TokenKind, looks_like_item, tokens};
use crate::span::{Span, Spanned};

/// How many slips of one piece are mended before it is given up.
const MAX_REPAIRS: usize = 16;

/// What one raw item gave: itself, and items that were found inside it.
pub(super) struct Parsed {
    pub items: Vec<Item>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Parses one raw item, broken or not.
pub(super) fn item(text: &str, raw: &RawItem) -> Parsed {
    let mut parsed = Parsed { items: Vec::new(), diagnostics: Vec::new() };
    if !read_whole(text, raw, &mut parsed) {
        let (first, inner) = inner_items(text, raw);
        for (raw, mut diagnostics) in std::iter::once((first, Vec::new())).chain(inner) {
            parsed.diagnostics.append(&mut diagnostics);
            if !read_whole(text, &raw, &mut parsed) {
                read_pieces(text, &raw, &mut parsed);
            }
        }
    }
    parsed
}

/// Reads an item that is right for the grammar.
fn read_whole(text: &str, raw: &RawItem, parsed: &mut Parsed) -> bool {
    if raw.keyword.is_none() {
        return false;
    }
    let Some((kind, mut diagnostics)) = parse_whole(text, raw) else { return false };
    parsed.items.push(Item { span: raw.span, doc: doc(text, raw), kind });
    parsed.diagnostics.append(&mut diagnostics);
    true
}

fn read_pieces(text: &str, raw: &RawItem, parsed: &mut Parsed) {
    let mut reader = Reader::new(text);
    let kind = match raw.keyword {
        Some(Keyword::Rule) => reader.rule(raw),
        Some(Keyword::Test) => reader.test(raw),
        Some(_) => reader.piece(Rule::an_item, raw.span, |builder, mut pairs| builder.item(pairs.next()?)),
        None => {
            reader.stray(raw.span);
            None
        }
    };
    parsed.items.push(match kind {
        Some(kind) => Item { span: raw.span, doc: doc(text, raw), kind },
        None => broken(text, raw),
    });
    reader.diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
    parsed.diagnostics.append(&mut reader.diagnostics);
}

/// Cuts a broken item where its text shows that another one was meant to begin: an indented item word, or a
/// misspelt one in the first column.
fn inner_items(text: &str, raw: &RawItem) -> (RawItem, Vec<(RawItem, Vec<Diagnostic>)>) {
    let mut cuts: Vec<(u32, Option<Keyword>, Vec<Diagnostic>)> = Vec::new();
    let mut ends = Vec::new();
    let mut last_end = raw.span.start;
    for token in tokens(text, raw.span).filter(|token| token.kind != TokenKind::Comment) {
        let start = token.span.start as usize;
        if token.kind == TokenKind::Word && token.span.start > raw.span.start && is_first_of_line(text, &token) {
            let word = token.text(text);
            let first_column = text[..start].ends_with('\n');
            if !first_column && word != "let" && looks_like_item(text.as_bytes(), start) {
                let line = text[..start].rfind('\n').map_or(0, |found| found + 1) as u32;
                let diagnostic = Diagnostic::error(
                    codes::COLUMN,
                    token.span,
                    format!("`{word}` does not begin in the first column"),
                )
                .fix("begin items in the first column", Span::new(line, token.span.start), "");
                cuts.push((token.span.start, Keyword::parse(word), vec![diagnostic]));
                ends.push(last_end);
            } else if first_column && faults::is_misspelt_item(text, start, word) {
                cuts.push((token.span.start, None, Vec::new()));
                ends.push(last_end);
            }
        }
        last_end = token.span.end;
    }
    ends.push(last_end);
    let first = RawItem { span: Span::new(raw.span.start, ends[0]), ..*raw };
    let inner = cuts
        .into_iter()
        .zip(ends.into_iter().skip(1))
        .map(|((start, keyword, diagnostics), end)| {
            (RawItem { keyword, span: Span::new(start, end), doc_span: None }, diagnostics)
        })
        .collect();
    (first, inner)
}

/// Reads pieces of a text and gathers what is wrong with them.
pub(super) struct Reader<'t> {
    text: &'t str,
    /// What is wrong so far.
    pub diagnostics: Vec<Diagnostic>,
    /// Set where the last piece was read only in part.
    cut: bool,
}

impl<'t> Reader<'t> {
    /// A reader of pieces of `text`.
    pub fn new(text: &'t str) -> Self {
        Reader { text, diagnostics: Vec::new(), cut: false }
    }

    /// Parses one piece by the entry `rule`; mends what can be mended, says what is wrong.
    pub fn piece<T>(
        &mut self,
        rule: Rule,
        span: Span,
        build: impl FnOnce(&mut Builder<'_>, Pairs<'_, Rule>) -> Option<T>,
    ) -> Option<T> {
        let known = self.diagnostics.len();
        self.lexical(span);
        if self.diagnostics.len() > known {
            return None;
        }
        if let Err(diagnostic) = limits::check(self.text, span) {
            self.diagnostics.push(diagnostic);
            return None;
        }
        let mut piece = self.text[span.range()].to_owned();
        let mut place = Place::new(span.start);
        for _ in 0..MAX_REPAIRS {
            let error = match Grammar::parse(rule, &piece) {
                Ok(pairs) => {
                    let mut builder = Builder::new(&place);
                    let built = build(&mut builder, pairs);
                    self.diagnostics.append(&mut builder.diagnostics);
                    return built;
                }
                Err(error) => error,
            };
            let fault = Fault::new(rule, &piece, &place, &error);
            let (diagnostic, next) = faults::explain(&fault);
            self.diagnostics.push(diagnostic);
            match next {
                Next::Repair(edit) => place.repair(&mut piece, edit.span, &edit.text),
                Next::Cut(at) => {
                    self.cut = true;
                    piece.truncate(at as usize);
                }
                Next::Drop => return None,
            }
            if limits::check(&piece, Span::new(0, piece.len() as u32)).is_err() {
                return None;
            }
        }
        None
    }

    /// Says which literals of a stretch of text are not closed.
    fn lexical(&mut self, span: Span) {
        for token in tokens(self.text, span) {
            if let Some(diagnostic) = faults::unclosed(self.text, &token) {
                self.diagnostics.push(diagnostic);
            }
        }
    }

    fn rule(&mut self, raw: &RawItem) -> Option<ItemKind> {
        let (head, pieces) = split(self.text, raw.span, Keyword::Rule);
        let mut clauses = Vec::new();
        let mut dropped = false;
        // A clause whose word is misspelt stands in the piece of the head.
        let rule = self.piece(Rule::a_rule_head, head, |builder, pairs| {
            let mut rule = None;
            for pair in pairs {
                match pair.as_rule() {
                    Rule::rule_head => rule = builder.rule_head(pair),
                    _ => clauses.extend(builder.clause(pair)),
                }
            }
            rule
        });
        dropped |= std::mem::take(&mut self.cut);
        for span in pieces {
            let read = self.piece(Rule::some_clauses, span, |builder, pairs| {
                Some(pairs.filter_map(|pair| builder.clause(pair)).collect::<Vec<_>>())
            });
            dropped |= read.is_none() | std::mem::take(&mut self.cut);
            clauses.extend(read.unwrap_or_default());
        }
        let mut rule = rule.or_else(|| self.nameless_head(raw))?;
        rule.clauses = clauses;
        rule.dropped |= dropped;
        Some(ItemKind::Rule(Box::new(rule)))
    }

    /// A head that did not parse but whose name is known: the clauses are still worth checking.
    fn nameless_head(&self, raw: &RawItem) -> Option<crate::ast::Rule> {
        let ItemKind::Broken { name: Some(name), .. } = broken(self.text, raw).kind else { return None };
        let span = Span::at(name.span.end);
        Some(crate::ast::Rule {
            code: None,
            name,
            severity: Spanned::new(Severity::Medium, span),
            title: Text { value: Arc::from(""), span, lines: Vec::new() },
            clauses: Vec::new(),
            dropped: true,
        })
    }

    fn test(&mut self, raw: &RawItem) -> Option<ItemKind> {
        let (head, pieces) = split(self.text, raw.span, Keyword::Test);
        let mut test = Test {
            rule: Ident { text: Arc::from(""), span: raw.span },
            title: Text { value: Arc::from(""), span: raw.span, lines: Vec::new() },
            now: None,
            with: Vec::new(),
            given: Vec::new(),
            expect: Vec::new(),
        };
        let head = self.piece(Rule::a_test_head, head, |builder, pairs| {
            let mut head = None;
            for pair in pairs {
                match pair.as_rule() {
                    Rule::test_head => head = builder.test_head(pair),
                    _ => {
                        builder.test_part(pair, &mut test);
                    }
                }
            }
            head
        });
        for span in pieces {
            self.piece(Rule::some_parts, span, |builder, pairs| {
                for pair in pairs {
                    builder.test_part(pair, &mut test);
                }
                Some(())
            });
        }
        let (rule, title) = head?;
        Some(ItemKind::Test(Test { rule, title, ..test }))
    }

    /// Text before the first item.
    fn stray(&mut self, span: Span) {
        let Some(first) = tokens(self.text, span).find(|token| token.kind != TokenKind::Comment) else { return };
        self.diagnostics.push(faults::no_item(self.text, &first));
    }
}

/// Cuts a rule or a test into its head and its clauses.
///
/// A clause begins at its reserved word, outside brackets. Brackets that are still open when the next clause begins
/// beyond doubt do not count, so that a missing `)` costs one clause.
fn split(text: &str, span: Span, keyword: Keyword) -> (Span, Vec<Span>) {
    let tokens: Vec<Token> = tokens(text, span).filter(|token| token.kind != TokenKind::Comment).collect();
    let word = |index: usize| tokens.get(index).map_or("", |token| token.text(text));
    let inside = brackets(text, &tokens, keyword);
    let mut starts = Vec::new();
    // Between `any` or `all` and the colon that it needs.
    let mut quantifies = false;
    for (index, token) in tokens.iter().enumerate().skip(1) {
        match word(index) {
            "any" | "all" if word(index - 1) != "." => quantifies = true,
            ":" => quantifies = false,
            _ => {}
        }
        if token.kind != TokenKind::Word {
            continue;
        }
        let before = word(index - 1);
        let begins = match (keyword, word(index)) {
            // After a dot any word is a field; a dot at the end of a line was left unfinished.
            _ if before == "." && !is_first_of_line(text, token) => false,
            // `for tags in …`: a name was meant.
            _ if is_meant_as_name(before, word(index + 1)) && !is_first_of_line(text, token) => false,
            (Keyword::Test, "now") => !inside[index] && is_first_of_line(text, token),
            (Keyword::Test, "with") => !inside[index] && before != "starts" && before != "ends",
            (Keyword::Test, "given" | "expect") => true,
            (Keyword::Test, _) => false,
            (_, "for") => !inside[index] && !continues_with_for(&word, index),
            (_, "where") => !inside[index] && (!quantifies || is_first_of_line(text, token)),
            (_, word) => is_sure_clause(word),
        };
        if begins {
            quantifies = false;
            starts.push(token.span.start);
        }
    }
    let end = tokens.last().map_or(span.end, |token| token.span.end);
    let stop_before = |start: u32| {
        let before = tokens.iter().take_while(|token| token.span.start < start).last();
        before.map_or(start, |token| token.span.end)
    };
    let head_end = starts.first().map_or(end, |&start| stop_before(start));
    let mut pieces = Vec::with_capacity(starts.len());
    for (index, &start) in starts.iter().enumerate() {
        pieces.push(Span::new(start, starts.get(index + 1).map_or(end, |&next| stop_before(next))));
    }
    (Span::new(span.start, head_end), pieces)
}

/// True where a word stands as names do: `for tags in`, `let tags =`, `, tags in`.
fn is_meant_as_name(before: &str, after: &str) -> bool {
    matches!(before, "for" | "let") && matches!(after, "in" | "=" | ",") || before == "," && after == "in"
}

/// Clause words that stand nowhere else but after a dot.
fn is_sure_clause(word: &str) -> bool {
    matches!(word, "let" | "deny" | "require" | "undecided" | "remedy" | "fix" | "controls" | "tags" | "docs")
}

/// True for the `for` of `deny for` and `undecided for`, `deny as high for`.
fn continues_with_for<'a>(word: &impl Fn(usize) -> &'a str, index: usize) -> bool {
    let before = word(index - 1);
    before == "deny" || before == "undecided" || (index > 2 && word(index - 2) == "as" && word(index - 3) == "deny")
}

fn is_first_of_line(text: &str, token: &Token) -> bool {
    let start = token.span.start as usize;
    text[..start].trim_end_matches([' ', '\t']).ends_with('\n')
}

/// For each token, whether it stands inside brackets that close.
fn brackets(text: &str, tokens: &[Token], keyword: Keyword) -> Vec<bool> {
    let mut inside = vec![false; tokens.len()];
    let mut open: Vec<usize> = Vec::new();
    let mut previous = "";
    for (index, token) in tokens.iter().enumerate() {
        let word = token.text(text);
        let sure = match keyword {
            Keyword::Test => matches!(word, "given" | "expect"),
            _ => is_sure_clause(word),
        };
        if sure && previous != "." {
            open.clear();
        }
        match word {
            "(" | "[" | "{" => open.push(index),
            ")" | "]" | "}" => {
                if let Some(start) = open.pop() {
                    inside[start + 1..index].fill(true);
                }
            }
            _ => {}
        }
        previous = word;
    }
    inside
}

#[cfg(test)]
mod tests {
    use crate::ast::{ClauseKind, ItemKind};
    use crate::parse::parse;

    #[test]
    fn two_broken_clauses_give_two_diagnostics_and_the_rest_stands() {
        let text = "rule a-b low \"t\"\n  for x in Pod\n  where x.y == )\n  let z = x.spec\n  deny when (x.z \"m\"\n  remedy \"r\"\n";
        let (file, diagnostics) = parse(text);
        assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
        let ItemKind::Rule(rule) = &file.items[0].kind else { panic!("a rule") };
        assert!(rule.dropped);
        let kept: Vec<bool> = rule
            .clauses
            .iter()
            .map(|clause| matches!(clause.kind, ClauseKind::For(_) | ClauseKind::Let { .. } | ClauseKind::Remedy(_)))
            .collect();
        assert_eq!(kept, [true, true, true]);
    }
}
