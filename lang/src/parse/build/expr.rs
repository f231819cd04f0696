//! Expressions: the flat row of operands and operators of the grammar becomes a tree by precedence.

use std::iter::Peekable;
use std::sync::Arc;

use super::super::grammar::{Pair, Rule, parts};
use super::Builder;
use crate::ast::{BinaryOp, Expr, ExprKind, TestOp};
use crate::codes;
use crate::diag::{Diagnostic, Help, TextEdit};
use crate::span::Span;

// Levels of precedence, loosest first.
pub(in super::super) const OR: u8 = 1;
const AND: u8 = 2;
pub(in super::super) const NOT: u8 = 3;
pub(in super::super) const COMPARISON: u8 = 4;
const DEFAULT: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const UNARY: u8 = 8;

/// An expression, and its place with the parentheses around it, as the nodes above it count it.
struct Built {
    expr: Expr,
    outer: Span,
}

impl Built {
    fn new(outer: Span, kind: ExprKind) -> Self {
        Built { expr: Expr { span: outer, kind: Box::new(kind) }, outer }
    }
}

impl Builder<'_> {
    /// The expression that `pair` is.
    pub fn expr(&mut self, pair: Pair<'_>) -> Expr {
        debug_assert_eq!(pair.as_rule(), Rule::expr);
        let mut row = pair.into_inner().peekable();
        self.climb(&mut row, OR).expr
    }

    /// An expression inside brackets, where a quantifier may begin anew.
    fn bracketed(&mut self, pair: Pair<'_>) -> Expr {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let expr = self.expr(pair);
        self.in_body = in_body;
        expr
    }

    /// Reads operators of at least level `least`.
    fn climb<'i>(&mut self, row: &mut Peekable<impl Iterator<Item = Pair<'i>>>, least: u8) -> Built {
        let mut left = self.prefixed(row, least);
        let mut compared = false;
        while let Some(next) = row.peek() {
            let (level, op) = match next.as_rule() {
                Rule::test => (COMPARISON, None),
                Rule::infix => match infix(next.as_str()) {
                    Some((op, level)) => (level, Some(op)),
                    None => break,
                },
                _ => break,
            };
            if level < least {
                break;
            }
            let op_span = self.span(next);
            if level == COMPARISON && compared {
                self.diagnostics.push(
                    Diagnostic::error(codes::PARENTHESES, op_span, "comparisons do not chain")
                        .label(format!("`{}` follows another comparison", next.as_str()))
                        .help("join them with `and`, or put parentheses around the first"),
                );
            }
            compared |= level == COMPARISON;
            let Some(word) = row.next() else { break };
            left = match op {
                Some(op) => {
                    let right = self.climb(row, level + 1);
                    let outer = left.outer.to(right.outer);
                    if let Some(test) = self.null_comparison(op, op_span, &right.expr) {
                        let test_span = op_span.to(right.outer);
                        left = Built::new(outer, ExprKind::Test { base: left.expr, test, test_span });
                        continue;
                    }
                    let kind = ExprKind::Binary { op, op_span, left: left.expr, right: right.expr };
                    Built::new(outer, kind)
                }
                None => {
                    let test = match word.as_str() {
                        "exists" => TestOp::Exists,
                        "absent" => TestOp::Absent,
                        "empty" => TestOp::Empty,
                        _ => TestOp::Dangling,
                    };
                    let outer = left.outer.to(op_span);
                    Built::new(outer, ExprKind::Test { base: left.expr, test, test_span: op_span })
                }
            };
        }
        left
    }

    /// `not e`, `-1`, or an operand.
    fn prefixed<'i>(&mut self, row: &mut Peekable<impl Iterator<Item = Pair<'i>>>, least: u8) -> Built {
        let Some(first) = row.next() else { return Built::new(self.place.span(0, 0), ExprKind::Error) };
        match first.as_rule() {
            Rule::kw_not => {
                let span = self.span(&first);
                let inner = self.climb(row, NOT);
                let outer = span.to(inner.outer);
                if least > NOT {
                    self.needs_parentheses(outer, "`not` stands here inside a tighter operator");
                }
                Built::new(outer, ExprKind::Not(inner.expr))
            }
            Rule::minus => self.negative(first, row),
            _ => {
                let operand = match first.into_inner().next() {
                    Some(operand) => self.operand(operand, least),
                    None => Built::new(self.place.span(0, 0), ExprKind::Error),
                };
                self.postfixes(operand, row)
            }
        }
    }

    /// Unary minus, which numbers and durations have.
    fn negative<'i>(&mut self, minus: Pair<'i>, row: &mut Peekable<impl Iterator<Item = Pair<'i>>>) -> Built {
        let minus_span = self.span(&minus);
        let is_literal = |next: &Pair<'i>| {
            let operand = next.clone().into_inner().next();
            operand.is_some_and(|operand| matches!(operand.as_rule(), Rule::int | Rule::duration))
        };
        let literal = row.next_if(is_literal).and_then(|operand| operand.into_inner().next());
        let Some(literal) = literal else {
            let inner = self.prefixed(row, UNARY);
            self.diagnostics.push(
                Diagnostic::error(codes::FOREIGN, minus_span, "a minus sign stands only before a number or a duration")
                    .fix("subtract from zero", minus_span, "0 - "),
            );
            return inner;
        };
        let outer = minus_span.to(self.span(&literal));
        let kind = match literal.as_rule() {
            Rule::int => self.int(&literal).map(|value| ExprKind::Int(-value)),
            _ => self.duration(&literal).map(|value| ExprKind::Duration(-value)),
        };
        let built = Built::new(outer, kind.unwrap_or(ExprKind::Error));
        self.postfixes(built, row)
    }

    fn postfixes<'i>(&mut self, mut base: Built, row: &mut Peekable<impl Iterator<Item = Pair<'i>>>) -> Built {
        while let Some(postfix) = row.next_if(|next| {
            matches!(next.as_rule(), Rule::member | Rule::each | Rule::index | Rule::follow | Rule::cast)
        }) {
            let outer = base.outer.to(self.span(&postfix));
            base = Built::new(outer, self.postfix(base.expr, postfix).unwrap_or(ExprKind::Error));
        }
        base
    }

    fn postfix(&mut self, base: Expr, pair: Pair<'_>) -> Option<ExprKind> {
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        Some(match rule {
            Rule::each => ExprKind::Each { base },
            Rule::follow => ExprKind::Follow { base },
            Rule::index => ExprKind::Index { base, index: self.bracketed(inner.next()?) },
            Rule::cast => ExprKind::As { base, ty: self.ty(inner.next()?)? },
            _ => {
                let name = self.ident(&inner.next()?);
                match inner.next() {
                    Some(args) => ExprKind::Method { base, name, args: self.args(args) },
                    None => ExprKind::Field { base, name },
                }
            }
        })
    }

    fn args(&mut self, pair: Pair<'_>) -> Vec<Expr> {
        parts(pair).map(|arg| self.bracketed(arg)).collect()
    }

    fn operand(&mut self, pair: Pair<'_>, least: u8) -> Built {
        let outer = self.span(&pair);
        let rule = pair.as_rule();
        let kind = match rule {
            Rule::paren => {
                return match parts(pair).next() {
                    Some(inner) => Built { expr: self.bracketed(inner), outer },
                    None => Built::new(outer, ExprKind::Error),
                };
            }
            Rule::quantifier => self.quantifier(pair, least),
            Rule::conditional => {
                let mut inner = parts(pair);
                let mut next = || inner.next().map(|part| self.expr(part));
                match (next(), next(), next()) {
                    (Some(condition), Some(then), Some(otherwise)) => Some(ExprKind::If { condition, then, otherwise }),
                    _ => None,
                }
            }
            Rule::list => self.list(pair),
            Rule::text => Some(ExprKind::Text(self.template(pair))),
            Rule::time => self.time(&pair).map(ExprKind::Time),
            Rule::duration => self.duration(&pair).map(ExprKind::Duration),
            Rule::int => self.int(&pair).map(ExprKind::Int),
            Rule::boolean => Some(ExprKind::Bool(pair.as_str() == "true")),
            Rule::now => Some(ExprKind::Now),
            Rule::regex => Some(ExprKind::Regex(self.regex(&pair))),
            _ => self.reference(pair),
        };
        Built::new(outer, kind.unwrap_or(ExprKind::Error))
    }

    fn quantifier(&mut self, pair: Pair<'_>, least: u8) -> Option<ExprKind> {
        let outer = self.span(&pair);
        let mut inner = parts(pair);
        let word = inner.next()?;
        let all = word.as_str() == "all";
        if self.in_body {
            self.needs_parentheses(outer, &format!("`{}` stands here inside another `any` or `all`", word.as_str()));
        } else if least > NOT {
            self.needs_parentheses(outer, &format!("`{}` stands here inside a tighter operator", word.as_str()));
        }
        let generator = Box::new(self.generator(inner.next()?)?);
        let in_body = std::mem::replace(&mut self.in_body, true);
        let body = inner.next().map(|body| self.expr(body));
        self.in_body = in_body;
        Some(ExprKind::Quantifier { all, generator, body: body? })
    }

    fn list(&mut self, pair: Pair<'_>) -> Option<ExprKind> {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let mut elements = Vec::new();
        let mut comprehension = None;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::comprehension => comprehension = Some(part),
                _ => elements.push(self.expr(part)),
            }
        }
        let kind = match comprehension {
            None => Some(ExprKind::List(elements)),
            Some(tail) => {
                let (mut generators, mut condition) = (Vec::new(), None);
                for part in parts(tail) {
                    match part.as_rule() {
                        Rule::generators => generators = self.generators(part),
                        _ => condition = parts(part).next().map(|expr| self.expr(expr)),
                    }
                }
                elements.pop().map(|body| ExprKind::Comprehension { body, generators, condition })
            }
        };
        self.in_body = in_body;
        kind
    }

    fn reference(&mut self, pair: Pair<'_>) -> Option<ExprKind> {
        let mut inner = parts(pair);
        let name = inner.next()?;
        Some(match inner.next() {
            Some(args) => ExprKind::Call { name: self.ident(&name), args: self.args(args) },
            None => self.name(&name),
        })
    }

    /// A bare name. Words that mean something in other languages are told apart.
    fn name(&mut self, pair: &Pair<'_>) -> ExprKind {
        let word = pair.as_str();
        let span = self.span(pair);
        if is_null(word) {
            self.diagnostics.push(
                Diagnostic::error(codes::FOREIGN, span, format!("there is no `{word}`"))
                    .help("a value that is not there is told by `x absent` and `x exists`; `??` replaces it"),
            );
            self.null = Some(span);
            return ExprKind::Error;
        } else if let Some(value) = capital_bool(word) {
            self.diagnostics.push(
                Diagnostic::error(codes::FOREIGN, span, format!("`{word}` is written in lower case")).fix(
                    format!("write `{value}`"),
                    span,
                    value.to_string(),
                ),
            );
            return ExprKind::Bool(value);
        }
        ExprKind::Name(Arc::from(word))
    }

    /// `x == null` is meant as a test; says so instead of what was said about the bare word.
    fn null_comparison(&mut self, op: BinaryOp, op_span: Span, right: &Expr) -> Option<TestOp> {
        let test = match op {
            BinaryOp::Eq => TestOp::Absent,
            BinaryOp::Ne => TestOp::Exists,
            _ => return None,
        };
        if self.null != Some(right.span) {
            return None;
        }
        self.diagnostics.retain(|diagnostic| diagnostic.span != right.span);
        let span = op_span.to(right.span);
        self.diagnostics.push(
            Diagnostic::error(codes::FOREIGN, span, "a missing value is told by a word of its own").fix(
                format!("write `{}`", test.as_str()),
                span,
                test.as_str(),
            ),
        );
        Some(test)
    }

    fn needs_parentheses(&mut self, span: Span, message: &str) {
        let mut diagnostic = Diagnostic::error(codes::PARENTHESES, span, format!("{message} and needs parentheses"));
        diagnostic.help = Some(Help {
            message: "put parentheses around it".to_owned(),
            edits: vec![
                TextEdit { span: Span::at(span.start), text: "(".to_owned() },
                TextEdit { span: Span::at(span.end), text: ")".to_owned() },
            ],
        });
        self.diagnostics.push(diagnostic);
    }
}

