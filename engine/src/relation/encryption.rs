//! `Encryption`: how resources are kept in etcd, as far as files tell.
//!
//! Sources: what a live API server's own counters prove (made into an object by whoever read them), encryption configurations, flags of the API server (in static pods, kubeadm and Cluster API), and the
//! switches of managed control planes. Each tells about the cluster that it is meant for; nothing is concluded from two of
//! them together. A configuration that an API server may never have read proves nothing about what lies in etcd: rows
//! tell what new writes are meant to use.

use std::sync::Arc;

use tacit_lang::builtin::methods::Method;
use tacit_lang::types::RowType;

use super::Relation;
use crate::document::{Kind, Node};
use crate::eval::{Context, World};
use crate::object::Object;
use crate::value::{Data, Origin, Outcome, Value};

/// The relation.
pub(super) struct Encryption;

/// The kinds that tell something.
const KINDS: [&str; 11] = [
    crate::live::EVIDENCE_KIND,
    "EncryptionConfiguration",
    "EncryptionConfig",
    "Pod",
    "ClusterConfiguration",
    "KubeadmControlPlane",
    "KubeadmConfig",
    "APIServer",
    "AWSManagedControlPlane",
    "ContainerCluster",
    "AzureManagedControlPlane",
];

/// Resources that every source tells about, whether or not it names them.
const ALWAYS: [&str; 2] = ["secrets", "configmaps"];

/// The flag of the API server that names the configuration file.
const FLAG: &str = "encryption-provider-config";

impl Relation for Encryption {
    fn name(&self) -> &'static str {
        "Encryption"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let Some(inventory) = world.inventory else { return Ok(Vec::new()) };
        let kinds: Vec<_> = KINDS.iter().flat_map(|kind| world.schemas.kinds_named(kind)).collect();
        let mut rows = Rows { ty, rows: Vec::new() };
        for object in inventory.of_kinds(&kinds).into_iter().filter_map(|at| inventory.objects().get(at as usize)) {
            rows.add(world, object);
        }
        Ok(rows.rows)
    }
}

struct Rows<'t, 'a> {
    ty: &'t Arc<RowType>,
    rows: Vec<Value<'a>>,
}

/// What is known of how a resource is written.
struct Stored<'a> {
    writes: Option<&'a str>,
    reads: Vec<&'a str>,
    key: Option<Node<'a>>,
    evidence: String,
    node: Node<'a>,
}

impl<'a> Stored<'a> {
    /// Written with one provider, or with one that is not known.
    fn by(writes: Option<&'a str>, evidence: impl Into<String>, node: Node<'a>) -> Self {
        Stored { writes, reads: writes.into_iter().collect(), key: None, evidence: evidence.into(), node }
    }
}

