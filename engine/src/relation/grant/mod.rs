//! `Grant`: who may do what, as the RBAC authorizer of the API server sees it.
//!
//! Source: the RBAC authorizer, the bootstrap policy and the aggregation controller of Kubernetes. The authorizer allows
//! a request where one rule of a role that is bound to the user or to one of the user's groups covers it. So there is a
//! row for each binding, subject and rule. Bindings that every API server makes for itself are no part of it: they bind
//! components of the control plane.

use std::sync::Arc;

use tacit_lang::types::RowType;

use super::{Relation, record};
use crate::document::Node;
use crate::eval::World;
use crate::object::{Namespace, Object};
use crate::value::{Data, Doubt, Origin, Outcome, Value};

mod builtin;
mod roles;
#[cfg(test)]
mod tests;

use roles::{Found, Roles, namespace_of};

/// The relation.
pub(super) struct Grant;

impl Relation for Grant {
    fn name(&self) -> &'static str {
        "Grant"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let mut roles = Roles::of(world);
        let mut rows = Vec::new();
        for binding in objects(world, "RoleBinding") {
            bind(world, ty, &mut roles, binding, &mut rows);
        }
        for binding in objects(world, "ClusterRoleBinding") {
            bind(world, ty, &mut roles, binding, &mut rows);
        }
        Ok(rows)
    }
}

/// The objects of a kind of RBAC, in the order of the input.
fn objects<'a>(world: &World<'a>, kind: &str) -> impl Iterator<Item = &'a Object> {
    let inventory = world.inventory;
    let kinds = world.schemas.kinds_named(kind);
    inventory.into_iter().flat_map(move |inventory| {
        inventory.of_kinds(&kinds).into_iter().filter_map(|at| inventory.objects().get(at as usize))
    })
}

/// Adds the rows of a binding.
fn bind<'a>(
    world: &World<'a>,
    ty: &Arc<RowType>,
    roles: &mut Roles<'a>,
    binding: &'a Object,
    rows: &mut Vec<Value<'a>>,
) {
    let Some(reference) = binding.node().get("roleRef") else { return };
    let at = |node| Some(Origin::new(node, Some(binding)));
    let name = reference.get("name").and_then(Node::as_str).unwrap_or_default();
    let kind = reference.get("kind").and_then(Node::as_str).unwrap_or_default();
    let namespace = namespace_of(binding);
    let found = match (kind, &binding.namespace) {
        ("ClusterRole", _) => roles.cluster_role(binding, name),
        ("Role", Namespace::Set(namespace) | Namespace::Given(namespace)) => roles.role(binding, namespace, name),
        ("Role", Namespace::Unknown) => Found::UnknownNamespace(binding),
        // A ClusterRoleBinding to a Role: the API server refuses it, and the authorizer finds no such role.
        _ => return,
    };
    let row = |subject: Value<'a>, cells: [Value<'a>; 4], role: Value<'a>, rule: Value<'a>| {
        let [verbs, groups, resources, names] = cells;
        let binding = Value::object(binding);
        let values = vec![subject, verbs, groups, resources, names, namespace.clone(), binding, role, rule];
        Value::row(ty.clone(), values).with_origin(at(reference))
    };
    let subjects = binding.node().get("subjects").into_iter().flat_map(Node::items);
    let subjects = subjects.map(|node| subject(binding, node));
    match found {
        Found::Role(object, rules) => {
            let role = object.map_or_else(|| Value::missing_at(at(reference)), Value::object);
            for subject in subjects {
                rows.extend(rules.iter().map(|rule| {
                    let cells = [&rule.verbs, &rule.groups, &rule.resources, &rule.names].map(Value::clone);
                    row(subject.clone(), cells, role.clone(), rule.node.clone())
                }));
            }
        }
        Found::UnknownNamespace(object) => {
            let unknown = crate::eval::unknown::<()>(namespace_of(object).origin).err();
            open(unknown, subjects, row, rows);
        }
        Found::Absent => {
            // In a complete inventory the role is known not to be there: the binding grants nothing.
            let doubt = world.incomplete(&world.schemas.kinds_named(kind)).map(|doubt| {
                Arc::new(Doubt {
                    reason: format!("{kind} {name} is not in the input, which may not be all there is"),
                    need: doubt.need.clone(),
                    origin: at(reference),
                })
            });
            open(doubt, subjects, row, rows);
        }
    }
}

/// Adds a row for each subject of a binding whose role is not known: who holds it is known, what is not.
fn open<'a>(
    doubt: Option<Arc<Doubt<'a>>>,
    subjects: impl Iterator<Item = Value<'a>>,
    row: impl Fn(Value<'a>, [Value<'a>; 4], Value<'a>, Value<'a>) -> Value<'a>,
    rows: &mut Vec<Value<'a>>,
) {
    let Some(doubt) = doubt else { return };
    let cell = || Value::new(Data::Doubt(doubt.clone()));
    rows.extend(subjects.map(|subject| row(subject, [cell(), cell(), cell(), cell()], cell(), cell())));
}

/// The `Subject` record. A service account without a namespace is one of the binding's own.
fn subject<'a>(binding: &'a Object, node: Node<'a>) -> Value<'a> {
    let origin = Some(Origin::new(node, Some(binding)));
    let text = |field: &str| match node.get(field) {
        Some(value) => {
            let origin = Some(Origin::new(value, Some(binding)));
            Value::at(Data::Str(value.as_str().unwrap_or_default()), origin)
        }
        None => Value::at(Data::Str(""), origin),
    };
    let kind = text("kind");
    let namespace = match node.get("namespace").and_then(Node::as_str) {
        Some(_) => text("namespace"),
        None if kind.as_str() != Some("ServiceAccount") => Value::missing_at(origin),
        // Of a ClusterRoleBinding none can be taken: the API server asks for one, so something must fill it in.
        None if binding.namespace == Namespace::ClusterScoped => Value::at(Data::Unknown, origin),
        None => namespace_of(binding),
    };
    Value::row(record("Subject"), vec![kind, text("name"), namespace]).with_origin(origin)
}
