//! From a document to the objects in it.

use std::sync::Arc;

use tacit_lang::schema::{KindId, Schemas, Scope};

use crate::document::{Document, Kind, Node};
use crate::object::{Namespace, Object, Origin, Rendered};

use super::kustomize::Given;

/// What is known of the objects of a file before it is read.
#[derive(Clone, Debug)]
pub struct Context {
    /// Namespace that kustomizations give.
    pub given: Given,
    /// Namespace of manifests that state none, by `--namespace`.
    pub default_namespace: Option<Arc<str>>,
    /// The kind of a file that states none: a kustomization, the rules of SOPS.
    pub file_kind: Option<KindId>,
    /// From where the objects come.
    pub origin: Origin,
}

impl Default for Context {
    fn default() -> Self {
        Context { given: Given::Nothing, default_namespace: None, file_kind: None, origin: Origin::File }
    }
}

/// True for the kind of a list of objects: `List`, `SecretList`.
pub fn is_list(kind: &str) -> bool {
    kind.ends_with("List")
}

/// The objects of a document: itself, or the items of a list. None where it is no Kubernetes object and no known file.
pub fn objects(
    document: &Arc<Document>,
    schemas: &Schemas,
    context: &Context,
    rendered: &dyn Fn(Node<'_>) -> Option<Arc<Rendered>>,
) -> Vec<Object> {
    let root = document.root();
    if root.kind() != Kind::Map {
        return Vec::new();
    }
    let make = |node: Node<'_>, api_version: &str, kind: &str| Object {
        document: document.clone(),
        root: node.id(),
        kind: schemas.kind_of_api_version(api_version, kind).map(|(id, _)| id),
        api_version: api_version.into(),
        kind_name: kind.into(),
        name: metadata(node, "name").unwrap_or_default().into(),
        namespace: Namespace::Unknown,
        origin: context.origin,
        cluster: None,
        rendered: rendered(node),
    };
    let mut found = Vec::new();
    match header(root) {
        (Some(api_version), Some(kind)) => match root.get("items") {
            Some(items) if is_list(kind) && items.kind() == Kind::Seq => {
                let of_list = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
                for item in items.items().filter(|item| item.kind() == Kind::Map) {
                    // Typed lists need not repeat the kind at each item.
                    let (item_version, item_kind) = header(item);
                    if let Some(item_kind) = item_kind.or(of_list) {
                        let item_version = item_version.or(of_list.map(|_| api_version)).unwrap_or_default();
                        found.push(make(item, item_version, item_kind));
                    }
                }
            }
            _ => found.push(make(root, api_version, kind)),
        },
        (api_version, kind) => {
            if let Some(id) = context.file_kind {
                let name = kind.unwrap_or(&schemas.kind(id).name).to_owned();
                let mut object = make(root, api_version.unwrap_or_default(), &name);
                object.kind = Some(id);
                found.push(object);
            }
        }
    }
    for object in &mut found {
        object.namespace = namespace(object, schemas, context);
    }
    found
}

/// `apiVersion` and `kind`, as far as they are texts.
pub fn header(node: Node<'_>) -> (Option<&str>, Option<&str>) {
    let text = |key| node.get(key).and_then(Node::as_str).filter(|text: &&str| !text.is_empty());
    (text("apiVersion"), text("kind"))
}

fn metadata<'d>(node: Node<'d>, key: &str) -> Option<&'d str> {
    node.get("metadata")?.get(key)?.as_str()
}

fn namespace(object: &Object, schemas: &Schemas, context: &Context) -> Namespace {
    let scope = object.kind.map(|kind| schemas.kind(kind).scope);
    if matches!(scope, Some(Scope::Cluster | Scope::File)) {
        return Namespace::ClusterScoped;
    }
    let written = metadata(object.node(), "namespace").filter(|name| !name.is_empty());
    match (&context.given, written) {
        // kustomize gives its namespace to objects of kinds it does not know, too.
        (Given::One(name), _) => Namespace::Given(name.clone()),
        (Given::Several, _) => Namespace::Unknown,
        (Given::Nothing, Some(name)) => Namespace::Set(name.into()),
        // An object of an unknown kind may live outside namespaces.
        (Given::Nothing, None) if scope.is_none() => Namespace::Unknown,
        (Given::Nothing, None) => context.default_namespace.clone().map_or(Namespace::Unknown, Namespace::Given),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{LoadOptions, SourceText, load_yaml};

    fn read(text: &str, context: &Context) -> Vec<Object> {
        let schemas = Schemas::builtin();
        let loaded = load_yaml(SourceText::new("test.yaml", text), &LoadOptions::default());
        loaded
            .documents
            .into_iter()
            .flat_map(|document| objects(&Arc::new(document), &schemas, context, &|_| None))
            .collect()
    }

    #[test]
    fn a_list_holds_its_items() {
        let text = "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n- {kind: Pod, apiVersion: v1}\n";
        let objects = read(text, &Context::default());
        assert_eq!(objects.iter().map(|o| &*o.kind_name).collect::<Vec<_>>(), ["Secret", "Pod"]);
        assert_eq!(&*objects[0].name, "a");

        let typed = read("apiVersion: v1\nkind: SecretList\nitems: [{metadata: {name: b}}]\n", &Context::default());
        assert_eq!((&*typed[0].kind_name, &*typed[0].api_version), ("Secret", "v1"));
        assert!(typed[0].kind.is_some());
    }

    #[test]
    fn what_has_no_kind_is_no_object() {
        assert!(read("replicas: 3\nimage: x\n", &Context::default()).is_empty());
        assert!(read("- a\n- b\n", &Context::default()).is_empty());
    }

    #[test]
    fn the_namespace_is_set_given_or_unknown() {
        let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n";
        let in_prod = "apiVersion: v1\nkind: Secret\nmetadata: {name: a, namespace: prod}\n";
        let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: a}\n";
        let one = |text: &str, context: &Context| read(text, context)[0].namespace.clone();
        let plain = Context::default();
        assert_eq!(one(secret, &plain), Namespace::Unknown);
        assert_eq!(one(in_prod, &plain), Namespace::Set("prod".into()));
        assert_eq!(one(role, &plain), Namespace::ClusterScoped);

        let flag = Context { default_namespace: Some("team".into()), ..Context::default() };
        assert_eq!(one(secret, &flag), Namespace::Given("team".into()));
        assert_eq!(one(in_prod, &flag), Namespace::Set("prod".into()));

        let given = Context { given: Given::One("k".into()), ..flag };
        assert_eq!(one(in_prod, &given), Namespace::Given("k".into()));
        let several = Context { given: Given::Several, ..Context::default() };
        assert_eq!(one(in_prod, &several), Namespace::Unknown);
    }
}
