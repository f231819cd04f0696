//! From documents to kinds and types, all versions of each merged.

use crate::documents::{Documents, Resource, list, text};
use crate::removed::{self, Removed};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the table will hold.
pub struct Table {
    pub kinds: Vec<Kind>,
    pub types: BTreeMap<String, Vec<Field>>,
    /// What a reader of the table should know of how it came about.
    pub notes: Vec<String>,
}

pub struct Kind {
    pub name: String,
    pub group: String,
    pub alias: Option<String>,
    pub plural: String,
    pub namespaced: bool,
    pub short_names: Vec<String>,
    pub versions: Vec<Version>,
    pub fields: Vec<Field>,
    /// Nothing is known of its structure.
    pub open: bool,
}

pub struct Version {
    /// `v1`, or with a former group `extensions/v1beta1`.
    pub name: String,
    pub preferred: bool,
    pub served: bool,
    pub described: bool,
    pub removed: Option<&'static Removed>,
}

#[derive(Clone, PartialEq)]
pub struct Field {
    pub name: String,
    /// In the table's notation, with its `[]` and `{}`.
    pub wraps: String,
    pub ty: String,
    pub required: bool,
    pub default: Option<Value>,
    pub list: Option<String>,
    pub versions: Option<Vec<String>>,
    pub required_in: Vec<String>,
    pub older: Vec<(String, String)>,
}

/// A type apart from its version: package and short name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct TypeKey {
    package: String,
    short: String,
}

/// `io.k8s.api.core.v1.Pod` is `Pod` of `io.k8s.api.core` in `v1`.
fn split_name(full: &str) -> (TypeKey, String) {
    let (path, short) = full.rsplit_once('.').unwrap_or(("", full));
    let (package, version) = match path.rsplit_once('.') {
        Some((package, last)) if rank(last).is_some() => (package, last),
        _ => (path, ""),
    };
    (TypeKey { package: package.to_owned(), short: short.to_owned() }, version.to_owned())
}

/// Orders `v2` > `v1` > `v1beta1` > `v1alpha1`; nothing for what is no version.
fn rank(version: &str) -> Option<(u8, u32, u32)> {
    let rest = version.strip_prefix('v')?;
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let major = rest[..digits].parse().ok()?;
    let rest = &rest[digits..];
    if rest.is_empty() {
        return Some((3, major, 0));
    }
    let (stage, minor) = match rest.strip_prefix("beta") {
        Some(minor) => (2, minor),
        None => (1, rest.strip_prefix("alpha")?),
    };
    Some((stage, major, minor.parse().ok()?))
}

struct Builder<'d> {
    documents: &'d Documents,
    /// Every version of every type, newest first.
    versions: BTreeMap<TypeKey, Vec<(String, &'d Value)>>,
    names: BTreeMap<TypeKey, String>,
    notes: Vec<String>,
}

