//! What stands at a place, and where references lead.

use tacit_engine::document::{Kind, Node, Step};
use tacit_engine::object::Namespace;
use tacit_lang::ast::{Expr, Link, PathStep};
use tacit_lang::schema::SchemaType;

use super::{At, Data, Frame, Open, Result, Value, kinds};

/// Where a reference leads.
pub(super) enum Target {
    Found(usize),
    Unnamed,
    Absent,
}

impl Frame<'_> {
    pub(super) fn field(&self, base: Value, name: &str) -> Result<Value> {
        let Data::Object = base.data else { return self.member(base, Step::Key(name.into())) };
        let Some(at) = base.at.clone() else { return Err(Open) };
        let object = &self.world.objects[at.object];
        let metadata =
            |field: &str| self.step(&Value { data: Data::Object, at: Some(at.clone()) }, &["metadata", field]);
        match name {
            "name" => Ok(Value { data: Data::Text(object.name.to_string()), at: metadata("name").at }),
            "namespace" => {
                let written = metadata("namespace");
                Ok(match &object.namespace {
                    Namespace::Set(name) | Namespace::Given(name) => {
                        Value { data: Data::Text(name.to_string()), at: written.at }
                    }
                    Namespace::Unknown => Value {
                        data: Data::Unknown,
                        at: written.at.map(|at| At {
                            missing: 0,
                            path: at.path[..at.path.len() - at.missing].to_vec(),
                            ..at
                        }),
                    },
                    Namespace::ClusterScoped => Value { data: Data::Missing, at: written.at },
                })
            }
            "labels" => {
                let written = metadata("labels");
                match written.data {
                    Data::Missing => Ok(Value { data: Data::Map(Vec::new()), at: written.at }),
                    _ => self.typed(written.at, &SchemaType::Map(std::sync::Arc::new(SchemaType::string()))),
                }
            }
            _ => {
                let kind = object.kind.map(|kind| self.world.schemas.kind(kind).root);
                let Some(root) = kind else { return Err(Open) };
                self.member(Value { data: Data::Part(SchemaType::Object(root)), at: base.at }, Step::Key(name.into()))
            }
        }
    }

    /// Follows keys without looking at types.
    pub(super) fn step(&self, base: &Value, keys: &[&str]) -> Value {
        let Some(mut at) = base.at.clone() else { return Value { data: Data::Missing, at: None } };
        for key in keys {
            at.path.push(Step::Key((*key).into()));
            if at.missing > 0 || self.find(&at).is_none_or(Node::is_null) {
                at.missing += 1;
            }
        }
        let data = if at.missing > 0 { Data::Missing } else { Data::Unknown };
        Value { data, at: Some(at) }
    }

    /// A field, key or item.
    pub(super) fn member(&self, base: Value, step: Step) -> Result<Value> {
        let miss = |at: Option<At>| {
            let at = at.map(|mut at| {
                if !at.beyond {
                    at.path.push(step.clone());
                    at.missing += 1;
                }
                at
            });
            Ok(Value { data: Data::Missing, at })
        };
        match &base.data {
            Data::Missing => miss(base.at),
            // An empty map of labels stands at the labels that are not there.
            Data::Map(entries) => match entries.iter().find(|(key, _)| Step::Key(key.as_str().into()) == step) {
                Some((_, value)) => Ok(value.clone()),
                None => miss(base.at),
            },
            Data::List(items) => match step {
                Step::Index(at) => match items.get(at as usize) {
                    Some(item) => item.clone(),
                    None => miss(base.at),
                },
                Step::Key(_) => Err(Open),
            },
            Data::Unknown => Err(Open),
            Data::Part(ty) => {
                let Some(mut at) = base.at.clone() else { return Err(Open) };
                let (inner, default) = match (ty, &step) {
                    (SchemaType::Object(id), Step::Key(name)) => match self.world.schemas.field(*id, name) {
                        Some(field) => (field.ty.clone(), field.default.clone()),
                        None => return Err(Open),
                    },
                    (SchemaType::Map(item) | SchemaType::List(item), _) => ((**item).clone(), None),
                    other => panic!("the generator looks for no field in {other:?}"),
                };
                at.path.push(step.clone());
                match (self.find(&at).filter(|node| !node.is_null()), default) {
                    (Some(_), _) => self.typed(Some(at), &inner),
                    (None, None) => {
                        at.missing = 1;
                        Ok(Value { data: Data::Missing, at: Some(at) })
                    }
                    (None, Some(default)) => {
                        at.missing = 1;
                        let data = match default {
                            serde_json::Value::String(text) => Data::Text(text),
                            serde_json::Value::Bool(holds) => Data::Bool(holds),
                            serde_json::Value::Number(number) => Data::Int(number.as_i64().unwrap_or_default()),
                            other => panic!("the generator reads no default like {other}"),
                        };
                        Ok(Value { data, at: Some(at) })
                    }
                }
            }
            other => panic!("the generator looks for nothing in {other:?}"),
        }
    }

    /// The value at a place, which must be what the schema says.
    pub(super) fn typed(&self, at: Option<At>, ty: &SchemaType) -> Result<Value> {
        let Some(node) = at.as_ref().and_then(|at| self.find(at)) else { return Err(Open) };
        let data = match (ty, node.kind()) {
            (SchemaType::String { .. }, Kind::String) => Data::Text(node.as_str().unwrap_or_default().to_owned()),
            (SchemaType::Int, Kind::Int) => Data::Int(node.as_i64().unwrap_or_default()),
            (SchemaType::Bool, Kind::Bool) => Data::Bool(node.as_bool().unwrap_or_default()),
            (SchemaType::Object(_) | SchemaType::Map(_), Kind::Map) | (SchemaType::List(_), Kind::Seq) => {
                Data::Part(ty.clone())
            }
            _ => return Err(Open),
        };
        Ok(Value { data, at })
    }

    pub(super) fn find(&self, at: &At) -> Option<Node<'_>> {
        let object = self.world.objects.get(at.object)?;
        at.path.iter().try_fold(object.node(), |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Index(index) => node.item(*index as usize),
        })
    }

    pub(super) fn node(&self, value: &Value) -> Node<'_> {
        let found = value.at.as_ref().and_then(|at| self.find(at));
        found.unwrap_or_else(|| self.world.objects[0].node())
    }

    pub(super) fn is_map(&self, value: &Value) -> bool {
        matches!(value.data, Data::Map(_) | Data::Part(SchemaType::Map(_)))
    }

    pub(super) fn items(&self, value: &Value) -> Vec<Result<Value>> {
        match &value.data {
            Data::List(items) => items.clone(),
            Data::Part(SchemaType::List(item)) => {
                let base = value.at.clone();
                let nodes = self.node(value).items().enumerate().filter(|(_, node)| !node.is_null());
                nodes
                    .map(|(index, _)| {
                        let at = base.clone().map(|mut at| {
                            at.path.push(Step::Index(index as u32));
                            at
                        });
                        self.typed(at, item)
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn entries(&self, value: &Value) -> Vec<(String, Result<Value>)> {
        match &value.data {
            Data::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), Ok(value.clone()))).collect(),
            Data::Part(SchemaType::Map(item)) => {
                let base = value.at.clone();
                let entries = self.node(value).entries().filter(|(.., node)| !node.is_null());
                entries
                    .map(|(key, ..)| {
                        let at = base.clone().map(|mut at| {
                            at.path.push(Step::Key(key.into()));
                            at
                        });
                        (key.to_owned(), self.typed(at, item))
                    })
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// True for a value that a schema gives where nothing is written.
    pub(super) fn is_default(&self, value: &Value) -> bool {
        let missing = value.at.as_ref().is_some_and(|at| at.missing > 0);
        missing && matches!(value.data, Data::Text(_) | Data::Bool(_) | Data::Int(_))
    }

    pub(super) fn is_complete(&self, source: &Expr) -> bool {
        kinds(source).iter().all(|kind| self.world.complete.contains(&kind.as_str()))
    }

    /// What a reference leads to: by the link whose path is the reference's own place.
    pub(super) fn resolve(&self, reference: &Value) -> Result<Target> {
        if matches!(reference.data, Data::Missing) {
            return Ok(Target::Unnamed);
        }
        let Some(at) = &reference.at else { return Err(Open) };
        let object = &self.world.objects[at.object];
        let matches_path = |link: &&&Link| {
            let steps = &link.path.steps;
            *link.owner.text == *object.kind_name
                && steps.len() == at.path.len()
                && steps.iter().zip(&at.path).all(|((wanted, _), step)| match (wanted, step) {
                    (PathStep::Field(wanted), Step::Key(key)) => **wanted == **key,
                    (PathStep::Each, Step::Index(_)) => true,
                    _ => false,
                })
        };
        let Some(link) = self.world.links.iter().find(matches_path) else { return Err(Open) };
        let node = self.node(reference);
        let text = |field: &str| node.get(field).and_then(Node::as_str).filter(|text| !text.is_empty());
        let Some(name) = text("name") else { return Ok(Target::Unnamed) };
        let targets: Vec<&str> = link.targets.iter().map(|target| &*target.text).collect();
        let kind = match text("kind") {
            None => targets[0],
            Some(kind) if targets.contains(&kind) => kind,
            Some(_) => return Err(Open),
        };
        let namespaced =
            self.world.schemas.kinds_named(kind).iter().all(|&id| self.world.schemas.kind(id).namespaced());
        let wanted = text("namespace").map(str::to_owned).or_else(|| object.namespace.known().map(ToString::to_string));
        let mut unknown = false;
        for (index, target) in self.world.objects.iter().enumerate() {
            if *target.kind_name == *kind && *target.name == *name {
                match (&target.namespace, &wanted) {
                    _ if !namespaced => return Ok(Target::Found(index)),
                    (Namespace::Unknown, _) => unknown = true,
                    (own, Some(wanted)) if own.known().is_some_and(|own| **own == **wanted) => {
                        return Ok(Target::Found(index));
                    }
                    _ => {}
                }
            }
        }
        if namespaced && (unknown || wanted.is_none()) || !self.world.complete.contains(&kind) {
            return Err(Open);
        }
        Ok(Target::Absent)
    }
}
