//! `.selects(path)` of a SOPS creation rule.

use super::result;
use crate::relation::sops::Selection;
use crate::value::{Data, Value};

/// True where the rule encrypts this dotted path.
pub(super) fn selects<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let selects = match &receiver.data {
        Data::Row(row) => {
            let rules = row.ty.column("rules").and_then(|(at, _)| row.values.get(at));
            let path = super::first(args);
            let keys = path.split('.').map(|key| key.split('[').next().unwrap_or(key));
            rules.is_some_and(|rules| Selection::of(rules).selects(keys))
        }
        _ => false,
    };
    result(receiver, Data::Bool(selects))
}
