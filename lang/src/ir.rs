//! The checked program: what an evaluator runs, an exporter translates and a planner analyses.
//!
//! Names are resolved to ids and slots, every expression has its type, implicit steps are explicit (a derived field is
//! a call, a defaulted field carries its default, a field that is a reference carries its link). The evaluator can rely
//! on the types for the *program*; the *data* may still disagree with its schema, which makes a binding undecided.
//!
//! INVARIANT (slots): in one frame (a rule, function, derived field, constant or view branch) each variable has its own
//! slot, numbered from 0 in the order of appearance; a frame's `slots` counts them all, those of inner quantifiers and
//! comprehensions included.

use std::sync::Arc;

use crate::ast::{BinaryOp, Severity, TestOp};
use crate::builtin::methods::Method;
use crate::schema::KindId;
use crate::span::Span;
use crate::types::{Place, RowType, Type};

/// Index of a variable in its frame.
pub type Slot = u16;

/// Index of an item in its table of [`Program`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(pub u32);

/// The declarations that rules use. Rules refer to them by index, so a program is kept together with its rules.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// `param` items, those of `std` first.
    pub params: Vec<Param>,
    /// `let` items.
    pub constants: Vec<Constant>,
    /// `fn` items.
    pub functions: Vec<Function>,
    /// `group` items, members of one name joined.
    pub groups: Vec<Group>,
    /// `field` items.
    pub fields: Vec<DerivedField>,
    /// `link` items.
    pub links: Vec<Link>,
    /// `view` items.
    pub views: Vec<View>,
    /// Relations that the engine computes; the index is the one of [`crate::builtin::relations::ALL`].
    pub relations: Vec<Arc<RowType>>,
    /// Rules that compiled.
    pub rules: Vec<Arc<Rule>>,
    /// `waive` items.
    pub waivers: Vec<Waiver>,
    /// `test` items.
    pub tests: Vec<Arc<Test>>,
}

/// A `param`.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Param {
    pub name: Arc<str>,
    pub ty: Type,
    pub default: Const,
    pub doc: Arc<str>,
    pub module: Arc<str>,
    pub span: Span,
}

/// A `let` item.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Constant {
    pub name: Arc<str>,
    pub slots: usize,
    pub value: Expr,
    pub module: Arc<str>,
    pub span: Span,
}

/// An `fn` item; its parameters are slots 0, 1, ….
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Function {
    pub name: Arc<str>,
    pub params: Vec<(Arc<str>, Type)>,
    pub slots: usize,
    pub body: Expr,
    pub doc: Arc<str>,
    pub module: Arc<str>,
    pub span: Span,
}

/// A group: kinds with a shared part.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: Arc<str>,
    /// Its kinds, sorted.
    pub members: Arc<[KindId]>,
    /// Its `with` fields: name, type, and for each member (same order as `members`) the body that yields it, with the
    /// object in slot 0.
    pub with: Vec<GroupField>,
    /// Documentation of its first item.
    pub doc: Arc<str>,
}

/// A `with` field of a group.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct GroupField {
    pub name: Arc<str>,
    pub ty: Type,
    /// Body for each member, in the order of [`Group::members`]; slot 0 holds the object.
    pub bodies: Vec<Expr>,
    pub slots: usize,
}

/// A `field` item; slot 0 holds the object, row or element.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct DerivedField {
    pub owner: Arc<str>,
    pub name: Arc<str>,
    pub slots: usize,
    pub body: Expr,
    pub doc: Arc<str>,
    pub module: Arc<str>,
    pub span: Span,
}

