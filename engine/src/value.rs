//! Values of the evaluation: what is read from documents and computed from it, with the place it came from.
//!
//! A value borrows from documents, from the program and from the world of the run, all alive for `'a`. Text that stands
//! in a document or in the program is borrowed, so that a comparison that does not hold costs no memory.

use std::fmt;
use std::sync::{Arc, OnceLock};

use tacit_lang::ir::Id;
use tacit_lang::types::RowType;

use crate::document::{Kind, Node, Step};
use crate::object::Object;

/// A value, where it came from, and what it refers to.
#[derive(Clone)]
pub struct Value<'a> {
    /// What it is.
    pub data: Data<'a>,
    /// The node it came from; for a missing value its nearest present parent. `None` for what is computed.
    pub origin: Option<Origin<'a>>,
    /// The link by which it refers to an object.
    pub link: Option<Id>,
    /// What owns the reference: `None` for the object of the origin.
    pub owner: Option<Arc<Value<'a>>>,
}

/// A node and the object that holds it.
#[derive(Clone, Copy)]
pub struct Origin<'a> {
    /// The node.
    pub node: Node<'a>,
    /// The object; `None` for a file that is none.
    pub object: Option<&'a Object>,
    /// Where a value is what the schema gives for a field that is not written: the path to that field, below the node.
    pub unwritten: &'a [Field],
}

impl<'a> Origin<'a> {
    /// A node that is there.
    pub fn new(node: Node<'a>, object: Option<&'a Object>) -> Self {
        Origin { node, object, unwritten: &[] }
    }
}

