//! Reading CustomResourceDefinitions: `openAPIV3Schema`, as `apiextensions.k8s.io/v1` and `v1beta1` carry it.

use super::Schemas;
use super::model::*;
use super::tree::{self, Field, Fields, Shape, SpellOut};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// Below this many levels a schema counts as open. The API server's own limit on objects is far above it.
const MAX_DEPTH: usize = 96;

/// Why a CRD cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CrdProblem {
    /// Where in the CRD (`spec.names.kind`).
    pub path: String,
    /// What is wrong there.
    pub message: String,
}

impl fmt::Display for CrdProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.path, self.message)
    }
}

impl std::error::Error for CrdProblem {}

fn problem(path: &str, message: impl Into<String>) -> CrdProblem {
    CrdProblem { path: path.to_owned(), message: message.into() }
}

impl Schemas {
    /// Adds the kind that a CustomResourceDefinition states, given as its tree.
    ///
    /// A kind that Tacit ships keeps its fields; those the CRD does not have are marked as in no version, so that rules
    /// compile against every release while objects are held to the CRD at hand. A second CRD of the same kind adds
    /// its fields. Built-in kinds cannot be changed.
    pub fn add_crd(&mut self, crd: &Value) -> Result<Vec<KindId>, CrdProblem> {
        if text(crd, "kind") != Some("CustomResourceDefinition") {
            return Err(problem("kind", "is not `CustomResourceDefinition`"));
        }
        let spec = crd.get("spec").ok_or_else(|| problem("spec", "is missing"))?;
        let group = text(spec, "group").ok_or_else(|| problem("spec.group", "is missing"))?;
        let names = spec.get("names").ok_or_else(|| problem("spec.names", "is missing"))?;
        let kind = text(names, "kind").ok_or_else(|| problem("spec.names.kind", "is missing"))?;
        let plural = text(names, "plural").ok_or_else(|| problem("spec.names.plural", "is missing"))?;
        let known = self.kind_of(group, kind);
        if let Some(id) = known
            && self.kind(id).is_builtin()
        {
            return Err(problem("spec.names.kind", format!("is the built-in kind `{kind}`, which no CRD can change")));
        }
        let versions = versions(spec, group)?;
        let names_of_versions: Vec<Arc<str>> = versions.iter().map(|v| v.info.name.clone()).collect();

        let mut fields = tree::object_fields(self.base, &names_of_versions);
        for version in &versions {
            fields.merge(version.fields(self));
        }
        let mut open = fields.open;
        let mut infos: Vec<VersionInfo> = versions.into_iter().map(|v| v.info).collect();
        let old = known.map(|id| self.kind(id).clone());
        if let Some(old) = &old {
            if old.origin == Origin::Crd {
                let versions: Vec<Arc<str>> = old.versions.iter().map(|v| v.name.clone()).collect();
                fields.merge(SpellOut::new(self).fields(old.root, &versions));
                infos.extend(old.versions.iter().filter(|v| !names_of_versions.contains(&v.name)).cloned());
            } else {
                let mut all = Shape::Object(fields);
                all.merge_known(Shape::Object(SpellOut::new(self).fields(old.root, &[])), self.base);
                let Shape::Object(merged) = all else { return Err(problem("spec.versions", "state no object")) };
                fields = merged;
            }
            open |= old.open && old.origin == Origin::Crd;
        }
        let mut in_versions: Vec<Arc<str>> = infos.iter().map(|v| v.name.clone()).collect();
        in_versions.dedup();
        let alias = match &old {
            Some(old) => old.alias.clone(),
            None => self.alias_beside_others(group, kind),
        };
        let label = alias.clone().unwrap_or_else(|| Arc::from(kind));
        let (base, ext) = (self.base, Arc::make_mut(&mut self.ext));
        let root = fields.intern(ext, base, &in_versions, &label);
        let info = KindInfo {
            name: kind.into(),
            alias,
            group: group.into(),
            versions: infos.into(),
            plural: plural.into(),
            short_names: names
                .get("shortNames")
                .and_then(Value::as_array)
                .map(|l| l.iter().filter_map(Value::as_str).map(Arc::from).collect())
                .unwrap_or_default(),
            scope: if text(spec, "scope") == Some("Cluster") { Scope::Cluster } else { Scope::Namespaced },
            root,
            origin: Origin::Crd,
            restricted: None,
            open,
        };
        Ok(vec![match known {
            Some(id) => {
                ext.replace_kind(base, id, info);
                id
            }
            None => ext.add_kind(base, info),
        }])
    }

