//! From the checked program to the plan.

use std::sync::Arc;

use tacit_lang::ast::{BinaryOp, TestOp};
use tacit_lang::builtin::methods::{self, Method};
use tacit_lang::ir::{self, Clause, Const, Expr, ExprKind, Source, TextPart};
use tacit_lang::types::{Base, Type};

use super::lookup;
use super::plan::*;
use crate::value::{Data, Field, Pattern, Value};

/// Works out the plan of a program.
pub(super) fn lower(program: &ir::Program) -> Plan {
    let mut lowering = Lowering { plan: Plan::default(), slots: 0, generators: Vec::new() };
    let functions = program.functions.iter().map(|item| lowering.body(item.slots, &item.body)).collect();
    let fields = program.fields.iter().map(|item| lowering.body(item.slots, &item.body)).collect();
    let constants = program.constants.iter().map(|item| lowering.body(item.slots, &item.value)).collect();
    let groups = program.groups.iter().map(|group| lowering.group(group)).collect();
    let links = program.links.iter().map(|link| lowering.link(link)).collect();
    let views = program.views.iter().map(|view| lowering.view(view)).collect();
    let rules = program.rules.iter().map(|rule| lowering.rule(rule)).collect();
    Plan { rules, functions, fields, constants, groups, links, views, ..lowering.plan }
}

/// What reading needs of a type.
pub(super) fn shape(ty: &Type) -> Shape {
    match &ty.base {
        Base::Error | Base::Any | Base::Regex | Base::Row(_) => Shape::Any,
        Base::String(_) => Shape::Text,
        Base::Int => Shape::Int,
        Base::Number => Shape::Number,
        Base::Bool => Shape::Bool,
        Base::Duration => Shape::Duration,
        Base::Time => Shape::Time,
        Base::Bytes => Shape::Bytes,
        Base::List(element) => Shape::List(Box::new(shape(element))),
        Base::Map(value) => Shape::Map(Box::new(shape(value))),
        Base::Struct(_) => Shape::Struct,
        Base::Object(kinds) => Shape::Object(kinds.clone()),
    }
}

/// Shape of the elements of a list or map type.
fn element(ty: &Type) -> Shape {
    match &ty.base {
        Base::List(element) | Base::Map(element) => shape(element),
        _ => Shape::Any,
    }
}

/// The value of a literal.
pub(super) fn constant(value: &Const) -> Value<'static> {
    Value::new(match value {
        Const::String(text) => Data::Text(text.clone()),
        Const::Int(value) => Data::Int(*value),
        Const::Number(value) => Data::Number(*value),
        Const::Bool(value) => Data::Bool(*value),
        Const::Duration(value) => Data::Duration(*value),
        Const::Time(value) => Data::Time(*value),
        Const::Regex(pattern) => Data::Regex(Arc::new(Pattern::new(pattern.clone()))),
        Const::List(values) => Data::List(values.iter().map(constant).collect()),
        Const::Map(entries) => {
            Data::Map(entries.iter().map(|(key, value)| (Value::text(key.clone()), constant(value))).collect())
        }
    })
}

struct Lowering {
    plan: Plan,
    /// Slots of the frame at hand.
    slots: usize,
    /// Variables that the generators of the rule at hand bind.
    generators: Vec<ir::Slot>,
}

impl Lowering {
    fn body(&mut self, slots: usize, expr: &Expr) -> Body {
        self.slots = slots;
        Body { slots, op: self.op(expr) }
    }

    fn group(&mut self, group: &ir::Group) -> GroupPlan {
        let fields = group
            .with
            .iter()
            .map(|field| field.bodies.iter().map(|body| self.body(field.slots, body)).collect())
            .collect();
        GroupPlan { members: group.members.clone(), fields }
    }

    fn link(&mut self, link: &ir::Link) -> LinkPlan {
        self.slots = link.slots;
        let mut part = |expr: &Option<Expr>| expr.as_ref().map(|expr| self.op(expr));
        let (name, namespace, kind) = (part(&link.name), part(&link.namespace), part(&link.kind));
        LinkPlan { targets: link.targets.clone(), slots: link.slots.max(2), name, namespace, kind }
    }

