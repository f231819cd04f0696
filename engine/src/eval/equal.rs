//! Equality and order of values.

use std::cmp::Ordering;
use std::sync::Arc;

use super::read::no_bytes;
use super::source::unknown;
use crate::document::{Kind, Node};
use crate::value::{Data, Outcome, Value, doubt, read_any};

/// True where two values are equal: numbers by value, objects by identity, text and bytes by bytes, lists and maps by
/// what they hold; missing equals only missing. Undecided where one is not known.
pub(crate) fn equal<'a>(left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, bool> {
    Ok(match (&left.data, &right.data) {
        (Data::Doubt(doubt), _) | (_, Data::Doubt(doubt)) => return Err(Arc::clone(doubt)),
        (Data::Missing(_), Data::Missing(_)) => true,
        (Data::Missing(_), _) | (_, Data::Missing(_)) => false,
        (Data::Unknown, _) => return unknown(left.origin),
        (_, Data::Unknown) => return unknown(right.origin),
        (Data::NoBytes, _) => return no_bytes(left.origin),
        (_, Data::NoBytes) => return no_bytes(right.origin),
        (Data::Int(a), Data::Int(b)) | (Data::Duration(a), Data::Duration(b)) | (Data::Time(a), Data::Time(b)) => {
            a == b
        }
        (Data::Int(a), Data::Number(b)) | (Data::Number(b), Data::Int(a)) => *a as f64 == *b,
        (Data::Number(a), Data::Number(b)) => a == b,
        (Data::Bool(a), Data::Bool(b)) => a == b,
        (Data::Bytes(a), Data::Bytes(b)) => a == b,
        (Data::Bytes(bytes), _) => right.as_str().is_some_and(|text| text.as_bytes() == &**bytes),
        (_, Data::Bytes(bytes)) => left.as_str().is_some_and(|text| text.as_bytes() == &**bytes),
        (Data::Object(a), Data::Object(b)) => std::ptr::eq(*a, *b),
        (Data::Node(a), Data::Node(b)) => same_node(*a, *b),
        (Data::Leaf(a), Data::Leaf(b)) if a.node == b.node => true,
        (Data::Row(_) | Data::Leaf(_), Data::Row(_) | Data::Leaf(_)) => {
            let (Some(a), Some(b)) = (left.as_row(), right.as_row()) else { return Ok(false) };
            if a.ty.name != b.ty.name || a.values.len() != b.values.len() {
                return Ok(false);
            }
            return all(a.values.iter().zip(&b.values).map(|(a, b)| equal(a, b)));
        }
        (Data::Str(_) | Data::Text(_), _) => match (left.as_str(), right.as_str()) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
        (Data::List(_) | Data::Map(_) | Data::NoMap(_) | Data::Node(_) | Data::Object(_), _) => {
            return same_contents(left, right);
        }
        _ => false,
    })
}

/// Lists and maps of which at least one is computed.
fn same_contents<'a>(left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, bool> {
    if let (Some(a), Some(b)) = (elements(left), elements(right)) {
        if a.len() != b.len() {
            return Ok(false);
        }
        return all(a.iter().zip(&b).map(|(a, b)| equal(a, b)));
    }
    if let (Some(a), Some(b)) = (entries(left), entries(right)) {
        if a.len() != b.len() {
            return Ok(false);
        }
        return all(a.iter().map(|(key, value)| match b.iter().find(|(other, _)| other.as_str() == key.as_str()) {
            Some((_, other)) => equal(value, other),
            None => Ok(false),
        }));
    }
    Ok(false)
}

/// Kleene's conjunction: false if one is, even beside an undecided one.
fn all<'a>(results: impl Iterator<Item = Outcome<'a, bool>>) -> Outcome<'a, bool> {
    let mut open = None;
    for result in results {
        match result {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(doubt) => open = open.or(Some(doubt)),
        }
    }
    open.map_or(Ok(true), Err)
}

/// The elements of a list.
pub(crate) fn elements<'a>(value: &Value<'a>) -> Option<Vec<Value<'a>>> {
    match &value.data {
        Data::List(values) => Some(values.to_vec()),
        Data::Node(node) if node.kind() == Kind::Seq => {
            Some(node.items().map(|item| read_any(item, None)).filter(|item| !item.is_missing()).collect())
        }
        _ => None,
    }
}

/// The entries of a map.
fn entries<'a>(value: &Value<'a>) -> Option<Vec<(Value<'a>, Value<'a>)>> {
    match &value.data {
        Data::Map(entries) => Some(entries.to_vec()),
        Data::NoMap(_) => Some(Vec::new()),
        Data::Node(node) if node.kind() == Kind::Map => Some(
            node.entries()
                .map(|(key, _, item)| (Value::new(Data::Str(key)), read_any(item, None)))
                .filter(|(_, item)| !item.is_missing())
                .collect(),
        ),
        _ => None,
    }
}

/// True where two nodes hold the same JSON value; the order of keys does not matter, null is as good as absent.
fn same_node(a: Node<'_>, b: Node<'_>) -> bool {
    if a == b {
        return true;
    }
    match (a.kind(), b.kind()) {
        (Kind::Seq, Kind::Seq) => a.len() == b.len() && a.items().zip(b.items()).all(|(a, b)| same_node(a, b)),
        (Kind::Map, Kind::Map) => {
            let count = |node: Node<'_>| node.entries().filter(|(_, _, value)| !value.is_null()).count();
            count(a) == count(b)
                && a.entries()
                    .filter(|(_, _, value)| !value.is_null())
                    .all(|(key, _, value)| b.get(key).is_some_and(|other| !other.is_null() && same_node(value, other)))
        }
        (Kind::Int | Kind::Float, Kind::Int | Kind::Float) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => a == b,
            _ => a.as_f64() == b.as_f64(),
        },
        (a_kind, b_kind) => a_kind == b_kind && a.scalar_text() == b.scalar_text(),
    }
}

/// The order of two numbers, texts, durations or times.
pub(super) fn order<'a>(left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, Option<Ordering>> {
    Ok(match (&left.data, &right.data) {
        (Data::Doubt(doubt), _) | (_, Data::Doubt(doubt)) => return Err(Arc::clone(doubt)),
        (Data::Unknown, _) => return unknown(left.origin),
        (_, Data::Unknown) => return unknown(right.origin),
        (Data::Int(a), Data::Int(b)) | (Data::Duration(a), Data::Duration(b)) | (Data::Time(a), Data::Time(b)) => {
            Some(a.cmp(b))
        }
        (Data::Int(a), Data::Number(b)) => (*a as f64).partial_cmp(b),
        (Data::Number(a), Data::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Data::Number(a), Data::Number(b)) => a.partial_cmp(b),
        _ => match (left.as_str(), right.as_str()) {
            (Some(a), Some(b)) => Some(a.cmp(b)),
            _ => {
                let (a, b) = (left.data.noun(), right.data.noun());
                return doubt(format!("{a} and {b} have no order"), "", left.origin.or(right.origin));
            }
        },
    })
}
