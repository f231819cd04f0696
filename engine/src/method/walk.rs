//! `.walk()`: every scalar of an object.

use super::{missing, result};
use crate::relation::leaf::{each_scalar, leaf};
use crate::value::{Data, Value};

/// A `Leaf` for every scalar, in the order of the source.
pub(super) fn walk<'a>(receiver: &Value<'a>) -> Value<'a> {
    let Some(root) = receiver.as_node() else { return missing(receiver) };
    let object = receiver.origin.and_then(|origin| origin.object);
    let mut leaves = Vec::new();
    each_scalar(root, &|_, _| false, &mut |node| leaves.push(leaf(node, object)));
    result(receiver, Data::List(leaves.into()))
}