    fn view(&mut self, view: &ir::View) -> ViewPlan {
        let branches = view
            .branches
            .iter()
            .map(|branch| {
                self.slots = branch.slots;
                let condition = branch.condition.as_ref();
                BranchPlan {
                    slots: branch.slots,
                    bindings: self.bindings(&branch.bindings, condition),
                    condition: condition.map(|condition| self.op(condition)),
                    columns: branch.columns.iter().map(|column| self.op(column)).collect(),
                }
            })
            .collect();
        let row = match &view.element.base {
            Base::Row(row) if view.branches.iter().any(|branch| !branch.columns.is_empty()) => Some(row.clone()),
            _ => None,
        };
        let (kinds, relations) = (view.reach.kinds.clone(), view.reach.relations.clone());
        ViewPlan { row, branches, kinds, relations }
    }

    fn rule(&mut self, rule: &Arc<ir::Rule>) -> RulePlan {
        self.slots = rule.slots;
        self.generators.clear();
        let clauses = rule
            .clauses
            .iter()
            .enumerate()
            .map(|(at, clause)| match clause {
                Clause::For { bindings, .. } => {
                    self.generators.extend(bindings.iter().map(|binding| binding.var));
                    let filter = match rule.clauses.get(at + 1) {
                        Some(Clause::Where { condition, .. }) => Some(condition),
                        _ => None,
                    };
                    ClausePlan::For(self.bindings(bindings, filter))
                }
                Clause::Where { condition, .. } => ClausePlan::Where(self.op(condition)),
                Clause::Let { slot, value, .. } => ClausePlan::Let { slot: *slot, value: self.op(value) },
                Clause::Deny(verdict) => self.verdict(VerdictKind::Deny, verdict),
                Clause::Require(verdict) => self.verdict(VerdictKind::Require, verdict),
                Clause::Undecided(verdict) => self.verdict(VerdictKind::Undecided, verdict),
                Clause::FixSet { target, value, safe, .. } => {
                    ClausePlan::FixSet { target: self.op(target), value: self.op(value), safe: *safe }
                }
                Clause::FixRemove { target, safe, .. } => {
                    ClausePlan::FixRemove { target: self.op(target), safe: *safe }
                }
            })
            .collect();
        RulePlan { rule: rule.clone(), clauses, generators: std::mem::take(&mut self.generators) }
    }

    fn verdict(&mut self, kind: VerdictKind, verdict: &ir::Verdict) -> ClausePlan {
        // A requirement fails where its condition is false: its equalities select nothing.
        let filter = verdict.condition.as_ref().filter(|_| kind != VerdictKind::Require);
        let guards = match verdict.bindings.first() {
            Some(first) if verdict.bindings.iter().all(|binding| self.is_sure(&binding.source)) => {
                lookup::guards(filter, None, first)
            }
            _ => Vec::new(),
        };
        ClausePlan::Verdict(VerdictPlan {
            kind,
            severity: verdict.severity,
            guards: guards.into_iter().map(|guard| self.op(guard)).collect(),
            bindings: self.bindings(&verdict.bindings, filter),
            condition: verdict.condition.as_ref().map(|condition| self.op(condition)),
            at: verdict.at.as_ref().map(|at| self.op(at)),
            message: self.parts(&verdict.message),
        })
    }

    fn bindings(&mut self, bindings: &[ir::Binding], filter: Option<&Expr>) -> Vec<BindingPlan> {
        let mut plans: Vec<BindingPlan> = bindings.iter().map(|binding| self.binding(binding, filter)).collect();
        for (at, pair) in bindings.windows(2).enumerate() {
            if !bindings[at + 1..].iter().all(|later| self.is_sure(&later.source)) {
                continue;
            }
            let guards = lookup::guards(filter, (at > 0).then_some(&pair[0]), &pair[1]);
            plans[at].guards = guards.into_iter().map(|guard| self.op(guard)).collect();
        }
        plans
    }

    /// True for a source that has elements or none, but never one of which it is undecided what it is: that would be a
    /// verdict of its own, whatever the condition.
    fn is_sure(&self, source: &Source) -> bool {
        match source {
            Source::Kinds { .. } => true,
            Source::List(list) => match &*list.kind {
                ExprKind::Method { base, method: Method::Lines, .. } => self.is_text_of_file(base),
                _ => false,
            },
            _ => false,
        }
    }

