//! References in manifests: what they lead to, and what makes the Secret that a workload uses.
//!
//! Which fields are references is what the `link` items of the rules say, no list of its own.

use std::path::Path;
use std::sync::Arc;

use lsp_types as lsp;
use tacit_engine::document::{Document, Kind, LoadOptions, Node, SourceText, TreeBuilder};
use tacit_engine::object::Object;
use tacit_engine::source::input::load;
use tacit_engine::source::objects::{Context, objects};
use tacit_engine::source::{Input, Role};
use tacit_lang::ir::{Expr, ExprKind, Link};
use tacit_lang::schema::{KindId, SchemaType, Schemas};

use crate::manifests::place;
use crate::position::Lines;
use crate::server::State;
use crate::worker::Ready;

/// A reference in a manifest.
struct Reference<'d> {
    node: Node<'d>,
    kinds: Vec<KindId>,
    name: String,
    namespace: Option<Arc<str>>,
}

/// What the reference at an offset leads to, and what makes it.
pub fn definition(state: &State, path: &Path, offset: u32) -> Vec<lsp::Location> {
    with_reference(state, path, offset, |found| {
        let place = |object: &Object| {
            let node = object.node();
            let named = node.get("metadata").and_then(|meta| meta.get("name")).unwrap_or(node);
            place(state, found.ready, &object.document.source, named)
        };
        found.targets.iter().chain(&found.makers).map(place).collect()
    })
    .unwrap_or_default()
}

/// What the reference at an offset leads to, in Markdown; names only.
pub fn hover(state: &State, path: &Path, offset: u32) -> Option<(lsp::Range, String)> {
    with_reference(state, path, offset, |found| {
        let schemas = &found.ready.schemas;
        let kinds: Vec<&str> = found.reference.kinds.iter().map(|kind| &*schemas.kind(*kind).name).collect();
        let title = |object: &Object| {
            let namespace = object.namespace.known().map(|name| format!("{name}/")).unwrap_or_default();
            format!("{} `{namespace}{}` in `{}`", object.kind_name, object.name, object.document.source.path)
        };
        let mut text = format!("Refers to {} `{}`", kinds.join(" or "), found.reference.name);
        for object in &found.targets {
            text.push_str(&format!("\n\n{}", title(object)));
        }
        for object in &found.makers {
            text.push_str(&format!("\n\nMade by {}", title(object)));
        }
        if found.targets.is_empty() && found.makers.is_empty() {
            text.push_str("\n\nIt is not in the files of the workspace.");
        }
        let range = Lines {
            text: &found.document.source.text,
            index: found.document.source.line_index(),
            encoding: state.encoding,
        }
        .range(found.reference.node.content_span());
        (range, text)
    })
}

struct Found<'d> {
    reference: Reference<'d>,
    document: &'d Document,
    ready: &'d Ready,
    targets: Vec<Object>,
    makers: Vec<Object>,
}

fn with_reference<T>(state: &State, path: &Path, offset: u32, tell: impl FnOnce(&Found<'_>) -> T) -> Option<T> {
    let project = state.project_of(path)?;
    let (input, ready) = project.manifests.last()?;
    let text = state.documents.get(path)?.text.to_string();
    let source = SourceText::new(path.display().to_string(), text);
    let loaded = load(&mut TreeBuilder::new(), &source, &LoadOptions::default(), &|_, _| true);
    let document = Arc::new(loaded.documents.into_iter().find(|document| document.span.touches(offset))?);
    let file = input.files.iter().find(|file| file.absolute == path);
    let context = file.map(|file| input.context(file)).unwrap_or_default();
    let found = objects(&document, &ready.schemas, &context, &|_| None);
    let object = found.iter().find(|object| object.node().span().touches(offset))?;
    let reference = reference(object, ready, offset)?;
    let targets = lookup(state, input, ready, &reference.name, &|object| {
        object.kind.is_some_and(|kind| reference.kinds.contains(&kind))
            && *object.name == *reference.name
            && near(object, &reference)
    });
    let secret = reference.kinds.iter().any(|kind| &*ready.schemas.kind(*kind).name == "Secret");
    let makers = if secret {
        lookup(state, input, ready, &reference.name, &|object| {
            makes(object, &reference.name) && near(object, &reference)
        })
    } else {
        Vec::new()
    };
    let found = Found { reference, document: &document, ready, targets, makers };
    Some(tell(&found))
}

/// False where both namespaces are known and differ.
fn near(object: &Object, reference: &Reference<'_>) -> bool {
    match (object.namespace.known(), &reference.namespace) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// The innermost reference that holds an offset.
fn reference<'d>(object: &'d Object, ready: &Ready, offset: u32) -> Option<Reference<'d>> {
    let schemas = &ready.schemas;
    let kind = object.kind?;
    let info = schemas.kind(kind);
    // Owners from which the path to a node is counted: the kind, and each named type on the way.
    let mut owners: Vec<(String, Vec<String>)> = vec![(info.unique_name().to_owned(), Vec::new())];
    let mut node = object.node();
    let mut ty = Some(SchemaType::Object(info.root));
    let mut best = None;
    loop {
        let step = match node.kind() {
            Kind::Map => node
                .entries()
                .find(|(_, key, value)| key.span().touches(offset) || value.span().touches(offset))
                .map(|(key, _, value)| (key.to_owned(), value)),
            Kind::Seq => node.items().find(|item| item.span().touches(offset)).map(|item| ("[]".to_owned(), item)),
            _ => None,
        };
        let Some((step, next)) = step else { return best };
        if let Some(SchemaType::Object(id)) = &ty
            && let Some(name) = &schemas.type_info(*id).name
        {
            owners.push((name.to_string(), Vec::new()));
        }
        owners.iter_mut().for_each(|(_, steps)| steps.push(step.clone()));
        ty = match ty {
            Some(SchemaType::Object(id)) => schemas.field(id, &step).map(|field| field.ty.clone()),
            Some(SchemaType::List(item)) => Some((*item).clone()),
            Some(SchemaType::Map(value)) => Some((*value).clone()),
            _ => None,
        };
        node = next;
        let link =
            ready.program.links.iter().find(|link| owners.iter().any(|(owner, steps)| is_at(link, owner, steps)));
        if let Some(link) = link
            && let Some(found) = read(link, node, object, schemas)
        {
            best = Some(found);
        }
    }
}

