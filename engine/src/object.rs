//! One Kubernetes object of the input: where it stands, what it is called, where it comes from.

use std::fmt;
use std::sync::Arc;

use tacit_lang::schema::KindId;
use tacit_lang::span::Span;

use crate::document::{Document, Node, NodeId, SourceText};

/// One object of the input: a manifest of a file, an item of a `List`, an answer of a cluster, or a file of a kind that
/// a program reads (a kustomization, an encryption configuration).
#[derive(Clone)]
pub struct Object {
    /// The document that holds it; the items of a `List` share theirs.
    pub document: Arc<Document>,
    /// The node of the object: the root of the document, or an item of a `List`.
    pub root: NodeId,
    /// Its kind; `None` for one that no schema knows.
    pub kind: Option<KindId>,
    /// `apiVersion` as written; empty where there is none.
    pub api_version: Arc<str>,
    /// `kind` as written; empty where there is none.
    pub kind_name: Arc<str>,
    /// `metadata.name`; empty where there is none.
    pub name: Arc<str>,
    /// Its namespace, as far as it is known.
    pub namespace: Namespace,
    /// From where it was read.
    pub origin: Origin,
    /// The context of the cluster it was read from.
    pub cluster: Option<Arc<str>>,
    /// What a rendered object was made from.
    pub rendered: Option<Arc<Rendered>>,
}

impl Object {
    /// Its node.
    pub fn node(&self) -> Node<'_> {
        self.document.node(self.root)
    }

    /// The owner reference that is marked as the controller.
    pub fn controller(&self) -> Option<Node<'_>> {
        let owners = self.node().get("metadata")?.get("ownerReferences")?;
        owners.items().find(|owner| owner.get("controller").and_then(Node::as_bool) == Some(true))
    }
}

/// Names the object only: its fields may hold secrets.
impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} {:?} {:?})", self.kind_name, self.namespace, self.name)
    }
}

/// The namespace of an object, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Namespace {
    /// Objects of the kind live outside namespaces.
    ClusterScoped,
    /// `metadata.namespace`
    Set(Arc<str>),
    /// Given by a kustomization or by `--namespace`.
    Given(Arc<str>),
    /// The manifest states none, and nothing gives one: whoever applies it decides.
    Unknown,
}

impl Namespace {
    /// The namespace, where it is known and there is one.
    pub fn known(&self) -> Option<&Arc<str>> {
        match self {
            Namespace::Set(name) | Namespace::Given(name) => Some(name),
            Namespace::ClusterScoped | Namespace::Unknown => None,
        }
    }
}

/// From where an object was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Origin {
    /// A file or a stream.
    File,
    /// A live cluster.
    Cluster,
    /// The output of Helm or kustomize.
    Rendered,
}

impl Origin {
    /// The value of `.origin`.
    pub fn as_str(self) -> &'static str {
        match self {
            Origin::File => "file",
            Origin::Cluster => "cluster",
            Origin::Rendered => "rendered",
        }
    }
}

/// What a rendered object was made from.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The file it was made from: a template, or a manifest that a kustomization lists.
    pub source: Arc<SourceText>,
    /// How closely places of the output are known in that file.
    pub precision: Precision,
    /// The part of the file that made the object, for [`Precision::Document`].
    pub span: Span,
}

/// How closely places of rendered output are known in their source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Precision {
    /// The node itself.
    Node,
    /// The document of the file.
    Document,
    /// The file.
    File,
}

impl Precision {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Precision::Node => "node",
            Precision::Document => "document",
            Precision::File => "file",
        }
    }
}
