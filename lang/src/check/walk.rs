//! Walks over the expressions of a program.

use crate::ir::{Binding, Expr, ExprKind, Source, TextPart};

/// Visits an expression and every expression inside it, parents first.
pub(super) fn expr(e: &Expr, visit: &mut impl FnMut(&Expr)) {
    visit(e);
    children(e, &mut |child| expr(child, visit));
}

/// Visits the expressions directly inside one.
pub(super) fn children(e: &Expr, visit: &mut dyn FnMut(&Expr)) {
    match &*e.kind {
        ExprKind::Const(_) | ExprKind::Local(_) | ExprKind::Param(_) | ExprKind::Constant(_) | ExprKind::Now => {}
        ExprKind::Text(parts) => text(parts, visit),
        ExprKind::List(items) => items.iter().for_each(visit),
        ExprKind::Attr { base, .. }
        | ExprKind::Member { base, .. }
        | ExprKind::Column { base, .. }
        | ExprKind::GroupField { base, .. }
        | ExprKind::Derived { base, .. }
        | ExprKind::Follow { base }
        | ExprKind::As { base }
        | ExprKind::Not(base)
        | ExprKind::Test { base, .. } => visit(base),
        ExprKind::Index { base, index, .. } => {
            visit(base);
            visit(index);
        }
        ExprKind::Each { base, body, .. } => {
            visit(base);
            visit(body);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(visit),
        ExprKind::Method { base, args, .. } => {
            visit(base);
            args.iter().for_each(visit);
        }
        ExprKind::Binary { left, right, .. } => {
            visit(left);
            visit(right);
        }
        ExprKind::Quantifier { binding, body, .. } => {
            source(binding, visit);
            visit(body);
        }
        ExprKind::If { condition, then, otherwise } => {
            visit(condition);
            visit(then);
            visit(otherwise);
        }
        ExprKind::Comprehension { bindings, condition, body } => {
            bindings.iter().for_each(|binding| source(binding, visit));
            condition.iter().for_each(&mut *visit);
            visit(body);
        }
    }
}

/// Visits the list or map that a generator goes through.
pub(super) fn source(binding: &Binding, visit: &mut dyn FnMut(&Expr)) {
    if let Source::List(list) | Source::Map(list) = &binding.source {
        visit(list);
    }
}

/// Visits the expressions in a text.
pub(super) fn text(parts: &[TextPart], visit: &mut dyn FnMut(&Expr)) {
    for part in parts {
        if let TextPart::Expr(e) = part {
            visit(e);
        }
    }
}
