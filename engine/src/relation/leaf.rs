//! `Leaf` records: the scalars of a document.

use crate::document::{Kind, Node};
use crate::eval::below;
use crate::object::Object;
use crate::value::{Data, Origin, Row, Value, read_any};

/// The `Leaf` record of a scalar.
pub(crate) fn leaf<'a>(node: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let origin = Origin::new(node, object);
    Value::at(Data::Leaf(origin), Some(origin))
}

/// A column of a leaf, in the order of the record: path, key, value, node.
pub(crate) fn column(leaf: Origin<'_>, index: usize) -> Value<'_> {
    let Origin { node, object, .. } = leaf;
    let origin = Some(leaf);
    match index {
        0 => Value::text(below(node, object).dotted().to_string()).with_origin(origin),
        1 => key(leaf).map_or_else(Value::missing, |key| Value::new(Data::Str(key))).with_origin(origin),
        2 => Value::at(Data::Str(node.scalar_text().unwrap_or_default()), origin),
        3 => read_any(node, origin),
        _ => Value::missing_at(origin),
    }
}

/// The whole record, worked out.
pub(crate) fn row(leaf: Origin<'_>) -> Row<'_> {
    let ty = super::record("Leaf");
    let values = (0..ty.columns.len()).map(|index| column(leaf, index)).collect();
    Row { ty, values }
}

/// The nearest key above a leaf, below its object.
fn key(leaf: Origin<'_>) -> Option<&str> {
    let root = leaf.object.map(|object| object.node());
    let below = leaf.node.ancestors().take_while(|node| root != Some(*node));
    below.filter_map(Node::key).find_map(Node::scalar_text)
}

/// Calls `visit` for each scalar below a node, in the order of the source. `skip` leaves out entries by their key.
pub(crate) fn each_scalar<'a>(root: Node<'a>, skip: &dyn Fn(Node<'a>, &str) -> bool, visit: &mut dyn FnMut(Node<'a>)) {
    let mut open = vec![root];
    while let Some(node) = open.pop() {
        let from = open.len();
        match node.kind() {
            Kind::Map => {
                open.extend(node.entries().filter(|(key, ..)| !skip(node, key)).map(|(_, _, value)| value));
            }
            Kind::Seq => open.extend(node.items()),
            Kind::Null => {}
            _ => visit(node),
        }
        open[from..].reverse();
    }
}
