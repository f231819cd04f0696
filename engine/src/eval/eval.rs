//! Expressions: each operation to its value, conditions to true, false or undecided.

use std::ops::ControlFlow;
use std::sync::Arc;

use tacit_lang::ast::BinaryOp;

use super::context::{Context, Step};
use super::equal::{equal, order};
use super::faulty;
use super::plan::{Op, OpKind, Part, Shape};
use super::source::unknown;
use super::withheld;
use crate::document::{self, Kind};
use crate::value::{Data, Doubt, Gap, Origin, Outcome, Value, doubt, read_any};

impl<'w, 'a> Context<'w, 'a> {
    /// The value of an operation.
    pub fn eval(&mut self, op: &'a Op) -> Outcome<'a> {
        if self.steps.is_some() && !matches!(*op.kind, OpKind::Str(_) | OpKind::Const(_)) {
            self.depth += 1;
            let value = self.value(op);
            self.depth -= 1;
            self.step(op, value.as_ref().map(|value| super::display::trace(value, op.confidential)));
            return value;
        }
        self.value(op)
    }

    /// Notes what an operation came to.
    fn step(&mut self, op: &Op, value: Result<String, &Arc<Doubt<'a>>>) {
        let (depth, span) = (self.depth, op.span);
        if let Some(steps) = &mut self.steps {
            let value = value.unwrap_or_else(|doubt| format!("undecided: {}", doubt.reason));
            steps.push(Step { span, depth, value });
        }
    }

    fn value(&mut self, op: &'a Op) -> Outcome<'a> {
        match &*op.kind {
            OpKind::Str(text) => Ok(Value::new(Data::Str(text))),
            OpKind::Const(value) => Ok(value.reborrow()),
            OpKind::Local(slot) => {
                let value = self.slot(*slot).cloned().unwrap_or_else(Value::missing);
                if let Data::Doubt(doubt) = value.data {
                    return Err(doubt);
                }
                self.saw(&value);
                Ok(value)
            }
            OpKind::Param(at) => Ok(self.world.params.get(*at).map_or_else(Value::missing, Value::reborrow)),
            OpKind::Constant(at) => match self.world.constants.get(*at) {
                Some(Some(value)) => Ok(value.reborrow()),
                _ => match self.world.plan.constants.get(*at) {
                    Some(body) => self.call(body, []),
                    None => Ok(Value::missing()),
                },
            },
            OpKind::Now => Ok(Value::new(Data::Time(self.world.options.now))),
            OpKind::Text(parts) => Ok(Value::text(self.text(parts)?)),
            OpKind::List(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let value = self.eval(item)?;
                    if !value.is_missing() {
                        values.push(value);
                    }
                }
                Ok(Value::list(values))
            }
            OpKind::Attr { base, attr } => {
                let base = self.quiet(base)?;
                self.attribute(base, *attr)
            }
            OpKind::Path(path) => self.path(path),
            OpKind::Column { base, index, link } => {
                let base = self.eval(base)?;
                let value = match &base.data {
                    Data::Row(row) => row.values.get(*index).cloned().unwrap_or_else(Value::missing),
                    Data::Leaf(leaf) => crate::relation::leaf::column(*leaf, *index),
                    _ => return Ok(Value::missing_at(base.origin)),
                };
                if let Data::Doubt(doubt) = value.data {
                    return Err(doubt);
                }
                self.saw(&value);
                Ok(Self::linked(value, *link, Some(&base)))
            }
            OpKind::GroupField { base, group, field } => {
                let base = self.quiet(base)?;
                self.group_field(base, *group, *field)
            }
            OpKind::Derived { base, field, link } => {
                let base = self.quiet(base)?;
                if base.is_missing() {
                    return Ok(base);
                }
                let Some(body) = self.world.plan.fields.get(*field) else { return Ok(Value::missing()) };
                let owner = link.map(|_| base.clone());
                let value = self.derive(*field, body, base)?;
                Ok(Self::linked(value, *link, owner.as_ref()))
            }
            OpKind::Index { base, index, element, link } => {
                let base = self.eval(base)?;
                let index = self.eval(index)?;
                let inherited = (base.link, base.owner.clone());
                let mut value = self.index(base, &index, element)?;
                self.saw(&value);
                if link.is_none() && value.link.is_none() {
                    (value.link, value.owner) = inherited;
                }
                Ok(Self::linked(value, *link, None))
            }
            OpKind::Each { base, element, var, body, flatten, inner } => {
                let base = self.eval(base)?;
                if base.is_missing() {
                    return Ok(base);
                }
                let origin = base.origin;
                let mut values = Vec::new();
                let mark = self.mark_reads();
                let mut stopped = None;
                let _ = self.each_element(base, element, &mut |context, _, value| {
                    context.set(*var, value);
                    match context.eval(body) {
                        Ok(value) if value.is_missing() => {}
                        Ok(value) if *flatten => {
                            let joined = context.each_element(value, inner, &mut |_, _, value| {
                                values.push(value);
                                ControlFlow::Continue(())
                            });
                            if let Err(doubt) = joined {
                                stopped = Some(doubt);
                                return ControlFlow::Break(());
                            }
                        }
                        Ok(value) => values.push(value),
                        Err(doubt) => {
                            stopped = Some(doubt);
                            return ControlFlow::Break(());
                        }
                    }
                    ControlFlow::Continue(())
                })?;
                self.restore_reads(mark);
                match stopped {
                    Some(doubt) => Err(doubt),
                    None => Ok(Value::list(values).with_origin(origin)),
                }
            }
            OpKind::Follow(base) => {
                let reference = self.eval(base)?;
                self.follow(&reference)
            }
            OpKind::As { base, shape } => {
                let base = self.eval(base)?;
                self.conform(base, shape)
            }
            OpKind::Call { function, args } => {
                let Some(body) = self.world.plan.functions.get(*function) else { return Ok(Value::missing()) };
                let mut values = Vec::with_capacity(body.slots);
                for arg in args {
                    values.push(self.eval_later(arg));
                }
                self.call(body, values)
            }
            OpKind::Method { base, method, args, element, false_on_missing } => {
                let base = self.eval(base)?;
                match base.data {
                    Data::Missing(_) if *false_on_missing => return Ok(Value::bool(false)),
                    Data::Missing(_) => return Ok(base),
                    Data::Unknown => return unknown(base.origin),
                    _ => {}
                }
                let mut values = Vec::with_capacity(args.len());
                for arg in args {
                    values.push(self.eval(arg)?);
                }
                crate::method::call(self, *method, base, &values, element)
            }
            OpKind::Default(left, right) => {
                let value = self.eval(left)?;
                if value.is_missing() { self.eval(right) } else { Ok(value) }
            }
            OpKind::Concat { left, left_element, right, right_element } => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                let right = if faulty!(self.world.options, ConcatDropsRight) { Value::missing() } else { right };
                self.concat(left, left_element, right, right_element)
            }
            OpKind::Arithmetic { op, left, right } => {
                let (left, right) = (self.eval(left)?, self.eval(right)?);
                super::arithmetic::arithmetic(*op, &left, &right)
            }
            OpKind::If { condition, then, otherwise } => {
                if self.truth(condition)? {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            OpKind::Comprehension { bindings, condition, body } => {
                let mut values = Vec::new();
                let mut stopped = None;
                let mark = self.reads_of_sources(bindings);
                let _ = self.each_of(bindings, &mut |context, bound| {
                    let holds = bound.holds(|| condition.as_ref().map_or(Ok(true), |op| context.truth(op)));
                    match holds.and_then(|holds| if holds { context.eval(body).map(Some) } else { Ok(None) }) {
                        Ok(Some(value)) if !value.is_missing() => values.push(value),
                        Ok(_) => {}
                        Err(doubt) => {
                            stopped = Some(doubt);
                            return ControlFlow::Break(());
                        }
                    }
                    ControlFlow::Continue(())
                });
                self.restore_reads(mark);
                if let Some(doubt) = stopped {
                    return Err(doubt);
                }
                for binding in bindings {
                    self.complete(&binding.source)?;
                }
                Ok(Value::list(values))
            }
            OpKind::Not(_)
            | OpKind::And(..)
            | OpKind::Or(..)
            | OpKind::Compare { .. }
            | OpKind::In { .. }
            | OpKind::Overlaps { .. }
            | OpKind::Matches { .. }
            | OpKind::TextTest { .. }
            | OpKind::Exists(..)
            | OpKind::Empty(_)
            | OpKind::Dangling(_)
            | OpKind::Quantifier { .. } => self.decide(op).map(Value::bool),
        }
    }

    /// The value of an operand whose own place is not what the condition reads: what is below it is.
    fn quiet(&mut self, op: &'a Op) -> Outcome<'a> {
        match &*op.kind {
            OpKind::Local(slot) if self.steps.is_none() => match self.slot(*slot) {
                Some(Value { data: Data::Doubt(doubt), .. }) => Err(doubt.clone()),
                Some(value) => Ok(value.clone()),
                None => Ok(Value::missing()),
            },
            _ => self.eval(op),
        }
    }

    /// Whether a condition holds.
    pub fn truth(&mut self, op: &'a Op) -> Outcome<'a, bool> {
        match &*op.kind {
            OpKind::Not(_)
            | OpKind::And(..)
            | OpKind::Or(..)
            | OpKind::Compare { .. }
            | OpKind::In { .. }
            | OpKind::Overlaps { .. }
            | OpKind::Matches { .. }
            | OpKind::TextTest { .. }
            | OpKind::Exists(..)
            | OpKind::Empty(_)
            | OpKind::Dangling(_)
            | OpKind::Quantifier { .. } => {
                if self.steps.is_none() {
                    return self.decide(op);
                }
                self.depth += 1;
                let holds = self.decide(op);
                self.depth -= 1;
                self.step(op, holds.as_ref().map(|holds| holds.to_string()));
                holds
            }
            _ => {
                let value = self.eval(op)?;
                match value.data {
                    Data::Bool(holds) => Ok(holds),
                    Data::Doubt(doubt) => Err(doubt),
                    Data::Unknown => unknown(value.origin),
                    Data::Missing(_) => doubt("a condition is missing", "", value.origin),
                    other => doubt(format!("a condition is {}", other.noun()), "", value.origin),
                }
            }
        }
    }

    fn decide(&mut self, op: &'a Op) -> Outcome<'a, bool> {
        match &*op.kind {
            OpKind::Not(inner) => self.truth(inner).map(|holds| !holds),
            OpKind::And(left, right) => match self.truth(left) {
                Ok(false) => Ok(false),
                Ok(true) => self.truth(right),
                Err(doubt) => match self.truth(right) {
                    Ok(false) if !faulty!(self.world.options, AndKeepsDoubt) => Ok(false),
                    _ => Err(doubt),
                },
            },
            OpKind::Or(left, right) => match self.truth(left) {
                Ok(true) => Ok(true),
                Ok(false) => self.truth(right),
                Err(doubt) => match self.truth(right) {
                    Ok(true) => Ok(true),
                    _ => Err(doubt),
                },
            },
            OpKind::Compare { op, left, right } => {
                let left = self.eval(left)?;
                // Literals are compared in place.
                if let (BinaryOp::Eq | BinaryOp::Ne, OpKind::Str(text), Some(left)) = (op, &*right.kind, left.as_str())
                {
                    return Ok((left == &**text) == (*op == BinaryOp::Eq));
                }
                let right = self.eval(right)?;
                if faulty!(self.world.options, MissingDiffersFromNothing) && (left.is_missing() || right.is_missing()) {
                    return Ok(false);
                }
                compare(*op, &left, &right)
            }
            OpKind::In { left, right, element } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                if let Data::Map(_) | Data::NoMap(_) = right.data {
                    return self.has_key(right, &left);
                }
                if right.as_node().is_some_and(|node| node.kind() == Kind::Map) {
                    return self.has_key(right, &left);
                }
                self.is_in(&left, right, element)
            }
            OpKind::Overlaps { left, left_element, right, right_element } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                let mut found = false;
                let mut open = None;
                let _ = self.each_element(left, left_element, &mut |context, _, value| {
                    match context.is_in(&value, right.clone(), right_element) {
                        Ok(true) => {
                            found = true;
                            return ControlFlow::Break(());
                        }
                        Ok(false) => {}
                        Err(doubt) => open = Some(open.take().unwrap_or(doubt)),
                    }
                    ControlFlow::Continue(())
                })?;
                if found { Ok(true) } else { open.map_or(Ok(false), Err) }
            }
            OpKind::Matches { left, right } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                super::text::matches(&left, &right)
            }
            OpKind::TextTest { op, left, right, element } => {
                let left = self.eval(left)?;
                let right = self.eval(right)?;
                if *op == BinaryOp::Contains && is_list(&left) {
                    return self.is_in(&right, left, element);
                }
                super::text::test(*op, &left, &right)
            }
            OpKind::Exists(base, wanted) => match self.eval(base) {
                Ok(value) => Ok(value.is_missing() != *wanted),
                // A value that a live run did not fetch is known to be there.
                Err(doubt) if withheld::is_at(&doubt, base) => Ok(*wanted),
                Err(doubt) => Err(doubt),
            },
            OpKind::Empty(base) => {
                let value = self.eval(base)?;
                Ok(match &value.data {
                    Data::Missing(_) | Data::NoMap(_) => true,
                    Data::Unknown => return unknown(value.origin),
                    Data::Node(node) => node.is_empty(),
                    Data::List(values) => values.is_empty(),
                    Data::Map(entries) => entries.is_empty(),
                    Data::Bytes(bytes) => bytes.is_empty(),
                    _ => value.as_str().is_some_and(str::is_empty),
                })
            }
            OpKind::Dangling(base) => {
                let reference = self.eval(base)?;
                self.dangling(&reference)
            }
            OpKind::Quantifier { all, binding, body } => {
                let mut decided = false;
                let mut open: Option<Arc<Doubt<'a>>> = None;
                // Where no element decides, only the source counts as read.
                let bindings = std::slice::from_ref(binding);
                let mark = self.reads_of_sources(bindings);
                let _ = self.each(binding, &mut |context| {
                    let holds = match context.slot(binding.var).map(|value| &value.data) {
                        Some(Data::Doubt(doubt)) => Err(doubt.clone()),
                        _ => context.truth(body),
                    };
                    match holds {
                        Ok(holds) if holds != *all => {
                            decided = true;
                            return ControlFlow::Break(());
                        }
                        Ok(_) => {}
                        Err(doubt) => open = Some(open.take().unwrap_or(doubt)),
                    }
                    if !faulty!(context.world.options, LostElementsRead) {
                        context.restore_reads(mark.clone());
                    }
                    ControlFlow::Continue(())
                })?;
                if decided {
                    return Ok(!all);
                }
                match open {
                    Some(doubt) => Err(doubt),
                    None if faulty!(self.world.options, OpenWorldAny) => Ok(*all),
                    None => self.complete(&binding.source).map(|()| *all),
                }
            }
            _ => self.truth(op),
        }
    }

    /// What was read up to now and by the sources of the first generator: the elements' own reads are dropped later.
    fn reads_of_sources(&mut self, bindings: &'a [super::plan::BindingPlan]) -> Option<super::context::Read<'a>> {
        use super::plan::SourcePlan;
        if self.reads.is_some()
            && let Some(SourcePlan::List { op, .. } | SourcePlan::Map { op, .. }) =
                bindings.first().map(|binding| &binding.source)
        {
            let _ = self.eval(op);
        }
        self.mark_reads()
    }

    fn is_in(&mut self, value: &Value<'a>, list: Value<'a>, shape: &Shape) -> Outcome<'a, bool> {
        if value.is_missing() {
            return Ok(false);
        }
        let mut found = false;
        let mut open = None;
        let _ = self.each_element(list, shape, &mut |_, _, element| {
            match equal(value, &element) {
                Ok(true) => {
                    found = true;
                    return ControlFlow::Break(());
                }
                Ok(false) => {}
                Err(doubt) => open = Some(open.take().unwrap_or(doubt)),
            }
            ControlFlow::Continue(())
        })?;
        if found { Ok(true) } else { open.map_or(Ok(false), Err) }
    }

    fn has_key(&mut self, map: Value<'a>, key: &Value<'a>) -> Outcome<'a, bool> {
        Ok(match (&map.data, key.as_str()) {
            (Data::Node(node), Some(key)) => node.get(key).is_some_and(|value| !value.is_null()),
            (Data::Map(entries), Some(key)) => entries.iter().any(|(own, _)| own.as_str() == Some(key)),
            _ => false,
        })
    }

    fn group_field(&mut self, base: Value<'a>, group: usize, field: usize) -> Outcome<'a> {
        let world = self.world;
        let object = match base.data {
            Data::Object(object) => object,
            Data::Missing(_) => return Ok(base),
            Data::Unknown => return unknown(base.origin),
            _ => return doubt("a part of an object has no fields of a group", "", base.origin),
        };
        let Some(group) = world.plan.groups.get(group) else { return Ok(Value::missing()) };
        let member = group.members.iter().position(|&member| world.is_of(object, std::slice::from_ref(&member)));
        match member.and_then(|member| group.fields.get(field)?.get(member)) {
            Some(body) => self.call(body, [base]),
            None => doubt(format!("{} is no kind of the group", object.kind_name), "", base.origin),
        }
    }

    fn index(&mut self, base: Value<'a>, index: &Value<'a>, element: &Shape) -> Outcome<'a> {
        let (origin, object) = (base.origin, base.origin.and_then(|origin| origin.object));
        if let Data::Unknown = index.data {
            return unknown(index.origin);
        }
        let step = match (&index.data, index.as_str()) {
            (Data::Int(at), _) => document::Step::Index(u32::try_from(*at).unwrap_or_default()),
            (_, Some(key)) => document::Step::Key(key.into()),
            _ => return Ok(Value::missing_at(origin)),
        };
        let absent = |gap: Gap<'a>| Value::at(Data::Missing(gap), origin);
        let none = || absent(Gap::Steps([step.clone()].into()));
        Ok(match (&base.data, &index.data) {
            (Data::Node(node), Data::Int(at)) if node.kind() == Kind::Seq => {
                match position(*at, node.len()).and_then(|at| node.item(at)) {
                    Some(item) => self.read(item, object, element)?,
                    None => none(),
                }
            }
            (Data::List(values), Data::Int(at)) => match position(*at, values.len()).and_then(|at| values.get(at)) {
                Some(Value { data: Data::Doubt(doubt), .. }) => return Err(doubt.clone()),
                Some(value) => value.clone(),
                None => none(),
            },
            (Data::Node(node), _) => {
                match index.as_str().and_then(|key| node.get(key)).filter(|item| !item.is_null()) {
                    Some(item) => self.read(item, object, element)?,
                    None => none(),
                }
            }
            (Data::Map(entries), _) => {
                match entries.iter().find(|(key, _)| key.as_str().is_some() && key.as_str() == index.as_str()) {
                    Some((_, Value { data: Data::Doubt(doubt), .. })) => return Err(doubt.clone()),
                    Some((_, value)) => value.clone(),
                    None => none(),
                }
            }
            (Data::Object(object), _) => {
                let node = object.node();
                match index.as_str().and_then(|key| node.get(key)) {
                    Some(item) => read_any(item, Some(Origin::new(item, Some(object)))),
                    None => none(),
                }
            }
            (Data::Missing(gap) | Data::NoMap(gap), _) => absent(gap.then([step])),
            (Data::Unknown, _) => return unknown(origin),
            (Data::Doubt(doubt), _) => return Err(doubt.clone()),
            _ => none(),
        })
    }

    fn concat(
        &mut self,
        left: Value<'a>,
        left_element: &Shape,
        right: Value<'a>,
        right_element: &Shape,
    ) -> Outcome<'a> {
        if let (Some(a), Some(b)) = (left.as_str(), right.as_str()) {
            return Ok(Value::text([a, b].concat()).with_origin(left.origin.or(right.origin)));
        }
        // The place of a list that is not there stands for both.
        let origin = if left.is_missing() { right.origin.or(left.origin) } else { left.origin.or(right.origin) };
        if is_map(&left) || is_map(&right) {
            let mut entries: Vec<(Value<'a>, Value<'a>)> = Vec::new();
            for (map, element) in [(left, left_element), (right, right_element)] {
                let _ = self.each_entry(map, element, &mut |_, key, value| {
                    match entries.iter_mut().find(|(own, _)| own.as_str() == key.as_str()) {
                        Some(entry) => *entry = (key, value),
                        None => entries.push((key, value)),
                    }
                    ControlFlow::Continue(())
                })?;
            }
            return Ok(Value::at(Data::Map(entries.into()), origin));
        }
        let mut values = Vec::new();
        for (list, element) in [(left, left_element), (right, right_element)] {
            let _ = self.each_element(list, element, &mut |_, _, value| {
                values.push(value);
                ControlFlow::Continue(())
            })?;
        }
        Ok(Value::list(values).with_origin(origin))
    }

