//! Going through what generators name: lists, maps, objects of kinds, rows.

use std::ops::ControlFlow;
use std::sync::Arc;

use tacit_lang::ir::Id;

use super::context::Context;
use super::faulty;
use super::hash::key_hash;
use super::plan::{BindingPlan, Lookup, Op, Shape, SourcePlan};
use super::world::{Index, World};
use crate::document::Kind;
use crate::value::{Data, Doubt, Origin, Outcome, Value, doubt};

/// What to do with each binding.
pub(super) type Each<'f, 'w, 'a> = &'f mut dyn FnMut(&mut Context<'w, 'a>) -> ControlFlow<()>;

/// What to do with each combination of bindings.
pub(super) type EachOf<'f, 'w, 'a> = &'f mut dyn FnMut(&mut Context<'w, 'a>, Bound<'a>) -> ControlFlow<()>;

/// How far a combination of generators' elements got.
pub(super) enum Bound<'a> {
    /// Every generator is bound.
    All,
    /// The condition is false whatever the generators that are not bound yet would give.
    Ruled,
    /// It is undecided what an element or a source is.
    Open(Arc<Doubt<'a>>),
}

impl<'a> Bound<'a> {
    /// Whether a condition holds for the combination, which need only be asked where all of it is there.
    pub(super) fn holds(self, condition: impl FnOnce() -> Outcome<'a, bool>) -> Outcome<'a, bool> {
        match self {
            Bound::All => condition(),
            Bound::Ruled => Ok(false),
            Bound::Open(doubt) => Err(doubt),
        }
    }
}

const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

impl<'w, 'a> Context<'w, 'a> {
    /// Binds the variables of a generator to one element after another. An element that cannot be read is bound to its
    /// doubt.
    pub(super) fn each(&mut self, binding: &'a BindingPlan, run: Each<'_, 'w, 'a>) -> Outcome<'a, ControlFlow<()>> {
        match &binding.source {
            SourcePlan::List { op, element } => {
                let list = self.eval(op)?;
                self.each_element(list, element, &mut |context, index, value| {
                    if let Some(slot) = binding.key {
                        context.set(slot, Value::new(Data::Int(index as i64)));
                    }
                    context.set(binding.var, value);
                    run(context)
                })
            }
            SourcePlan::Map { op, element } => {
                let map = self.eval(op)?;
                self.each_entry(map, element, &mut |context, key, value| {
                    if let Some(slot) = binding.key {
                        context.set(slot, key);
                    }
                    context.set(binding.var, value);
                    run(context)
                })
            }
            SourcePlan::Kinds { set, lookup } => {
                let world = self.world;
                let members = world.set(*set);
                match self.candidates(&binding.source, lookup.as_ref()) {
                    Some(candidates) => {
                        for at in candidates {
                            if let Some(object) = members.get(at as usize).and_then(|&at| world.object(at)) {
                                self.set(binding.var, Value::object(object));
                                if run(self).is_break() {
                                    return Ok(ControlFlow::Break(()));
                                }
                            }
                        }
                    }
                    None => {
                        for object in members.iter().filter_map(|&at| world.object(at)) {
                            self.set(binding.var, Value::object(object));
                            if run(self).is_break() {
                                return Ok(ControlFlow::Break(()));
                            }
                        }
                    }
                }
                Ok(GO_ON)
            }
            SourcePlan::View { lookup, .. } | SourcePlan::Relation { lookup, .. } => {
                let rows = rows(self.world, &binding.source)?;
                let mut bind = |context: &mut Self, at: usize, row: &Value<'a>| {
                    if let Some(slot) = binding.key {
                        context.set(slot, Value::new(Data::Int(at as i64)));
                    }
                    context.set(binding.var, row.clone());
                    run(context)
                };
                match self.candidates(&binding.source, lookup.as_ref()) {
                    Some(candidates) => {
                        for at in candidates {
                            if let Some(row) = rows.get(at as usize)
                                && bind(self, at as usize, row).is_break()
                            {
                                return Ok(ControlFlow::Break(()));
                            }
                        }
                    }
                    None => {
                        for (at, row) in rows.iter().enumerate() {
                            if bind(self, at, row).is_break() {
                                return Ok(ControlFlow::Break(()));
                            }
                        }
                    }
                }
                Ok(GO_ON)
            }
        }
    }

    /// Goes through the elements of a list; missing ones are left out, a missing list has none.
    pub fn each_element(
        &mut self,
        list: Value<'a>,
        shape: &Shape,
        run: &mut dyn FnMut(&mut Self, usize, Value<'a>) -> ControlFlow<()>,
    ) -> Outcome<'a, ControlFlow<()>> {
        let object = list.origin.and_then(|origin| origin.object);
        match list.data {
            Data::Node(node) if node.kind() == Kind::Seq => {
                for (index, item) in node.items().enumerate() {
                    if item.is_null() {
                        continue;
                    }
                    let mut value = self.read_element(item, object, shape);
                    if list.link.is_some() {
                        (value.link, value.owner) = (list.link, list.owner.clone());
                    }
                    if run(self, index, value).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(GO_ON)
            }
            Data::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    if value.is_missing() {
                        continue;
                    }
                    let mut value = value.clone();
                    if value.link.is_none() && list.link.is_some() {
                        (value.link, value.owner) = (list.link, list.owner.clone());
                    }
                    if run(self, index, value).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(GO_ON)
            }
            // `[]` of a map goes through its values.
            Data::Map(_) | Data::Node(_) => {
                let mut index = 0;
                self.each_entry(list, shape, &mut |context, _, value| {
                    index += 1;
                    run(context, index - 1, value)
                })
            }
            Data::Missing(_) | Data::NoMap(_) => Ok(GO_ON),
            Data::Doubt(doubt) => Err(doubt),
            Data::Unknown => unknown(list.origin),
            other => doubt(format!("{} is no list", other.noun()), "", list.origin),
        }
    }

    /// Goes through the entries of a map; missing values are left out, a missing map has none.
    pub fn each_entry(
        &mut self,
        map: Value<'a>,
        shape: &Shape,
        run: &mut dyn FnMut(&mut Self, Value<'a>, Value<'a>) -> ControlFlow<()>,
    ) -> Outcome<'a, ControlFlow<()>> {
        let object = map.origin.and_then(|origin| origin.object);
        match map.data {
            Data::Node(node) if node.kind() == Kind::Map => {
                for (key, key_node, item) in node.entries() {
                    if item.is_null() {
                        continue;
                    }
                    let key = Value::at(Data::Str(key), Some(Origin::new(key_node, object)));
                    let mut value = self.read_element(item, object, shape);
                    if map.link.is_some() {
                        (value.link, value.owner) = (map.link, map.owner.clone());
                    }
                    if run(self, key, value).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(GO_ON)
            }
            Data::Map(entries) => {
                for (key, value) in entries.iter().filter(|(_, value)| !value.is_missing()) {
                    if run(self, key.clone(), value.clone()).is_break() {
                        return Ok(ControlFlow::Break(()));
                    }
                }
                Ok(GO_ON)
            }
            // Two maps that are both missing join to a list without elements.
            Data::List(values) if values.is_empty() => Ok(GO_ON),
            Data::Missing(_) | Data::NoMap(_) => Ok(GO_ON),
            Data::Doubt(doubt) => Err(doubt),
            Data::Unknown => unknown(map.origin),
            other => doubt(format!("{} is no map", other.noun()), "", map.origin),
        }
    }

    /// Runs for each combination of several generators' elements, once for each that is ruled out early, and once for
    /// each element or source that is undecided.
    pub(super) fn each_of(&mut self, bindings: &'a [BindingPlan], run: EachOf<'_, 'w, 'a>) -> ControlFlow<()> {
        let Some((first, rest)) = bindings.split_first() else { return run(self, Bound::All) };
        let result = self.each(first, &mut |context| {
            if let Some(Value { data: Data::Doubt(doubt), .. }) = context.slot(first.var) {
                let doubt = doubt.clone();
                return run(context, Bound::Open(doubt));
            }
            if context.rules_out(&first.guards) { run(context, Bound::Ruled) } else { context.each_of(rest, run) }
        });
        result.unwrap_or_else(|doubt| run(self, Bound::Open(doubt)))
    }

    /// True where a part of the condition is false whatever later generators give. Where each step is to be told, nothing
    /// is ruled out early.
    pub(super) fn rules_out(&mut self, guards: &'a [Op]) -> bool {
        if guards.is_empty() || self.world.options.explain.is_some() {
            return false;
        }
        self.unseen(|context| guards.iter().any(|guard| matches!(context.truth(guard), Ok(false))))
    }

    /// Positions among the elements that an equality leaves over; nothing where all must be tried.
    fn candidates(&mut self, source: &'a SourcePlan, lookup: Option<&'a Lookup>) -> Option<Vec<u32>> {
        let lookup = lookup?;
        let world = self.world;
        let cell = world.indexes.get(lookup.index)?;
        let probe = self.unseen(|context| context.eval(&lookup.probe)).ok()?;
        let hash = key_hash(&probe)?;
        let index = cell.get_or_init(|| index(world, source, lookup));
        let known = index.known.get(&hash).map_or(&[][..], Vec::as_slice);
        if index.open.is_empty() || faulty!(world.options, LookupDropsUnknown) {
            return Some(known.to_vec());
        }
        let mut all = [known, &index.open].concat();
        all.sort_unstable();
        Some(all)
    }

    /// Stops where the elements of a source may not be all there are.
    pub(super) fn complete(&self, source: &SourcePlan) -> Outcome<'a, ()> {
        match source {
            SourcePlan::List { .. } | SourcePlan::Map { .. } => Ok(()),
            SourcePlan::Kinds { set, .. } => {
                let kinds = self.world.plan.sets.get(*set).map_or(&[][..], |set| &set.kinds);
                self.world.incomplete(kinds).map_or(Ok(()), Err)
            }
            SourcePlan::Relation { id, .. } => self.world.relation_complete(*id),
            SourcePlan::View { id, .. } => {
                let Some(view) = self.world.plan.views.get(id.0 as usize) else { return Ok(()) };
                self.world.incomplete(&view.kinds).map_or(Ok(()), Err)?;
                view.relations.iter().try_for_each(|&relation| self.world.relation_complete(relation))
            }
        }
    }
}

