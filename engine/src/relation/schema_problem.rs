//! `SchemaProblem`: where an object deviates from the schema of its kind.
//!
//! Only what is certain is told. Values that stand for others (`${X}`, `{{ x }}`), ciphertext of SOPS, parts of a schema
//! that are open or not known, `status`, and partial objects of strategic merge patches are left alone; so is what an API
//! server has accepted already.

use std::sync::Arc;

use tacit_lang::schema::{KindInfo, Presence, SchemaType, Schemas, Scope, TypeId, VersionInfo, split_api_version};
use tacit_lang::types::RowType;

use super::Relation;
use crate::document::{Kind, Node, Step};
use crate::eval::{World, below};
use crate::object::{Object, Origin as ObjectOrigin};
use crate::time::parse_time;
use crate::value::{Data, Gap, Origin, Outcome, Value, read_any};

/// The relation.
pub(super) struct SchemaProblem;

impl Relation for SchemaProblem {
    fn name(&self) -> &'static str {
        "SchemaProblem"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let mut rows = Vec::new();
        for object in world.inventory.map_or(&[][..], |inventory| inventory.objects()) {
            rows.append(&mut self.rows_of(world, ty, object)?);
        }
        Ok(rows)
    }

    fn rows_of<'a>(&self, world: &World<'a>, ty: &Arc<RowType>, object: &'a Object) -> Outcome<'a, Vec<Value<'a>>> {
        let Some(kind) = object.kind.filter(|_| object.origin != ObjectOrigin::Cluster) else { return Ok(Vec::new()) };
        let info = world.schemas.kind(kind);
        let mut found = Problems { ty, object, rows: Vec::new() };
        let Some(version) = found.version(info).filter(|version| version.described) else { return Ok(found.rows) };
        let sops = object.node().document().root().get("sops").is_some();
        let walk = Walk { schemas: world.schemas, version: &version.name, partial: info.open, sops };
        walk.object(&mut found, object.node(), info.root, true);
        Ok(found.rows)
    }
}

/// The problems of one object.
struct Problems<'t, 'a> {
    ty: &'t Arc<RowType>,
    object: &'a Object,
    rows: Vec<Value<'a>>,
}

impl<'a> Problems<'_, 'a> {
    /// What is known of the version that the object is written for; a version that is not served is a problem, and then
    /// no more is said.
    fn version<'s>(&mut self, info: &'s KindInfo) -> Option<&'s VersionInfo> {
        if info.scope == Scope::File && self.object.api_version.is_empty() {
            return info.versions.first();
        }
        let (group, name) = split_api_version(&self.object.api_version);
        let version = info.version(group, name);
        if version.is_some_and(|version| version.served || info.scope == Scope::File) {
            return version;
        }
        let served: Vec<String> =
            info.versions.iter().filter(|version| version.served).map(|version| code(&version.api_version())).collect();
        // A kind that a rule file declares need not name every version.
        if !served.is_empty() && !info.open {
            let node = self.object.node();
            let expected = listed(&served);
            match node.get("apiVersion") {
                Some(at) => self.at(at, "version", expected, None),
                None => self.at(node, "version", expected, None),
            }
        }
        None
    }

    /// A problem at a node, or with what is missing below it.
    fn at(&mut self, node: Node<'a>, problem: &'static str, expected: String, missing: Option<&str>) {
        let origin = Some(Origin::new(node, Some(self.object)));
        let mut path = below(node, Some(self.object));
        let place = match missing {
            Some(field) => {
                let step = Step::Key(field.into());
                path.steps.push(step.clone());
                Value::at(Data::Missing(Gap::Steps(Arc::from([step]))), origin)
            }
            None => read_any(node, origin),
        };
        let values = vec![
            Value::object(self.object),
            place,
            Value::text(path.dotted().to_string()).with_origin(origin),
            Value::at(Data::Str(problem), origin),
            Value::text(expected).with_origin(origin),
        ];
        self.rows.push(Value::row(self.ty.clone(), values).with_origin(origin));
    }

    /// A key that no schema has.
    fn unknown(&mut self, key: Node<'a>, value: Node<'a>, expected: String) {
        let origin = Some(Origin::new(key, Some(self.object)));
        let path = below(value, Some(self.object));
        let values = vec![
            Value::object(self.object),
            Value::at(Data::Str(key.scalar_text().unwrap_or_default()), origin),
            Value::text(path.dotted().to_string()).with_origin(origin),
            Value::at(Data::Str("unknown"), origin),
            Value::text(expected).with_origin(origin),
        ];
        self.rows.push(Value::row(self.ty.clone(), values).with_origin(origin));
    }
}

