//! Where a name is declared, and where its type is.

use super::references::{Target, target};
use super::{Analysis, Location, hit};
use crate::ast::ItemKind;
use crate::check::Symbol;
use crate::lexer::Keyword;
use crate::schema::KindId;
use crate::span::Span;
use crate::types::Base;

/// What a name leads to.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    /// A place in a rule file.
    Place(Location),
    /// A kind of which no rule file knows more: its CRD can stand in a manifest.
    Kind(KindId),
}

/// Where the name at an offset is declared.
pub fn definition(analysis: &Analysis, module: &str, offset: u32) -> Option<Definition> {
    let hit = hit(analysis, module, offset)?;
    match target(analysis, module, hit.index, &hit.fact)? {
        Target::Variable { module, def, .. } => Some(Definition::Place(Location { module, span: def })),
        Target::Item { module, index } => {
            let span = name_span(analysis, &module, index)?;
            Some(Definition::Place(Location { module, span }))
        }
        Target::Kind(kind) => Some(kind_definition(analysis, kind)),
        Target::Column { row, name } => column(analysis, &row, &name).map(Definition::Place),
        _ => None,
    }
}

/// Where the type of the name at an offset is declared.
pub fn type_definition(analysis: &Analysis, module: &str, offset: u32) -> Option<Definition> {
    let hit = hit(analysis, module, offset)?;
    let mut base = &hit.fact.ty.base;
    while let Base::List(inner) | Base::Map(inner) = base {
        base = &inner.base;
    }
    match base {
        Base::Object(kinds) => match &**kinds {
            [kind] => Some(kind_definition(analysis, *kind)),
            _ => {
                declaration(analysis, &analysis.compiler().show(&hit.fact.ty.clone().present())).map(Definition::Place)
            }
        },
        Base::Row(row) => declaration(analysis, &row.name).map(Definition::Place),
        _ => None,
    }
}

fn kind_definition(analysis: &Analysis, kind: KindId) -> Definition {
    let name = analysis.compiler().schemas().kind(kind).unique_name().to_owned();
    match declaration(analysis, &name) {
        Some(place) => Definition::Place(place),
        None => Definition::Kind(kind),
    }
}

/// The first item that declares a kind, group or view of that name.
pub fn declaration(analysis: &Analysis, name: &str) -> Option<Location> {
    analysis.mentions(name).into_iter().find_map(|(module, index)| {
        let raw = analysis.raw(&module).get(index)?;
        if !matches!(raw.keyword, Some(Keyword::Kind | Keyword::Group | Keyword::View)) {
            return None;
        }
        let span = name_span(analysis, &module, index)?;
        (&analysis.text(&module)[span.range()] == name).then_some(Location { module, span })
    })
}

fn column(analysis: &Analysis, row: &str, name: &str) -> Option<Location> {
    let view = declaration(analysis, row)?;
    let index = analysis.item_at(&view.module, view.span.start)?;
    let item = analysis.syntax(&view.module, index)?;
    let ItemKind::View(declared) = &item.kind else { return None };
    let column =
        declared.branches.iter().flat_map(|branch| &branch.columns).find(|(column, _)| *column.text == *name)?;
    Some(Location { module: view.module, span: column.0.span })
}

/// The name that an item declares, or names in the first place.
pub fn name_span(analysis: &Analysis, module: &str, index: usize) -> Option<Span> {
    let item = analysis.syntax(module, index)?;
    Some(match &item.kind {
        ItemKind::Rule(rule) => rule.name.span,
        ItemKind::Param(param) => param.name.span,
        ItemKind::Let(constant) => constant.name.span,
        ItemKind::Fn(function) => function.name.span,
        ItemKind::Group(group) => group.name.span,
        ItemKind::Field(field) => field.name.span,
        ItemKind::Link(link) => link.owner.span.to(link.path.span),
        ItemKind::View(view) => view.name.span,
        ItemKind::Kind(kind) => kind.name.span,
        ItemKind::Waive(waive) => waive.rule.span,
        ItemKind::Test(test) => test.title.span,
        ItemKind::Use(used) => used.path.span,
        ItemKind::Edition(edition) => edition.number.span,
        ItemKind::Broken { name, .. } => name.as_ref()?.span,
    })
}

/// True where a fact is the declaration of what it names.
pub(super) fn declares(symbol: &Symbol, span: Span) -> bool {
    match symbol {
        Symbol::Variable { def } => *def == span,
        Symbol::Item { span: def, .. } => *def == span,
        _ => false,
    }
}