    /// The alias of a new kind. One that had the name for itself so far, and no better right to it, takes an alias as
    /// well: which CRD was read first must not decide what a name means.
    fn alias_beside_others(&mut self, group: &str, kind: &str) -> Option<Arc<str>> {
        for (_, other) in self.kinds_sharing(kind).into_iter().filter(|(origin, _)| *origin == Origin::Crd) {
            let mut info = self.kind(other).clone();
            if info.alias.is_none() {
                info.alias = self.alias_for(&info.group, kind);
                let (base, ext) = (self.base, Arc::make_mut(&mut self.ext));
                ext.names.extend(info.alias.clone().map(|a| (a, other)));
                ext.replace_kind(base, other, info);
            }
        }
        self.alias_for(group, kind)
    }

    /// A second name for a kind whose bare name is taken: `KnativeService` for `Service` of `serving.knative.dev` would
    /// need a human; what can be derived is the group's first label, and if need be the whole group, before it.
    fn alias_for(&self, group: &str, kind: &str) -> Option<Arc<str>> {
        if self.kinds_sharing(kind).is_empty() {
            return None;
        }
        let camel = |labels: &mut dyn Iterator<Item = &str>| -> String {
            let words = labels.flat_map(|l| l.split('-'));
            words
                .filter_map(|w| {
                    let mut chars = w.chars();
                    Some(chars.next()?.to_uppercase().chain(chars).collect::<String>())
                })
                .collect()
        };
        let short = camel(&mut group.split('.').take(1)) + kind;
        let long = camel(&mut group.split('.')) + kind;
        [short, long].into_iter().find(|a| self.kinds_sharing(a).is_empty()).map(Arc::from)
    }
}

fn text<'v>(value: &'v Value, key: &str) -> Option<&'v str> {
    value.get(key)?.as_str()
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

/// A version of a CRD and its schema.
struct Version<'v> {
    info: VersionInfo,
    schema: Option<&'v Value>,
    /// `spec.preserveUnknownFields`: nothing is pruned.
    keeps_all: bool,
}

impl Version<'_> {
    fn fields(&self, schemas: &Schemas) -> Fields {
        let reader = Reader { schemas, version: &self.info.name };
        let mut fields = match self.schema.map(|s| reader.shape(s, 0)) {
            Some(Shape::Object(fields)) => fields,
            _ => Fields { open: true, ..Fields::default() },
        };
        // These three are the API server's, whatever the CRD says.
        for name in ["apiVersion", "kind", "metadata"] {
            fields.by_name.remove(name);
        }
        fields.open |= self.keeps_all;
        fields
    }
}

/// The versions, the newest first. The old form states one version or one schema for all.
fn versions<'v>(spec: &'v Value, group: &str) -> Result<Vec<Version<'v>>, CrdProblem> {
    let shared = spec.get("validation").and_then(|v| v.get("openAPIV3Schema"));
    let old_form = shared.is_some() || spec.get("version").is_some();
    let keeps_all = spec.get("preserveUnknownFields").and_then(Value::as_bool).unwrap_or(old_form);
    let mut versions = Vec::new();
    for (n, version) in spec.get("versions").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let name = text(version, "name").ok_or_else(|| problem(&format!("spec.versions[{n}].name"), "is missing"))?;
        let schema = version.get("schema").and_then(|s| s.get("openAPIV3Schema")).or(shared);
        let info = VersionInfo {
            group: group.into(),
            name: name.into(),
            served: flag(version, "served"),
            storage: flag(version, "storage"),
            deprecated: flag(version, "deprecated").then(Deprecation::default),
            described: schema.is_some(),
        };
        versions.push(Version { info, schema, keeps_all });
    }
    if versions.is_empty() {
        let name = text(spec, "version").ok_or_else(|| problem("spec.versions", "is missing"))?;
        let info = VersionInfo {
            group: group.into(),
            name: name.into(),
            served: true,
            storage: true,
            deprecated: None,
            described: shared.is_some(),
        };
        versions.push(Version { info, schema: shared, keeps_all });
    }
    versions.sort_by_key(|v| std::cmp::Reverse(version_rank(&v.info.name)));
    Ok(versions)
}

