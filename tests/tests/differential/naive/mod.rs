//! The meaning of rules, stated a second time: a plain walk over the syntax tree, without a plan, an index, borrowed
//! values or types inferred beforehand. It knows the documents, the schemas of the kinds and the syntax tree, and nothing
//! else of the product. It covers what the generator of programs writes.

mod read;

use std::collections::HashMap;

use read::Target;
use tacit_engine::document::Step;
use tacit_engine::object::Object;
use tacit_lang::ast::{BinaryOp, Clause, ClauseKind, Expr, ExprKind, Generator, ItemKind, Rule, TestOp};
use tacit_lang::ast::{Link, Template, TemplatePart};
use tacit_lang::schema::{SchemaType, Schemas};

/// A place: an object and the path of a node in it; the last `missing` steps are not there.
#[derive(Clone, Debug, PartialEq)]
pub struct At {
    pub object: usize,
    pub path: Vec<Step>,
    pub missing: usize,
    /// The place is a reference that leads nowhere: what is looked for beyond it adds no step.
    pub beyond: bool,
}

type Result<T> = std::result::Result<T, Open>;

/// A value with its place.
#[derive(Clone, Debug)]
struct Value {
    data: Data,
    at: Option<At>,
}

#[derive(Clone, Debug)]
enum Data {
    Missing,
    Unknown,
    Text(String),
    Int(i64),
    Bool(bool),
    /// An element of another shape than its schema is raised where it is used.
    List(Vec<Result<Value>>),
    Map(Vec<(String, Value)>),
    /// A part of a document, of a type of the schemas.
    Part(SchemaType),
    Object,
}

/// Undecided.
#[derive(Clone, Debug)]
struct Open;

/// What to do with each combination of elements: with the place of the last one, or undecided.
type Each<'f, 'w> = &'f mut dyn FnMut(&mut Frame<'w>, Result<Option<At>>);

/// What a rule says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Deny { object: usize, path: String, missing: bool, message: String },
    Undecided { object: usize },
}

pub struct World<'w> {
    pub objects: &'w [Object],
    pub schemas: &'w Schemas,
    /// Names of kinds of which all objects are given.
    pub complete: &'w [&'w str],
    pub links: Vec<&'w Link>,
}

/// Variables and what was read, in order.
struct Frame<'w> {
    world: &'w World<'w>,
    names: HashMap<String, std::result::Result<Value, Open>>,
    reads: Vec<At>,
    /// The object that the rule's first generator is at.
    primary: usize,
    out: Vec<Verdict>,
}

/// Runs one rule on everything.
pub fn run(world: &World<'_>, rule: &Rule) -> Vec<Verdict> {
    let Some((ClauseKind::For(generators), rest)) = rule.clauses.split_first().map(|(first, rest)| (&first.kind, rest))
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for at in objects_of(world, &generators[0].source) {
        let mut frame = Frame { world, names: HashMap::new(), reads: Vec::new(), primary: at, out: Vec::new() };
        let own = vec![at];
        frame.names.insert(generators[0].var.text.to_string(), Ok(whole(at)));
        frame.generate(&generators[1..], &mut |frame, bound| match bound {
            Ok(last) => frame.clauses(rest, last.or_else(|| whole(at).at), &own),
            Err(Open) => frame.out.push(Verdict::Undecided { object: at }),
        });
        out.extend(frame.out);
    }
    out.sort();
    out.dedup();
    out
}

fn whole(object: usize) -> Value {
    Value { data: Data::Object, at: Some(At { object, path: Vec::new(), missing: 0, beyond: false }) }
}

/// The objects of the kinds that a source names.
fn objects_of(world: &World<'_>, source: &Expr) -> Vec<usize> {
    let kinds = kinds(source);
    let of = |object: &Object| kinds.iter().any(|kind| *kind == *object.kind_name);
    world.objects.iter().enumerate().filter(|(_, object)| of(object)).map(|(at, _)| at).collect()
}

fn kinds(source: &Expr) -> Vec<String> {
    match &*source.kind {
        ExprKind::Name(name) if name.starts_with(char::is_uppercase) => vec![name.to_string()],
        ExprKind::Kinds(names) => names.iter().map(|name| name.text.to_string()).collect(),
        _ => Vec::new(),
    }
}

impl<'w> Frame<'w> {
    /// Calls for each combination of elements, with the place of the last one; with an error for what is undecided.
    fn generate(&mut self, generators: &[Generator], each: Each<'_, 'w>) {
        self.generate_from(generators, None, each);
    }