fn is_at(link: &Link, owner: &str, steps: &[String]) -> bool {
    *link.place.owner == *owner
        && link.place.steps.len() == steps.len()
        && link.place.steps.iter().zip(steps).all(|(wanted, step)| **wanted == **step || &**wanted == "{}")
}

fn read<'d>(link: &Link, node: Node<'d>, object: &Object, schemas: &Schemas) -> Option<Reference<'d>> {
    let part = |body: &Option<Expr>, key: &str| match body {
        Some(body) => member(body, node),
        None if node.kind() == Kind::Map => node.get(key)?.as_str().map(str::to_owned),
        None => None,
    };
    let name = match node.as_str() {
        Some(text) if link.name.is_none() => text.to_owned(),
        _ => part(&link.name, "name")?,
    };
    let written = part(&link.kind, "kind");
    let all = || link.targets.iter().flat_map(|target| target.iter().copied());
    let mut kinds: Vec<KindId> = match &written {
        Some(kind) => all().filter(|id| *schemas.kind(*id).name == **kind).collect(),
        None => link.targets.first().map(|first| first.to_vec()).unwrap_or_default(),
    };
    if kinds.is_empty() {
        kinds = all().collect();
    }
    let namespace = part(&link.namespace, "namespace").map(Arc::from).or_else(|| object.namespace.known().cloned());
    Some(Reference { node, kinds, name, namespace })
}

/// The value of `by name = field`, which is all that links of references to objects say.
fn member(body: &Expr, node: Node<'_>) -> Option<String> {
    match &*body.kind {
        ExprKind::Local(0) => node.as_str().map(str::to_owned),
        ExprKind::Member { base, name, .. } => match &*base.kind {
            ExprKind::Local(0) => node.get(name)?.as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    }
}

/// The objects of the workspace that fit; only files that mention the name are read.
fn lookup(state: &State, input: &Input, ready: &Ready, name: &str, fits: &dyn Fn(&Object) -> bool) -> Vec<Object> {
    let mut found = Vec::new();
    let mut builder = TreeBuilder::new();
    for file in input.files.iter().filter(|file| matches!(file.role, Role::Manifest | Role::Kustomization)) {
        let source = match state.documents.get(&file.absolute) {
            Some(document) => SourceText::new(file.found.shown.clone(), document.text.to_string()),
            None => match file.text() {
                Ok(source) => source,
                Err(_) => continue,
            },
        };
        if !source.text.contains(name) {
            continue;
        }
        let context: Context = input.context(file);
        for document in load(&mut builder, &source, &LoadOptions::default(), &|_, _| true).documents {
            let objects = objects(&Arc::new(document), &ready.schemas, &context, &|_| None);
            found.extend(objects.into_iter().filter(fits));
        }
    }
    found
}

/// True for an object from which a tool makes a Secret of that name.
fn makes(object: &Object, secret: &str) -> bool {
    let at = |path: &[&str]| path.iter().try_fold(object.node(), |node, key| node.get(key)).and_then(Node::as_str);
    let own = || (!object.name.is_empty()).then_some(&*object.name);
    let made = match &*object.kind_name {
        "ExternalSecret" => at(&["spec", "target", "name"]).or_else(own),
        "SealedSecret" => at(&["spec", "template", "metadata", "name"]).or_else(own),
        "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" => at(&["spec", "destination", "name"]),
        "Certificate" => at(&["spec", "secretName"]),
        _ => None,
    };
    made == Some(secret)
}
