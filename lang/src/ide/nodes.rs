//! The parts of a syntax tree that hold an offset, from the whole item inwards.

use crate::ast::*;
use crate::span::Span;

/// Places of the parts of an item that touch an offset, outermost first, each smaller than the one before.
pub(super) fn around(item: &Item, offset: u32) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    each_part(item, &mut |span| {
        if span.touches(offset) {
            spans.push(span);
        }
    });
    spans.sort_by_key(|span| std::cmp::Reverse(span.len()));
    let mut nested: Vec<Span> = Vec::new();
    for span in spans {
        if nested.last().is_none_or(|outer| outer.contains(span) && *outer != span) {
            nested.push(span);
        }
    }
    nested
}

/// Visits every part of an item.
pub(super) fn each_part(item: &Item, visit: &mut dyn FnMut(Span)) {
    visit(item.span);
    each_expr(item, &mut |e| visit(e.span));
    match &item.kind {
        ItemKind::Rule(rule) => {
            visit(rule.title.span);
            for clause in &rule.clauses {
                visit(clause.span);
                for generator in generators(clause) {
                    visit(generator.span);
                }
                if let ClauseKind::Deny(Deny { message, .. }) | ClauseKind::Require { message, .. } = &clause.kind {
                    visit(message.span);
                }
            }
        }
        ItemKind::Test(test) => {
            test.given.iter().for_each(|given| visit(given.span));
            test.expect.iter().for_each(|expect| visit(expect.span));
        }
        ItemKind::View(view) => view.branches.iter().for_each(|branch| visit(branch.span)),
        _ => {}
    }
}

fn generators(clause: &Clause) -> &[Generator] {
    match &clause.kind {
        ClauseKind::For(generators) | ClauseKind::Undecided { generators, .. } => generators,
        ClauseKind::Deny(deny) => &deny.generators,
        _ => &[],
    }
}

/// Visits every expression of an item, parents first.
pub(super) fn each_expr<'i>(item: &'i Item, visit: &mut dyn FnMut(&'i Expr)) {
    match &item.kind {
        ItemKind::Rule(rule) => rule.clauses.iter().for_each(|clause| clause_exprs(clause, visit)),
        ItemKind::Param(param) => expr(&param.value, visit),
        ItemKind::Let(constant) => expr(&constant.value, visit),
        ItemKind::Fn(function) => expr(&function.body, visit),
        ItemKind::Group(group) => group.with.iter().for_each(|(_, value)| expr(value, visit)),
        ItemKind::Field(field) => expr(&field.value, visit),
        ItemKind::Link(link) => link.by.iter().for_each(|(_, value)| expr(value, visit)),
        ItemKind::View(view) => {
            for branch in &view.branches {
                branch.generators.iter().for_each(|generator| expr(&generator.source, visit));
                branch.condition.iter().for_each(|condition| expr(condition, visit));
                branch.columns.iter().for_each(|(_, value)| expr(value, visit));
            }
        }
        ItemKind::Test(test) => {
            test.now.iter().for_each(|now| expr(now, visit));
            test.with.iter().for_each(|(_, value)| expr(value, visit));
        }
        _ => {}
    }
}

fn clause_exprs<'i>(clause: &'i Clause, visit: &mut dyn FnMut(&'i Expr)) {
    generators(clause).iter().for_each(|generator| expr(&generator.source, visit));
    match &clause.kind {
        ClauseKind::Where(e) | ClauseKind::Let { value: e, .. } | ClauseKind::FixRemove { target: e, .. } => {
            expr(e, visit)
        }
        ClauseKind::Deny(deny) => {
            deny.when.iter().chain(&deny.at).for_each(|e| expr(e, visit));
            template(&deny.message, visit);
        }
        ClauseKind::Require { condition, at, message } => {
            expr(condition, visit);
            at.iter().for_each(|e| expr(e, visit));
            template(message, visit);
        }
        ClauseKind::Undecided { when, reason, .. } => {
            when.iter().for_each(|e| expr(e, visit));
            template(reason, visit);
        }
        ClauseKind::FixSet { target, value, .. } => {
            expr(target, visit);
            expr(value, visit);
        }
        _ => {}
    }
}

fn template<'i>(template: &'i Template, visit: &mut dyn FnMut(&'i Expr)) {
    for part in &template.parts {
        if let TemplatePart::Expr(e) = part {
            expr(e, visit);
        }
    }
}

fn expr<'i>(e: &'i Expr, visit: &mut dyn FnMut(&'i Expr)) {
    visit(e);
    match &*e.kind {
        ExprKind::Text(text) => template(text, visit),
        ExprKind::List(items) => items.iter().for_each(|item| expr(item, visit)),
        ExprKind::Field { base, .. }
        | ExprKind::Each { base }
        | ExprKind::Follow { base }
        | ExprKind::As { base, .. }
        | ExprKind::Not(base)
        | ExprKind::Test { base, .. } => expr(base, visit),
        ExprKind::Index { base, index } => {
            expr(base, visit);
            expr(index, visit);
        }
        ExprKind::Call { args, .. } => args.iter().for_each(|arg| expr(arg, visit)),
        ExprKind::Method { base, args, .. } => {
            expr(base, visit);
            args.iter().for_each(|arg| expr(arg, visit));
        }
        ExprKind::Binary { left, right, .. } => {
            expr(left, visit);
            expr(right, visit);
        }
        ExprKind::Quantifier { generator, body, .. } => {
            expr(&generator.source, visit);
            expr(body, visit);
        }
        ExprKind::If { condition, then, otherwise } => {
            expr(condition, visit);
            expr(then, visit);
            expr(otherwise, visit);
        }
        ExprKind::Comprehension { body, generators, condition } => {
            generators.iter().for_each(|generator| expr(&generator.source, visit));
            condition.iter().for_each(|condition| expr(condition, visit));
            expr(body, visit);
        }
        ExprKind::Error
        | ExprKind::Int(_)
        | ExprKind::Bool(_)
        | ExprKind::Duration(_)
        | ExprKind::Time(_)
        | ExprKind::Regex(_)
        | ExprKind::Name(_)
        | ExprKind::Now
        | ExprKind::Kinds(_) => {}
    }
}
