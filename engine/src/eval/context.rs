//! The evaluation at hand: its frame of variables, and what it notes for places and traces.

use std::collections::HashMap;
use std::sync::Arc;

use tacit_lang::ir::{Id, Slot};
use tacit_lang::span::Span;

use super::faulty;
use super::plan::{Body, Op};
use super::world::World;
use crate::document::Node;
use crate::object::Object;
use crate::value::{Data, Gap, Origin, Outcome, Value, doubt};

/// Functions and derived fields can nest this deep. Programs do not recurse, so only a very long chain gets there.
const MAX_FRAMES: usize = 200;

/// An evaluation on one thread.
pub(crate) struct Context<'w, 'a> {
    pub world: &'w World<'a>,
    stack: Vec<Value<'a>>,
    base: usize,
    frames: usize,
    /// Derived fields of the object at hand, by their number: many rules ask for the same ones.
    derived: HashMap<usize, Value<'a>>,
    derived_of: Option<&'a Object>,
    /// What the condition reads, where that is asked.
    pub(super) reads: Option<Reads<'a>>,
    /// What each part of a condition came to, where that is asked.
    pub(super) steps: Option<Vec<Step>>,
    pub(super) depth: u16,
}

/// A part of a condition and what it came to.
pub(super) struct Step {
    pub span: Span,
    pub depth: u16,
    pub value: String,
}

/// The deepest place that was read so far.
#[derive(Default)]
pub(super) struct Reads<'a> {
    /// Objects that the rule's own generators bind: a place in one of them is preferred to one in an object that was
    /// reached from there.
    pub own: Vec<&'a Object>,
    pub best: Option<Read<'a>>,
}

/// A place that was read; `gap` is the part that is missing.
#[derive(Clone)]
pub(super) struct Read<'a> {
    pub origin: Origin<'a>,
    pub gap: Gap<'a>,
    own: bool,
    depth: usize,
}

impl<'w, 'a> Context<'w, 'a> {
    pub fn new(world: &'w World<'a>) -> Self {
        Context {
            world,
            stack: Vec::new(),
            base: 0,
            frames: 0,
            derived: HashMap::new(),
            derived_of: None,
            reads: None,
            steps: None,
            depth: 0,
        }
    }

    /// Makes room for the variables of a frame; the rest of the stack is dropped.
    pub fn start(&mut self, slots: usize) {
        self.base = 0;
        self.stack.clear();
        self.stack.resize_with(slots, Value::missing);
    }

    /// Binds a variable.
    #[inline]
    pub fn set(&mut self, slot: Slot, value: Value<'a>) {
        if let Some(place) = self.stack.get_mut(self.base + slot as usize) {
            *place = value;
        }
    }

