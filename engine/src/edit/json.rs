//! What a change makes of a value, without its text: what the edited text is held against.

use serde_json::{Map, Value};

use crate::document::{NodePath, Step};

/// Writes a value, making the mappings that are missing. False where the path leads through something else.
pub(super) fn set(root: &mut Value, path: &NodePath, value: &Value) -> bool {
    let mut node = root;
    for step in &path.steps {
        if node.is_null() && matches!(step, Step::Key(_)) {
            *node = Value::Object(Map::new());
        }
        node = match (step, node) {
            (Step::Key(key), Value::Object(map)) => map.entry(&**key).or_insert(Value::Null),
            (Step::Index(index), Value::Array(items)) => {
                let index = *index as usize;
                if index == items.len() {
                    items.push(Value::Null);
                }
                match items.get_mut(index) {
                    Some(item) => item,
                    None => return false,
                }
            }
            _ => return false,
        };
    }
    *node = value.clone();
    true
}

/// Removes a node. False where there is none.
pub(super) fn remove(root: &mut Value, path: &NodePath) -> bool {
    let Some((last, parents)) = path.steps.split_last() else { return false };
    let mut node = root;
    for step in parents {
        let next = match (step, node) {
            (Step::Key(key), Value::Object(map)) => map.get_mut(&**key),
            (Step::Index(index), Value::Array(items)) => items.get_mut(*index as usize),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => return false,
        }
    }
    match (last, node) {
        (Step::Key(key), Value::Object(map)) => map.remove(&**key).is_some(),
        (Step::Index(index), Value::Array(items)) if (*index as usize) < items.len() => {
            items.remove(*index as usize);
            true
        }
        _ => false,
    }
}
