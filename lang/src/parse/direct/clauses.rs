//! The clauses of rules, and generators.

use super::Reader;
use crate::ast::*;

impl Reader<'_> {
    pub(super) fn clause(&mut self) -> Option<Clause> {
        let start = self.start();
        let word = self.peek()?;
        self.advance(word.len());
        let kind = match word {
            "for" => ClauseKind::For(self.several(Self::generator)?),
            "where" => ClauseKind::Where(self.expr()?),
            "let" => {
                let (name, value) = self.definition()?;
                ClauseKind::Let { name, value }
            }
            "deny" => {
                let severity = if self.takes("as") { Some(self.severity()?) } else { None };
                let generators = if self.takes("for") { self.several(Self::generator)? } else { Vec::new() };
                let when = self.part("when")?;
                let at = self.part("at")?;
                ClauseKind::Deny(Deny { severity, generators, when, at, message: self.template()? })
            }
            "require" => {
                let condition = self.expr()?;
                let at = self.part("at")?;
                self.keyword("else")?;
                ClauseKind::Require { condition, at, message: self.template()? }
            }
            "undecided" => {
                let generators = if self.takes("for") { self.several(Self::generator)? } else { Vec::new() };
                let when = self.part("when")?;
                ClauseKind::Undecided { generators, when, reason: self.template()? }
            }
            "remedy" => ClauseKind::Remedy(self.literal()?),
            "fix" => {
                let safe = !self.takes("unsafe");
                let sets = self.takes("set");
                if !sets {
                    self.keyword("remove")?;
                }
                let target = self.expr()?;
                if sets {
                    self.equals()?;
                    ClauseKind::FixSet { target, value: self.expr()?, safe }
                } else {
                    ClauseKind::FixRemove { target, safe }
                }
            }
            "controls" => ClauseKind::Controls { framework: self.label(0)?, items: self.several(Self::literal)? },
            "tags" => ClauseKind::Tags(self.several(|reader| reader.label(0))?),
            "docs" => ClauseKind::Docs(self.literal()?),
            _ => return None,
        };
        Some(Clause { span: self.since(start), kind })
    }

    /// The expression behind a word, where the word is there.
    pub(super) fn part(&mut self, word: &str) -> Option<Option<Expr>> {
        if self.takes(word) { self.expr().map(Some) } else { Some(None) }
    }

    /// `k, v in map`
    pub(super) fn generator(&mut self) -> Option<Generator> {
        let start = self.start();
        let first = self.name()?;
        let (key, var) = if self.takes_sign(b',') { (Some(first), self.name()?) } else { (None, first) };
        self.keyword("in")?;
        let source = match self.kinds()? {
            Some(kinds) => kinds,
            None => self.expr()?,
        };
        Some(Generator { key, var, source, span: self.since(start) })
    }

    /// `Pod | Job`, where a bar follows the first name.
    fn kinds(&mut self) -> Option<Option<Expr>> {
        let (start, last) = (self.start(), self.last);
        let first = self.name();
        if first.is_none() || !self.takes_bar() {
            (self.at, self.last) = (start, last);
            return Some(None);
        }
        let mut kinds: Vec<Ident> = first.into_iter().collect();
        kinds.push(self.name()?);
        while self.takes_bar() {
            kinds.push(self.name()?);
        }
        Some(Some(Expr { span: self.since(start), kind: Box::new(ExprKind::Kinds(kinds)) }))
    }
}
