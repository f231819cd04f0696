//! The shipped tables: indexed by line when first asked for, decoded a kind or type at a time.

use super::model::*;
use super::notation::{self, FieldLine, Wrap, Written};
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// The built-in kinds.
const BUILT_IN: &str = include_str!("builtin.table");

/// Every table, built-in kinds first. One text, so that a line is found by one offset.
const TABLES: &str = concat!(
    include_str!("builtin.table"),
    include_str!("custom/argo.table"),
    include_str!("custom/cert-manager.table"),
    include_str!("custom/external-secrets.table"),
    include_str!("custom/external-secrets-generators.table"),
    include_str!("custom/file-formats.table"),
    include_str!("custom/flux.table"),
    include_str!("custom/neighbours.table"),
    include_str!("custom/provisioning.table"),
    include_str!("custom/secret-stores.table"),
    include_str!("custom/vault-secrets-operator.table"),
    include_str!("custom/workloads.table"),
);

/// Slots for decoded types are made this many at a time: a program that starts pays only for what it touches.
const CHUNK: usize = 64;

type Slots = [OnceLock<Box<TypeInfo>>; CHUNK];

/// The indexed tables. A type is known by the number of the line that opens it.
pub(super) struct Base {
    text: &'static str,
    /// How much of the text is of built-in kinds.
    built_in: usize,
    /// Where each line starts, and where the text ends.
    starts: Vec<u32>,
    types: Vec<OnceLock<Box<Slots>>>,
    kinds: Vec<KindSlot>,
    by_group: HashMap<(&'static str, &'static str), KindId>,
    /// Sorted by name, then origin: kind names and aliases.
    names: Vec<(&'static str, Origin, KindId)>,
    /// Sorted by key.
    type_keys: Vec<(&'static str, TypeId)>,
}

struct KindSlot {
    line: u32,
    origin: Origin,
    info: OnceLock<Box<KindInfo>>,
}

impl Base {
    /// The tables; indexed once per process.
    pub(super) fn get() -> &'static Base {
        static BASE: OnceLock<Base> = OnceLock::new();
        BASE.get_or_init(|| Base::index(TABLES, BUILT_IN.len()))
    }

    /// Notes where lines, kinds and named types start. The first `built_in` bytes are of built-in kinds.
    fn index(text: &'static str, built_in: usize) -> Base {
        let mut base = Base {
            text,
            built_in,
            starts: Vec::with_capacity(text.len() / 20),
            types: Vec::new(),
            kinds: Vec::with_capacity(256),
            by_group: HashMap::with_capacity(256),
            names: Vec::with_capacity(256),
            type_keys: Vec::with_capacity(1024),
        };
        let mut kind = ("", KindId(0));
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', text.as_bytes()) {
            let line = text.get(start..end).unwrap_or_default();
            let id = base.starts.len() as u32;
            base.starts.push(start as u32);
            match line.as_bytes() {
                [b'k', ..] => {
                    let origin = if start < built_in { Origin::BuiltIn } else { Origin::Shipped };
                    kind = base.index_kind(line, id, origin).unwrap_or(kind);
                }
                [b't', ..] => {
                    let key = line.strip_prefix("type ").unwrap_or(line);
                    base.type_keys.push((key.strip_suffix(" +").unwrap_or(key), TypeId(id)));
                }
                [b' ', b'%', ..] => {
                    // A former group leads to the kind as well.
                    let full = line.get(2..).and_then(|l| l.split(' ').next()).unwrap_or_default();
                    if let Some((former, _)) = full.split_once('/') {
                        base.by_group.entry((former, kind.0)).or_insert(kind.1);
                    }
                }
                _ => {}
            }
            start = end + 1;
        }
        base.starts.push(start as u32);
        base.types.resize_with(base.starts.len().div_ceil(CHUNK), OnceLock::new);
        base.names.sort_unstable();
        base.type_keys.sort_unstable();
        base
    }