/// A `link` item: how a place refers to objects.
#[derive(Clone, Debug)]
pub struct Link {
    /// `ExternalSecret.spec.secretStoreRef`
    pub place: Place,
    /// Kinds it can point to; an absent kind in the reference means the first. Each is the set of one written target
    /// (a group has several kinds).
    pub targets: Vec<Arc<[KindId]>>,
    /// Name of the target, if not the reference's own `name` (or the reference itself, where it is a text).
    /// Slot 0 holds the reference, slot 1 the object, row or element that owns it.
    pub name: Option<Expr>,
    /// Namespace of the target, if not the reference's `namespace` or else the owner's own; ignored for
    /// cluster-scoped targets.
    pub namespace: Option<Expr>,
    /// Kind of the target, if not the reference's `kind`.
    pub kind: Option<Expr>,
    /// Slots of the three bodies.
    pub slots: usize,
    /// Module and place of the item.
    pub module: Arc<str>,
    /// Place of the item.
    pub span: Span,
}

/// A `view`.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct View {
    pub name: Arc<str>,
    /// Type of an element: a row, or what the first variable of a branch ranges over.
    pub element: Type,
    pub branches: Vec<ViewBranch>,
    pub doc: Arc<str>,
    pub module: Arc<str>,
    pub span: Span,
    /// What its rows can depend on.
    pub reach: Reach,
}

/// One `from` of a view.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct ViewBranch {
    pub slots: usize,
    pub bindings: Vec<Binding>,
    pub condition: Option<Expr>,
    /// Column values in the order of the row type; empty for a set of the first variable.
    pub columns: Vec<Expr>,
}

/// A compiled rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The code, where it has one.
    pub code: Option<Arc<str>>,
    /// The name.
    pub name: Arc<str>,
    /// Severity of its findings, unless a clause or the project says otherwise.
    pub severity: Severity,
    /// The requirement in one sentence.
    pub title: Arc<str>,
    /// Its `///` text.
    pub doc: Arc<str>,
    /// What to do about a finding; empty where the rule says nothing.
    pub remedy: Arc<str>,
    /// Framework and item, in the order written.
    pub controls: Vec<(Arc<str>, Arc<str>)>,
    /// Its tags.
    pub tags: Vec<Arc<str>>,
    /// Its `docs` addresses.
    pub docs: Vec<Arc<str>>,
    /// Module that holds it.
    pub module: Arc<str>,
    /// The item in the text of its module.
    pub span: Span,
    /// The name in the text of its module.
    pub name_span: Span,
    /// Number of slots of its frame.
    pub slots: usize,
    /// The clauses that run, in order: each sees the bindings, conditions and names above it.
    pub clauses: Vec<Clause>,
    /// What it can depend on.
    pub reach: Reach,
}

impl Rule {
    /// The code, or the name where there is none: what reports call the rule.
    pub fn id(&self) -> &Arc<str> {
        self.code.as_ref().unwrap_or(&self.name)
    }
}

/// What a rule or view can depend on. It decides what is loaded, kept, listed and fetched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// Kinds that its outermost `for` goes over; empty where that is a relation or view.
    pub primary: Vec<KindId>,
    /// All kinds it can look at, `primary` included, through generators, quantifiers, links, views and relations.
    pub kinds: Vec<KindId>,
    /// Engine relations it can look at, by index.
    pub relations: Vec<u32>,
    /// Columns of engine relations that it reads: index of the relation, index of the column.
    pub columns: Vec<(u32, u32)>,
    /// True where a verdict on one object of `primary` needs no other object: it can run while the input streams by.
    pub local: bool,
    /// True where it reads the value of confidential data (not only its presence or the keys of a map).
    pub secret_data: bool,
    /// True where it looks at `now`.
    pub clock: bool,
    /// True where it reads only `metadata` (and attributes) of its objects.
    pub metadata_only: bool,
}

/// A clause that runs.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the clause's own grammar")]
pub enum Clause {
    For {
        bindings: Vec<Binding>,
        span: Span,
    },
    Where {
        condition: Expr,
        span: Span,
    },
    Let {
        slot: Slot,
        value: Expr,
        span: Span,
    },
    Deny(Verdict),
    /// A finding where `condition` of the verdict does not hold.
    Require(Verdict),
    Undecided(Verdict),
    FixSet {
        target: Expr,
        value: Expr,
        /// False where the edit can change what works today.
        safe: bool,
        span: Span,
    },
    FixRemove {
        target: Expr,
        /// False where the edit can change what works today.
        safe: bool,
        span: Span,
    },
}