/// Orders version names as Kubernetes does: `v2` > `v1` > `v1beta2` > `v1beta1` > `v1alpha1` > anything else.
pub(super) fn version_rank(name: &str) -> (u8, u32, u32) {
    let parse = || {
        let rest = name.strip_prefix('v')?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let major = rest.get(..digits)?.parse().ok()?;
        let rest = rest.get(digits..)?;
        if rest.is_empty() {
            return Some((3, major, 0));
        }
        let (stage, minor) = match (rest.strip_prefix("beta"), rest.strip_prefix("alpha")) {
            (Some(minor), _) => (2, minor),
            (_, Some(minor)) => (1, minor),
            _ => return None,
        };
        Some((stage, major, minor.parse().ok()?))
    };
    parse().unwrap_or((0, 0, 0))
}

/// Turns one version's structural schema into a field tree.
struct Reader<'a> {
    schemas: &'a Schemas,
    version: &'a Arc<str>,
}

impl Reader<'_> {
    fn shape(&self, schema: &Value, depth: usize) -> Shape {
        let any = || Shape::Leaf(SchemaType::Any);
        if depth > MAX_DEPTH {
            return any();
        }
        let format = text(schema, "format");
        if flag(schema, "x-kubernetes-int-or-string") || format == Some("int-or-string") {
            return Shape::Leaf(self.int_or_string(schema));
        }
        match text(schema, "type") {
            Some("string") => Shape::Leaf(string(schema, format)),
            Some("integer") => Shape::Leaf(SchemaType::Int),
            Some("number") => Shape::Leaf(SchemaType::Number),
            Some("boolean") => Shape::Leaf(SchemaType::Bool),
            Some("array") => {
                Shape::List(Box::new(schema.get("items").map_or_else(any, |items| self.shape(items, depth + 1))))
            }
            Some("object") => self.object(schema, depth),
            None if schema.get("properties").is_some() => self.object(schema, depth),
            _ => any(),
        }
    }

    /// A quantity is told from a port or percentage by the pattern that generators give it.
    fn int_or_string(&self, schema: &Value) -> SchemaType {
        let quantity = text(schema, "pattern").is_some_and(|p| p.contains("([KMGTPE]i)"));
        if quantity { SchemaType::Quantity } else { SchemaType::IntOrString }
    }

    fn object(&self, schema: &Value, depth: usize) -> Shape {
        let keeps = flag(schema, "x-kubernetes-preserve-unknown-fields");
        let embedded = flag(schema, "x-kubernetes-embedded-resource");
        let properties = schema.get("properties").and_then(Value::as_object);
        match (schema.get("additionalProperties"), properties) {
            (Some(Value::Bool(true)), None) => return Shape::Leaf(SchemaType::Any),
            (Some(items @ Value::Object(_)), None) => return Shape::Map(Box::new(self.shape(items, depth + 1))),
            (_, None) if keeps && !embedded => return Shape::Leaf(SchemaType::Any),
            _ => {}
        }
        let mut fields = Fields { open: keeps, ..Fields::default() };
        if embedded {
            fields = tree::object_fields(self.schemas.base, std::slice::from_ref(self.version));
            fields.open = keeps;
        }
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, property) in properties.into_iter().flat_map(Map::iter) {
            let mut field = Field::of(self.version, self.shape(property, depth + 1));
            field.default = property.get("default").cloned();
            field.list = list_kind(property);
            if required.contains(&name.as_str()) {
                field.required_in.push(self.version.clone());
            }
            fields.by_name.insert(name.as_str().into(), field);
        }
        Shape::Object(fields)
    }
}

fn string(schema: &Value, format: Option<&str>) -> SchemaType {
    match format {
        Some("byte") => return SchemaType::Bytes,
        Some("date-time") => return SchemaType::Time,
        _ => {}
    }
    let values = schema
        .get("enum")
        .and_then(Value::as_array)
        .map(|l| l.iter().filter_map(Value::as_str).map(Arc::from).collect::<Arc<[Arc<str>]>>())
        .filter(|l| !l.is_empty());
    SchemaType::String { values, format: format.map(Arc::from) }
}

fn list_kind(schema: &Value) -> ListKind {
    match text(schema, "x-kubernetes-list-type") {
        Some("set") => ListKind::Set,
        Some("map") => ListKind::Map(
            schema
                .get("x-kubernetes-list-map-keys")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(Arc::from)
                .collect(),
        ),
        _ => ListKind::Atomic,
    }
}