    fn index_kind(&mut self, line: &'static str, id: u32, origin: Origin) -> Option<(&'static str, KindId)> {
        let head = notation::kind_head(line)?;
        let kind = KindId(self.kinds.len() as u32);
        self.kinds.push(KindSlot { line: id, origin, info: OnceLock::new() });
        self.by_group.insert((head.group, head.name), kind);
        self.names.push((head.name, origin, kind));
        if let Some(alias) = head.alias {
            self.names.push((alias, origin, kind));
        }
        // Whole built-in objects occur inside others: the claims of a StatefulSet.
        if origin == Origin::BuiltIn {
            self.type_keys.push((head.alias.unwrap_or(head.name), TypeId(id)));
        }
        Some((head.name, kind))
    }

    pub(super) fn kind_count(&self) -> u32 {
        self.kinds.len() as u32
    }

    pub(super) fn type_count(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// True for the types that built-in kinds are made of.
    pub(super) fn is_built_in(&self, id: TypeId) -> bool {
        self.starts.get(id.0 as usize).is_some_and(|start| (*start as usize) < self.built_in)
    }

    pub(super) fn kind_of(&self, group: &str, kind: &str) -> Option<KindId> {
        self.by_group.get(&(group, kind)).copied()
    }

    /// Kinds whose name or alias that is, with their origin.
    pub(super) fn kinds_named(&self, name: &str) -> impl Iterator<Item = (Origin, KindId)> {
        let start = self.names.partition_point(|(n, ..)| *n < name);
        self.names.iter().skip(start).take_while(move |(n, ..)| *n == name).map(|(_, o, k)| (*o, *k))
    }

    /// All kind names and aliases, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(n, ..)| *n)
    }

    /// Types of that short name.
    pub(super) fn types_named(&self, short: &str) -> impl Iterator<Item = TypeId> {
        let start = self.type_keys.partition_point(|(k, _)| *k < short);
        self.type_keys
            .iter()
            .skip(start)
            .take_while(move |(k, _)| k.starts_with(short))
            .filter(move |(k, _)| short_name(k) == short)
            .map(|(_, id)| *id)
    }

    /// All short names of types, sorted, with repetitions.
    pub(super) fn type_names(&self) -> impl Iterator<Item = &str> {
        self.type_keys.iter().map(|(k, _)| short_name(k))
    }

    pub(super) fn kind(&self, id: KindId) -> Option<&KindInfo> {
        let slot = self.kinds.get(id.0 as usize)?;
        Some(slot.info.get_or_init(|| Box::new(self.decode_kind(slot))))
    }

    fn decode_kind(&self, slot: &KindSlot) -> KindInfo {
        let line = self.line(slot.line);
        let head = notation::kind_head(line);
        let group = head.as_ref().map_or("", |h| h.group);
        let versions = self.children(slot.line).filter_map(|(_, l)| notation::version(l, group)).collect();
        KindInfo {
            name: head.as_ref().map_or("", |h| h.name).into(),
            alias: head.as_ref().and_then(|h| h.alias).map(Arc::from),
            group: group.into(),
            versions,
            plural: head.as_ref().map_or("", |h| h.plural).into(),
            short_names: head
                .iter()
                .flat_map(|h| h.short_names.split(',').filter(|s| !s.is_empty()).map(Arc::from))
                .collect(),
            scope: head.as_ref().map_or(Scope::Cluster, |h| h.scope),
            root: TypeId(slot.line),
            origin: slot.origin,
            restricted: None,
            open: head.as_ref().is_some_and(|h| h.open),
        }
    }

    pub(super) fn type_info(&self, id: TypeId) -> Option<&TypeInfo> {
        if id.0 >= self.type_count() {
            return None;
        }
        let n = id.0 as usize;
        let slots = self.types.get(n / CHUNK)?.get_or_init(|| Box::new([const { OnceLock::new() }; CHUNK]));
        Some(slots.get(n % CHUNK)?.get_or_init(|| Box::new(self.decode_type(id.0))))
    }

