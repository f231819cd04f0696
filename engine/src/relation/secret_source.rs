//! `SecretSource`: each object that produces a Secret.
//!
//! Source: the documentation of each tool, on which Secrets it makes of its objects and which keys they get. Keys are
//! told only where the manifest states all of them.

use std::sync::Arc;

use tacit_lang::schema::KindInfo;
use tacit_lang::types::RowType;

use super::Relation;
use crate::document::{Kind, Node};
use crate::eval::World;
use crate::object::{Namespace, Object};
use crate::value::{Data, Origin, Outcome, Value};

/// The relation.
pub(super) struct SecretSource;

impl Relation for SecretSource {
    fn name(&self) -> &'static str {
        "SecretSource"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let mut rows = Vec::new();
        for object in world.inventory.map_or(&[][..], |inventory| inventory.objects()) {
            let Some(kind) = object.kind else { continue };
            rows.extend(sources(object, world.schemas.kind(kind)).into_iter().map(|source| row(ty, object, source)));
        }
        Ok(rows)
    }
}

/// A Secret that an object produces.
struct Source<'a> {
    /// What tells its name; missing for the object's own.
    node: Option<Node<'a>>,
    tool: Option<&'static str>,
    name: Arc<str>,
    namespace: In<'a>,
    keys: Option<Vec<Arc<str>>>,
}

/// The namespace of the Secret.
enum In<'a> {
    /// That of its producer.
    Own,
    /// A stated one.
    Stated(Node<'a>),
    /// Several, or one that the input does not tell.
    Unknown,
}

fn row<'a>(ty: &Arc<RowType>, object: &'a Object, source: Source<'a>) -> Value<'a> {
    let whole = Some(Origin::new(object.node(), Some(object)));
    let origin = source.node.map_or(whole, |node| Some(Origin::new(node, Some(object))));
    let namespace = match (source.namespace, &object.namespace) {
        (In::Stated(node), _) => {
            let text = node.scalar_text().unwrap_or_default();
            Value::at(Data::Str(text), Some(Origin::new(node, Some(object))))
        }
        (In::Own, Namespace::Set(name) | Namespace::Given(name)) => Value::at(Data::Str(name), origin),
        (In::Own | In::Unknown, _) => Value::at(Data::Unknown, origin),
    };
    let keys = match source.keys {
        Some(keys) => {
            Value::list(keys.into_iter().map(|key| Value::text(key).with_origin(origin)).collect()).with_origin(origin)
        }
        None => Value::missing_at(origin),
    };
    let values = vec![
        Value::object(object),
        source.tool.map_or_else(|| Value::missing_at(origin), |tool| Value::at(Data::Str(tool), origin)),
        Value::text(source.name).with_origin(origin),
        namespace,
        keys,
    ];
    Value::row(ty.clone(), values).with_origin(origin)
}

