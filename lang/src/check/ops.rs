//! Operators: what they join, what they yield, and which comparisons can never hold.

use std::sync::Arc;

use super::checker::{Checker, expr};
use crate::ast::{self, BinaryOp, TestOp};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{Const, Expr, ExprKind};
use crate::span::Span;
use crate::types::{Base, Type};

impl Checker<'_> {
    /// `left op right`
    pub fn binary(&mut self, op: BinaryOp, op_span: Span, left: &ast::Expr, right: &ast::Expr, span: Span) -> Expr {
        if matches!(op, BinaryOp::And | BinaryOp::Or) {
            let left = self.condition(left);
            let mark = self.mark();
            self.learn(&left, op == BinaryOp::And);
            let right = self.condition(right);
            self.forget(mark);
            return expr(ExprKind::Binary { op, left, right }, Type::of(Base::Bool), span);
        }
        let left = self.expr(left);
        let right = self.expr(right);
        if left.ty.is_error() || right.ty.is_error() {
            return self.hole(span);
        }
        let ty = match op {
            BinaryOp::Eq | BinaryOp::Ne => self.equality(op, &left, &right),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => self.ordering(op, op_span, &left, &right),
            BinaryOp::In => self.membership(&left, &right),
            BinaryOp::Overlaps => self.overlap(&left, &right),
            BinaryOp::Matches => self.matching(&left, &right),
            BinaryOp::StartsWith | BinaryOp::EndsWith => self.text_test(op, &left, &right),
            BinaryOp::Contains => match &left.ty.base {
                Base::List(element) => {
                    let element = element.as_ref().clone();
                    self.present(&left, op);
                    self.element_of(&right, &element)
                }
                _ => self.text_test(op, &left, &right),
            },
            BinaryOp::Default => self.default_of(&left, &right),
            BinaryOp::Concat => self.concat(&left, &right),
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => self.arithmetic(op, op_span, &left, &right),
            BinaryOp::And | BinaryOp::Or => Some(Type::of(Base::Bool)),
        };
        match ty {
            Some(ty) => expr(ExprKind::Binary { op, left, right }, ty, span),
            None => self.hole(span),
        }
    }

    fn present(&mut self, operand: &Expr, op: BinaryOp) -> bool {
        if operand.ty.optional && !operand.ty.is_error() {
            self.report_missing(operand, &format!("`{}` needs a value that is present", op.as_str()));
            return false;
        }
        true
    }

    // ---- Comparisons -------------------------------------------------------------------------------------------

    fn equality(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Type> {
        if !self.literal_fits(left, right) || !self.literal_fits(right, left) {
            return None;
        }
        if !self.env.comparable(&left.ty, &right.ty) {
            let (a, b) = (self.show(&left.ty), self.show(&right.ty));
            let holds = if op == BinaryOp::Eq { "never equal" } else { "always different" };
            let error = Diagnostic::error(
                codes::IMPOSSIBLE_COMPARISON,
                left.span.to(right.span),
                format!("`{a}` and `{b}` are {holds}"),
            );
            self.report(convert_help(error, left, right));
            return None;
        }
        Some(Type::of(Base::Bool))
    }

    /// A literal that is compared with an enumeration must be one of its values.
    fn literal_fits(&mut self, value: &Expr, other: &Expr) -> bool {
        let (Base::String(Some(values)), ExprKind::Const(Const::String(text))) = (&value.ty.base, &*other.kind) else {
            return true;
        };
        if values.contains(text) || values.is_empty() {
            return true;
        }
        let error = Diagnostic::error(
            codes::OUTSIDE_ENUM,
            other.span,
            format!("`{}` is never \"{text}\"", self.source(value.span)),
        );
        let nearest = crate::schema::nearest(text, values.iter().map(|value| &**value)).map(str::to_string);
        let listed = listed(values);
        self.report(match nearest {
            Some(nearest) => error.fix(format!("did you mean \"{nearest}\"?"), other.span, format!("\"{nearest}\"")),
            None => error.help(format!("it is one of {listed}")),
        });
        false
    }

    fn ordering(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        let ordered =
            |ty: &Type| matches!(ty.base, Base::Int | Base::Number | Base::Duration | Base::Time | Base::String(_));
        if !(ordered(&left.ty) && ordered(&right.ty) && self.env.comparable(&left.ty, &right.ty)) {
            return self.undefined(op, op_span, left, right);
        }
        let both = self.present(left, op) & self.present(right, op);
        both.then(|| Type::of(Base::Bool))
    }

    fn membership(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        match &right.ty.base {
            Base::List(element) => {
                let element = element.as_ref().clone();
                if let ExprKind::List(items) = &*right.kind {
                    let fits = items.iter().fold(true, |ok, item| self.literal_fits(left, item) & ok);
                    if !fits {
                        return None;
                    }
                }
                self.element_of(left, &element)
            }
            Base::Any => Some(Type::of(Base::Bool)),
            Base::Map(_) => {
                self.report(
                    Diagnostic::error(codes::NOT_A_LIST, right.span, "right of `in` stands a list, and this is a map")
                        .fix("ask its keys", Span::at(right.span.end), ".keys"),
                );
                None
            }
            Base::String(_) => {
                self.report(
                    Diagnostic::error(codes::NOT_A_LIST, right.span, "right of `in` stands a list, and this is a text")
                        .help("ask the text: `text contains part`"),
                );
                None
            }
            _ => {
                let shown = self.show(&right.ty);
                self.error(
                    codes::NOT_A_LIST,
                    right.span,
                    format!("right of `in` stands a list, and this is `{shown}`"),
                );
                None
            }
        }
    }

    fn element_of(&mut self, value: &Expr, element: &Type) -> Option<Type> {
        if let (Base::String(Some(values)), ExprKind::Const(Const::String(text))) = (&element.base, &*value.kind)
            && !values.contains(text)
        {
            let error = Diagnostic::error(codes::OUTSIDE_ENUM, value.span, format!("no element is ever \"{text}\""));
            let nearest = crate::schema::nearest(text, values.iter().map(|value| &**value)).map(str::to_string);
            let listed = listed(values);
            self.report(match nearest {
                Some(nearest) => {
                    error.fix(format!("did you mean \"{nearest}\"?"), value.span, format!("\"{nearest}\""))
                }
                None => error.help(format!("elements are {listed}")),
            });
            return None;
        }
        if !self.env.comparable(&value.ty, element) {
            let (a, b) = (self.show(&value.ty), self.show(element));
            self.error(
                codes::IMPOSSIBLE_COMPARISON,
                value.span,
                format!("a `{a}` is never among elements that are `{b}`"),
            );
            return None;
        }
        Some(Type::of(Base::Bool))
    }

    fn overlap(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        for side in [left, right] {
            if !matches!(side.ty.base, Base::List(_) | Base::Any) {
                let shown = self.show(&side.ty);
                let error = Diagnostic::error(
                    codes::NOT_A_LIST,
                    side.span,
                    format!("`overlaps` compares lists, and this is `{shown}`"),
                );
                self.report(error.help("for one value write `in`"));
                return None;
            }
        }
        let (Base::List(a), Base::List(b)) = (&left.ty.base, &right.ty.base) else {
            return Some(Type::of(Base::Bool));
        };
        if !self.env.comparable(a, b) {
            let (a, b) = (self.show(a), self.show(b));
            self.error(
                codes::IMPOSSIBLE_COMPARISON,
                left.span.to(right.span),
                format!("lists of `{a}` and of `{b}` never overlap"),
            );
            return None;
        }
        for (list, literals) in [(a, right), (b, left)] {
            if let ExprKind::List(items) = &*literals.kind {
                for item in items {
                    if matches!(&*item.kind, ExprKind::Const(_)) {
                        self.element_of(item, &list.as_ref().clone())?;
                    }
                }
            }
        }
        Some(Type::of(Base::Bool))
    }

    // ---- Texts -------------------------------------------------------------------------------------------------

    fn matching(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        if !matches!(right.ty.base, Base::Regex | Base::String(_)) {
            let shown = self.show(&right.ty);
            self.error(
                codes::WRONG_TYPE,
                right.span,
                format!("right of `matches` stands a regular expression, and this is `{shown}`"),
            );
            return None;
        }
        let text = self.a_text(left, BinaryOp::Matches);
        (text & self.present(right, BinaryOp::Matches)).then(|| Type::of(Base::Bool))
    }

    fn text_test(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Type> {
        (self.a_text(left, op) & self.a_text(right, op)).then(|| Type::of(Base::Bool))
    }

    fn a_text(&mut self, operand: &Expr, op: BinaryOp) -> bool {
        if !matches!(operand.ty.base, Base::String(_) | Base::Bytes) {
            let shown = self.show(&operand.ty);
            let error = Diagnostic::error(
                codes::WRONG_TYPE,
                operand.span,
                format!("`{}` asks about a text, and this is `{shown}`", op.as_str()),
            );
            self.report(match operand.ty.base {
                Base::Any => error.fix("say what it is", Span::at(operand.span.end), " as string"),
                Base::List(_) => error.help("ask its elements: `any x in list: …`"),
                _ => error,
            });
            return false;
        }
        self.present(operand, op)
    }

    // ---- Values ------------------------------------------------------------------------------------------------

    fn default_of(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        match self.env.unify(&left.ty.clone().present(), &right.ty) {
            Some(mut ty) => {
                ty.optional = left.ty.optional && right.ty.optional;
                Some(ty)
            }
            None => {
                let (a, b) = (self.show(&left.ty.clone().present()), self.show(&right.ty));
                self.error(
                    codes::NOTHING_IN_COMMON,
                    right.span,
                    format!("the default of a `{a}` is another `{a}`, and this is `{b}`"),
                );
                None
            }
        }
    }

    fn concat(&mut self, left: &Expr, right: &Expr) -> Option<Type> {
        let both = (&left.ty.base, &right.ty.base);
        match both {
            (Base::String(_), Base::String(_)) => {
                let confidential = left.ty.confidential || right.ty.confidential;
                let both = self.present(left, BinaryOp::Concat) & self.present(right, BinaryOp::Concat);
                both.then(|| Type::string().confidential(confidential))
            }
            (Base::List(_), Base::List(_)) | (Base::Map(_), Base::Map(_)) => {
                match self.env.unify(&left.ty, &right.ty) {
                    // Missing is empty.
                    Some(ty) => Some(ty.present()),
                    None => {
                        let (a, b) = (self.show(&left.ty), self.show(&right.ty));
                        self.error(
                            codes::NOTHING_IN_COMMON,
                            left.span.to(right.span),
                            format!("`{a}` and `{b}` have nothing in common"),
                        );
                        None
                    }
                }
            }
            _ => {
                let (a, b) = (self.show(&left.ty), self.show(&right.ty));
                let error = Diagnostic::error(
                    codes::UNDEFINED_OPERATOR,
                    left.span.to(right.span),
                    format!("`++` joins two lists, two maps or two texts, not `{a}` and `{b}`"),
                );
                self.report(match both {
                    (Base::List(_), _) => error.help("write a single element as a list: `[x]`"),
                    (_, Base::List(_)) => error.help("write a single element as a list: `[x]`"),
                    (Base::String(_), _) | (_, Base::String(_)) => {
                        error.help("write values into a text: `\"{a} and {b}\"`")
                    }
                    _ => error,
                });
                None
            }
        }
    }

    fn arithmetic(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        use Base::{Duration, Int, Number, Time};
        let base = match (&left.ty.base, op, &right.ty.base) {
            (Int, _, Int) => Int,
            (Int | Number, _, Int | Number) => Number,
            (Duration, BinaryOp::Add | BinaryOp::Sub, Duration) => Duration,
            (Duration, BinaryOp::Mul, Int) | (Int, BinaryOp::Mul, Duration) => Duration,
            (Time, BinaryOp::Add | BinaryOp::Sub, Duration) | (Duration, BinaryOp::Add, Time) => Time,
            (Time, BinaryOp::Sub, Time) => Duration,
            _ => return self.undefined(op, op_span, left, right),
        };
        let confidential = left.ty.confidential || right.ty.confidential;
        let both = self.present(left, op) & self.present(right, op);
        both.then(|| Type::of(base).confidential(confidential))
    }

    fn undefined(&mut self, op: BinaryOp, op_span: Span, left: &Expr, right: &Expr) -> Option<Type> {
        let (a, b) = (self.show(&left.ty.clone().present()), self.show(&right.ty.clone().present()));
        let error = Diagnostic::error(
            codes::UNDEFINED_OPERATOR,
            op_span,
            format!("`{}` is not defined between `{a}` and `{b}`", op.as_str()),
        );
        let error = match (op, &left.ty.base, &right.ty.base) {
            (BinaryOp::Add, Base::String(_), _) => error.help("join texts with `++`, or write `\"{a}{b}\"`"),
            (BinaryOp::Add, Base::List(_), _) => error.help("join lists with `++`"),
            _ => convert_help(error, left, right),
        };
        self.report(error);
        None
    }

    // ---- `exists` and its like ---------------------------------------------------------------------------------

    /// `base exists`
    pub fn test(&mut self, base: &ast::Expr, test: TestOp, test_span: Span, span: Span) -> Expr {
        let base = self.expr(base);
        if base.ty.is_error() {
            return self.hole(span);
        }
        match test {
            TestOp::Exists | TestOp::Absent => {}
            TestOp::Empty => {
                let can_be_empty = matches!(
                    base.ty.base,
                    Base::String(_) | Base::Bytes | Base::List(_) | Base::Map(_) | Base::Struct(_) | Base::Any
                );
                if !can_be_empty {
                    let shown = self.show(&base.ty);
                    let error =
                        Diagnostic::error(codes::UNDEFINED_OPERATOR, test_span, format!("a `{shown}` is never empty"));
                    return self.fail(if base.ty.optional {
                        error.fix("ask whether it is there", test_span, "absent")
                    } else {
                        error.help("`empty` asks texts, lists, maps and parts of objects")
                    });
                }
            }
            TestOp::Dangling => {
                if self.env.places.links(&base.ty.places).is_empty() {
                    return self.no_link(&base);
                }
            }
        }
        expr(ExprKind::Test { base, test }, Type::of(Base::Bool), span)
    }
}

/// `"a"`, `"b"` or `"c"`.
fn listed(values: &Arc<[Arc<str>]>) -> String {
    let mut text: Vec<String> = values.iter().take(8).map(|value| format!("\"{value}\"")).collect();
    if values.len() > 8 {
        text.push("…".into());
    }
    text.join(", ")
}

/// Adds the method that makes two values comparable, where there is one.
fn convert_help(error: Diagnostic, left: &Expr, right: &Expr) -> Diagnostic {
    let (text, other) = match (&left.ty.base, &right.ty.base) {
        (Base::String(_), other) => (left, other),
        (other, Base::String(_)) => (right, other),
        (Base::Any, _) | (_, Base::Any) => {
            let open = if left.ty.base == Base::Any { left } else { right };
            let other = if left.ty.base == Base::Any { right } else { left };
            let word = match other.ty.base {
                Base::Int => "int",
                Base::Bool => "bool",
                Base::Number => "number",
                _ => "string",
            };
            return error.fix("say what it is", Span::at(open.span.end), format!(" as {word}"));
        }
        (Base::List(_), _) | (_, Base::List(_)) => return error.help("for an element of a list write `in`"),
        _ => return error,
    };
    // A literal is better written as what is meant.
    if let ExprKind::Const(Const::String(word)) = &*text.kind {
        let plain = matches!((other, &**word), (Base::Bool, "true" | "false"))
            || (matches!(other, Base::Int) && word.parse::<i64>().is_ok());
        return if plain { error.fix("write it without quotes", text.span, word.to_string()) } else { error };
    }
    let method = match other {
        Base::Duration => ".duration()",
        Base::Int | Base::Number => ".int()",
        Base::Bool => ".bool()",
        _ => return error,
    };
    error.fix("read the text first", Span::at(text.span.end), method)
}