    fn generate_from(&mut self, generators: &[Generator], last: Option<At>, each: Each<'_, 'w>) {
        let Some((first, rest)) = generators.split_first() else { return each(self, Ok(last)) };
        match self.elements(first) {
            Err(Open) => each(self, Err(Open)),
            Ok(elements) => {
                for (key, element) in elements {
                    let Ok(element) = element else {
                        each(self, Err(Open));
                        continue;
                    };
                    let at = element.at.clone();
                    if let (Some(name), Some(key)) = (&first.key, key) {
                        self.names.insert(name.text.to_string(), Ok(key));
                    }
                    self.names.insert(first.var.text.to_string(), Ok(element));
                    self.generate_from(rest, at.or_else(|| last.clone()), each);
                }
            }
        }
    }

    fn elements(&mut self, generator: &Generator) -> Result<Vec<(Option<Value>, Result<Value>)>> {
        if !kinds(&generator.source).is_empty() {
            let objects = objects_of(self.world, &generator.source);
            return Ok(objects.into_iter().map(|at| (None, Ok(whole(at)))).collect());
        }
        let source = self.eval(&generator.source)?;
        if self.is_map(&source) {
            let entry = |key: &str| {
                source.at.clone().map(|mut at| {
                    at.path.push(Step::Key(key.into()));
                    at
                })
            };
            // A key stands where its entry does.
            let named = |(key, value): (String, _)| {
                let at = entry(&key);
                (Some(Value { data: Data::Text(key), at }), value)
            };
            return Ok(self.entries(&source).into_iter().map(named).collect());
        }
        let index = |at: usize| Some(Value { data: Data::Int(at as i64), at: None });
        Ok(self.items(&source).into_iter().enumerate().map(|(at, item)| (index(at), item)).collect())
    }

    fn clauses(&mut self, clauses: &[Clause], last: Option<At>, own: &[usize]) {
        for (index, clause) in clauses.iter().enumerate() {
            match &clause.kind {
                ClauseKind::For(generators) => {
                    let rest = &clauses[index + 1..];
                    let object = self.primary;
                    return self.generate(generators, &mut |frame, bound| match bound {
                        Ok(at) => frame.clauses(rest, at.or_else(|| last.clone()), own),
                        Err(Open) => frame.out.push(Verdict::Undecided { object }),
                    });
                }
                ClauseKind::Where(condition) => match self.truth(condition) {
                    Ok(true) => {}
                    Ok(false) => return,
                    Err(Open) => return self.out.push(Verdict::Undecided { object: self.primary }),
                },
                ClauseKind::Let { name, value } => {
                    let value = self.eval(value);
                    self.names.insert(name.text.to_string(), value);
                }
                ClauseKind::Deny(deny) => {
                    let object = self.primary;
                    self.generate(&deny.generators, &mut |frame, bound| match bound {
                        Ok(at) => {
                            let last = at.or_else(|| last.clone());
                            frame.verdict(deny.when.as_ref(), true, deny.at.as_ref(), &deny.message, last, own);
                        }
                        Err(Open) => frame.out.push(Verdict::Undecided { object }),
                    });
                }
                ClauseKind::Require { condition, at, message } => {
                    self.verdict(Some(condition), false, at.as_ref(), message, last.clone(), own);
                }
                ClauseKind::Undecided { when, .. } => match when.as_ref().map_or(Ok(true), |when| self.truth(when)) {
                    Ok(false) => {}
                    _ => self.out.push(Verdict::Undecided { object: self.primary }),
                },
                _ => {}
            }
        }
    }

    fn verdict(
        &mut self,
        condition: Option<&Expr>,
        wanted: bool,
        at: Option<&Expr>,
        message: &Template,
        last: Option<At>,
        own: &[usize],
    ) {
        self.reads.clear();
        match condition.map_or(Ok(true), |condition| self.truth(condition)) {
            Err(Open) => return self.out.push(Verdict::Undecided { object: self.primary }),
            Ok(holds) if holds != wanted => return,
            Ok(_) => {}
        }
        let reads = std::mem::take(&mut self.reads);
        let at = match at {
            Some(at) => self.eval(at).ok().and_then(|value| value.at),
            // A condition that read nothing leaves the place to the innermost element.
            None => deepest(&reads, own),
        };
        let Ok(message) = self.template(message) else {
            return self.out.push(Verdict::Undecided { object: self.primary });
        };
        let mut at = at.or(last).unwrap_or(At { object: self.primary, path: Vec::new(), missing: 0, beyond: false });
        if at.path.is_empty() {
            at.path = vec![Step::Key("metadata".into()), Step::Key("name".into())];
        }
        let path = tacit_engine::document::NodePath { steps: at.path }.dotted().to_string();
        self.out.push(Verdict::Deny { object: at.object, path, missing: at.missing > 0, message });
    }

