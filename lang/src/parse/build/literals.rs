//! Literals: their values, and what is wrong with them.

use std::sync::Arc;

use super::super::calendar;
use super::super::grammar::{Pair, Rule};
use super::Builder;
use crate::ast::{Template, TemplatePart, Text};
use crate::codes;
use crate::diag::Diagnostic;
use crate::span::Span;

impl Builder<'_> {
    /// A literal text where no expressions may stand.
    pub(super) fn text(&mut self, pair: Pair<'_>) -> Text {
        let span = self.span(&pair);
        let Some(literal) = pair.into_inner().next() else {
            return Text { value: Arc::from(""), span, lines: Vec::new() };
        };
        match literal.as_rule() {
            Rule::block => {
                let (value, lines) = self.block(&literal);
                Text { value: Arc::from(value), span, lines }
            }
            Rule::raw => Text { value: Arc::from(raw_value(literal.as_str())), span, lines: Vec::new() },
            _ => {
                let mut value = String::new();
                for part in literal.into_inner() {
                    if part.as_rule() == Rule::chunk {
                        self.chunk(&part, &mut value);
                        continue;
                    }
                    let part_span = self.span(&part);
                    let brace = Span::new(part_span.start, part_span.start + 1);
                    self.diagnostics.push(
                        Diagnostic::error(codes::TEXT, part_span, "this text takes no expressions").fix(
                            "write `{{` for a brace",
                            brace,
                            "{{",
                        ),
                    );
                    value.push_str(part.as_str());
                }
                Text { value: Arc::from(value), span, lines: Vec::new() }
            }
        }
    }

    /// A text that may hold expressions.
    pub(super) fn template(&mut self, pair: Pair<'_>) -> Template {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        let Some(literal) = pair.into_inner().next() else { return Template { parts, span } };
        match literal.as_rule() {
            Rule::block => parts.push(TemplatePart::Text(Arc::from(self.block(&literal).0))),
            Rule::raw => parts.push(TemplatePart::Text(Arc::from(raw_value(literal.as_str())))),
            _ => {
                for part in literal.into_inner() {
                    if part.as_rule() == Rule::chunk {
                        let mut value = String::new();
                        self.chunk(&part, &mut value);
                        parts.push(TemplatePart::Text(Arc::from(value)));
                    } else if let Some(expr) = super::super::grammar::parts(part).next() {
                        let in_body = std::mem::replace(&mut self.in_body, false);
                        parts.push(TemplatePart::Expr(self.expr(expr)));
                        self.in_body = in_body;
                    }
                }
            }
        }
        Template { parts, span }
    }

    /// Resolves escapes and doubled braces.
    fn chunk(&mut self, pair: &Pair<'_>, value: &mut String) {
        let text = pair.as_str();
        let start = pair.as_span().start();
        let mut rest = text;
        while let Some(found) = memchr::memchr3(b'\\', b'{', b'}', rest.as_bytes()) {
            value.push_str(&rest[..found]);
            let at = start + text.len() - rest.len() + found;
            rest = &rest[found..];
            let length = match rest.as_bytes()[0] {
                b'\\' => self.escape(rest, at, value),
                b'{' => {
                    value.push('{');
                    2
                }
                _ => {
                    value.push('}');
                    if rest.as_bytes().get(1) == Some(&b'}') {
                        2
                    } else {
                        let span = self.place.span(at, at + 1);
                        self.diagnostics.push(Diagnostic::error(codes::TEXT, span, "this `}` closes nothing").fix(
                            "write `}}` for a brace in a text",
                            span,
                            "}}",
                        ));
                        1
                    }
                }
            };
            rest = rest.get(length..).unwrap_or("");
        }
        value.push_str(rest);
    }

    /// Resolves the escape at the start of `rest`; returns its length.
    fn escape(&mut self, rest: &str, at: usize, value: &mut String) -> usize {
        let mut chars = rest[1..].chars();
        let letter = chars.next().unwrap_or('\\');
        let plain = match letter {
            'n' => '\n',
            't' => '\t',
            '"' => '"',
            '\\' => '\\',
            'u' => return self.unicode(rest, at, value),
            _ => {
                let length = 1 + letter.len_utf8();
                let span = self.place.span(at, at + length);
                let diagnostic = Diagnostic::error(codes::TEXT, span, format!("unknown escape `\\{letter}`"));
                self.diagnostics.push(match letter {
                    '{' | '}' => diagnostic.fix("braces are doubled", span, format!("{letter}{letter}")),
                    '\'' | '/' | '$' => diagnostic.fix("it needs no backslash", span, letter.to_string()),
                    _ => diagnostic.fix(
                        "write `\\\\` for a backslash, or `r\"…\"` for text without escapes",
                        span,
                        format!("\\\\{letter}"),
                    ),
                });
                value.push_str(&rest[..length.min(rest.len())]);
                return length;
            }
        };
        value.push(plain);
        2
    }

    /// `\u{1F511}`
    fn unicode(&mut self, rest: &str, at: usize, value: &mut String) -> usize {
        let close = rest.find('}');
        let digits = close.and_then(|close| rest.get(3..close)).filter(|_| rest.starts_with("\\u{"));
        let scalar = digits
            .filter(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match (scalar, close) {
            (Some(scalar), Some(close)) => {
                value.push(scalar);
                close + 1
            }
            _ => {
                let span = self.place.span(at, at + 2);
                self.diagnostics.push(
                    Diagnostic::error(codes::TEXT, span, "`\\u` takes a character's number in braces")
                        .help("write `\\u{e9}` for é"),
                );
                value.push_str("\\u");
                2
            }
        }
    }

    /// Value of a block string, and where each of its lines starts in the file.
    fn block(&self, pair: &Pair<'_>) -> (String, Vec<u32>) {
        let start = pair.as_span().start() + 3;
        let inside = pair.as_str().strip_prefix("\"\"\"").and_then(|rest| rest.strip_suffix("\"\"\"")).unwrap_or("");
        let (value, offsets) = block_value(inside);
        let lines = offsets.into_iter().map(|offset| self.place.offset((start + offset) as u32)).collect();
        (value, lines)
    }

    /// A whole number; says so where it is too large.
    pub(super) fn int(&mut self, pair: &Pair<'_>) -> Option<i64> {
        let value = pair.as_str().replace('_', "").parse().ok();
        if value.is_none() {
            let span = self.span(pair);
            self.diagnostics.push(Diagnostic::error(codes::NUMBER, span, format!("`{}` is too large", pair.as_str())));
        }
        value
    }

    /// A duration in nanoseconds; says so where it is too long.
    pub(super) fn duration(&mut self, pair: &Pair<'_>) -> Option<i64> {
        let value = calendar::duration(pair.as_str());
        if value.is_none() {
            let span = self.span(pair);
            let message = format!("`{}` is too long: durations reach 292 years", pair.as_str());
            self.diagnostics.push(Diagnostic::error(codes::NUMBER, span, message));
        }
        value
    }

    /// A date or time in seconds since 1970; says so where the calendar has no such day.
    pub(super) fn time(&mut self, pair: &Pair<'_>) -> Option<i64> {
        match calendar::time(pair.as_str()) {
            Ok(seconds) => Some(seconds),
            Err(reason) => {
                let span = self.span(pair);
                let message = format!("`{}` is no {}", pair.as_str(), reason.what());
                self.diagnostics.push(Diagnostic::error(codes::NUMBER, span, message).help(reason.help()));
                None
            }
        }
    }

    /// The pattern without its slashes.
    pub(super) fn regex(&self, pair: &Pair<'_>) -> Arc<str> {
        regex_value(pair.as_str())
    }
}

