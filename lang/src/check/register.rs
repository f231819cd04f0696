//! Registers the declarations of all modules: names, kinds, groups, fields, links. Bodies are not looked at.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::Role;
use super::env::{Decl, Entity, Env, Lookup, ModuleEnv, Table, scalar};
use super::places;
use super::source::Source;
use crate::ast::{self, Ident, ItemKind, PathStep, TypeExpr, TypeExprKind};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::Id;
use crate::lexer::Keyword;
use crate::schema::{DeclaredField, DeclaredKind, KindId, Origin, SchemaType};
use crate::types::Place;

/// Fills `env` from the modules.
pub(super) fn register(env: &mut Env, sources: &[std::sync::Arc<Source>]) {
    let by_name: HashMap<&str, usize> = sources.iter().enumerate().map(|(at, s)| (&*s.name, at)).collect();
    for source in sources {
        env.modules.push(ModuleEnv {
            name: source.name.clone(),
            text: source.text.clone(),
            role: source.role,
            uses: Vec::new(),
        });
    }
    let mut found = Vec::new();
    for (module, source) in sources.iter().enumerate() {
        for (index, raw) in source.raw.iter().enumerate() {
            match raw.keyword {
                Some(Keyword::Rule) => {
                    let head = source.head(index);
                    for name in [&head.code, &head.name].into_iter().flatten() {
                        env.rules.entry(name.clone()).or_insert((module, index));
                    }
                    env.rule_spans.insert((module, index), raw.span);
                    if let Some(id) = head.code.clone().or_else(|| head.name.clone()) {
                        env.rule_ids.insert((module, index), id);
                    }
                }
                Some(Keyword::Test | Keyword::Waive | Keyword::Edition) | None => {}
                Some(Keyword::Use) => {
                    if let ItemKind::Use(used) = &source.item(index).item.kind
                        && let Some(&other) = by_name.get(&*used.path.value)
                    {
                        env.modules[module].uses.push(other);
                    }
                }
                Some(_) => {
                    let item = source.item(index).item.clone();
                    match name_of(&item.kind) {
                        Some(name) => found.push((module, index, item, name)),
                        None => {
                            if let ItemKind::Broken { name: Some(name), .. } = &item.kind {
                                env.add_broken(&name.text);
                            }
                        }
                    }
                }
            }
        }
    }
    for (module, index, item, name) in found {
        let (id, field_id) = take_ids(env, &item.kind);
        env.add_decl(Decl { module, index, item, id, field_id, name, found: Vec::new(), checked: OnceLock::new() });
    }
    for at in 0..env.decls.len() {
        declare_kind(env, at);
    }
    for at in 0..env.decls.len() {
        name_decl(env, at);
    }
    for at in 0..env.decls.len() {
        attach(env, at);
    }
    env.add_builtins();
}

/// The name that an item introduces; of a field or link the new field.
fn name_of(kind: &ItemKind) -> Option<Ident> {
    Some(match kind {
        ItemKind::Param(item) => item.name.clone(),
        ItemKind::Let(item) => item.name.clone(),
        ItemKind::Fn(item) => item.name.clone(),
        ItemKind::Group(item) => item.name.clone(),
        ItemKind::Field(item) => item.name.clone(),
        ItemKind::Link(item) => {
            let (step, span) = item.path.steps.last()?;
            let text = match step {
                PathStep::Field(name) => name.clone(),
                _ => "[]".into(),
            };
            Ident { text, span: *span }
        }
        ItemKind::View(item) => item.name.clone(),
        ItemKind::Kind(item) => item.name.clone(),
        _ => return None,
    })
}

fn take_ids(env: &mut Env, kind: &ItemKind) -> (Id, Id) {
    let none = Id(0);
    match kind {
        ItemKind::Param(_) => (env.take_id(Table::Params), none),
        ItemKind::Let(_) => (env.take_id(Table::Constants), none),
        ItemKind::Fn(_) => (env.take_id(Table::Functions), none),
        ItemKind::Field(_) => {
            let id = env.take_id(Table::Fields);
            (id, id)
        }
        ItemKind::Link(_) => (env.take_id(Table::Links), env.take_id(Table::Fields)),
        ItemKind::View(_) => (env.take_id(Table::Views), none),
        _ => (none, none),
    }
}