    fn template(&mut self, template: &Template) -> Result<String> {
        let mut out = String::new();
        for part in &template.parts {
            match part {
                TemplatePart::Text(text) => out.push_str(text),
                TemplatePart::Expr(expr) => match self.eval(expr)?.data {
                    Data::Text(text) => out.push_str(&text),
                    Data::Int(value) => out.push_str(&value.to_string()),
                    Data::Bool(value) => out.push_str(&value.to_string()),
                    other => panic!("the generator puts no {other:?} into a message"),
                },
            }
        }
        Ok(out)
    }

    fn truth(&mut self, expr: &Expr) -> Result<bool> {
        match self.eval(expr)?.data {
            Data::Bool(holds) => Ok(holds),
            _ => Err(Open),
        }
    }

    fn eval(&mut self, expr: &Expr) -> Result<Value> {
        let value = self.value(expr)?;
        // Navigation and names read; everything else is made from what it read.
        if let (ExprKind::Name(_) | ExprKind::Field { .. } | ExprKind::Index { .. }, Some(at)) =
            (&*expr.kind, &value.at)
        {
            self.reads.push(at.clone());
        }
        Ok(value)
    }

    fn value(&mut self, expr: &Expr) -> Result<Value> {
        let plain = |data| Ok(Value { data, at: None });
        match &*expr.kind {
            ExprKind::Text(template) => {
                let text = self.template(template)?;
                plain(Data::Text(text))
            }
            ExprKind::Int(value) => plain(Data::Int(*value)),
            ExprKind::Bool(value) => plain(Data::Bool(*value)),
            ExprKind::Name(name) => match self.names.get(&**name) {
                Some(value) => value.clone(),
                None => panic!("the name {name} is not bound"),
            },
            ExprKind::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    let value = self.eval(item)?;
                    if !matches!(value.data, Data::Missing) {
                        values.push(Ok(value));
                    }
                }
                plain(Data::List(values))
            }
            _ if spread(expr).is_some() => self.spread(expr),
            ExprKind::Field { base, name } => {
                if &*name.text == "size" {
                    let base = self.eval(base)?;
                    return self.size(&base);
                }
                let base = self.value(base)?;
                self.field(base, &name.text)
            }
            ExprKind::Index { base, index } => {
                let base = self.value(base)?;
                match self.eval(index)?.data {
                    Data::Text(key) => self.member(base, Step::Key(key.into())),
                    Data::Int(at) => self.member(base, Step::Index(at as u32)),
                    other => panic!("the generator indexes by no {other:?}"),
                }
            }
            ExprKind::Follow { base } => {
                let reference = self.eval(base)?;
                match self.resolve(&reference)? {
                    Target::Found(object) => Ok(whole(object)),
                    Target::Absent | Target::Unnamed => {
                        Ok(Value { data: Data::Missing, at: reference.at.map(|at| At { beyond: true, ..at }) })
                    }
                }
            }
            ExprKind::Not(inner) => {
                let holds = self.truth(inner)?;
                plain(Data::Bool(!holds))
            }
            ExprKind::Test { base, test, .. } => {
                let value = self.eval(base)?;
                // A default is read but not written.
                let missing = matches!(value.data, Data::Missing)
                    || matches!(&*base.kind, ExprKind::Field { .. }) && self.is_default(&value);
                plain(Data::Bool(match test {
                    TestOp::Exists => !missing,
                    TestOp::Absent => missing,
                    TestOp::Empty => match &value.data {
                        Data::Missing => true,
                        Data::Unknown => return Err(Open),
                        Data::Text(text) => text.is_empty(),
                        Data::List(items) => items.is_empty(),
                        Data::Map(entries) => entries.is_empty(),
                        Data::Part(_) => self.node(&value).is_empty(),
                        _ => false,
                    },
                    TestOp::Dangling => matches!(self.resolve(&value)?, Target::Absent),
                }))
            }
            ExprKind::If { condition, then, otherwise } => {
                if self.truth(condition)? {
                    self.eval(then)
                } else {
                    self.eval(otherwise)
                }
            }
            ExprKind::Quantifier { all, generator, body } => {
                let elements = self.elements(generator)?;
                let (mut decided, mut open) = (false, false);
                for (key, element) in elements {
                    let Ok(element) = element else {
                        open = true;
                        continue;
                    };
                    if let (Some(name), Some(key)) = (&generator.key, key) {
                        self.names.insert(name.text.to_string(), Ok(key));
                    }
                    self.names.insert(generator.var.text.to_string(), Ok(element));
                    let before = self.reads.len();
                    match self.truth(body) {
                        Ok(holds) if holds != *all => {
                            decided = true;
                            break;
                        }
                        Ok(_) => {}
                        Err(Open) => open = true,
                    }
                    self.reads.truncate(before);
                }
                if decided {
                    return plain(Data::Bool(!all));
                }
                if open || !self.is_complete(&generator.source) {
                    return Err(Open);
                }
                plain(Data::Bool(*all))
            }
            ExprKind::Comprehension { body, generators, condition } => {
                let mut values = Vec::new();
                let mut open = false;
                // The first source counts as read, its elements do not.
                if kinds(&generators[0].source).is_empty() {
                    let _ = self.eval(&generators[0].source);
                }
                let before = self.reads.len();
                self.generate(generators, &mut |frame, bound| {
                    let value = bound.and_then(|_| match condition.as_ref().map_or(Ok(true), |c| frame.truth(c)) {
                        Ok(true) => frame.eval(body).map(Some),
                        Ok(false) => Ok(None),
                        Err(Open) => Err(Open),
                    });
                    match value {
                        Ok(Some(value)) if !matches!(value.data, Data::Missing) => values.push(Ok(value)),
                        Ok(_) => {}
                        Err(Open) => open = true,
                    }
                });
                self.reads.truncate(before);
                if open || generators.iter().any(|generator| !self.is_complete(&generator.source)) {
                    return Err(Open);
                }
                plain(Data::List(values))
            }
            ExprKind::Binary { op, left, right, .. } => self.binary(*op, left, right),
            other => panic!("the generator writes no {other:?}"),
        }
    }

    /// `list[].a.b`: the list of what the rest of the path gives for each element; what is missing is left out.
    fn spread(&mut self, expr: &Expr) -> Result<Value> {
        let Some((list, fields)) = spread(expr) else { return Err(Open) };
        let list = self.eval(list)?;
        if matches!(list.data, Data::Missing) {
            return Ok(list);
        }
        let mut values = Vec::new();
        for element in self.items(&list) {
            let mut value = element?;
            for field in &fields {
                value = self.field(value, field)?;
            }
            if !matches!(value.data, Data::Missing) {
                values.push(Ok(value));
            }
        }
        Ok(Value { data: Data::List(values), at: list.at })
    }

    fn binary(&mut self, op: BinaryOp, left: &Expr, right: &Expr) -> Result<Value> {
        let plain = |data| Ok(Value { data, at: None });
        let truth = |holds| plain(Data::Bool(holds));
        match op {
            BinaryOp::And => {
                return match (self.truth(left), left) {
                    (Ok(false), _) => truth(false),
                    (Ok(true), _) => self.truth(right).and_then(truth),
                    (Err(Open), _) => match self.truth(right) {
                        Ok(false) => truth(false),
                        _ => Err(Open),
                    },
                };
            }
            BinaryOp::Or => {
                return match self.truth(left) {
                    Ok(true) => truth(true),
                    Ok(false) => self.truth(right).and_then(truth),
                    Err(Open) => match self.truth(right) {
                        Ok(true) => truth(true),
                        _ => Err(Open),
                    },
                };
            }
            BinaryOp::Default => {
                let value = self.eval(left)?;
                return if matches!(value.data, Data::Missing) { self.eval(right) } else { Ok(value) };
            }
            _ => {}
        }
        let (left, right) = (self.eval(left)?, self.eval(right)?);
        match op {
            BinaryOp::Eq => self.equal(&left, &right).and_then(truth),
            BinaryOp::Ne => self.equal(&left, &right).and_then(|same| truth(!same)),
            BinaryOp::Gt | BinaryOp::Lt => match (left.data, right.data) {
                (Data::Int(a), Data::Int(b)) => truth(if op == BinaryOp::Gt { a > b } else { a < b }),
                (Data::Unknown, _) | (_, Data::Unknown) => Err(Open),
                other => panic!("the generator orders no {other:?}"),
            },
            BinaryOp::Add => match (left.data, right.data) {
                (Data::Int(a), Data::Int(b)) => a.checked_add(b).map(Data::Int).map_or(Err(Open), plain),
                other => panic!("the generator adds no {other:?}"),
            },
            BinaryOp::In => self.is_in(&left, &right).and_then(truth),
            BinaryOp::Overlaps => {
                let mut open = false;
                for item in self.items(&left) {
                    match item.and_then(|item| self.is_in(&item, &right)) {
                        Ok(true) => return truth(true),
                        Ok(false) => {}
                        Err(Open) => open = true,
                    }
                }
                if open { Err(Open) } else { truth(false) }
            }
            BinaryOp::StartsWith | BinaryOp::EndsWith | BinaryOp::Contains => match (&left.data, &right.data) {
                (Data::Text(a), Data::Text(b)) => truth(match op {
                    BinaryOp::StartsWith => a.starts_with(b.as_str()),
                    BinaryOp::EndsWith => a.ends_with(b.as_str()),
                    _ => a.contains(b.as_str()),
                }),
                (Data::Unknown, _) | (_, Data::Unknown) => Err(Open),
                other => panic!("the generator tests no {other:?}"),
            },
            BinaryOp::Concat => {
                let at = if matches!(left.data, Data::Missing) {
                    right.at.clone().or(left.at.clone())
                } else {
                    left.at.clone().or(right.at.clone())
                };
                let values = self.items(&left).into_iter().chain(self.items(&right)).collect();
                Ok(Value {
                    data: Data::List(values),
                    at: at.map(|at| At { missing: 0, path: at.path[..at.path.len() - at.missing].to_vec(), ..at }),
                })
            }
            other => panic!("the generator writes no {other:?}"),
        }
    }

    fn is_in(&self, value: &Value, list: &Value) -> Result<bool> {
        if matches!(value.data, Data::Missing) {
            return Ok(false);
        }
        let mut open = false;
        for item in self.items(list) {
            match item.and_then(|item| self.equal(value, &item)) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Open) => open = true,
            }
        }
        if open { Err(Open) } else { Ok(false) }
    }

    fn equal(&self, a: &Value, b: &Value) -> Result<bool> {
        Ok(match (&a.data, &b.data) {
            (Data::Missing, Data::Missing) => true,
            (Data::Missing, _) | (_, Data::Missing) => false,
            (Data::Unknown, _) | (_, Data::Unknown) => return Err(Open),
            (Data::Text(a), Data::Text(b)) => a == b,
            (Data::Int(a), Data::Int(b)) => a == b,
            (Data::Bool(a), Data::Bool(b)) => a == b,
            (Data::Object, Data::Object) => a.at == b.at,
            other => panic!("the generator compares no {other:?}"),
        })
    }

    fn size(&self, value: &Value) -> Result<Value> {
        let data = match &value.data {
            Data::Missing => Data::Missing,
            Data::Text(text) => Data::Int(text.chars().count() as i64),
            Data::Unknown => return Err(Open),
            _ if self.is_map(value) => Data::Int(self.entries(value).len() as i64),
            _ => Data::Int(self.items(value).len() as i64),
        };
        Ok(Value { data, at: value.at.clone() })
    }
}

/// The list before `[]` and the fields after it.
fn spread(expr: &Expr) -> Option<(&Expr, Vec<&str>)> {
    match &*expr.kind {
        ExprKind::Each { base } => Some((base, Vec::new())),
        ExprKind::Field { base, name } => {
            let (list, mut fields) = spread(base)?;
            fields.push(&name.text);
            Some((list, fields))
        }
        _ => None,
    }
}

/// The deepest place, of several the first; those in the rule's own objects before others.
fn deepest(reads: &[At], own: &[usize]) -> Option<At> {
    let mut best: Option<&At> = None;
    for read in reads {
        let rank = |at: &At| (own.contains(&at.object), at.path.len());
        if best.is_none_or(|best| rank(read) > rank(best)) {
            best = Some(read);
        }
    }
    best.cloned()
}

/// The rules and links of a parsed file.
pub fn parts(file: &tacit_lang::ast::File) -> (Vec<&Rule>, Vec<&Link>) {
    let mut rules = Vec::new();
    let mut links = Vec::new();
    for item in &file.items {
        match &item.kind {
            ItemKind::Rule(rule) => rules.push(&**rule),
            ItemKind::Link(link) => links.push(link),
            _ => {}
        }
    }
    (rules, links)
}
