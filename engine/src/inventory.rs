//! All objects of a run that can matter to another object's verdict, and what is known to be missing from them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::sync::Arc;

use tacit_lang::schema::KindId;

use crate::document::{Document, Node, NodeId};
use crate::object::Object;

/// How much of a kind was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Every object: a live list that succeeded, or a tree that was declared complete.
    Complete,
    /// Some files: there may be more objects elsewhere.
    Partial,
    /// Something of a complete tree could not be read; the text says what.
    NotListed(Arc<str>),
    /// A live cluster gave none or a part of it.
    Open {
        /// Why.
        why: Arc<str>,
        /// What would give the rest.
        need: Arc<str>,
    },
}

impl Seen {
    /// Why objects may be missing, as far as that can be told.
    pub fn why(&self) -> Option<&Arc<str>> {
        match self {
            Seen::NotListed(why) | Seen::Open { why, .. } => Some(why),
            Seen::Complete | Seen::Partial => None,
        }
    }

    /// What would give the missing objects, where a live cluster would.
    pub fn need(&self) -> Option<&Arc<str>> {
        match self {
            Seen::Open { need, .. } => Some(need),
            _ => None,
        }
    }

    /// True for [`Seen::Complete`].
    pub fn is_complete(&self) -> bool {
        *self == Seen::Complete
    }
}

/// A file of the input, also one that holds no object.
#[derive(Clone, Debug)]
pub struct FileEntry {
    /// Path below the root of the run, with `/` between parts.
    pub path: Arc<str>,
    /// True where Git ignores it.
    pub ignored: bool,
    /// The file as a text; findings on it point here.
    pub text: Arc<Document>,
    /// True where `text` has its text: it is UTF-8, and a rule reads it.
    pub readable: bool,
    /// Its first document, where it is YAML or JSON and a rule reads it.
    pub tree: Option<Arc<Document>>,
    /// The creation rule of SOPS that is for it.
    pub sops_rule: Option<SopsRule>,
}

/// A creation rule in a `.sops.yaml`.
#[derive(Clone, Debug)]
pub struct SopsRule {
    /// The `.sops.yaml`.
    pub document: Arc<Document>,
    /// The rule.
    pub node: NodeId,
}

/// The objects that were kept, indexed, and what is known of those that were not.
#[derive(Debug, Default)]
pub struct Inventory {
    objects: Vec<Object>,
    by_kind: HashMap<KindId, Vec<u32>>,
    by_name: HashMap<KindId, HashMap<Arc<str>, Vec<u32>>>,
    seen: HashMap<KindId, Seen>,
    /// How much was seen of a kind that `seen` does not name.
    rest: Option<Seen>,
    files: Vec<FileEntry>,
    controllers: Controllers,
}

impl Inventory {
    /// An inventory of `objects`, which must come in their deterministic order: path, document, item.
    ///
    /// `rest` tells how much was seen of the kinds that [`set_seen`](Self::set_seen) does not name.
    pub fn new(objects: Vec<Object>, files: Vec<FileEntry>, rest: Seen) -> Self {
        let mut inventory = Inventory { rest: Some(rest), files, ..Inventory::default() };
        for object in &objects {
            inventory.controllers.note(object);
        }
        for (at, object) in objects.iter().enumerate() {
            if let Some(kind) = object.kind {
                inventory.by_kind.entry(kind).or_default().push(at as u32);
                inventory.by_name.entry(kind).or_default().entry(object.name.clone()).or_default().push(at as u32);
            }
        }
        inventory.objects = objects;
        inventory
    }

    /// Adds what was noted of objects that were not kept, so that objects they control are not counted again.
    pub fn add_controllers(&mut self, other: Controllers) {
        self.controllers.merge(other);
    }

    /// States how much of a kind was seen.
    pub fn set_seen(&mut self, kind: KindId, seen: Seen) {
        self.seen.insert(kind, seen);
    }

    /// All objects, in their order.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The files of the input, in their order.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// Positions in [`objects`](Self::objects) of the objects of a kind, in their order.
    pub fn of_kind(&self, kind: KindId) -> &[u32] {
        self.by_kind.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Positions of the objects of several kinds, in the order of the input.
    pub fn of_kinds(&self, kinds: &[KindId]) -> Vec<u32> {
        let mut all: Vec<u32> = kinds.iter().flat_map(|&kind| self.of_kind(kind)).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The objects of a kind and name, in any namespace.
    pub fn named(&self, kind: KindId, name: &str) -> impl Iterator<Item = &Object> {
        let found = self.by_name.get(&kind).and_then(|names| names.get(name));
        found.into_iter().flatten().filter_map(|&at| self.objects.get(at as usize))
    }

    /// How much of a kind was seen.
    pub fn seen(&self, kind: KindId) -> &Seen {
        self.seen.get(&kind).or(self.rest.as_ref()).unwrap_or(&Seen::Partial)
    }

    /// True where nothing at all is missing.
    pub fn all_complete(&self) -> bool {
        self.rest.as_ref().is_some_and(Seen::is_complete) && self.seen.values().all(Seen::is_complete)
    }

    /// The kinds of which objects were kept or something was stated, in order.
    pub fn kinds(&self) -> BTreeMap<KindId, usize> {
        let mut kinds: BTreeMap<KindId, usize> = self.seen.keys().map(|&kind| (kind, 0)).collect();
        kinds.extend(self.by_kind.iter().map(|(&kind, objects)| (kind, objects.len())));
        kinds
    }

    /// True where the controller of an object is itself in the input.
    pub fn controlled(&self, object: &Object) -> bool {
        self.controllers.controls(object)
    }
}

/// Which objects the input holds, as far as owner references can name them: eight bytes for each.
#[derive(Clone, Debug, Default)]
pub struct Controllers {
    seen: HashSet<u64>,
}

impl Controllers {
    /// Notes that the input holds an object.
    pub fn note(&mut self, object: &Object) {
        let uid = object.node().get("metadata").and_then(|meta| meta.get("uid")).and_then(Node::as_str);
        if let Some(uid) = uid {
            self.seen.insert(uid_key(uid));
        }
        self.seen.insert(name_keys(object, &object.kind_name, &object.name)[0]);
    }

    /// Joins what two threads noted.
    pub fn merge(&mut self, other: Controllers) {
        self.seen.extend(other.seen);
    }

    fn controls(&self, object: &Object) -> bool {
        let Some(owner) = object.controller() else { return false };
        let text = |field| owner.get(field).and_then(Node::as_str).unwrap_or("");
        let uid = text("uid");
        (!uid.is_empty() && self.seen.contains(&uid_key(uid)))
            || name_keys(object, text("kind"), text("name")).iter().any(|key| self.seen.contains(key))
    }
}

/// The key of a unique id.
fn uid_key(uid: &str) -> u64 {
    key(["uid", uid, ""])
}

/// The key of an owner's name: owners live in the namespace of what they own, or in none.
fn name_keys(object: &Object, kind: &str, name: &str) -> [u64; 2] {
    let namespace = object.namespace.known().map_or("", |namespace| namespace);
    [key([kind, name, namespace]), key([kind, name, ""])]
}

fn key(parts: [&str; 3]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write(part.as_bytes());
        hasher.write_u8(0xff);
    }
    hasher.finish()
}