/// What holds for the whole walk through an object.
struct Walk<'s> {
    schemas: &'s Schemas,
    version: &'s str,
    /// Only a part of the kind is known: unknown fields tell nothing.
    partial: bool,
    /// SOPS has encrypted the document: a value may be ciphertext.
    sops: bool,
}

impl Walk<'_> {
    fn object<'a>(&self, found: &mut Problems<'_, 'a>, node: Node<'a>, ty: TypeId, root: bool) {
        let info = self.schemas.type_info(ty);
        // A patch is a part of an object.
        if node.entries().any(|(key, ..)| key.starts_with('$')) {
            return;
        }
        for (key, key_node, value) in node.entries() {
            if root && matches!(key, "status" | "sops" | "apiVersion" | "kind") || stands_for_another(key) {
                continue;
            }
            match info.field(key) {
                Some(field) => match field.type_in(self.version) {
                    Some(ty) => self.value(found, value, ty),
                    // Tacit's own table may know more than the CRD of the input: nothing is certain then.
                    None if matches!(&field.versions, Presence::Only(versions) if !versions.is_empty())
                        && !info.open =>
                    {
                        found.unknown(key_node, value, format!("{} has no such field", self.version));
                    }
                    None => {}
                },
                None if info.open || self.partial => {}
                None => {
                    let expected = match self.schemas.nearest_field(ty, key) {
                        Some(near) => code(near),
                        None => format!("a field of {}", info.label),
                    };
                    found.unknown(key_node, value, expected);
                }
            }
        }
        for field in info.fields.iter().filter(|field| field.required_in(self.version) && field.default.is_none()) {
            let written = node.get(&field.name).is_some_and(|value| !value.is_null());
            let elsewhere = root && matches!(&*field.name, "status" | "apiVersion" | "kind" | "metadata");
            if !written && !elsewhere {
                let expected = field.type_in(self.version).map_or("a value", noun);
                found.at(node, "missing", expected.to_owned(), Some(&field.name));
            }
        }
    }

    fn value<'a>(&self, found: &mut Problems<'_, 'a>, node: Node<'a>, ty: &SchemaType) {
        if node.is_null() {
            return;
        }
        let kind = node.kind();
        let text = node.as_str();
        if text.is_some_and(|text| stands_for_another(text) || (self.sops && super::sops::is_encrypted(text))) {
            return;
        }
        let fits = match ty {
            SchemaType::Any => return,
            SchemaType::Object(ty) if kind == Kind::Map => return self.object(found, node, *ty, false),
            SchemaType::List(item) if kind == Kind::Seq => {
                return node.items().for_each(|node| self.value(found, node, item));
            }
            SchemaType::Map(value) if kind == Kind::Map => {
                return node.entries().for_each(|(_, _, node)| self.value(found, node, value));
            }
            SchemaType::Object(_) | SchemaType::List(_) | SchemaType::Map(_) => false,
            SchemaType::String { values, .. } => match (text, values) {
                (Some(text), Some(values)) => values.iter().any(|value| **value == *text),
                (text, _) => text.is_some(),
            },
            SchemaType::Int => kind == Kind::Int,
            SchemaType::Number => matches!(kind, Kind::Int | Kind::Float),
            SchemaType::Bool => kind == Kind::Bool,
            SchemaType::Bytes => text.is_some_and(|text| crate::method::base64::decode_standard(text).is_some()),
            SchemaType::Time => text.is_some_and(|text| parse_time(text).is_some()),
            SchemaType::IntOrString => matches!(kind, Kind::Int | Kind::String),
            SchemaType::Quantity => matches!(kind, Kind::Int | Kind::Float | Kind::String),
        };
        if !fits {
            let expected = match ty {
                SchemaType::String { values: Some(values), .. } => {
                    listed(&values.iter().map(|value| code(value)).collect::<Vec<_>>())
                }
                // Mostly `on`, `y`, `1.10`: plain text to whoever wrote it.
                SchemaType::String { .. } if kind == Kind::Bool => {
                    "a text, but reads as a boolean: quote it".to_owned()
                }
                SchemaType::String { .. } if matches!(kind, Kind::Int | Kind::Float) => {
                    "a text, but reads as a number: quote it".to_owned()
                }
                ty => noun(ty).to_owned(),
            };
            found.at(node, "value", expected, None);
        }
    }
}

