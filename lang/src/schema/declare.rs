//! Kinds that a `kind` item states.

use super::Schemas;
use super::model::*;
use super::tree::{self, Field, Fields, Shape, SpellOut};
use std::sync::Arc;

/// What a `kind` item says: `kind Name = "group[/version]/Kind" [path: type …]`.
#[derive(Clone, Debug)]
pub struct DeclaredKind<'a> {
    /// The name rules use.
    pub name: &'a str,
    /// API group, empty for the core group.
    pub group: &'a str,
    /// The one version meant, if one is.
    pub version: Option<&'a str>,
    /// The name objects carry in `kind`.
    pub kind: &'a str,
    /// Fields by path: keys joined by `.`, `[]` after a list's and `{}` after a map's. The type is that of the
    /// whole field, or of one item where the path ends in `[]` or `{}`.
    pub fields: &'a [DeclaredField<'a>],
}

/// A field that a `kind` item states.
#[derive(Clone, Debug)]
pub struct DeclaredField<'a> {
    /// Its path; see [`DeclaredKind::fields`].
    pub path: &'a str,
    /// Its type.
    pub ty: SchemaType,
    /// True where every object has it, which also holds for the objects on the way to it, up to a list or map.
    pub required: bool,
}

/// Why a declared field cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeclareProblem {
    /// Which of [`DeclaredKind::fields`], from 0; none where the name itself is at fault.
    pub field: Option<usize>,
    /// What is wrong, for the author.
    pub message: String,
}

impl Schemas {
    /// Adds a kind that a rule file names. A kind that is known takes the name as a further one, and the
    /// fields it lacks; one that is not known has the given fields, and is open where none are given.
    pub fn add_declared_kind(&mut self, declared: &DeclaredKind<'_>) -> Result<KindId, DeclareProblem> {
        let known = self.kind_of(declared.group, declared.kind);
        let taken = self.kinds_named(declared.name);
        if let [other] = taken.as_slice()
            && Some(*other) != known
            && self.kind(*other).unique_name() == declared.name
        {
            let restricted = self.kind(*other).restricted.as_ref();
            if restricted.is_some_and(|r| Some(r.kind) == known && Some(&*r.version) == declared.version) {
                return Ok(*other);
            }
            let message = format!("`{}` is already the name of another kind; choose another name", declared.name);
            return Err(DeclareProblem { field: None, message });
        }
        let of_known = known.map(|id| self.kind(id).clone());
        let versions: Vec<Arc<str>> = match &of_known {
            Some(kind) => kind.versions.iter().filter(|v| v.group == kind.group).map(|v| v.name.clone()).collect(),
            None => declared.version.map(Arc::from).into_iter().collect(),
        };
        if let (Some(version), Some(_)) = (declared.version, &of_known)
            && !versions.iter().any(|v| &**v == version)
        {
            let message = format!(
                "`{}` of `{}` has no version `{version}`; it has `{}`",
                declared.kind,
                declared.group,
                versions.iter().map(|v| &**v).collect::<Vec<_>>().join("`, `")
            );
            return Err(DeclareProblem { field: None, message });
        }
        let mut fields = match &of_known {
            Some(kind) => SpellOut::new(self).fields(kind.root, &versions),
            None => Fields { open: declared.fields.is_empty(), ..tree::object_fields(self.base, &versions) },
        };
        for (n, field) in declared.fields.iter().enumerate() {
            // What a known kind requires is known better than a declaration can say.
            let required = field.required && of_known.is_none();
            insert(&mut fields, field.path, &field.ty, required, &versions)
                .map_err(|message| DeclareProblem { field: Some(n), message })?;
        }
        let (base, ext) = (self.base, Arc::make_mut(&mut self.ext));
        let root = match &of_known {
            Some(kind) if declared.fields.is_empty() => kind.root,
            _ => fields.intern(ext, base, &versions, declared.name),
        };
        let alias = (declared.name != declared.kind).then(|| Arc::from(declared.name));
        match (of_known, known) {
            (Some(kind), Some(id)) => {
                if let Some(version) = declared.version {
                    let restricted = Some(Restriction { kind: id, version: version.into() });
                    let info = KindInfo { alias, restricted, root, origin: Origin::Declared, ..kind };
                    return Ok(ext.add_kind(base, info));
                }
                if !declared.fields.is_empty() {
                    ext.replace_kind(base, id, KindInfo { root, ..kind });
                }
                if let Some(alias) = alias {
                    ext.names.push((alias, id));
                }
                Ok(id)
            }
            _ => {
                let version = |name: &Arc<str>| VersionInfo {
                    group: declared.group.into(),
                    name: name.clone(),
                    served: true,
                    storage: true,
                    deprecated: None,
                    described: false,
                };
                Ok(ext.add_kind(
                    base,
                    KindInfo {
                        name: declared.kind.into(),
                        alias,
                        group: declared.group.into(),
                        versions: versions.iter().map(version).collect(),
                        plural: Arc::default(),
                        short_names: Arc::default(),
                        scope: Scope::Namespaced,
                        root,
                        origin: Origin::Declared,
                        restricted: None,
                        open: declared.fields.is_empty(),
                    },
                ))
            }
        }
    }
}

