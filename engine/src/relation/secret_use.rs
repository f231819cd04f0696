//! `SecretUse`: each place that consumes a Secret.
//!
//! Pods, ServiceAccounts and Ingresses have their own forms. Most other kinds write a reference as a map with `name` (and
//! mostly `key`) under a field that ends in `SecretRef`, so one walk through the parts of their specification that can
//! hold such fields finds them all. Source: the fields of the kinds' schemas.

use std::sync::Arc;

use tacit_lang::schema::KindInfo;
use tacit_lang::types::RowType;

use super::Relation;
use crate::document::{Kind, Node};
use crate::eval::World;
use crate::object::{Namespace, Object};
use crate::value::{Data, Origin, Outcome, Value, read_any};

/// The relation.
pub(super) struct SecretUse;

impl Relation for SecretUse {
    fn name(&self) -> &'static str {
        "SecretUse"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let Some(inventory) = world.inventory else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for object in inventory.objects() {
            let Some(kind) = object.kind else { continue };
            // What a controller made of an object uses nothing that the object does not.
            if inventory.controlled(object) {
                continue;
            }
            rows.extend(uses(object, world.schemas.kind(kind)).iter().map(|used| row(ty, object, used)));
        }
        Ok(rows)
    }
}

/// A reference to a Secret.
struct Use<'a> {
    /// The map or text that refers.
    node: Node<'a>,
    container: Option<Node<'a>>,
    via: &'static str,
    name: &'a str,
    namespace: In<'a>,
    key: Option<Node<'a>>,
    optional: Option<Node<'a>>,
}

/// The namespace that a reference reaches into.
enum In<'a> {
    /// That of the object which refers.
    Own,
    /// A stated one.
    Stated(Node<'a>),
    /// A part of the text of the reference, `namespace/name`.
    Part(Node<'a>, &'a str),
}

fn row<'a>(ty: &Arc<RowType>, object: &'a Object, used: &Use<'a>) -> Value<'a> {
    let at = |node| Some(Origin::new(node, Some(object)));
    let origin = at(used.node);
    let text = |node: Option<Node<'a>>| match node.and_then(|node| Some((node, node.scalar_text()?))) {
        Some((node, text)) => Value::at(Data::Str(text), at(node)),
        None => Value::missing_at(origin),
    };
    let namespace = match used.namespace {
        In::Stated(node) => text(Some(node)),
        In::Part(node, text) => Value::at(Data::Str(text), at(node)),
        In::Own => match &object.namespace {
            Namespace::Set(name) | Namespace::Given(name) => Value::at(Data::Str(name), origin),
            // A store or issuer for the whole cluster looks where the object is that uses it.
            Namespace::Unknown | Namespace::ClusterScoped => Value::at(Data::Unknown, origin),
        },
    };
    let values = vec![
        Value::object(object),
        read_any(used.node, origin),
        text(used.container),
        Value::at(Data::Str(used.via), origin),
        Value::at(Data::Str(used.name), origin),
        namespace,
        text(used.key),
        Value::at(Data::Bool(used.optional.and_then(Node::as_bool).unwrap_or_default()), origin),
    ];
    Value::row(ty.clone(), values).with_origin(origin)
}