/// Adds the kind of a `kind` item to the schemas.
fn declare_kind(env: &mut Env, at: usize) {
    let item = env.decls[at].item.clone();
    let ItemKind::Kind(kind) = &item.kind else { return };
    let mut report = |diagnostic| env.decls[at].found.push(diagnostic);
    let Some((group, version, name)) = split_target(&kind.target.value) else {
        report(
            Diagnostic::error(codes::KIND_TARGET, kind.target.span, format!("`{}` names no kind", kind.target.value))
                .help("write `group/Kind` or `group/version/Kind`; the core group has no name: `v1/Secret`"),
        );
        return;
    };
    let mut fields = Vec::new();
    for (path, ty) in &kind.fields {
        match schema_type(env, ty) {
            Ok(schema) => fields.push((path_text(path), schema, is_required(ty), path.span)),
            Err(diagnostic) => env.decls[at].found.push(diagnostic),
        }
    }
    let written: Vec<DeclaredField<'_>> = fields
        .iter()
        .map(|(path, ty, required, _)| DeclaredField { path, ty: ty.clone(), required: *required })
        .collect();
    let declared = DeclaredKind { name: &kind.name.text, group, version, kind: name, fields: &written };
    if let Err(problem) = env.schemas.add_declared_kind(&declared) {
        let span = problem.field.and_then(|field| fields.get(field)).map_or(kind.name.span, |field| field.3);
        env.decls[at].found.push(Diagnostic::error(codes::KIND_TARGET, span, problem.message));
    }
}

/// True for a type without `?`: the author says that every object has the field.
fn is_required(ty: &TypeExpr) -> bool {
    match &ty.kind {
        TypeExprKind::Optional(_) => false,
        TypeExprKind::Confidential(inner) => is_required(inner),
        _ => true,
    }
}

/// Group, version and kind of `group[/version]/Kind`. A first part without a dot that looks like a version is one of
/// the core group.
pub(super) fn split_target(text: &str) -> Option<(&str, Option<&str>, &str)> {
    let parts: Vec<&str> = text.split('/').collect();
    let target = match parts.as_slice() {
        [kind] => ("", None, *kind),
        [version, kind] if is_version(version) => ("", Some(*version), *kind),
        [group, kind] => (*group, None, *kind),
        [group, version, kind] => (*group, Some(*version), *kind),
        _ => return None,
    };
    let is_kind = target.2.starts_with(|c: char| c.is_ascii_uppercase());
    (is_kind && target.1.is_none_or(is_version)).then_some(target)
}

fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The path as the schemas write it.
fn path_text(path: &ast::Path) -> String {
    let mut text = String::new();
    for (step, _) in &path.steps {
        match step {
            PathStep::Field(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(name);
            }
            PathStep::Index(_) | PathStep::Each => text.push_str("[]"),
        }
    }
    text
}

/// The schema type that a written type of a `kind` item stands for.
fn schema_type(env: &Env, ty: &TypeExpr) -> Result<SchemaType, Diagnostic> {
    Ok(match &ty.kind {
        TypeExprKind::Optional(inner) | TypeExprKind::Confidential(inner) => schema_type(env, inner)?,
        TypeExprKind::List(inner) => SchemaType::List(Arc::new(schema_type(env, inner)?)),
        TypeExprKind::Map(inner) => SchemaType::Map(Arc::new(schema_type(env, inner)?)),
        TypeExprKind::Name(name) => match &**name {
            "string" | "duration" => SchemaType::string(),
            "int" => SchemaType::Int,
            "number" => SchemaType::Number,
            "bool" => SchemaType::Bool,
            "time" => SchemaType::Time,
            "bytes" => SchemaType::Bytes,
            "any" => SchemaType::Any,
            name => match env.schemas.types_named(name).first() {
                Some(id) => SchemaType::Object(*id),
                None => return Err(unknown_type(env, name, ty.span)),
            },
        },
        TypeExprKind::At { owner, path } => {
            let kinds = env.schemas.kinds_named(&owner.text);
            let Some(kind) = kinds.first() else { return Err(unknown_type(env, &owner.text, owner.span)) };
            let root = env.schemas.kind(*kind).root;
            env.schemas.type_at(root, &path_text(path)).map_err(|_| {
                Diagnostic::error(
                    codes::UNKNOWN_FIELD,
                    path.span,
                    format!("`{}` has no `{}`", owner.text, path_text(path)),
                )
            })?
        }
    })
}

