//! What an editor asks the checker: names in scope, members of a type, types as authors write them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::checker::Checker;
use super::env::Env;
use super::item;
use super::member::ATTRS;
use super::{CheckedItem, Compiler, Role};
use crate::ast::{ItemKind, Severity};
use crate::builtin::{methods, relations};
use crate::ir::{Attr, Id};
use crate::lexer::RawItem;
use crate::schema::{SchemaType, Schemas, TypeId};
use crate::span::Span;
use crate::types::{Base, Type};

/// What a name in scope stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the items of the language")]
pub enum NamedKind {
    Param,
    Constant,
    Function,
    Group,
    View,
    Relation,
    Kind,
}

/// A name in scope.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name.
    pub name: Arc<str>,
    /// What it stands for.
    pub kind: NamedKind,
    /// Its type, signature or what else tells it apart, as shown beside the name.
    pub detail: String,
    /// Its documentation, in Markdown; may be empty.
    pub doc: Arc<str>,
    /// Names and types of the parameters of a function.
    pub params: Vec<(Arc<str>, String)>,
}

/// How a rule is named.
#[derive(Clone, Debug)]
pub struct RuleName {
    /// Its code, where it has one.
    pub code: Option<Arc<str>>,
    /// Its name.
    pub name: Arc<str>,
    /// Its severity, where its head is right.
    pub severity: Option<Severity>,
    /// The module that holds it.
    pub module: Arc<str>,
}

/// What may stand behind a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MemberKind {
    /// A field of the schema.
    Field,
    /// A field that a rule file derives, or a `with` field of a group.
    Derived,
    /// A column of a row.
    Column,
    /// What every object has.
    Attribute,
    /// A method.
    Method,
}

/// Something that may stand behind a dot.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: MemberKind,
    /// Its type or signature.
    pub detail: String,
    /// Its documentation; may be empty.
    pub doc: Arc<str>,
    /// The API server demands it.
    pub required: bool,
    /// Of a method: its name is followed by parentheses, and there are arguments to write in them.
    pub call: Option<bool>,
}

impl Compiler {
    /// A copy whose modules can be changed without touching this one; their parsed items are shared.
    pub fn fork(&self) -> Compiler {
        Compiler { schemas: self.schemas.clone(), sources: self.sources.clone(), env: std::sync::OnceLock::new() }
    }

    /// The same modules against other kinds.
    pub fn with_schemas(&self, schemas: Schemas) -> Compiler {
        Compiler { schemas, ..self.fork() }
    }

    /// Names of all modules, those of `std` first, with where they come from.
    pub fn modules(&self) -> impl Iterator<Item = (&Arc<str>, Role)> {
        self.sources.iter().map(|source| (&source.name, source.role))
    }

    /// The text of a module.
    pub fn module_text(&self, module: &str) -> Option<&Arc<str>> {
        self.sources.iter().find(|source| *source.name == *module).map(|source| &source.text)
    }

    /// The items of a module, unparsed.
    pub fn raw_items(&self, module: &str) -> &[RawItem] {
        self.sources.iter().find(|source| *source.name == *module).map_or(&[], |source| &source.raw)
    }

    /// Checks one item of a module.
    pub fn check_one(&self, module: &str, index: usize) -> Option<Arc<CheckedItem>> {
        let at = self.sources.iter().position(|source| *source.name == *module)?;
        (index < self.sources[at].raw.len()).then(|| self.check_item(at, index))
    }

    /// A type as authors write it: `string?`, `list<EnvVar>`.
    pub fn show(&self, ty: &Type) -> String {
        self.env().show(ty)
    }

    /// The names of rules, in the order of modules and texts.
    pub fn rule_names(&self) -> Vec<RuleName> {
        let mut names = Vec::new();
        for source in &self.sources {
            for (index, raw) in source.raw.iter().enumerate() {
                if raw.keyword == Some(crate::lexer::Keyword::Rule) {
                    let head = source.head(index);
                    if let Some(name) = head.name.clone().or_else(|| head.code.clone()) {
                        let (code, severity, module) = (head.code.clone(), head.severity, source.name.clone());
                        names.push(RuleName { code, name, severity, module });
                    }
                }
            }
        }
        names
    }

