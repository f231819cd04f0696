//! Methods on lists and maps.

use std::ops::ControlFlow;

use super::{first, result};
use crate::document::Kind;
use crate::eval::{Context, Distinct, Shape};
use crate::value::{Data, Outcome, Value, doubt};

const GO_ON: ControlFlow<()> = ControlFlow::Continue(());

/// `.size`
pub(super) fn size<'a>(receiver: &Value<'a>) -> Outcome<'a> {
    let size = match &receiver.data {
        Data::Str(text) => text.chars().count(),
        Data::Text(text) => text.chars().count(),
        Data::Bytes(bytes) => bytes.len(),
        Data::List(values) => values.iter().filter(|value| !value.is_missing()).count(),
        Data::Map(entries) => entries.iter().filter(|(_, value)| !value.is_missing()).count(),
        Data::NoMap(_) => 0,
        Data::Node(node) if node.kind() == Kind::Seq => node.items().filter(|item| !item.is_null()).count(),
        Data::Node(node) => node.entries().filter(|(.., item)| !item.is_null()).count(),
        other => return doubt(format!("{} has no size", other.noun()), "", receiver.origin),
    };
    Ok(result(receiver, Data::Int(size as i64)))
}

/// `.distinct`
pub(super) fn distinct<'a>(context: &mut Context<'_, 'a>, receiver: Value<'a>, element: &Shape) -> Outcome<'a> {
    let origin = receiver.origin;
    let mut values = Distinct::default();
    let _ = context.each_element(receiver, element, &mut |_, _, value| {
        values.add(value);
        GO_ON
    })?;
    Ok(Value::list(values.into_values()).with_origin(origin))
}

/// `.keys`
pub(super) fn keys<'a>(context: &mut Context<'_, 'a>, receiver: Value<'a>, element: &Shape) -> Outcome<'a> {
    let origin = receiver.origin;
    let mut keys = Vec::new();
    let _ = context.each_entry(receiver, element, &mut |_, key, _| {
        keys.push(key);
        GO_ON
    })?;
    Ok(Value::list(keys).with_origin(origin))
}

/// `.values`
pub(super) fn values<'a>(context: &mut Context<'_, 'a>, receiver: Value<'a>, element: &Shape) -> Outcome<'a> {
    let origin = receiver.origin;
    let mut values = Vec::new();
    let _ = context.each_entry(receiver, element, &mut |_, _, value| {
        values.push(value);
        GO_ON
    })?;
    Ok(Value::list(values).with_origin(origin))
}

/// `.join(separator)`
pub(super) fn join<'a>(context: &mut Context<'_, 'a>, receiver: Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let origin = receiver.origin;
    let mut parts: Vec<String> = Vec::new();
    let mut open = None;
    let _ = context.each_element(receiver, &Shape::Text, &mut |_, _, value| {
        match &value.data {
            Data::Doubt(doubt) => open = Some(doubt.clone()),
            _ => parts.push(value.as_text().unwrap_or_default().to_owned()),
        }
        GO_ON
    })?;
    match open {
        Some(doubt) => Err(doubt),
        None => Ok(Value::text(parts.join(first(args))).with_origin(origin)),
    }
}
