//! One item, checked against the declarations: its part of the program, what it depends on, what was found.

use std::sync::Arc;

use super::checker::{Checker, expr};
use super::env::Env;
use super::facts::{Fact, Symbol};
use super::narrow;
use super::register;
use crate::ast::{self, ItemKind, PathStep};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{self, Const, Expr, ExprKind};
use crate::schema::KindId;
use crate::span::Span;
use crate::types::{Base, Column, Place, RowType, Type};

/// Something an item depends on: where it changes, the item is checked again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dep {
    /// A declaration item, by its index among all declarations.
    Decl(usize),
    /// A kind.
    Kind(KindId),
    /// A relation that the engine computes.
    Relation(u32),
    /// A rule, by code or name.
    Rule(Arc<str>),
    /// A name that led nowhere.
    Name(Arc<str>),
}

/// The part of the program that an item makes.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each is the item of the same name")]
#[allow(clippy::large_enum_variant, reason = "there is one for each item, kept behind its own pointer")]
pub enum Checked {
    None,
    Param(ir::Param),
    Constant(ir::Constant),
    Function(ir::Function),
    /// Its `with` fields, one for each of its members and fields.
    Group(Vec<GroupPart>),
    Field(ir::DerivedField),
    /// The link, and the field it makes where its path is a new one.
    Link {
        link: ir::Link,
        field: Option<ir::DerivedField>,
    },
    View(ir::View),
    Rule(Arc<ir::Rule>),
    Waiver(ir::Waiver),
    Test(Arc<ir::Test>),
}

/// The body of a `with` field for one member of a group.
#[derive(Clone, Debug)]
pub struct GroupPart {
    /// The member.
    pub kind: KindId,
    /// The field.
    pub name: Arc<str>,
    /// Nothing where it has an error.
    pub body: Option<Expr>,
    /// Slots of the body.
    pub slots: usize,
}

/// A checked item.
#[derive(Clone, Debug)]
pub struct CheckedItem {
    /// Its part of the program; not to be run unless `ok`.
    pub ir: Checked,
    /// What was found, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// What it depends on, sorted.
    pub deps: Vec<Dep>,
    /// What its names mean.
    pub facts: Vec<Fact>,
    /// False where it, or a declaration it uses, has an error.
    pub ok: bool,
    /// Type of what it declares; of a view the type of its elements.
    pub ty: Type,
    /// Parameters of a function.
    pub params: Vec<(Arc<str>, Type)>,
}

/// The documentation of an item.
pub(super) fn doc(item: &ast::Item) -> Arc<str> {
    item.doc.as_ref().map(|doc| doc.node.clone()).unwrap_or_default()
}

/// Checks a declaration.
pub(super) fn check_decl(env: &Env, at: usize, stack: &[usize]) -> CheckedItem {
    let decl = &env.decls[at];
    let mut stack = stack.to_vec();
    stack.push(at);
    let mut checker = Checker::new(env, &env.modules[decl.module].text, decl.module, stack);
    for diagnostic in &decl.found {
        checker.report(diagnostic.clone());
    }
    let (ir, ty, params) = checker.declaration(at, &decl.item);
    finish(checker, ir, ty, params)
}

/// Puts together what a checker found.
pub(super) fn finish(checker: Checker<'_>, ir: Checked, ty: Type, params: Vec<(Arc<str>, Type)>) -> CheckedItem {
    let mut diagnostics = checker.diagnostics;
    diagnostics.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
    CheckedItem {
        ir,
        diagnostics,
        deps: checker.deps.into_iter().collect(),
        facts: checker.facts,
        ok: checker.ok,
        ty,
        params,
    }
}

type Declared = (Checked, Type, Vec<(Arc<str>, Type)>);

