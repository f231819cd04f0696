//! The declarations that items are checked against: names, groups, relations, derived fields, links.
//!
//! An [`Env`] is built from all declaration items of all modules. It is then only read: the type of a declaration is
//! found when first asked for, by checking its item, and kept.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use super::Role;
use super::item::{self, CheckedItem};
use super::places::{self, PlaceTree};
use super::source::Source;
use crate::ast::{self, ItemKind};
use crate::builtin::relations;
use crate::diag::Diagnostic;
use crate::ir::Id;
use crate::schema::{KindId, Schemas, TypeId, confidential};
use crate::span::Span;
use crate::types::{Base, Place, Places, RowType, Type};

/// A declaration item.
#[derive(Debug)]
pub(super) struct Decl {
    /// Index of its module.
    pub module: usize,
    /// Index of the item in its module.
    pub index: usize,
    pub item: Arc<ast::Item>,
    /// Its index in its table of the program.
    pub id: Id,
    /// For a link: the derived field that it makes where its path is a new field.
    pub field_id: Id,
    /// Name it introduces.
    pub name: ast::Ident,
    /// What was found when it was registered.
    pub found: Vec<Diagnostic>,
    pub checked: OnceLock<Arc<CheckedItem>>,
}

/// A group, its items joined.
#[derive(Debug)]
pub(super) struct GroupEnv {
    pub name: Arc<str>,
    /// Sorted.
    pub members: Arc<[KindId]>,
    /// The declarations that add to it, in order.
    pub items: Vec<usize>,
    /// For each member the declaration that brings it.
    pub member_item: HashMap<KindId, usize>,
    /// Names of its `with` fields, in order of first appearance.
    pub with: Vec<Arc<str>>,
    pub with_types: OnceLock<Vec<Type>>,
}

/// A module as names see it.
#[derive(Debug)]
pub(super) struct ModuleEnv {
    pub name: Arc<str>,
    pub text: Arc<str>,
    pub role: Role,
    /// Modules that it uses, by index.
    pub uses: Vec<usize>,
}

/// What a name outside any variable stands for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entity {
    /// `param`, by declaration.
    Param(usize),
    /// `let`, by declaration.
    Constant(usize),
    /// `fn`, by declaration.
    Function(usize),
    /// A group, by index in [`Env::groups`].
    Group(usize),
    /// `view`, by declaration.
    View(usize),
    /// An engine relation.
    Relation(u32),
    /// One kind, or several where the name is ambiguous.
    Kinds(Vec<KindId>),
    /// An item of that name did not parse.
    Broken,
}

/// Result of a look-up.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lookup {
    Found(Entity),
    /// It is declared in a project module that this one does not use.
    NotUsed(usize),
    Unknown,
}

/// All declarations.
#[derive(Debug)]
pub(super) struct Env {
    pub schemas: Schemas,
    pub modules: Vec<ModuleEnv>,
    pub decls: Vec<Decl>,
    pub groups: Vec<GroupEnv>,
    /// Row types of the engine's relations, by index.
    pub relations: Vec<Arc<RowType>>,
    records: HashMap<&'static str, Arc<RowType>>,
    pub places: PlaceTree,
    /// Short names of schema types that own links, fields or confidential places.
    type_owners: HashSet<Arc<str>>,
    names: HashMap<Arc<str>, Vec<usize>>,
    group_names: HashMap<Arc<str>, usize>,
    fields: HashMap<(Arc<str>, Arc<str>), usize>,
    /// Declarations of the items of modules: (module, item) to declaration.
    by_item: HashMap<(usize, usize), usize>,
    /// Codes and names of rules: (module, item).
    pub rules: HashMap<Arc<str>, (usize, usize)>,
    /// For each rule what reports call it.
    pub rule_ids: HashMap<(usize, usize), Arc<str>>,
    /// For each rule its place in the text of its module.
    pub rule_spans: HashMap<(usize, usize), Span>,
    /// Names of items that did not parse.
    broken: HashSet<Arc<str>>,
    /// Declarations of each table of the program, in the order of their ids.
    tables: [Vec<usize>; 6],
}

/// A table of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub(super) enum Table {
    Params,
    Constants,
    Functions,
    Fields,
    Links,
    Views,
}