/// The references of one object, in the order of its fields.
fn uses<'a>(object: &'a Object, info: &KindInfo) -> Vec<Use<'a>> {
    let mut found = Uses(Vec::new());
    let root = object.node();
    let spec = root.get("spec");
    if let Some((pod, meta)) = pod(root, &info.group, &info.name) {
        found.pod(pod, meta);
    }
    match (&*info.group, &*info.name) {
        ("", "ServiceAccount") => {
            found.named(items(root, "secrets"), "token");
            found.named(items(root, "imagePullSecrets"), "imagePullSecret");
        }
        ("", "PersistentVolume") => found.references(spec, "storage"),
        ("networking.k8s.io", "Ingress") => {
            found.fields(at(root, &["spec", "tls"]), "secretName", "tls");
            found.annotations(
                root.get("metadata"),
                &[
                    ("nginx.ingress.kubernetes.io/auth-secret", "auth"),
                    ("nginx.ingress.kubernetes.io/auth-tls-secret", "tls"),
                    ("nginx.ingress.kubernetes.io/proxy-ssl-secret", "tls"),
                ],
            );
        }
        ("gateway.networking.k8s.io", "Gateway") => {
            for listener in items_at(root, &["spec", "listeners"]) {
                let certificates = listener.get("tls").into_iter().flat_map(|tls| items(tls, "certificateRefs"));
                let secrets = certificates.filter(|certificate| {
                    certificate.get("kind").and_then(Node::as_str).is_none_or(|kind| kind == "Secret")
                });
                found.named(secrets, "tls");
            }
        }
        ("networking.istio.io", "Gateway") => {
            for server in items_at(root, &["spec", "servers"]) {
                found.field(server.get("tls"), "credentialName", "tls");
            }
        }
        ("traefik.io", "IngressRoute") => found.field(at(root, &["spec", "tls"]), "secretName", "tls"),
        ("projectcontour.io", "HTTPProxy") => {
            found.field(at(root, &["spec", "virtualhost", "tls"]), "secretName", "tls");
        }
        ("external-secrets.io", "ExternalSecret") => found.templates(at(root, &["spec", "target", "template"])),
        ("external-secrets.io", "ClusterExternalSecret") => {
            found.templates(at(root, &["spec", "externalSecretSpec", "target", "template"]));
        }
        ("external-secrets.io", "PushSecret") => {
            found.named(at(root, &["spec", "selector", "secret"]), "push");
            found.templates(at(root, &["spec", "template"]));
        }
        ("external-secrets.io", "SecretStore" | "ClusterSecretStore")
        | ("generators.external-secrets.io", _)
        | ("secrets.hashicorp.com", "VaultConnection" | "VaultAuth" | "VaultAuthGlobal" | "HCPAuth")
        | ("source.toolkit.fluxcd.io" | "notification.toolkit.fluxcd.io" | "image.toolkit.fluxcd.io", _) => {
            found.references(spec, "auth");
        }
        ("cert-manager.io", "Issuer" | "ClusterIssuer") => {
            found.field(at(root, &["spec", "ca"]), "secretName", "ca");
            // The account key of ACME is made, not read.
            let parts = spec.into_iter().flat_map(Node::entries).filter(|(key, ..)| *key != "acme");
            parts.for_each(|(_, _, part)| found.references(Some(part), "auth"));
            for (key, _, part) in at(root, &["spec", "acme"]).into_iter().flat_map(Node::entries) {
                if key != "privateKeySecretRef" {
                    found.references(Some(part), "auth");
                }
            }
        }
        ("cert-manager.io", "Certificate") => found.references(at(root, &["spec", "keystores"]), "keystore"),
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            found.named(at(root, &["spec", "decryption", "secretRef"]), "decryption");
            found.named(at(root, &["spec", "kubeConfig", "secretRef"]), "kubeconfig");
            found.of_kind_secret(items_at(root, &["spec", "postBuild", "substituteFrom"]), "substitute");
        }
        ("helm.toolkit.fluxcd.io", "HelmRelease") => {
            found.of_kind_secret(items_at(root, &["spec", "valuesFrom"]), "values");
            found.named(at(root, &["spec", "kubeConfig", "secretRef"]), "kubeconfig");
            found.named(at(root, &["spec", "chart", "spec", "verify", "secretRef"]), "verify");
        }
        ("monitoring.coreos.com", _) => {
            found.references(spec, "auth");
            found.field(spec, "configSecret", "configuration");
        }
        ("keda.sh", "TriggerAuthentication" | "ClusterTriggerAuthentication") => {
            found.named(items_at(root, &["spec", "secretTargetRef"]), "auth");
        }
        _ => {}
    }
    found.0
}

/// The specification of the pods that an object makes, and their metadata.
fn pod<'a>(root: Node<'a>, group: &str, kind: &str) -> Option<(Node<'a>, Option<Node<'a>>)> {
    let template = match (group, kind) {
        ("", "Pod") => Some(root),
        ("", "PodTemplate") => root.get("template"),
        ("batch", "CronJob") => at(root, &["spec", "jobTemplate", "spec", "template"]),
        ("keda.sh", "ScaledJob") => at(root, &["spec", "jobTargetRef", "template"]),
        ("", "ReplicationController")
        | ("apps", "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet")
        | ("batch", "Job")
        | ("argoproj.io", "Rollout")
        | ("apps.openshift.io", "DeploymentConfig")
        | ("serving.knative.dev", "Service" | "Configuration") => at(root, &["spec", "template"]),
        _ => None,
    }?;
    Some((template.get("spec")?, template.get("metadata")))
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn items<'a>(node: Node<'a>, key: &str) -> impl Iterator<Item = Node<'a>> + use<'a> {
    node.get(key).into_iter().flat_map(Node::items)
}

fn items_at<'a>(node: Node<'a>, path: &[&str]) -> impl Iterator<Item = Node<'a>> + use<'a> {
    at(node, path).into_iter().flat_map(Node::items)
}

/// Collects references.
struct Uses<'a>(Vec<Use<'a>>);

