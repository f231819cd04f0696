//! `.selects(labels)`: label selectors.

use super::{missing, result};
use crate::document::{Kind, Node};
use crate::value::{Data, Outcome, Value, doubt};

/// True where a label selector, or a map of labels, matches these labels.
///
/// An empty label selector matches everything; an empty map, as the selector of a Service, nothing.
pub(super) fn selects<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let labels = |key: &str| -> Option<&str> {
        match &args.first()?.data {
            Data::Node(node) => node.get(key).and_then(Node::scalar_text),
            Data::Map(entries) => entries.iter().find(|(own, _)| own.as_str() == Some(key))?.1.as_str(),
            _ => None,
        }
    };
    let matches = match &receiver.data {
        Data::Node(node) if is_selector(*node) => match selector(*node, &labels) {
            Some(matches) => matches,
            None => return doubt("a label selector has an operator that does not exist", "", receiver.origin),
        },
        Data::Node(node) => {
            !node.is_empty() && node.entries().all(|(key, _, value)| labels(key) == value.scalar_text())
        }
        Data::Map(entries) => {
            !entries.is_empty() && entries.iter().all(|(key, value)| key.as_str().and_then(labels) == value.as_str())
        }
        Data::NoMap(_) => false,
        _ => return Ok(missing(receiver)),
    };
    Ok(result(receiver, Data::Bool(matches)))
}

/// A label selector is told from a map of labels by its fields, whose values are no texts.
fn is_selector(node: Node<'_>) -> bool {
    node.is_empty()
        || node.entries().all(|(key, _, value)| {
            matches!(
                (key, value.kind()),
                ("matchLabels", Kind::Map | Kind::Null) | ("matchExpressions", Kind::Seq | Kind::Null)
            )
        })
}

/// True where a label selector matches; `None` where it has an operator that does not exist.
pub(crate) fn selector<'l>(node: Node<'_>, labels: &dyn Fn(&str) -> Option<&'l str>) -> Option<bool> {
    let equal = node
        .get("matchLabels")
        .is_none_or(|wanted| wanted.entries().all(|(key, _, value)| labels(key) == value.scalar_text()));
    let mut all = equal;
    for expression in node.get("matchExpressions").into_iter().flat_map(Node::items) {
        let text = |field| expression.get(field).and_then(Node::as_str).unwrap_or_default();
        let own = labels(text("key"));
        let listed = || {
            let values = expression.get("values").into_iter().flat_map(Node::items);
            own.is_some_and(|own| values.filter_map(Node::scalar_text).any(|value| value == own))
        };
        all &= match text("operator") {
            "In" => listed(),
            "NotIn" => !listed(),
            "Exists" => own.is_some(),
            "DoesNotExist" => own.is_none(),
            _ => return None,
        };
    }
    Some(all)
}
