//! `Rotation`: what the input tells about the time since a Secret last changed.
//!
//! Every bound is one that the evidence carries, no guess: the metadata of SOPS are rewritten with each change of the
//! file, the API server notes who wrote which fields and when, a certificate did not exist before its validity began, and
//! what nothing tells stays open (`at_least` zero, `at_most` missing).

use std::sync::Arc;

use tacit_lang::types::RowType;

use super::Relation;
use crate::document::{Kind, Node};
use crate::eval::World;
use crate::method::base64::decode_standard;
use crate::object::{Namespace, Object, Origin as ObjectOrigin};
use crate::time::{format_duration, parse_duration, parse_time};
use crate::value::{Data, Origin, Outcome, Value};

/// The relation.
pub(super) struct Rotation;

impl Relation for Rotation {
    fn name(&self) -> &'static str {
        "Rotation"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let mut rows = Vec::new();
        for object in world.inventory.map_or(&[][..], |inventory| inventory.objects()) {
            let Some(kind) = object.kind else { continue };
            let info = world.schemas.kind(kind);
            let found = match (&*info.group, &*info.name) {
                ("", "Secret") => Some(secret(object, world.options.now)),
                ("external-secrets.io", "ExternalSecret") => Some(external(object)),
                ("bitnami.com", "SealedSecret") => Some(Evidence::none(object.node(), "sealed-secrets")),
                ("cert-manager.io", "Certificate") => certificate(object, world.options.now),
                _ => None,
            };
            rows.extend(found.map(|evidence| row(ty, object, evidence)));
        }
        Ok(rows)
    }
}

/// What is known of one Secret.
struct Evidence<'a> {
    node: Node<'a>,
    /// The Secret, where it is not called as the object.
    name: Option<&'a str>,
    at_least: i64,
    at_most: Option<i64>,
    by: &'a str,
    told: String,
}

impl<'a> Evidence<'a> {
    fn none(node: Node<'a>, by: &'a str) -> Self {
        Evidence { node, name: None, at_least: 0, at_most: None, by, told: "nothing tells when it changed".into() }
    }
}

fn row<'a>(ty: &Arc<RowType>, object: &'a Object, evidence: Evidence<'a>) -> Value<'a> {
    let origin = Some(Origin::new(evidence.node, Some(object)));
    let whole = Some(Origin::new(object.node(), Some(object)));
    let namespace = match &object.namespace {
        Namespace::Set(name) | Namespace::Given(name) => Value::at(Data::Str(name), whole),
        Namespace::Unknown | Namespace::ClusterScoped => Value::at(Data::Unknown, whole),
    };
    let values = vec![
        Value::at(Data::Str(evidence.name.unwrap_or(&object.name)), whole),
        namespace,
        Value::object(object),
        Value::at(Data::Duration(evidence.at_least), origin),
        evidence.at_most.map_or_else(|| Value::missing_at(origin), |time| Value::at(Data::Duration(time), origin)),
        Value::at(Data::Str(evidence.by), origin),
        Value::text(evidence.told).with_origin(origin),
    ];
    Value::row(ty.clone(), values).with_origin(whole)
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn time_at(node: Node<'_>, path: &[&str]) -> Option<i64> {
    parse_time(at(node, path)?.as_str()?)
}

/// The time since an instant; nothing where it lies ahead.
fn since(now: i64, then: i64) -> Option<i64> {
    now.checked_sub(then).filter(|age| *age >= 0)
}

fn secret<'a>(object: &'a Object, now: i64) -> Evidence<'a> {
    let root = object.node();
    let own = root.get("sops").or_else(|| root.document().root().get("sops"));
    if let Some(sops) = own.filter(|sops| sops.kind() == Kind::Map) {
        let modified = sops.get("lastmodified").and_then(|node| Some((node, since(now, parse_time(node.as_str()?)?)?)));
        return match modified {
            // The file was written then; whether each value changed, it does not tell.
            Some((node, age)) => Evidence {
                node,
                name: None,
                at_least: age,
                at_most: None,
                by: "sops",
                told: "SOPS wrote the file then".into(),
            },
            None => Evidence::none(sops, "sops"),
        };
    }
    if object.origin == ObjectOrigin::Cluster
        && let Some(evidence) = written(root, now)
    {
        return seen_before(root, now, evidence);
    }
    match chain(root, now) {
        Some(evidence) => evidence,
        None => Evidence::none(root, ""),
    }
}

