//! Relations and records that the engine computes. Their signatures are data in [`tacit_lang::builtin::relations`];
//! the computation of each is one file here.
//!
//! To add one: write the file, implement [`Relation`], and name it in [`COMPUTED`].

use std::sync::Arc;

use tacit_lang::builtin::relations;
use tacit_lang::types::RowType;

use crate::eval::World;
use crate::object::Object;
use crate::value::{Outcome, Value, doubt};

mod contains;
mod encryption;
pub(crate) mod file;
mod grant;
pub(crate) mod leaf;
pub(crate) mod owner;
mod rotation;
mod schema_problem;
mod secret_source;
mod secret_use;
pub(crate) mod sops;

/// How the rows of a relation are computed.
pub(crate) trait Relation: Sync {
    /// Its name, as in [`relations::ALL`].
    fn name(&self) -> &'static str;

    /// All rows, in a deterministic order. Values keep the nodes they come from.
    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>>;

    /// The rows of one object, where they come from that object alone ([`relations::Rows::OfObject`]).
    fn rows_of<'a>(&self, world: &World<'a>, ty: &Arc<RowType>, object: &'a Object) -> Outcome<'a, Vec<Value<'a>>> {
        let _ = (world, ty, object);
        Ok(Vec::new())
    }
}

/// Every relation that has a computation.
static COMPUTED: &[&dyn Relation] = &[
    &contains::Contains,
    &encryption::Encryption,
    &file::File,
    &grant::Grant,
    &rotation::Rotation,
    &schema_problem::SchemaProblem,
    &secret_source::SecretSource,
    &secret_use::SecretUse,
];

/// The rows of `Grant`, outside of any program.
pub(crate) fn grants<'a>(world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
    grant::Grant.rows(world, ty)
}

/// The rows of a relation, by its index in [`relations::ALL`].
pub(crate) fn rows<'a>(world: &World<'a>, id: u32) -> Outcome<'a, Vec<Value<'a>>> {
    let (relation, ty) = find(world, id)?;
    relation.rows(world, ty)
}

/// The rows that one object gives.
pub(crate) fn rows_of<'a>(world: &World<'a>, id: u32, object: &'a Object) -> Outcome<'a, Vec<Value<'a>>> {
    let (relation, ty) = find(world, id)?;
    relation.rows_of(world, ty, object)
}

fn find<'a>(world: &World<'a>, id: u32) -> Outcome<'a, (&'static dyn Relation, &'a Arc<RowType>)> {
    let name = relations::ALL.get(id as usize).map_or("a relation", |relation| relation.name);
    let relation = COMPUTED.iter().find(|relation| relation.name() == name);
    match (relation, world.program.relations.get(id as usize)) {
        (Some(relation), Some(ty)) => Ok((*relation, ty)),
        _ => doubt(format!("this build does not compute the relation `{name}`"), "a build that computes it", None),
    }
}

/// The type of a record, by its name in [`relations::RECORDS`]. The evaluation needs the columns' names and order only.
pub(crate) fn record(name: &str) -> Arc<RowType> {
    use std::collections::HashMap;
    use std::sync::OnceLock;
    use tacit_lang::types::{Base, Column, Type};

    static TYPES: OnceLock<HashMap<&'static str, Arc<RowType>>> = OnceLock::new();
    let types = TYPES.get_or_init(|| {
        let column = |&(name, _, doc): &(&str, &str, &str)| Column {
            name: name.into(),
            ty: Type::of(Base::Any),
            doc: doc.into(),
        };
        relations::RECORDS
            .iter()
            .map(|record| {
                let columns = record.columns.iter().map(column).collect();
                (record.name, Arc::new(RowType { name: record.name.into(), columns }))
            })
            .collect()
    });
    types.get(name).cloned().unwrap_or_else(|| Arc::new(RowType { name: name.into(), columns: Vec::new() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_relation_is_computed_once() {
        let mut computed: Vec<&str> = COMPUTED.iter().map(|relation| relation.name()).collect();
        let mut stated: Vec<&str> = relations::ALL.iter().map(|relation| relation.name).collect();
        computed.sort_unstable();
        stated.sort_unstable();
        assert_eq!(computed, stated);
    }
}
