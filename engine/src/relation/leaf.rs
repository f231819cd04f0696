//! `Leaf` records: the scalars of a document.

use crate::document::{Kind, Node, Step};
use crate::eval::below;
use crate::object::Object;
use crate::value::{Data, Origin, Value, read_any};

/// The `Leaf` record of a scalar.
pub(crate) fn leaf<'a>(node: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let origin = Some(Origin::new(node, object));
    let path = below(node, object);
    let key = path.steps.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Index(_) => None,
    });
    let values = vec![
        Value::text(path.dotted().to_string()).with_origin(origin),
        key.map_or_else(Value::missing, |key| Value::text(&*key)).with_origin(origin),
        Value::at(Data::Str(node.scalar_text().unwrap_or_default()), origin),
        read_any(node, origin),
    ];
    Value::row(super::record("Leaf"), values).with_origin(origin)
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