    /// The names that are in scope in a module: declarations, groups, relations, kinds.
    pub fn names_in_scope(&self, module: &str) -> Vec<Named> {
        let env = self.env();
        let Some(at) = env.modules.iter().position(|other| *other.name == *module) else { return Vec::new() };
        let mut names: BTreeMap<Arc<str>, Named> = BTreeMap::new();
        for (index, decl) in env.decls.iter().enumerate() {
            if env.sees(at, decl.module)
                && let Some(named) = declared(env, index)
            {
                names.insert(named.name.clone(), named);
            }
        }
        for group in &env.groups {
            let doc = group.items.first().map(|&decl| item::doc(&env.decls[decl].item)).unwrap_or_default();
            let members: Vec<&str> = group.members.iter().map(|kind| env.schemas.kind(*kind).unique_name()).collect();
            let detail = members.join(", ");
            let named = Named { name: group.name.clone(), kind: NamedKind::Group, detail, doc, params: Vec::new() };
            names.entry(group.name.clone()).or_insert(named);
        }
        for relation in relations::ALL {
            let name: Arc<str> = relation.name.into();
            let doc: Arc<str> = format!("One row for {}.", relation.doc).into();
            let detail = relation.columns.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
            names.entry(name.clone()).or_insert(Named {
                name,
                kind: NamedKind::Relation,
                detail,
                doc,
                params: Vec::new(),
            });
        }
        for id in env.schemas.kinds() {
            let kind = env.schemas.kind(id);
            let name: Arc<str> = kind.unique_name().into();
            if name.is_empty() {
                continue;
            }
            let detail = kind.versions.first().map(|version| version.api_version()).unwrap_or_default();
            names.entry(name.clone()).or_insert(Named {
                name,
                kind: NamedKind::Kind,
                detail,
                doc: Arc::default(),
                params: Vec::new(),
            });
        }
        names.into_values().collect()
    }

    /// What may stand behind a dot after a value of a type.
    pub fn members(&self, ty: &Type) -> Vec<Member> {
        let env = self.env();
        let checker = Checker::new(env, "", 0, Vec::new());
        let mut members: BTreeMap<Arc<str>, Member> = BTreeMap::new();
        match &ty.base {
            Base::Object(kinds) => {
                for group in env.groups_over(kinds) {
                    add_derived(env, &mut members, &group.name);
                    let at = env.group(&group.name).unwrap_or_default();
                    let types = env.with_types(at, &[]).unwrap_or_default();
                    for (name, ty) in group.with.iter().zip(types) {
                        add(&mut members, name, MemberKind::Derived, env.show(ty), "", false);
                    }
                }
                for kind in kinds.iter() {
                    add_derived(env, &mut members, env.schemas.kind(*kind).unique_name());
                }
                let roots: Vec<TypeId> = kinds.iter().map(|kind| env.schemas.kind(*kind).root).collect();
                add_fields(env, &checker, &mut members, &roots, ty);
                for (word, attr) in ATTRS {
                    add(
                        &mut members,
                        word,
                        MemberKind::Attribute,
                        attribute_type(attr).into(),
                        attribute_doc(attr),
                        false,
                    );
                }
            }
            Base::Struct(types) => {
                if let [id] = &**types
                    && let Some(owner) = &env.schemas.type_info(*id).name
                {
                    add_derived(env, &mut members, owner);
                }
                add_fields(env, &checker, &mut members, types, ty);
            }
            Base::Row(row) => {
                for column in &row.columns {
                    add(&mut members, &column.name, MemberKind::Column, env.show(&column.ty), &column.doc, false);
                }
                add_derived(env, &mut members, &row.name);
            }
            _ => {}
        }
        for signature in methods::ALL.iter().filter(|signature| checker.receives(signature, ty)) {
            let params: Vec<String> = signature.params.iter().map(|(name, _)| (*name).to_owned()).collect();
            let detail = if signature.call { format!("({})", params.join(", ")) } else { String::new() };
            let result = env.show(&checker.outcome(signature, ty));
            members.entry(signature.name.into()).or_insert(Member {
                name: signature.name.into(),
                kind: MemberKind::Method,
                detail: format!("{detail}: {result}"),
                doc: signature.doc.into(),
                required: false,
                call: signature.call.then_some(!signature.params.is_empty()),
            });
        }
        members.into_values().collect()
    }

    /// The declaration that a link makes of a place, as an author reads it: `SecretStore | ClusterSecretStore`.
    pub fn link_targets(&self, ty: &Type) -> Option<String> {
        let env = self.env();
        let decl = *env.places.links(&ty.places).first()?;
        match &env.decls[decl].item.kind {
            ItemKind::Link(link) => {
                Some(link.targets.iter().map(|target| &*target.text).collect::<Vec<_>>().join(" | "))
            }
            _ => None,
        }
    }

    /// The documentation of the item at a place of a module.
    pub fn doc_at(&self, module: &str, span: Span) -> Option<Arc<str>> {
        let source = self.sources.iter().find(|source| *source.name == *module)?;
        let index = source.raw.iter().position(|raw| raw.span.contains(span))?;
        source.item(index).item.doc.as_ref().map(|doc| doc.node.clone())
    }