    /// True for a column of a file that a generator of the rule is bound to, with or without a default.
    fn is_text_of_file(&self, expr: &Expr) -> bool {
        match &*expr.kind {
            ExprKind::Binary { op: BinaryOp::Default, left, right } => {
                matches!(&*right.kind, ExprKind::Const(_)) && self.is_text_of_file(left)
            }
            ExprKind::Column { base, .. } => match (&*base.kind, &base.ty.base) {
                (ExprKind::Local(slot), Base::Row(row)) => &*row.name == "File" && self.generators.contains(slot),
                _ => false,
            },
            _ => false,
        }
    }

    /// `filter` must hold for an element to matter.
    fn binding(&mut self, binding: &ir::Binding, filter: Option<&Expr>) -> BindingPlan {
        let source = match &binding.source {
            Source::Kinds { kinds, owned } => {
                let wanted = KindSet { kinds: kinds.clone(), owned: *owned };
                let set = self.plan.sets.iter().position(|set| *set == wanted).unwrap_or_else(|| {
                    self.plan.sets.push(wanted);
                    self.plan.sets.len() - 1
                });
                SourcePlan::Kinds { set, lookup: self.lookup(binding, filter) }
            }
            Source::View(id) => SourcePlan::View { id: *id, lookup: self.lookup(binding, filter) },
            Source::Relation(id) => SourcePlan::Relation { id: *id, lookup: self.lookup(binding, filter) },
            Source::List(list) => SourcePlan::List { element: element(&list.ty), op: self.op(list) },
            Source::Map(map) => SourcePlan::Map { element: element(&map.ty), op: self.op(map) },
        };
        BindingPlan {
            key: binding.key,
            var: binding.var,
            name: binding.name.clone(),
            source,
            span: binding.span,
            confidential: binding.ty.confidential,
            guards: Vec::new(),
        }
    }

    fn lookup(&mut self, binding: &ir::Binding, filter: Option<&Expr>) -> Option<Lookup> {
        let (key, probe) = lookup::equality(filter?, binding)?;
        let index = self.plan.lookups;
        self.plan.lookups += 1;
        Some(Lookup { index, key: self.op(key), slot: binding.var, slots: self.slots, probe: self.op(probe) })
    }

