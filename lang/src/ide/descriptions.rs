//! What CustomResourceDefinitions say of kinds and fields, for whoever writes rules about them.
//!
//! The schemas themselves carry no texts: a check needs none.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

/// Schemas are nested less deep than this; beyond, nobody reads.
const MAX_DEPTH: usize = 96;

/// Texts by the label of a type and the name of a field, as hovers show them: `ExternalSecret.spec.target`.
#[derive(Debug, Default)]
pub struct Descriptions {
    texts: HashMap<Box<str>, Arc<str>>,
}

impl Descriptions {
    /// Takes the texts of a CustomResourceDefinition, given as its tree. `label` is the name that its kind has in rules. Of
    /// several versions that which is stored counts first.
    pub fn add_crd(&mut self, label: &str, crd: &Value) {
        let Some(spec) = crd.get("spec") else { return };
        let versions = || spec.get("versions").and_then(Value::as_array).into_iter().flatten();
        let stored = |version: &&Value| version.get("storage").and_then(Value::as_bool) == Some(true);
        let schema = |version: &'_ Value| version.pointer("/schema/openAPIV3Schema").cloned();
        let all = versions().filter(stored).chain(versions().filter(|version| !stored(version)));
        let shared = spec.pointer("/validation/openAPIV3Schema").cloned();
        for schema in all.filter_map(schema).chain(shared) {
            self.add(label, &schema, 0);
        }
    }

    fn add(&mut self, label: &str, schema: &Value, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        if let Some(text) = schema.get("description").and_then(Value::as_str).filter(|text| !text.is_empty()) {
            self.texts.entry(label.into()).or_insert_with(|| text.into());
        }
        for (name, property) in schema.get("properties").and_then(Value::as_object).into_iter().flat_map(Map::iter) {
            self.add(&format!("{label}.{name}"), property, depth + 1);
        }
        if let Some(items) = schema.get("items") {
            self.add(&format!("{label}[]"), items, depth + 1);
        }
        if let Some(values @ Value::Object(_)) = schema.get("additionalProperties") {
            self.add(&format!("{label}{{}}"), values, depth + 1);
        }
    }

    /// What is said of a kind.
    pub fn kind(&self, label: &str) -> Option<&Arc<str>> {
        self.texts.get(label)
    }

    /// What is said of a field of a type.
    pub fn field(&self, label: &str, field: &str) -> Option<&Arc<str>> {
        self.texts.get(format!("{label}.{field}").as_str())
    }

    /// True where nothing is said.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