/// True for text that something, or someone, fills in before the API server sees it: variables of Flux, templates,
/// `<your region>`.
fn stands_for_another(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| matches!(pair, b"${" | b"$(" | b"{{" | b"[[" | b"<%" | b"<<"))
        || (text.starts_with('<') && text.ends_with('>'))
}

fn noun(ty: &SchemaType) -> &'static str {
    match ty {
        SchemaType::String { .. } => "a text",
        SchemaType::Int => "a whole number",
        SchemaType::Number => "a number",
        SchemaType::Bool => "true or false",
        SchemaType::Bytes => "bytes in base64",
        SchemaType::Time => "a time as in RFC 3339",
        SchemaType::IntOrString => "a whole number or a text",
        SchemaType::Quantity => "a quantity",
        SchemaType::Any => "a value",
        SchemaType::Object(_) | SchemaType::Map(_) => "a map",
        SchemaType::List(_) => "a list",
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

/// `a`, `b` or `c`
fn listed(names: &[String]) -> String {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        names => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use crate::testkit::Case;

    const RULE: &str = r#"
rule schema-problem high "Objects are as their schemas have them"
  for p in SchemaProblem
  deny at p.node "{p.problem} {p.path}: {p.expected}"
"#;

    fn problems(manifest: &str) -> Vec<String> {
        Case::new(RULE).given(manifest).lines()
    }

    #[test]
    fn what_is_required_and_absent_points_at_its_parent() {
        let found = problems(
            "
            apiVersion: secrets.hashicorp.com/v1beta1
            kind: VaultStaticSecret
            metadata: { name: pay, namespace: shop }
            spec:
              mount: kv
              path: pay
              destination: { name: pay }
            ",
        );
        assert_eq!(found.len(), 1, "{found:#?}");
        assert!(found[0].starts_with("deny VaultStaticSecret pay spec.type (missing, at 5:"), "{found:#?}");
        assert!(
            found[0].contains(": missing spec.type: `kv-v1` or `kv-v2`")
                || found[0].ends_with("missing spec.type: a text")
        );
    }

    #[test]
    fn a_misspelt_field_names_the_nearest() {
        let found = problems(
            "
            apiVersion: v1
            kind: Secret
            metadata: { name: a }
            stringdata: { k: hunter22 }
            ",
        );
        assert_eq!(found, ["deny Secret a stringdata: unknown stringdata: `stringData`"]);
    }

    #[test]
    fn a_value_is_never_told() {
        let found = problems(
            "
            apiVersion: v1
            kind: Secret
            metadata: { name: a, labels: { tier: 3 } }
            data: { k: not-base64! }
            ",
        );
        assert_eq!(
            found,
            [
                "deny Secret a metadata.labels.tier: value metadata.labels.tier: a text, but reads as a number: quote it",
                "deny Secret a data.k: value data.k: bytes in base64",
            ]
        );
    }

    #[test]
    fn an_enumeration_lists_what_it_allows() {
        let found = problems(
            "
            apiVersion: v1
            kind: Pod
            metadata: { name: a }
            spec:
              restartPolicy: Sometimes
              containers: [{ name: a, image: a }]
            ",
        );
        assert_eq!(
            found,
            ["deny Pod a spec.restartPolicy: value spec.restartPolicy: `Always`, `Never` or `OnFailure`"]
        );
    }

    #[test]
    fn a_version_that_is_not_served_is_all_that_is_said() {
        let found = problems(
            "
            apiVersion: extensions/v1beta1
            kind: Ingress
            metadata: { name: a }
            spec: { nonsense: 1 }
            ",
        );
        assert_eq!(found, ["deny Ingress a apiVersion: version apiVersion: `networking.k8s.io/v1`"]);
    }

    #[test]
    fn variables_ciphertext_patches_and_open_parts_are_left_alone() {
        let found = problems(
            "
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: a, annotations: { owner: \"${OWNER}\" } }
            spec:
              replicas: ${REPLICAS}
              minReadySeconds: <how many>
              selector: { matchLabels: { app: a } }
              template:
                metadata: { labels: { app: a } }
                spec:
                  containers: [{ name: a, $patch: delete }]
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: b }
            data: { k: \"ENC[AES256_GCM,data:aa==,iv:aa==,tag:aa==,type:str]\" }
            sops: { mac: x }
            ---
            apiVersion: example.org/v1
            kind: Thing
            spec: { x: 1 }
            ",
        );
        assert_eq!(found, Vec::<String>::new());
    }
}
