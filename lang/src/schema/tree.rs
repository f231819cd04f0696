//! Field trees that can still be merged: of the versions of a CRD, and of a CRD with what Tacit knows of the kind.

use super::Base;
use super::extension::Extension;
use super::model::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A type whose objects are spelled out.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Leaf(SchemaType),
    Object(Fields),
    List(Box<Shape>),
    Map(Box<Shape>),
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    pub by_name: BTreeMap<Arc<str>, Field>,
    pub open: bool,
}

/// A field, with the versions that have and that require it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    pub shape: Shape,
    pub default: Option<SchemaValue>,
    pub list: ListKind,
    pub in_versions: Vec<Arc<str>>,
    /// Required whatever the version, as a declaration says.
    pub required: bool,
    pub required_in: Vec<Arc<str>>,
    pub older: Vec<(Arc<str>, Shape)>,
}

impl Field {
    /// A field that one version has.
    pub(super) fn of(version: &Arc<str>, shape: Shape) -> Field {
        Field {
            shape,
            default: None,
            list: ListKind::Atomic,
            in_versions: vec![version.clone()],
            required: false,
            required_in: Vec::new(),
            older: Vec::new(),
        }
    }
}

impl Shape {
    /// Takes in an older version's statement, or what is known besides. What is there already wins.
    pub(super) fn merge(&mut self, other: Shape) -> Result<(), Shape> {
        match (self, other) {
            (Shape::Object(a), Shape::Object(b)) => a.merge(b),
            (Shape::List(a), Shape::List(b)) | (Shape::Map(a), Shape::Map(b)) => return a.merge(*b),
            (Shape::Leaf(a), Shape::Leaf(b)) if *a == b => {}
            (_, other) => return Err(other),
        }
        Ok(())
    }

    /// Takes in what Tacit knows of the kind. A type of the built-in kinds (`PodTemplateSpec`) stands for the same
    /// type spelled out, so that it stays one type for rules.
    pub(super) fn merge_known(&mut self, known: Shape, base: &Base) {
        let is_object = matches!(self, Shape::Object(_));
        match (self, known) {
            (Shape::Object(a), Shape::Object(b)) => {
                for (name, field) in b.by_name {
                    match a.by_name.get_mut(&name) {
                        Some(own) => own.shape.merge_known(field.shape, base),
                        None => {
                            a.by_name.insert(name, field);
                        }
                    }
                }
            }
            (Shape::List(a), Shape::List(b)) | (Shape::Map(a), Shape::Map(b)) => a.merge_known(*b, base),
            (own, Shape::Leaf(SchemaType::Object(id))) if is_object && base.is_built_in(id) => {
                *own = Shape::Leaf(SchemaType::Object(id));
            }
            // A CRD that leaves a part open says nothing against what is known of it.
            (own @ Shape::Leaf(SchemaType::Any), known) => *own = opened(known),
            _ => {}
        }
    }

    /// The type, with its objects entered into the extension. `versions` have the value; `label` leads to it.
    pub(super) fn intern(self, ext: &mut Extension, base: &Base, versions: &[Arc<str>], label: &str) -> SchemaType {
        match self {
            Shape::Leaf(ty) => ty,
            Shape::List(item) => SchemaType::List(Arc::new(item.intern(ext, base, versions, &format!("{label}[]")))),
            Shape::Map(item) => SchemaType::Map(Arc::new(item.intern(ext, base, versions, &format!("{label}{{}}")))),
            Shape::Object(fields) => SchemaType::Object(fields.intern(ext, base, versions, label)),
        }
    }
}

fn opened(shape: Shape) -> Shape {
    match shape {
        Shape::Object(mut fields) => {
            fields.open = true;
            Shape::Object(fields)
        }
        shape => shape,
    }
}

impl Fields {
    /// Takes in the fields of an older version.
    pub(super) fn merge(&mut self, other: Fields) {
        self.open |= other.open;
        for (name, theirs) in other.by_name {
            let Some(own) = self.by_name.get_mut(&name) else {
                self.by_name.insert(name, theirs);
                continue;
            };
            add(&mut own.required_in, &own.in_versions, theirs.required_in);
            if let Err(other) = own.shape.merge(theirs.shape) {
                own.older.extend(theirs.in_versions.iter().map(|v| (v.clone(), other.clone())));
            }
            own.default = own.default.take().or(theirs.default);
            if own.list == ListKind::Atomic {
                own.list = theirs.list;
            }
            add(&mut own.in_versions, &[], theirs.in_versions);
        }
    }