    /// Name and type parameters of the function that an item declares.
    pub fn function(&self, name: &str) -> Option<Named> {
        let env = self.env();
        let decl = env
            .declarations(name)
            .iter()
            .copied()
            .find(|&decl| matches!(env.decls[decl].item.kind, ItemKind::Fn(_)))?;
        declared(env, decl)
    }

    /// The declaration of a table's id, as module and place of its name.
    pub fn place_of_link(&self, id: Id) -> Option<(Arc<str>, Span)> {
        let env = self.env();
        env.by_id(super::Table::Links, id).map(|decl| env.place_of(decl))
    }
}

fn declared(env: &Env, at: usize) -> Option<Named> {
    let decl = &env.decls[at];
    let kind = match &decl.item.kind {
        ItemKind::Param(_) => NamedKind::Param,
        ItemKind::Let(_) => NamedKind::Constant,
        ItemKind::Fn(_) => NamedKind::Function,
        ItemKind::View(_) => NamedKind::View,
        _ => return None,
    };
    let checked = env.checked(at, &[])?;
    let params: Vec<(Arc<str>, String)> =
        checked.params.iter().map(|(name, ty)| (name.clone(), env.show(ty))).collect();
    let shown = env.show(&checked.ty);
    let detail = if kind == NamedKind::Function {
        let list: Vec<String> = params.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
        format!("({}): {shown}", list.join(", "))
    } else {
        shown
    };
    Some(Named { name: decl.name.text.clone(), kind, detail, doc: item::doc(&decl.item), params })
}

type Members = BTreeMap<Arc<str>, Member>;

fn add(members: &mut Members, name: &str, kind: MemberKind, detail: String, doc: &str, required: bool) {
    let name: Arc<str> = name.into();
    members.entry(name.clone()).or_insert(Member { name, kind, detail, doc: doc.into(), required, call: None });
}

fn add_derived(env: &Env, members: &mut Members, owner: &str) {
    let owners = [Arc::<str>::from(owner)];
    let names: Vec<String> = env.field_names(&owners).map(str::to_owned).collect();
    for name in names {
        if let Some(decl) = env.field_of(owner, &name) {
            let detail = env.checked(decl, &[]).map(|checked| env.show(&checked.ty)).unwrap_or_default();
            add(members, &name, MemberKind::Derived, detail, &item::doc(&env.decls[decl].item), false);
        }
    }
}

/// The fields that all the types have.
fn add_fields(env: &Env, checker: &Checker<'_>, members: &mut Members, types: &[TypeId], base: &Type) {
    let Some((first, rest)) = types.split_first() else { return };
    for field in &env.schemas.type_info(*first).fields {
        let everywhere = |id: &TypeId| {
            let other = env.schemas.type_info(*id);
            other.open || other.field(&field.name).is_some()
        };
        if !rest.iter().all(everywhere) {
            continue;
        }
        let places = env.step(&base.places, &field.name);
        let mut ty = checker.schema_type(&field.ty, places);
        ty.optional = !(field.required || field.default.is_some());
        ty.confidential |= base.confidential;
        let doc = match (&field.ty, &field.default) {
            (SchemaType::String { values: Some(values), .. }, _) => {
                values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ")
            }
            (_, Some(default)) => format!("Default: `{default}`"),
            _ => String::new(),
        };
        add(members, &field.name, MemberKind::Field, env.show(&ty), &doc, field.required);
    }
}

/// The type of an attribute, as authors read it.
pub(super) fn attribute_type(attr: Attr) -> &'static str {
    match attr {
        Attr::Name | Attr::Kind | Attr::ApiVersion | Attr::Origin => "string",
        Attr::Namespace => "string?",
        Attr::Labels | Attr::Annotations => "map<string>",
        Attr::Created => "time?",
        Attr::Sops => "Sops?",
        Attr::Owner => "Owner?",
    }
}

/// What an attribute tells, in one sentence.
pub fn attribute_doc(attr: Attr) -> &'static str {
    match attr {
        Attr::Name => "`metadata.name`; empty where the object has none.",
        Attr::Namespace => "The namespace that is written or given; missing for cluster-scoped objects.",
        Attr::Labels => "`metadata.labels`; empty where absent.",
        Attr::Annotations => "`metadata.annotations`; empty where absent.",
        Attr::Kind => "The kind's name.",
        Attr::ApiVersion => "`apiVersion` as written.",
        Attr::Created => "`metadata.creationTimestamp`.",
        Attr::Origin => "From where the object was read: `file`, `cluster` or `rendered`.",
        Attr::Sops => "What SOPS noted in the document, where it is encrypted.",
        Attr::Owner => "The controller among the owner references.",
    }
}
