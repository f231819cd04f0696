//! Sums, differences and products of numbers, durations and times. What does not fit 64 bits is undecided.

use tacit_lang::ast::BinaryOp;

use super::source::unknown;
use crate::value::{Data, Outcome, Value, doubt};

/// `left op right`
pub(super) fn arithmetic<'a>(op: BinaryOp, left: &Value<'a>, right: &Value<'a>) -> Outcome<'a> {
    use Data::{Duration, Int, Number, Time};
    let result = match (op, &left.data, &right.data) {
        (_, Data::Unknown, _) => return unknown(left.origin),
        (_, _, Data::Unknown) => return unknown(right.origin),
        (BinaryOp::Add, Int(a), Int(b)) => a.checked_add(*b).map(Int),
        (BinaryOp::Sub, Int(a), Int(b)) => a.checked_sub(*b).map(Int),
        (BinaryOp::Mul, Int(a), Int(b)) => a.checked_mul(*b).map(Int),
        (BinaryOp::Add, Duration(a), Duration(b)) => a.checked_add(*b).map(Duration),
        (BinaryOp::Sub, Duration(a), Duration(b)) => a.checked_sub(*b).map(Duration),
        (BinaryOp::Mul, Duration(a), Int(b)) | (BinaryOp::Mul, Int(a), Duration(b)) => a.checked_mul(*b).map(Duration),
        (BinaryOp::Add, Time(a), Duration(b)) | (BinaryOp::Add, Duration(a), Time(b)) => a.checked_add(*b).map(Time),
        (BinaryOp::Sub, Time(a), Duration(b)) => a.checked_sub(*b).map(Time),
        (BinaryOp::Sub, Time(a), Time(b)) => a.checked_sub(*b).map(Duration),
        (op, a, b) => match (number(a), number(b)) {
            (Some(a), Some(b)) => Some(Number(match op {
                BinaryOp::Add => a + b,
                BinaryOp::Sub => a - b,
                _ => a * b,
            })),
            _ => {
                let text = format!("`{}` cannot join {} and {}", op.as_str(), left.data.noun(), right.data.noun());
                return doubt(text, "", left.origin.or(right.origin));
            }
        },
    };
    match result {
        Some(data) => Ok(Value::new(data)),
        None => doubt(format!("`{}` leaves the range of 64 bits", op.as_str()), "", left.origin.or(right.origin)),
    }
}

fn number(data: &Data<'_>) -> Option<f64> {
    match data {
        Data::Int(value) => Some(*value as f64),
        Data::Number(value) => Some(*value),
        _ => None,
    }
}