/// The operator as written, and its level.
pub(in super::super) fn infix(text: &str) -> Option<(BinaryOp, u8)> {
    Some(match text {
        "or" => (BinaryOp::Or, OR),
        "and" => (BinaryOp::And, AND),
        "==" => (BinaryOp::Eq, COMPARISON),
        "!=" => (BinaryOp::Ne, COMPARISON),
        "<" => (BinaryOp::Lt, COMPARISON),
        "<=" => (BinaryOp::Le, COMPARISON),
        ">" => (BinaryOp::Gt, COMPARISON),
        ">=" => (BinaryOp::Ge, COMPARISON),
        "in" => (BinaryOp::In, COMPARISON),
        "overlaps" => (BinaryOp::Overlaps, COMPARISON),
        "matches" => (BinaryOp::Matches, COMPARISON),
        "contains" => (BinaryOp::Contains, COMPARISON),
        "??" => (BinaryOp::Default, DEFAULT),
        "++" => (BinaryOp::Concat, SUM),
        "+" => (BinaryOp::Add, SUM),
        "-" => (BinaryOp::Sub, SUM),
        "*" => (BinaryOp::Mul, PRODUCT),
        _ if text.starts_with("starts") => (BinaryOp::StartsWith, COMPARISON),
        _ if text.starts_with("ends") => (BinaryOp::EndsWith, COMPARISON),
        _ => return None,
    })
}

/// The words of other languages for a value that is not there.
pub(in super::super) fn is_null(word: &str) -> bool {
    matches!(word, "null" | "nil" | "None" | "undefined" | "NULL" | "Null")
}

/// The words of other languages for true and false.
pub(in super::super) fn capital_bool(word: &str) -> Option<bool> {
    match word {
        "True" | "TRUE" => Some(true),
        "False" | "FALSE" => Some(false),
        _ => None,
    }
}