/// The Secrets that an object produces.
fn sources<'a>(object: &'a Object, info: &KindInfo) -> Vec<Source<'a>> {
    let mut found = Sources { object, found: Vec::new() };
    let root = object.node();
    let name = &*object.name;
    match (&*info.group, &*info.name) {
        ("", "Secret") => {
            let type_ = root.get("type").and_then(Node::as_str);
            // A controller fills it in.
            let filled = type_ == Some("kubernetes.io/service-account-token");
            let keys = (!filled).then(|| keys_of([root.get("data"), root.get("stringData")]));
            found.own(tool_of_secret(root), name, keys);
        }
        ("external-secrets.io", "ExternalSecret") => found.external(root.get("spec"), None, name, In::Own),
        ("external-secrets.io", "ClusterExternalSecret") => {
            let name = text_at(root, &["spec", "externalSecretName"]).unwrap_or(name);
            found.external(at(root, &["spec", "externalSecretSpec"]), None, name, In::Unknown);
        }
        ("bitnami.com", "SealedSecret") => {
            let keys = keys_of([at(root, &["spec", "encryptedData"]), at(root, &["spec", "template", "data"])]);
            found.own(Some("sealed-secrets"), name, Some(keys));
        }
        (
            "secrets.hashicorp.com",
            "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" | "HCPVaultSecretsApp",
        ) => {
            let destination = at(root, &["spec", "destination"]);
            // Without `create` the Secret is another's, and only filled.
            if destination.and_then(|node| node.get("create")?.as_bool()) == Some(true) {
                found.stated(
                    destination.and_then(|node| node.get("name")),
                    Some("vault-secrets-operator"),
                    In::Own,
                    None,
                );
            }
        }
        ("secrets-store.csi.x-k8s.io", "SecretProviderClass") => {
            for made in items_at(root, &["spec", "secretObjects"]) {
                let keys = texts(items_at(made, &["data"]), "key");
                found.stated(made.get("secretName"), Some("csi"), In::Own, Some(keys));
            }
        }
        ("secret-sync.x-k8s.io", "SecretSync") => {
            let keys = texts(items_at(root, &["spec", "secretObject", "data"]), "targetKey");
            found.own(Some("csi"), name, Some(keys));
        }
        ("cert-manager.io", "Certificate") => {
            found.stated(at(root, &["spec", "secretName"]), Some(CERT_MANAGER), In::Own, Some(certificate_keys(root)));
        }
        ("cert-manager.io", "Issuer" | "ClusterIssuer") => {
            let account = at(root, &["spec", "acme", "privateKeySecretRef"]);
            let key = account.and_then(|node| node.get("key")?.as_str()).unwrap_or("tls.key");
            let name = account.and_then(|node| node.get("name"));
            found.stated(name, Some(CERT_MANAGER), In::Own, Some(vec![key.into()]));
        }
        ("networking.k8s.io", "Ingress") if has_issuer(root) => {
            for tls in items_at(root, &["spec", "tls"]) {
                found.stated(tls.get("secretName"), Some(CERT_MANAGER), In::Own, Some(tls_keys()));
            }
        }
        ("gateway.networking.k8s.io", "Gateway") if has_issuer(root) => {
            for listener in items_at(root, &["spec", "listeners"]) {
                for certificate in items_at(listener, &["tls", "certificateRefs"]) {
                    let namespace = certificate.get("namespace").map_or(In::Own, In::Stated);
                    found.stated(certificate.get("name"), Some(CERT_MANAGER), namespace, Some(tls_keys()));
                }
            }
        }
        ("kustomize.config.k8s.io", _) => {
            for generator in items_at(root, &["secretGenerator"]) {
                // Whichever namespace an outer kustomization gives is not known here.
                let stated = root.get("namespace").or_else(|| generator.get("namespace"));
                let namespace = stated.filter(|node| node.as_str().is_some()).map_or(In::Unknown, In::Stated);
                found.stated(generator.get("name"), None, namespace, generated_keys(generator));
            }
        }
        ("onepassword.com", "OnePasswordItem") => found.own(Some("1password"), name, None),
        ("k8s.bitwarden.com", "BitwardenSecret") => {
            found.stated(at(root, &["spec", "secretName"]), Some("bitwarden"), In::Own, None);
        }
        ("secrets.doppler.com", "DopplerSecret") => {
            let managed = at(root, &["spec", "managedSecret"]);
            let namespace = managed.and_then(|node| node.get("namespace")).map_or(In::Own, In::Stated);
            found.stated(managed.and_then(|node| node.get("name")), Some("doppler"), namespace, None);
        }
        ("secrets.infisical.com", "InfisicalSecret") => {
            let one = at(root, &["spec", "managedSecretReference"]);
            for managed in one.into_iter().chain(items_at(root, &["spec", "managedKubeSecretReferences"])) {
                let namespace = managed.get("secretNamespace").map_or(In::Own, In::Stated);
                found.stated(managed.get("secretName"), Some("infisical"), namespace, None);
            }
        }
        ("isindir.github.com", "SopsSecret") => {
            for template in items_at(root, &["spec", "secretTemplates"]) {
                let keys = keys_of([template.get("data"), template.get("stringData")]);
                found.stated(template.get("name"), Some("sops"), In::Own, Some(keys));
            }
        }
        ("clustersecret.io", "ClusterSecret") => found.add(None, Some("clustersecret"), name, In::Unknown, None),
        ("kafka.strimzi.io", "KafkaUser") => found.own(Some("strimzi"), name, None),
        ("kafka.strimzi.io", "Kafka") => {
            found.derived("strimzi", &["-cluster-ca-cert", "-clients-ca-cert", "-cluster-ca", "-clients-ca"]);
        }
        ("postgresql.cnpg.io", "Cluster") => {
            found.derived("cloudnative-pg", &["-app", "-superuser", "-ca", "-server", "-replication"]);
        }
        ("rabbitmq.com", "RabbitmqCluster") => found.derived("rabbitmq", &["-default-user"]),
        ("elasticsearch.k8s.elastic.co", "Elasticsearch") => {
            found.derived("elastic", &["-es-elastic-user", "-es-http-certs-public", "-es-http-certs-internal"]);
        }
        ("acid.zalan.do", "postgresql") => {
            for (user, ..) in at(root, &["spec", "users"]).into_iter().flat_map(Node::entries) {
                let suffix = format!("{}.{name}.credentials.postgresql.acid.zalan.do", user.replace('_', "-"));
                found.own(Some("postgres-operator"), &suffix, None);
            }
        }
        ("postgres-operator.crunchydata.com", "PostgresCluster") => {
            let users: Vec<Arc<str>> = texts(items_at(root, &["spec", "users"]), "name");
            // Without a list there is one user, named as the cluster.
            let users = if users.is_empty() { vec![Arc::from(name)] } else { users };
            for user in users {
                found.own(Some("crunchy-postgres"), &format!("{name}-pguser-{user}"), None);
            }
        }
        _ => {}
    }
    found.found
}

