//! A folder of saved documents: `/openapi/v3/...` of each group version, and discovery.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// What a server says of itself.
pub struct Documents {
    /// `v1.36.3`.
    pub release: String,
    /// Component schemas by their full name (`io.k8s.api.core.v1.Pod`).
    pub schemas: BTreeMap<String, Value>,
    /// Every resource that is no subresource, in each version.
    pub kinds: Vec<Resource>,
}

/// One resource in one version.
#[derive(Clone, PartialEq, Eq)]
pub struct Resource {
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub short_names: Vec<String>,
    pub namespaced: bool,
    /// The version that the server lists first.
    pub preferred: bool,
}

impl Documents {
    pub fn read(dir: &Path) -> Result<Documents, String> {
        let mut schemas = BTreeMap::new();
        let entries = std::fs::read_dir(dir).map_err(|e| format!("cannot read `{}`: {e}", dir.display()))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("api_") || name.starts_with("apis_") {
                let document = json(&entry.path())?;
                let found = document.pointer("/components/schemas").and_then(Value::as_object);
                schemas.extend(found.into_iter().flat_map(Map::clone));
            }
        }
        if schemas.is_empty() {
            return Err(format!("`{}` holds no OpenAPI documents", dir.display()));
        }
        let mut kinds = Vec::new();
        for file in ["discovery_core.json", "discovery_apis.json"] {
            resources(&json(&dir.join(file))?, &mut kinds);
        }
        let version = json(&dir.join("version.json"))?;
        let release = version.get("gitVersion").and_then(Value::as_str).unwrap_or("unknown").to_owned();
        Ok(Documents { release, schemas, kinds })
    }

    /// The full name of the schema of a kind's objects.
    pub fn root_of(&self, resource: &Resource) -> Option<&str> {
        let is = |gvk: &Value| {
            text(gvk, "group") == resource.group
                && text(gvk, "version") == resource.version
                && text(gvk, "kind") == resource.kind
        };
        let mut found = self.schemas.iter().filter(|(_, s)| {
            s.get("x-kubernetes-group-version-kind").and_then(Value::as_array).is_some_and(|l| l.iter().any(is))
        });
        found.next().map(|(name, _)| name.as_str())
    }
}

fn resources(discovery: &Value, kinds: &mut Vec<Resource>) {
    for group in list(discovery, "items") {
        let name = group.pointer("/metadata/name").and_then(Value::as_str).unwrap_or_default();
        for (n, version) in list(group, "versions").iter().enumerate() {
            for resource in list(version, "resources") {
                let kind = resource.pointer("/responseKind/kind").and_then(Value::as_str).unwrap_or_default();
                kinds.push(Resource {
                    group: name.to_owned(),
                    version: text(version, "version").to_owned(),
                    kind: kind.to_owned(),
                    plural: text(resource, "resource").to_owned(),
                    short_names: list(resource, "shortNames")
                        .iter()
                        .filter_map(Value::as_str)
                        .map(str::to_owned)
                        .collect(),
                    namespaced: text(resource, "scope") == "Namespaced",
                    preferred: n == 0,
                });
            }
        }
    }
}

/// The text at a key, or the empty one.
pub fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The list at a key, or the empty one.
pub fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn json(path: &Path) -> Result<Value, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("cannot read `{}`: {e}", path.display()))?;
    serde_json::from_slice(&bytes).map_err(|e| format!("`{}` is no JSON: {e}", path.display()))
}
