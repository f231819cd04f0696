//! Hashes of values by which joins look up and sets tell apart.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::value::{Data, Value};

/// A hash that is the same for equal values; nothing for values that are not known or not looked up by.
pub(super) fn key_hash(value: &Value<'_>) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    add(value, &mut hasher).then(|| hasher.finish())
}

/// Feeds a value to a hasher; false where it has no hash.
fn add(value: &Value<'_>, hasher: &mut DefaultHasher) -> bool {
    match &value.data {
        Data::Missing(_) => 0u8.hash(hasher),
        // Text and bytes are equal where the bytes are.
        Data::Str(text) => text.as_bytes().hash(hasher),
        Data::Text(text) => text.as_bytes().hash(hasher),
        Data::Bytes(bytes) => bytes.hash(hasher),
        // Numbers are equal by value, whole or not.
        Data::Int(value) => number(*value as f64, hasher),
        Data::Number(value) => number(*value, hasher),
        Data::Bool(value) => (2u8, value).hash(hasher),
        Data::Duration(value) => (3u8, value).hash(hasher),
        Data::Time(value) => (4u8, value).hash(hasher),
        Data::Object(object) => (5u8, std::ptr::from_ref(*object) as usize).hash(hasher),
        Data::Row(_) | Data::Leaf(_) => {
            6u8.hash(hasher);
            return value.as_row().is_some_and(|row| row.values.iter().all(|value| add(value, hasher)));
        }
        // Compared by what they hold, which is not worth hashing.
        Data::Node(_) | Data::List(_) | Data::Map(_) | Data::NoMap(_) => 7u8.hash(hasher),
        Data::Unknown | Data::NoBytes | Data::Doubt(_) | Data::Regex(_) => return false,
    }
    true
}

fn number(value: f64, hasher: &mut DefaultHasher) {
    // Zero has two signs.
    let value = if value == 0.0 { 0.0 } else { value };
    (1u8, value.to_bits()).hash(hasher);
}
