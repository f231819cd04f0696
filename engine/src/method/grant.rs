//! Methods of `Grant` rows: `.allows(verb, resource)` and `.held_by(account)`.
//!
//! Source: the RBAC authorizer of the API server.

use super::{first, result};
use crate::document::{Kind, Node};
use crate::eval::{Context, unknown};
use crate::object::Namespace;
use crate::value::{Data, Outcome, Row, Value};

/// True where the grant, or the rule of a role, covers the verb on the resource, written `secrets`, `pods/exec` or
/// `deployments.apps`.
///
/// To which names it is restricted is not asked here. `*` covers every resource and subresource, `*/scale` that
/// subresource of each; `pods/*` covers none, as for the API server.
pub(super) fn allows<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let verb = first(args);
    let asked = args.get(1).and_then(Value::as_str).unwrap_or_default();
    let (name, sub) = asked.split_once('/').map_or((asked, None), |(name, sub)| (name, Some(sub)));
    let (name, group) = name.split_once('.').unwrap_or((name, ""));
    let covers = has(receiver, "verbs", "verbs", |own| own == "*" || own == verb)?
        && has(receiver, "groups", "apiGroups", |own| own == "*" || own == group)?
        && has(receiver, "resources", "resources", |own| covers_resource(own, name, sub))?;
    Ok(result(receiver, Data::Bool(covers)))
}

/// True where an entry of a rule's resources covers a resource, or a subresource of one.
pub(crate) fn covers_resource(own: &str, name: &str, sub: Option<&str>) -> bool {
    match (own.split_once('/'), sub) {
        (None, None) => own == "*" || own == name,
        (None, Some(_)) => own == "*",
        (Some((own, own_sub)), Some(sub)) => own_sub == sub && (own == "*" || own == name),
        (Some(_), None) => false,
    }
}

/// True where the service account, itself or through its groups, holds the grant. It need not be in the input: RBAC
/// knows accounts by their names.
pub(super) fn held_by<'a>(context: &mut Context<'_, 'a>, receiver: &Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let no = Ok(result(receiver, Data::Bool(false)));
    let (Data::Row(row), Some(argument)) = (&receiver.data, args.first()) else { return no };
    let (account, namespace) = match &argument.data {
        Data::Object(object) => match &object.namespace {
            Namespace::Set(namespace) | Namespace::Given(namespace) => {
                (object.name.to_string(), Some(namespace.to_string()))
            }
            Namespace::Unknown => (object.name.to_string(), None),
            Namespace::ClusterScoped => return no,
        },
        _ => match context.named(argument)? {
            Some(named) => (named.name, named.namespace),
            None => return no,
        },
    };
    let Some(Data::Row(subject)) = column(row, "subject").map(|subject| &subject.data) else { return no };
    let text = |name| column(subject, name).and_then(Value::as_str).unwrap_or_default();
    let own = column(subject, "namespace");
    let namespace = namespace.as_deref();
    // `None`: it hangs on a namespace that is not known.
    let holds = match text("kind") {
        "ServiceAccount" if text("name") != account => Some(false),
        "ServiceAccount" => own.and_then(Value::as_str).zip(namespace).map(|(own, namespace)| own == namespace),
        "Group" if matches!(text("name"), "system:serviceaccounts" | "system:authenticated") => Some(true),
        "Group" => match text("name").strip_prefix("system:serviceaccounts:") {
            Some(own) => namespace.map(|namespace| own == namespace),
            None => Some(false),
        },
        // The name of a user whom a service account is.
        _ => match text("name").strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':')) {
            Some((own, name)) if name == account => namespace.map(|namespace| own == namespace),
            _ => Some(false),
        },
    };
    match holds {
        Some(holds) => Ok(result(receiver, Data::Bool(holds))),
        None => unknown(own.filter(|own| matches!(own.data, Data::Unknown)).map_or(argument.origin, |own| own.origin)),
    }
}

fn column<'r, 'a>(row: &'r Row<'a>, name: &str) -> Option<&'r Value<'a>> {
    row.ty.column(name).and_then(|(at, _)| row.values.get(at))
}

/// True where a text passes in a column of a row, or in a field of a rule; undecided where the column is.
fn has<'a>(receiver: &Value<'a>, column_name: &str, field: &str, test: impl Fn(&str) -> bool) -> Outcome<'a, bool> {
    let list = match &receiver.data {
        Data::Row(row) => match column(row, column_name).map(|value| &value.data) {
            Some(Data::Doubt(doubt)) => return Err(doubt.clone()),
            Some(Data::List(values)) => return Ok(values.iter().filter_map(Value::as_str).any(test)),
            Some(Data::Node(list)) => Some(*list),
            _ => None,
        },
        Data::Node(rule) => rule.get(field),
        _ => None,
    };
    Ok(list.filter(|list| list.kind() == Kind::Seq).is_some_and(|list| list.items().filter_map(Node::as_str).any(test)))
}