impl Checker<'_> {
    fn module_name(&self) -> Arc<str> {
        self.env.modules[self.module].name.clone()
    }

    fn declaration(&mut self, at: usize, item: &ast::Item) -> Declared {
        match &item.kind {
            ItemKind::Param(param) => self.param(item, param),
            ItemKind::Let(constant) => self.constant(item, constant),
            ItemKind::Fn(function) => self.function(item, function),
            ItemKind::Group(group) => self.group(at, group),
            ItemKind::Field(field) => self.field(item, field),
            ItemKind::Link(link) => self.link(item, link),
            ItemKind::View(view) => self.view(item, view),
            ItemKind::Kind(kind) => {
                self.kind_item(kind);
                (Checked::None, Type::of(Base::Error), Vec::new())
            }
            _ => (Checked::None, Type::of(Base::Error), Vec::new()),
        }
    }

    fn param(&mut self, item: &ast::Item, param: &ast::Param) -> Declared {
        let ty = self.type_of(&param.ty);
        let value = self.expr(&param.value);
        self.fact(param.name.span, Symbol::Item { module: self.module_name(), span: param.name.span }, &ty);
        let settable = matches!(
            ty.base,
            Base::String(_) | Base::Int | Base::Number | Base::Bool | Base::Duration | Base::Time | Base::Error
        ) || matches!(&ty.base, Base::List(element) if matches!(element.base, Base::String(_) | Base::Int | Base::Duration))
            || matches!(&ty.base, Base::Map(value) if matches!(value.base, Base::String(_)));
        if !settable {
            let shown = self.show(&ty);
            self.error(
                codes::PARAM_TYPE,
                param.ty.span,
                format!("a param is a plain value, a list or a map, not `{shown}`"),
            );
        }
        let default = if self.expect(&value, &ty, "the default of the param") {
            match constant(&value) {
                Some(default) => default,
                None => {
                    self.report(
                        Diagnostic::error(codes::NOT_CONSTANT, param.value.span, "the default of a param is a literal")
                            .help("what is computed is a `let`"),
                    );
                    Const::Bool(false)
                }
            }
        } else {
            self.ok = false;
            Const::Bool(false)
        };
        let checked = ir::Param {
            name: param.name.text.clone(),
            ty: ty.clone(),
            default,
            doc: doc(item),
            module: self.module_name(),
            span: item.span,
        };
        (Checked::Param(checked), ty, Vec::new())
    }

    fn constant(&mut self, item: &ast::Item, constant: &ast::LetItem) -> Declared {
        let value = self.expr(&constant.value);
        let ty = value.ty.clone();
        self.fact(constant.name.span, Symbol::Item { module: self.module_name(), span: constant.name.span }, &ty);
        let checked = ir::Constant {
            name: constant.name.text.clone(),
            slots: self.slots(),
            value,
            module: self.module_name(),
            span: item.span,
        };
        (Checked::Constant(checked), ty, Vec::new())
    }

    fn function(&mut self, item: &ast::Item, function: &ast::FnItem) -> Declared {
        let mark = self.mark();
        let mut params = Vec::with_capacity(function.params.len());
        for (name, ty) in &function.params {
            let ty = self.type_of(ty);
            self.bind(name, ty.clone(), true);
            params.push((name.text.clone(), ty));
        }
        let result = self.type_of(&function.result);
        self.fact(function.name.span, Symbol::Item { module: self.module_name(), span: function.name.span }, &result);
        let body = self.expr(&function.body);
        self.expect(&body, &result, &format!("the result of `{}`", function.name.text));
        let slots = self.slots();
        self.leave(mark);
        let checked = ir::Function {
            name: function.name.text.clone(),
            params: params.clone(),
            slots,
            body,
            doc: doc(item),
            module: self.module_name(),
            span: item.span,
        };
        (Checked::Function(checked), result, params)
    }

    fn group(&mut self, at: usize, group: &ast::Group) -> Declared {
        let name = &group.name;
        let mut parts = Vec::new();
        let mut kinds = Vec::new();
        for member in &group.members {
            // Registration has reported names that lead nowhere.
            let Ok(kind) = register::one_kind(self.env, member) else {
                self.ok = false;
                continue;
            };
            self.fact(member.span, Symbol::Kind(kind), &self.env.object_type(vec![kind]));
            kinds.push(kind);
            for (field, path) in &group.with {
                self.new_frame();
                let slot = self.slot();
                let object = expr(ExprKind::Local(slot), self.env.object_type(vec![kind]), field.span);
                if self.env.schemas.field(self.env.schemas.kind(kind).root, &field.text).is_some()
                    || super::member::ATTRS.iter().any(|(word, _)| *word == &*field.text)
                {
                    self.report(
                        Diagnostic::error(
                            codes::HIDES,
                            field.span,
                            format!("`{}` has a field `{}` already", member.text, field.text),
                        )
                        .help("choose another name"),
                    );
                }
                self.selves = vec![object];
                let body = self.expr(path);
                if !body.ty.is_error() && !narrow::is_place(&body) {
                    self.report(
                        Diagnostic::error(codes::GROUP_PATH, path.span, "a shared part is a path of each member")
                            .help("what is computed is a `field` of the group"),
                    );
                }
                let ok = !body.ty.is_error();
                parts.push(GroupPart { kind, name: field.text.clone(), slots: self.slots(), body: ok.then_some(body) });
            }
        }
        self.new_frame();
        let ty = self.env.object_type(kinds);
        self.fact(name.span, Symbol::Item { module: self.module_name(), span: name.span }, &ty);
        // A member gives every shared part of the group, those of its other items too.
        if let Some(joined) = self.env.group(&name.text)
            && self.env.groups[joined].items.contains(&at)
        {
            let lacking: Vec<Arc<str>> = self.env.groups[joined]
                .with
                .iter()
                .filter(|with| !group.with.iter().any(|(field, _)| field.text == **with))
                .cloned()
                .collect();
            if !lacking.is_empty() && !group.members.is_empty() {
                let names = lacking.join("`, `");
                self.report(
                    Diagnostic::error(
                        codes::GROUP_PATH,
                        name.span,
                        format!("the members of `{}` have `{names}`, and these give none", name.text),
                    )
                    .help(format!("add `with {} = path`", lacking.join(" = path, "))),
                );
            }
        }
        (Checked::Group(parts), ty, Vec::new())
    }

    /// The type of the owner of a field or link.
    fn owner(&mut self, name: &ast::Ident) -> Type {
        use super::env::{Entity, Lookup};
        match self.env.lookup(self.module, &name.text) {
            Lookup::Found(Entity::Relation(relation)) => {
                self.deps.insert(Dep::Relation(relation));
                let ty = self.env.row_value(&self.env.relations[relation as usize]);
                self.fact(name.span, Symbol::Relation(relation), &ty);
                ty
            }
            Lookup::Unknown if !self.env.schemas.types_named(&name.text).is_empty() => {
                let ty = ast::TypeExpr { span: name.span, kind: ast::TypeExprKind::Name(name.text.clone()) };
                self.type_of(&ty)
            }
            Lookup::Unknown => self.fail(register::unknown_kind(self.env, name)).ty,
            _ => {
                let ty = ast::TypeExpr { span: name.span, kind: ast::TypeExprKind::Name(name.text.clone()) };
                self.type_of(&ty)
            }
        }
    }

    fn field(&mut self, item: &ast::Item, field: &ast::FieldItem) -> Declared {
        let owner = self.owner(&field.owner);
        self.not_a_schema_field(&owner, &field.name);
        let slot = self.slot();
        let object = expr(ExprKind::Local(slot), owner, field.owner.span);
        self.selves = vec![object];
        let body = self.expr(&field.value);
        let ty = body.ty.clone();
        self.fact(field.name.span, Symbol::Item { module: self.module_name(), span: field.name.span }, &ty);
        let checked = ir::DerivedField {
            owner: self.env.owner_name(&field.owner.text),
            name: field.name.text.clone(),
            slots: self.slots(),
            body,
            doc: doc(item),
            module: self.module_name(),
            span: item.span,
        };
        (Checked::Field(checked), ty, Vec::new())
    }

    /// A new field must not be one that a schema already has.
    fn not_a_schema_field(&mut self, owner: &Type, name: &ast::Ident) {
        let env = self.env;
        let has = |id| env.schemas.field(id, &name.text).is_some();
        let taken = match &owner.base {
            Base::Object(kinds) => {
                super::member::ATTRS.iter().any(|(word, _)| *word == &*name.text)
                    || kinds.iter().any(|kind| has(env.schemas.kind(*kind).root))
            }
            Base::Struct(types) => types.iter().any(|id| has(*id)),
            Base::Row(row) => row.column(&name.text).is_some(),
            _ => false,
        };
        if taken {
            let shown = self.show(owner);
            self.report(
                Diagnostic::error(codes::HIDES, name.span, format!("`{shown}` has a field `{}` already", name.text))
                    .help("choose another name"),
            );
        }
    }

    fn link(&mut self, item: &ast::Item, link: &ast::Link) -> Declared {
        let owner = self.owner(&link.owner);
        let mut targets = Vec::with_capacity(link.targets.len());
        for target in &link.targets {
            match self.kinds_of(target) {
                Some((kinds, _)) => targets.push(Arc::<[KindId]>::from(kinds)),
                None => self.ok = false,
            }
        }
        let mut seen: Vec<&str> = Vec::new();
        for (part, _) in &link.by {
            if !matches!(&*part.text, "name" | "namespace" | "kind") {
                self.report(
                    Diagnostic::error(codes::LINK_SHAPE, part.span, format!("a link has no part `{}`", part.text))
                        .help("its parts are `name`, `namespace` and `kind`"),
                );
            } else if seen.contains(&&*part.text) {
                self.error(codes::LINK_SHAPE, part.span, format!("`{}` is given twice", part.text));
            }
            seen.push(&part.text);
        }
        let place = Place {
            owner: self.env.owner_name(&link.owner.text),
            steps: super::places::steps(link.path.steps.iter().map(|(step, _)| step)).into(),
        };
        let owner_slot_type = owner.clone();
        self.declares_link = true;
        let (reference, parent) = self.link_path(owner, &link.path);
        self.declares_link = false;
        let failed = reference.is_none() && parent.is_error();
        let is_new = reference.is_none();
        // The bodies: slot 0 is the reference, slot 1 its owner.
        self.new_frame();
        let (first, second) = (self.slot(), self.slot());
        let own = if is_new { parent.clone() } else { owner_slot_type };
        let owner_value = expr(ExprKind::Local(second), own.clone(), link.owner.span);
        self.selves = match &reference {
            Some(ty) => vec![expr(ExprKind::Local(first), ty.clone().present(), link.path.span), owner_value],
            None => vec![owner_value],
        };
        let mut parts: [Option<Expr>; 3] = [None, None, None];
        for (part, value) in &link.by {
            let at = match &*part.text {
                "name" => 0,
                "namespace" => 1,
                "kind" => 2,
                _ => continue,
            };
            let body = self.expr(value);
            let want = Type::string().optional();
            self.expect(&body, &want, &format!("the `{}` of a link", part.text));
            if follows(&body) {
                self.error(codes::LINK_SHAPE, value.span, "a link is not found through another link");
            }
            parts[at] = Some(body);
        }
        let slots = self.slots();
        let [name, namespace, kind] = parts;
        self.link_name_known(link, &reference, is_new && !failed, name.is_some());
        let field = match (is_new && !failed, &name) {
            (true, Some(_)) => {
                // The new field holds the name; its frame has the owner in slot 0.
                self.new_frame();
                let slot = self.slot();
                self.selves = vec![expr(ExprKind::Local(slot), own, link.owner.span)];
                let facts = self.facts.len();
                let found = self.diagnostics.len();
                let value = link.by.iter().find(|(part, _)| &*part.text == "name").map(|(_, value)| self.expr(value));
                self.facts.truncate(facts);
                self.diagnostics.truncate(found);
                value.map(|body| ir::DerivedField {
                    owner: place.owner.clone(),
                    name: place.steps.last().cloned().unwrap_or_default(),
                    slots: self.slots(),
                    body,
                    doc: doc(item),
                    module: self.module_name(),
                    span: item.span,
                })
            }
            _ => None,
        };
        let ty = match (&reference, &field) {
            (Some(ty), _) => ty.clone(),
            (None, Some(field)) => field.body.ty.clone(),
            (None, None) => Type::of(Base::Error),
        };
        let checked = ir::Link {
            place,
            targets,
            // A new field is the name itself.
            name: if field.is_some() { None } else { name },
            namespace,
            kind,
            slots,
            module: self.module_name(),
            span: item.span,
        };
        (Checked::Link { link: checked, field }, ty, Vec::new())
    }

    /// The type at the path of a link, or, where its last step is a new field, the type of what has it.
    fn link_path(&mut self, owner: Type, path: &ast::Path) -> (Option<Type>, Type) {
        let Some(((last, last_span), before)) = path.steps.split_last() else { return (None, owner) };
        let slot = self.slot();
        let start = expr(ExprKind::Local(slot), owner, path.span);
        let prefix = ast::Path { span: path.span, steps: before.to_vec() };
        let parent = self.along(start, &prefix);
        if parent.ty.is_error() {
            return (None, parent.ty);
        }
        if let PathStep::Field(name) = last
            && !matches!(parent.ty.base, Base::Any | Base::Map(_))
        {
            let present = Expr { ty: parent.ty.clone().present(), ..parent.clone() };
            let known = match &present.ty.base {
                Base::Object(kinds) => {
                    super::member::ATTRS.iter().any(|(word, _)| *word == &**name)
                        || (!kinds.is_empty()
                            && kinds
                                .iter()
                                .all(|kind| self.env.schemas.field(self.env.schemas.kind(*kind).root, name).is_some()))
                        || self.env.object_field(kinds, name).is_some()
                        || self.env.groups_over(kinds).any(|group| group.with.contains(name))
                }
                Base::Struct(types) => types.iter().all(|id| self.env.schemas.field(*id, name).is_some()),
                Base::Row(row) => row.column(name).is_some() || self.env.field_of(&row.name, name).is_some(),
                _ => true,
            };
            if !known {
                return (None, present.ty);
            }
        }
        let whole = ast::Path { span: path.span, steps: vec![(last.clone(), *last_span)] };
        let reference = self.along(parent.clone(), &whole).ty;
        if reference.is_error() { (None, reference) } else { (Some(reference), parent.ty) }
    }

    /// The name of the target must be known: from `by`, from the reference itself, or from its `name`.
    fn link_name_known(&mut self, link: &ast::Link, reference: &Option<Type>, is_new: bool, by_name: bool) {
        if by_name {
            return;
        }
        if is_new {
            let last = link.path.steps.last().map_or(link.path.span, |(_, span)| *span);
            let name = self.source(last).to_string();
            let parent = &link.owner.text;
            self.report(
                Diagnostic::error(codes::UNKNOWN_FIELD, last, format!("`{parent}` has no `{name}`"))
                    .help("a link can make a new field: then say `by name = …`"),
            );
            return;
        }
        let Some(reference) = reference else { return };
        let element = match &reference.base {
            Base::List(element) | Base::Map(element) => element.as_ref(),
            _ => reference,
        };
        let has_name = match &element.base {
            Base::String(_) | Base::Any | Base::Error => true,
            Base::Struct(types) => types
                .iter()
                .all(|id| self.env.schemas.field(*id, "name").is_some() || self.env.schemas.type_info(*id).open),
            Base::Row(row) => row.column("name").is_some(),
            Base::Object(_) | Base::Map(_) => true,
            _ => false,
        };
        if !has_name {
            let shown = self.show(element);
            self.report(
                Diagnostic::error(
                    codes::LINK_SHAPE,
                    link.path.span,
                    format!("a `{shown}` has no `name` that names a target"),
                )
                .help("say where the name is: `by name = …`"),
            );
        }
    }

    fn view(&mut self, item: &ast::Item, view: &ast::View) -> Declared {
        let mut branches = Vec::with_capacity(view.branches.len());
        let mut element: Option<Type> = None;
        let mut columns: Option<Vec<(Arc<str>, Type)>> = None;
        for branch in &view.branches {
            self.new_frame();
            let bindings: Vec<ir::Binding> =
                branch.generators.iter().map(|generator| self.generator(generator, true)).collect();
            let condition = branch.condition.as_ref().map(|condition| {
                let condition = self.condition(condition);
                self.learn(&condition, true);
                condition
            });
            let values: Vec<(ast::Ident, Expr)> =
                branch.columns.iter().map(|(name, value)| (name.clone(), self.expr(value))).collect();
            for (at, (name, _)) in values.iter().enumerate() {
                if values[..at].iter().any(|(other, _)| other.text == name.text) {
                    self.error(codes::DECLARED_TWICE, name.span, format!("the column `{}` is given twice", name.text));
                }
            }
            if branch.columns.is_empty() {
                let first = bindings.first().map_or(Type::of(Base::Error), |binding| binding.ty.clone());
                element = self.join_elements(element, first, branch.span);
                if columns.is_some() {
                    self.error(codes::VIEW_COLUMNS, branch.span, "the branches of a view have the same columns");
                }
            } else {
                let here: Vec<(Arc<str>, Type)> =
                    values.iter().map(|(name, value)| (name.text.clone(), value.ty.clone())).collect();
                columns = self.join_columns(columns, here, branch.span);
                if element.is_some() {
                    self.error(codes::VIEW_COLUMNS, branch.span, "the branches of a view have the same columns");
                }
            }
            branches.push(ir::ViewBranch {
                slots: self.slots(),
                bindings,
                condition,
                columns: values.into_iter().map(|(_, value)| value).collect(),
            });
        }
        let element = match columns {
            Some(columns) => {
                let columns = columns.into_iter().map(|(name, ty)| Column { name, ty, doc: Arc::default() }).collect();
                let row = Arc::new(RowType { name: view.name.text.clone(), columns });
                self.env.row_value(&row)
            }
            None => element.unwrap_or_else(|| Type::of(Base::Error)),
        };
        self.new_frame();
        self.fact(view.name.span, Symbol::Item { module: self.module_name(), span: view.name.span }, &element);
        let mut checked = ir::View {
            name: view.name.text.clone(),
            element: element.clone(),
            branches,
            doc: doc(item),
            module: self.module_name(),
            span: item.span,
            reach: ir::Reach::default(),
        };
        if self.ok {
            checked.reach = super::reach::of_view(self.env, &checked);
        }
        (Checked::View(checked), element, Vec::new())
    }

    fn join_elements(&mut self, before: Option<Type>, here: Type, span: Span) -> Option<Type> {
        let Some(before) = before else { return Some(here) };
        match self.env.unify(&before, &here) {
            Some(ty) => Some(ty),
            None => {
                let (a, b) = (self.show(&before), self.show(&here));
                self.error(codes::VIEW_COLUMNS, span, format!("the branches have nothing in common: `{a}` and `{b}`"));
                Some(before)
            }
        }
    }

    fn join_columns(
        &mut self,
        before: Option<Vec<(Arc<str>, Type)>>,
        here: Vec<(Arc<str>, Type)>,
        span: Span,
    ) -> Option<Vec<(Arc<str>, Type)>> {
        let Some(before) = before else { return Some(here) };
        let same = before.len() == here.len() && before.iter().zip(&here).all(|(a, b)| a.0 == b.0);
        if !same {
            let names = before.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", ");
            self.report(
                Diagnostic::error(codes::VIEW_COLUMNS, span, "the branches of a view have the same columns")
                    .help(format!("in this order: {names}")),
            );
            return Some(before);
        }
        let mut joined = Vec::with_capacity(before.len());
        for ((name, a), (_, b)) in before.into_iter().zip(here) {
            let ty = match self.env.unify(&a, &b) {
                Some(ty) => ty,
                None => {
                    let (x, y) = (self.show(&a), self.show(&b));
                    self.error(
                        codes::VIEW_COLUMNS,
                        span,
                        format!("the column `{name}` is `{x}` in one branch and `{y}` in another"),
                    );
                    a
                }
            };
            joined.push((name, ty));
        }
        Some(joined)
    }

    fn kind_item(&mut self, kind: &ast::KindItem) {
        if let [id] = self.env.schemas.kinds_named(&kind.name.text).as_slice() {
            let ty = self.env.object_type(vec![*id]);
            self.fact(kind.name.span, Symbol::Kind(*id), &ty);
            self.deps.insert(Dep::Kind(*id));
            super::lint::deprecated_version(self, kind, *id);
        }
    }
}

/// The literal that an expression is, lists of literals included.
pub(super) fn constant(e: &Expr) -> Option<Const> {
    match &*e.kind {
        ExprKind::Const(value) => Some(value.clone()),
        ExprKind::List(items) => items.iter().map(constant).collect::<Option<Vec<_>>>().map(Const::List),
        _ => None,
    }
}

/// True where an expression follows a link.
fn follows(e: &Expr) -> bool {
    let mut found = false;
    super::walk::expr(e, &mut |e| {
        found |= matches!(&*e.kind, ExprKind::Follow { .. } | ExprKind::Test { test: ast::TestOp::Dangling, .. });
    });
    found
}