/// The error for a type that does not exist.
pub(super) fn unknown_type(env: &Env, name: &str, span: crate::span::Span) -> Diagnostic {
    let words = ["string", "int", "number", "bool", "duration", "time", "bytes", "any", "list", "map"];
    let nearest = crate::schema::nearest(name, words.into_iter())
        .or_else(|| env.schemas.nearest_type(name))
        .or_else(|| env.schemas.nearest_kind(name));
    let error = Diagnostic::error(codes::UNKNOWN_TYPE, span, format!("there is no type `{name}`"));
    match nearest {
        Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), span, nearest),
        None => error.help("types are `string`, `int`, `bool`, …, `list<T>`, `map<T>`, kinds, and `Kind.path`"),
    }
}

/// Puts the name of a declaration into scope, or says why it cannot be.
fn name_decl(env: &mut Env, at: usize) {
    let decl = &env.decls[at];
    let name = decl.name.clone();
    let module = decl.module;
    let item = decl.item.clone();
    if let ItemKind::Group(_) = item.kind {
        name_group(env, at, &name);
        return;
    }
    if matches!(item.kind, ItemKind::Field(_) | ItemKind::Link(_) | ItemKind::Kind(_)) {
        return;
    }
    let clash = env.declarations(&name.text).iter().copied().find(|&other| {
        let other = env.decls[other].module;
        env.sees(module, other) || env.sees(other, module)
    });
    if let Some(diagnostic) = clash_of(env, clash, module, &name) {
        env.decls[at].found.push(diagnostic);
        return;
    }
    if let Lookup::Found(entity @ (Entity::Group(_) | Entity::Relation(_) | Entity::Kinds(_))) =
        env.lookup(module, &name.text)
        && !only_from_input(env, &entity)
    {
        let found = hides(&name, &describe(env, &entity));
        env.decls[at].found.push(found);
        return;
    }
    env.add_name(&name.text, at);
}

fn clash_of(env: &Env, clash: Option<usize>, module: usize, name: &Ident) -> Option<Diagnostic> {
    let other = &env.decls[clash?];
    if other.module != module && env.modules[other.module].role == Role::Std {
        return Some(hides(name, "a name of `std`"));
    }
    let mut error = Diagnostic::error(codes::DECLARED_TWICE, name.span, format!("`{}` is declared twice", name.text))
        .help("give one of them another name");
    error.related.push(crate::diag::Related {
        module: (other.module != module).then(|| env.modules[other.module].name.clone()),
        span: other.name.span,
        message: "the other declaration".into(),
    });
    Some(error)
}

/// True for kinds that only the input brings: they must not break rules that use the name.
fn only_from_input(env: &Env, entity: &Entity) -> bool {
    matches!(entity, Entity::Kinds(kinds)
        if kinds.iter().all(|kind| matches!(env.schemas.kind(*kind).origin, Origin::Crd | Origin::Declared)))
}

pub(super) fn hides(name: &Ident, what: &str) -> Diagnostic {
    Diagnostic::error(codes::HIDES, name.span, format!("`{}` would hide {what}", name.text)).help("choose another name")
}

pub(super) fn describe(env: &Env, entity: &Entity) -> String {
    match entity {
        Entity::Group(group) => format!("the group `{}`", env.groups[*group].name),
        Entity::Relation(_) => "a relation of the engine".into(),
        Entity::Kinds(_) => "a kind".into(),
        Entity::Param(_) => "a param".into(),
        Entity::Constant(_) => "a constant".into(),
        Entity::Function(_) => "a function".into(),
        Entity::View(_) => "a view".into(),
        Entity::Broken => "an item with errors".into(),
    }
}