/// Puts a type at a path, making the objects on the way.
fn insert(
    fields: &mut Fields,
    path: &str,
    ty: &SchemaType,
    required: bool,
    versions: &[Arc<str>],
) -> Result<(), String> {
    let (step, rest) = path.split_once('.').map_or((path, None), |(s, r)| (s, Some(r)));
    let name = step.trim_end_matches("[]").trim_end_matches("{}").trim_end_matches("[]");
    if name.is_empty() {
        return Err(format!("`{path}` is no path: a key is missing"));
    }
    let suffix = step.get(name.len()..).unwrap_or_default();
    let end = match rest {
        None => Shape::Leaf(ty.clone()),
        Some(_) => Shape::Object(Fields::default()),
    };
    let new = !fields.by_name.contains_key(name);
    let field = fields.by_name.entry(name.into()).or_insert_with(|| Field {
        shape: wrap(suffix, end),
        default: None,
        list: ListKind::Atomic,
        in_versions: versions.to_vec(),
        required: false,
        required_in: Vec::new(),
        older: Vec::new(),
    });
    field.required |= required && !path.contains(['[', '{']);
    let inner = unwrap(&mut field.shape, suffix)
        .ok_or_else(|| format!("`{step}` is known with another shape (list, map or single value)"))?;
    match (rest, inner) {
        (None, Shape::Leaf(known)) if new || known == ty || *known == SchemaType::Any => {
            *known = ty.clone();
            Ok(())
        }
        (None, _) => Err(format!("`{step}` is known with another type")),
        (Some(rest), Shape::Object(inner)) => insert(inner, rest, ty, required, versions),
        (Some(rest), open @ Shape::Leaf(SchemaType::Any)) => {
            let mut inner = Fields { open: true, ..Fields::default() };
            insert(&mut inner, rest, ty, required, versions)?;
            *open = Shape::Object(inner);
            Ok(())
        }
        (Some(_), Shape::Leaf(SchemaType::Object(_))) => {
            Err(format!("`{step}` has a type of its own, to which no fields can be added"))
        }
        (Some(_), _) => Err(format!("`{step}` is no object")),
    }
}

/// The shape that a suffix such as `[]{}` makes of its innermost item.
fn wrap(suffix: &str, inner: Shape) -> Shape {
    match (suffix.strip_prefix("[]"), suffix.strip_prefix("{}")) {
        (Some(rest), _) => Shape::List(Box::new(wrap(rest, inner))),
        (_, Some(rest)) => Shape::Map(Box::new(wrap(rest, inner))),
        _ => inner,
    }
}

/// The innermost item below a suffix.
fn unwrap<'s>(shape: &'s mut Shape, suffix: &str) -> Option<&'s mut Shape> {
    match (suffix.strip_prefix("[]"), suffix.strip_prefix("{}"), shape) {
        (Some(rest), _, Shape::List(item)) | (_, Some(rest), Shape::Map(item)) => unwrap(item, rest),
        (None, None, shape) => Some(shape),
        _ => None,
    }
}