    fn line(&self, id: u32) -> &'static str {
        let ends = self.starts.get(id as usize..).and_then(|s| s.first_chunk::<2>());
        ends.and_then(|[start, end]| self.text.get(*start as usize..*end as usize - 1)).unwrap_or_default()
    }

    /// The lines one level below, without their indentation.
    fn children(&self, parent: u32) -> impl Iterator<Item = (u32, &'static str)> {
        let level = notation::indent(self.line(parent));
        (parent + 1..self.type_count())
            .map(|id| (id, self.line(id)))
            .map(|(id, l)| (id, notation::indent(l), l))
            .take_while(move |(_, indent, _)| *indent > level)
            .filter(move |(_, indent, _)| *indent == level + 1)
            .filter_map(|(id, indent, l)| Some((id, l.get(indent..)?)))
    }

    fn decode_type(&self, id: u32) -> TypeInfo {
        let line = self.line(id);
        let mut fields: Vec<FieldInfo> = self
            .children(id)
            .filter(|(_, l)| !l.starts_with(['%', '&']))
            .filter_map(|(line, l)| notation::field(l).map(|f| self.decode_field(line, f)))
            .collect();
        for key in self.children(id).filter_map(|(_, l)| l.strip_prefix('&')) {
            let taken = self.type_of_key(key).and_then(|id| self.type_info(id));
            fields.extend(taken.into_iter().flat_map(|t| t.fields.iter().cloned()));
        }
        let (name, label, open): (Option<Arc<str>>, Arc<str>, bool);
        if let Some(head) = notation::kind_head(line) {
            label = head.alias.unwrap_or(head.name).into();
            let is_type = self.type_keys.binary_search(&(head.alias.unwrap_or(head.name), TypeId(id))).is_ok();
            (name, open) = (is_type.then(|| label.clone()), head.open);
            self.imply_object_fields(&mut fields, head.scope);
        } else if let Some(key) = line.strip_prefix("type ") {
            let (key, is_open) = key.strip_suffix(" +").map_or((key, false), |k| (k, true));
            label = short_name(key).into();
            (name, open) = (Some(label.clone()), is_open);
        } else {
            let field = notation::field(line.trim_start());
            open = field.is_some_and(|f| f.ty == Written::Fields(true));
            (name, label) = (None, self.path(id).into());
        }
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        TypeInfo { name, label, fields: fields.into(), open }
    }

    /// `apiVersion` and `kind` are in every object; `metadata` in every API object.
    fn imply_object_fields(&self, fields: &mut Vec<FieldInfo>, scope: Scope) {
        let mut imply = |name: &str, ty: SchemaType| {
            if !fields.iter().any(|f| &*f.name == name) {
                fields.push(plain_field(name, ty));
            }
        };
        imply("apiVersion", SchemaType::string());
        imply("kind", SchemaType::string());
        if let (Some(meta), true) = (self.types_named("ObjectMeta").next(), scope != Scope::File) {
            imply("metadata", SchemaType::Object(meta));
        }
    }

    /// `ExternalSecret.spec.data[]` for the line of `data`.
    fn path(&self, id: u32) -> String {
        let mut line = self.line(id);
        let mut level = notation::indent(line);
        let mut steps = vec![line];
        let mut at = id;
        while level > 0 && at > 0 {
            at -= 1;
            line = self.line(at);
            if notation::indent(line) < level {
                level = notation::indent(line);
                steps.push(line);
            }
        }
        let mut path = String::new();
        for step in steps.iter().rev() {
            if let Some(head) = notation::kind_head(step) {
                path.push_str(head.alias.unwrap_or(head.name));
            } else if let Some(key) = step.strip_prefix("type ") {
                path.push_str(short_name(key.strip_suffix(" +").unwrap_or(key)));
            } else {
                let words = step.trim_start();
                path.push('.');
                path.push_str(words.split(' ').next().unwrap_or(words).trim_end_matches('!'));
            }
        }
        path
    }

    fn decode_field(&self, line: u32, f: FieldLine<'_>) -> FieldInfo {
        let mut ty = self.decode_type_word(line, &f.ty, f.format);
        for wrap in f.wraps.iter().rev() {
            ty = match wrap {
                Wrap::List => SchemaType::List(Arc::new(ty)),
                Wrap::Map => SchemaType::Map(Arc::new(ty)),
            };
        }
        let mut older: Vec<OlderField> = f
            .older
            .iter()
            .map(|(version, ty)| OlderField {
                version: Arc::from(*version),
                ty: Some(self.decode_type_word(line, ty, None)),
                required: f.required,
            })
            .collect();
        for version in f.required_in.iter().flatten() {
            match older.iter_mut().find(|o| &*o.version == *version) {
                Some(o) => o.required = true,
                None => older.push(OlderField { version: Arc::from(*version), ty: None, required: true }),
            }
        }
        FieldInfo {
            name: f.name.into(),
            ty,
            required: f.required,
            default: f.default,
            list: match f.keys {
                Some(keys) => ListKind::Map(notation::names(&keys)),
                None if f.set => ListKind::Set,
                None => ListKind::Atomic,
            },
            versions: f.versions.map_or(Presence::Every, |v| Presence::Only(notation::names(&v))),
            older: older.into(),
        }
    }

    fn type_of_key(&self, key: &str) -> Option<TypeId> {
        let at = self.type_keys.binary_search_by(|(k, _)| (*k).cmp(key)).ok()?;
        self.type_keys.get(at).map(|(_, id)| *id)
    }

    fn decode_type_word(&self, line: u32, ty: &Written<'_>, format: Option<&str>) -> SchemaType {
        match ty {
            Written::Fields(_) => SchemaType::Object(TypeId(line)),
            Written::Named(key) => self.type_of_key(key).map_or(SchemaType::Any, SchemaType::Object),
            Written::Text => SchemaType::String { values: None, format: format.map(Arc::from) },
            Written::Values(v) => {
                SchemaType::String { values: Some(notation::names(v)), format: format.map(Arc::from) }
            }
            Written::Int => SchemaType::Int,
            Written::Number => SchemaType::Number,
            Written::Bool => SchemaType::Bool,
            Written::Bytes => SchemaType::Bytes,
            Written::Time => SchemaType::Time,
            Written::IntOrString => SchemaType::IntOrString,
            Written::Quantity => SchemaType::Quantity,
            Written::Any => SchemaType::Any,
            Written::List(item) => SchemaType::List(Arc::new(self.decode_type_word(line, item, None))),
            Written::Map(item) => SchemaType::Map(Arc::new(self.decode_type_word(line, item, None))),
        }
    }
}

