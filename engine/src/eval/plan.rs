//! What the evaluator runs: the checked program with everything worked out that does not hang on the input.
//!
//! Chains of fields are one step each, types are reduced to the [`Shape`]s that reading needs, patterns are compiled,
//! and generators over objects know by which equality they can be looked up.

use std::sync::Arc;

use tacit_lang::ast::{BinaryOp, Severity};
use tacit_lang::builtin::methods::Method;
use tacit_lang::ir::{self, Attr, Id, Slot};
use tacit_lang::schema::KindId;
use tacit_lang::span::Span;
use tacit_lang::types::RowType;

use crate::value::{Field, Value};

/// The plan of a whole program.
#[derive(Default)]
pub(crate) struct Plan {
    pub rules: Vec<RulePlan>,
    pub functions: Vec<Body>,
    pub fields: Vec<Body>,
    pub groups: Vec<GroupPlan>,
    pub constants: Vec<Body>,
    pub links: Vec<LinkPlan>,
    pub views: Vec<ViewPlan>,
    /// Sets of kinds that generators go over.
    pub sets: Vec<KindSet>,
    /// Number of look-ups, each of which has an index of its own.
    pub lookups: usize,
}

/// An expression with a frame of its own.
pub(crate) struct Body {
    pub slots: usize,
    pub op: Op,
}

/// A set of kinds, and whether objects that a controller in the input owns belong to it.
#[derive(PartialEq)]
pub(crate) struct KindSet {
    pub kinds: Arc<[KindId]>,
    pub owned: bool,
}

/// Members of a group and for each of its fields the body of each member.
pub(crate) struct GroupPlan {
    pub members: Arc<[KindId]>,
    pub fields: Vec<Vec<Body>>,
}

/// A link: its targets and what it computes.
pub(crate) struct LinkPlan {
    pub targets: Vec<Arc<[KindId]>>,
    pub slots: usize,
    pub name: Option<Op>,
    pub namespace: Option<Op>,
    pub kind: Option<Op>,
}

/// A view.
pub(crate) struct ViewPlan {
    /// The row type, unless the view is a set of values.
    pub row: Option<Arc<RowType>>,
    pub branches: Vec<BranchPlan>,
    /// Kinds and relations that must be complete for the view to be.
    pub kinds: Vec<KindId>,
    pub relations: Vec<u32>,
}

/// One `from` of a view.
pub(crate) struct BranchPlan {
    pub slots: usize,
    pub bindings: Vec<BindingPlan>,
    pub condition: Option<Op>,
    pub columns: Vec<Op>,
}

/// A rule.
pub(crate) struct RulePlan {
    pub rule: Arc<ir::Rule>,
    pub clauses: Vec<ClausePlan>,
    /// Slots of the elements that its `for` clauses bind.
    pub generators: Vec<Slot>,
}

/// A clause, in the order of [`ir::Rule::clauses`].
pub(crate) enum ClausePlan {
    For(Vec<BindingPlan>),
    Where(Op),
    Let { slot: Slot, value: Op },
    Verdict(VerdictPlan),
    FixSet { target: Op, value: Op, safe: bool },
    FixRemove { target: Op, safe: bool },
}

/// What a clause with a verdict says where its condition comes out as told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum VerdictKind {
    Deny,
    Require,
    Undecided,
}

/// A clause with a verdict.
pub(crate) struct VerdictPlan {
    pub kind: VerdictKind,
    pub severity: Option<Severity>,
    /// Parts of the condition that are known before its generators: where one is false, they need not be asked.
    pub guards: Vec<Op>,
    pub bindings: Vec<BindingPlan>,
    pub condition: Option<Op>,
    pub at: Option<Op>,
    pub message: Vec<Part>,
}

/// A generator.
pub(crate) struct BindingPlan {
    pub key: Option<Slot>,
    pub var: Slot,
    pub name: Arc<str>,
    pub source: SourcePlan,
    pub span: Span,
    /// True where the elements are secret material.
    pub confidential: bool,
    /// Parts of the condition that are known before the next generator goes through its elements: where one is false,
    /// none of them matters.
    pub guards: Vec<Op>,
}

/// What a generator goes through.
pub(crate) enum SourcePlan {
    /// Index in [`Plan::sets`].
    Kinds {
        set: usize,
        lookup: Option<Lookup>,
    },
    View {
        id: Id,
        lookup: Option<Lookup>,
    },
    Relation {
        id: u32,
        lookup: Option<Lookup>,
    },
    List {
        op: Op,
        element: Shape,
    },
    Map {
        op: Op,
        element: Shape,
    },
}

