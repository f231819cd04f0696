//! What the rules of a program must be given by a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tacit_engine::live::{EVIDENCE_KIND, is_encryption, is_file, looks_at_everything};
use tacit_lang::ir::{Program, Rule};
use tacit_lang::schema::{KindId, Schemas};

/// How much of the objects of a kind is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Their metadata.
    Metadata,
    /// All of them; of Secrets all but the values.
    Whole,
    /// The values of Secrets, too.
    Values,
}

/// A kind that rules look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The kind.
    pub kind: KindId,
    /// How much of it.
    pub depth: Depth,
}

/// All that rules look at.
#[derive(Clone, Debug, Default)]
pub struct Needs {
    /// Kinds, in the order of their names.
    pub kinds: Vec<Need>,
    /// The metrics of the API server.
    pub metrics: bool,
}

impl Needs {
    /// What the rules of a program look at. The values of Secrets only where `values` allows it.
    pub fn of(program: &Program, schemas: &Schemas, values: bool) -> Needs {
        let mut kinds: BTreeMap<KindId, Depth> = BTreeMap::new();
        let mut metrics = false;
        for rule in &program.rules {
            let reach = &rule.reach;
            metrics |= reach.relations.iter().any(|&relation| is_encryption(relation));
            for &kind in reach.kinds.iter().chain(&reach.primary) {
                let kind = schemas.kind(kind).restricted.as_ref().map_or(kind, |restricted| restricted.kind);
                if is_file(schemas, kind) || &*schemas.kind(kind).name == EVIDENCE_KIND {
                    continue;
                }
                let depth = match (is_secret(schemas, kind), reach.metadata_only) {
                    (true, _) if values && reach.secret_data => Depth::Values,
                    (_, true) => Depth::Metadata,
                    (_, false) => Depth::Whole,
                };
                let known = kinds.entry(kind).or_insert(depth);
                *known = (*known).max(depth);
            }
        }
        let mut kinds: Vec<Need> = kinds.into_iter().map(|(kind, depth)| Need { kind, depth }).collect();
        let name = |need: &Need| {
            let info = schemas.kind(need.kind);
            (info.group.clone(), info.name.clone())
        };
        kinds.sort_by_key(name);
        Needs { kinds, metrics }
    }

    /// The whole objects of these kinds.
    pub fn of_kinds(schemas: &Schemas, names: &[&str]) -> Needs {
        let kinds = names.iter().flat_map(|name| schemas.kinds_named(name));
        Needs { kinds: kinds.map(|kind| Need { kind, depth: Depth::Whole }).collect(), metrics: false }
    }
}

/// True for the kind `Secret` of the core group.
pub(crate) fn is_secret(schemas: &Schemas, kind: KindId) -> bool {
    let info = schemas.kind(kind);
    info.group.is_empty() && &*info.name == "Secret"
}

/// The program without the rules that would make a run list every kind there is, and their ids.
pub fn without_everything(program: &Program) -> (Program, BTreeSet<Arc<str>>) {
    let everything = |rule: &Arc<Rule>| rule.reach.relations.iter().any(|&relation| looks_at_everything(relation));
    let left_out = program.rules.iter().filter(|rule| everything(rule)).map(|rule| rule.id().clone()).collect();
    let mut program = program.clone();
    program.rules.retain(|rule| !everything(rule));
    (program, left_out)
}