const CERT_MANAGER: &str = "cert-manager";

/// The tool that a Secret shows to be managed by: encrypted by SOPS, or made by a controller.
fn tool_of_secret(root: Node<'_>) -> Option<&'static str> {
    if root.get("sops").is_some() || root.document().root().get("sops").is_some() {
        return Some("sops");
    }
    let meta = root.get("metadata")?;
    let owners = meta.get("ownerReferences").into_iter().flat_map(Node::items);
    let of_owner = owners.filter_map(|owner| match owner.get("kind")?.as_str()? {
        "ExternalSecret" => Some("external-secrets"),
        "SealedSecret" => Some("sealed-secrets"),
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" | "HCPVaultSecretsApp" => {
            Some("vault-secrets-operator")
        }
        "Certificate" => Some(CERT_MANAGER),
        "SecretSync" => Some("csi"),
        _ => None,
    });
    let has = |part: &str, key: &str| meta.get(part).is_some_and(|map| map.get(key).is_some());
    of_owner.into_iter().next().or_else(|| {
        if has("labels", "reconcile.external-secrets.io/managed") {
            Some("external-secrets")
        } else if has("labels", "secrets-store.csi.k8s.io/managed") {
            Some("csi")
        } else if has("annotations", "cert-manager.io/certificate-name") {
            Some(CERT_MANAGER)
        } else {
            None
        }
    })
}

fn has_issuer(root: Node<'_>) -> bool {
    let annotations = at(root, &["metadata", "annotations"]);
    ["cert-manager.io/issuer", "cert-manager.io/cluster-issuer"]
        .iter()
        .any(|name| annotations.is_some_and(|annotations| annotations.get(name).is_some()))
}

fn tls_keys() -> Vec<Arc<str>> {
    ["tls.crt", "tls.key", "ca.crt"].map(Arc::from).to_vec()
}

fn certificate_keys(root: Node<'_>) -> Vec<Arc<str>> {
    let mut keys = tls_keys();
    let mut add = |more: [&str; 2]| keys.extend(more.map(Arc::<str>::from));
    if at(root, &["spec", "keystores", "jks"]).is_some() {
        add(["keystore.jks", "truststore.jks"]);
    }
    if at(root, &["spec", "keystores", "pkcs12"]).is_some() {
        add(["keystore.p12", "truststore.p12"]);
    }
    for format in items_at(root, &["spec", "additionalOutputFormats"]) {
        match format.get("type").and_then(Node::as_str) {
            Some("CombinedPEM") => keys.push("tls-combined.pem".into()),
            Some("DER") => keys.push("key.der".into()),
            _ => {}
        }
    }
    keys
}