impl<'a> Uses<'a> {
    /// A map with the field `name` (or another), and perhaps `namespace`, `key` and `optional`.
    fn reference(&mut self, node: Node<'a>, field: &str, via: &'static str, container: Option<Node<'a>>) {
        let Some(name) = node.get(field).and_then(Node::as_str).filter(|name| !name.is_empty()) else { return };
        self.0.push(Use {
            node,
            container,
            via,
            name,
            namespace: node.get("namespace").filter(|node| node.as_str().is_some()).map_or(In::Own, In::Stated),
            key: node.get("key"),
            optional: node.get("optional"),
        });
    }

    fn named(&mut self, nodes: impl IntoIterator<Item = Node<'a>>, via: &'static str) {
        nodes.into_iter().for_each(|node| self.reference(node, "name", via, None));
    }

    /// References that can be to a ConfigMap, too.
    fn of_kind_secret(&mut self, nodes: impl IntoIterator<Item = Node<'a>>, via: &'static str) {
        for node in nodes.into_iter().filter(|node| node.get("kind").and_then(Node::as_str) == Some("Secret")) {
            self.reference(node, "name", via, None);
            if let Some(used) = self.0.last_mut().filter(|used| used.node == node) {
                used.key = node.get("valuesKey");
            }
        }
    }

    /// A text that is the name, in each item of a list.
    fn fields(&mut self, list: Option<Node<'a>>, field: &str, via: &'static str) {
        list.into_iter().flat_map(Node::items).for_each(|item| self.field(Some(item), field, via));
    }

    /// A text that is the name.
    fn field(&mut self, holder: Option<Node<'a>>, field: &str, via: &'static str) {
        if let Some(node) = holder.and_then(|holder| holder.get(field)) {
            self.text(node, via);
        }
    }

    fn text(&mut self, node: Node<'a>, via: &'static str) {
        let Some(name) = node.as_str().filter(|name| !name.is_empty()) else { return };
        let (namespace, name) = match name.split_once('/') {
            Some((namespace, name)) => (In::Part(node, namespace), name),
            None => (In::Own, name),
        };
        self.0.push(Use { node, container: None, via, name, namespace, key: None, optional: None });
    }

