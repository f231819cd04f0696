//! What link declarations say about their targets.

use std::sync::Arc;

use super::env::Env;
use crate::ast::{self, ItemKind};
use crate::schema::KindId;
use crate::types::Places;

fn link(env: &Env, decl: usize) -> Option<&ast::Link> {
    match &env.decls[decl].item.kind {
        ItemKind::Link(link) => Some(link),
        _ => None,
    }
}

/// The kinds of each target as written; names that lead nowhere are left out.
pub(super) fn targets(env: &Env, decl: usize) -> Vec<Arc<[KindId]>> {
    let Some(link) = link(env, decl) else { return Vec::new() };
    link.targets
        .iter()
        .filter_map(|name| match env.group(&name.text) {
            Some(group) => Some(env.groups[group].members.clone()),
            None => match env.schemas.kinds_named(&name.text).as_slice() {
                [kind] => Some(Arc::from([*kind])),
                _ => None,
            },
        })
        .collect()
}

/// The link that stands for several which cover one field: all lead to their targets in the usual way, and one has
/// the targets of all. Nothing where there is no such link.
pub(super) fn widest(env: &Env, links: &[usize]) -> Option<usize> {
    if let [one] = links {
        return Some(*one);
    }
    let usual = links.iter().all(|decl| link(env, *decl).is_some_and(|link| link.by.is_empty()));
    let covers = |wide: usize, narrow: usize| {
        let wide = targets(env, wide);
        targets(env, narrow).iter().all(|set| wide.contains(set))
    };
    links.iter().copied().find(|&wide| usual && links.iter().all(|&narrow| covers(wide, narrow)))
}

/// The kind that a reference at these places has where none is written.
pub(super) fn default_kind(env: &Env, places: &Places) -> Option<Arc<str>> {
    let mut kinds = env.places.links(places).into_iter().map(|decl| {
        let first = targets(env, decl).first().and_then(|set| set.first().copied());
        first.map(|kind| env.schemas.kind(kind).name.clone())
    });
    let first = kinds.next()??;
    kinds.all(|kind| kind.as_ref() == Some(&first)).then_some(first)
}