/// A clause that yields verdicts.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Replaces the rule's severity.
    pub severity: Option<Severity>,
    /// Bindings of its own.
    pub bindings: Vec<Binding>,
    /// Its condition; `None` for always.
    pub condition: Option<Expr>,
    /// Where a finding points, if not at what the condition read.
    pub at: Option<Expr>,
    /// Message or reason.
    pub message: Vec<TextPart>,
    /// The whole clause.
    pub span: Span,
}

/// A generator.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Slot of the index or key.
    pub key: Option<Slot>,
    /// Slot of the element.
    pub var: Slot,
    /// Name of the element, for traces.
    pub name: Arc<str>,
    /// Type of the element.
    pub ty: Type,
    /// What is gone through.
    pub source: Source,
    /// The generator in the text.
    pub span: Span,
}

/// What a generator goes through.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are explained at their variant")]
pub enum Source {
    /// All objects of these kinds. An object whose controller is itself in the input is left out where `owned` is
    /// false, which is the case for groups.
    Kinds { kinds: Arc<[KindId]>, owned: bool },
    /// The rows of a view.
    View(Id),
    /// The rows of an engine relation.
    Relation(u32),
    /// A list: elements, with indices as keys.
    List(Expr),
    /// A map: values, with texts as keys.
    Map(Expr),
}

/// An expression with its type.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: Box<ExprKind>,
    /// Its type, after narrowing.
    pub ty: Type,
    /// Its place in the text.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal.
    Const(Const),
    /// A variable of the frame.
    Local(Slot),
    /// A `param`.
    Param(Id),
    /// A `let` item.
    Constant(Id),
    /// The instant of the run.
    Now,
    /// A text with parts.
    Text(Vec<TextPart>),
    /// A list literal; missing elements are dropped.
    List(Vec<Expr>),
    /// `.name` and so on of a whole object.
    Attr {
        /// The object.
        base: Expr,
        /// Which attribute.
        attr: Attr,
    },
    /// A field or map key of a node. The result has `ty`: bytes are decoded from base64, times are parsed; a present
    /// value of another shape than `ty` makes the binding undecided.
    Member {
        /// The object, part, map or open value.
        base: Expr,
        /// Field or key.
        name: Arc<str>,
        /// Read where the field is not written and its parent is present.
        default: Option<Const>,
        /// Set where this field is a reference, or a list or map of references, whose elements then carry it.
        link: Option<Id>,
    },
    /// A column of a row.
    Column {
        /// The row.
        base: Expr,
        /// Index of the column.
        index: usize,
        /// Set where the column is a reference.
        link: Option<Id>,
    },
    /// A `with` field of a group, by the kind of the object.
    GroupField {
        /// The object.
        base: Expr,
        /// The group.
        group: Id,
        /// Index in [`Group::with`].
        field: usize,
    },
    /// A derived field: its body with the base in slot 0 of a new frame. A `link` item whose path is a new field makes
    /// one whose body is the name of the target, a text; then the base is the owner that the link's bodies see.
    Derived {
        /// The object, row or element.
        base: Expr,
        /// The field.
        field: Id,
        /// Set where the derived field is a reference.
        link: Option<Id>,
    },
    /// `list[i]` (negative counts from the end; out of range is missing) or `map[key]`.
    Index {
        /// List, map or open value.
        base: Expr,
        /// Position or key.
        index: Expr,
        /// For a map or open value whose key is a literal that is a reference.
        link: Option<Id>,
    },
    /// `list[]…`: `body` for each element, missing results dropped; where `flatten`, `body` yields lists that are joined.
    Each {
        /// The list (a map's values where it is a map).
        base: Expr,
        /// Slot of the element.
        var: Slot,
        /// The rest of the chain of postfix operators.
        body: Expr,
        /// True where the body holds a further `[]`.
        flatten: bool,
    },
    /// `->`: the object that the reference names. The value carries the link.
    Follow {
        /// The reference.
        base: Expr,
    },
    /// `as Type`: a value of another type makes the binding undecided; for kinds, a present object of another kind does.
    As {
        /// The value.
        base: Expr,
    },
    /// A call of an `fn` item.
    Call {
        /// The function.
        function: Id,
        /// One for each parameter.
        args: Vec<Expr>,
    },
    /// A method; missing on a missing receiver, or false for those that ask about text or secrets.
    Method {
        /// The receiver.
        base: Expr,
        /// Which method.
        method: Method,
        /// Its arguments, present values.
        args: Vec<Expr>,
    },
    /// `not e`
    Not(Expr),
    /// Every operator between two expressions; `and` and `or` are Kleene's, left to right, and stop where the left side
    /// decides. Bytes beside a text count as the text that they encode in UTF-8; bytes that are no text equal none
    /// and match nothing.
    Binary {
        /// The operator.
        op: BinaryOp,
        /// Left side.
        left: Expr,
        /// Right side.
        right: Expr,
    },
    /// `exists absent empty dangling`
    Test {
        /// The tested value.
        base: Expr,
        /// The test.
        test: TestOp,
    },
    /// `any`, `all`
    Quantifier {
        /// True for `all`.
        all: bool,
        /// The generator.
        binding: Binding,
        /// The condition.
        body: Expr,
    },
    /// `if c then a else b`
    If {
        /// The condition.
        condition: Expr,
        /// Where it holds.
        then: Expr,
        /// Where it does not.
        otherwise: Expr,
    },
    /// `[e for … where c]`; missing elements are dropped.
    Comprehension {
        /// The generators.
        bindings: Vec<Binding>,
        /// The condition.
        condition: Option<Expr>,
        /// The element.
        body: Expr,
    },
}