fn name_group(env: &mut Env, at: usize, name: &Ident) {
    let item = env.decls[at].item.clone();
    let ItemKind::Group(group_item) = &item.kind else { return };
    if env.group(&name.text).is_none() {
        let known = env.lookup(env.decls[at].module, &name.text);
        if let Lookup::Found(entity) = known
            && !matches!(entity, Entity::Broken)
            && !only_from_input(env, &entity)
        {
            let found = hides(name, &describe(env, &entity));
            env.decls[at].found.push(found);
            return;
        }
    }
    let group = env.add_group(&name.text);
    env.groups[group].items.push(at);
    let mut members: Vec<KindId> = env.groups[group].members.to_vec();
    for member in &group_item.members {
        match one_kind(env, member) {
            Ok(kind) if members.contains(&kind) => env.decls[at].found.push(Diagnostic::error(
                codes::DECLARED_TWICE,
                member.span,
                format!("`{}` is a member of `{}` already", member.text, name.text),
            )),
            Ok(kind) => {
                members.push(kind);
                env.groups[group].member_item.insert(kind, at);
            }
            Err(diagnostic) => env.decls[at].found.push(diagnostic),
        }
    }
    members.sort();
    env.groups[group].members = members.into();
    for (field, _) in &group_item.with {
        if !env.groups[group].with.contains(&field.text) {
            env.groups[group].with.push(field.text.clone());
        }
    }
}

/// The one kind of a name.
pub(super) fn one_kind(env: &Env, name: &Ident) -> Result<KindId, Diagnostic> {
    match env.schemas.kinds_named(&name.text).as_slice() {
        [kind] => Ok(*kind),
        [] => Err(unknown_kind(env, name)),
        several => Err(ambiguous_kind(env, name, several)),
    }
}

/// The error for a kind that does not exist.
pub(super) fn unknown_kind(env: &Env, name: &Ident) -> Diagnostic {
    let error = Diagnostic::error(codes::UNKNOWN_KIND, name.span, format!("there is no kind `{}`", name.text));
    let groups = env.groups.iter().map(|group| &*group.name);
    let names = groups.chain(crate::builtin::relations::ALL.iter().map(|relation| relation.name));
    match crate::schema::nearest(&name.text, names).or_else(|| env.schemas.nearest_kind(&name.text)) {
        Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), name.span, nearest),
        None => error.help(format!(
            "bring its CustomResourceDefinition into the input, or declare it: `kind {} = \"group/version/{}\"`",
            name.text, name.text
        )),
    }
}

/// The error for a name that several kinds share.
pub(super) fn ambiguous_kind(env: &Env, name: &Ident, kinds: &[KindId]) -> Diagnostic {
    let names: Vec<String> = kinds
        .iter()
        .map(|kind| env.schemas.kind(*kind))
        .map(|kind| match &kind.alias {
            Some(alias) => format!("`{alias}` ({})", kind.group),
            None => format!("`{}/{}`", kind.group, kind.name),
        })
        .collect();
    Diagnostic::error(codes::AMBIGUOUS_KIND, name.span, format!("several groups have a kind `{}`", name.text))
        .help(format!("say which one: {}", names.join(", ")))
}

/// Attaches fields and links to their owners.
fn attach(env: &mut Env, at: usize) {
    let item = env.decls[at].item.clone();
    match &item.kind {
        ItemKind::Field(field) => {
            let owner = env.owner_name(&field.owner.text);
            attach_field(env, at, &owner, &field.name);
        }
        ItemKind::Link(link) => {
            let owner = env.owner_name(&link.owner.text);
            let place = Place {
                owner: owner.clone(),
                steps: places::steps(link.path.steps.iter().map(|(step, _)| step)).into(),
            };
            if is_type_owner(env, &owner) {
                env.add_type_owner(&owner);
            }
            env.places.add_link(&place, at);
        }
        _ => {}
    }
}

fn attach_field(env: &mut Env, at: usize, owner: &Arc<str>, name: &Ident) {
    if let Some(earlier) = env.add_field(owner, &name.text, at) {
        let (module, span) = env.place_of(earlier);
        let mut error = Diagnostic::error(
            codes::DECLARED_TWICE,
            name.span,
            format!("`{owner}` has a field `{}` already", name.text),
        );
        error.related.push(crate::diag::Related {
            module: (env.decls[earlier].module != env.decls[at].module).then_some(module),
            span,
            message: "declared here".into(),
        });
        env.decls[at].found.push(error);
    }
}

/// True where an owner is a schema type and nothing else.
fn is_type_owner(env: &Env, owner: &str) -> bool {
    env.group(owner).is_none()
        && env.schemas.kinds_named(owner).is_empty()
        && env.declarations(owner).is_empty()
        && scalar(owner).is_none()
        && !env.schemas.types_named(owner).is_empty()
}
