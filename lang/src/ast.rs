//! What a rule file says, before names and types are looked at. Every part knows its place.
//!
//! The tree is total: a broken item is an [`ItemKind::Broken`] beside its diagnostics, and the items
//! around it stand. Nothing here is resolved: `Name("Workload")` may turn out a group, a typo or a variable.

use std::sync::Arc;

use crate::span::{Span, Spanned};

/// A name as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Ident {
    /// The text of the name.
    pub text: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// One rule file.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// `//!` lines, joined by line breaks, without the marker and one following blank.
    pub doc: Option<Arc<str>>,
    /// The items in the order of the text, broken ones included.
    pub items: Vec<Item>,
}

/// One item of a file.
#[derive(Clone, Debug)]
pub struct Item {
    /// The text of the item, from its reserved word (its `///` lines excluded) to its last token.
    pub span: Span,
    /// `///` lines before the item, joined by line breaks.
    pub doc: Option<Spanned<Arc<str>>>,
    /// What it declares.
    pub kind: ItemKind,
}

/// What an item declares.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "each variant is the item of the same reserved word, documented at its struct")]
pub enum ItemKind {
    Rule(Box<Rule>),
    Param(Param),
    Let(LetItem),
    Fn(FnItem),
    Group(Group),
    Field(FieldItem),
    Link(Link),
    View(View),
    Kind(KindItem),
    Waive(Waive),
    Test(Test),
    Use(Use),
    Edition(Edition),
    /// An item that did not parse; its diagnostics say why. `keyword` is its reserved word, `name` the first
    /// name found in it, kept so that uses elsewhere do not raise a second error.
    Broken {
        keyword: Arc<str>,
        name: Option<Ident>,
    },
}

/// `rule [CODE] name severity "Title" clauses…`
#[derive(Clone, Debug)]
pub struct Rule {
    /// The stable id such as `ENV001`, where given.
    pub code: Option<Ident>,
    /// The name; it carries a hyphen.
    pub name: Ident,
    /// How bad a finding is.
    pub severity: Spanned<Severity>,
    /// One sentence that states the requirement.
    pub title: Text,
    /// The clauses in their order.
    pub clauses: Vec<Clause>,
    /// A clause did not parse and was left out; its diagnostic stands. Names that it may have declared or used are
    /// not to be reported as unknown or unused.
    pub dropped: bool,
}

/// How bad a finding is, from least to worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Severity {
    Info,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    /// All severities, least first.
    pub const ALL: [Severity; 5] =
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

    /// The word of the language and of reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// Reads the word; `None` for any other.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

/// A clause of a rule.
#[derive(Clone, Debug)]
pub struct Clause {
    /// From its reserved word to its last token.
    pub span: Span,
    /// What it does.
    pub kind: ClauseKind,
}

/// What a clause does.
#[derive(Clone, Debug)]
pub enum ClauseKind {
    /// `for x in …, k, v in …`
    For(Vec<Generator>),
    /// `where condition`
    Where(Expr),
    /// `let name = value`
    Let {
        /// The new name.
        name: Ident,
        /// Its value.
        value: Expr,
    },
    /// `deny [as severity] [for …] [when condition] [at node] "message"`
    Deny(Deny),
    /// `require condition [at node] else "message"`
    Require {
        /// What must hold.
        condition: Expr,
        /// Where a finding points, if not at what the condition read.
        at: Option<Expr>,
        /// What a finding says.
        message: Template,
    },
    /// `undecided [for …] [when condition] "reason"`
    Undecided {
        /// Further bindings.
        generators: Vec<Generator>,
        /// When the verdict is open; always, where absent.
        when: Option<Expr>,
        /// Why.
        reason: Template,
    },
    /// `remedy "text"`
    Remedy(Text),
    /// `fix [unsafe] set node = value`
    FixSet {
        /// The node to write.
        target: Expr,
        /// What to write there.
        value: Expr,
        /// False where the edit can change what works today.
        safe: bool,
    },
    /// `fix [unsafe] remove node`
    FixRemove {
        /// The node to remove.
        target: Expr,
        /// False where the edit can change what works today.
        safe: bool,
    },
    /// `controls framework "item", …`
    Controls {
        /// The framework, `cis` say.
        framework: Ident,
        /// Its items.
        items: Vec<Text>,
    },
    /// `tags a, b`
    Tags(Vec<Ident>),
    /// `docs "url"`
    Docs(Text),
}

/// `deny [as severity] [for …] [when condition] [at node] "message"`
#[derive(Clone, Debug)]
pub struct Deny {
    /// Replaces the severity of the rule.
    pub severity: Option<Spanned<Severity>>,
    /// Further bindings; a finding for each.
    pub generators: Vec<Generator>,
    /// When it is a finding; always, where absent.
    pub when: Option<Expr>,
    /// Where the finding points, if not at what the condition read.
    pub at: Option<Expr>,
    /// What the finding says.
    pub message: Template,
}

