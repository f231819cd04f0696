//! Values as JSON, for what fixes write.

use serde_json::{Map, Number, Value as Json};

use super::equal::elements;
use crate::document::{Kind, Node};
use crate::time::{format_duration, format_time};
use crate::value::{Data, Value};

/// A value as JSON; nothing for what a manifest cannot hold.
pub(super) fn json(value: &Value<'_>) -> Option<Json> {
    Some(match &value.data {
        Data::Str(text) => Json::from(*text),
        Data::Text(text) => Json::from(&**text),
        Data::Int(value) => Json::from(*value),
        Data::Number(value) => Json::Number(Number::from_f64(*value)?),
        Data::Bool(value) => Json::from(*value),
        Data::Duration(value) => Json::from(format_duration(*value)),
        Data::Time(value) => Json::from(format_time(*value)),
        Data::Node(node) => node_json(*node),
        Data::List(_) => Json::Array(elements(value)?.iter().map(json).collect::<Option<_>>()?),
        Data::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| Some((key.as_str()?.to_owned(), json(value)?)));
            Json::Object(entries.collect::<Option<Map<String, Json>>>()?)
        }
        Data::NoMap(_) => Json::Object(Map::new()),
        Data::Missing(_)
        | Data::Unknown
        | Data::Doubt(_)
        | Data::Bytes(_)
        | Data::NoBytes
        | Data::Regex(_)
        | Data::Object(_)
        | Data::Row(_)
        | Data::Leaf(_) => return None,
    })
}

/// A part of a document as JSON. Documents are not deeper than their loader allows.
fn node_json(node: Node<'_>) -> Json {
    match node.kind() {
        Kind::Null => Json::Null,
        Kind::Bool => Json::from(node.as_bool().unwrap_or_default()),
        Kind::Int => node.as_i64().map_or_else(|| Json::from(node.as_f64()), Json::from),
        Kind::Float => Json::from(node.as_f64()),
        Kind::String => Json::from(node.as_str().unwrap_or_default()),
        Kind::Seq => Json::Array(node.items().map(node_json).collect()),
        Kind::Map => Json::Object(node.entries().map(|(key, _, item)| (key.to_owned(), node_json(item))).collect()),
    }
}