    /// The value of a variable, a doubt included.
    #[inline]
    pub fn slot(&self, slot: Slot) -> Option<&Value<'a>> {
        self.stack.get(self.base + slot as usize)
    }

    /// Evaluates a body in a frame of its own whose first slots hold `args`.
    pub fn call(&mut self, body: &'a Body, args: impl IntoIterator<Item = Value<'a>>) -> Outcome<'a> {
        self.frame(body.slots, args, |context| context.eval(&body.op))
    }

    /// Evaluates a derived field. Of an object it is evaluated once, unless what is read along the way is asked for.
    pub fn derive(&mut self, field: usize, body: &'a Body, base: Value<'a>) -> Outcome<'a> {
        let Data::Object(object) = base.data else { return self.call(body, [base]) };
        if self.reads.is_some() || self.steps.is_some() {
            return self.call(body, [base]);
        }
        if !self.derived_of.is_some_and(|of| std::ptr::eq(of, object)) {
            self.derived.clear();
            self.derived_of = Some(object);
        }
        if let Some(value) = self.derived.get(&field) {
            return Ok(value.clone());
        }
        let value = self.call(body, [base])?;
        // The body may have gone on to another object.
        if self.derived_of.is_some_and(|of| std::ptr::eq(of, object)) {
            self.derived.insert(field, value.clone());
        }
        Ok(value)
    }

    /// Runs in a frame of its own whose first slots hold `args`.
    pub fn frame<T>(
        &mut self,
        slots: usize,
        args: impl IntoIterator<Item = Value<'a>>,
        run: impl FnOnce(&mut Self) -> Outcome<'a, T>,
    ) -> Outcome<'a, T> {
        if self.frames == MAX_FRAMES {
            return doubt(format!("functions and fields are nested more than {MAX_FRAMES} deep"), "", None);
        }
        let (base, top) = (self.base, self.stack.len());
        self.stack.extend(args);
        if self.stack.len() < top + slots {
            self.stack.resize_with(top + slots, Value::missing);
        }
        self.base = top;
        self.frames += 1;
        let result = run(self);
        self.frames -= 1;
        self.stack.truncate(top);
        self.base = base;
        result
    }

    /// Evaluates to a value that may be a doubt, which is raised where the value is used.
    pub fn eval_later(&mut self, op: &'a Op) -> Value<'a> {
        self.eval(op).unwrap_or_else(|doubt| Value::new(Data::Doubt(doubt)))
    }

    /// Notes that the condition read a value.
    #[inline]
    pub fn saw(&mut self, value: &Value<'a>) {
        if self.reads.is_some()
            && let Some(origin) = value.origin
        {
            self.saw_place(origin, value.gap());
        }
    }

    /// Notes that the condition read a place, part of which may be missing.
    pub fn saw_place(&mut self, origin: Origin<'a>, gap: Gap<'a>) {
        let depth = self.depth_of(origin) + gap.len();
        let last = faulty!(self.world.options, LastReadWins);
        let gap = if faulty!(self.world.options, GapForgotten) { Gap::NONE } else { gap };
        let Some(reads) = &mut self.reads else { return };
        let own = origin.object.is_some_and(|object| reads.own.iter().any(|own| std::ptr::eq(*own, object)));
        if reads
            .best
            .as_ref()
            .is_none_or(|best| (own, depth) > (best.own, best.depth) || last && (own, depth) == (best.own, best.depth))
        {
            reads.best = Some(Read { origin, gap, own, depth });
        }
    }

    /// Steps from the object down to a node, those to an embedded text included.
    pub(super) fn depth_of(&self, origin: Origin<'a>) -> usize {
        let outer = self.world.parsed.of(origin.node.document()).and_then(|embedded| embedded.outer.as_ref());
        let below = match (outer, origin.object) {
            (None, Some(object)) => object.node().depth(),
            _ => 0,
        };
        outer.map_or(0, |outer| outer.depth) + (origin.node.depth().saturating_sub(below)) as usize
    }

    /// What was read best so far; to go back to with [`restore_reads`](Self::restore_reads).
    pub(super) fn mark_reads(&self) -> Option<Read<'a>> {
        self.reads.as_ref().and_then(|reads| reads.best.clone())
    }

    /// Forgets what was read since.
    pub(super) fn restore_reads(&mut self, mark: Option<Read<'a>>) {
        if let Some(reads) = &mut self.reads {
            reads.best = mark;
        }
    }

    /// Evaluates without noting what is read.
    pub fn unseen<T>(&mut self, run: impl FnOnce(&mut Self) -> T) -> T {
        let reads = self.reads.take();
        let result = run(self);
        self.reads = reads;
        result
    }

    /// The value of a link's owner: what the value says, or the object that it came from.
    pub fn owner_of(&self, value: &Value<'a>) -> Value<'a> {
        match (&value.owner, value.origin.and_then(|origin| origin.object)) {
            (Some(owner), _) => Value::clone(owner),
            (None, Some(object)) => Value::object(object),
            (None, None) => Value::missing(),
        }
    }

    /// Marks a value as a reference.
    pub fn linked(mut value: Value<'a>, link: Option<Id>, owner: Option<&Value<'a>>) -> Value<'a> {
        if link.is_some() {
            value.link = link;
            value.owner = owner.map(|owner| Arc::new(owner.clone()));
        }
        value
    }
}

/// The dotted path of a node below its object, for messages.
pub(super) fn dotted(node: Node<'_>, object: Option<&Object>) -> String {
    let mut path = node.path();
    if let Some(object) = object
        && std::ptr::eq(node.document(), &*object.document)
    {
        let root = object.node().depth() as usize;
        path.steps.drain(..root.min(path.steps.len()));
    }
    path.dotted().to_string()
}

/// An object as messages call it: `Pod default/web`.
pub(crate) fn title(object: &Object) -> String {
    match object.namespace.known() {
        Some(namespace) => format!("{} {namespace}/{}", object.kind_name, object.name),
        None if object.name.is_empty() => object.kind_name.to_string(),
        None => format!("{} {}", object.kind_name, object.name),
    }
}