    fn parts(&mut self, parts: &[TextPart]) -> Vec<Part> {
        parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Part::Text(text.clone()),
                TextPart::Expr(expr) => Part::Op(self.op(expr)),
            })
            .collect()
    }

    fn ops(&mut self, exprs: &[Expr]) -> Vec<Op> {
        exprs.iter().map(|expr| self.op(expr)).collect()
    }

    fn op(&mut self, expr: &Expr) -> Op {
        let kind = match &*expr.kind {
            ExprKind::Const(Const::String(text)) => OpKind::Str(text.clone()),
            ExprKind::Const(value) => OpKind::Const(constant(value)),
            ExprKind::Local(slot) => OpKind::Local(*slot),
            ExprKind::Param(id) => OpKind::Param(id.0 as usize),
            ExprKind::Constant(id) => OpKind::Constant(id.0 as usize),
            ExprKind::Now => OpKind::Now,
            ExprKind::Text(parts) => OpKind::Text(self.parts(parts)),
            ExprKind::List(items) => OpKind::List(self.ops(items)),
            ExprKind::Attr { base, attr } => OpKind::Attr { base: self.op(base), attr: *attr },
            ExprKind::Member { .. } => OpKind::Path(self.path(expr, false)),
            ExprKind::Column { base, index, link } => {
                OpKind::Column { base: self.op(base), index: *index, link: *link }
            }
            ExprKind::GroupField { base, group, field } => {
                OpKind::GroupField { base: self.op(base), group: group.0 as usize, field: *field }
            }
            ExprKind::Derived { base, field, link } => {
                OpKind::Derived { base: self.op(base), field: field.0 as usize, link: *link }
            }
            ExprKind::Index { base, index, link } => {
                OpKind::Index { element: shape(&expr.ty), base: self.op(base), index: self.op(index), link: *link }
            }
            ExprKind::Each { base, var, body, flatten } => OpKind::Each {
                element: element(&base.ty),
                base: self.op(base),
                var: *var,
                inner: element(&body.ty),
                body: self.op(body),
                flatten: *flatten,
            },
            ExprKind::Follow { base } => OpKind::Follow(self.op(base)),
            ExprKind::As { base } => OpKind::As { base: self.op(base), shape: shape(&expr.ty) },
            ExprKind::Call { function, args } => OpKind::Call { function: function.0 as usize, args: self.ops(args) },
            ExprKind::Method { base, method, args } => OpKind::Method {
                element: element(&base.ty),
                base: self.op(base),
                method: *method,
                args: self.ops(args),
                false_on_missing: methods::signature(*method).false_on_missing,
            },
            ExprKind::Not(inner) => OpKind::Not(self.op(inner)),
            ExprKind::Binary { op, left, right } => self.binary(*op, left, right),
            ExprKind::Test { base, test } => match test {
                TestOp::Exists => OpKind::Exists(self.written(base), true),
                TestOp::Absent => OpKind::Exists(self.written(base), false),
                TestOp::Empty => OpKind::Empty(self.op(base)),
                TestOp::Dangling => OpKind::Dangling(self.op(base)),
            },
            ExprKind::Quantifier { all, binding, body } => OpKind::Quantifier {
                all: *all,
                binding: self.binding(binding, Some(body).filter(|_| !all)),
                body: self.op(body),
            },
            ExprKind::If { condition, then, otherwise } => {
                OpKind::If { condition: self.op(condition), then: self.op(then), otherwise: self.op(otherwise) }
            }
            ExprKind::Comprehension { bindings, condition, body } => OpKind::Comprehension {
                bindings: self.bindings(bindings, condition.as_ref()),
                condition: condition.as_ref().map(|condition| self.op(condition)),
                body: self.op(body),
            },
        };
        Op { kind: Box::new(kind), span: expr.span, confidential: expr.ty.confidential }
    }

    /// An operand of `exists` and `absent`, which ask what is written, whatever the default.
    fn written(&mut self, expr: &Expr) -> Op {
        match &*expr.kind {
            ExprKind::Member { .. } => Op {
                kind: Box::new(OpKind::Path(self.path(expr, true))),
                span: expr.span,
                confidential: expr.ty.confidential,
            },
            _ => self.op(expr),
        }
    }

    /// A chain of fields as one step.
    fn path(&mut self, expr: &Expr, written: bool) -> PathOp {
        let mut chain = Vec::new();
        let mut at = expr;
        let mut link = None;
        while let ExprKind::Member { base, name, default, link: own } = &*at.kind {
            if chain.is_empty() {
                link = *own;
            }
            let default = default.as_ref().filter(|_| !written).map(constant);
            chain.push((Field { name: name.clone() }, PathStep { shape: shape(&at.ty), default }));
            at = base;
        }
        chain.reverse();
        let (fields, steps): (Vec<Field>, Vec<PathStep>) = chain.into_iter().unzip();
        PathOp { base: self.op(at), fields: fields.into(), steps: steps.into(), link }
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> OpKind {
        let (left_element, right_element) = (element(&left.ty), element(&right.ty));
        let (left, right) = (self.op(left), self.op(right));
        match op {
            BinaryOp::Or => OpKind::Or(left, right),
            BinaryOp::And => OpKind::And(left, right),
            BinaryOp::Eq | BinaryOp::Ne | BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                OpKind::Compare { op, left, right }
            }
            BinaryOp::In => OpKind::In { left, right, element: right_element },
            BinaryOp::Overlaps => OpKind::Overlaps { left, left_element, right, right_element },
            BinaryOp::Matches => OpKind::Matches { left, right },
            BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains => {
                OpKind::TextTest { op, left, right, element: left_element }
            }
            BinaryOp::Default => OpKind::Default(left, right),
            BinaryOp::Concat => OpKind::Concat { left, left_element, right, right_element },
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul => OpKind::Arithmetic { op, left, right },
        }
    }
}
