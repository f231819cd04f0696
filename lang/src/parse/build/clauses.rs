//! The clauses of a rule.

use super::super::grammar::{Pair, Rule, parts};
use super::Builder;
use crate::ast::Expr;
use crate::ast::{Clause, ClauseKind, Deny, ExprKind, Generator, Ident};

impl Builder<'_> {
    /// The clause that `pair` is.
    pub fn clause(&mut self, pair: Pair<'_>) -> Option<Clause> {
        let pair = if pair.as_rule() == Rule::clause { parts(pair).next()? } else { pair };
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut inner = parts(pair);
        let kind = match rule {
            Rule::for_clause => ClauseKind::For(self.generators(inner.next()?)),
            Rule::where_clause => ClauseKind::Where(self.expr(inner.next()?)),
            Rule::let_clause => ClauseKind::Let { name: self.ident(&inner.next()?), value: self.expr(inner.next()?) },
            Rule::deny_clause => ClauseKind::Deny(self.deny(inner)?),
            Rule::require_clause => {
                let condition = self.expr(inner.next()?);
                let mut next = inner.next()?;
                let mut at = None;
                if next.as_rule() == Rule::at_part {
                    at = Some(self.part_expr(next)?);
                    next = inner.next()?;
                }
                ClauseKind::Require { condition, at, message: self.template(next) }
            }
            Rule::undecided_clause => {
                let deny = self.deny(inner)?;
                ClauseKind::Undecided { generators: deny.generators, when: deny.when, reason: deny.message }
            }
            Rule::remedy_clause => ClauseKind::Remedy(self.text(inner.next()?)),
            Rule::fix_set_clause | Rule::fix_remove_clause => {
                let mut inner = inner.peekable();
                let safe = inner.next_if(|part| part.as_rule() == Rule::unsafe_part).is_none();
                let target = self.expr(inner.next()?);
                match inner.next() {
                    Some(value) => ClauseKind::FixSet { target, value: self.expr(value), safe },
                    None => ClauseKind::FixRemove { target, safe },
                }
            }
            Rule::controls_clause => ClauseKind::Controls {
                framework: self.ident(&inner.next()?),
                items: inner.map(|item| self.text(item)).collect(),
            },
            Rule::tags_clause => ClauseKind::Tags(inner.map(|tag| self.ident(&tag)).collect()),
            Rule::docs_clause => ClauseKind::Docs(self.text(inner.next()?)),
            _ => return None,
        };
        Some(Clause { span, kind })
    }

    /// `deny` and `undecided` share their parts.
    fn deny<'i>(&mut self, inner: impl Iterator<Item = Pair<'i>>) -> Option<Deny> {
        let (mut severity, mut generators, mut when, mut at, mut message) = (None, Vec::new(), None, None, None);
        for part in inner {
            match part.as_rule() {
                Rule::as_part => severity = self.severity(&parts(part).next()?),
                Rule::for_part => generators = self.generators(parts(part).next()?),
                Rule::when_part => when = Some(self.part_expr(part)?),
                Rule::at_part => at = Some(self.part_expr(part)?),
                _ => message = Some(self.template(part)),
            }
        }
        Some(Deny { severity, generators, when, at, message: message? })
    }

    /// The expression of `when e`, `at e`, `where e`.
    fn part_expr(&mut self, pair: Pair<'_>) -> Option<Expr> {
        parts(pair).next().map(|expr| self.expr(expr))
    }

    /// `x in xs, k, v in map`
    pub(super) fn generators(&mut self, pair: Pair<'_>) -> Vec<Generator> {
        parts(pair).filter_map(|generator| self.generator(generator)).collect()
    }

    /// `x in xs`
    pub(super) fn generator(&mut self, pair: Pair<'_>) -> Option<Generator> {
        let span = self.span(&pair);
        let mut names: Vec<Ident> = Vec::new();
        let mut source = None;
        for part in parts(pair) {
            match part.as_rule() {
                Rule::name => names.push(self.ident(&part)),
                Rule::kinds => {
                    let span = self.span(&part);
                    let kinds = parts(part).map(|kind| self.ident(&kind)).collect();
                    source = Some(Expr { span, kind: Box::new(ExprKind::Kinds(kinds)) });
                }
                _ => source = Some(self.expr(part)),
            }
        }
        let var = names.pop()?;
        Some(Generator { key: names.pop(), var, source: source?, span })
    }
}