/// `x in xs`, `i, x in xs`, `k, v in map`, `x in Kind | Kind`.
#[derive(Clone, Debug)]
pub struct Generator {
    /// The index (from 0) or the key.
    pub key: Option<Ident>,
    /// The element, value, object or row.
    pub var: Ident,
    /// What is gone through.
    pub source: Expr,
    /// From the first name to the end of the source.
    pub span: Span,
}

/// `param name: type = value`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Param {
    pub name: Ident,
    pub ty: TypeExpr,
    pub value: Expr,
}

/// `let name = value`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct LetItem {
    pub name: Ident,
    pub value: Expr,
}

/// `fn name(x: type, …): type = body`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct FnItem {
    pub name: Ident,
    pub params: Vec<(Ident, TypeExpr)>,
    pub result: TypeExpr,
    pub body: Expr,
}

/// `group Name of Kind, Kind [with field = path, …]`. Items of one name add members to one group.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Group {
    pub name: Ident,
    pub members: Vec<Ident>,
    /// Fields of the group, each a path of the members named in this item.
    pub with: Vec<(Ident, Expr)>,
}

/// `field Owner.name = expr`; a bare name in `expr` is a field of the object itself.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct FieldItem {
    /// A kind, group, view or relation.
    pub owner: Ident,
    pub name: Ident,
    pub value: Expr,
}

/// `link Owner.path to Kind | Kind [by name = …, namespace = …, kind = …]`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Link {
    /// A kind, group, view or relation.
    pub owner: Ident,
    /// Steps below the owner.
    pub path: Path,
    pub targets: Vec<Ident>,
    /// `by` parts; each of `name`, `namespace`, `kind` at most once.
    pub by: Vec<(Ident, Expr)>,
}

/// `view Name = from x in … where c yield (a: e, …) from …`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct View {
    pub name: Ident,
    pub branches: Vec<ViewBranch>,
}

/// One `from` of a view.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct ViewBranch {
    pub generators: Vec<Generator>,
    pub condition: Option<Expr>,
    /// The columns; empty where the view is the set of the first variable itself.
    pub columns: Vec<(Ident, Expr)>,
    pub span: Span,
}

/// `kind Name = "group[/version]/Kind" [path: type …]`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct KindItem {
    pub name: Ident,
    pub target: Text,
    pub fields: Vec<(Path, TypeExpr)>,
}

/// `waive RULE for Kind "namespace/name-glob" until DATE because "…" by "…"`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Waive {
    /// Code or name of a rule.
    pub rule: Ident,
    pub kind: Ident,
    pub object: Text,
    /// Start of the day (UTC) from which it no longer applies, in seconds since 1970.
    pub until: Spanned<i64>,
    pub because: Text,
    pub by: Text,
}

/// `test RULE "title"` with its parts.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Test {
    /// Code or name of a rule.
    pub rule: Ident,
    pub title: Text,
    pub now: Option<Expr>,
    /// `with param = value`
    pub with: Vec<(Ident, Expr)>,
    pub given: Vec<Given>,
    pub expect: Vec<Expect>,
}

/// `given [complete] ["file name"] """manifests"""`
#[derive(Clone, Debug)]
pub struct Given {
    /// The whole clause.
    pub span: Span,
    /// True where the manifests are the complete inventory, so that `dangling` is decided.
    pub complete: Option<Span>,
    /// The file name under which the manifests are read; `given.yaml` where absent.
    pub file: Option<Text>,
    /// The manifests, with the common indentation removed.
    pub text: Text,
}

/// `expect deny|undecided ["part of the message"] [at Kind "[namespace/]name" path]` or `expect clean`.
///
/// A test passes when each expectation matches a verdict of the rule, each finding and undecided verdict is
/// expected, and `clean` stands alone.
#[derive(Clone, Debug)]
pub struct Expect {
    /// The whole clause.
    pub span: Span,
    /// The verdict.
    pub verdict: Spanned<ExpectVerdict>,
    /// Text that the message or reason contains.
    pub message: Option<Text>,
    /// Object and node to which it belongs.
    pub at: Option<ExpectAt>,
}

/// The verdict that a test expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of the language")]
pub enum ExpectVerdict {
    Deny,
    Undecided,
    Clean,
}

/// `at Kind "[namespace/]name" [path]`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct ExpectAt {
    pub kind: Ident,
    pub object: Text,
    pub path: Option<Path>,
}

/// `use "path"`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Use {
    pub path: Text,
}

/// `edition N`
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the item's own grammar")]
pub struct Edition {
    pub number: Spanned<i64>,
}

/// A path below an object: `spec.initContainers[0].env[].x["a.b"]`. `[]` means each element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// From the first to the last step.
    pub span: Span,
    /// The steps.
    pub steps: Vec<(PathStep, Span)>,
}

/// A step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathStep {
    /// `.name` or `["name"]`
    Field(Arc<str>),
    /// `[3]`
    Index(u32),
    /// `[]`
    Each,
}

/// A literal text without interpolation, its escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The value.
    pub value: Arc<str>,
    /// The literal with its quotes.
    pub span: Span,
    /// For a `"""block"""`: the byte offset in the file of each line's first kept character, so that a place in
    /// the value can be shown in the file. Empty for other literals.
    pub lines: Vec<u32>,
}