/// The keys of a generator; nothing where a file of variables holds some.
fn generated_keys(generator: Node<'_>) -> Option<Vec<Arc<str>>> {
    if generator.get("envs").is_some_and(|envs| !envs.is_empty()) || generator.get("env").is_some() {
        return None;
    }
    let listed = |key: &str| generator.get(key).into_iter().flat_map(Node::items).filter_map(Node::as_str);
    let literals = listed("literals").map(|literal| literal.split_once('=').map_or(literal, |(key, _)| key));
    let files = listed("files").map(|file| match file.split_once('=') {
        Some((key, _)) => key,
        None => file.rsplit('/').next().unwrap_or(file),
    });
    Some(literals.chain(files).map(Arc::from).collect())
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn text_at<'a>(node: Node<'a>, path: &[&str]) -> Option<&'a str> {
    at(node, path)?.as_str().filter(|text| !text.is_empty())
}

fn items_at<'a>(node: Node<'a>, path: &[&str]) -> impl Iterator<Item = Node<'a>> + use<'a> {
    at(node, path).into_iter().flat_map(Node::items)
}

/// The texts of a field of each item.
fn texts<'a>(items: impl Iterator<Item = Node<'a>>, field: &str) -> Vec<Arc<str>> {
    items.filter_map(|item| item.get(field)?.as_str().map(Arc::from)).collect()
}

/// The keys of maps.
fn keys_of<const N: usize>(maps: [Option<Node<'_>>; N]) -> Vec<Arc<str>> {
    let maps = maps.into_iter().flatten().filter(|map| map.kind() == Kind::Map);
    maps.flat_map(Node::entries).map(|(key, ..)| Arc::from(key)).collect()
}

/// Collects what one object produces.
struct Sources<'a> {
    object: &'a Object,
    found: Vec<Source<'a>>,
}

impl<'a> Sources<'a> {
    fn add(
        &mut self,
        node: Option<Node<'a>>,
        tool: Option<&'static str>,
        name: &str,
        namespace: In<'a>,
        keys: Option<Vec<Arc<str>>>,
    ) {
        if !name.is_empty() {
            self.found.push(Source { node, tool, name: name.into(), namespace, keys });
        }
    }

    /// A Secret beside its producer.
    fn own(&mut self, tool: Option<&'static str>, name: &str, keys: Option<Vec<Arc<str>>>) {
        self.add(None, tool, name, In::Own, keys);
    }

    /// A Secret whose name a field states.
    fn stated(
        &mut self,
        name: Option<Node<'a>>,
        tool: Option<&'static str>,
        namespace: In<'a>,
        keys: Option<Vec<Arc<str>>>,
    ) {
        if let Some((node, name)) = name.and_then(|node| Some((node, node.as_str()?))) {
            self.add(Some(node), tool, name, namespace, keys);
        }
    }

    /// Secrets whose names begin with that of their producer.
    fn derived(&mut self, tool: &'static str, suffixes: &[&str]) {
        for suffix in suffixes {
            self.own(Some(tool), &format!("{}{suffix}", self.object.name), None);
        }
    }

    /// What the specification of an ExternalSecret makes.
    fn external(&mut self, spec: Option<Node<'a>>, node: Option<Node<'a>>, name: &str, namespace: In<'a>) {
        let Some(spec) = spec else { return };
        let target = spec.get("target");
        let policy = target.and_then(|target| target.get("creationPolicy")?.as_str());
        let other_kind = target.is_some_and(|target| target.get("manifest").is_some());
        if policy == Some("None") || other_kind {
            return;
        }
        let stated = target.and_then(|target| target.get("name")).filter(|name| name.as_str().is_some());
        let name = stated.and_then(Node::as_str).unwrap_or(name);
        self.add(stated.or(node), Some("external-secrets"), name, namespace, external_keys(spec));
    }
}

