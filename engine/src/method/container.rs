//! `.flag(name)`: command-line flags of a container.

use super::{first, missing};
use crate::document::Node;
use crate::value::{Data, Origin, Value};

/// The value of `--name=value` or `--name value` among command and arguments, the last one; `"true"` for a flag without
/// a value. One dash is as good as two, as in the flag package of Go.
pub(super) fn flag<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let Some(container) = receiver.as_node() else { return missing(receiver) };
    let object = receiver.origin.and_then(|origin| origin.object);
    let name = first(args).trim_start_matches('-');
    let words: Vec<Node<'a>> =
        ["command", "args"].iter().filter_map(|field| container.get(field)).flat_map(Node::items).collect();
    let mut found = missing(receiver);
    for (at, word) in words.iter().enumerate() {
        let Some(flag) = word.as_str().and_then(dashed) else { continue };
        let Some(rest) = flag.strip_prefix(name) else { continue };
        let (data, node) = match (rest.strip_prefix('='), words.get(at + 1)) {
            (Some(value), _) => (Data::Str(value), *word),
            (None, _) if !rest.is_empty() => continue,
            (None, Some(next)) if next.scalar_text().is_some_and(|text| !text.starts_with('-')) => {
                (Data::Str(next.scalar_text().unwrap_or_default()), *next)
            }
            (None, _) => (Data::Str("true"), *word),
        };
        found = Value::at(data, Some(Origin::new(node, object)));
    }
    found
}

fn dashed(word: &str) -> Option<&str> {
    word.strip_prefix("--").or_else(|| word.strip_prefix('-'))
}