/// When the API server saw the data change, at the latest: the newest entry of `managedFields` that owns a key.
///
/// The time of an entry moves with every write of its manager, also one that changes a label alone. So the data have not
/// changed since; that they changed then is not certain, only that they did not exist before the object. (Source: observed
/// on Kubernetes 1.36 for updates, patches and applies.)
fn written<'a>(root: Node<'a>, now: i64) -> Option<Evidence<'a>> {
    let created = at(root, &["metadata", "creationTimestamp"])?;
    let exists = since(now, parse_time(created.as_str()?)?)?;
    let entries = at(root, &["metadata", "managedFields"]).into_iter().flat_map(Node::items);
    let of_data = entries.filter(|entry| {
        let fields = entry.get("fieldsV1");
        ["f:data", "f:stringData"].iter().any(|key| fields.is_some_and(|fields| fields.get(key).is_some()))
    });
    let newest = of_data.filter_map(|entry| Some((time_at(entry, &["time"])?, entry))).max_by_key(|(time, _)| *time);
    if let Some((time, entry)) = newest
        && let Some(age) = since(now, time)
    {
        let by = entry.get("manager").and_then(Node::as_str).unwrap_or_default();
        let told = "managedFields: whoever wrote its data last wrote it then".into();
        return Some(Evidence { node: entry, name: None, at_least: age, at_most: Some(exists), by, told });
    }
    let told = "it was created then, and no manager is recorded".into();
    Some(Evidence { node: created, name: None, at_least: 0, at_most: Some(exists), by: "", told })
}

/// What earlier runs saw: a Secret that is the same as then has not changed since, whoever wrote labels meanwhile; one whose
/// values differ has.
fn seen_before<'a>(root: Node<'a>, now: i64, mut evidence: Evidence<'a>) -> Evidence<'a> {
    let Some(history) = root.get(crate::live::HISTORY) else { return evidence };
    let age = |field: &str| since(now, time_at(history, &[field])?);
    if let Some(age) = age("unchangedSince").filter(|age| *age > evidence.at_least) {
        evidence.at_least = age;
        evidence.told = "an earlier run saw it the same".into();
        evidence.node = history;
    }
    if let Some(age) = age("changedSince")
        && evidence.at_most.is_none_or(|at_most| age < at_most)
    {
        evidence.at_most = Some(age);
        evidence.told = format!("{}; an earlier run saw other values", evidence.told);
    }
    evidence
}

/// The certificate of a TLS Secret did not exist before its validity began, so the Secret has changed since.
fn chain<'a>(root: Node<'a>, now: i64) -> Option<Evidence<'a>> {
    let from_data = at(root, &["data", "tls.crt"]).and_then(|node| {
        let bytes = decode_standard(node.as_str()?)?;
        Some((node, String::from_utf8(bytes).ok()?))
    });
    let from_text = || at(root, &["stringData", "tls.crt"]).and_then(|node| Some((node, node.as_str()?.to_owned())));
    let (node, text) = from_data.or_else(from_text)?;
    let age = since(now, crate::method::first_certificate_start(&text)?)?;
    let told = "its certificate is valid from then on".into();
    Some(Evidence { node, name: None, at_least: 0, at_most: Some(age), by: "", told })
}

/// An ExternalSecret says how often the store is asked. A generator gives a new value each time; a store need not.
fn external<'a>(object: &'a Object) -> Evidence<'a> {
    let root = object.node();
    let spec = root.get("spec").unwrap_or(root);
    let name = at(spec, &["target", "name"]).and_then(Node::as_str);
    let policy = spec.get("refreshPolicy").and_then(Node::as_str).unwrap_or("Periodic");
    let interval = spec.get("refreshInterval");
    let every = match interval {
        Some(node) => node.as_str().and_then(parse_duration),
        None => parse_duration("1h"),
    };
    let by = "external-secrets";
    let node = interval.unwrap_or(spec);
    let every = every.filter(|every| *every > 0 && policy == "Periodic");
    let Some(every) = every else {
        let told = "it is not read again by itself".into();
        return Evidence { node, name, at_least: 0, at_most: None, by, told };
    };
    let shown = format_duration(every);
    let sources = spec.get("dataFrom").into_iter().flat_map(Node::items);
    let (mut any, mut all) = (false, true);
    for source in sources {
        any = true;
        all &= at(source, &["sourceRef", "generatorRef"]).is_some();
    }
    let generated = any && all && spec.get("data").is_none_or(Node::is_empty);
    match generated {
        true => Evidence {
            node,
            name,
            at_least: 0,
            at_most: Some(every),
            by,
            told: format!("a generator makes a new value every {shown}"),
        },
        false => Evidence {
            node,
            name,
            at_least: 0,
            at_most: None,
            by,
            told: format!("it is read every {shown}; whether the store has a new value, it does not tell"),
        },
    }
}

