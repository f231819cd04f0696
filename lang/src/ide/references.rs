//! All places that mean the same thing.

use std::sync::Arc;

use super::{Analysis, Location, definition, hit};
use crate::check::{Fact, Symbol};
use crate::ir::Attr;
use crate::schema::{KindId, TypeId};
use crate::span::Span;

/// What a name means, told apart from everything else of that name.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// A variable of an item.
    Variable {
        /// The module.
        module: Arc<str>,
        /// The item.
        index: usize,
        /// Where it is introduced.
        def: Span,
    },
    /// What an item declares.
    Item {
        /// The module.
        module: Arc<str>,
        /// The item.
        index: usize,
    },
    /// A kind.
    Kind(KindId),
    /// A field of a schema type.
    Field {
        /// The type.
        owner: TypeId,
        /// The field.
        name: Arc<str>,
    },
    /// A column of a view, relation or record.
    Column {
        /// View, relation or record.
        row: Arc<str>,
        /// The column.
        name: Arc<str>,
    },
    /// An attribute of every object.
    Attribute(Attr),
    /// A method, by name.
    Method(&'static str),
    /// An engine relation.
    Relation(u32),
}

/// What a fact of an item means.
pub fn target(analysis: &Analysis, module: &str, index: usize, fact: &Fact) -> Option<Target> {
    Some(match &fact.what {
        Symbol::Variable { def } => Target::Variable { module: module.into(), index, def: *def },
        Symbol::Item { module, span } => {
            let index = analysis.raw(module).iter().position(|raw| raw.span.contains(*span))?;
            Target::Item { module: module.clone(), index }
        }
        Symbol::Kind(kind) => Target::Kind(*kind),
        Symbol::Field { owner, name } => Target::Field { owner: *owner, name: name.clone() },
        Symbol::Column { row, name } => Target::Column { row: row.clone(), name: name.clone() },
        Symbol::Attr(attr) => Target::Attribute(*attr),
        Symbol::Method(method) => Target::Method(crate::builtin::methods::signature(*method).name),
        Symbol::Relation(relation) => Target::Relation(*relation),
        Symbol::Type(_) | Symbol::Key | Symbol::Value | Symbol::NoMember => return None,
    })
}

/// A place that means a thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where.
    pub location: Location,
    /// It is the declaration.
    pub declaration: bool,
}

/// Every place that means what stands at an offset, by module and place.
pub fn references(analysis: &Analysis, module: &str, offset: u32) -> Vec<Reference> {
    let Some(hit) = hit(analysis, module, offset) else { return Vec::new() };
    let Some(wanted) = target(analysis, module, hit.index, &hit.fact) else { return Vec::new() };
    let text = &analysis.text(module)[hit.fact.span.range()];
    let mut words = vec![text.to_owned()];
    if let Target::Item { module, index } = &wanted {
        words.extend(names(analysis, module, *index));
    }
    find(analysis, &wanted, &words)
}

/// Every place that means a target which is written in one of these words.
pub fn find(analysis: &Analysis, wanted: &Target, words: &[String]) -> Vec<Reference> {
    let mut items: Vec<(Arc<str>, usize)> = match wanted {
        Target::Variable { module, index, .. } => vec![(module.clone(), *index)],
        _ => words.iter().flat_map(|word| analysis.mentions(word.trim_matches('"'))).collect(),
    };
    items.sort();
    items.dedup();
    let mut found: Vec<Reference> = Vec::new();
    for (module, index) in items {
        let Some(item) = analysis.item(&module, index) else { continue };
        for fact in &item.facts {
            if target(analysis, &module, index, fact).as_ref() == Some(wanted) {
                let location = Location { module: module.clone(), span: fact.span };
                let declaration = definition::declares(&fact.what, fact.span);
                found.push(Reference { location, declaration });
            }
        }
    }
    found.sort_by(|a, b| a.location.cmp(&b.location));
    found.dedup_by(|a, b| a.location == b.location);
    found
}

/// The words by which an item is named: of a rule its code and its name.
pub(super) fn names(analysis: &Analysis, module: &str, index: usize) -> Vec<String> {
    let Some(raw) = analysis.raw(module).get(index) else { return Vec::new() };
    let text = analysis.text(module);
    let mut names = Vec::new();
    if raw.keyword == Some(crate::lexer::Keyword::Rule) {
        let head = crate::lexer::heads(text, raw);
        names.extend(head.code.into_iter().chain(head.name).map(str::to_owned));
    } else if let Some(span) = definition::name_span(analysis, module, index) {
        names.push(text[span.range()].to_owned());
    }
    names
}