impl Env {
    /// Registers the declarations of all modules. `sources` are those of `std` first.
    pub fn build(schemas: &Schemas, sources: &[std::sync::Arc<Source>]) -> Env {
        let mut env = Env {
            schemas: schemas.clone(),
            modules: Vec::new(),
            decls: Vec::new(),
            groups: Vec::new(),
            relations: Vec::new(),
            records: HashMap::new(),
            places: PlaceTree::default(),
            type_owners: HashSet::new(),
            names: HashMap::new(),
            group_names: HashMap::new(),
            fields: HashMap::new(),
            by_item: HashMap::new(),
            rules: HashMap::new(),
            rule_ids: HashMap::new(),
            rule_spans: HashMap::new(),
            broken: HashSet::new(),
            tables: Default::default(),
        };
        super::register::register(&mut env, sources);
        env
    }

    // ---- Registration, used by `register` --------------------------------------------------------------------

    pub(super) fn add_decl(&mut self, decl: Decl) -> usize {
        let index = self.decls.len();
        self.by_item.insert((decl.module, decl.index), index);
        self.decls.push(decl);
        index
    }

    /// The next id of a table, for the declaration that is added next.
    pub(super) fn take_id(&mut self, table: Table) -> Id {
        let decl = self.decls.len();
        let entries = &mut self.tables[table as usize];
        entries.push(decl);
        Id(entries.len() as u32 - 1)
    }

    pub(super) fn add_name(&mut self, name: &Arc<str>, decl: usize) {
        self.names.entry(name.clone()).or_default().push(decl);
    }

    pub(super) fn add_broken(&mut self, name: &Arc<str>) {
        self.broken.insert(name.clone());
    }

    pub(super) fn add_group(&mut self, name: &Arc<str>) -> usize {
        if let Some(&group) = self.group_names.get(name) {
            return group;
        }
        self.groups.push(GroupEnv {
            name: name.clone(),
            members: Arc::from([]),
            items: Vec::new(),
            member_item: HashMap::new(),
            with: Vec::new(),
            with_types: OnceLock::new(),
        });
        self.group_names.insert(name.clone(), self.groups.len() - 1);
        self.groups.len() - 1
    }

    /// Notes a derived field; gives the earlier one of the same owner and name, if there is one.
    pub(super) fn add_field(&mut self, owner: &Arc<str>, name: &Arc<str>, decl: usize) -> Option<usize> {
        let key = (owner.clone(), name.clone());
        if let Some(&earlier) = self.fields.get(&key) {
            return Some(earlier);
        }
        self.fields.insert(key, decl);
        None
    }

    pub(super) fn add_type_owner(&mut self, name: &Arc<str>) {
        self.type_owners.insert(name.clone());
    }

    /// Relations, records and confidential places, once groups are known.
    pub(super) fn add_builtins(&mut self) {
        for place in confidential::PLACES {
            let place = places::parse(place);
            if self.schemas.kinds_named(&place.owner).is_empty() && !self.schemas.types_named(&place.owner).is_empty() {
                self.type_owners.insert(place.owner.clone());
            }
            self.places.add_confidential(&place);
        }
        for record in relations::RECORDS {
            let row = self.row_type(record.name, record.columns);
            self.records.insert(record.name, row);
        }
        // A record may hold records that stand further down in the table.
        for record in relations::RECORDS {
            let row = self.row_type(record.name, record.columns);
            self.records.insert(record.name, row);
        }
        self.relations = relations::ALL.iter().map(|relation| self.row_type(relation.name, relation.columns)).collect();
    }

