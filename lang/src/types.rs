//! The type of an expression, as the checker infers it and the evaluator relies on it.
//!
//! A type is a [`Base`] with two marks: *optional* (may be missing) and *confidential* (secret material, which must not
//! reach a message). It also remembers the [`Place`]s in the schemas from which its value can come, so that links,
//! documentation and confidentiality, which belong to a field of a kind and not to a shape, survive navigation,
//! derived fields and `++`.

use std::fmt;
use std::sync::Arc;

use crate::schema::{KindId, TypeId};

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Type {
    /// The shape of a present value.
    pub base: Base,
    /// True where the value may be missing.
    pub optional: bool,
    /// True for secret material.
    pub confidential: bool,
    /// Places of the schemas from which the value can come; empty for computed values.
    pub places: Places,
}

/// The shape of a present value.
#[derive(Clone, Debug, PartialEq)]
pub enum Base {
    /// The type of an expression that has an error already: everything is allowed on it, silently.
    Error,
    /// A text. With values, one of an enumeration.
    String(Option<Arc<[Arc<str>]>>),
    /// A whole number.
    Int,
    /// A number with a fraction.
    Number,
    /// True or false.
    Bool,
    /// A span of time, in nanoseconds.
    Duration,
    /// An instant, in nanoseconds since 1970 (UTC).
    Time,
    /// Bytes, as base64 text decodes to.
    Bytes,
    /// A regular expression literal.
    Regex,
    /// An open part of a schema: anything.
    Any,
    /// A list.
    List(Arc<Type>),
    /// A map from texts.
    Map(Arc<Type>),
    /// A part of an object, of one or several schema types; it has the fields that are common to all of them.
    Struct(Arc<[TypeId]>),
    /// A whole object of one or several kinds, sorted; it has the fields that are common to all of them, besides the
    /// attributes of every object.
    Object(Arc<[KindId]>),
    /// A row of a view or relation, or a record that the engine computes.
    Row(Arc<RowType>),
}

/// The columns of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowType {
    /// `Grant`, `SecretUse`, the name of a view.
    pub name: Arc<str>,
    /// The columns in their order, which is the order of the values of a row.
    pub columns: Vec<Column>,
}

/// A column of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// The type of its values.
    pub ty: Type,
    /// One sentence for hover and reference; empty for the columns of a view.
    pub doc: Arc<str>,
}

impl RowType {
    /// Index and column of a name.
    pub fn column(&self, name: &str) -> Option<(usize, &Column)> {
        self.columns.iter().enumerate().find(|(_, column)| &*column.name == name)
    }
}

/// The places from which a value can come; few in practice.
pub type Places = Arc<[Place]>;

/// A place of the schemas or of a relation: an owner and steps below it. `Workload.containers[].env[]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// Kind (its unambiguous name or alias), group, view or relation.
    pub owner: Arc<str>,
    /// Steps: field names, `[]` for each element of a list, `{}` for each value of a map.
    pub steps: Arc<[Arc<str>]>,
}

impl Place {
    /// The place one step further down.
    pub fn child(&self, step: &str) -> Place {
        let mut steps: Vec<Arc<str>> = self.steps.to_vec();
        steps.push(step.into());
        Place { owner: self.owner.clone(), steps: steps.into() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.owner)?;
        for step in self.steps.iter() {
            match &**step {
                "[]" | "{}" => f.write_str(step)?,
                name => write!(f, ".{name}")?,
            }
        }
        Ok(())
    }
}

impl Type {
    /// A present, public type without a place.
    pub fn of(base: Base) -> Type {
        Type { base, optional: false, confidential: false, places: Arc::from([]) }
    }

    /// A plain text.
    pub fn string() -> Type {
        Type::of(Base::String(None))
    }

    /// A list of `element`.
    pub fn list(element: Type) -> Type {
        Type::of(Base::List(Arc::new(element)))
    }

    /// A map to `value`.
    pub fn map(value: Type) -> Type {
        Type::of(Base::Map(Arc::new(value)))
    }

    /// The same type, possibly missing.
    pub fn optional(mut self) -> Type {
        self.optional = true;
        self
    }

    /// The same type, known to be present.
    pub fn present(mut self) -> Type {
        self.optional = false;
        self
    }

    /// The same type, marked confidential where `confidential` says so.
    pub fn confidential(mut self, confidential: bool) -> Type {
        self.confidential |= confidential;
        self
    }

    /// True after an error was reported for the expression.
    pub fn is_error(&self) -> bool {
        self.base == Base::Error
    }
}

/// The name of an enumeration's texts, whole objects and so on, as messages show a type: `string?`, `list<EnvVar>`.
/// Struct types need the schemas for their names, so the checker prints types; this prints everything else.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.confidential {
            f.write_str("confidential ")?;
        }
        match &self.base {
            Base::Error => f.write_str("?")?,
            Base::String(None) => f.write_str("string")?,
            Base::String(Some(values)) => {
                for (i, value) in values.iter().enumerate() {
                    write!(f, "{}\"{value}\"", if i == 0 { "" } else { " | " })?;
                }
            }
            Base::Int => f.write_str("int")?,
            Base::Number => f.write_str("number")?,
            Base::Bool => f.write_str("bool")?,
            Base::Duration => f.write_str("duration")?,
            Base::Time => f.write_str("time")?,
            Base::Bytes => f.write_str("bytes")?,
            Base::Regex => f.write_str("regex")?,
            Base::Any => f.write_str("any")?,
            Base::List(element) => write!(f, "list<{element}>")?,
            Base::Map(value) => write!(f, "map<{value}>")?,
            Base::Struct(_) => f.write_str("object")?,
            Base::Object(_) => f.write_str("object of a kind")?,
            Base::Row(row) => f.write_str(&row.name)?,
        }
        if self.optional {
            f.write_str("?")?;
        }
        Ok(())
    }
}
