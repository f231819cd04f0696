//! Expressions: names, literals, conditions, quantifiers. Steps after a value are in `chain`, operators in `ops`.

use std::sync::Arc;

use super::checker::{Checker, expr};
use super::env::{Entity, Lookup};
use super::facts::Symbol;
use super::item::Dep;
use super::narrow;
use super::register;
use crate::ast::{self, Ident, TemplatePart};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{Binding, Const, Expr, ExprKind, Source, TextPart};
use crate::schema::KindId;
use crate::span::Span;
use crate::types::{Base, Type};

impl Checker<'_> {
    /// Checks an expression.
    pub fn expr(&mut self, e: &ast::Expr) -> Expr {
        match &*e.kind {
            ast::ExprKind::Error => self.hole(e.span),
            ast::ExprKind::Field { .. }
            | ast::ExprKind::Index { .. }
            | ast::ExprKind::Each { .. }
            | ast::ExprKind::Follow { .. }
            | ast::ExprKind::As { .. }
            | ast::ExprKind::Method { .. } => self.postfix(e),
            ast::ExprKind::Text(template) => self.text(template),
            ast::ExprKind::Int(value) => literal(Const::Int(*value), Base::Int, e.span),
            ast::ExprKind::Bool(value) => literal(Const::Bool(*value), Base::Bool, e.span),
            ast::ExprKind::Duration(value) => literal(Const::Duration(*value), Base::Duration, e.span),
            ast::ExprKind::Time(seconds) => match seconds.checked_mul(1_000_000_000) {
                Some(instant) => literal(Const::Time(instant), Base::Time, e.span),
                None => self.fail(
                    Diagnostic::error(codes::OUT_OF_RANGE, e.span, "this instant is out of range")
                        .help("instants lie between the years 1678 and 2262"),
                ),
            },
            ast::ExprKind::Regex(pattern) => self.regex(pattern, e.span),
            ast::ExprKind::List(elements) => self.list(elements, e.span),
            ast::ExprKind::Name(name) => self.name(name, e.span),
            ast::ExprKind::Now => expr(ExprKind::Now, Type::of(Base::Time), e.span),
            ast::ExprKind::Kinds(names) => {
                let text = names.iter().map(|name| &*name.text).collect::<Vec<_>>().join(" | ");
                self.not_a_value(&text, e.span)
            }
            ast::ExprKind::Call { name, args } => self.call(name, args, e.span),
            ast::ExprKind::Not(inner) => {
                let inner = self.condition(inner);
                expr(ExprKind::Not(inner), Type::of(Base::Bool), e.span)
            }
            ast::ExprKind::Binary { op, op_span, left, right } => self.binary(*op, *op_span, left, right, e.span),
            ast::ExprKind::Test { base, test, test_span } => self.test(base, *test, *test_span, e.span),
            ast::ExprKind::Quantifier { all, generator, body } => {
                let mark = self.mark();
                let binding = self.generator(generator, false);
                let body = self.condition(body);
                self.leave(mark);
                expr(ExprKind::Quantifier { all: *all, binding, body }, Type::of(Base::Bool), e.span)
            }
            ast::ExprKind::If { condition, then, otherwise } => self.conditional(condition, then, otherwise, e.span),
            ast::ExprKind::Comprehension { body, generators, condition } => {
                let mark = self.mark();
                let bindings = generators.iter().map(|generator| self.generator(generator, false)).collect();
                let condition = condition.as_ref().map(|condition| {
                    let condition = self.condition(condition);
                    self.learn(&condition, true);
                    condition
                });
                let body = self.expr(body);
                self.leave(mark);
                let ty = Type::list(body.ty.clone().present());
                expr(ExprKind::Comprehension { bindings, condition, body }, ty, e.span)
            }
        }
    }

    /// From here on, what `condition` says about presence where it is `truth` is known.
    pub fn learn(&mut self, condition: &Expr, truth: bool) {
        self.present.extend(narrow::present_when(condition, truth));
    }

    /// Applies what is known about presence to an expression.
    pub fn narrowed(&self, mut e: Expr) -> Expr {
        if e.ty.optional && narrow::is_present(&self.present, &e) {
            e.ty.optional = false;
        }
        e
    }

    /// Checks an expression that must be true or false.
    pub fn condition(&mut self, e: &ast::Expr) -> Expr {
        let checked = self.expr(e);
        match (&checked.ty.base, checked.ty.optional) {
            (Base::Error, _) | (Base::Bool, false) => checked,
            (Base::Bool, true) => {
                let text = self.source(checked.span);
                let end = Span::at(checked.span.end);
                self.report(
                    Diagnostic::error(codes::MISSING_CONDITION, e.span, format!("`{text}` may be missing"))
                        .label("neither true nor false where it is missing")
                        .fix("say what a missing value means: `== true`, `!= false`, or `?? false`", end, " == true"),
                );
                self.hole(e.span)
            }
            _ => {
                let shown = self.show(&checked.ty);
                let error = Diagnostic::error(
                    codes::NOT_A_CONDITION,
                    e.span,
                    format!("a condition is true or false, and this is `{shown}`"),
                );
                let error = match checked.ty.base {
                    Base::Any => error.help("compare it, or say what it is: `as bool`"),
                    _ if checked.ty.optional => error.fix("ask whether it is there", Span::at(e.span.end), " exists"),
                    _ => error.help("compare it with something"),
                };
                self.fail(error)
            }
        }
    }

    fn conditional(&mut self, condition: &ast::Expr, then: &ast::Expr, otherwise: &ast::Expr, span: Span) -> Expr {
        let condition = self.condition(condition);
        let mark = self.mark();
        self.learn(&condition, true);
        let then = self.expr(then);
        self.forget(mark);
        self.learn(&condition, false);
        let otherwise = self.expr(otherwise);
        self.forget(mark);
        match self.env.unify(&then.ty, &otherwise.ty) {
            Some(ty) => expr(ExprKind::If { condition, then, otherwise }, ty, span),
            None => {
                let (a, b) = (self.show(&then.ty), self.show(&otherwise.ty));
                self.fail(
                    Diagnostic::error(
                        codes::NOTHING_IN_COMMON,
                        otherwise.span,
                        format!("the branches have nothing in common: `{a}` and `{b}`"),
                    )
                    .related(then.span, format!("this is `{a}`")),
                )
            }
        }
    }

    fn list(&mut self, elements: &[ast::Expr], span: Span) -> Expr {
        let mut checked: Vec<Expr> = Vec::with_capacity(elements.len());
        let mut ty: Option<Type> = None;
        for element in elements {
            let element = self.expr(element);
            let before = ty.take();
            ty = match before {
                None => Some(element.ty.clone()),
                Some(before) => match self.env.unify(&before, &element.ty) {
                    Some(ty) => Some(ty),
                    None => {
                        let (a, b) = (self.show(&before), self.show(&element.ty));
                        self.error(
                            codes::NOTHING_IN_COMMON,
                            element.span,
                            format!("the elements of a list have something in common, and these are `{a}` and `{b}`"),
                        );
                        Some(Type::of(Base::Error))
                    }
                },
            };
            checked.push(element);
        }
        // Missing elements are dropped, so an element of the list is present.
        let element = ty.unwrap_or_else(|| Type::of(Base::Error)).present();
        expr(ExprKind::List(checked), Type::list(element), span)
    }

    fn regex(&mut self, pattern: &Arc<str>, span: Span) -> Expr {
        // Those of the standard library are held by a test: compiling them is most of the start of a small run.
        let is_std = self.env.modules[self.module].role == super::Role::Std;
        if !is_std && let Err(error) = regex::Regex::new(pattern) {
            // The last line of the library's message says what is wrong; the others draw the pattern.
            let text = error.to_string();
            let cause = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_string();
            return self.fail(
                Diagnostic::error(codes::BAD_REGEX, span, format!("this is no regular expression: {cause}"))
                    .help("the syntax is RE2's: no look-around, no back-references"),
            );
        }
        literal(Const::Regex(pattern.clone()), Base::Regex, span)
    }

    // ---- Names -------------------------------------------------------------------------------------------------

    /// A bare name.
    fn name(&mut self, name: &Arc<str>, span: Span) -> Expr {
        if let Some(variable) = self.scope.iter_mut().rev().find(|variable| variable.name == *name) {
            variable.used = true;
            let (slot, ty, def) = (variable.slot, variable.ty.clone(), variable.span);
            let local = self.narrowed(expr(ExprKind::Local(slot), ty, span));
            self.fact(span, Symbol::Variable { def }, &local.ty);
            return local;
        }
        let ident = Ident { text: name.clone(), span };
        for at in 0..self.selves.len() {
            let base = self.selves[at].clone();
            if base.ty.is_error() {
                return self.hole(span);
            }
            if let Ok(found) = self.try_member(base, &ident, span) {
                return found;
            }
        }
        match self.env.lookup(self.module, name) {
            Lookup::Found(Entity::Param(decl)) => {
                self.uses_decl(decl, span);
                let id = self.env.decls[decl].id;
                let ty = self.env.checked(decl, &self.stack).map(|checked| (checked.ty.clone(), checked.ok));
                let Some((ty, ok)) = ty else { return self.recursion(name, span) };
                self.ok &= ok;
                self.item_fact(decl, span, &ty);
                let param = expr(ExprKind::Param(id), ty, span);
                self.narrowed(param)
            }
            Lookup::Found(Entity::Constant(decl)) => {
                self.uses_decl(decl, span);
                let id = self.env.decls[decl].id;
                let ty = self.env.checked(decl, &self.stack).map(|checked| (checked.ty.clone(), checked.ok));
                let Some((ty, ok)) = ty else { return self.recursion(name, span) };
                self.ok &= ok;
                self.item_fact(decl, span, &ty);
                let constant = expr(ExprKind::Constant(id), ty, span);
                self.narrowed(constant)
            }
            Lookup::Found(Entity::Function(_)) => self.fail(
                Diagnostic::error(codes::WRONG_ARGUMENTS, span, format!("`{name}` is a function and is called"))
                    .help(format!("write `{name}(…)`")),
            ),
            Lookup::Found(Entity::Broken) => self.hole(span),
            Lookup::Found(_) => self.not_a_value(name, span),
            Lookup::NotUsed(module) => self.not_used(name, module, span),
            Lookup::Unknown => self.unknown_name(name, span),
        }
    }

    pub fn item_fact(&mut self, decl: usize, span: Span, ty: &Type) {
        let (module, def) = self.env.place_of(decl);
        self.fact(span, Symbol::Item { module, span: def }, ty);
    }

    /// Notes that the item depends on a declaration.
    pub fn uses_decl(&mut self, decl: usize, _span: Span) {
        self.deps.insert(Dep::Decl(decl));
    }

    pub fn recursion(&mut self, name: &str, span: Span) -> Expr {
        self.fail(
            Diagnostic::error(codes::RECURSION, span, format!("`{name}` depends on itself"))
                .help("every program ends, so nothing may be defined by itself"),
        )
    }

    fn not_a_value(&mut self, name: &str, span: Span) -> Expr {
        self.fail(
            Diagnostic::error(codes::KIND_AS_VALUE, span, format!("`{name}` is no value"))
                .label("names all its objects or rows")
                .help(format!("go over it: `for x in {name}`, `any x in {name}: …`, `[x for x in {name}]`")),
        )
    }

    pub fn not_used(&mut self, name: &str, module: usize, span: Span) -> Expr {
        let module = self.env.modules[module].name.clone();
        self.fail(
            Diagnostic::error(
                codes::NOT_USED,
                span,
                format!("`{name}` is declared in `{module}`, which this file does not use"),
            )
            .fix(format!("add `use \"{module}\"`"), Span::at(0), format!("use \"{module}\"\n")),
        )
    }

    fn unknown_name(&mut self, name: &str, span: Span) -> Expr {
        let env = self.env;
        let nearest = {
            let variables = self.scope.iter().rev().map(|variable| &*variable.name);
            let names = variables.chain(env.names_in_scope(self.module));
            crate::schema::nearest(name, names).map(str::to_string)
        };
        let own = self.selves.first().and_then(|base| self.nearest_member(&base.ty, name));
        let nearest = nearest.or(own).or_else(|| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                .then(|| env.schemas.nearest_kind(name).map(str::to_string))
                .flatten()
        });
        let error = Diagnostic::error(codes::UNKNOWN_NAME, span, format!("there is no `{name}` here"));
        self.fail(match nearest {
            Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), span, nearest),
            None if self.selves.is_empty() => error.help("names come from `for`, `let`, `param`, and `use`"),
            None => error.help("a bare name here is a field of the object itself"),
        })
    }

    // ---- Calls -------------------------------------------------------------------------------------------------

    fn call(&mut self, name: &Ident, args: &[ast::Expr], span: Span) -> Expr {
        // Read first, so that a wrong call does not leave their names unused.
        let args: Vec<Expr> = args.iter().map(|arg| self.expr(arg)).collect();
        let decl = match self.env.lookup(self.module, &name.text) {
            Lookup::Found(Entity::Function(decl)) => decl,
            Lookup::Found(Entity::Broken) => return self.hole(span),
            Lookup::NotUsed(module) => return self.not_used(&name.text, module, name.span),
            _ => {
                let env = self.env;
                let functions = env
                    .decls
                    .iter()
                    .filter(|decl| matches!(decl.item.kind, ast::ItemKind::Fn(_)) && env.sees(self.module, decl.module))
                    .map(|decl| &*decl.name.text);
                let nearest = crate::schema::nearest(&name.text, functions).map(str::to_string);
                let error =
                    Diagnostic::error(codes::UNKNOWN_NAME, name.span, format!("there is no function `{}`", name.text));
                return self.fail(match nearest {
                    Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), name.span, nearest),
                    None => error
                        .help("declare it: `fn name(x: type): type = …`; methods are called on a value: `x.name()`"),
                });
            }
        };
        self.uses_decl(decl, name.span);
        let Some(checked) = self.env.checked(decl, &self.stack) else {
            return self.recursion(&name.text, name.span);
        };
        self.ok &= checked.ok;
        self.item_fact(decl, name.span, &checked.ty);
        if args.len() != checked.params.len() {
            let want = checked.params.len();
            return self.fail(Diagnostic::error(
                codes::WRONG_ARGUMENTS,
                span,
                format!("`{}` takes {}, not {}", name.text, count(want, "argument"), args.len()),
            ));
        }
        for (arg, (param, want)) in args.iter().zip(&checked.params) {
            self.expect(arg, want, &format!("`{param}` of `{}`", name.text));
        }
        let call = ExprKind::Call { function: self.env.decls[decl].id, args };
        expr(call, checked.ty.clone(), span)
    }

    /// Checks that a value can stand where `want` is asked for: its type, its presence and its secrecy.
    pub fn expect(&mut self, got: &Expr, want: &Type, what: &str) -> bool {
        if got.ty.is_error() || want.is_error() {
            return false;
        }
        if !self.env.accepts(want, &got.ty) {
            let (wanted, found) = (self.show(&want.clone().present()), self.show(&got.ty));
            let error =
                Diagnostic::error(codes::WRONG_TYPE, got.span, format!("{what} is `{wanted}`, and this is `{found}`"));
            let error = match got.ty.base {
                Base::Any => error.fix("say what it is", Span::at(got.span.end), format!(" as {wanted}")),
                _ => error,
            };
            self.report(error);
            return false;
        }
        if got.ty.optional && !want.optional {
            self.report_missing(got, &format!("{what} must be present"));
            return false;
        }
        if got.ty.confidential && !want.confidential {
            let wanted = self.show(want);
            self.report(
                Diagnostic::error(
                    codes::CONFIDENTIAL_FLOW,
                    got.span,
                    format!("{what} is public, and this is confidential"),
                )
                .help(format!(
                    "declare it as `confidential {wanted}`, or pass a property of it (`.size`, `.digest()`)"
                )),
            );
            return false;
        }
        true
    }

    /// The error for a value that may be missing where it must be present.
    pub fn report_missing(&mut self, got: &Expr, why: &str) {
        let text = self.source(got.span).to_string();
        let shown = if text.contains('\n') || text.len() > 60 { "this".into() } else { format!("`{text}`") };
        let help = match got.ty.base {
            Base::String(_) => format!("give a default (`{text} ?? \"\"`), or ask before: `where {text} exists`"),
            _ => format!("give a default (`{text} ?? …`), or ask before: `where {text} exists`"),
        };
        let help = if shown == "this" {
            "give a default with `??`, or ask before with `where … exists`".into()
        } else {
            help
        };
        self.report(
            Diagnostic::error(codes::MISSING_VALUE, got.span, format!("{shown} may be missing"))
                .label(why.to_string())
                .help(help),
        );
    }

    // ---- Texts -------------------------------------------------------------------------------------------------

    fn text(&mut self, template: &ast::Template) -> Expr {
        let mut parts = self.template(template);
        if parts.is_empty() {
            return literal(Const::String("".into()), Base::String(None), template.span);
        }
        if let [TextPart::Text(text)] = parts.as_slice() {
            return literal(Const::String(text.clone()), Base::String(None), template.span);
        }
        let mut ty = Type::string();
        for part in &mut parts {
            if let TextPart::Expr(part) = part {
                ty.confidential |= part.ty.confidential;
            }
        }
        expr(ExprKind::Text(parts), ty, template.span)
    }

    /// The parts of a text; each expression in it must be public, present and printable.
    pub fn template(&mut self, template: &ast::Template) -> Vec<TextPart> {
        let mut parts = Vec::with_capacity(template.parts.len());
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => parts.push(TextPart::Text(text.clone())),
                TemplatePart::Expr(e) => {
                    let checked = self.expr(e);
                    if self.printable(&checked) {
                        parts.push(TextPart::Expr(checked));
                    }
                }
            }
        }
        parts
    }

    fn printable(&mut self, e: &Expr) -> bool {
        if e.ty.is_error() {
            return false;
        }
        let text = self.source(e.span);
        if e.ty.confidential || inner_confidential(&e.ty) {
            self.report(
                Diagnostic::error(codes::CONFIDENTIAL_MESSAGE, e.span, format!("`{text}` is confidential"))
                    .label("would be printed")
                    .help("name the key, or print a property: `.size`, `.digest()`, `.credential_kind()`"),
            );
            return false;
        }
        if !prints(&e.ty) {
            let shown = self.show(&e.ty);
            let error = Diagnostic::error(codes::NOT_PRINTABLE, e.span, format!("a `{shown}` cannot be printed"));
            self.report(match e.ty.base {
                Base::Any => error.fix("say what it is", Span::at(e.span.end), " as string"),
                Base::Map(_) => error.help("print its `.keys`, or one of its values"),
                _ => error.help("print one of its fields"),
            });
            return false;
        }
        if e.ty.optional {
            self.report_missing(e, "a text needs a value that is present");
            return false;
        }
        true
    }

    // ---- Generators --------------------------------------------------------------------------------------------

    /// `x in xs`, with its variables from here on in scope. `lint`: whether an unused key is worth a word.
    pub fn generator(&mut self, generator: &ast::Generator, lint: bool) -> Binding {
        let (source, key_ty, ty) = self.source_of(&generator.source);
        let key = generator.key.as_ref().map(|key| match &key_ty {
            Some(ty) => self.bind(key, ty.clone(), lint),
            None => {
                if !ty.is_error() {
                    self.report(
                        Diagnostic::error(
                            codes::NO_KEY,
                            key.span,
                            "the objects of a kind and the rows of a relation have no index",
                        )
                        .help("name the element alone"),
                    );
                }
                self.bind(key, Type::of(Base::Error), false)
            }
        });
        let var = self.bind(&generator.var, ty.clone(), false);
        Binding { key, var, name: generator.var.text.clone(), ty, source, span: generator.span }
    }

    /// What a generator goes through, the type of its key and the type of its element.
    fn source_of(&mut self, source: &ast::Expr) -> (Source, Option<Type>, Type) {
        match &*source.kind {
            ast::ExprKind::Kinds(names) => return self.kinds_source(names, source.span),
            ast::ExprKind::Name(name) if !self.is_local(name) => {
                let ident = Ident { text: name.clone(), span: source.span };
                match self.env.lookup(self.module, name) {
                    Lookup::Found(Entity::Group(_) | Entity::Kinds(_)) => {
                        return self.kinds_source(std::slice::from_ref(&ident), source.span);
                    }
                    Lookup::Found(Entity::View(decl)) => {
                        self.uses_decl(decl, source.span);
                        let Some(checked) = self.env.checked(decl, &self.stack) else {
                            let hole = self.recursion(name, source.span);
                            return (Source::List(hole), None, Type::of(Base::Error));
                        };
                        self.ok &= checked.ok;
                        self.item_fact(decl, source.span, &checked.ty);
                        return (Source::View(self.env.decls[decl].id), None, checked.ty.clone());
                    }
                    Lookup::Found(Entity::Relation(relation)) => {
                        self.deps.insert(Dep::Relation(relation));
                        let ty = self.env.row_value(&self.env.relations[relation as usize]);
                        self.fact(source.span, Symbol::Relation(relation), &ty);
                        return (Source::Relation(relation), None, ty);
                    }
                    // A name in upper case is a kind that is not there.
                    Lookup::Unknown if self.selves.is_empty() && name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                        self.deps.insert(Dep::Name(name.clone()));
                        let hole = self.fail(register::unknown_kind(self.env, &ident));
                        return (Source::List(hole), None, Type::of(Base::Error));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        let list = self.expr(source);
        let elements = match &list.ty.base {
            Base::Error => Some((None, Type::of(Base::Error))),
            Base::List(element) => {
                let mut element = element.as_ref().clone().present();
                element.confidential |= list.ty.confidential;
                Some((Some(Type::of(Base::Int)), element))
            }
            Base::Map(value) => {
                let mut value = value.as_ref().clone();
                value.confidential |= list.ty.confidential;
                Some((Some(Type::string()), value))
            }
            _ => None,
        };
        match elements {
            Some((key, element)) => {
                let is_map = matches!(list.ty.base, Base::Map(_));
                let source = if is_map { Source::Map(list) } else { Source::List(list) };
                (source, key, element)
            }
            None => {
                let shown = self.show(&list.ty);
                let error =
                    Diagnostic::error(codes::NOT_A_LIST, list.span, format!("a `{shown}` cannot be gone through"));
                let error = match list.ty.base {
                    Base::Any => error.fix("say what it is", Span::at(list.span.end), " as list<any>"),
                    _ => error.help("`for` goes over kinds, groups, views, relations, lists and maps"),
                };
                let hole = self.fail(error);
                (Source::List(hole), None, Type::of(Base::Error))
            }
        }
    }

    fn is_local(&mut self, name: &Arc<str>) -> bool {
        if self.scope.iter().any(|variable| variable.name == *name) {
            return true;
        }
        let ident = Ident { text: name.clone(), span: Span::default() };
        let facts = self.facts.len();
        let found = self.selves.clone().into_iter().any(|base| self.try_member(base, &ident, Span::default()).is_ok());
        self.facts.truncate(facts);
        found
    }

    fn kinds_source(&mut self, names: &[Ident], span: Span) -> (Source, Option<Type>, Type) {
        let mut kinds: Vec<KindId> = Vec::new();
        let mut owned = true;
        let mut failed = false;
        for name in names {
            match self.kinds_of(name) {
                Some((some, group)) => {
                    kinds.extend(some);
                    owned &= !group;
                }
                None => failed = true,
            }
        }
        if failed {
            let hole = self.hole(span);
            return (Source::List(hole), None, Type::of(Base::Error));
        }
        let ty = self.env.object_type(kinds);
        let Base::Object(kinds) = &ty.base else { return (Source::List(self.hole(span)), None, ty) };
        (Source::Kinds { kinds: kinds.clone(), owned }, None, ty)
    }

    /// The kinds of a kind or group, and whether it is a group.
    pub fn kinds_of(&mut self, name: &Ident) -> Option<(Vec<KindId>, bool)> {
        match self.env.lookup(self.module, &name.text) {
            Lookup::Found(Entity::Group(group)) => {
                let group_env = &self.env.groups[group];
                let members = group_env.members.to_vec();
                for &decl in &group_env.items {
                    self.deps.insert(Dep::Decl(decl));
                }
                let ty = self.env.object_type(members.clone());
                if let Some(&decl) = group_env.items.first() {
                    self.item_fact(decl, name.span, &ty);
                }
                Some((members, true))
            }
            Lookup::Found(Entity::Kinds(kinds)) => match kinds.as_slice() {
                [kind] => {
                    self.deps.insert(Dep::Kind(*kind));
                    let ty = self.env.object_type(vec![*kind]);
                    self.fact(name.span, Symbol::Kind(*kind), &ty);
                    Some((vec![*kind], false))
                }
                several => {
                    let error = register::ambiguous_kind(self.env, name, several);
                    self.report(error);
                    None
                }
            },
            Lookup::Found(Entity::Broken) => {
                self.ok = false;
                None
            }
            Lookup::NotUsed(module) => {
                self.not_used(&name.text, module, name.span);
                None
            }
            Lookup::Found(other) => {
                let what = register::describe(self.env, &other);
                self.report(
                    Diagnostic::error(codes::UNKNOWN_KIND, name.span, format!("`{}` is {what}, not a kind", name.text))
                        .help("only kinds and groups stand here"),
                );
                None
            }
            Lookup::Unknown => {
                self.deps.insert(Dep::Name(name.text.clone()));
                let error = register::unknown_kind(self.env, name);
                self.report(error);
                None
            }
        }
    }
}

/// A literal.
pub(super) fn literal(value: Const, base: Base, span: Span) -> Expr {
    expr(ExprKind::Const(value), Type::of(base), span)
}

/// `1 argument`, `2 arguments`.
pub(super) fn count(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("one {what}"),
        n => format!("{n} {what}s"),
    }
}

/// True where a type has a text form for messages.
fn prints(ty: &Type) -> bool {
    match &ty.base {
        Base::Error
        | Base::String(_)
        | Base::Int
        | Base::Number
        | Base::Bool
        | Base::Duration
        | Base::Time
        | Base::Object(_) => true,
        Base::List(element) => !matches!(element.base, Base::List(_)) && prints(element),
        _ => false,
    }
}

fn inner_confidential(ty: &Type) -> bool {
    match &ty.base {
        Base::List(inner) | Base::Map(inner) => inner.confidential || inner_confidential(inner),
        _ => false,
    }
}
