//! Turns pest's tree into the syntax tree.
//!
//! The grammar fixes which parts a node has; where one is missing all the same, a builder gives `None` and the piece
//! is reported as not read. What the grammar cannot say (precedence, the calendar, escapes) is checked here.

mod clauses;
pub(super) mod expr;
mod items;
pub(super) mod literals;

pub(crate) use literals::block_lines;

use std::sync::Arc;

use super::grammar::{Pair, Rule, parts};
use super::place::Place;
use crate::ast::{Ident, Path, PathStep, TypeExpr, TypeExprKind};
use crate::diag::Diagnostic;
use crate::span::Span;

/// Builds the nodes of one piece of text.
pub(super) struct Builder<'a> {
    place: &'a Place,
    /// What is wrong although the grammar accepts it.
    pub diagnostics: Vec<Diagnostic>,
    /// Inside the body of a quantifier, where another one needs parentheses.
    in_body: bool,
    /// Place of the last `null` of another language.
    null: Option<Span>,
}

impl<'a> Builder<'a> {
    /// A builder for a piece that stands at `place`.
    pub fn new(place: &'a Place) -> Self {
        Builder { place, diagnostics: Vec::new(), in_body: false, null: None }
    }

    fn span(&self, pair: &Pair<'_>) -> Span {
        self.place.span(pair.as_span().start(), end(pair))
    }

    /// Any node whose whole text is a name.
    fn ident(&self, pair: &Pair<'_>) -> Ident {
        Ident { text: Arc::from(pair.as_str()), span: self.span(pair) }
    }

    /// The steps below a kind or an object.
    fn path(&mut self, pair: Pair<'_>) -> Path {
        let span = self.span(&pair);
        let mut steps = Vec::new();
        for part in parts(pair) {
            let step_span = self.span(&part);
            let step = match part.as_rule() {
                Rule::each => PathStep::Each,
                Rule::path_key => match parts(part).next() {
                    Some(text) => PathStep::Field(self.text(text).value),
                    None => continue,
                },
                Rule::path_index => match parts(part).next().and_then(|int| self.int(&int)) {
                    Some(index) => PathStep::Index(u32::try_from(index).unwrap_or(u32::MAX)),
                    None => continue,
                },
                _ => PathStep::Field(Arc::from(part.as_str())),
            };
            steps.push((step, step_span));
        }
        Path { span, steps }
    }

    /// A type as written.
    fn ty(&mut self, pair: Pair<'_>) -> Option<TypeExpr> {
        let span = self.span(&pair);
        let mut confidential = false;
        let mut optional = false;
        let mut base = None;
        for part in parts(pair) {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::kw_confidential => confidential = true,
                Rule::question => optional = true,
                Rule::list_type => {
                    base = Some((TypeExprKind::List(Box::new(self.ty(parts(part).next()?)?)), part_span))
                }
                Rule::map_type => base = Some((TypeExprKind::Map(Box::new(self.ty(parts(part).next()?)?)), part_span)),
                Rule::plain_type => base = Some((TypeExprKind::Name(Arc::from(part.as_str())), part_span)),
                Rule::type_at => {
                    let mut inner = parts(part);
                    let owner = self.ident(&inner.next()?);
                    let kind = match inner.next() {
                        Some(path) => TypeExprKind::At { owner, path: self.path(path) },
                        None => TypeExprKind::Name(owner.text),
                    };
                    base = Some((kind, part_span));
                }
                _ => {}
            }
        }
        let (kind, base_span) = base?;
        let mut ty = TypeExpr { span: base_span, kind };
        if optional {
            ty = TypeExpr { span: base_span.to(Span::at(span.end)), kind: TypeExprKind::Optional(Box::new(ty)) };
        }
        if confidential {
            ty = TypeExpr { span, kind: TypeExprKind::Confidential(Box::new(ty)) };
        }
        Some(ty)
    }
}

/// The end of the last token of `pair`. pest counts the blanks and comments that it skipped in search of an optional
/// last part as part of the pair.
fn end(pair: &Pair<'_>) -> usize {
    let own = pair.as_span().end();
    if !pair.as_str().ends_with(|char: char| char.is_ascii_whitespace()) {
        return own;
    }
    let mut last = pair.clone();
    while last.as_rule() != Rule::text {
        match last.clone().into_inner().next_back() {
            Some(part) => last = part,
            None => break,
        }
    }
    last.as_span().end()
}
