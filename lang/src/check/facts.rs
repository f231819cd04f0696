//! What the checker found out about places in a file, kept for editors: hover, completion, definition and references
//! are look-ups in these.

use std::sync::Arc;

use crate::builtin::methods::Method;
use crate::ir::Attr;
use crate::schema::{KindId, TypeId};
use crate::span::Span;
use crate::types::Type;

/// A name or expression at a place, what it means, and its type.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The place in the file of the item.
    pub span: Span,
    /// What stands there.
    pub what: Symbol,
    /// Its type; of a declaration the type of what it declares.
    pub ty: Type,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub enum Symbol {
    /// A variable of the same item.
    Variable {
        /// Where it is introduced.
        def: Span,
    },
    /// A declared item: constant, param, function, group, view, derived field, link or rule.
    Item {
        /// Its module.
        module: Arc<str>,
        /// Its name in the text of that module.
        span: Span,
    },
    /// A kind.
    Kind(KindId),
    /// A field of a schema type.
    Field {
        /// The type that has it.
        owner: TypeId,
        /// Its name.
        name: Arc<str>,
    },
    /// A key of a map or of an open value.
    Key,
    /// A column of a view, relation or record.
    Column {
        /// View, relation or record.
        row: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// An attribute that every object has.
    Attr(Attr),
    /// A method.
    Method(Method),
    /// A relation that the engine computes, by index.
    Relation(u32),
    /// A member that does not exist; the type of the fact is the one that lacks it.
    NoMember,
    /// A schema type by its short name.
    Type(TypeId),
    /// An expression without a name of its own, such as the variable that a clause introduces.
    Value,
}
