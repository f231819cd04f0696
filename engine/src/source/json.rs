//! A node as a value without places.

use serde_json::{Map, Number, Value};

use crate::document::{Kind, Node};

/// The JSON that the API server makes of a node.
pub fn value(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool => Value::Bool(node.as_bool().unwrap_or_default()),
        Kind::Int => node.as_i64().map_or(Value::Null, |value| Value::Number(value.into())),
        Kind::Float => node.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Kind::String => Value::String(node.as_str().unwrap_or_default().to_owned()),
        Kind::Seq => Value::Array(node.items().map(value).collect()),
        Kind::Map => {
            let entries = node.entries().map(|(key, _, entry)| (key.to_owned(), value(entry)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}
