//! The shipped table has exactly the field paths of the API server's own OpenAPI documents, for each built-in kind in
//! each version.
//!
//! `data/openapi-paths.txt` holds what was counted in the documents of a server, so that the comparison always runs.
//! With `TACIT_OPENAPI=DIR` (saved by `tests/cluster/openapi.sh` from a server with every API on) the documents are
//! counted again and the paths compared one by one; `TACIT_PIN=1` then writes the file anew. Nothing here shares code
//! with the generator of the table.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use tacit_lang::schema::{Origin, Schemas};

/// Group, version and kind, and its field paths.
type Paths = BTreeMap<(String, String, String), BTreeSet<String>>;

fn of_table() -> Paths {
    let schemas = Schemas::builtin();
    let mut found = Paths::new();
    for id in schemas.kinds() {
        let kind = schemas.kind(id);
        for version in kind.versions.iter().filter(|v| kind.origin == Origin::BuiltIn && v.described) {
            let paths = schemas.field_paths_in(id, &version.name).into_iter().map(|p| p.path).collect();
            found.insert((kind.group.to_string(), version.name.to_string(), kind.name.to_string()), paths);
        }
    }
    found
}

/// The paths below each kind that discovery lists, read off the documents.
fn of_documents(dir: &Path) -> Paths {
    let mut schemas = BTreeMap::new();
    for entry in std::fs::read_dir(dir).expect("TACIT_OPENAPI is a folder").flatten() {
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.starts_with("api_") || name.starts_with("apis_") {
            let document = json(&entry.path());
            let components = document["components"]["schemas"].as_object().expect("component schemas");
            schemas.extend(components.iter().map(|(k, v)| (k.clone(), v.clone())));
        }
    }
    let mut found = Paths::new();
    for file in ["discovery_core.json", "discovery_apis.json"] {
        for group in json(&dir.join(file))["items"].as_array().expect("groups") {
            let name = group["metadata"]["name"].as_str().unwrap_or_default();
            for version in group["versions"].as_array().expect("versions") {
                for resource in version["resources"].as_array().expect("resources") {
                    let version = version["version"].as_str().expect("version");
                    let kind = resource["responseKind"]["kind"].as_str().expect("kind");
                    let root = schemas.values().find(|s| is_kind(s, name, version, kind)).expect("root schema");
                    let mut paths = BTreeSet::new();
                    descend(&schemas, root, "", &mut Vec::new(), &mut paths);
                    found.insert((name.into(), version.into(), kind.into()), paths);
                }
            }
        }
    }
    found
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a saved document")).expect("JSON")
}

fn is_kind(schema: &Value, group: &str, version: &str, kind: &str) -> bool {
    let of = |gvk: &Value| gvk["group"] == group && gvk["version"] == version && gvk["kind"] == kind;
    schema["x-kubernetes-group-version-kind"].as_array().is_some_and(|list| list.iter().any(of))
}

/// Adds the paths of a schema's properties. A schema inside itself is not entered again.
fn descend(
    all: &BTreeMap<String, Value>,
    schema: &Value,
    prefix: &str,
    above: &mut Vec<String>,
    out: &mut BTreeSet<String>,
) {
    let reference = schema["$ref"].as_str().or_else(|| schema["allOf"][0]["$ref"].as_str());
    if let Some(name) = reference.and_then(|r| r.rsplit('/').next()) {
        if !above.iter().any(|a| a == name) {
            above.push(name.to_owned());
            descend(all, &all[name], prefix, above, out);
            above.pop();
        }
    } else if let Some(properties) = schema["properties"].as_object() {
        for (name, property) in properties {
            let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            out.insert(path.clone());
            descend(all, property, &path, above, out);
        }
    } else if schema["items"].is_object() {
        descend(all, &schema["items"], &format!("{prefix}[]"), above, out);
    } else if schema["additionalProperties"].is_object() {
        descend(all, &schema["additionalProperties"], &format!("{prefix}{{}}"), above, out);
    }
}

fn pinned() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/openapi-paths.txt")
}

/// A number that changes with any path, so that equal counts of other paths are noticed (FNV-1a).
fn digest(paths: &BTreeSet<String>) -> u64 {
    let bytes = paths.iter().flat_map(|p| p.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn summary(paths: &Paths) -> String {
    let mut text = String::from(
        "# Field paths of each built-in kind, counted in the OpenAPI v3 documents of Kubernetes v1.36.3 with every API on.\n\
         # group version kind paths digest\n",
    );
    for ((group, version, kind), paths) in paths {
        let group = if group.is_empty() { "-" } else { group };
        writeln!(text, "{group} {version} {kind} {} {:016x}", paths.len(), digest(paths)).expect("memory");
    }
    text
}

#[test]
fn every_built_in_kind_has_the_paths_that_a_server_counted() {
    let expected = std::fs::read_to_string(pinned()).expect("data/openapi-paths.txt");
    let found = summary(&of_table());
    let expected: BTreeSet<&str> = expected.lines().filter(|l| !l.starts_with('#')).collect();
    let found: BTreeSet<&str> = found.lines().filter(|l| !l.starts_with('#')).collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let extra: Vec<_> = found.difference(&expected).collect();
    assert!(expected.len() > 70, "only {} kinds are pinned", expected.len());
    assert!(missing.is_empty() && extra.is_empty(), "a server has {missing:#?}\nthe table has {extra:#?}");
}

#[test]
#[ignore = "needs TACIT_OPENAPI, the folder that `tests/cluster/openapi.sh` fills"]
fn every_path_is_in_the_documents_of_a_server() {
    let dir = std::env::var_os("TACIT_OPENAPI").map(PathBuf::from).expect("TACIT_OPENAPI names a folder of documents");
    let documents = of_documents(&dir);
    if std::env::var_os("TACIT_PIN").is_some() {
        std::fs::write(pinned(), summary(&documents)).expect("data/openapi-paths.txt can be written");
    }
    let table = of_table();
    assert_eq!(
        table.keys().collect::<Vec<_>>(),
        documents.keys().collect::<Vec<_>>(),
        "the table and the server have different kinds"
    );
    for (kind, paths) in &documents {
        let missing: Vec<_> = paths.difference(&table[kind]).take(10).collect();
        let extra: Vec<_> = table[kind].difference(paths).take(10).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{kind:?}: the table lacks {missing:?}, and has {extra:?}");
    }
}