/// An equality that must hold for an element to matter.
pub(crate) struct Lookup {
    /// Which index it is.
    pub index: usize,
    /// The side that hangs on the element alone, in slot `slot` of a frame of `slots`.
    pub key: Op,
    pub slot: Slot,
    pub slots: usize,
    /// The side that is known before the element is.
    pub probe: Op,
}

/// What reading a node must find.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Any,
    Text,
    Int,
    Number,
    Bool,
    Duration,
    Time,
    Bytes,
    List(Box<Shape>),
    Map(Box<Shape>),
    Struct,
    Object(Arc<[KindId]>),
}

impl Shape {
    /// The words of a message: `spec.replicas is a text where the schema has an int`.
    pub fn noun(&self) -> &'static str {
        match self {
            Shape::Any => "anything",
            Shape::Text => "a text",
            Shape::Int => "an int",
            Shape::Number => "a number",
            Shape::Bool => "true or false",
            Shape::Duration => "a duration",
            Shape::Time => "a time",
            Shape::Bytes => "bytes in base64",
            Shape::List(_) => "a list",
            Shape::Map(_) | Shape::Struct => "a map",
            Shape::Object(_) => "an object",
        }
    }
}

/// A part of a text.
pub(crate) enum Part {
    Text(Arc<str>),
    Op(Op),
}

/// An operation with its place in the rule's text.
pub(crate) struct Op {
    pub kind: Box<OpKind>,
    pub span: Span,
    /// True where the value is secret material and must stay out of traces.
    pub confidential: bool,
}

/// What an operation does.
pub(crate) enum OpKind {
    /// A text literal: borrowed from the plan.
    Str(Arc<str>),
    Const(Value<'static>),
    Local(Slot),
    Param(usize),
    Constant(usize),
    Now,
    Text(Vec<Part>),
    List(Vec<Op>),
    Attr {
        base: Op,
        attr: Attr,
    },
    Path(PathOp),
    Column {
        base: Op,
        index: usize,
        link: Option<Id>,
    },
    GroupField {
        base: Op,
        group: usize,
        field: usize,
    },
    Derived {
        base: Op,
        field: usize,
        link: Option<Id>,
    },
    Index {
        base: Op,
        index: Op,
        element: Shape,
        link: Option<Id>,
    },
    Each {
        base: Op,
        element: Shape,
        var: Slot,
        body: Op,
        flatten: bool,
        inner: Shape,
    },
    Follow(Op),
    As {
        base: Op,
        shape: Shape,
    },
    Call {
        function: usize,
        args: Vec<Op>,
    },
    Method {
        base: Op,
        method: Method,
        args: Vec<Op>,
        element: Shape,
        false_on_missing: bool,
    },
    Not(Op),
    And(Op, Op),
    Or(Op, Op),
    /// `== != < <= > >=`
    Compare {
        op: BinaryOp,
        left: Op,
        right: Op,
    },
    In {
        left: Op,
        right: Op,
        element: Shape,
    },
    Overlaps {
        left: Op,
        left_element: Shape,
        right: Op,
        right_element: Shape,
    },
    Matches {
        left: Op,
        right: Op,
    },
    /// `starts with`, `ends with`, `contains`
    TextTest {
        op: BinaryOp,
        left: Op,
        right: Op,
        element: Shape,
    },
    Default(Op, Op),
    Concat {
        left: Op,
        left_element: Shape,
        right: Op,
        right_element: Shape,
    },
    /// `+ - *`
    Arithmetic {
        op: BinaryOp,
        left: Op,
        right: Op,
    },
    /// `exists`, or with `false` `absent`.
    Exists(Op, bool),
    Empty(Op),
    Dangling(Op),
    Quantifier {
        all: bool,
        binding: BindingPlan,
        body: Op,
    },
    If {
        condition: Op,
        then: Op,
        otherwise: Op,
    },
    Comprehension {
        bindings: Vec<BindingPlan>,
        condition: Option<Op>,
        body: Op,
    },
}

/// A chain of fields or literal keys below a value.
pub(crate) struct PathOp {
    pub base: Op,
    /// The names; a missing value points at the rest of them.
    pub fields: Box<[Field]>,
    /// For each field what it must hold and what it is where it is not written.
    pub steps: Box<[PathStep]>,
    /// The link that the last field carries.
    pub link: Option<Id>,
}

/// What a field must hold.
pub(crate) struct PathStep {
    pub shape: Shape,
    pub default: Option<Value<'static>>,
}
