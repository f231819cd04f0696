//! What all evaluations of a run share: the plan, the inventory, and what is computed once from them.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use tacit_lang::ir;
use tacit_lang::schema::{KindId, Schemas};

use super::EvalOptions;
use super::plan::{KindSet, Plan};
use super::store::Parsed;
use crate::inventory::{Inventory, Seen};
use crate::object::Object;
use crate::value::{Doubt, Outcome, Value, doubt};

/// The world of a run.
pub(crate) struct World<'a> {
    pub program: &'a ir::Program,
    pub plan: &'a Plan,
    pub schemas: &'a Schemas,
    pub options: &'a EvalOptions,
    pub params: &'a [Value<'static>],
    /// Constants that do not hang on the input.
    pub constants: &'a [Option<Value<'static>>],
    /// Absent while the input still streams by.
    pub inventory: Option<&'a Inventory>,
    pub parsed: &'a Parsed,
    sets: Vec<OnceLock<Vec<u32>>>,
    pub(super) views: Vec<OnceLock<Outcome<'a, Vec<Value<'a>>>>>,
    pub(super) relations: Vec<OnceLock<Outcome<'a, Vec<Value<'a>>>>>,
    pub(super) indexes: Vec<OnceLock<Index>>,
}

/// Positions of elements by the hash of a key; those whose key is not known are always candidates.
#[derive(Default)]
pub(crate) struct Index {
    pub known: HashMap<u64, Vec<u32>>,
    pub open: Vec<u32>,
}

/// So many kinds are named where some may be missing.
const FEW_KINDS: usize = 6;

/// What an evaluator lends to each world.
#[derive(Clone, Copy)]
pub(crate) struct Shared<'a> {
    pub program: &'a ir::Program,
    pub plan: &'a Plan,
    pub schemas: &'a Schemas,
    pub options: &'a EvalOptions,
    pub params: &'a [Value<'static>],
    pub constants: &'a [Option<Value<'static>>],
}

impl<'a> World<'a> {
    /// The world of one object, while the input streams by.
    pub fn local(shared: Shared<'a>, parsed: &'a Parsed) -> Self {
        let Shared { program, plan, schemas, options, params, constants } = shared;
        World {
            program,
            plan,
            schemas,
            options,
            params,
            constants,
            inventory: None,
            parsed,
            sets: Vec::new(),
            views: Vec::new(),
            relations: Vec::new(),
            indexes: Vec::new(),
        }
    }

    /// The world of an inventory.
    pub fn global(shared: Shared<'a>, parsed: &'a Parsed, inventory: &'a Inventory) -> Self {
        let plan = shared.plan;
        World {
            inventory: Some(inventory),
            sets: cells(plan.sets.len()),
            views: cells(plan.views.len()),
            relations: cells(shared.program.relations.len()),
            indexes: cells(plan.lookups),
            ..World::local(shared, parsed)
        }
    }

    /// Positions in the inventory of the objects of a set of kinds.
    pub fn set(&self, at: usize) -> &[u32] {
        let (Some(inventory), Some(set), Some(cell)) = (self.inventory, self.plan.sets.get(at), self.sets.get(at))
        else {
            return &[];
        };
        cell.get_or_init(|| self.members(inventory, set))
    }

    fn members(&self, inventory: &Inventory, set: &KindSet) -> Vec<u32> {
        let bases: Vec<KindId> = set.kinds.iter().map(|&kind| self.base_kind(kind)).collect();
        let mut members = inventory.of_kinds(&bases);
        members.retain(|&at| {
            inventory
                .objects()
                .get(at as usize)
                .is_some_and(|object| self.is_of(object, &set.kinds) && (set.owned || !inventory.controlled(object)))
        });
        members
    }

    /// The object at a position of the inventory.
    pub fn object(&self, at: u32) -> Option<&'a Object> {
        self.inventory?.objects().get(at as usize)
    }

    /// The kind that objects carry: of a name for one version of a kind, the kind.
    pub fn base_kind(&self, kind: KindId) -> KindId {
        self.schemas.kind(kind).restricted.as_ref().map_or(kind, |restriction| restriction.kind)
    }

    /// True where an object is of one of these kinds.
    pub fn is_of(&self, object: &Object, kinds: &[KindId]) -> bool {
        object.kind.is_some_and(|kind| is_of(self.schemas, kind, &object.api_version, kinds))
    }

    /// Why the objects of these kinds may not be all there are; nothing where they are.
    pub fn incomplete(&self, kinds: &[KindId]) -> Option<Arc<Doubt<'a>>> {
        let open: Vec<(KindId, &Seen)> = kinds
            .iter()
            .filter_map(|&kind| {
                let seen = self.inventory.map_or(&Seen::Partial, |inventory| inventory.seen(self.base_kind(kind)));
                (!seen.is_complete()).then_some((kind, seen))
            })
            .collect();
        if open.is_empty() {
            return None;
        }
        let names: Vec<&str> = open.iter().map(|(kind, _)| self.schemas.kind(*kind).unique_name()).collect();
        let why = open.iter().find_map(|(_, seen)| seen.why()).map(|why| format!(": {why}"));
        let need = open.iter().find_map(|(_, seen)| seen.need()).map(|need| need.to_string());
        let reason = format!("not every {} may be in the input{}", or(&names), why.unwrap_or_default());
        Some(Arc::new(Doubt { reason, need: need.unwrap_or_else(|| complete(&names)), origin: None }))
    }

    /// Stops where the rows of a relation may not be all there are.
    pub fn relation_complete(&self, id: u32) -> Outcome<'a, ()> {
        let Some(relation) = tacit_lang::builtin::relations::ALL.get(id as usize) else { return Ok(()) };
        if relation.kinds.contains(&"*") {
            let all = self.inventory.is_some_and(|inventory| inventory.all_complete());
            return if all {
                Ok(())
            } else {
                doubt(
                    format!("not every {} may be in the input", relation.name),
                    "a complete inventory (`--complete`)",
                    None,
                )
            };
        }
        let kinds: Vec<KindId> = relation.kinds.iter().flat_map(|name| self.schemas.kinds_named(name)).collect();
        let Some(open) = self.incomplete(&kinds) else { return Ok(()) };
        let of_cluster = |kind: &KindId| {
            self.inventory.is_some_and(|inventory| inventory.seen(self.base_kind(*kind)).need().is_some())
        };
        if kinds.len() <= FEW_KINDS || kinds.iter().any(of_cluster) {
            return Err(open);
        }
        doubt(
            format!("not every {} may be in the input", relation.name),
            format!("a complete inventory (`--complete`) of all kinds that give a {}", relation.name),
            None,
        )
    }
}

/// True where an object of a kind and version is one of these kinds.
pub(crate) fn is_of(schemas: &Schemas, kind: KindId, api_version: &str, kinds: &[KindId]) -> bool {
    kinds.iter().any(|&wanted| {
        wanted == kind
            || schemas.kind(wanted).restricted.as_ref().is_some_and(|restriction| {
                restriction.kind == kind
                    && tacit_lang::schema::split_api_version(api_version).1 == &*restriction.version
            })
    })
}

/// `Secret`, `Secret or ConfigMap`, `Role, ClusterRole or RoleBinding`
pub(crate) fn or(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// What would make an inventory complete.
pub(crate) fn complete(names: &[&str]) -> String {
    format!("a complete inventory of {} (`--complete={}`)", names.join(", "), names.join(","))
}

fn cells<T>(count: usize) -> Vec<OnceLock<T>> {
    (0..count).map(|_| OnceLock::new()).collect()
}
