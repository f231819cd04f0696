//! A node as a JSON value.

use serde_json::{Map, Number, Value};

use super::arena::Kind;
use super::node::Node;

impl Node<'_> {
    /// The node and all below it as the API server has it in JSON. The limits under which the document was loaded bound
    /// the size.
    pub fn to_json(self) -> Value {
        // Collections being filled: the node's remaining children, and what has been made of the earlier ones.
        enum Open<'d> {
            Seq(Box<dyn Iterator<Item = Node<'d>> + 'd>, Vec<Value>),
            Map(Box<dyn Iterator<Item = (&'d str, Node<'d>, Node<'d>)> + 'd>, Map<String, Value>, &'d str),
        }
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut node = self;
        loop {
            let mut done = match node.kind() {
                Kind::Seq => {
                    open.push(Open::Seq(Box::new(node.items()), Vec::with_capacity(node.len())));
                    None
                }
                Kind::Map => {
                    open.push(Open::Map(Box::new(node.entries()), Map::new(), ""));
                    None
                }
                _ => Some(scalar(node)),
            };
            // Put a finished value into the collection around it, which may be finished by that.
            loop {
                let Some(top) = open.last_mut() else { return done.unwrap_or(Value::Null) };
                let next = match top {
                    Open::Seq(rest, items) => {
                        items.extend(done.take());
                        rest.next()
                    }
                    Open::Map(rest, entries, key) => {
                        if let Some(value) = done.take() {
                            entries.insert((*key).to_owned(), value);
                        }
                        rest.next().map(|(next_key, _, value)| {
                            *key = next_key;
                            value
                        })
                    }
                };
                match next {
                    Some(child) => {
                        node = child;
                        break;
                    }
                    None => {
                        done = open.pop().map(|finished| match finished {
                            Open::Seq(_, items) => Value::Array(items),
                            Open::Map(_, entries, _) => Value::Object(entries),
                        });
                    }
                }
            }
        }
    }
}

fn scalar(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Bool => Value::Bool(node.as_bool() == Some(true)),
        Kind::Int => node.as_i64().map_or(Value::Null, Value::from),
        Kind::Float => node.as_f64().and_then(Number::from_f64).map_or(Value::Null, Value::Number),
        Kind::String => Value::String(node.as_str().unwrap_or("").to_owned()),
        Kind::Null | Kind::Seq | Kind::Map => Value::Null,
    }
}
