//! Expressions: operators by their levels, steps, operands.

use super::Reader;
use super::tokens::span;
use crate::ast::*;
use crate::parse::build::expr::{self as level, capital_bool, infix, is_null};
use crate::span::Span;

/// How deep the direct reader goes, and how many operators and steps an expression may have for it: well inside the
/// [limits](crate::parse::limits) of the language, which the grammar is left to check.
const DEPTH: usize = 32;
const CHAIN: usize = 256;

/// An expression, and its place with the parentheses around it.
struct Built {
    expr: Expr,
    outer: Span,
}

impl Built {
    fn new(outer: Span, kind: ExprKind) -> Self {
        Built { expr: Expr { span: outer, kind: Box::new(kind) }, outer }
    }
}

impl<'t> Reader<'t> {
    pub(super) fn expr(&mut self) -> Option<Expr> {
        if self.depth == 0 {
            self.chain = 0;
        }
        self.nested(|reader| Some(reader.climb(level::OR)?.expr))
    }

    /// Reads something that may hold its like.
    pub(super) fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth == DEPTH {
            return None;
        }
        self.depth += 1;
        let found = read(self);
        self.depth -= 1;
        found
    }

    /// Counts an operator or a step.
    pub(super) fn count(&mut self) -> Option<()> {
        self.chain += 1;
        (self.chain < CHAIN).then_some(())
    }

    /// An expression inside brackets, where a quantifier may begin anew.
    pub(super) fn bracketed(&mut self) -> Option<Expr> {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let expr = self.expr();
        self.in_body = in_body;
        expr
    }

    /// Reads operators of at least level `least`.
    fn climb(&mut self, least: u8) -> Option<Built> {
        let mut left = self.prefixed(least)?;
        let mut compared = false;
        loop {
            let start = self.start();
            if let Some(test) = self.peek().and_then(test) {
                if level::COMPARISON < least {
                    break;
                }
                if compared {
                    return None;
                }
                compared = true;
                self.count()?;
                self.advance(test.as_str().len());
                let test_span = self.since(start);
                left = Built::new(left.outer.to(test_span), ExprKind::Test { base: left.expr, test, test_span });
                continue;
            }
            let Some((op, level, end)) = self.operator()? else { break };
            if level < least {
                break;
            }
            if level == level::COMPARISON {
                if compared {
                    return None;
                }
                compared = true;
            }
            self.count()?;
            self.advance(end - start);
            let op_span = self.since(start);
            let right = self.climb(level + 1)?;
            let outer = left.outer.to(right.outer);
            left = Built::new(outer, ExprKind::Binary { op, op_span, left: left.expr, right: right.expr });
        }
        Some(left)
    }

    /// The operator at the next token, its level, and where it ends; it is not taken.
    fn operator(&mut self) -> Option<Option<(BinaryOp, u8, usize)>> {
        if let Some(word) = self.peek() {
            let (start, mut end) = (self.at, self.at + word.len());
            if matches!(word, "starts" | "ends") {
                let last = self.last;
                self.at = end;
                let with = self.takes("with");
                end = self.at;
                (self.at, self.last) = (start, last);
                if !with {
                    return None;
                }
            }
            return Some(infix(word).map(|(op, level)| (op, level, end)));
        }
        let length = match self.rest() {
            [b'=', b'=', ..] | [b'!', b'=', ..] | [b'<' | b'>', b'=', ..] | [b'?', b'?', ..] | [b'+', b'+', ..] => 2,
            [b'-', b'>', ..] => return Some(None),
            [b'<' | b'>' | b'+' | b'-' | b'*', ..] => 1,
            _ => return Some(None),
        };
        let sign = self.text.get(self.at..self.at + length)?;
        Some(infix(sign).map(|(op, level)| (op, level, self.at + length)))
    }

    /// `not e`, `-1`, or an operand.
    fn prefixed(&mut self, least: u8) -> Option<Built> {
        let start = self.start();
        if self.takes("not") {
            if least > level::NOT {
                return None;
            }
            let word = self.since(start);
            let inner = self.nested(|reader| reader.climb(level::NOT))?;
            return Some(Built::new(word.to(inner.outer), ExprKind::Not(inner.expr)));
        }
        if self.next_is(b'-') {
            if self.rest().get(1) == Some(&b'>') {
                return None;
            }
            self.advance(1);
            let kind = match self.number()? {
                ExprKind::Int(value) => ExprKind::Int(-value),
                ExprKind::Duration(value) => ExprKind::Duration(-value),
                _ => return None,
            };
            let built = Built::new(self.since(start), kind);
            return self.postfixes(built);
        }
        let operand = self.operand(least)?;
        self.postfixes(operand)
    }

    fn postfixes(&mut self, mut base: Built) -> Option<Built> {
        loop {
            self.skip();
            let kind = match self.rest() {
                [b'.', ..] => {
                    self.advance(1);
                    let name = self.word()?;
                    match self.args()? {
                        Some(args) => ExprKind::Method { base: base.expr, name, args },
                        None => ExprKind::Field { base: base.expr, name },
                    }
                }
                [b'[', ..] => {
                    self.advance(1);
                    if self.takes_sign(b']') {
                        ExprKind::Each { base: base.expr }
                    } else {
                        let index = self.bracketed()?;
                        self.sign(b']')?;
                        ExprKind::Index { base: base.expr, index }
                    }
                }
                [b'-', b'>', ..] => {
                    self.advance(2);
                    ExprKind::Follow { base: base.expr }
                }
                [b'a', ..] if self.takes("as") => ExprKind::As { base: base.expr, ty: self.ty()? },
                _ => return Some(base),
            };
            self.count()?;
            let outer = base.outer.to(span(self.last, self.last));
            base = Built::new(outer, kind);
        }
    }

    /// `(a, b)`, where a parenthesis opens.
    fn args(&mut self) -> Option<Option<Vec<Expr>>> {
        if !self.takes_sign(b'(') {
            return Some(None);
        }
        self.listed(b')', Self::bracketed).map(Some)
    }

    fn operand(&mut self, least: u8) -> Option<Built> {
        let start = self.start();
        let kind = match *self.rest().first()? {
            b'(' => {
                self.advance(1);
                let expr = self.bracketed()?;
                self.sign(b')')?;
                return Some(Built { expr, outer: self.since(start) });
            }
            b'[' => self.list()?,
            b'"' => ExprKind::Text(self.template()?),
            b'/' => ExprKind::Regex(self.regex()?),
            b'0'..=b'9' => self.number()?,
            b'r' if self.rest().get(1) == Some(&b'"') => ExprKind::Text(self.template()?),
            _ => match self.peek()? {
                word @ ("any" | "all") => {
                    if self.in_body || least > level::NOT {
                        return None;
                    }
                    self.advance(word.len());
                    let generator = Box::new(self.generator()?);
                    self.sign(b':')?;
                    self.in_body = true;
                    let body = self.expr();
                    self.in_body = false;
                    ExprKind::Quantifier { all: word == "all", generator, body: body? }
                }
                "if" => {
                    self.advance(2);
                    let condition = self.expr()?;
                    self.keyword("then")?;
                    let then = self.expr()?;
                    self.keyword("else")?;
                    ExprKind::If { condition, then, otherwise: self.expr()? }
                }
                word @ ("true" | "false") => {
                    self.advance(word.len());
                    ExprKind::Bool(word == "true")
                }
                "now" => {
                    self.advance(3);
                    ExprKind::Now
                }
                word if is_null(word) || capital_bool(word).is_some() => return None,
                _ => {
                    let name = self.name()?;
                    match self.args()? {
                        Some(args) => ExprKind::Call { name, args },
                        None => ExprKind::Name(name.text),
                    }
                }
            },
        };
        Some(Built::new(self.since(start), kind))
    }

    fn list(&mut self) -> Option<ExprKind> {
        let in_body = std::mem::replace(&mut self.in_body, false);
        let kind = self.list_inside();
        self.in_body = in_body;
        kind
    }

    fn list_inside(&mut self) -> Option<ExprKind> {
        self.sign(b'[')?;
        if self.takes_sign(b']') {
            return Some(ExprKind::List(Vec::new()));
        }
        let first = self.expr()?;
        if self.takes("for") {
            let generators = self.several(Self::generator)?;
            let condition = self.part("where")?;
            self.sign(b']')?;
            return Some(ExprKind::Comprehension { body: first, generators, condition });
        }
        let mut elements = vec![first];
        if self.takes_sign(b',') {
            elements.append(&mut self.listed(b']', Self::expr)?);
        } else {
            self.sign(b']')?;
        }
        Some(ExprKind::List(elements))
    }
}

fn test(word: &str) -> Option<TestOp> {
    Some(match word {
        "exists" => TestOp::Exists,
        "absent" => TestOp::Absent,
        "empty" => TestOp::Empty,
        "dangling" => TestOp::Dangling,
        _ => return None,
    })
}