    /// A message or another text with values in it.
    pub fn text(&mut self, parts: &'a [Part]) -> Outcome<'a, String> {
        let mut out = String::new();
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Op(op) => {
                    let value = self.eval(op)?;
                    if !op.confidential {
                        super::display::show(&value, &mut out);
                    }
                }
            }
        }
        Ok(out)
    }
}

fn is_list(value: &Value<'_>) -> bool {
    match &value.data {
        Data::List(_) => true,
        Data::Node(node) => node.kind() == Kind::Seq,
        _ => false,
    }
}

fn is_map(value: &Value<'_>) -> bool {
    match &value.data {
        Data::Map(_) | Data::NoMap(_) => true,
        Data::Node(node) => node.kind() == Kind::Map,
        _ => false,
    }
}

/// Negative positions count from the end.
fn position(at: i64, len: usize) -> Option<usize> {
    if at < 0 { len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?) } else { usize::try_from(at).ok() }
}

fn compare<'a>(op: BinaryOp, left: &Value<'a>, right: &Value<'a>) -> Outcome<'a, bool> {
    match op {
        BinaryOp::Eq => equal(left, right),
        BinaryOp::Ne => equal(left, right).map(|same| !same),
        _ => Ok(order(left, right)?.is_some_and(|order| match op {
            BinaryOp::Lt => order.is_lt(),
            BinaryOp::Le => order.is_le(),
            BinaryOp::Gt => order.is_gt(),
            _ => order.is_ge(),
        })),
    }
}
