//! Values that borrow nothing: what is computed before there is any input.

use crate::value::{Data, Gap, Value};

/// The same value without borrowing; nothing for what is part of an input.
pub(super) fn owned(value: &Value<'_>) -> Option<Value<'static>> {
    Some(Value::new(match &value.data {
        Data::Missing(_) => Data::Missing(Gap::NONE),
        Data::Str(text) => Data::Text((*text).into()),
        Data::Text(text) => Data::Text(text.clone()),
        Data::Int(value) => Data::Int(*value),
        Data::Number(value) => Data::Number(*value),
        Data::Bool(value) => Data::Bool(*value),
        Data::Duration(value) => Data::Duration(*value),
        Data::Time(value) => Data::Time(*value),
        Data::Bytes(bytes) => Data::Bytes(bytes.clone()),
        Data::Regex(regex) => Data::Regex(regex.clone()),
        Data::List(values) => Data::List(values.iter().map(owned).collect::<Option<_>>()?),
        Data::Map(entries) => {
            Data::Map(entries.iter().map(|(key, value)| Some((owned(key)?, owned(value)?))).collect::<Option<_>>()?)
        }
        Data::NoMap(_)
        | Data::Unknown
        | Data::NoBytes
        | Data::Doubt(_)
        | Data::Node(_)
        | Data::Object(_)
        | Data::Row(_)
        | Data::Leaf(_) => return None,
    }))
}