/// The pattern of `/…/`.
pub(in super::super) fn regex_value(literal: &str) -> Arc<str> {
    let inside = literal.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).unwrap_or("");
    let mut pattern = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => match chars.next() {
                Some('/') => pattern.push('/'),
                Some(next) => pattern.extend(['\\', next]),
                None => pattern.push('\\'),
            },
            _ => pattern.push(char),
        }
    }
    Arc::from(pattern)
}

/// The value of a block string, and for each of its lines the offset in `inside`.
pub(in super::super) fn block_value(inside: &str) -> (String, Vec<usize>) {
    let mut value = String::with_capacity(inside.len());
    let mut offsets = Vec::new();
    for (offset, line) in block_lines(inside) {
        if !offsets.is_empty() {
            value.push('\n');
        }
        value.push_str(line);
        offsets.push(offset);
    }
    (value, offsets)
}

/// The text between the quotes of `r"…"`.
pub(in super::super) fn raw_value(literal: &str) -> &str {
    literal.strip_prefix("r\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or("")
}

/// The lines of a block string without their common indentation, each with its offset in `inside`.
///
/// A line break after the opening quotes, and blanks before the closing ones, belong to the layout. Text on the line
/// of the opening quotes is kept as it is. Lines of blanks do not count for the indentation.
pub(crate) fn block_lines(inside: &str) -> Vec<(usize, &str)> {
    let mut lines: Vec<(usize, &str)> = Vec::new();
    let mut offset = 0;
    for line in inside.split('\n') {
        lines.push((offset, line.strip_suffix('\r').unwrap_or(line)));
        offset += line.len() + 1;
    }
    let is_blank = |line: &str| line.bytes().all(|byte| byte == b' ' || byte == b'\t');
    let opens_on_own_line = lines.len() > 1 && is_blank(lines[0].1);
    let first = usize::from(lines.len() > 1);
    let last = lines.len() - 1;
    let mut common: Option<&str> = None;
    for (_, line) in lines[first..].iter().filter(|(_, line)| !is_blank(line)) {
        let indent = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
        common = Some(match common {
            None => indent,
            Some(before) => {
                let shared = before.bytes().zip(indent.bytes()).take_while(|(left, right)| left == right).count();
                &indent[..shared]
            }
        });
    }
    let width = common.map_or(0, str::len);
    for (index, (offset, line)) in lines.iter_mut().enumerate().skip(first) {
        // A line of blanks may be shorter than the indentation; before the closing quotes it is layout.
        let cut = if index == last && is_blank(line) { line.len() } else { width.min(line.len()) };
        *offset += cut;
        *line = &line[cut..];
    }
    if opens_on_own_line {
        lines.remove(0);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(inside: &str) -> String {
        block_lines(inside).iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn common_indentation_is_layout() {
        assert_eq!(value("\n    a:\n      b: 1\n\n    c: 2\n  "), "a:\n  b: 1\n\nc: 2\n");
        assert_eq!(value("one line"), "one line");
        assert_eq!(value("first\n    second\n  third"), "first\n  second\nthird");
        assert_eq!(value("\r\n  a\r\n  b\r\n"), "a\nb\n");
        assert_eq!(value(""), "");
        assert_eq!(value("\n"), "");
    }

    #[test]
    fn each_line_knows_its_offset() {
        assert_eq!(block_lines("\n  a\n    b\n "), [(3, "a"), (7, "  b"), (12, "")]);
    }
}