/// A field of which nothing but name and type is known.
fn plain_field(name: &str, ty: SchemaType) -> FieldInfo {
    FieldInfo {
        name: name.into(),
        ty,
        required: false,
        default: None,
        list: ListKind::Atomic,
        versions: Presence::Every,
        older: Arc::default(),
    }
}

/// `Event` of the key `Event.events`.
fn short_name(key: &str) -> &str {
    key.split('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines that no part of the decoder understands would be dropped in silence.
    #[test]
    fn every_line_of_the_tables_is_understood() {
        let base = Base::get();
        let mut group = "";
        for n in 0..base.type_count() {
            let line = base.line(n);
            let words = line.trim_start();
            let ok = if words.is_empty() || words.starts_with('#') {
                true
            } else if line.starts_with("kind ") {
                let head = notation::kind_head(line);
                group = head.as_ref().map_or("", |h| h.group);
                head.is_some()
            } else if line.starts_with("type ") {
                true
            } else if words.starts_with('%') {
                notation::version(words, group).is_some()
            } else if let Some(key) = words.strip_prefix('&') {
                base.type_of_key(key).is_some()
            } else {
                notation::field(words).is_some_and(|f| match f.ty {
                    Written::Named(key) => base.type_keys.iter().any(|(k, _)| *k == key),
                    _ => true,
                })
            };
            assert!(ok, "line {n} of the tables is not understood: {line:?}");
        }
    }

    /// Two types or kinds of one name in the tables would hide each other.
    #[test]
    fn names_in_the_tables_are_unique() {
        let base = Base::get();
        for pair in base.type_keys.windows(2) {
            assert_ne!(pair[0].0, pair[1].0, "type stated twice");
        }
        let kinds = (0..base.type_count()).filter_map(|n| notation::kind_head(base.line(n))).count();
        let mut keys: Vec<_> = base.kinds.iter().map(|k| notation::kind_head(base.line(k.line)).unwrap()).collect();
        keys.sort_by_key(|h| (h.group, h.name));
        keys.dedup_by_key(|h| (h.group, h.name));
        assert_eq!(keys.len(), kinds, "kind stated twice");
    }
}