/// The keys of the Secret that an ExternalSecret makes; nothing where the store or a template decides.
fn external_keys(spec: Node<'_>) -> Option<Vec<Arc<str>>> {
    let filled = |node: Option<Node<'_>>| node.is_some_and(|node| !node.is_empty());
    let template = at(spec, &["target", "template"]);
    let part = |key: &str| template.and_then(|template| template.get(key));
    if filled(part("templateFrom")) {
        return None;
    }
    let made = part("data").filter(|data| !data.is_empty());
    let merges = part("mergePolicy").and_then(Node::as_str) == Some("Merge");
    if let Some(data) = made.filter(|_| !merges) {
        return Some(keys_of([Some(data)]));
    }
    if filled(spec.get("dataFrom")) {
        return None;
    }
    let mut keys = texts(items_at(spec, &["data"]), "secretKey");
    keys.append(&mut keys_of([made]));
    Some(keys)
}

#[cfg(test)]
mod tests {
    use crate::testkit::Case;

    const RULE: &str = r#"
rule secret-source info "Sources"
  for s in SecretSource
  deny at s.object "{s.tool ?? "nothing"} {s.name} {(s.keys ?? ["?"]).join(",")}"
"#;

    fn sources(manifest: &str) -> Vec<String> {
        let lines = Case::new(RULE).given(manifest).lines();
        lines.into_iter().map(|line| line.split_once(": ").map_or(line.clone(), |(_, said)| said.to_owned())).collect()
    }

    #[test]
    fn the_keys_of_an_external_secret_are_known_where_it_states_them() {
        let external = |spec: &str| {
            sources(&format!(
                "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {{ name: db }}\nspec: {spec}\n"
            ))
        };
        let data = "data: [{ secretKey: user, remoteRef: { key: k } }]";
        assert_eq!(external(&format!("{{ {data} }}")), ["external-secrets db user"]);
        assert_eq!(external(&format!("{{ {data}, target: {{ name: other }} }}")), ["external-secrets other user"]);
        assert_eq!(
            external(&format!("{{ {data}, dataFrom: [{{ extract: {{ key: k }} }}] }}")),
            ["external-secrets db ?"]
        );
        let template = "template: { data: { url: u } }";
        assert_eq!(external(&format!("{{ {data}, target: {{ {template} }} }}")), ["external-secrets db url"]);
        let template = "template: { mergePolicy: Merge, data: { url: u } }";
        assert_eq!(external(&format!("{{ {data}, target: {{ {template} }} }}")), ["external-secrets db user,url"]);
        assert_eq!(external(&format!("{{ {data}, target: {{ creationPolicy: None }} }}")), Vec::<String>::new());
    }

    #[test]
    fn vault_makes_a_secret_only_where_it_is_told_to() {
        let vault = |create: bool| {
            sources(&format!(
                "apiVersion: secrets.hashicorp.com/v1beta1\nkind: VaultStaticSecret\nmetadata: {{ name: a }}\nspec: {{ destination: {{ name: db, create: {create} }} }}\n"
            ))
        };
        assert_eq!(vault(true), ["vault-secrets-operator db ?"]);
        assert_eq!(vault(false), Vec::<String>::new());
    }

    #[test]
    fn a_secret_shows_what_manages_it() {
        let found = sources(
            "
            apiVersion: v1
            kind: Secret
            metadata: { name: plain }
            stringData: { a: x }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: hidden }
            data: { a: 'ENC[AES256_GCM,data:aa==,iv:aa==,tag:aa==,type:str]' }
            sops: { mac: x }
            ---
            apiVersion: v1
            kind: Secret
            metadata: { name: token, annotations: { kubernetes.io/service-account.name: a } }
            type: kubernetes.io/service-account-token
            ",
        );
        assert_eq!(found, ["nothing plain a", "sops hidden a", "nothing token ?"]);
    }

    #[test]
    fn an_ingress_makes_one_only_with_an_issuer() {
        let ingress = |annotation: &str| {
            sources(&format!(
                "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{ name: a, annotations: {{ {annotation}: x }} }}\nspec: {{ tls: [{{ secretName: t }}] }}\n"
            ))
        };
        assert_eq!(ingress("cert-manager.io/cluster-issuer"), ["cert-manager t tls.crt,tls.key,ca.crt"]);
        assert_eq!(ingress("example.org/x"), Vec::<String>::new());
    }
}
