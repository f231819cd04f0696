//! Paths that rules are known to need resolve in the shipped schemas. The list beside this file states them, and for
//! each the type the projects document; nothing in it was taken from the tables.

use tacit_lang::schema::{SchemaType, Schemas};

/// One line of `data/schema-paths.txt`: `group Kind path type`, the core group as `-`.
fn lines() -> impl Iterator<Item = (&'static str, &'static str, &'static str, &'static str)> {
    include_str!("data/schema-paths.txt").lines().filter(|l| !l.starts_with('#') && !l.is_empty()).map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [group, kind, path, ty] = words[..] else { panic!("not `group Kind path type`: {line}") };
        (if group == "-" { "" } else { group }, kind, path, ty)
    })
}

fn matches(documented: &str, ty: &SchemaType) -> bool {
    match (documented, ty) {
        // An open part of a table says nothing against any type.
        (_, SchemaType::Any) => true,
        ("string", SchemaType::String { .. }) => true,
        ("int", SchemaType::Int) => true,
        ("bool", SchemaType::Bool) => true,
        ("time", SchemaType::Time) => true,
        ("base64", SchemaType::Bytes) => true,
        ("int|string", SchemaType::IntOrString) => true,
        ("object", SchemaType::Object(_)) => true,
        (map, SchemaType::Map(item)) => match map.strip_prefix("map<").and_then(|m| m.strip_suffix('>')) {
            Some("array") => matches!(**item, SchemaType::List(_)),
            Some(inner) => matches(inner, item),
            None => false,
        },
        (list, SchemaType::List(item)) => {
            list.strip_prefix("list<").and_then(|l| l.strip_suffix('>')).is_some_and(|l| matches(l, item))
        }
        _ => false,
    }
}

#[test]
fn every_documented_path_resolves_with_its_type() {
    let schemas = Schemas::builtin();
    let mut wrong = Vec::new();
    let mut count = 0;
    for (group, kind, path, ty) in lines() {
        count += 1;
        let Some(id) = schemas.kind_of(group, kind) else {
            wrong.push(format!("no kind {group}/{kind}"));
            continue;
        };
        match schemas.type_at(schemas.kind(id).root, path) {
            Ok(found) if matches(ty, &found) => {}
            Ok(found) => wrong.push(format!("{kind} {path} is {found:?}, documented as {ty}")),
            Err(problem) => wrong.push(format!("{kind} {path} is unknown (step {})", problem.step)),
        }
    }
    assert!(count > 150, "the list is short: {count} lines");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A wrong step must be noticed, or the test above could not fail.
#[test]
fn a_misspelt_path_does_not_resolve() {
    let schemas = Schemas::builtin();
    for (group, kind, path, step) in [
        ("external-secrets.io", "ExternalSecret", "spec.secretStoreReference.name", 1),
        ("secrets.hashicorp.com", "VaultStaticSecret", "spec.destination.nam", 2),
        ("bitnami.com", "SealedSecret", "spec.encryptedData[]", 1),
        ("", "Pod", "spec.containers.name", 2),
    ] {
        let id = schemas.kind_of(group, kind).expect(kind);
        let problem = schemas.type_at(schemas.kind(id).root, path).expect_err(path);
        assert_eq!(problem.step, step, "{kind} {path}");
    }
}
