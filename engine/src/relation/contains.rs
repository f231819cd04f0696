//! `Contains`: what a kustomization, a Flux or an Argo CD object brings in.
//!
//! Paths are followed among the files of the input; what they name outside of it gives no row. A kustomization brings in
//! what its bases do, under the names and the namespace that both give.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use tacit_lang::types::RowType;

use super::Relation;
use crate::document::Node;
use crate::eval::World;
use crate::inventory::Inventory;
use crate::object::Object;
use crate::source::kustomize::FILE_NAMES;
use crate::value::{Data, Origin, Outcome, Value};

/// The relation.
pub(super) struct Contains;

/// So many kustomizations are followed for one owner. Each may bring in others several times over, so that a few files
/// can stand for more than anyone can build.
const MAX_VISITS: usize = 10_000;

/// The kustomizations on the way from an owner, so that none brings in itself, and how many were followed.
#[derive(Default)]
struct Way<'a> {
    open: Vec<&'a str>,
    visits: usize,
}

impl Relation for Contains {
    fn name(&self) -> &'static str {
        "Contains"
    }

    fn rows<'a>(&self, world: &World<'a>, ty: &Arc<RowType>) -> Outcome<'a, Vec<Value<'a>>> {
        let Some(inventory) = world.inventory else { return Ok(Vec::new()) };
        let tree = Tree::new(inventory);
        let mut rows = Vec::new();
        for owner in inventory.objects() {
            let Some(kind) = owner.kind else { continue };
            let info = world.schemas.kind(kind);
            let parts = match (&*info.group, &*info.name) {
                ("kustomize.config.k8s.io", "Kustomization") => tree.kustomization(owner, &mut Way::default()),
                ("kustomize.toolkit.fluxcd.io", "Kustomization") => tree.flux(owner),
                ("argoproj.io", "Application") => tree.argo(owner),
                _ => continue,
            };
            rows.extend(parts.into_iter().map(|part| row(ty, owner, part)));
        }
        Ok(rows)
    }
}

/// Something that is brought in.
struct Part<'a> {
    object: &'a Object,
    /// The entry that names it.
    node: Node<'a>,
    via: &'a str,
    name: String,
    namespace: Option<&'a str>,
}

fn row<'a>(ty: &Arc<RowType>, owner: &'a Object, part: Part<'a>) -> Value<'a> {
    let origin = Some(Origin::new(part.node, Some(owner)));
    let values = vec![
        Value::object(owner),
        Value::object(part.object),
        Value::at(Data::Str(part.via), origin),
        Value::text(part.name).with_origin(origin),
        part.namespace.map_or_else(|| Value::missing_at(origin), |name| Value::at(Data::Str(name), origin)),
    ];
    Value::row(ty.clone(), values).with_origin(origin)
}

/// The objects of the input by file, in the order of the names.
struct Tree<'a> {
    files: BTreeMap<&'a str, Vec<&'a Object>>,
    /// Kustomizations and components, by directory.
    kustomizations: HashMap<&'a str, &'a Object>,
}

impl<'a> Tree<'a> {
    fn new(inventory: &'a Inventory) -> Self {
        let mut tree = Tree { files: BTreeMap::new(), kustomizations: HashMap::new() };
        for object in inventory.objects() {
            let path = &*object.document.source.path;
            let (dir, name) = split(path);
            if FILE_NAMES.contains(&name) {
                tree.kustomizations.insert(dir, object);
            } else {
                tree.files.entry(path).or_default().push(object);
            }
        }
        tree
    }

