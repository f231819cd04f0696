//! References: from the name that a manifest writes to the object.

use tacit_lang::schema::KindId;

use super::context::Context;
use super::faulty;
use super::plan::{LinkPlan, Op};
use super::source::unknown;
use super::world::or;
use crate::document::{Kind, Node};
use crate::object::{Namespace, Object};
use crate::value::{Data, Gap, Outcome, Value, doubt};

/// What a reference leads to.
enum Target<'a> {
    Found(&'a Object),
    /// The reference names nothing.
    Unnamed,
    /// The object is known not to be there.
    Absent,
}

/// What is known of the namespace in which a reference looks.
enum Where<'v> {
    Known(&'v str),
    Unknown,
    /// The reference states none, and its owner is in none.
    Nowhere,
}

/// What a reference names.
pub(crate) struct Named {
    /// The name.
    pub name: String,
    /// The namespace it looks in; `None` where it is not known.
    pub namespace: Option<String>,
}

impl<'w, 'a> Context<'w, 'a> {
    /// `reference->`
    pub fn follow(&mut self, reference: &Value<'a>) -> Outcome<'a> {
        match self.resolve(reference)? {
            Target::Found(object) => Ok(Value::object(object)),
            Target::Unnamed | Target::Absent => {
                let steps = match &reference.data {
                    Data::Missing(gap) => gap.steps(),
                    _ => Vec::new(),
                };
                Ok(Value::at(Data::Missing(Gap::Beyond(steps.into())), reference.origin))
            }
        }
    }

    /// `reference dangling`
    pub(super) fn dangling(&mut self, reference: &Value<'a>) -> Outcome<'a, bool> {
        Ok(matches!(self.resolve(reference)?, Target::Absent))
    }

    fn resolve(&mut self, reference: &Value<'a>) -> Outcome<'a, Target<'a>> {
        let world = self.world;
        match &reference.data {
            Data::Missing(_) => return Ok(Target::Unnamed),
            Data::Unknown => return unknown(reference.origin),
            Data::Doubt(doubt) => return Err(doubt.clone()),
            // A column may hold the object itself.
            Data::Object(object) => return Ok(Target::Found(object)),
            _ => {}
        }
        let link = reference.link.and_then(|link| world.plan.links.get(link.0 as usize));
        let Some(link) = link else {
            return doubt("a value refers to nothing that a link declares", "", reference.origin);
        };
        let owner = self.owner_of(reference);
        let [name, kind, namespace] = self.parts(link, reference, &owner)?;
        if let Data::Unknown = name.data {
            return unknown(name.origin);
        }
        let Some(name) = name.as_text().filter(|name| !name.is_empty()) else { return Ok(Target::Unnamed) };
        let kinds = self.kinds(link, &kind)?;
        self.find(reference, &kinds, name, place(&namespace, &owner))
    }

    /// The name that a reference states and the namespace it looks in, whether or not an object of that name is in the
    /// input. Nothing where it is no reference or names nothing.
    pub fn named(&mut self, reference: &Value<'a>) -> Outcome<'a, Option<Named>> {
        match &reference.data {
            Data::Missing(_) => return Ok(None),
            Data::Unknown => return unknown(reference.origin),
            Data::Doubt(doubt) => return Err(doubt.clone()),
            _ => {}
        }
        let link = reference.link.and_then(|link| self.world.plan.links.get(link.0 as usize));
        let Some(link) = link else { return Ok(None) };
        let owner = self.owner_of(reference);
        let [name, _, namespace] = self.parts(link, reference, &owner)?;
        let Some(name) = name.as_text().filter(|name| !name.is_empty()) else { return Ok(None) };
        let namespace = match place(&namespace, &owner) {
            Where::Known(namespace) => Some(namespace.to_owned()),
            Where::Unknown | Where::Nowhere => None,
        };
        Ok(Some(Named { name: name.to_owned(), namespace }))
    }

    /// Name, kind and namespace of a reference, as far as it states them. What the link computes is no part of what the
    /// condition reads.
    fn parts(&mut self, link: &'a LinkPlan, reference: &Value<'a>, owner: &Value<'a>) -> Outcome<'a, [Value<'a>; 3]> {
        self.unseen(|context| {
            let name = match &link.name {
                Some(op) => context.part(link, op, reference, owner)?,
                None if reference.as_text().is_some() => reference.clone(),
                None => field(reference, "name"),
            };
            let kind = match &link.kind {
                Some(op) => context.part(link, op, reference, owner)?,
                None => field(reference, "kind"),
            };
            let namespace = match &link.namespace {
                Some(op) => context.part(link, op, reference, owner)?,
                None => field(reference, "namespace"),
            };
            Ok([name, kind, namespace])
        })
    }

    /// A part that the link itself computes, from the reference and its owner.
    fn part(&mut self, link: &'a LinkPlan, op: &'a Op, reference: &Value<'a>, owner: &Value<'a>) -> Outcome<'a> {
        self.frame(link.slots, [reference.clone(), owner.clone()], |context| context.eval(op))
    }

    /// The kinds that the reference can mean.
    fn kinds(&self, link: &LinkPlan, kind: &Value<'a>) -> Outcome<'a, Vec<KindId>> {
        let schemas = self.world.schemas;
        let Some(name) = kind.as_str().filter(|kind| !kind.is_empty()) else {
            return Ok(link.targets.first().map(|first| first.to_vec()).unwrap_or_default());
        };
        let named: Vec<KindId> = link
            .targets
            .iter()
            .flat_map(|set| set.iter())
            .copied()
            .filter(|&kind| *schemas.kind(kind).name == *name)
            .collect();
        if named.is_empty() {
            let targets: Vec<&str> =
                link.targets.iter().flat_map(|set| set.iter()).map(|&kind| schemas.kind(kind).unique_name()).collect();
            return doubt(
                format!("a reference names the kind {name}, and rules know only {} there", or(&targets)),
                "",
                kind.origin,
            );
        }
        Ok(named)
    }

    fn find(
        &mut self,
        reference: &Value<'a>,
        kinds: &[KindId],
        name: &str,
        place: Where<'_>,
    ) -> Outcome<'a, Target<'a>> {
        let world = self.world;
        let Some(inventory) = world.inventory else {
            return doubt("other objects were not looked at", "", reference.origin);
        };
        let mut unknown_object = None;
        let mut asks_namespace = false;
        for &kind in kinds {
            let namespaced = world.schemas.kind(kind).namespaced();
            asks_namespace |= namespaced;
            for object in inventory.named(world.base_kind(kind), name) {
                if !world.is_of(object, &[kind]) {
                    continue;
                }
                match (&object.namespace, &place) {
                    _ if !namespaced => return Ok(Target::Found(object)),
                    (Namespace::Unknown, _) => unknown_object = Some(object),
                    (own, Where::Known(wanted)) if own.known().is_some_and(|own| **own == **wanted) => {
                        return Ok(Target::Found(object));
                    }
                    _ => {}
                }
            }
        }
        if asks_namespace {
            match place {
                Where::Unknown => return unknown(reference.origin),
                Where::Nowhere => {
                    return doubt(
                        format!("a reference to {name} states no namespace, and what holds it is in none"),
                        "a namespace beside the name",
                        reference.origin,
                    );
                }
                Where::Known(_) => {}
            }
            if let Some(object) = unknown_object {
                return unknown(Value::object(object).origin);
            }
        }
        match world.incomplete(kinds) {
            None => Ok(Target::Absent),
            Some(_) if faulty!(world.options, OpenWorldDangles) => Ok(Target::Absent),
            Some(open) => {
                let names: Vec<&str> = kinds.iter().map(|&kind| world.schemas.kind(kind).unique_name()).collect();
                let why = kinds.iter().find_map(|&kind| inventory.seen(world.base_kind(kind)).why());
                let why = why.map(|why| format!(": {why}"));
                doubt(
                    format!(
                        "{} {name} is not in the input, which may not be all there is{}",
                        or(&names),
                        why.unwrap_or_default()
                    ),
                    open.need.clone(),
                    reference.origin,
                )
            }
        }
    }
}

/// A field of a reference, as far as it is a text.
fn field<'a>(reference: &Value<'a>, name: &str) -> Value<'a> {
    match &reference.data {
        Data::Node(node) if node.kind() == Kind::Map => match node.get(name).and_then(Node::as_str) {
            Some(text) => Value::at(Data::Str(text), reference.origin),
            None => Value::missing(),
        },
        Data::Map(entries) => entries
            .iter()
            .find(|(key, _)| key.as_str() == Some(name))
            .map_or_else(Value::missing, |(_, value)| value.clone()),
        Data::Row(row) => match row.ty.column(name).and_then(|(at, _)| row.values.get(at)) {
            Some(value) => value.clone(),
            None => Value::missing(),
        },
        _ => Value::missing(),
    }
}

/// The namespace in which a reference looks: the one it states, or that of its owner.
fn place<'v>(namespace: &'v Value<'_>, owner: &'v Value<'_>) -> Where<'v> {
    match (&namespace.data, namespace.as_str()) {
        (Data::Unknown, _) => Where::Unknown,
        (_, Some(namespace)) if !namespace.is_empty() => Where::Known(namespace),
        _ => own_namespace(owner),
    }
}

fn own_namespace<'v>(owner: &'v Value<'_>) -> Where<'v> {
    match &owner.data {
        Data::Object(object) => match &object.namespace {
            Namespace::Set(name) | Namespace::Given(name) => Where::Known(name),
            Namespace::Unknown => Where::Unknown,
            Namespace::ClusterScoped => Where::Nowhere,
        },
        Data::Row(row) => match row.ty.column("namespace").and_then(|(at, _)| row.values.get(at)) {
            Some(Value { data: Data::Unknown, .. }) => Where::Unknown,
            Some(value) => value.as_str().map_or(Where::Nowhere, Where::Known),
            None => Where::Nowhere,
        },
        _ => Where::Nowhere,
    }
}
