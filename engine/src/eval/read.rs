//! Reading documents by type: fields, elements, and the undecided verdict where the data disagrees with its schema.

use std::sync::Arc;

use tacit_lang::ir::Attr;

use super::context::{Context, dotted, title};
use super::plan::{OpKind, PathOp, Shape};
use super::withheld;
use super::world::is_of;
use crate::document::{Kind, Node, Step};
use crate::method::base64;
use crate::object::{Namespace, Object};
use crate::time;
use crate::value::{Data, Field, Gap, Origin, Outcome, Value, doubt, node_noun, read_any};

impl<'w, 'a> Context<'w, 'a> {
    /// The value of a node, which must have the shape that the program relies on.
    #[inline]
    pub fn read(&self, node: Node<'a>, object: Option<&'a Object>, shape: &Shape) -> Outcome<'a> {
        let origin = Some(Origin::new(node, object));
        withheld::check(node, object)?;
        let data = match (shape, node.kind()) {
            (_, Kind::Null) => Data::Missing(Gap::NONE),
            (Shape::Any, _) => return Ok(read_any(node, origin)),
            (Shape::Text, Kind::String) => Data::Str(node.as_str().unwrap_or_default()),
            (Shape::Int, Kind::Int) => match node.as_i64() {
                Some(value) => Data::Int(value),
                None => return mismatch(node, object, shape, "a number beyond 64 bits"),
            },
            (Shape::Number, Kind::Int | Kind::Float) => Data::Number(node.as_f64().unwrap_or_default()),
            (Shape::Bool, Kind::Bool) => Data::Bool(node.as_bool().unwrap_or_default()),
            (Shape::List(_), Kind::Seq) | (Shape::Map(_) | Shape::Struct, Kind::Map) => Data::Node(node),
            (Shape::Object(kinds), Kind::Map) => {
                let text = |key| node.get(key).and_then(Node::as_str).unwrap_or_default();
                let known = self.world.schemas.kind_of_api_version(text("apiVersion"), text("kind"));
                match known {
                    Some((kind, _)) if is_of(self.world.schemas, kind, text("apiVersion"), kinds) => Data::Node(node),
                    _ => return mismatch(node, object, shape, "an object of another kind"),
                }
            }
            (Shape::Bytes, Kind::String) => match base64::decode_standard(node.as_str().unwrap_or_default()) {
                Some(bytes) => Data::Bytes(bytes.into()),
                None => Data::NoBytes,
            },
            (Shape::Time, Kind::String) => match time::parse_time(node.as_str().unwrap_or_default()) {
                Some(value) => Data::Time(value),
                None => return mismatch(node, object, shape, "a text that is no RFC 3339 time"),
            },
            (Shape::Duration, Kind::String) => match time::parse_duration(node.as_str().unwrap_or_default()) {
                Some(value) => Data::Duration(value),
                None => return mismatch(node, object, shape, "a text that is no duration"),
            },
            _ => return mismatch(node, object, shape, node_noun(node)),
        };
        Ok(Value::at(data, origin))
    }

    /// The value of an element of a list or map; a wrong shape is raised where the element is used.
    pub fn read_element(&self, node: Node<'a>, object: Option<&'a Object>, shape: &Shape) -> Value<'a> {
        self.read(node, object, shape)
            .unwrap_or_else(|doubt| Value::at(Data::Doubt(doubt), Some(Origin::new(node, object))))
    }

    /// Follows a chain of fields.
    pub(super) fn path(&mut self, path: &'a PathOp) -> Outcome<'a> {
        let start = match &*path.base.kind {
            // The common case: a variable that holds an object or a part of one needs no copy.
            OpKind::Local(slot) => match self.slot(*slot).map(|value| (&value.data, value.origin)) {
                Some((Data::Node(node), origin)) => Some((*node, origin.and_then(|origin| origin.object))),
                Some((Data::Object(object), _)) => Some((object.node(), Some(*object))),
                _ => None,
            },
            _ => None,
        };
        let value = match start {
            Some((node, object)) => self.descend(node, object, path, 0)?,
            None => {
                let base = self.eval(&path.base)?;
                self.below(base, path, 0)?
            }
        };
        self.saw(&value);
        Ok(Self::linked(value, path.link, None))
    }

    /// The rest of a chain, from field `at` on, below a value.
    fn below(&mut self, base: Value<'a>, path: &'a PathOp, at: usize) -> Outcome<'a> {
        let rest = &path.fields[at..];
        let object = base.origin.and_then(|origin| origin.object);
        match base.data {
            Data::Node(node) => self.descend(node, object, path, at),
            Data::Object(object) => self.descend(object.node(), Some(object), path, at),
            Data::Missing(gap) | Data::NoMap(gap) => Ok(Value::at(Data::Missing(extend(&gap, rest)), base.origin)),
            Data::Map(entries) => {
                let Some((field, step)) = path.fields.get(at).zip(path.steps.get(at)) else {
                    return Ok(Value::at(Data::Map(entries), base.origin));
                };
                let found = entries.iter().find(|(key, _)| key.as_str() == Some(&*field.name));
                let value = match (found, &step.default) {
                    (Some((_, value)), _) => self.conform(value.clone(), &step.shape)?,
                    (None, Some(default)) => default.reborrow().with_origin(base.origin),
                    (None, None) => return Ok(Value::at(Data::Missing(Gap::Fields(rest)), base.origin)),
                };
                if at + 1 == path.fields.len() { Ok(value) } else { self.below(value, path, at + 1) }
            }
            Data::Doubt(doubt) => Err(doubt),
            Data::Unknown => Ok(Value::at(Data::Unknown, base.origin)),
            // A scalar of an open part of a schema has no fields.
            _ => Ok(Value::at(Data::Missing(Gap::Fields(rest)), base.origin)),
        }
    }

    fn descend(
        &mut self,
        mut node: Node<'a>,
        object: Option<&'a Object>,
        path: &'a PathOp,
        from: usize,
    ) -> Outcome<'a> {
        let last = path.fields.len() - 1;
        for at in from..=last {
            let (field, step) = (&path.fields[at], &path.steps[at]);
            match node.get(&field.name).filter(|child| !child.is_null()) {
                Some(child) if at == last => return self.read(child, object, &step.shape),
                Some(child) if child.kind() == Kind::Map => node = child,
                Some(child) if withheld::check(child, object).is_err() => return self.read(child, object, &step.shape),
                Some(child) if step.shape == Shape::Any => {
                    let origin = Some(Origin::new(child, object));
                    return Ok(Value::at(Data::Missing(Gap::Fields(&path.fields[at + 1..])), origin));
                }
                Some(child) => return mismatch(child, object, &step.shape, node_noun(child)),
                None => {
                    let origin = Origin::new(node, object);
                    let unwritten = &path.fields[at..];
                    let Some(default) = &step.default else {
                        return Ok(Value::at(Data::Missing(Gap::Fields(unwritten)), Some(origin)));
                    };
                    let mut value = default.reborrow();
                    if at < last {
                        value = self.below(value, path, at + 1)?;
                    }
                    if let Data::Missing(gap) = &mut value.data {
                        *gap = Gap::Fields(unwritten);
                    }
                    return Ok(value.with_origin(Some(Origin { unwritten, ..origin })));
                }
            }
        }
        Ok(read_any(node, Some(Origin::new(node, object))))
    }

    /// A computed or open value where a certain shape is asked: the same value, or undecided.
    pub fn conform(&self, value: Value<'a>, shape: &Shape) -> Outcome<'a> {
        let origin = value.origin;
        let object = origin.and_then(|origin| origin.object);
        // A node, as it stands in the document, is read again by its new type.
        if let Some(Origin { node, .. }) = origin
            && matches!(value.data, Data::Node(_) | Data::Str(_) | Data::Int(_) | Data::Number(_) | Data::Bool(_))
            && is_value_of(&value.data, node)
        {
            let mut read = self.read(node, object, shape)?;
            (read.link, read.owner) = (value.link, value.owner);
            return Ok(read);
        }
        let fits = match (shape, &value.data) {
            (_, Data::Missing(_) | Data::Unknown) | (Shape::Any, _) => true,
            (_, Data::Doubt(doubt)) => return Err(doubt.clone()),
            (Shape::Text, Data::Str(_) | Data::Text(_))
            | (Shape::Int, Data::Int(_))
            | (Shape::Number, Data::Number(_) | Data::Int(_))
            | (Shape::Bool, Data::Bool(_))
            | (Shape::Duration, Data::Duration(_))
            | (Shape::Time, Data::Time(_))
            | (Shape::Bytes, Data::Bytes(_) | Data::NoBytes)
            | (Shape::List(_), Data::List(_) | Data::Node(_))
            | (Shape::Map(_), Data::Map(_) | Data::NoMap(_) | Data::Node(_))
            | (Shape::Struct, Data::Node(_) | Data::Map(_) | Data::Row(_) | Data::Leaf(_)) => true,
            (Shape::Object(kinds), Data::Object(object)) => self.world.is_of(object, kinds),
            _ => false,
        };
        if fits {
            return Ok(value);
        }
        let found = match value.data {
            Data::Object(object) => format!("a {}", object.kind_name),
            ref data => data.noun().to_owned(),
        };
        let at = origin.map(|origin| place_name(origin.node, origin.object)).unwrap_or_else(|| "a value".into());
        doubt(format!("{at} is {found} where the rule takes {}", self.wanted(shape)), "", origin)
    }

    fn wanted(&self, shape: &Shape) -> String {
        match shape {
            Shape::Object(kinds) => {
                let names: Vec<&str> = kinds.iter().map(|&kind| self.world.schemas.kind(kind).unique_name()).collect();
                format!("a {}", super::world::or(&names))
            }
            shape => shape.noun().to_owned(),
        }
    }

    /// `.name` and so on of a whole object, also of one inside another document.
    pub(super) fn attribute(&mut self, base: Value<'a>, attr: Attr) -> Outcome<'a> {
        let (node, object) = match base.data {
            Data::Object(object) => (object.node(), Some(object)),
            Data::Node(node) => (node, None),
            Data::Missing(ref gap) => {
                let step = Step::Key(attribute_path(attr).last().copied().unwrap_or_default().into());
                return Ok(Value::at(Data::Missing(gap.then([step])), base.origin));
            }
            Data::Doubt(doubt) => return Err(doubt),
            _ => return Ok(Value::missing_at(base.origin)),
        };
        let holder = base.origin.and_then(|origin| origin.object).or(object);
        let fields = attribute_fields(attr);
        let written = self.written(node, holder, fields);
        let value = match attr {
            Attr::Name => match object {
                Some(object) => Value::at(Data::Str(&object.name), written.origin),
                None if written.is_missing() => Value::at(Data::Str(""), written.origin),
                None => self.conform(written, &Shape::Text)?,
            },
            Attr::Namespace => match object.map(|object| &object.namespace) {
                Some(Namespace::Set(name) | Namespace::Given(name)) => Value::at(Data::Str(name), written.origin),
                Some(Namespace::ClusterScoped) => written_missing(written),
                Some(Namespace::Unknown) => Value::at(Data::Unknown, written.origin),
                None if written.is_missing() => Value::at(Data::Unknown, written.origin),
                None => self.conform(written, &Shape::Text)?,
            },
            Attr::Labels | Attr::Annotations => match written.data {
                Data::Missing(gap) => Value::at(Data::NoMap(gap), written.origin),
                _ => self.conform(written, &Shape::Map(Box::new(Shape::Text)))?,
            },
            Attr::Kind => match object {
                Some(object) => Value::at(Data::Str(&object.kind_name), written.origin),
                None => self.conform(written, &Shape::Text)?,
            },
            Attr::ApiVersion => match object {
                Some(object) => Value::at(Data::Str(&object.api_version), written.origin),
                None => self.conform(written, &Shape::Text)?,
            },
            Attr::Created => self.conform(written, &Shape::Time)?,
            Attr::Origin => {
                Value::at(object.map_or(Data::Str("file"), |object| Data::Str(object.origin.as_str())), base.origin)
            }
            Attr::Sops => crate::relation::sops::of_object(self.world, node, holder),
            Attr::Owner => crate::relation::owner::of_object(self.world, node, holder),
        };
        self.saw(&value);
        Ok(value)
    }

    /// The value of a fixed path, whatever its shape.
    fn written(&self, mut node: Node<'a>, object: Option<&'a Object>, fields: &'a [Field]) -> Value<'a> {
        for (at, field) in fields.iter().enumerate() {
            match node.get(&field.name).filter(|child| !child.is_null()) {
                Some(child) => node = child,
                None => {
                    let origin = Some(Origin::new(node, object));
                    return Value::at(Data::Missing(Gap::Fields(&fields[at..])), origin);
                }
            }
        }
        read_any(node, Some(Origin::new(node, object)))
    }
}

/// True where a value is what stands at a node, and not something computed from it.
fn is_value_of(data: &Data<'_>, node: Node<'_>) -> bool {
    match data {
        Data::Node(own) => *own == node,
        Data::Str(text) => node.as_str().is_some_and(|own| std::ptr::eq(own, *text)),
        Data::Int(_) => node.kind() == Kind::Int,
        Data::Number(_) => matches!(node.kind(), Kind::Int | Kind::Float),
        Data::Bool(_) => node.kind() == Kind::Bool,
        _ => false,
    }
}

/// What is not written stays missing at its place; what is written for a cluster-scoped object has no meaning.
fn written_missing(written: Value<'_>) -> Value<'_> {
    match written.data {
        Data::Missing(_) => written,
        _ => Value::missing_at(written.origin),
    }
}

fn attribute_path(attr: Attr) -> &'static [&'static str] {
    match attr {
        Attr::Name => &["metadata", "name"],
        Attr::Namespace => &["metadata", "namespace"],
        Attr::Labels => &["metadata", "labels"],
        Attr::Annotations => &["metadata", "annotations"],
        Attr::Kind => &["kind"],
        Attr::ApiVersion => &["apiVersion"],
        Attr::Created => &["metadata", "creationTimestamp"],
        Attr::Sops => &["sops"],
        Attr::Owner => &["metadata", "ownerReferences"],
        Attr::Origin => &[],
    }
}

/// The path of an attribute, in the form that gaps borrow.
fn attribute_fields(attr: Attr) -> &'static [Field] {
    use std::sync::OnceLock;
    const COUNT: usize = 10;
    static FIELDS: OnceLock<[Box<[Field]>; COUNT]> = OnceLock::new();
    const ATTRS: [Attr; COUNT] = [
        Attr::Name,
        Attr::Namespace,
        Attr::Labels,
        Attr::Annotations,
        Attr::Kind,
        Attr::ApiVersion,
        Attr::Created,
        Attr::Origin,
        Attr::Sops,
        Attr::Owner,
    ];
    let fields = FIELDS.get_or_init(|| {
        ATTRS.map(|attr| attribute_path(attr).iter().map(|name| Field { name: Arc::from(*name) }).collect())
    });
    ATTRS.iter().position(|known| *known == attr).map_or(&[], |at| &fields[at])
}

/// A gap with further fields behind it.
fn extend<'a>(gap: &Gap<'a>, rest: &'a [Field]) -> Gap<'a> {
    match gap {
        _ if rest.is_empty() => gap.clone(),
        Gap::Fields([]) => Gap::Fields(rest),
        _ => gap.then(rest.iter().map(|field| Step::Key((*field.name).into()))),
    }
}

/// `spec.replicas`, or the object itself.
fn place_name(node: Node<'_>, object: Option<&Object>) -> String {
    let path = dotted(node, object);
    match (path.is_empty(), object) {
        (true, Some(object)) => title(object),
        (true, None) => "the document".into(),
        (false, _) => path,
    }
}

/// Undecided: the bytes of a text that is no base64.
pub(crate) fn no_bytes<'a, T>(origin: Option<Origin<'a>>) -> Outcome<'a, T> {
    const FOUND: &str = "a text that is no base64";
    match origin {
        Some(Origin { node, object, .. }) => mismatch(node, object, &Shape::Bytes, FOUND),
        None => doubt(format!("{FOUND} has no bytes"), "", None),
    }
}

/// Undecided: the data is not what its schema says. Never tells the value.
fn mismatch<'a, T>(node: Node<'a>, object: Option<&'a Object>, shape: &Shape, found: &str) -> Outcome<'a, T> {
    let reason = format!("{} is {found} where the schema has {}", place_name(node, object), shape.noun());
    doubt(reason, "a value as the schema has it", Some(Origin::new(node, object)))
}