impl Table {
    pub fn build(documents: &Documents, served: Option<&[Resource]>) -> Result<Table, String> {
        let mut by_kind: BTreeMap<(String, String), Vec<&Resource>> = BTreeMap::new();
        for resource in &documents.kinds {
            by_kind.entry((resource.group.clone(), resource.kind.clone())).or_default().push(resource);
        }
        let mut roots = BTreeMap::new();
        let mut taken = BTreeSet::new();
        for ((group, name), resources) in &mut by_kind {
            resources.sort_by_key(|r| std::cmp::Reverse(rank(&r.version)));
            let root = documents.root_of(resources[0]).ok_or_else(|| format!("no schema of `{group}` `{name}`"))?;
            // The first kind of a name keeps it (the core group comes first); the others have an alias.
            let alias = (!taken.insert(name.clone())).then(|| alias(group, name));
            roots.insert(split_name(root).0, alias.unwrap_or_else(|| name.clone()));
        }
        let mut builder = Builder::new(documents, &roots);
        let mut kinds = Vec::new();
        for ((group, name), resources) in by_kind {
            let newest = resources[0];
            let key = split_name(documents.root_of(newest).unwrap_or_default()).0;
            let alias = roots.get(&key).filter(|a| **a != name).cloned();
            let mut versions: Vec<Version> = resources
                .iter()
                .map(|r| Version {
                    name: r.version.clone(),
                    preferred: r.preferred,
                    served: served.is_none_or(|s| {
                        s.iter().any(|d| d.group == r.group && d.version == r.version && d.kind == r.kind)
                    }),
                    described: true,
                    removed: removed::find(&group, &r.version, &name),
                })
                .collect();
            versions.extend(
                removed::of(&group, &name).filter(|r| !resources.iter().any(|k| r.is(&group, &k.version))).map(|r| {
                    Version {
                        name: if r.group == group {
                            r.version.to_owned()
                        } else {
                            format!("{}/{}", r.group, r.version)
                        },
                        preferred: false,
                        served: false,
                        described: false,
                        removed: Some(r),
                    }
                }),
            );
            kinds.push(Kind {
                fields: builder.fields(&key),
                alias,
                plural: newest.plural.clone(),
                namespaced: newest.namespaced,
                short_names: newest.short_names.clone(),
                versions,
                open: false,
                name,
                group,
            });
        }
        for gone in removed::GONE {
            kinds.push(Kind {
                name: gone.kind.to_owned(),
                group: gone.group.to_owned(),
                alias: None,
                plural: gone.plural.to_owned(),
                namespaced: gone.namespaced,
                short_names: gone.short_names.iter().map(|s| (*s).to_owned()).collect(),
                versions: removed::of(gone.group, gone.kind)
                    .map(|r| Version {
                        name: if r.group == gone.group {
                            r.version.into()
                        } else {
                            format!("{}/{}", r.group, r.version)
                        },
                        preferred: false,
                        served: false,
                        described: false,
                        removed: Some(r),
                    })
                    .collect(),
                fields: Vec::new(),
                open: true,
            });
        }

        let mut types = BTreeMap::new();
        let mut open: Vec<TypeKey> = roots.keys().cloned().collect();
        let mut seen: BTreeSet<TypeKey> = roots.keys().cloned().collect();
        while let Some(key) = open.pop() {
            for below in builder.referred(&key) {
                if seen.insert(below.clone()) {
                    open.push(below);
                }
            }
            if !roots.contains_key(&key) {
                types.insert(builder.name(&key), builder.fields(&key));
            }
        }
        Ok(Table { kinds, types, notes: builder.notes })
    }
}

/// `EventsEvent`: the group's first label before the kind.
fn alias(group: &str, kind: &str) -> String {
    let label = group.split('.').next().unwrap_or_default();
    let (first, rest) = label.split_at(1.min(label.len()));
    format!("{}{rest}{kind}", first.to_uppercase())
}

