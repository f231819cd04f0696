//! `.owner`: the controller among the owner references of an object.

use crate::document::Node;
use crate::eval::World;
use crate::object::Object;
use crate::value::{Data, Origin, Value};

/// The `Owner` record of an object; missing where no owner reference is marked as the controller.
pub(crate) fn of_object<'a>(_world: &World<'a>, node: Node<'a>, object: Option<&'a Object>) -> Value<'a> {
    let origin = Some(Origin::new(node, object));
    let owners = node.get("metadata").and_then(|meta| meta.get("ownerReferences"));
    let controller = owners
        .into_iter()
        .flat_map(Node::items)
        .find(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true));
    let Some(controller) = controller else { return Value::missing_at(origin) };
    let text = |field: &str| match controller.get(field) {
        Some(value) => Value::at(Data::Str(value.as_str().unwrap_or_default()), Some(Origin::new(value, object))),
        None => Value::at(Data::Str(""), Some(Origin::new(controller, object))),
    };
    Value::row(super::record("Owner"), vec![text("kind"), text("name"), text("apiVersion")])
        .with_origin(Some(Origin::new(controller, object)))
}
