//! Rules, waivers, tests and the small items: clauses into the program.

use std::sync::Arc;

use super::checker::Checker;
use super::env::Env;
use super::facts::Symbol;
use super::item::{Checked, CheckedItem, Dep, constant, doc, finish};
use super::source::Source;
use super::{narrow, reach};
use crate::ast::{self, ClauseKind, ItemKind};
use crate::codes;
use crate::diag::Diagnostic;
use crate::ir::{self, Clause, Expr, ExprKind, Verdict};
use crate::span::Span;
use crate::types::{Base, Type};

/// Checks an item that declares nothing others use: a rule, waiver, test, `use`, `edition`.
pub(super) fn check(env: &Env, sources: &[std::sync::Arc<Source>], module: usize, index: usize) -> CheckedItem {
    let parsed = sources[module].item(index);
    let mut checker = Checker::new(env, &env.modules[module].text, module, Vec::new());
    for diagnostic in &parsed.diagnostics {
        checker.report(diagnostic.clone());
    }
    let item = &parsed.item;
    let ir = match &item.kind {
        ItemKind::Rule(rule) => checker.rule(item, rule, index),
        ItemKind::Waive(waive) => checker.waive(item, waive, sources),
        ItemKind::Test(test) => checker.test_item(item, test, sources),
        ItemKind::Use(used) => {
            checker.use_item(used);
            Checked::None
        }
        ItemKind::Edition(edition) => {
            if edition.number.node != 1 {
                checker.report(
                    Diagnostic::error(
                        codes::EDITION,
                        edition.number.span,
                        format!("there is no edition {}", edition.number.node),
                    )
                    .fix("the only edition is 1", edition.number.span, "1"),
                );
            }
            Checked::None
        }
        _ => {
            checker.ok = false;
            Checked::None
        }
    };
    finish(checker, ir, Type::of(Base::Error), Vec::new())
}

