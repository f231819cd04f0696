//! Types among themselves: what two have in common, which can be compared, how messages write them.

use std::sync::Arc;

use super::env::Env;
use crate::schema::{KindId, TypeId};
use crate::types::{Base, Places, Type};

impl Env {
    /// The type as an author writes it: `string?`, `list<EnvVar>`, `Pod | Job`.
    pub fn show(&self, ty: &Type) -> String {
        let mut text = String::new();
        if ty.confidential {
            text.push_str("confidential ");
        }
        text.push_str(&self.show_base(&ty.base));
        if ty.optional {
            text.push('?');
        }
        text
    }

    fn show_base(&self, base: &Base) -> String {
        match base {
            Base::List(element) if element.is_error() => "list".into(),
            Base::List(element) => format!("list<{}>", self.show(element)),
            Base::Map(value) => format!("map<{}>", self.show(value)),
            Base::String(Some(values)) if values.len() > 6 => "string of an enumeration".into(),
            Base::Struct(types) => some(types.iter().map(|id| self.schemas.type_info(*id).label.to_string())),
            Base::Object(kinds) if kinds.is_empty() => "object".into(),
            Base::Object(kinds) => match self.group_of(kinds) {
                Some(group) => group.to_string(),
                None => some(kinds.iter().map(|id| self.schemas.kind(*id).unique_name().to_string())),
            },
            other => Type::of(other.clone()).to_string(),
        }
    }

    /// The group that has exactly these kinds.
    fn group_of(&self, kinds: &[KindId]) -> Option<&Arc<str>> {
        (kinds.len() > 1).then(|| self.groups.iter().find(|group| *group.members == *kinds)).flatten().map(|g| &g.name)
    }

    /// The type that holds the values of both; nothing where they have nothing in common.
    pub fn unify(&self, a: &Type, b: &Type) -> Option<Type> {
        let base = self.unify_base(&a.base, &b.base)?;
        Some(Type {
            base,
            optional: a.optional || b.optional,
            confidential: a.confidential || b.confidential,
            places: merge_places(&a.places, &b.places),
        })
    }

    fn unify_base(&self, a: &Base, b: &Base) -> Option<Base> {
        Some(match (a, b) {
            (Base::Error, other) | (other, Base::Error) => other.clone(),
            (Base::String(Some(x)), Base::String(Some(y))) => Base::String(Some(union(x, y))),
            (Base::String(_), Base::String(_)) => Base::String(None),
            (Base::Bytes, Base::String(_)) | (Base::String(_), Base::Bytes) => Base::Bytes,
            (Base::Int, Base::Number) | (Base::Number, Base::Int) => Base::Number,
            (Base::Any, _) | (_, Base::Any) => Base::Any,
            (Base::List(x), Base::List(y)) => Base::List(Arc::new(self.unify(x, y)?)),
            (Base::Map(x), Base::Map(y)) => Base::Map(Arc::new(self.unify(x, y)?)),
            (Base::Struct(x), Base::Struct(y)) => Base::Struct(union(x, y)),
            (Base::Object(x), Base::Object(y)) if x.is_empty() || y.is_empty() => Base::Object(Arc::from([])),
            (Base::Object(x), Base::Object(y)) => Base::Object(union(x, y)),
            (Base::Struct(x), Base::Object(y)) | (Base::Object(y), Base::Struct(x)) if !y.is_empty() => {
                let roots: Arc<[TypeId]> = y.iter().map(|kind| self.schemas.kind(*kind).root).collect();
                Base::Struct(union(x, &roots))
            }
            (x, y) if x == y => x.clone(),
            _ => return None,
        })
    }

    /// True where a value of `got` can stand where `want` is asked for; whether it may be missing or is confidential
    /// is not looked at.
    pub fn accepts(&self, want: &Type, got: &Type) -> bool {
        match (&want.base, &got.base) {
            (Base::Error, _) | (_, Base::Error) => true,
            (Base::Any, _) => true,
            (Base::String(None), Base::String(_)) | (Base::Number, Base::Int) => true,
            (Base::String(Some(want)), Base::String(Some(got))) => got.iter().all(|value| want.contains(value)),
            (Base::List(want), Base::List(got)) | (Base::Map(want), Base::Map(got)) => self.accepts(want, got),
            (Base::Struct(want), Base::Struct(got)) => got.iter().all(|id| want.contains(id)),
            (Base::Object(want), Base::Object(got)) => {
                want.is_empty() || (!got.is_empty() && got.iter().all(|id| want.contains(id)))
            }
            (Base::Row(want), Base::Row(got)) => want.name == got.name,
            (want, got) => want == got,
        }
    }

    /// True where a value of one type can equal a value of the other.
    pub fn comparable(&self, a: &Type, b: &Type) -> bool {
        match (&a.base, &b.base) {
            (Base::Error, _) | (_, Base::Error) | (Base::Any, _) | (_, Base::Any) => true,
            (Base::String(Some(x)), Base::String(Some(y))) => x.iter().any(|value| y.contains(value)),
            (Base::String(_) | Base::Bytes, Base::String(_) | Base::Bytes) => true,
            (Base::Int | Base::Number, Base::Int | Base::Number) => true,
            (Base::List(x), Base::List(y)) | (Base::Map(x), Base::Map(y)) => self.comparable(x, y),
            (Base::Struct(x), Base::Struct(y)) => x.iter().any(|id| y.contains(id)),
            (Base::Object(x), Base::Object(y)) => x.is_empty() || y.is_empty() || x.iter().any(|id| y.contains(id)),
            (Base::Row(x), Base::Row(y)) => x.name == y.name,
            (x, y) => x == y,
        }
    }
}

/// `A`, `A | B`, `A | B | …`.
fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    let count = names.len();
    let mut text = names.take(3).collect::<Vec<_>>().join(" | ");
    if count > 3 {
        text.push_str(" | …");
    }
    text
}

/// Both sets, sorted, each element once.
fn union<T: Clone + Ord>(a: &Arc<[T]>, b: &Arc<[T]>) -> Arc<[T]> {
    if a == b {
        return a.clone();
    }
    let mut all: Vec<T> = a.iter().chain(b.iter()).cloned().collect();
    all.sort();
    all.dedup();
    all.into()
}

/// Both sets of places, each place once.
pub(super) fn merge_places(a: &Places, b: &Places) -> Places {
    if b.is_empty() || a == b {
        return a.clone();
    }
    if a.is_empty() {
        return b.clone();
    }
    let mut all = a.to_vec();
    all.extend(b.iter().filter(|place| !a.contains(place)).cloned());
    all.into()
}
