//! Who may do what: the rows of `Grant` as answers to single questions, with the path of proof from the subject over the
//! binding and the role to the rule.

use std::sync::Arc;

use tacit_lang::builtin::relations;
use tacit_lang::schema::Schemas;
use tacit_lang::types::{Base, Column, RowType, Type};

use crate::eval::{EvalOptions, Evaluator};
use crate::inventory::Inventory;
use crate::method::covers_resource;
use crate::value::{Data, Row, Value};
use crate::verdict::ObjectRef;

/// What is asked: may somebody do this?
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The verb.
    pub verb: String,
    /// The API group; empty for the core group.
    pub group: String,
    /// The resource (`secrets`).
    pub resource: String,
    /// The subresource (`token`), where one is meant.
    pub subresource: Option<String>,
    /// The object, where one is meant.
    pub name: Option<String>,
    /// The namespace; none for the whole cluster.
    pub namespace: Option<String>,
}

impl Question {
    /// Reads a resource as it is written on a command line: `secrets`, `pods/exec`, `deployments.apps/scale`.
    pub fn of_resource(text: &str) -> Question {
        let (name, subresource) = match text.split_once('/') {
            Some((name, sub)) => (name, Some(sub.to_owned())),
            None => (text, None),
        };
        let (resource, group) = name.split_once('.').unwrap_or((name, ""));
        Question { group: group.to_owned(), resource: resource.to_owned(), subresource, ..Question::default() }
    }
}

/// A subject of a binding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// `User`, `Group` or `ServiceAccount`
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The namespace of a service account.
    pub namespace: Option<String>,
}

/// One permission that a subject holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// Who holds it.
    pub subject: Subject,
    /// Verbs of the rule, as written.
    pub verbs: Vec<String>,
    /// Its API groups.
    pub groups: Vec<String>,
    /// Its resources.
    pub resources: Vec<String>,
    /// Names to which it is restricted; empty for all.
    pub names: Vec<String>,
    /// The namespace in which it holds; none for the whole cluster.
    pub namespace: Option<String>,
    /// The binding that gives it.
    pub binding: ObjectRef,
    /// The role, where it is in the input.
    pub role: Option<ObjectRef>,
    /// The place of the rule in its role: `rules[3]`.
    pub rule: Option<String>,
}

impl Held {
    /// True where the permission covers what is asked, as the authorizer of the API server sees it. A question without a
    /// namespace is one for the whole cluster.
    pub fn covers(&self, question: &Question) -> bool {
        let holds = self.namespace.is_none() || self.namespace == question.namespace;
        holds && self.covers_somewhere(question) && self.covers_name(question)
    }

    /// True where it covers the verb on the resource, in some namespace and perhaps for some names only.
    pub fn covers_somewhere(&self, question: &Question) -> bool {
        let any = |list: &[String], wanted: &str| list.iter().any(|own| own == "*" || own == wanted);
        any(&self.verbs, &question.verb)
            && any(&self.groups, &question.group)
            && self
                .resources
                .iter()
                .any(|own| covers_resource(own, &question.resource, question.subresource.as_deref()))
    }

    /// True where it is not restricted to other names.
    pub fn covers_name(&self, question: &Question) -> bool {
        self.names.is_empty() || question.name.as_ref().is_some_and(|name| self.names.contains(name))
    }

    /// True where a user of this name, with these groups, holds it.
    pub fn held_by(&self, user: &str, groups: &[String]) -> bool {
        match self.subject.kind.as_str() {
            "User" => self.subject.name == user,
            "Group" => groups.contains(&self.subject.name),
            "ServiceAccount" => self.subject.namespace.as_ref().is_some_and(|namespace| {
                user.strip_prefix("system:serviceaccount:")
                    .and_then(|rest| rest.split_once(':'))
                    .is_some_and(|(of, name)| of == namespace && name == self.subject.name)
            }),
            _ => false,
        }
    }
}

/// Every permission of an inventory, and how many bindings lead to roles that are not known.
pub fn held(schemas: &Schemas, inventory: &Inventory) -> (Vec<Held>, usize) {
    let evaluator = Evaluator::new(Arc::default(), schemas.clone(), EvalOptions::at(0));
    let columns =
        relations::ALL.iter().find(|relation| relation.name == "Grant").map_or(&[][..], |grant| grant.columns);
    let column =
        |&(name, _, doc): &(&str, &str, &str)| Column { name: name.into(), ty: Type::of(Base::Any), doc: doc.into() };
    let ty = Arc::new(RowType { name: "Grant".into(), columns: columns.iter().map(column).collect() });
    evaluator.with_world(inventory, |world| {
        let rows = crate::relation::grants(world, &ty).unwrap_or_default();
        let (mut held, mut open) = (Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            let Data::Row(row) = &row.data else { continue };
            match one(row) {
                Some(one) => held.push(one),
                None => open += 1,
            }
        }
        (held, open)
    })
}

fn one(row: &Row<'_>) -> Option<Held> {
    let cell = |name: &str| row.ty.column(name).and_then(|(at, _)| row.values.get(at));
    let list = |name: &str| -> Option<Vec<String>> {
        match &cell(name)?.data {
            Data::Doubt(_) => None,
            Data::List(values) => Some(values.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
            Data::Node(list) => Some(list.items().filter_map(|node| node.as_str()).map(str::to_owned).collect()),
            _ => Some(Vec::new()),
        }
    };
    let object = |name: &str| match &cell(name)?.data {
        Data::Object(object) => Some(ObjectRef::of(object)),
        _ => None,
    };
    let Data::Row(subject) = &cell("subject")?.data else { return None };
    let of_subject = |name: &str| {
        let value = subject.ty.column(name).and_then(|(at, _)| subject.values.get(at));
        value.and_then(Value::as_str).map(str::to_owned)
    };
    let rule = cell("rule").and_then(|rule| rule.origin);
    let rule = rule.map(|origin| crate::eval::below(origin.node, origin.object).dotted().to_string());
    Some(Held {
        subject: Subject { kind: of_subject("kind")?, name: of_subject("name")?, namespace: of_subject("namespace") },
        verbs: list("verbs")?,
        groups: list("groups")?,
        resources: list("resources")?,
        names: list("names")?,
        namespace: cell("namespace").and_then(Value::as_str).map(str::to_owned),
        binding: object("binding")?,
        role: object("role"),
        rule,
    })
}