impl<'a> Rows<'_, 'a> {
    fn add(&mut self, world: &World<'a>, object: &'a Object) {
        let root = object.node();
        match &*object.kind_name {
            crate::live::EVIDENCE_KIND => self.evidence(object, root),
            "EncryptionConfiguration" | "EncryptionConfig" => self.configuration(object, root),
            "Pod" => {
                let containers = root.get("spec").and_then(|spec| spec.get("containers"));
                for container in containers.into_iter().flat_map(Node::items).filter(|node| runs_api_server(*node)) {
                    self.flags(object, "the API server runs", flag_of(container), container);
                }
            }
            "ClusterConfiguration" => self.kubeadm(object, root),
            "KubeadmControlPlane" | "KubeadmConfig" => self.cluster_api(world, object),
            "APIServer" => self.openshift(object),
            "AWSManagedControlPlane" => {
                let encryption = at(root, &["spec", "encryptionConfig"]);
                let covers = |node: &Node<'a>| node.items().any(|item| item.as_str() == Some("secrets"));
                let key = encryption.and_then(|node| node.get("provider")).filter(|node| !node.is_null());
                let covered = encryption.and_then(|node| node.get("resources")).filter(covers).is_some();
                self.managed(object, "spec.encryptionConfig", encryption, key.filter(|_| covered));
            }
            "ContainerCluster" => {
                let encryption = at(root, &["spec", "databaseEncryption"]);
                let on = encryption.and_then(|node| node.get("state")).and_then(Node::as_str) == Some("ENCRYPTED");
                let key = encryption.and_then(|node| node.get("keyName")).filter(|_| on);
                self.managed(object, "spec.databaseEncryption", encryption, key);
            }
            "AzureManagedControlPlane" => {
                let encryption = at(root, &["spec", "securityProfile", "azureKeyVaultKms"]);
                let on = encryption.and_then(|node| node.get("enabled")).and_then(Node::as_bool) == Some(true);
                let key = encryption.and_then(|node| node.get("keyID")).filter(|_| on);
                self.managed(object, "spec.securityProfile.azureKeyVaultKms", encryption, key);
            }
            _ => {}
        }
    }

    /// What the counters of an API server came to.
    fn evidence(&mut self, object: &'a Object, root: Node<'a>) {
        for item in root.get("encryption").into_iter().flat_map(Node::items) {
            let text = |field: &str| item.get(field).and_then(Node::as_str);
            let Some(resource) = text("resource") else { continue };
            let stored = Stored {
                writes: text("writes"),
                reads: item.get("reads").into_iter().flat_map(Node::items).filter_map(Node::as_str).collect(),
                key: item.get("key"),
                evidence: text("evidence").unwrap_or_default().to_owned(),
                node: item,
            };
            self.row(object, resource, stored);
        }
    }

    /// An encryption configuration: the first entry that covers a resource decides.
    fn configuration(&mut self, object: &'a Object, root: Node<'a>) {
        let Some(entries) = root.get("resources").filter(|entries| entries.kind() == Kind::Seq) else { return };
        let mut resources: Vec<&'a str> = ALWAYS.to_vec();
        for item in entries.items().flat_map(covered) {
            if !item.contains('*') && !resources.contains(&item) {
                resources.push(item);
            }
        }
        for resource in resources {
            let entry =
                entries.items().enumerate().find(|(_, entry)| covered(*entry).any(|item| covers(item, resource)));
            let stored = match entry {
                None => Stored::by(Some("identity"), "no entry of the configuration covers it", entries),
                Some((number, entry)) => {
                    let providers = || entry.get("providers").into_iter().flat_map(Node::items);
                    let first = providers().next();
                    Stored {
                        writes: first.and_then(provider),
                        reads: providers().filter_map(provider).collect(),
                        key: first.and_then(write_key),
                        evidence: format!("entry {} of the configuration", number + 1),
                        node: first.unwrap_or(entry),
                    }
                }
            };
            self.row(object, resource, stored);
        }
    }

    /// An API server, by the value of its flag.
    fn flags(&mut self, object: &'a Object, who: &str, flag: Option<(&'a str, Node<'a>)>, server: Node<'a>) {
        for resource in ALWAYS {
            let stored = match flag {
                None => Stored::by(Some("identity"), format!("{who} without --{FLAG}"), server),
                Some((path, node)) => Stored::by(None, format!("the API server reads {path}"), node),
            };
            self.row(object, resource, stored);
        }
    }

    /// What kubeadm starts: `apiServer.extraArgs`, a map, or a list of names and values since `v1beta4`.
    fn kubeadm(&mut self, object: &'a Object, configuration: Node<'a>) {
        let arguments = at(configuration, &["apiServer", "extraArgs"]);
        let flag = arguments.and_then(|arguments| match arguments.kind() {
            Kind::Map => arguments.get(FLAG),
            _ => arguments
                .items()
                .find(|item| item.get("name").and_then(Node::as_str) == Some(FLAG))
                .and_then(|item| item.get("value")),
        });
        let flag = flag.and_then(|node| Some((node.scalar_text()?, node)));
        self.flags(object, "kubeadm starts the API server", flag, arguments.unwrap_or(configuration));
    }

    /// Cluster API: what kubeadm is told, and configurations among the files that it writes.
    fn cluster_api(&mut self, world: &World<'a>, object: &'a Object) {
        let Some(spec) = object.node().get("spec") else { return };
        let spec = spec.get("kubeadmConfigSpec").unwrap_or(spec);
        if let Some(configuration) = spec.get("clusterConfiguration") {
            self.kubeadm(object, configuration);
        }
        let contents = spec.get("files").into_iter().flat_map(Node::items).filter_map(|file| file.get("content"));
        for content in contents.filter(|content| content.as_str().is_some_and(|text| text.contains("EncryptionConfig")))
        {
            let text =
                Value::at(Data::Str(content.as_str().unwrap_or_default()), Some(Origin::new(content, Some(object))));
            let parsed = crate::method::embedded(&mut Context::new(world), Method::Yaml, &text);
            let is_configuration = |root: &Node<'a>| {
                let kind = root.get("kind").and_then(Node::as_str);
                matches!(kind, Some("EncryptionConfiguration" | "EncryptionConfig"))
            };
            if let Some(root) = parsed.as_node().filter(is_configuration) {
                self.configuration(object, root);
            }
        }
    }

    /// OpenShift: one type for all that it encrypts.
    fn openshift(&mut self, object: &'a Object) {
        let root = object.node();
        let encryption = at(root, &["spec", "encryption", "type"]);
        let name = encryption.and_then(Node::as_str).filter(|name| !name.is_empty());
        let node = encryption.or_else(|| root.get("spec")).unwrap_or(root);
        let writes = match name {
            None => "identity",
            Some("KMS") => "kms",
            Some(name) => name,
        };
        for resource in ALWAYS {
            self.row(object, resource, Stored::by(Some(writes), "spec.encryption.type", node));
        }
    }

    /// A managed control plane: with a key of the customer, or with what the provider does by itself.
    fn managed(&mut self, object: &'a Object, field: &str, holder: Option<Node<'a>>, key: Option<Node<'a>>) {
        let evidence = match key {
            Some(_) => field.to_owned(),
            None => format!("{field} names no key: what the provider does by itself is not known here"),
        };
        let node = key.or(holder).unwrap_or_else(|| object.node());
        self.row(object, "secrets", Stored { key, ..Stored::by(key.map(|_| "kms"), evidence, node) });
    }

    fn row(&mut self, object: &'a Object, resource: &'a str, stored: Stored<'a>) {
        let at = |node| Some(Origin::new(node, Some(object)));
        let place = at(stored.node);
        let text = |text: Option<&'a str>| match text {
            Some(text) => Value::at(Data::Str(text), place),
            None => Value::missing_at(place),
        };
        let reads = stored.reads.iter().map(|&read| Value::at(Data::Str(read), place)).collect();
        let key = match stored.key.and_then(|node| Some((node, node.scalar_text()?))) {
            Some((node, name)) => Value::at(Data::Str(name), at(node)),
            None => Value::missing_at(place),
        };
        let node = crate::value::read_any(stored.node, place);
        let values = vec![
            text(Some(resource)),
            text(stored.writes),
            Value::list(reads).with_origin(place),
            key,
            Value::text(stored.evidence).with_origin(place),
            node,
        ];
        self.rows.push(Value::row(self.ty.clone(), values).with_origin(place));
    }
}

