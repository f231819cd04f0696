//! Random manifests of the kinds that programs look at: some fields left out, some null, some of a wrong shape.

use std::fmt::Write;

use crate::program::WORDS;
use crate::random::Random;

/// Kinds of the manifests, by number.
const KINDS: &[&str] = &["Pod", "Pod", "ConfigMap", "Secret", "Role", "RoleBinding", "ExternalSecret", "SecretStore"];

/// A stream of manifests, most of them of kinds that the program names.
pub fn manifests(random: &mut Random, program: &str) -> String {
    let named: Vec<usize> = (0..KINDS.len()).filter(|&kind| program.contains(&format!("in {}", KINDS[kind]))).collect();
    let mut out = String::new();
    for _ in 0..8 + random.below(12) {
        let kind = if random.once_in(3) || named.is_empty() { random.below(KINDS.len()) } else { *random.pick(&named) };
        let body = match kind {
            0 | 1 => pod(random),
            2 => format!(
                "kind: ConfigMap, apiVersion: v1{}{}",
                map(random, "data"),
                maybe(random, "immutable", &["true", "false", "7"])
            ),
            3 => format!("kind: Secret, apiVersion: v1{}", map(random, "stringData")),
            4 => format!("kind: Role, apiVersion: rbac.authorization.k8s.io/v1{}", list(random, "rules", rule)),
            5 => format!(
                "kind: RoleBinding, apiVersion: rbac.authorization.k8s.io/v1, roleRef: {{ kind: {}, name: {} }}{}",
                random.pick(&["Role", "Role", "ClusterRole", "Sort"]),
                random.pick(WORDS),
                list(random, "subjects", subject)
            ),
            6 => external(random),
            _ => format!(
                "kind: {}, apiVersion: external-secrets.io/v1",
                random.pick(&["SecretStore", "SecretStore", "ClusterSecretStore"])
            ),
        };
        let _ = writeln!(out, "---\n{{ metadata: {{ {} }}, {body} }}", metadata(random));
    }
    out
}

fn metadata(random: &mut Random) -> String {
    let mut out = format!("name: {}", random.pick(WORDS));
    // One in four states no namespace, and nobody gives it one.
    if !random.once_in(4) {
        let _ = write!(out, ", namespace: {}", random.pick(&["shop", "web", "db"]));
    }
    if random.once_in(2) {
        out.push_str(&map(random, "labels"));
    }
    out
}

/// A field that may be left out, may be null, and has one of these values.
fn maybe(random: &mut Random, field: &str, values: &[&str]) -> String {
    match random.below(12) {
        0..3 => String::new(),
        3 if random.once_in(2) => format!(", {field}: null"),
        _ => format!(", {field}: {}", random.pick(values)),
    }
}

fn text(random: &mut Random, field: &str) -> String {
    let wrong = if random.once_in(30) { "7" } else { random.pick(WORDS) };
    maybe(random, field, &[wrong, random_word(wrong)])
}

fn random_word(word: &str) -> &str {
    if word == "7" { "{}" } else { word }
}

fn map(random: &mut Random, field: &str) -> String {
    let entries: Vec<String> =
        (0..random.below(4)).map(|_| format!("{}: {}", random.pick(WORDS), random.pick(WORDS))).collect();
    // Keys must differ.
    let mut seen = std::collections::BTreeSet::new();
    let entries: Vec<String> =
        entries.into_iter().filter(|entry| seen.insert(entry.split(':').next().map(str::to_owned))).collect();
    let value = format!("{{ {} }}", entries.join(", "));
    maybe(random, field, &[&value])
}

fn texts(random: &mut Random, field: &str) -> String {
    let items: Vec<&str> =
        (0..random.below(4)).map(|_| if random.once_in(40) { "7" } else { *random.pick(WORDS) }).collect();
    let value = format!("[{}]", items.join(", "));
    maybe(random, field, &[&value])
}

fn list(random: &mut Random, field: &str, item: fn(&mut Random) -> String) -> String {
    let items: Vec<String> = (0..random.below(4))
        .map(|_| {
            if random.once_in(40) {
                "word".to_owned()
            } else {
                format!("{{ {} }}", item(random).trim_start_matches(", "))
            }
        })
        .collect();
    let value = format!("[{}]", items.join(", "));
    maybe(random, field, &[&value])
}

fn pod(random: &mut Random) -> String {
    let mut spec = list(random, "containers", container);
    spec.push_str(&list(random, "initContainers", container));
    spec.push_str(&maybe(random, "hostNetwork", &["true", "false", "word"]));
    spec.push_str(&maybe(random, "priority", &["0", "1", "2", "word", "9223372036854775807"]));
    spec.push_str(&text(random, "nodeName"));
    spec.push_str(&map(random, "nodeSelector"));
    format!("kind: Pod, apiVersion: v1, spec: {{ {} }}", spec.trim_start_matches(", "))
}

fn container(random: &mut Random) -> String {
    let mut out = text(random, "name");
    out.push_str(&text(random, "image"));
    out.push_str(&texts(random, "command"));
    out.push_str(&texts(random, "args"));
    out.push_str(&list(random, "env", variable));
    if random.once_in(2) {
        let inner =
            maybe(random, "privileged", &["true", "false", "word"]) + &maybe(random, "runAsUser", &["0", "1", "word"]);
        let _ = write!(out, ", securityContext: {{ {} }}", inner.trim_start_matches(", "));
    }
    out
}

fn variable(random: &mut Random) -> String {
    let mut out = text(random, "name");
    out.push_str(&text(random, "value"));
    if random.once_in(2) {
        let inner = text(random, "name") + &text(random, "key");
        let _ = write!(out, ", valueFrom: {{ secretKeyRef: {{ {} }} }}", inner.trim_start_matches(", "));
    }
    out
}

fn rule(random: &mut Random) -> String {
    texts(random, "verbs") + &texts(random, "resources") + &texts(random, "resourceNames")
}

fn subject(random: &mut Random) -> String {
    text(random, "name") + &text(random, "namespace")
}

fn external(random: &mut Random) -> String {
    let store = |random: &mut Random| {
        let inner = text(random, "name") + &maybe(random, "kind", &["SecretStore", "ClusterSecretStore"]);
        format!("{{ {} }}", inner.trim_start_matches(", "))
    };
    let first = store(random);
    let mut spec = maybe(random, "secretStoreRef", &[&first]);
    spec.push_str(&list(random, "data", |random| {
        let inner = text(random, "name") + &maybe(random, "kind", &["SecretStore", "ClusterSecretStore"]);
        let store = format!("{{ storeRef: {{ {} }} }}", inner.trim_start_matches(", "));
        let remote = format!("{{ {} }}", text(random, "property").trim_start_matches(", "));
        text(random, "secretKey") + &maybe(random, "sourceRef", &[&store]) + &maybe(random, "remoteRef", &[&remote])
    }));
    spec.push_str(&maybe(random, "refreshInterval", &["1h0m0s", "1m", "web"]));
    if random.once_in(2) {
        let _ = write!(spec, ", target: {{ {} }}", text(random, "name").trim_start_matches(", "));
    }
    format!("kind: ExternalSecret, apiVersion: external-secrets.io/v1, spec: {{ {} }}", spec.trim_start_matches(", "))
}