    fn annotations(&mut self, meta: Option<Node<'a>>, names: &[(&str, &'static str)]) {
        let annotations = meta.and_then(|meta| meta.get("annotations"));
        for (name, via) in names {
            if let Some(node) = annotations.and_then(|annotations| annotations.get(name)) {
                self.text(node, via);
            }
        }
    }

    /// Secrets that External Secrets reads templates from.
    fn templates(&mut self, template: Option<Node<'a>>) {
        let from = template.into_iter().flat_map(|template| items(template, "templateFrom"));
        self.named(from.filter_map(|from| from.get("secret")), "template");
    }

    /// Every reference below a node: fields that end in `SecretRef`, and maps with a name and a key that do not say that
    /// they are something else.
    fn references(&mut self, node: Option<Node<'a>>, via: &'static str) {
        let Some(node) = node else { return };
        if node.kind() == Kind::Seq {
            node.items().for_each(|item| self.references(Some(item), via));
        }
        for (key, _, value) in node.entries() {
            let of_secret = key == "secretRef" || key.ends_with("SecretRef");
            match value.kind() {
                Kind::String if of_secret => self.text(value, via),
                Kind::Map => {
                    let is_text = |field: &str| value.get(field).and_then(Node::as_str).is_some();
                    let other = ["configMap", "ConfigMap", "serviceAccount", "ServiceAccount"];
                    let other = other.iter().any(|part| key.contains(part))
                        || ["type", "kind"]
                            .iter()
                            .any(|field| value.get(field).and_then(Node::as_str).is_some_and(|kind| kind != "Secret"));
                    if is_text("name") && (of_secret || is_text("key")) && !other {
                        self.reference(value, "name", via, None);
                    } else if !other {
                        self.references(Some(value), via);
                    }
                }
                Kind::Seq => self.references(Some(value), via),
                _ => {}
            }
        }
    }

    fn pod(&mut self, pod: Node<'a>, meta: Option<Node<'a>>) {
        for list in ["initContainers", "containers", "ephemeralContainers"] {
            for container in items(pod, list) {
                let name = container.get("name");
                for variable in items(container, "env") {
                    if let Some(node) = at(variable, &["valueFrom", "secretKeyRef"]) {
                        self.reference(node, "name", "env", name);
                    }
                }
                for node in items(container, "envFrom").filter_map(|from| from.get("secretRef")) {
                    self.reference(node, "name", "envFrom", name);
                }
            }
        }
        for volume in items(pod, "volumes") {
            if let Some(secret) = volume.get("secret") {
                self.volume(secret, "secretName");
            }
            for secret in items_at(volume, &["projected", "sources"]).filter_map(|source| source.get("secret")) {
                self.volume(secret, "name");
            }
            self.named(at(volume, &["csi", "nodePublishSecretRef"]), "csi");
            self.field(volume.get("azureFile"), "secretName", "storage");
            for kind in ["cephfs", "flexVolume", "iscsi", "rbd", "scaleIO", "storageos"] {
                self.named(at(volume, &[kind, "secretRef"]), "storage");
            }
        }
        self.named(items(pod, "imagePullSecrets"), "imagePullSecret");
        self.annotations(
            meta,
            &[("vault.hashicorp.com/tls-secret", "tls"), ("vault.hashicorp.com/agent-extra-secret", "volume")],
        );
    }

    /// A volume of a Secret: one use for each key that it names, or one for all.
    fn volume(&mut self, secret: Node<'a>, field: &str) {
        let mut keys = items(secret, "items").filter_map(|item| item.get("key")).peekable();
        if keys.peek().is_none() {
            return self.reference(secret, field, "volume", None);
        }
        for key in keys {
            let before = self.0.len();
            self.reference(secret, field, "volume", None);
            if let Some(used) = self.0.get_mut(before) {
                used.key = Some(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::testkit::Case;

    const RULE: &str = r#"
rule secret-use info "Uses"
  for u in SecretUse
  deny at u.node "{u.via} {u.name} {u.key ?? "*"} {u.container ?? "-"} {u.optional}"

rule namespace-of-use info "Namespaces"
  for u in SecretUse
  where u.name == "far"
  deny when u.namespace == "other" at u.node "{u.name} is far"
"#;

    fn uses(manifest: &str) -> Vec<String> {
        Case::new(RULE).given(manifest).lines()
    }

    #[test]
    fn pods_use_secrets_in_many_ways() {
        let found = uses(
            "
            apiVersion: batch/v1
            kind: CronJob
            metadata: { name: a, namespace: shop }
            spec:
              schedule: '0 0 * * *'
              jobTemplate:
                spec:
                  template:
                    spec:
                      imagePullSecrets: [{ name: registry }]
                      initContainers:
                      - { name: init, image: a, envFrom: [{ secretRef: { name: all, optional: true } }] }
                      containers:
                      - name: main
                        image: a
                        env: [{ name: A, valueFrom: { secretKeyRef: { name: db, key: url } } }]
                      volumes:
                      - { name: v, secret: { secretName: files, items: [{ key: one, path: one }, { key: two, path: two }] } }
                      - { name: p, projected: { sources: [{ secret: { name: part } }, { configMap: { name: no } }] } }
            ",
        );
        let pod = "spec.jobTemplate.spec.template.spec";
        assert_eq!(
            found,
            [
                format!("deny CronJob a {pod}.initContainers[0].envFrom[0].secretRef: envFrom all * init true"),
                format!("deny CronJob a {pod}.containers[0].env[0].valueFrom.secretKeyRef: env db url main false"),
                format!("deny CronJob a {pod}.volumes[0].secret: volume files one - false"),
                format!("deny CronJob a {pod}.volumes[0].secret: volume files two - false"),
                format!("deny CronJob a {pod}.volumes[1].projected.sources[0].secret: volume part * - false"),
                format!("deny CronJob a {pod}.imagePullSecrets[0]: imagePullSecret registry * - false"),
            ]
        );
    }

    #[test]
    fn references_of_stores_are_found_wherever_they_stand() {
        let found = uses(
            "
            apiVersion: external-secrets.io/v1
            kind: ClusterSecretStore
            metadata: { name: a }
            spec:
              provider:
                vault:
                  server: https://vault.example.org
                  caProvider: { type: ConfigMap, name: ca, key: ca.crt }
                  auth:
                    appRole: { path: approle, roleId: r, secretRef: { name: far, namespace: other, key: id } }
            ",
        );
        let at = "spec.provider.vault.auth.appRole.secretRef";
        assert_eq!(
            found,
            [
                format!("deny ClusterSecretStore a {at}: auth far id - false"),
                format!("deny ClusterSecretStore a {at}: far is far"),
            ]
        );
    }

    #[test]
    fn a_name_with_its_namespace_is_taken_apart() {
        let found = uses(
            "
            apiVersion: networking.k8s.io/v1
            kind: Ingress
            metadata: { name: a, namespace: shop, annotations: { nginx.ingress.kubernetes.io/auth-secret: other/far } }
            spec: { tls: [{ secretName: tls }] }
            ",
        );
        assert_eq!(found.len(), 3, "{found:#?}");
        assert!(found.iter().any(|line| line.ends_with(": far is far")), "{found:#?}");
    }

    #[test]
    fn an_unknown_namespace_is_no_match_and_no_miss() {
        let found = uses(
            "
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: a }
            secrets: [{ name: far }]
            ",
        );
        assert_eq!(found[0], "deny ServiceAccount a secrets[0]: token far * - false");
        assert!(found[1].starts_with("undecided ServiceAccount a: the namespace of"), "{found:#?}");
    }
}