/// What a value is.
#[derive(Clone)]
pub enum Data<'a> {
    /// Nothing is there. The rest of the path, below the origin, tells where.
    Missing(Gap<'a>),
    /// Something is there, but the input does not say what: an unknown namespace.
    Unknown,
    /// The evaluation was stopped; raised where the value is used.
    Doubt(Arc<Doubt<'a>>),
    /// A text of a document or of the program.
    Str(&'a str),
    /// A computed text.
    Text(Arc<str>),
    /// A whole number.
    Int(i64),
    /// A number.
    Number(f64),
    /// True or false.
    Bool(bool),
    /// Nanoseconds.
    Duration(i64),
    /// Nanoseconds since 1970.
    Time(i64),
    /// Decoded bytes.
    Bytes(Arc<[u8]>),
    /// A text where bytes in base64 belong, and which is none. It is there, and `.raw` tells what is written; whatever
    /// asks for the bytes is undecided.
    NoBytes,
    /// A regular expression.
    Regex(Arc<Pattern>),
    /// A list or map of a document; its elements are read by the type that the reader has.
    Node(Node<'a>),
    /// A computed list.
    List(Arc<[Value<'a>]>),
    /// A computed map: keys, values, in order.
    Map(Arc<[(Value<'a>, Value<'a>)]>),
    /// A map that reads as empty because it is not there (labels, annotations).
    NoMap(Gap<'a>),
    /// A whole object.
    Object(&'a Object),
    /// A row of a view or relation, or a record.
    Row(Arc<Row<'a>>),
    /// The `Leaf` record of a scalar. Its columns are worked out when they are read: most leaves of a walk are looked at
    /// once, for their value.
    Leaf(Origin<'a>),
}

/// A regular expression of the program, compiled when a text is first held against it: of a large library most never
/// are.
pub struct Pattern {
    text: Arc<str>,
    compiled: OnceLock<Option<Arc<regex::Regex>>>,
}

impl Pattern {
    /// A pattern that is compiled later.
    pub fn new(text: Arc<str>) -> Self {
        Pattern { text, compiled: OnceLock::new() }
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The compiled pattern; nothing for one that is no regular expression, which the checker does not let through.
    pub fn regex(&self) -> Option<&Arc<regex::Regex>> {
        self.compiled.get_or_init(|| regex::Regex::new(&self.text).ok().map(Arc::new)).as_ref()
    }
}

/// A row or record.
#[derive(Clone)]
pub struct Row<'a> {
    /// Its type.
    pub ty: Arc<RowType>,
    /// Values in the order of the columns.
    pub values: Vec<Value<'a>>,
}

/// The part of a path that is not there: from a present parent to what was looked for.
#[derive(Clone)]
pub enum Gap<'a> {
    /// A rest of a path of the program.
    Fields(&'a [Field]),
    /// A path put together while running.
    Steps(Arc<[Step]>),
    /// The same at a reference that leads nowhere: what is looked for beyond it belongs to no document and adds no step.
    Beyond(Arc<[Step]>),
}

/// A step of a path of the program: a field or key.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name.
    pub name: Arc<str>,
}

impl<'a> Gap<'a> {
    /// No step: the origin itself stands for what is missing.
    pub const NONE: Gap<'a> = Gap::Fields(&[]);

    /// Number of steps.
    pub fn len(&self) -> usize {
        match self {
            Gap::Fields(fields) => fields.len(),
            Gap::Steps(steps) | Gap::Beyond(steps) => steps.len(),
        }
    }

    /// True where there is no step.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The steps.
    pub fn steps(&self) -> Vec<Step> {
        match self {
            Gap::Fields(fields) => fields.iter().map(|field| Step::Key((*field.name).into())).collect(),
            Gap::Steps(steps) | Gap::Beyond(steps) => steps.to_vec(),
        }
    }

    /// This path and further steps.
    pub fn then(&self, more: impl IntoIterator<Item = Step>) -> Gap<'a> {
        if let Gap::Beyond(_) = self {
            return self.clone();
        }
        let mut steps = self.steps();
        steps.extend(more);
        Gap::Steps(steps.into())
    }
}

/// Why a verdict is open. Never holds secret material.
#[derive(Clone)]
pub struct Doubt<'a> {
    /// What stopped the evaluation.
    pub reason: String,
    /// What would decide it; empty where nothing can be said.
    pub need: String,
    /// Where it stopped.
    pub origin: Option<Origin<'a>>,
}

/// The result of an evaluation: a value, or why there is none.
pub type Outcome<'a, T = Value<'a>> = Result<T, Arc<Doubt<'a>>>;

/// Stops an evaluation.
pub fn doubt<'a, T>(reason: impl Into<String>, need: impl Into<String>, origin: Option<Origin<'a>>) -> Outcome<'a, T> {
    Err(Arc::new(Doubt { reason: reason.into(), need: need.into(), origin }))
}

impl<'a> Value<'a> {
    /// A computed value.
    pub fn new(data: Data<'a>) -> Self {
        Value { data, origin: None, link: None, owner: None }
    }

    /// A value that came from a node.
    pub fn at(data: Data<'a>, origin: Option<Origin<'a>>) -> Self {
        Value { data, origin, link: None, owner: None }
    }

    /// A missing value without a place.
    pub fn missing() -> Self {
        Value::new(Data::Missing(Gap::NONE))
    }

    /// A missing value that stems from a node.
    pub fn missing_at(origin: Option<Origin<'a>>) -> Self {
        Value::at(Data::Missing(Gap::NONE), origin)
    }

    /// A computed text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Value::new(Data::Text(text.into()))
    }

    /// True or false.
    pub fn bool(value: bool) -> Self {
        Value::new(Data::Bool(value))
    }

    /// A computed list.
    pub fn list(values: Vec<Value<'a>>) -> Self {
        Value::new(Data::List(values.into()))
    }

    /// A row.
    pub fn row(ty: Arc<RowType>, values: Vec<Value<'a>>) -> Self {
        Value::new(Data::Row(Arc::new(Row { ty, values })))
    }

    /// A whole object.
    pub fn object(object: &'a Object) -> Self {
        Value::at(Data::Object(object), Some(Origin::new(object.node(), Some(object))))
    }

    /// The same value with another origin.
    pub fn with_origin(mut self, origin: Option<Origin<'a>>) -> Self {
        self.origin = origin;
        self
    }

    /// The part of its path that is not written: of a missing value, and of one that the schema gives.
    pub fn gap(&self) -> Gap<'a> {
        match &self.data {
            Data::Missing(gap) | Data::NoMap(gap) if !gap.is_empty() => gap.clone(),
            _ => self.origin.map_or(Gap::NONE, |origin| Gap::Fields(origin.unwritten)),
        }
    }

    /// True where nothing is there.
    pub fn is_missing(&self) -> bool {
        matches!(self.data, Data::Missing(_))
    }

    /// The text, where it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.data {
            Data::Str(text) => Some(text),
            Data::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, also of bytes that are UTF-8.
    pub fn as_text(&self) -> Option<&str> {
        match &self.data {
            Data::Bytes(bytes) => std::str::from_utf8(bytes).ok(),
            _ => self.as_str(),
        }
    }

    /// The whole number, where it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self.data {
            Data::Int(value) => Some(value),
            _ => None,
        }
    }

    /// The row, where it is one.
    pub fn as_row(&self) -> Option<Arc<Row<'a>>> {
        match &self.data {
            Data::Row(row) => Some(row.clone()),
            Data::Leaf(leaf) => Some(Arc::new(crate::relation::leaf::row(*leaf))),
            _ => None,
        }
    }

    /// The node that a map or list of a document, or an object, is.
    pub fn as_node(&self) -> Option<Node<'a>> {
        match self.data {
            Data::Node(node) => Some(node),
            Data::Object(object) => Some(object.node()),
            _ => None,
        }
    }
}

