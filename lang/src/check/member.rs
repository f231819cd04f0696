//! `.field`: attributes, columns, fields of schemas, derived fields, keys of maps and of open values.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::checker::{Checker, expr};
use super::facts::Symbol;
use super::item::{Checked, Dep};
use super::links;
use super::types::merge_places;
use crate::ast::Ident;
use crate::builtin::methods::{self, Outcome};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{Attr, Const, Expr, ExprKind, Id};
use crate::schema::{FieldInfo, KindId, SchemaType, SchemaValue, TypeId};
use crate::span::Span;
use crate::types::{Base, Places, Type};

/// The attributes that every object has. They win over fields of the same name.
pub(super) const ATTRS: [(&str, Attr); 10] = [
    ("name", Attr::Name),
    ("namespace", Attr::Namespace),
    ("labels", Attr::Labels),
    ("annotations", Attr::Annotations),
    ("kind", Attr::Kind),
    ("apiVersion", Attr::ApiVersion),
    ("created", Attr::Created),
    ("origin", Attr::Origin),
    ("sops", Attr::Sops),
    ("owner", Attr::Owner),
];

impl Checker<'_> {
    /// `base.name`.
    pub fn member(&mut self, base: Expr, name: &Ident, span: Span) -> Expr {
        if base.ty.is_error() {
            return self.hole(span);
        }
        match self.try_member(base, name, span) {
            Ok(found) => found,
            Err(base) => self.no_member(&base, name),
        }
    }

    /// `base.name`, or the base where it has no such member.
    pub fn try_member(&mut self, base: Expr, name: &Ident, span: Span) -> Result<Expr, Expr> {
        match base.ty.base.clone() {
            Base::Error => Ok(self.hole(span)),
            Base::Object(kinds) => self.object_member(base, &kinds, name, span),
            Base::Struct(types) => self.struct_member(base, &types, None, name, span),
            Base::Row(row) => match row.column(&name.text) {
                Some((index, column)) => {
                    let places = self.env.step(&base.ty.places, &name.text);
                    let link = self.link_at(&places, span);
                    let ty = Type {
                        optional: column.ty.optional || base.ty.optional,
                        confidential: column.ty.confidential || base.ty.confidential,
                        places: merge_places(&column.ty.places, &places),
                        base: column.ty.base.clone(),
                    };
                    self.fact(name.span, Symbol::Column { row: row.name.clone(), name: name.text.clone() }, &ty);
                    Ok(self.narrowed(expr(ExprKind::Column { base, index, link }, ty, span)))
                }
                None => match self.env.field_of(&row.name, &name.text) {
                    Some(decl) => Ok(self.derived(base, decl, name, span)),
                    None => self.new_link(base, name, span),
                },
            },
            Base::Any => {
                let ty = Type { base: Base::Any, optional: true, ..self.below(&base, &[&name.text, "{}"]) };
                Ok(self.keyed(base, name, ty, span))
            }
            Base::Map(value) if self.property(&base, name).is_none() => {
                let below = self.below(&base, &[&name.text, "{}"]);
                let ty = Type {
                    base: value.base.clone(),
                    optional: true,
                    confidential: value.confidential || below.confidential,
                    places: below.places,
                };
                Ok(self.keyed(base, name, ty, span))
            }
            _ => match self.property(&base, name) {
                Some(signature) => Ok(self.apply(base, signature, Vec::new(), name.span, span)),
                None => Err(base),
            },
        }
    }

    /// Places and secrecy of a step below a value.
    fn below(&self, base: &Expr, steps: &[&str]) -> Type {
        let places = self.env.places.step_any(&base.ty.places, steps);
        let confidential = base.ty.confidential || self.env.places.confidential(&places);
        Type { confidential, places, ..Type::of(Base::Any) }
    }

    /// A key of a map or of an open value.
    fn keyed(&mut self, base: Expr, name: &Ident, ty: Type, span: Span) -> Expr {
        let link = self.link_at(&ty.places, span);
        self.fact(name.span, Symbol::Key, &ty);
        self.narrowed(expr(ExprKind::Member { base, name: name.text.clone(), default: None, link }, ty, span))
    }

    // ---- Whole objects -----------------------------------------------------------------------------------------

    fn object_member(&mut self, base: Expr, kinds: &Arc<[KindId]>, name: &Ident, span: Span) -> Result<Expr, Expr> {
        if let Some((_, attr)) = ATTRS.iter().find(|(word, _)| *word == &*name.text) {
            return Ok(self.attr(base, kinds, *attr, name, span));
        }
        let env = self.env;
        for (index, group) in env.groups.iter().enumerate() {
            let all = !kinds.is_empty() && kinds.iter().all(|kind| group.members.binary_search(kind).is_ok());
            let Some(field) = all.then(|| group.with.iter().position(|with| *with == name.text)).flatten() else {
                continue;
            };
            for &decl in &group.items {
                self.deps.insert(Dep::Decl(decl));
                if let Some(checked) = env.checked(decl, &self.stack) {
                    self.ok &= checked.ok;
                }
            }
            let Some(types) = env.with_types(index, &self.stack) else {
                return Ok(self.recursion(&name.text, span));
            };
            let mut ty = types[field].clone();
            if ty.is_error() {
                return Ok(self.hole(span));
            }
            ty.optional |= base.ty.optional;
            if let Some(&decl) = group.items.first() {
                self.item_fact(decl, name.span, &ty);
            }
            let kind = ExprKind::GroupField { base, group: Id(index as u32), field };
            return Ok(self.narrowed(expr(kind, ty, span)));
        }
        if let Some(decl) = env.object_field(kinds, &name.text) {
            return Ok(self.derived(base, decl, name, span));
        }
        let roots: Vec<TypeId> = kinds.iter().map(|kind| env.schemas.kind(*kind).root).collect();
        if roots.is_empty() {
            return self.new_link(base, name, span);
        }
        self.struct_member(base, &roots, Some(kinds), name, span)
    }

    fn attr(&mut self, base: Expr, kinds: &[KindId], attr: Attr, name: &Ident, span: Span) -> Expr {
        let env = self.env;
        let record = |name: &str| env.row(name).map_or(Base::Any, Base::Row);
        let below = |step: &str| env.step(&env.step(&base.ty.places, "metadata"), step);
        let map = |step: &str| Type { places: below(step), ..Type::map(Type::string()) };
        let mut ty = match attr {
            Attr::Name | Attr::ApiVersion => Type::string(),
            Attr::Namespace => Type::string().optional(),
            Attr::Labels => map("labels"),
            Attr::Annotations => map("annotations"),
            Attr::Kind if kinds.is_empty() => Type::string(),
            Attr::Kind => {
                let names: BTreeSet<Arc<str>> = kinds.iter().map(|kind| env.schemas.kind(*kind).name.clone()).collect();
                Type::of(Base::String(Some(names.into_iter().collect())))
            }
            Attr::Created => Type::of(Base::Time).optional(),
            Attr::Origin => Type::of(Base::String(Some(["cluster", "file", "rendered"].map(Arc::from).into()))),
            Attr::Sops => Type::of(record("Sops")).optional(),
            Attr::Owner => Type::of(record("Owner")).optional(),
        };
        ty.optional |= base.ty.optional;
        self.fact(name.span, Symbol::Attr(attr), &ty);
        self.narrowed(expr(ExprKind::Attr { base, attr }, ty, span))
    }

    // ---- Derived fields ----------------------------------------------------------------------------------------

    fn derived(&mut self, base: Expr, decl: usize, name: &Ident, span: Span) -> Expr {
        let env = self.env;
        self.uses_decl(decl, span);
        let Some(checked) = env.checked(decl, &self.stack) else {
            return self.recursion(&name.text, span);
        };
        self.ok &= checked.ok;
        let mut ty = checked.ty.clone();
        ty.optional |= base.ty.optional;
        let places = env.step(&base.ty.places, &name.text);
        let link = self.link_at(&places, span);
        ty.places = merge_places(&ty.places, &places);
        self.item_fact(decl, name.span, &ty);
        if ty.is_error() {
            return self.hole(span);
        }
        self.narrowed(expr(ExprKind::Derived { base, field: env.decls[decl].field_id, link }, ty, span))
    }

    /// A link whose path is a new field.
    fn new_link(&mut self, base: Expr, name: &Ident, span: Span) -> Result<Expr, Expr> {
        let env = self.env;
        let places = env.step(&base.ty.places, &name.text);
        let Some(&decl) = env.places.links(&places).first() else { return Err(base) };
        self.uses_decl(decl, span);
        let Some(checked) = env.checked(decl, &self.stack) else {
            return Ok(self.recursion(&name.text, span));
        };
        self.ok &= checked.ok;
        let Checked::Link { field: Some(body), .. } = &checked.ir else { return Ok(self.hole(span)) };
        let mut ty = body.body.ty.clone();
        ty.optional |= base.ty.optional;
        ty.places = places;
        self.item_fact(decl, name.span, &ty);
        let declared = &env.decls[decl];
        let kind = ExprKind::Derived { base, field: declared.field_id, link: Some(declared.id) };
        Ok(self.narrowed(expr(kind, ty, span)))
    }

    // ---- Fields of schemas -------------------------------------------------------------------------------------

    fn struct_member(
        &mut self,
        base: Expr,
        types: &[TypeId],
        kinds: Option<&Arc<[KindId]>>,
        name: &Ident,
        span: Span,
    ) -> Result<Expr, Expr> {
        let env = self.env;
        if kinds.is_none()
            && let [id] = types
            && let Some(owner) = &env.schemas.type_info(*id).name
            && let Some(decl) = env.field_of(owner, &name.text)
        {
            return Ok(self.derived(base, decl, name, span));
        }
        let fields: Vec<Option<&FieldInfo>> = types.iter().map(|id| env.schemas.field(*id, &name.text)).collect();
        let open = types.iter().any(|id| env.schemas.type_info(*id).open);
        if fields.iter().all(Option::is_none) {
            return match self.new_link(base, name, span) {
                Err(base) if open => {
                    let ty = Type { base: Base::Any, optional: true, ..self.below(&base, &[&name.text]) };
                    Ok(self.keyed(base, name, ty, span))
                }
                other => other,
            };
        }
        let places = env.step(&base.ty.places, &name.text);
        let mut ty: Option<Type> = None;
        let mut defaults: Vec<Option<Const>> = Vec::new();
        let mut required = true;
        for (id, field) in types.iter().zip(&fields) {
            let one = match field {
                Some(field) => {
                    required &= field.required;
                    defaults.push(field.default.as_ref().and_then(constant));
                    self.schema_type(&field.ty, places.clone())
                }
                None if env.schemas.type_info(*id).open => {
                    required = false;
                    defaults.push(None);
                    Type::of(Base::Any)
                }
                None => return Err(base),
            };
            ty = match ty {
                None => Some(one),
                Some(ty) => Some(env.unify(&ty, &one).unwrap_or_else(|| Type::of(Base::Any))),
            };
        }
        let Some(mut ty) = ty else { return Err(base) };
        let mut default = match defaults.split_first() {
            Some((first, rest)) if rest.iter().all(|other| other == first) => first.clone(),
            _ => None,
        };
        // The kind of a reference is its first target where it is not written.
        if default.is_none() && !required && &*name.text == "kind" {
            default = links::default_kind(env, &base.ty.places).map(Const::String);
        }
        ty.optional = base.ty.optional || !(required || default.is_some());
        ty.confidential |= base.ty.confidential || env.places.confidential(&places);
        let link = self.link_at(&places, span);
        if let Some(id) = types.first() {
            self.fact(name.span, Symbol::Field { owner: *id, name: name.text.clone() }, &ty);
        }
        let kind = ExprKind::Member { base, name: name.text.clone(), default, link };
        Ok(self.narrowed(expr(kind, ty, span)))
    }

    /// The type of a value of a schema at the given places.
    pub fn schema_type(&self, ty: &SchemaType, places: Places) -> Type {
        let env = self.env;
        let confidential = env.places.confidential(&places);
        let base = match ty {
            SchemaType::String { values, .. } => Base::String(values.clone()),
            SchemaType::Int => Base::Int,
            SchemaType::Number => Base::Number,
            SchemaType::Bool => Base::Bool,
            SchemaType::Bytes => Base::Bytes,
            SchemaType::Time => Base::Time,
            SchemaType::IntOrString | SchemaType::Quantity | SchemaType::Any => Base::Any,
            SchemaType::Object(id) => return env.struct_type(vec![*id], places).confidential(confidential),
            SchemaType::List(element) => Base::List(Arc::new(self.schema_type(element, env.step(&places, "[]")))),
            SchemaType::Map(value) => Base::Map(Arc::new(self.schema_type(value, env.step(&places, "{}")))),
        };
        Type { places, confidential, ..Type::of(base) }
    }

    // ---- References --------------------------------------------------------------------------------------------

    /// The link declared at the places of one field, or at the elements of a list there.
    pub fn link_at(&mut self, places: &Places, span: Span) -> Option<Id> {
        if places.is_empty() {
            return None;
        }
        let mut found = self.env.places.links(places);
        if found.is_empty() {
            found = self.env.places.links(&self.env.places.step_any(places, &["[]", "{}"]));
        }
        let &first = found.first()?;
        let Some(link) = links::widest(self.env, &found) else {
            if self.declares_link {
                return Some(self.env.decls[first].id);
            }
            let mut error = Diagnostic::error(
                codes::AMBIGUOUS_LINK,
                span,
                "several links with different targets are declared here",
            )
            .help("remove one, or go through a field that only one of them covers");
            for &decl in &found {
                let (module, span) = self.env.place_of(decl);
                error.related.push(crate::diag::Related { module: Some(module), span, message: "one of them".into() });
            }
            self.report(error);
            return Some(self.env.decls[first].id);
        };
        let first = link;
        self.deps.insert(Dep::Decl(first));
        if let Some(checked) = self.env.checked(first, &self.stack) {
            self.ok &= checked.ok;
        }
        Some(self.env.decls[first].id)
    }

    // ---- Errors ------------------------------------------------------------------------------------------------

    fn no_member(&mut self, base: &Expr, name: &Ident) -> Expr {
        self.fact(name.span, Symbol::NoMember, &base.ty);
        let shown = self.show(&base.ty.clone().present());
        if let Base::List(element) = &base.ty.base {
            let probe = expr(ExprKind::Local(0), element.as_ref().clone().present(), base.span);
            let facts = self.facts.len();
            let ok = self.ok;
            let has = self.try_member(probe, name, name.span).is_ok();
            self.facts.truncate(facts);
            self.ok = ok;
            let error = Diagnostic::error(codes::UNKNOWN_FIELD, name.span, format!("a list has no `{}`", name.text));
            return self.fail(if has {
                error.fix("its elements have: write `[]` for each of them", Span::at(base.span.end), "[]")
            } else {
                error.help("go over it with `for`, or write `[]` for each element")
            });
        }
        if let Some(signature) = methods::ALL
            .iter()
            .find(|signature| signature.call && signature.name == &*name.text && self.receives(signature, &base.ty))
        {
            let error = Diagnostic::error(codes::METHOD_FORM, name.span, format!("`{}` is a method", signature.name));
            return self.fail(if signature.required == 0 {
                error.fix("call it", Span::at(name.span.end), "()")
            } else {
                error.help(format!("call it: `.{}(…)`", signature.name))
            });
        }
        let nearest = self.nearest_member(&base.ty, &name.text);
        let error =
            Diagnostic::error(codes::UNKNOWN_FIELD, name.span, format!("`{shown}` has no field `{}`", name.text));
        if let Some(nearest) = nearest {
            return self.fail(error.fix(format!("did you mean `{nearest}`?"), name.span, nearest));
        }
        let part = match &base.ty.base {
            Base::Object(kinds) if kinds.len() > 1 => kinds.iter().find(|kind| {
                let root = self.env.schemas.kind(**kind).root;
                self.env.schemas.field(root, &name.text).is_some()
            }),
            _ => None,
        };
        self.fail(match (&base.ty.base, part) {
            (_, Some(kind)) => {
                let kind = self.env.schemas.kind(*kind).unique_name().to_string();
                error.help(format!("only some of its kinds have it; say which one is meant: `as {kind}`"))
            }
            (Base::Object(kinds), None) if kinds.is_empty() => {
                error.help("it can be of any kind and has only attributes; say which one is meant: `as Kind`")
            }
            _ => error,
        })
    }

    /// The member of a type that was probably meant.
    pub fn nearest_member(&self, ty: &Type, name: &str) -> Option<String> {
        let env = self.env;
        let mut names: Vec<&str> = Vec::new();
        let mut owners: Vec<Arc<str>> = Vec::new();
        match &ty.base {
            Base::Object(kinds) => {
                names.extend(ATTRS.iter().map(|(word, _)| *word));
                for group in env.groups_over(kinds) {
                    names.extend(group.with.iter().map(|with| &**with));
                    owners.push(group.name.clone());
                }
                for kind in kinds.iter() {
                    let kind = env.schemas.kind(*kind);
                    owners.push(kind.unique_name().into());
                    names.extend(env.schemas.type_info(kind.root).fields.iter().map(|field| &*field.name));
                }
            }
            Base::Struct(types) => {
                for id in types.iter() {
                    names.extend(env.schemas.type_info(*id).fields.iter().map(|field| &*field.name));
                }
            }
            Base::Row(row) => {
                names.extend(row.columns.iter().map(|column| &*column.name));
                owners.push(row.name.clone());
            }
            _ => names.extend(
                methods::ALL
                    .iter()
                    .filter(|signature| !signature.call && self.receives(signature, ty))
                    .map(|signature| signature.name),
            ),
        }
        let derived: Vec<String> = env.field_names(&owners).map(str::to_string).collect();
        crate::schema::nearest(name, names.into_iter().chain(derived.iter().map(String::as_str))).map(str::to_string)
    }

    fn property(&self, base: &Expr, name: &Ident) -> Option<&'static methods::Signature> {
        methods::ALL
            .iter()
            .find(|signature| !signature.call && signature.name == &*name.text && self.receives(signature, &base.ty))
    }

    /// The type of a method's result on a receiver.
    pub fn outcome(&self, signature: &methods::Signature, receiver: &Type) -> Type {
        let env = self.env;
        let row = |name: &str| env.row(name).map_or(Type::of(Base::Any), |row| env.row_value(&row));
        match signature.result {
            Outcome::String => Type::string(),
            Outcome::Int => Type::of(Base::Int),
            Outcome::Number => Type::of(Base::Number),
            Outcome::Bool => Type::of(Base::Bool),
            Outcome::Duration => Type::of(Base::Duration),
            Outcome::Time => Type::of(Base::Time),
            Outcome::Bytes => Type::of(Base::Bytes),
            Outcome::Any => Type::of(Base::Any),
            Outcome::StringList => Type::list(Type::string()),
            Outcome::Same => receiver.clone().present(),
            Outcome::Elements => match &receiver.base {
                Base::List(element) | Base::Map(element) => Type::list(element.as_ref().clone()),
                _ => Type::list(Type::of(Base::Error)),
            },
            Outcome::Record(name) => row(name),
            Outcome::Records(name) => Type::list(row(name)),
        }
    }
}

/// A default of a schema as a literal of the program; nothing for `null`.
fn constant(value: &SchemaValue) -> Option<Const> {
    Some(match value {
        SchemaValue::Null => return None,
        SchemaValue::Bool(value) => Const::Bool(*value),
        SchemaValue::Number(number) => match number.as_i64() {
            Some(int) => Const::Int(int),
            None => Const::Number(number.as_f64()?),
        },
        SchemaValue::String(text) => Const::String(text.as_str().into()),
        SchemaValue::Array(items) => Const::List(items.iter().filter_map(constant).collect()),
        SchemaValue::Object(fields) => {
            Const::Map(fields.iter().filter_map(|(key, value)| Some((key.as_str().into(), constant(value)?))).collect())
        }
    })
}