impl<'d> Builder<'d> {
    fn new(documents: &'d Documents, roots: &BTreeMap<TypeKey, String>) -> Builder<'d> {
        let mut versions: BTreeMap<TypeKey, Vec<(String, &Value)>> = BTreeMap::new();
        for (full, schema) in &documents.schemas {
            let (key, version) = split_name(full);
            versions.entry(key).or_default().push((version, schema));
        }
        for list in versions.values_mut() {
            list.sort_by_key(|(v, _)| std::cmp::Reverse(rank(v)));
        }
        // Types of one short name in several packages are told apart by the package's last part. The plain name
        // goes to a kind, else to the core group, else to the first.
        let mut names = roots.clone();
        let mut taken: BTreeSet<String> = roots.values().cloned().collect();
        let core_first = |key: &&TypeKey| (key.package != "io.k8s.api.core", (*key).clone());
        let mut keys: Vec<&TypeKey> = versions.keys().filter(|k| !roots.contains_key(k)).collect();
        keys.sort_by_key(core_first);
        for key in keys {
            let package = key.package.rsplit('.').next().unwrap_or_default();
            let name =
                if taken.insert(key.short.clone()) { key.short.clone() } else { format!("{}.{package}", key.short) };
            names.insert(key.clone(), name);
        }
        Builder { documents, versions, names, notes: Vec::new() }
    }

    fn name(&self, key: &TypeKey) -> String {
        self.names.get(key).cloned().unwrap_or_else(|| key.short.clone())
    }

    /// The types that a type's fields refer to, in any version.
    fn referred(&self, key: &TypeKey) -> Vec<TypeKey> {
        let mut found = Vec::new();
        for (_, schema) in self.versions.get(key).into_iter().flatten() {
            references(schema, &mut found);
        }
        found.sort();
        found.dedup();
        found.retain(|full| self.is_object(full));
        found.into_iter().map(|full| split_name(&full).0).collect()
    }

    fn is_object(&self, full: &str) -> bool {
        self.documents.schemas.get(full).is_some_and(|s| s.get("properties").is_some())
    }

    /// The fields of all versions together.
    fn fields(&mut self, key: &TypeKey) -> Vec<Field> {
        let versions = self.versions.get(key).cloned().unwrap_or_default();
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for (_, schema) in &versions {
            names.extend(
                schema
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flat_map(|p| p.keys())
                    .map(String::as_str),
            );
        }
        let mut fields = Vec::new();
        for name in names {
            let stated: Vec<(&str, &Value, bool)> = versions
                .iter()
                .filter_map(|(version, schema)| {
                    let property = schema.get("properties")?.get(name)?;
                    let required = list(schema, "required").iter().any(|r| r.as_str() == Some(name));
                    Some((version.as_str(), property, required))
                })
                .collect();
            let Some((_, newest, _)) = stated.first() else { continue };
            let (wraps, ty) = self.type_of(newest);
            let everywhere = stated.len() == versions.len();
            let required = everywhere && stated.iter().all(|(.., r)| *r);
            let mut older = Vec::new();
            for (version, property, _) in stated.iter().skip(1) {
                let other = self.type_of(property);
                if other != (wraps.clone(), ty.clone()) {
                    self.notes.push(format!(
                        "{}.{name} is {ty}{wraps} in the newest version and {}{} in {version}",
                        self.name(key),
                        other.1,
                        other.0
                    ));
                    older.push(((*version).to_owned(), prefixed(&other)));
                }
            }
            fields.push(Field {
                name: name.to_owned(),
                required,
                default: default(newest, required),
                list: list_kind(newest),
                versions: (!everywhere).then(|| stated.iter().map(|(v, ..)| (*v).to_owned()).collect()),
                required_in: if required {
                    Vec::new()
                } else {
                    stated.iter().filter(|(.., r)| *r).map(|(v, ..)| (*v).to_owned()).collect()
                },
                older,
                wraps,
                ty,
            });
        }
        fields
    }

    /// A property's type: what wraps it (`[]{}`, outermost first) and the innermost type.
    fn type_of(&self, property: &Value) -> (String, String) {
        let property = match property.get("allOf").and_then(|l| l.get(0)) {
            Some(inner) => inner,
            None => property,
        };
        if let Some(full) = property.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
            if self.is_object(full) {
                return (String::new(), format!("@{}", self.name(&split_name(full).0)));
            }
            return match self.documents.schemas.get(full) {
                Some(_) if full.ends_with(".Quantity") => (String::new(), "q".into()),
                Some(schema) => self.type_of(schema),
                None => (String::new(), "*".into()),
            };
        }
        let plain = |ty: &str| (String::new(), ty.to_owned());
        match (text(property, "type"), text(property, "format")) {
            (_, "int-or-string") => plain("x"),
            ("string", "byte") => plain("y"),
            ("string", "date-time") => plain("t"),
            ("string", _) => match property.get("enum").and_then(Value::as_array) {
                Some(values) => {
                    let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
                    plain(&format!("s{{{}}}", values.join("|")))
                }
                None => plain("s"),
            },
            ("integer", _) => plain("i"),
            ("number", _) => plain("n"),
            ("boolean", _) => plain("b"),
            ("array", _) => self.wrapped("[]", property.get("items")),
            ("object", _) => match property.get("additionalProperties") {
                Some(items) => self.wrapped("{}", Some(items)),
                None => plain("*"),
            },
            _ => plain("*"),
        }
    }

    fn wrapped(&self, wrap: &str, items: Option<&Value>) -> (String, String) {
        let (inner, ty) = items.map_or_else(|| (String::new(), "*".into()), |i| self.type_of(i));
        (format!("{wrap}{inner}"), ty)
    }
}

/// `[T` and `{T` for a type with wraps.
fn prefixed((wraps, ty): &(String, String)) -> String {
    wraps.replace("[]", "[").replace("{}", "{") + ty
}

fn references(schema: &Value, found: &mut Vec<String>) {
    match schema {
        Value::Object(map) => {
            if let Some(full) = map.get("$ref").and_then(Value::as_str).and_then(|r| r.rsplit('/').next()) {
                found.push(full.to_owned());
            }
            map.values().for_each(|v| references(v, found));
        }
        Value::Array(list) => list.iter().for_each(|v| references(v, found)),
        _ => {}
    }
}

/// What the server fills in. An empty object is left out: it puts nothing anywhere, and taking it for present would
/// make fields required below it look present as well. Zeros of required fields are never read.
fn default(property: &Value, required: bool) -> Option<Value> {
    let value = property.get("default")?;
    let zero = match value {
        Value::Object(map) if map.is_empty() => return None,
        Value::String(s) => s.is_empty(),
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::Bool(b) => !b,
        _ => false,
    };
    (!(zero && required)).then(|| value.clone())
}

fn list_kind(property: &Value) -> Option<String> {
    match text(property, "x-kubernetes-list-type") {
        "set" => Some("set".into()),
        "map" => {
            let keys: Vec<&str> =
                list(property, "x-kubernetes-list-map-keys").iter().filter_map(Value::as_str).collect();
            Some(keys.join(","))
        }
        _ => None,
    }
}