    fn row_type(&self, name: &str, columns: &[(&'static str, &'static str, &'static str)]) -> Arc<RowType> {
        let columns = columns
            .iter()
            .map(|(column, ty, doc)| crate::types::Column {
                name: (*column).into(),
                ty: self.written_type(ty),
                doc: (*doc).into(),
            })
            .collect();
        Arc::new(RowType { name: name.into(), columns })
    }

    /// Reads a type of the tables in [`crate::builtin`].
    fn written_type(&self, text: &str) -> Type {
        let text = text.trim();
        if let Some(rest) = text.strip_prefix("confidential ") {
            return self.written_type(rest).confidential(true);
        }
        if let Some(rest) = text.strip_suffix('?') {
            return self.written_type(rest).optional();
        }
        if text.starts_with('"') {
            let values: Arc<[Arc<str>]> = text.split('|').map(|value| value.trim().trim_matches('"').into()).collect();
            return Type::of(Base::String(Some(values)));
        }
        let inner = |word: &str| text.strip_prefix(word).and_then(|rest| rest.strip_suffix('>'));
        if let Some(element) = inner("list<") {
            return Type::list(self.written_type(element));
        }
        if let Some(value) = inner("map<") {
            return Type::map(self.written_type(value));
        }
        if text == "object" {
            return Type::of(Base::Object(Arc::from([])));
        }
        if let Some(base) = scalar(text) {
            return Type::of(base);
        }
        if let Some(row) = self.records.get(text) {
            return Type::of(Base::Row(row.clone()));
        }
        let kinds: Vec<KindId> = text.split('|').flat_map(|name| self.schemas.kinds_named(name.trim())).collect();
        if !kinds.is_empty() {
            return self.object_type(kinds);
        }
        match self.schemas.types_named(text).first() {
            Some(id) => self.struct_type(vec![*id], Arc::from([])),
            None => Type::of(Base::Any),
        }
    }

    // ---- Look-ups ----------------------------------------------------------------------------------------------

    /// The declaration of an item.
    pub fn decl_of(&self, module: usize, item: usize) -> Option<usize> {
        self.by_item.get(&(module, item)).copied()
    }

    /// The declarations of a table.
    pub fn table(&self, table: Table) -> &[usize] {
        &self.tables[table as usize]
    }

    /// The declaration of an id.
    pub fn by_id(&self, table: Table, id: Id) -> Option<usize> {
        self.tables[table as usize].get(id.0 as usize).copied()
    }

    /// The place of a rule in the text of its module.
    pub fn rule_span(&self, rule: (usize, usize)) -> Span {
        self.rule_spans.get(&rule).copied().unwrap_or_default()
    }

    /// Kinds and relations that names stand for in a module: kinds themselves, members of groups, what views and
    /// relations look at. Sorted.
    pub fn named(&self, module: usize, names: &[Arc<str>]) -> (Vec<KindId>, Vec<u32>) {
        let mut kinds: BTreeSet<KindId> = BTreeSet::new();
        let mut relations: BTreeSet<u32> = BTreeSet::new();
        for name in names {
            match self.lookup(module, name) {
                Lookup::Found(Entity::Group(group)) => kinds.extend(self.groups[group].members.iter()),
                Lookup::Found(Entity::Kinds(found)) => kinds.extend(found),
                Lookup::Found(Entity::Relation(relation)) => {
                    relations.insert(relation);
                }
                Lookup::Found(Entity::View(decl)) => {
                    if let Some(checked) = self.checked(decl, &[])
                        && let item::Checked::View(view) = &checked.ir
                    {
                        kinds.extend(&view.reach.kinds);
                        relations.extend(&view.reach.relations);
                    }
                }
                _ => {}
            }
        }
        for &relation in &relations {
            for name in relations::ALL.get(relation as usize).map(|relation| relation.kinds).unwrap_or_default() {
                kinds.extend(self.schemas.kinds_named(name));
            }
        }
        (kinds.into_iter().collect(), relations.into_iter().collect())
    }

    /// True where names of `other` are in scope in `module`.
    pub fn sees(&self, module: usize, other: usize) -> bool {
        module == other || self.modules[other].role == Role::Std || self.modules[module].uses.contains(&other)
    }

    /// What a name means in a module.
    pub fn lookup(&self, module: usize, name: &str) -> Lookup {
        let declared = self.names.get(name).map(Vec::as_slice).unwrap_or_default();
        if let Some(&decl) = declared.iter().find(|&&decl| self.sees(module, self.decls[decl].module))
            && let Some(entity) = self.entity(decl)
        {
            return Lookup::Found(entity);
        }
        if let Some(&group) = self.group_names.get(name)
            && self.groups[group].items.iter().any(|&decl| self.sees(module, self.decls[decl].module))
        {
            return Lookup::Found(Entity::Group(group));
        }
        if let Some(relation) = relations::ALL.iter().position(|relation| relation.name == name) {
            return Lookup::Found(Entity::Relation(relation as u32));
        }
        let kinds = self.schemas.kinds_named(name);
        if !kinds.is_empty() {
            return Lookup::Found(Entity::Kinds(kinds));
        }
        if let Some(&decl) = declared.first() {
            return Lookup::NotUsed(self.decls[decl].module);
        }
        if let Some(&group) = self.group_names.get(name)
            && let Some(&decl) = self.groups[group].items.first()
        {
            return Lookup::NotUsed(self.decls[decl].module);
        }
        if self.broken.contains(name) { Lookup::Found(Entity::Broken) } else { Lookup::Unknown }
    }

    fn entity(&self, decl: usize) -> Option<Entity> {
        Some(match &self.decls[decl].item.kind {
            ItemKind::Param(_) => Entity::Param(decl),
            ItemKind::Let(_) => Entity::Constant(decl),
            ItemKind::Fn(_) => Entity::Function(decl),
            ItemKind::View(_) => Entity::View(decl),
            _ => return None,
        })
    }

    /// The declarations of a name, in whatever module.
    pub fn declarations(&self, name: &str) -> &[usize] {
        self.names.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// The group of a name.
    pub fn group(&self, name: &str) -> Option<usize> {
        self.group_names.get(name).copied()
    }

    /// The record of a name, or the relation.
    pub fn row(&self, name: &str) -> Option<Arc<RowType>> {
        self.records
            .get(name)
            .cloned()
            .or_else(|| self.relations.iter().find(|relation| &*relation.name == name).cloned())
    }

    /// Every name that is in scope in a module, for "did you mean".
    pub fn names_in_scope(&self, module: usize) -> impl Iterator<Item = &str> {
        self.names
            .iter()
            .filter(move |(_, decls)| decls.iter().any(|&decl| self.sees(module, self.decls[decl].module)))
            .map(|(name, _)| &**name)
            .chain(self.groups.iter().map(|group| &*group.name))
            .chain(relations::ALL.iter().map(|relation| relation.name))
    }

    /// The name by which places, fields and links know an owner: the kind's own unique name, a group, view, relation
    /// or schema type.
    pub fn owner_name(&self, name: &str) -> Arc<str> {
        if self.group_names.contains_key(name) || relations::ALL.iter().any(|relation| relation.name == name) {
            return name.into();
        }
        match self.schemas.kinds_named(name).as_slice() {
            [kind] => self.schemas.kind(*kind).unique_name().into(),
            _ => name.into(),
        }
    }

    /// The derived field (or new-field link) of that name that every one of the kinds has.
    pub fn object_field(&self, kinds: &[KindId], name: &str) -> Option<usize> {
        let key = |owner: &Arc<str>| (owner.clone(), Arc::<str>::from(name));
        if let [kind] = kinds
            && let Some(&decl) = self.fields.get(&key(&self.schemas.kind(*kind).unique_name().into()))
        {
            return Some(decl);
        }
        self.groups_over(kinds).find_map(|group| self.fields.get(&key(&group.name)).copied())
    }

    /// The derived field of a row or named schema type.
    pub fn field_of(&self, owner: &str, name: &str) -> Option<usize> {
        if self.fields.is_empty() {
            return None;
        }
        self.fields.get(&(owner.into(), name.into())).copied()
    }

    /// Groups of which all these kinds are members.
    pub fn groups_over<'e>(&'e self, kinds: &'e [KindId]) -> impl Iterator<Item = &'e GroupEnv> {
        self.groups.iter().filter(move |group| {
            !kinds.is_empty() && kinds.iter().all(|kind| group.members.binary_search(kind).is_ok())
        })
    }

    /// Names of derived fields of an owner, and of the groups over its kinds.
    pub fn field_names<'e>(&'e self, owners: &'e [Arc<str>]) -> impl Iterator<Item = &'e str> {
        self.fields.keys().filter(move |(owner, _)| owners.contains(owner)).map(|(_, name)| &**name)
    }

    // ---- Types with their places -------------------------------------------------------------------------------

    /// The type of a whole object of one of these kinds.
    pub fn object_type(&self, mut kinds: Vec<KindId>) -> Type {
        kinds.sort();
        kinds.dedup();
        let mut roots: Vec<Place> = Vec::new();
        let mut root = |owner: &str| {
            if self.places.has_root(owner) {
                roots.push(Place { owner: owner.into(), steps: Arc::from([]) });
            }
        };
        for kind in &kinds {
            root(self.schemas.kind(*kind).unique_name());
        }
        for group in self.groups_over(&kinds) {
            root(&group.name);
        }
        Type { places: roots.into(), ..Type::of(Base::Object(kinds.into())) }
    }

    /// The type of a part of an object, at the given places.
    pub fn struct_type(&self, types: Vec<TypeId>, places: Places) -> Type {
        let mut places = places;
        for id in &types {
            if let Some(name) = &self.schemas.type_info(*id).name
                && self.type_owners.contains(name)
                && self.places.has_root(name)
            {
                let here: Places = [Place { owner: name.clone(), steps: Arc::from([]) }].into();
                places = super::types::merge_places(&places, &here);
            }
        }
        Type { places, ..Type::of(Base::Struct(types.into())) }
    }

    /// The type of a row of a relation or view.
    pub fn row_value(&self, row: &Arc<RowType>) -> Type {
        let places: Places = if self.places.has_root(&row.name) {
            [Place { owner: row.name.clone(), steps: Arc::from([]) }].into()
        } else {
            Arc::from([])
        };
        Type { places, ..Type::of(Base::Row(row.clone())) }
    }

    /// The places one step further down.
    pub fn step(&self, places: &Places, step: &str) -> Places {
        self.places.step(places, step)
    }

    // ---- Signatures --------------------------------------------------------------------------------------------

    /// A declaration, checked. Nothing where it is being checked already: it depends on itself.
    pub fn checked(&self, decl: usize, stack: &[usize]) -> Option<Arc<CheckedItem>> {
        if let Some(checked) = self.decls[decl].checked.get() {
            return Some(checked.clone());
        }
        if stack.contains(&decl) {
            return None;
        }
        let checked = Arc::new(item::check_decl(self, decl, stack));
        Some(self.decls[decl].checked.get_or_init(|| checked).clone())
    }

    /// False for a declaration of `std` that is only checked where something uses it. Links are found by the places that
    /// they are at, groups by their members, and params by the command line, without a look at the item.
    pub fn is_always_checked(&self, decl: usize) -> bool {
        let decl = &self.decls[decl];
        self.modules[decl.module].role != Role::Std
            || matches!(decl.item.kind, ItemKind::Link(_) | ItemKind::Group(_) | ItemKind::Param(_))
    }

    /// Types of the `with` fields of a group, in their order.
    pub fn with_types(&self, group: usize, stack: &[usize]) -> Option<&[Type]> {
        let group_env = &self.groups[group];
        if let Some(types) = group_env.with_types.get() {
            return Some(types);
        }
        let mut types: Vec<Option<Type>> = vec![None; group_env.with.len()];
        for &decl in &group_env.items {
            let checked = self.checked(decl, stack)?;
            let item::Checked::Group(parts) = &checked.ir else { continue };
            for part in parts {
                let (Some(at), Some(body)) =
                    (group_env.with.iter().position(|name| *name == part.name), part.body.as_ref())
                else {
                    continue;
                };
                types[at] = Some(match types[at].take() {
                    None => body.ty.clone(),
                    Some(ty) => self.unify(&ty, &body.ty).unwrap_or_else(|| Type::of(Base::Error)),
                });
            }
        }
        let types = types
            .into_iter()
            .zip(&group_env.with)
            .map(|(ty, name)| {
                let mut ty = ty.unwrap_or_else(|| Type::of(Base::Error));
                let root: Places = [Place { owner: group_env.name.clone(), steps: Arc::from([]) }].into();
                ty.places = super::types::merge_places(&ty.places, &self.places.step(&root, name));
                ty
            })
            .collect();
        Some(group_env.with_types.get_or_init(|| types))
    }

    /// Where an item is declared: its module and name.
    pub fn place_of(&self, decl: usize) -> (Arc<str>, Span) {
        let decl = &self.decls[decl];
        (self.modules[decl.module].name.clone(), decl.name.span)
    }
}

/// The base type of a scalar word.
pub(super) fn scalar(word: &str) -> Option<Base> {
    Some(match word {
        "string" => Base::String(None),
        "int" => Base::Int,
        "number" => Base::Number,
        "bool" => Base::Bool,
        "duration" => Base::Duration,
        "time" => Base::Time,
        "bytes" => Base::Bytes,
        "any" => Base::Any,
        _ => return None,
    })
}