/// The resources that an entry lists.
fn covered(entry: Node<'_>) -> impl Iterator<Item = &str> {
    entry.get("resources").into_iter().flat_map(Node::items).filter_map(Node::as_str)
}

/// True where an item of an entry covers a resource: `*.` the core group, `*.group` a group, `*.*` everything.
pub(crate) fn covers(item: &str, resource: &str) -> bool {
    match item.strip_prefix("*.") {
        Some("*") => true,
        Some("") => !resource.contains('.'),
        Some(group) => resource.split_once('.').is_some_and(|(_, own)| own == group),
        None => item == resource,
    }
}

/// The provider that an entry names; none where it names none or several, which the API server refuses.
fn provider(node: Node<'_>) -> Option<&str> {
    let mut names = node.entries().map(|(key, _, _)| key);
    names.next().filter(|_| names.next().is_none())
}

/// The name of the key that a provider writes with: of the first key, or of a KMS plugin.
fn write_key(node: Node<'_>) -> Option<Node<'_>> {
    let (_, _, settings) = node.entries().next()?;
    match settings.get("keys") {
        Some(keys) => keys.items().next()?.get("name"),
        None => settings.get("name"),
    }
}

fn at<'a>(node: Node<'a>, path: &[&str]) -> Option<Node<'a>> {
    path.iter().try_fold(node, |node, field| node.get(field)).filter(|node| !node.is_null())
}

fn runs_api_server(container: Node<'_>) -> bool {
    let command = container.get("command").and_then(|command| command.item(0)).and_then(Node::as_str);
    command.is_some_and(|command| command.rsplit('/').next() == Some("kube-apiserver"))
}

fn flag_of(container: Node<'_>) -> Option<(&str, Node<'_>)> {
    crate::method::container_flag(container, FLAG)
}

#[cfg(test)]
mod tests;