/// cert-manager renews a certificate when its time before expiry comes. Where the key stays, the secret part does not
/// change at all.
fn certificate<'a>(object: &'a Object, now: i64) -> Option<Evidence<'a>> {
    let root = object.node();
    let spec = root.get("spec")?;
    let name = spec.get("secretName").and_then(Node::as_str)?;
    let by = "cert-manager";
    let duration = |key: &str| spec.get(key).and_then(Node::as_str).and_then(parse_duration);
    if at(spec, &["privateKey", "rotationPolicy"]).and_then(Node::as_str) == Some("Never") {
        let node = at(spec, &["privateKey", "rotationPolicy"])?;
        let told = "the private key is kept at each renewal".into();
        return Some(Evidence { node, name: Some(name), at_least: 0, at_most: None, by, told });
    }
    if let Some(node) = at(root, &["status", "notBefore"])
        && let Some(age) = node.as_str().and_then(parse_time).and_then(|then| since(now, then))
    {
        let told = "its certificate is valid from then on".into();
        return Some(Evidence { node, name: Some(name), at_least: 0, at_most: Some(age), by, told });
    }
    // The defaults of cert-manager: 90 days, renewed when two thirds are over.
    let validity = duration("duration").or_else(|| parse_duration("2160h"))?;
    let before = duration("renewBefore").unwrap_or(validity / 3);
    let every = validity.checked_sub(before).filter(|every| *every > 0)?;
    let told = format!("it is renewed every {}", format_duration(every));
    Some(Evidence { node: spec, name: Some(name), at_least: 0, at_most: Some(every), by, told })
}

#[cfg(test)]
mod tests {
    use crate::testkit::Case;

    const RULE: &str = r#"
param max_age: duration = 90d

rule secret-too-old medium "Secrets are rotated"
  for r in Rotation
  deny when r.at_least > max_age at r.object "{r.name} unchanged for {r.at_least} ({r.by}: {r.evidence})"
  undecided when r.at_least <= max_age and (r.at_most ?? max_age + 1s) > max_age "{r.name}: {r.evidence}"
"#;

    /// The kit's instant is 2026-11-24.
    fn verdicts(manifest: &str) -> Vec<String> {
        Case::new(RULE).given(manifest).lines()
    }

    #[test]
    fn sops_tells_when_it_wrote_the_file() {
        let secret = |time: &str| {
            verdicts(&format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{ name: db, namespace: shop }}\nsops: {{ lastmodified: \"{time}\", mac: x }}\n"
            ))
        };
        assert_eq!(
            secret("2026-01-28T00:00:00Z"),
            ["deny Secret db metadata.name: db unchanged for 300d (sops: SOPS wrote the file then)"]
        );
        assert_eq!(secret("2026-11-01T00:00:00Z"), ["undecided Secret db: db: SOPS wrote the file then"]);
        // A clock that runs ahead tells nothing.
        assert_eq!(secret("2027-01-01T00:00:00Z"), ["undecided Secret db: db: nothing tells when it changed"]);
    }

    #[test]
    fn a_generator_makes_new_values_and_a_store_need_not() {
        let external = |from: &str| {
            verdicts(&format!(
                "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{ name: db, namespace: shop }}\nspec: {{ refreshInterval: 24h, dataFrom: [{from}] }}\n"
            ))
        };
        assert_eq!(external("{ sourceRef: { generatorRef: { kind: Password, name: p } } }"), Vec::<String>::new());
        let found = external("{ extract: { key: k } }");
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("read every 1d") || found[0].contains("read every 24h"), "{found:#?}");
    }

    #[test]
    fn a_certificate_is_renewed_unless_its_key_stays() {
        let certificate = |spec: &str| {
            verdicts(&format!(
                "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{ name: web, namespace: shop }}\nspec: {{ secretName: web-tls, issuerRef: {{ name: a }}, {spec} }}\n"
            ))
        };
        assert_eq!(certificate("duration: 2160h, renewBefore: 720h"), Vec::<String>::new());
        assert_eq!(certificate("duration: 8760h").len(), 1, "renewed after eight months only");
        assert_eq!(
            certificate("privateKey: { rotationPolicy: Never }"),
            ["undecided Certificate web: web-tls: the private key is kept at each renewal"]
        );
    }
}
