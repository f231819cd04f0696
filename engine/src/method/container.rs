//! `.flag(name)`: command-line flags of a container.

use super::{first, missing};
use crate::document::Node;
use crate::value::{Data, Origin, Value};

/// The value of `--name=value` or `--name value` among command and arguments, the last one; `"true"` for a flag without
/// a value. One dash is as good as two, as in the flag package of Go.
pub(super) fn flag<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let Some(container) = receiver.as_node() else { return missing(receiver) };
    let object = receiver.origin.and_then(|origin| origin.object);
    match value(container, first(args).trim_start_matches('-')) {
        Some((text, node)) => Value::at(Data::Str(text), Some(Origin::new(node, object))),
        None => missing(receiver),
    }
}

/// The value of a flag among command and arguments of a container, and where it stands.
pub(crate) fn value<'a>(container: Node<'a>, name: &str) -> Option<(&'a str, Node<'a>)> {
    let words: Vec<Node<'a>> =
        ["command", "args"].iter().filter_map(|field| container.get(field)).flat_map(Node::items).collect();
    let mut found = None;
    for (at, word) in words.iter().enumerate() {
        let Some(rest) = word.as_str().and_then(dashed).and_then(|flag| flag.strip_prefix(name)) else { continue };
        let next = words.get(at + 1).and_then(|next| Some((next.scalar_text()?, *next)));
        found = match rest.strip_prefix('=') {
            Some(value) => Some((value, *word)),
            None if !rest.is_empty() => continue,
            None => next.filter(|(text, _)| !text.starts_with('-')).or(Some(("true", *word))),
        };
    }
    found
}

fn dashed(word: &str) -> Option<&str> {
    word.strip_prefix("--").or_else(|| word.strip_prefix('-'))
}