/// The rows of a view or relation, computed once in a run.
pub(super) fn rows<'w, 'a>(world: &'w World<'a>, source: &SourcePlan) -> Outcome<'a, &'w [Value<'a>]> {
    let rows = match source {
        SourcePlan::View { id, .. } => world.views.get(id.0 as usize).map(|cell| cell.get_or_init(|| view(world, *id))),
        SourcePlan::Relation { id, .. } => {
            world.relations.get(*id as usize).map(|cell| cell.get_or_init(|| crate::relation::rows(world, *id)))
        }
        _ => None,
    };
    match rows {
        Some(Ok(rows)) => Ok(rows),
        Some(Err(doubt)) => Err(doubt.clone()),
        None => Ok(&[]),
    }
}

/// How many objects or rows a source has, whatever a generator over it asks for. None of a list: its elements are parts.
pub(super) fn count(world: &World<'_>, source: &SourcePlan) -> usize {
    match source {
        SourcePlan::Kinds { set, .. } => world.set(*set).len(),
        SourcePlan::View { .. } | SourcePlan::Relation { .. } => rows(world, source).map_or(0, <[Value<'_>]>::len),
        SourcePlan::List { .. } | SourcePlan::Map { .. } => 0,
    }
}

/// The rows of a view: a set, of which the first of equal rows is kept.
fn view<'a>(world: &World<'a>, id: Id) -> Outcome<'a, Vec<Value<'a>>> {
    let Some(plan) = world.plan.views.get(id.0 as usize) else { return Ok(Vec::new()) };
    let mut rows = super::distinct::Distinct::default();
    let mut context = Context::new(world);
    for branch in &plan.branches {
        context.start(branch.slots);
        let _ = context.each_of(&branch.bindings, &mut |context, bound| {
            let holds = bound.holds(|| branch.condition.as_ref().map_or(Ok(true), |op| context.truth(op)));
            match (holds, &plan.row) {
                (Ok(false), _) => {}
                (Err(doubt), _) => rows.add(Value::new(Data::Doubt(doubt))),
                (Ok(true), Some(row)) => {
                    let values = branch.columns.iter().map(|column| context.eval_later(column)).collect();
                    rows.add(Value::row(row.clone(), values));
                }
                (Ok(true), None) => {
                    let first = branch.bindings.first().and_then(|first| context.slot(first.var));
                    rows.add(first.cloned().unwrap_or_else(Value::missing));
                }
            }
            GO_ON
        });
    }
    Ok(rows.into_values())
}

/// Positions of the elements of a source by the hash of what they are looked up by.
fn index<'a>(world: &World<'a>, source: &'a SourcePlan, lookup: &'a Lookup) -> Index {
    let mut index = Index::default();
    let mut context = Context::new(world);
    context.start(lookup.slots);
    let mut add = |at: usize, element: Value<'a>| {
        let known = if matches!(element.data, Data::Doubt(_)) {
            None
        } else {
            context.set(lookup.slot, element);
            context.eval(&lookup.key).ok().and_then(|key| key_hash(&key))
        };
        match known {
            Some(hash) => index.known.entry(hash).or_default().push(at as u32),
            None => index.open.push(at as u32),
        }
    };
    match source {
        SourcePlan::Kinds { set, .. } => {
            for (at, &member) in world.set(*set).iter().enumerate() {
                if let Some(object) = world.object(member) {
                    add(at, Value::object(object));
                }
            }
        }
        source => {
            for (at, row) in rows(world, source).unwrap_or_default().iter().enumerate() {
                add(at, row.clone());
            }
        }
    }
    index
}

/// Undecided: something is there, but not known.
pub(crate) fn unknown<'a, T>(origin: Option<Origin<'a>>) -> Outcome<'a, T> {
    let reason = match origin.and_then(|origin| origin.object) {
        Some(object) => format!("the namespace of {} is not known", super::context::title(object)),
        None => "a namespace is not known".into(),
    };
    doubt(reason, "`metadata.namespace`, a kustomization that sets it, or `--namespace`", origin)
}