/// A part of a text.
#[derive(Clone, Debug)]
pub enum TextPart {
    /// Plain text.
    Text(Arc<str>),
    /// A public, present value.
    Expr(Expr),
}

/// A literal value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is the literal of the type of the same name")]
pub enum Const {
    String(Arc<str>),
    Int(i64),
    Number(f64),
    Bool(bool),
    /// Nanoseconds.
    Duration(i64),
    /// Nanoseconds since 1970.
    Time(i64),
    Regex(Arc<str>),
    List(Vec<Const>),
    Map(Vec<(Arc<str>, Const)>),
}

/// An attribute that every object has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Attr {
    /// `metadata.name`; `""` where the object has none (a file kind).
    Name,
    /// The namespace that is written, given or unknown; missing for cluster-scoped objects.
    Namespace,
    /// `metadata.labels`, empty where absent.
    Labels,
    /// `metadata.annotations`, empty where absent.
    Annotations,
    /// The kind's name.
    Kind,
    /// `apiVersion` as written.
    ApiVersion,
    /// `metadata.creationTimestamp`.
    Created,
    /// `"file"`, `"cluster"` or `"rendered"`.
    Origin,
    /// SOPS metadata of the document, a row; see [`crate::builtin::relations`].
    Sops,
    /// The controller's reference among the owner references.
    Owner,
}

/// A `waive` item.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Waiver {
    pub rule: Arc<str>,
    pub kinds: Arc<[KindId]>,
    /// Glob on the name, or on `namespace/name`.
    pub object: Arc<str>,
    /// Instant from which it no longer applies, in seconds since 1970.
    pub until: i64,
    pub because: Arc<str>,
    pub by: Arc<str>,
    pub module: Arc<str>,
    pub span: Span,
}

/// A `test` item.
#[derive(Clone, Debug)]
pub struct Test {
    /// The rule, by the name that reports use.
    pub rule: Arc<str>,
    /// Nanoseconds since 1970; the run's own instant where absent.
    pub now: Option<i64>,
    /// Values of params.
    pub with: Vec<(Id, Const)>,
    /// The item as written: title, manifests and expectations need no checking beyond it.
    pub ast: Arc<crate::ast::Test>,
    /// Module that holds it.
    pub module: Arc<str>,
    /// The item in the text of its module.
    pub span: Span,
}
