//! Field paths: finding what a path leads to, and listing all of a kind.

use super::Schemas;
use super::model::*;

/// A field and the path that leads to it: keys joined by `.`, `[]` after a list's, `{}` after a map's.
#[derive(Clone, Debug)]
pub struct FieldPath<'s> {
    /// The path, from the root of the object.
    pub path: String,
    /// The field it ends in.
    pub field: &'s FieldInfo,
}

/// Why a path leads nowhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathProblem {
    /// Which step, from 0.
    pub step: usize,
    /// The type that lacks the field, if the step before it is an object.
    pub within: Option<TypeId>,
}

impl Schemas {
    /// The type at the end of a path such as `rules[]` or `spec.template.metadata.labels`. `[]` stands for an item of
    /// a list and `{}` for a value of a map. Beyond an open part, everything is [`SchemaType::Any`].
    pub fn type_at(&self, root: TypeId, path: &str) -> Result<SchemaType, PathProblem> {
        let mut ty = SchemaType::Object(root);
        for (step, part) in path.split('.').enumerate() {
            let name = part.split(['[', '{']).next().unwrap_or(part);
            ty = match &ty {
                SchemaType::Any => return Ok(SchemaType::Any),
                SchemaType::Object(id) => match self.field(*id, name) {
                    Some(field) => field.ty.clone(),
                    None if self.type_info(*id).open => return Ok(SchemaType::Any),
                    None => return Err(PathProblem { step, within: Some(*id) }),
                },
                _ => return Err(PathProblem { step, within: None }),
            };
            let mut suffix = part.get(name.len()..).unwrap_or_default();
            while !suffix.is_empty() {
                (ty, suffix) = match (&ty, suffix.strip_prefix("[]"), suffix.strip_prefix("{}")) {
                    (SchemaType::List(item), Some(rest), _) | (SchemaType::Map(item), _, Some(rest)) => {
                        ((**item).clone(), rest)
                    }
                    (SchemaType::Any, ..) => return Ok(SchemaType::Any),
                    _ => return Err(PathProblem { step, within: None }),
                };
            }
        }
        Ok(ty)
    }

    /// Every field path of a kind, parents before children. A type inside itself (`JSONSchemaProps`) is not entered again.
    pub fn field_paths(&self, kind: KindId) -> Vec<FieldPath<'_>> {
        self.walk(kind, None)
    }

    /// The field paths that one version of a kind has.
    pub fn field_paths_in(&self, kind: KindId, version: &str) -> Vec<FieldPath<'_>> {
        self.walk(kind, Some(version))
    }

    fn walk(&self, kind: KindId, version: Option<&str>) -> Vec<FieldPath<'_>> {
        let kind = self.kind(kind);
        let mut walk = Walk { schemas: self, kind, version, above: Vec::new(), found: Vec::new() };
        walk.enter(kind.root, "");
        walk.found
    }
}

struct Walk<'s, 'v> {
    schemas: &'s Schemas,
    kind: &'s KindInfo,
    version: Option<&'v str>,
    above: Vec<TypeId>,
    found: Vec<FieldPath<'s>>,
}

impl Walk<'_, '_> {
    fn enter(&mut self, ty: TypeId, prefix: &str) {
        if self.above.contains(&ty) {
            return;
        }
        self.above.push(ty);
        for field in &self.schemas.type_info(ty).fields {
            let ty = match self.version {
                Some(version) => match field.type_in(version) {
                    Some(ty) => ty,
                    None => continue,
                },
                // Types are shared: some have fields only in versions that this kind does not have.
                None if self.is_foreign(field) => continue,
                None => &field.ty,
            };
            let mut path = format!("{prefix}{}", field.name);
            self.found.push(FieldPath { path: path.clone(), field });
            let mut inner = ty;
            loop {
                match inner {
                    SchemaType::List(item) => (inner, _) = (item, path.push_str("[]")),
                    SchemaType::Map(item) => (inner, _) = (item, path.push_str("{}")),
                    SchemaType::Object(id) => {
                        path.push('.');
                        self.enter(*id, &path);
                        break;
                    }
                    _ => break,
                }
            }
        }
        self.above.pop();
    }

    fn is_foreign(&self, field: &FieldInfo) -> bool {
        match &field.versions {
            Presence::Every => false,
            Presence::Only(names) => {
                !names.is_empty() && !self.kind.versions.iter().any(|v| v.described && names.contains(&v.name))
            }
        }
    }
}
