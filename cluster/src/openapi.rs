//! The structure of custom kinds, as the server's OpenAPI documents tell it: everybody may read those, where
//! CustomResourceDefinitions take a right.

use std::collections::BTreeMap;

use kube::Client;
use serde_json::{Value, json};
use tacit_lang::schema::Schemas;

use crate::discovery::{Resource, Served};
use crate::http::get;

/// Adds the custom kinds of a cluster that are wanted by name. What cannot be read is told.
pub(crate) async fn learn(
    client: &Client,
    served: &Served,
    wanted: &dyn Fn(&str) -> bool,
    schemas: &mut Schemas,
) -> Vec<String> {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Resource>> = BTreeMap::new();
    for resource in served.resources().filter(|resource| !resource.group.is_empty() && wanted(&resource.kind)) {
        let known = schemas.kind_of(&resource.group, &resource.kind);
        if !known.is_some_and(|kind| schemas.kind(kind).is_builtin()) {
            kinds.entry((&resource.group, &resource.kind)).or_default().push(resource);
        }
    }
    let mut problems = Vec::new();
    for ((group, kind), resources) in kinds {
        let mut versions = Vec::new();
        for (at, resource) in resources.iter().enumerate() {
            let path = format!("/openapi/v3/apis/{group}/{}", resource.version);
            let body = get(client, &path, "application/json").await;
            let document = body.ok().and_then(|body| serde_json::from_slice::<Value>(&body).ok());
            match document.as_ref().and_then(|document| schema(document, resource)) {
                Some(schema) => versions.push(json!({
                    "name": resource.version,
                    "served": true,
                    "storage": at == 0,
                    "schema": { "openAPIV3Schema": schema },
                })),
                None => problems.push(format!("the fields of {kind} are not known: {path} does not tell them")),
            }
        }
        let Some(resource) = resources.first().filter(|_| !versions.is_empty()) else { continue };
        let definition = json!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "spec": {
                "group": group,
                "names": { "kind": kind, "plural": resource.plural },
                "scope": if resource.namespaced { "Namespaced" } else { "Cluster" },
                "versions": versions,
            },
        });
        if let Err(problem) = schemas.add_crd(&definition) {
            problems.push(format!("the fields of {kind} are not known: {problem}"));
        }
    }
    problems
}

/// The schema of a kind, without the parts that every object has: those are references to other documents.
fn schema(document: &Value, resource: &Resource) -> Option<Value> {
    let schemas = document.pointer("/components/schemas")?.as_object()?;
    let is_it = |schema: &&Value| {
        let names = schema.get("x-kubernetes-group-version-kind").and_then(Value::as_array);
        names.into_iter().flatten().any(|name| {
            name["group"] == *resource.group && name["version"] == *resource.version && name["kind"] == *resource.kind
        })
    };
    let mut schema = schemas.values().find(is_it)?.clone();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.retain(|name, _| !matches!(name.as_str(), "apiVersion" | "kind" | "metadata"));
    }
    Some(schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_group_version_and_kind() {
        let document = json!({ "components": { "schemas": {
            "org.example.v1.WidgetList": { "x-kubernetes-group-version-kind": [{ "group": "example.org", "version": "v1", "kind": "WidgetList" }] },
            "org.example.v1.Widget": {
                "type": "object",
                "properties": { "metadata": { "$ref": "#/x" }, "spec": { "type": "object" } },
                "x-kubernetes-group-version-kind": [{ "group": "example.org", "version": "v1", "kind": "Widget" }],
            },
        } } });
        let resource = Resource {
            group: "example.org".into(),
            version: "v1".into(),
            kind: "Widget".into(),
            plural: "widgets".into(),
            namespaced: true,
            listable: true,
        };
        let found = schema(&document, &resource).unwrap();
        assert_eq!(found["properties"], json!({ "spec": { "type": "object" } }));
    }
}