impl Value<'static> {
    /// A value that borrows nothing serves any lifetime.
    pub fn reborrow<'a>(&self) -> Value<'a> {
        self.clone()
    }
}

/// The value of a scalar of an open part of a schema; collections stay nodes.
pub fn read_any<'a>(node: Node<'a>, origin: Option<Origin<'a>>) -> Value<'a> {
    let data = match node.kind() {
        Kind::Null => Data::Missing(Gap::NONE),
        Kind::Bool => Data::Bool(node.as_bool().unwrap_or_default()),
        Kind::Int => match node.as_i64() {
            Some(value) => Data::Int(value),
            None => Data::Number(node.as_f64().unwrap_or_default()),
        },
        Kind::Float => Data::Number(node.as_f64().unwrap_or_default()),
        Kind::String => Data::Str(node.as_str().unwrap_or_default()),
        Kind::Seq | Kind::Map => Data::Node(node),
    };
    Value::at(data, origin)
}

impl Data<'_> {
    /// The word that messages use for what a value is.
    pub fn noun(&self) -> &'static str {
        match self {
            Data::Missing(_) => "missing",
            Data::Unknown => "unknown",
            Data::Doubt(_) => "undecided",
            Data::Str(_) | Data::Text(_) => "a text",
            Data::Int(_) => "an int",
            Data::Number(_) => "a number",
            Data::Bool(_) => "true or false",
            Data::Duration(_) => "a duration",
            Data::Time(_) => "a time",
            Data::Bytes(_) | Data::NoBytes => "bytes",
            Data::Regex(_) => "a regex",
            Data::Node(node) => node_noun(*node),
            Data::List(_) => "a list",
            Data::Map(_) | Data::NoMap(_) => "a map",
            Data::Object(_) => "an object",
            Data::Row(_) | Data::Leaf(_) => "a row",
        }
    }
}

/// The word that messages use for what a node is.
pub fn node_noun(node: Node<'_>) -> &'static str {
    match node.kind() {
        Kind::Null => "missing",
        Kind::Bool => "true or false",
        Kind::Int => "an int",
        Kind::Float => "a number",
        Kind::String => "a text",
        Kind::Seq => "a list",
        Kind::Map => "a map",
    }
}

/// Names the sort of value only: it may be a secret.
impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.data.noun())
    }
}

impl fmt::Debug for Doubt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Doubt").field("reason", &self.reason).field("need", &self.need).finish()
    }
}
