//! Methods on whole numbers.

use super::result;
use crate::time::SECOND;
use crate::value::{Data, Outcome, Value, doubt};

/// `.seconds()`
pub(super) fn seconds<'a>(receiver: &Value<'a>) -> Outcome<'a> {
    scale(receiver, Data::Duration)
}

/// `.unix()`
pub(super) fn unix<'a>(receiver: &Value<'a>) -> Outcome<'a> {
    scale(receiver, Data::Time)
}

fn scale<'a>(receiver: &Value<'a>, make: fn(i64) -> Data<'a>) -> Outcome<'a> {
    match receiver.as_int().and_then(|seconds| seconds.checked_mul(SECOND)) {
        Some(nanoseconds) => Ok(result(receiver, make(nanoseconds))),
        None => doubt("a number of seconds leaves the range of times", "", receiver.origin),
    }
}

/// `.has_bits(mask)`
pub(super) fn has_bits<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let (bits, mask) =
        (receiver.as_int().unwrap_or_default(), args.first().and_then(Value::as_int).unwrap_or_default());
    result(receiver, Data::Bool(bits & mask == mask))
}