    /// What a kustomization, or a component, brings in.
    fn kustomization(&self, owner: &'a Object, way: &mut Way<'a>) -> Vec<Part<'a>> {
        let root = owner.node();
        let (dir, _) = split(&owner.document.source.path);
        let text = |key: &str| root.get(key).and_then(Node::as_str).filter(|text| !text.is_empty());
        let mut parts = Vec::new();
        way.visits += 1;
        if way.visits > MAX_VISITS || way.open.contains(&dir) {
            return parts;
        }
        way.open.push(dir);
        for via in ["resources", "bases", "components"] {
            for node in root.get(via).into_iter().flat_map(Node::items) {
                let Some(path) = node.as_str().and_then(|entry| join(dir, entry)) else { continue };
                match (self.files.get(&*path), self.kustomizations.get(&*path)) {
                    (Some(objects), _) => parts.extend(objects.iter().map(|object| part(object, node, via))),
                    (None, Some(inner)) => {
                        let inner = self.kustomization(inner, way);
                        parts.extend(inner.into_iter().map(|part| Part { node, via, ..part }));
                    }
                    _ => {}
                }
            }
        }
        way.open.pop();
        for via in ["secretGenerator", "configMapGenerator"] {
            for node in root.get(via).into_iter().flat_map(Node::items) {
                if let Some(name) = node.get("name").and_then(Node::as_str) {
                    parts.push(Part { name: name.to_owned(), ..part(owner, node, via) });
                }
            }
        }
        let (prefix, suffix) = (text("namePrefix").unwrap_or(""), text("nameSuffix").unwrap_or(""));
        for part in &mut parts {
            part.name = format!("{prefix}{}{suffix}", part.name);
            part.namespace = text("namespace").or(part.namespace);
        }
        parts
    }

    /// A Flux Kustomization builds the directory's kustomization, or else all manifests below it.
    fn flux(&self, owner: &'a Object) -> Vec<Part<'a>> {
        let Some(spec) = owner.node().get("spec") else { return Vec::new() };
        let Some(node) = spec.get("path") else { return Vec::new() };
        let namespace = spec.get("targetNamespace").and_then(Node::as_str);
        let mut parts = self.directory(node, true);
        for part in &mut parts {
            part.namespace = namespace.or(part.namespace);
        }
        parts
    }

    /// An Argo CD Application builds the directory's kustomization, or else the manifests in it.
    fn argo(&self, owner: &'a Object) -> Vec<Part<'a>> {
        let Some(spec) = owner.node().get("spec") else { return Vec::new() };
        let namespace = spec.get("destination").and_then(|to| to.get("namespace")?.as_str());
        let several = spec.get("sources").into_iter().flat_map(Node::items);
        let mut parts = Vec::new();
        for source in spec.get("source").into_iter().chain(several) {
            let recurse = source.get("directory").and_then(|directory| directory.get("recurse")?.as_bool());
            if let Some(node) = source.get("path") {
                parts.extend(self.directory(node, recurse == Some(true)));
            }
        }
        // The namespace of the destination is for objects that state none.
        for part in &mut parts {
            let own = part.namespace.or(part.object.namespace.known().map(|name| &**name));
            part.namespace = own.or(namespace);
        }
        parts
    }

    /// What the directory at a path from the root of the repository holds.
    fn directory(&self, node: Node<'a>, below: bool) -> Vec<Part<'a>> {
        let Some(dir) = node.as_str().and_then(|path| self.find(path)) else { return Vec::new() };
        if let Some(kustomization) = self.kustomizations.get(dir) {
            let inner = self.kustomization(kustomization, &mut Way::default());
            return inner.into_iter().map(|part| Part { node, via: "path", ..part }).collect();
        }
        let inside = |path: &str| {
            let (own, _) = split(path);
            own == dir || (below && own.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/')))
        };
        let files = self.files.iter().filter(|(path, _)| inside(path));
        files.flat_map(|(_, objects)| objects).map(|object| part(object, node, "path")).collect()
    }

    /// The directory of the input that ends in a path. How the names of files begin depends on where a run was started,
    /// so the shortest counts.
    fn find(&self, path: &str) -> Option<&'a str> {
        let path = join("", path).filter(|path| !path.is_empty())?;
        let fits = |dir: &str| dir.strip_suffix(&*path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        let files = self.files.keys().copied().map(|path| split(path).0);
        let dirs = files.chain(self.kustomizations.keys().copied());
        let with_parents = dirs.flat_map(|dir| std::iter::successors(Some(dir), |dir| Some(dir.rsplit_once('/')?.0)));
        with_parents.filter(|dir| fits(dir)).min_by_key(|dir| (dir.len(), *dir))
    }
}

fn part<'a>(object: &'a Object, node: Node<'a>, via: &'a str) -> Part<'a> {
    Part { object, node, via, name: object.name.to_string(), namespace: None }
}

/// Directory and name of a path.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A path below a directory, with `.` and `..` resolved; nothing for one that leads out of the tree, or for an address.
fn join(dir: &str, entry: &str) -> Option<String> {
    if entry.contains("://") || entry.contains('\n') {
        return None;
    }
    let absolute = dir.starts_with('/');
    let mut parts: Vec<&str> = dir.split('/').filter(|part| !part.is_empty()).collect();
    for part in entry.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let path = parts.join("/");
    Some(if absolute { format!("/{path}") } else { path })
}

#[cfg(test)]
mod tests {
    use super::join;
    use crate::testkit::Case;

    #[test]
    fn paths_are_followed_from_the_directory() {
        assert_eq!(join("apps/web", "../base/x.yaml").as_deref(), Some("apps/base/x.yaml"));
        assert_eq!(join("/abs/web", "./x").as_deref(), Some("/abs/web/x"));
        assert_eq!(join("web", "../../out"), None);
        assert_eq!(join("web", "https://example.org/x.yaml"), None);
    }

    const RULE: &str = r#"
rule contains-rows info "Rows"
  for c in Contains
  deny at c.object "{c.via} {c.object.kind} {c.name} in {c.namespace ?? "its own"}"
"#;

    fn case() -> Case {
        Case::new(RULE)
            .file("base/kustomization.yaml", "resources: [db.yaml]\nnamePrefix: x-\nsecretGenerator: [{ name: gen }]\n")
            .file("base/db.yaml", "apiVersion: v1\nkind: Secret\nmetadata: { name: db }\n")
    }

    fn said(case: Case) -> Vec<String> {
        let lines = case.lines();
        let mut said: Vec<String> = lines
            .into_iter()
            .map(|line| line.split_once(": ").map_or(line.clone(), |(_, said)| said.to_owned()))
            .collect();
        said.sort();
        said
    }

    #[test]
    fn names_and_namespaces_add_up_over_bases() {
        let overlay = "resources: [../base]\nnamespace: shop\nnameSuffix: -prod\n";
        assert_eq!(
            said(case().file("prod/kustomization.yaml", overlay)),
            [
                "resources Kustomization x-gen-prod in shop",
                "resources Secret x-db in its own",
                "resources Secret x-db-prod in shop",
                "secretGenerator Kustomization x-gen in its own",
            ]
        );
    }

    #[test]
    fn flux_brings_in_a_directory() {
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: { name: a, namespace: flux-system }\nspec: { path: ./base, targetNamespace: shop }\n";
        let found = said(case().file("clusters/a.yaml", flux));
        assert!(found.contains(&"path Secret x-db in shop".to_owned()), "{found:#?}");
    }

    #[test]
    fn a_kustomization_that_brings_in_itself_comes_to_an_end() {
        let found = said(Case::new(RULE).file("a/kustomization.yaml", "resources: [../a, ../a]\n"));
        assert_eq!(found, Vec::<String>::new());
    }
}