    /// Enters the object and those below into the extension.
    pub(super) fn intern(self, ext: &mut Extension, base: &Base, versions: &[Arc<str>], label: &str) -> TypeId {
        let fields = self.by_name.into_iter().map(|(name, f)| {
            let everywhere = versions.iter().all(|v| f.in_versions.contains(v));
            let by_version = everywhere && versions.iter().all(|v| f.required_in.contains(v)) && !versions.is_empty();
            let always = f.required || by_version;
            let path = format!("{label}.{name}");
            let mut older: Vec<OlderField> = f
                .older
                .into_iter()
                .map(|(version, shape)| OlderField {
                    ty: Some(shape.intern(ext, base, std::slice::from_ref(&version), &path)),
                    required: f.required_in.contains(&version),
                    version,
                })
                .collect();
            for version in f.required_in.iter().filter(|_| !always) {
                if !older.iter().any(|o| o.version == *version) {
                    older.push(OlderField { version: version.clone(), ty: None, required: true });
                }
            }
            FieldInfo {
                ty: f.shape.intern(ext, base, &f.in_versions, &path),
                required: always,
                default: f.default,
                list: f.list,
                versions: if everywhere { Presence::Every } else { Presence::Only(f.in_versions.into()) },
                older: older.into(),
                name,
            }
        });
        let fields = fields.collect();
        ext.enter(base, TypeInfo { name: None, label: label.into(), fields, open: self.open })
    }
}

/// Adds what is new in `more` and not in `except`.
fn add(list: &mut Vec<Arc<str>>, except: &[Arc<str>], more: Vec<Arc<str>>) {
    for version in more {
        if !list.contains(&version) && !except.contains(&version) {
            list.push(version);
        }
    }
}

/// Spells types out again, so that more can be merged into them. Types of the built-in kinds stay as they are.
pub(super) struct SpellOut<'s> {
    schemas: &'s super::Schemas,
    /// Types being spelled out: one inside itself stays as it is.
    above: Vec<TypeId>,
}

impl<'s> SpellOut<'s> {
    pub(super) fn new(schemas: &'s super::Schemas) -> Self {
        SpellOut { schemas, above: Vec::new() }
    }

    fn shape(&mut self, ty: &SchemaType, versions: &[Arc<str>]) -> Shape {
        match ty {
            SchemaType::Object(id) if self.schemas.base.is_built_in(*id) || self.above.contains(id) => {
                Shape::Leaf(ty.clone())
            }
            SchemaType::Object(id) => Shape::Object(self.fields(*id, versions)),
            SchemaType::List(item) => Shape::List(Box::new(self.shape(item, versions))),
            SchemaType::Map(item) => Shape::Map(Box::new(self.shape(item, versions))),
            leaf => Shape::Leaf(leaf.clone()),
        }
    }

    /// The fields of a type, whatever it is. `versions` have the object.
    pub(super) fn fields(&mut self, id: TypeId, versions: &[Arc<str>]) -> Fields {
        self.above.push(id);
        let info = self.schemas.type_info(id);
        let by_name = info.fields.iter().map(|f| (f.name.clone(), self.field(f, versions))).collect();
        self.above.pop();
        Fields { by_name, open: info.open }
    }

    fn field(&mut self, f: &FieldInfo, versions: &[Arc<str>]) -> Field {
        let in_versions = match &f.versions {
            Presence::Every => versions.to_vec(),
            Presence::Only(names) => names.to_vec(),
        };
        let older = f.older.iter().filter_map(|o| {
            let ty = o.ty.as_ref()?;
            Some((o.version.clone(), self.shape(ty, std::slice::from_ref(&o.version))))
        });
        Field {
            older: older.collect(),
            shape: self.shape(&f.ty, &in_versions),
            default: f.default.clone(),
            list: f.list.clone(),
            required: false,
            required_in: in_versions.iter().filter(|v| f.required_in(v)).cloned().collect(),
            in_versions,
        }
    }
}

/// The fields of every API object, in the given versions.
pub(super) fn object_fields(base: &Base, versions: &[Arc<str>]) -> Fields {
    let meta = base.types_named("ObjectMeta").next().map_or(SchemaType::Any, SchemaType::Object);
    let text = SchemaType::string();
    let fields = [("apiVersion", text.clone()), ("kind", text), ("metadata", meta)];
    let field = |ty| Field {
        shape: Shape::Leaf(ty),
        default: None,
        list: ListKind::Atomic,
        in_versions: versions.to_vec(),
        required: false,
        required_in: Vec::new(),
        older: Vec::new(),
    };
    Fields { by_name: fields.into_iter().map(|(n, ty)| (Arc::from(n), field(ty))).collect(), open: false }
}