impl Checker<'_> {
    fn rule(&mut self, item: &ast::Item, rule: &ast::Rule, index: usize) -> Checked {
        let module = self.env.modules[self.module].name.clone();
        self.rule_head(rule, index);
        let mut clauses = Vec::new();
        let mut remedy: Option<&ast::Text> = None;
        let mut controls = Vec::new();
        let mut tags = Vec::new();
        let mut docs = Vec::new();
        let mut verdicts = false;
        let mark = self.mark();
        for clause in &rule.clauses {
            match &clause.kind {
                ClauseKind::For(generators) => {
                    let bindings = generators.iter().map(|generator| self.generator(generator, true)).collect();
                    clauses.push(Clause::For { bindings, span: clause.span });
                }
                ClauseKind::Where(condition) => {
                    let condition = self.condition(condition);
                    self.learn(&condition, true);
                    clauses.push(Clause::Where { condition, span: clause.span });
                }
                ClauseKind::Let { name, value } => {
                    let value = self.expr(value);
                    let slot = self.bind(name, value.ty.clone(), true);
                    clauses.push(Clause::Let { slot, value, span: clause.span });
                }
                ClauseKind::Deny(deny) => {
                    verdicts = true;
                    let inner = self.mark();
                    let mut verdict = self.verdict(&deny.generators, deny.when.as_ref(), true, clause.span);
                    verdict.severity = deny.severity.as_ref().map(|severity| severity.node);
                    verdict.at = deny.at.as_ref().map(|at| self.node(at));
                    verdict.message = self.template(&deny.message);
                    self.leave(inner);
                    clauses.push(Clause::Deny(verdict));
                }
                ClauseKind::Require { condition, at, message } => {
                    verdicts = true;
                    let inner = self.mark();
                    let mut verdict = self.verdict(&[], Some(condition), false, clause.span);
                    verdict.at = at.as_ref().map(|at| self.node(at));
                    verdict.message = self.template(message);
                    self.leave(inner);
                    clauses.push(Clause::Require(verdict));
                }
                ClauseKind::Undecided { generators, when, reason } => {
                    verdicts = true;
                    let inner = self.mark();
                    let mut verdict = self.verdict(generators, when.as_ref(), true, clause.span);
                    verdict.message = self.template(reason);
                    self.leave(inner);
                    clauses.push(Clause::Undecided(verdict));
                }
                ClauseKind::FixSet { target, value, safe } => {
                    let target = self.node(target);
                    let value = self.expr(value);
                    self.fix_value(&target, &value);
                    clauses.push(Clause::FixSet { target, value, safe: *safe, span: clause.span });
                }
                ClauseKind::FixRemove { target, safe } => {
                    let target = self.node(target);
                    clauses.push(Clause::FixRemove { target, safe: *safe, span: clause.span });
                }
                ClauseKind::Remedy(text) => {
                    if let Some(first) = remedy {
                        self.report(
                            Diagnostic::error(codes::CLAUSE_TWICE, clause.span, "a rule has one remedy")
                                .related(first.span, "the other one"),
                        );
                    }
                    remedy = Some(text);
                }
                ClauseKind::Controls { framework, items } => {
                    controls.extend(items.iter().map(|item| (framework.text.clone(), item.value.clone())));
                }
                ClauseKind::Tags(names) => tags.extend(names.iter().map(|tag| tag.text.clone())),
                ClauseKind::Docs(text) => docs.push(text.value.clone()),
            }
        }
        let slots = self.slots();
        if rule.dropped {
            self.ok = false;
            // A dropped clause may have used the names.
            self.scope.iter_mut().for_each(|variable| variable.lint = false);
        }
        self.leave(mark);
        self.rule_shape(rule, verdicts);
        let mut checked = ir::Rule {
            code: rule.code.as_ref().map(|code| code.text.clone()),
            name: rule.name.text.clone(),
            severity: rule.severity.node,
            title: rule.title.value.clone(),
            doc: doc(item),
            remedy: remedy.map(|text| text.value.clone()).unwrap_or_default(),
            controls,
            tags,
            docs,
            module,
            span: item.span,
            name_span: rule.name.span,
            slots,
            clauses,
            reach: ir::Reach::default(),
        };
        if self.ok {
            checked.reach = reach::of_rule(self.env, &checked);
            super::lint::rule(self, &checked);
        }
        Checked::Rule(Arc::new(checked))
    }

    fn rule_head(&mut self, rule: &ast::Rule, index: usize) {
        let here = (self.module, index);
        for name in rule.code.iter().chain([&rule.name]) {
            let ty = Type::of(Base::Error);
            let module = self.env.modules[self.module].name.clone();
            self.fact(name.span, Symbol::Item { module, span: name.span }, &ty);
            let Some(&other) = self.env.rules.get(&name.text) else { continue };
            if other != here {
                let mut error = Diagnostic::error(
                    codes::DECLARED_TWICE,
                    name.span,
                    format!("another rule is called `{}`", name.text),
                )
                .help("codes and names of rules are unique over all files");
                error.related.push(crate::diag::Related {
                    module: Some(self.env.modules[other.0].name.clone()),
                    span: self.env.rule_span(other),
                    message: "the other rule".into(),
                });
                self.report(error);
            }
        }
    }

    fn rule_shape(&mut self, rule: &ast::Rule, verdicts: bool) {
        if rule.dropped {
            return;
        }
        if !verdicts {
            self.report(
                Diagnostic::error(
                    codes::NO_VERDICT,
                    rule.name.span,
                    format!("`{}` never says anything", rule.name.text),
                )
                .help("add a `deny`, `require` or `undecided` clause"),
            );
        } else if !rule.clauses.iter().any(|clause| matches!(clause.kind, ClauseKind::For(_)))
            && !rule.clauses.iter().all(|clause| match &clause.kind {
                ClauseKind::Deny(deny) => !deny.generators.is_empty(),
                ClauseKind::Undecided { generators, .. } => !generators.is_empty(),
                ClauseKind::Require { .. } => false,
                _ => true,
            })
        {
            self.report(
                Diagnostic::error(codes::NO_SUBJECT, rule.name.span, format!("`{}` looks at nothing", rule.name.text))
                    .help("say what it is about: `for x in Kind`"),
            );
        }
    }

    /// Bindings and condition of a clause with a verdict; what the message may rely on is known afterwards.
    fn verdict(&mut self, generators: &[ast::Generator], when: Option<&ast::Expr>, holds: bool, span: Span) -> Verdict {
        let bindings = generators.iter().map(|generator| self.generator(generator, true)).collect();
        let condition = when.map(|when| {
            let condition = self.condition(when);
            self.learn(&condition, holds);
            condition
        });
        Verdict { severity: None, bindings, condition, at: None, message: Vec::new(), span }
    }

    /// An expression that names a place in the input.
    fn node(&mut self, e: &ast::Expr) -> Expr {
        let checked = self.expr(e);
        let is_node = checked.ty.is_error()
            || matches!(&*checked.kind, ExprKind::If { .. } | ExprKind::Binary { op: ast::BinaryOp::Default, .. })
            || narrow::is_place(&checked)
            || matches!(&*checked.kind, ExprKind::Index { .. });
        if !is_node {
            return self.fail(
                Diagnostic::error(codes::NOT_A_NODE, e.span, "this is computed and stands nowhere in the input")
                    .help("name an object or one of its fields"),
            );
        }
        checked
    }

    fn fix_value(&mut self, target: &Expr, value: &Expr) {
        if target.ty.is_error() || value.ty.is_error() {
            return;
        }
        if value.ty.confidential {
            self.report(
                Diagnostic::error(codes::CONFIDENTIAL_FIX, value.span, "a fix writes no secret material")
                    .help("let the fix remove the node, or say in `remedy` what to do"),
            );
            return;
        }
        let want = target.ty.clone().present();
        if let (Base::String(Some(values)), ExprKind::Const(ir::Const::String(text))) = (&want.base, &*value.kind) {
            if !values.contains(text) {
                let nearest = crate::schema::nearest(text, values.iter().map(|value| &**value)).map(str::to_string);
                let error =
                    Diagnostic::error(codes::OUTSIDE_ENUM, value.span, format!("\"{text}\" is not allowed there"));
                self.report(match nearest {
                    Some(nearest) => {
                        error.fix(format!("did you mean \"{nearest}\"?"), value.span, format!("\"{nearest}\""))
                    }
                    None => error,
                });
            }
            return;
        }
        // A duration is written as text.
        let as_text = matches!((&want.base, &value.ty.base), (Base::String(_), Base::Duration));
        if !as_text {
            self.expect(value, &want.confidential(true), "the value of the node");
        }
    }

    // ---- Waivers -----------------------------------------------------------------------------------------------

    fn waive(&mut self, item: &ast::Item, waive: &ast::Waive, sources: &[Arc<Source>]) -> Checked {
        let rule = self.rule_ref(&waive.rule);
        let kinds = self.kinds_of(&waive.kind).map(|(kinds, _)| kinds).unwrap_or_default();
        for (text, what) in [(&waive.because, "a reason"), (&waive.by, "a name")] {
            if text.value.trim().is_empty() {
                self.error(codes::WAIVER_SHAPE, text.span, format!("an exception needs {what}"));
            }
        }
        if waive.object.value.trim().is_empty() {
            self.report(
                Diagnostic::error(codes::WAIVER_SHAPE, waive.object.span, "this names no object")
                    .help("write `name`, `namespace/name`, or a glob: `shop/*`"),
            );
        }
        if let (true, Some(&(module, index))) = (self.ok, self.env.rules.get(&waive.rule.text))
            && let Checked::Rule(rule) = check(self.env, sources, module, index).ir
        {
            super::lint::wide_waiver(self, waive, &kinds, &rule);
        }
        Checked::Waiver(ir::Waiver {
            rule: rule.unwrap_or_default(),
            kinds: kinds.into(),
            object: waive.object.value.clone(),
            until: waive.until.node,
            because: waive.because.value.clone(),
            by: waive.by.value.clone(),
            module: self.env.modules[self.module].name.clone(),
            span: item.span,
        })
    }

    /// The name by which reports know the rule that is meant.
    fn rule_ref(&mut self, name: &ast::Ident) -> Option<Arc<str>> {
        self.deps.insert(Dep::Rule(name.text.clone()));
        let Some(&at) = self.env.rules.get(&name.text) else {
            let nearest = crate::schema::nearest(&name.text, self.env.rules.keys().map(|name| &**name));
            let error = Diagnostic::error(codes::UNKNOWN_RULE, name.span, format!("there is no rule `{}`", name.text));
            let error = match nearest {
                Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), name.span, nearest.to_string()),
                None => error.help("rules are named by their code or their name"),
            };
            self.report(error);
            return None;
        };
        let module = self.env.modules[at.0].name.clone();
        let span = self.env.rule_span(at);
        self.fact(name.span, Symbol::Item { module, span }, &Type::of(Base::Error));
        self.env.rule_ids.get(&at).cloned()
    }

    // ---- Tests -------------------------------------------------------------------------------------------------

    fn test_item(&mut self, item: &ast::Item, test: &ast::Test, sources: &[std::sync::Arc<Source>]) -> Checked {
        let rule = self.rule_ref(&test.rule);
        if let Some(&(module, index)) = self.env.rules.get(&test.rule.text)
            && sources[module].item(index).diagnostics.iter().any(|found| found.level == crate::diag::Level::Error)
        {
            self.ok = false;
        }
        let now = test.now.as_ref().and_then(|now| {
            let value = self.expr(now);
            match &*value.kind {
                ExprKind::Const(ir::Const::Time(instant)) => Some(*instant),
                _ if value.ty.is_error() => None,
                _ => {
                    self.report(
                        Diagnostic::error(codes::TEST_SHAPE, now.span, "`now` is an instant")
                            .help("write a date: `now 2027-03-01`"),
                    );
                    None
                }
            }
        });
        let mut with = Vec::new();
        for (name, value) in &test.with {
            if let Some(pair) = self.test_param(name, value) {
                with.push(pair);
            }
        }
        if test.given.is_empty() {
            self.report(
                Diagnostic::error(codes::TEST_SHAPE, test.title.span, "this test gives no manifests")
                    .help("add `given \"\"\"…\"\"\"`"),
            );
        }
        if test.expect.is_empty() {
            self.report(
                Diagnostic::error(codes::TEST_SHAPE, test.title.span, "this test expects nothing")
                    .help("add `expect deny \"…\"` or `expect clean`"),
            );
        }
        for file in test.given.iter().filter_map(|given| given.file.as_ref()) {
            // Such a name is the manifest, and the name behind it is all that the rule would be held against.
            if file.value.contains('\n') {
                self.report(
                    Diagnostic::error(codes::TEST_SHAPE, file.span, "the name of a file has line breaks")
                        .help("the name comes before the manifests: `given \"web.yaml\" \"\"\"…\"\"\"`"),
                );
            }
        }
        for expect in &test.expect {
            let clean = expect.verdict.node == ast::ExpectVerdict::Clean;
            if clean && (test.expect.len() > 1 || expect.message.is_some() || expect.at.is_some()) {
                self.report(
                    Diagnostic::error(codes::TEST_SHAPE, expect.span, "`clean` stands alone")
                        .help("a test expects verdicts, or none at all"),
                );
            }
            if let Some(at) = &expect.at {
                self.expect_at(at);
            }
        }
        Checked::Test(Arc::new(ir::Test {
            rule: rule.unwrap_or_default(),
            now,
            with,
            ast: Arc::new(test.clone()),
            module: self.env.modules[self.module].name.clone(),
            span: item.span,
        }))
    }

    fn test_param(&mut self, name: &ast::Ident, value: &ast::Expr) -> Option<(ir::Id, ir::Const)> {
        let env = self.env;
        let declared = env.declarations(&name.text).iter().copied().find(|&decl| {
            matches!(env.decls[decl].item.kind, ItemKind::Param(_)) && env.sees(self.module, env.decls[decl].module)
        });
        let Some(decl) = declared else {
            let params = env.decls.iter().filter(|decl| matches!(decl.item.kind, ItemKind::Param(_)));
            let nearest = crate::schema::nearest(&name.text, params.map(|decl| &*decl.name.text));
            let error = Diagnostic::error(codes::UNKNOWN_NAME, name.span, format!("there is no param `{}`", name.text));
            self.report(match nearest {
                Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), name.span, nearest.to_string()),
                None => error,
            });
            return None;
        };
        self.uses_decl(decl, name.span);
        let checked = env.checked(decl, &self.stack)?;
        self.ok &= checked.ok;
        self.item_fact(decl, name.span, &checked.ty);
        let value = self.expr(value);
        if !self.expect(&value, &checked.ty, &format!("`{}`", name.text)) {
            return None;
        }
        match constant(&value) {
            Some(value) => Some((env.decls[decl].id, value)),
            None => {
                self.error(codes::NOT_CONSTANT, value.span, "the value of a param is a literal");
                None
            }
        }
    }

    /// The path of an expectation must exist in the kind.
    fn expect_at(&mut self, at: &ast::ExpectAt) {
        let env = self.env;
        if matches!(env.lookup(self.module, &at.kind.text), super::env::Lookup::Unknown) && at.path.is_none() {
            // Findings can be about objects of kinds that no schema describes, and about files.
            return;
        }
        if &*at.kind.text == "File" {
            return;
        }
        let Some((kinds, _)) = self.kinds_of(&at.kind) else { return };
        let Some(path) = &at.path else { return };
        let slot = self.slot();
        let start = super::checker::expr(ExprKind::Local(slot), env.object_type(kinds), at.kind.span);
        // `metadata` and its like are written here as in the manifest.
        let plain = ast::Path { span: path.span, steps: path.steps.clone() };
        let before = self.diagnostics.len();
        let facts = self.facts.len();
        let end = self.along(start, &plain);
        if end.ty.is_error() && self.diagnostics.len() == before {
            self.facts.truncate(facts);
        }
    }

    fn use_item(&mut self, used: &ast::Use) {
        let env = self.env;
        let name = &used.path.value;
        match env.modules.iter().position(|module| module.name == *name) {
            Some(module) if module == self.module => {
                self.error(codes::UNKNOWN_MODULE, used.path.span, "a file does not use itself");
            }
            Some(module) => {
                let module = env.modules[module].name.clone();
                self.fact(used.path.span, Symbol::Item { module, span: Span::at(0) }, &Type::of(Base::Error));
            }
            None => {
                let nearest = crate::schema::nearest(name, env.modules.iter().map(|module| &*module.name));
                let error =
                    Diagnostic::error(codes::UNKNOWN_MODULE, used.path.span, format!("there is no file `{name}`"));
                let path = used.path.span;
                self.report(match nearest {
                    Some(nearest) => error.fix(format!("did you mean `{nearest}`?"), path, format!("\"{nearest}\"")),
                    None => error.help("a file is named by its path below the rules, without `.tacit`"),
                });
            }
        }
    }
}
