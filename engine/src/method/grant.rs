//! Methods of `Grant` rows: `.allows(verb, resource)` and `.held_by(account)`.

use super::{first, result};
use crate::eval::{Context, elements, unknown};
use crate::object::Namespace;
use crate::value::{Data, Outcome, Row, Value};

/// True where the grant covers the verb on the resource, written `secrets`, `pods/exec` or `deployments.apps`.
pub(super) fn allows<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let Data::Row(row) = &receiver.data else { return result(receiver, Data::Bool(false)) };
    let verb = first(args);
    let asked = args.get(1).and_then(Value::as_str).unwrap_or_default();
    let (name, sub) = asked.split_once('/').map_or((asked, None), |(name, sub)| (name, Some(sub)));
    let (name, group) = name.split_once('.').unwrap_or((name, ""));
    let holds = |column: &str, test: &dyn Fn(&str) -> bool| texts(row, column).iter().any(|text| test(text));
    let covers = holds("verbs", &|own| own == "*" || own == verb)
        && holds("groups", &|own| own == "*" || own == group)
        && holds("resources", &|own| match sub {
            _ if own == "*" => true,
            None => own == name,
            Some(sub) => own.split_once('/').is_some_and(|(own, own_sub)| (own == name || own == "*") && own_sub == sub),
        });
    result(receiver, Data::Bool(covers))
}

/// True where the service account, itself or through its groups, holds the grant.
pub(super) fn held_by<'a>(context: &mut Context<'_, 'a>, receiver: &Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let Data::Row(row) = &receiver.data else { return Ok(result(receiver, Data::Bool(false))) };
    let Some(account) = args.first() else { return Ok(result(receiver, Data::Bool(false))) };
    let account = match &account.data {
        Data::Object(_) => account.clone(),
        _ => context.follow(account)?,
    };
    let Data::Object(account) = account.data else { return Ok(result(receiver, Data::Bool(false))) };
    let Some(Data::Row(subject)) = column(row, "subject").map(|subject| &subject.data) else {
        return Ok(result(receiver, Data::Bool(false)));
    };
    let kind = column(subject, "kind").and_then(Value::as_str).unwrap_or_default();
    let name = column(subject, "name").and_then(Value::as_str).unwrap_or_default();
    // Groups that hold every service account need no namespace.
    if kind == "Group" && matches!(name, "system:serviceaccounts" | "system:authenticated") {
        return Ok(result(receiver, Data::Bool(true)));
    }
    let namespace = match &account.namespace {
        Namespace::Set(name) | Namespace::Given(name) => &**name,
        Namespace::ClusterScoped => return Ok(result(receiver, Data::Bool(false))),
        Namespace::Unknown => {
            let may_match = match kind {
                "ServiceAccount" => name == &*account.name,
                "Group" => name.starts_with("system:serviceaccounts:"),
                _ => name.starts_with("system:serviceaccount:") && name.ends_with(&format!(":{}", account.name)),
            };
            if may_match {
                return unknown(Value::object(account).origin);
            }
            return Ok(result(receiver, Data::Bool(false)));
        }
    };
    let holds = match kind {
        "ServiceAccount" => {
            let own = column(subject, "namespace");
            if let Some(Value { data: Data::Unknown, origin, .. }) = own
                && name == &*account.name
            {
                return unknown(*origin);
            }
            name == &*account.name && own.and_then(Value::as_str) == Some(namespace)
        }
        "Group" => name.strip_prefix("system:serviceaccounts:") == Some(namespace),
        _ => name.strip_prefix("system:serviceaccount:") == Some(&format!("{namespace}:{}", account.name)),
    };
    Ok(result(receiver, Data::Bool(holds)))
}

fn column<'r, 'a>(row: &'r Row<'a>, name: &str) -> Option<&'r Value<'a>> {
    row.ty.column(name).and_then(|(at, _)| row.values.get(at))
}

fn texts(row: &Row<'_>, name: &str) -> Vec<String> {
    let values = column(row, name).and_then(elements).unwrap_or_default();
    values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect()
}