/// A text with `{expressions}` in it.
#[derive(Clone, Debug)]
pub struct Template {
    /// The parts in order; texts have `{{` and `}}` resolved.
    pub parts: Vec<TemplatePart>,
    /// The literal with its quotes.
    pub span: Span,
}

/// A part of a [`Template`].
#[derive(Clone, Debug)]
pub enum TemplatePart {
    /// Plain text.
    Text(Arc<str>),
    /// `{expr}`
    Expr(Expr),
}

/// An expression and its place.
#[derive(Clone, Debug)]
pub struct Expr {
    /// From its first to its last token; parentheses are not counted.
    pub span: Span,
    /// What it is.
    pub kind: Box<ExprKind>,
}

/// What an expression is.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are the operands of the form that each variant shows")]
pub enum ExprKind {
    /// A hole left by a syntax error inside; its diagnostic stands already.
    Error,
    /// `"text {expr}"`, `r"raw"`, `"""block"""`; without expressions a plain string.
    Text(Template),
    /// `42`
    Int(i64),
    /// `true`, `false`
    Bool(bool),
    /// `1h30m`, in nanoseconds. Units: `ns us ms s m h d w`.
    Duration(i64),
    /// `2027-03-01` or `2027-03-01T10:00:00Z`, in seconds since 1970.
    Time(i64),
    /// `/regex/`, without the slashes; `\/` stands for `/`.
    Regex(Arc<str>),
    /// `[a, b]`
    List(Vec<Expr>),
    /// A bare name: a variable, constant, param, kind, group, view, relation, or a field of the object itself.
    Name(Arc<str>),
    /// `now`
    Now,
    /// `Kind | Kind` as the source of a generator.
    Kinds(Vec<Ident>),
    /// `base.name`
    Field { base: Expr, name: Ident },
    /// `base[index]`
    Index { base: Expr, index: Expr },
    /// `base[]`: what follows in the same chain of postfix operators holds for each element.
    Each { base: Expr },
    /// `base->`
    Follow { base: Expr },
    /// `base as Type`
    As { base: Expr, ty: TypeExpr },
    /// `name(args)`
    Call { name: Ident, args: Vec<Expr> },
    /// `base.name(args)`
    Method { base: Expr, name: Ident, args: Vec<Expr> },
    /// `not e`
    Not(Expr),
    /// `a op b`
    Binary { op: BinaryOp, op_span: Span, left: Expr, right: Expr },
    /// `e exists` and its like.
    Test { base: Expr, test: TestOp, test_span: Span },
    /// `any x in xs: e`, `all x in xs: e`
    Quantifier { all: bool, generator: Box<Generator>, body: Expr },
    /// `if c then a else b`
    If { condition: Expr, then: Expr, otherwise: Expr },
    /// `[e for x in xs, … where c]`
    Comprehension { body: Expr, generators: Vec<Generator>, condition: Option<Expr> },
}

/// An operator between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words and signs of the language")]
pub enum BinaryOp {
    Or,
    And,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    In,
    Overlaps,
    Matches,
    StartsWith,
    EndsWith,
    Contains,
    /// `??`
    Default,
    /// `++`
    Concat,
    Add,
    Sub,
    Mul,
}

impl BinaryOp {
    /// The operator as written.
    pub fn as_str(self) -> &'static str {
        match self {
            BinaryOp::Or => "or",
            BinaryOp::And => "and",
            BinaryOp::Eq => "==",
            BinaryOp::Ne => "!=",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "<=",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => ">=",
            BinaryOp::In => "in",
            BinaryOp::Overlaps => "overlaps",
            BinaryOp::Matches => "matches",
            BinaryOp::StartsWith => "starts with",
            BinaryOp::EndsWith => "ends with",
            BinaryOp::Contains => "contains",
            BinaryOp::Default => "??",
            BinaryOp::Concat => "++",
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
        }
    }
}

/// A test written after an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words of the language")]
pub enum TestOp {
    Exists,
    Absent,
    /// Missing, `""`, `[]` or `{}`.
    Empty,
    /// A reference whose target is known not to be there.
    Dangling,
}

impl TestOp {
    /// The word of the language.
    pub fn as_str(self) -> &'static str {
        match self {
            TestOp::Exists => "exists",
            TestOp::Absent => "absent",
            TestOp::Empty => "empty",
            TestOp::Dangling => "dangling",
        }
    }
}

/// A type as written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// Its place.
    pub span: Span,
    /// What it is.
    pub kind: TypeExprKind,
}

/// What a written type is.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "the fields are the parts of the form that each variant shows")]
pub enum TypeExprKind {
    /// `string`, `PodSpec`, a kind, a group, a view.
    Name(Arc<str>),
    /// `AuditPolicy.rules[]`: the type at a path of a kind.
    At { owner: Ident, path: Path },
    /// `list<T>`
    List(Box<TypeExpr>),
    /// `map<T>`
    Map(Box<TypeExpr>),
    /// `T?`
    Optional(Box<TypeExpr>),
    /// `confidential T`
    Confidential(Box<TypeExpr>),
}
