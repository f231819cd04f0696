//! Values of params given as text: on a command line, in a project file.

use std::sync::Arc;

use crate::ir::Const;
use crate::parse;
use crate::types::{Base, Type};

/// Reads the value of a param of type `ty`: `90d`, `true`, `12`, `2027-03-01`, `text`; a list as `a,b` or `["a", "b"]`.
/// The error says what was expected.
pub fn parse_param_value(ty: &Type, text: &str) -> Result<Const, String> {
    let trimmed = text.trim();
    match &ty.base {
        Base::List(element) => {
            let inner = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            let Some(items) = split(inner.unwrap_or(trimmed)) else {
                return Err(format!("`{trimmed}` has an unclosed quote"));
            };
            items.iter().map(|item| parse_param_value(element, item)).collect::<Result<Vec<_>, _>>().map(Const::List)
        }
        Base::Map(value) => {
            let Some(items) = split(trimmed) else { return Err(format!("`{trimmed}` has an unclosed quote")) };
            items
                .iter()
                .map(|item| match item.split_once('=') {
                    Some((key, item)) => Ok((Arc::from(key.trim()), parse_param_value(value, item)?)),
                    None => Err(format!("`{item}` is no `key=value`")),
                })
                .collect::<Result<Vec<_>, _>>()
                .map(Const::Map)
        }
        Base::String(values) => {
            let plain = unquote(trimmed);
            match values {
                Some(values) if !values.iter().any(|value| **value == *plain) => {
                    let names: Vec<&str> = values.iter().map(|value| &**value).collect();
                    Err(format!("`{plain}` is not one of {}", names.join(", ")))
                }
                _ => Ok(Const::String(plain.into())),
            }
        }
        Base::Bool => match trimmed {
            "true" => Ok(Const::Bool(true)),
            "false" => Ok(Const::Bool(false)),
            _ => Err(format!("`{trimmed}` is neither `true` nor `false`")),
        },
        Base::Number => trimmed
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Const::Number)
            .ok_or_else(|| format!("`{trimmed}` is no number")),
        Base::Int | Base::Duration | Base::Time => literal(ty, unquote(trimmed)),
        _ => Err("a param of this type has no text form".into()),
    }
}

/// Literals that the language itself reads.
fn literal(ty: &Type, text: &str) -> Result<Const, String> {
    let wanted = match ty.base {
        Base::Int => "a whole number such as `12`",
        Base::Duration => "a duration such as `90d` or `1h30m`",
        _ => "a date such as `2027-03-01`",
    };
    let refused = || format!("`{text}` is not {wanted}");
    let (digits, negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (Some(expr), diagnostics) = parse::parse_expr(digits) else { return Err(refused()) };
    if !diagnostics.is_empty() {
        return Err(refused());
    }
    let sign = if negative { -1 } else { 1 };
    match (&ty.base, &*expr.kind) {
        (Base::Int, crate::ast::ExprKind::Int(value)) => Ok(Const::Int(sign * value)),
        (Base::Duration, crate::ast::ExprKind::Duration(value)) => Ok(Const::Duration(sign * value)),
        (Base::Time, crate::ast::ExprKind::Time(seconds)) if !negative => {
            seconds.checked_mul(1_000_000_000).map(Const::Time).ok_or_else(refused)
        }
        _ => Err(refused()),
    }
}

fn unquote(text: &str) -> &str {
    text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text)
}

/// The parts between commas outside quotes; nothing where a quote is not closed. Empty text has no parts.
fn split(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => {
                quoted = !quoted;
                part.push(c);
            }
            ',' if !quoted => parts.push(std::mem::take(&mut part).trim().to_string()),
            _ => part.push(c),
        }
    }
    let last = part.trim();
    if !last.is_empty() || !parts.is_empty() {
        parts.push(last.to_string());
    }
    (!quoted).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_type() {
        let read = |base: Base, text: &str| parse_param_value(&Type::of(base), text);
        assert_eq!(read(Base::Duration, "90d"), Ok(Const::Duration(90 * 86_400 * 1_000_000_000)));
        assert_eq!(read(Base::Bool, "true"), Ok(Const::Bool(true)));
        assert_eq!(read(Base::Int, "-3"), Ok(Const::Int(-3)));
        assert_eq!(read(Base::String(None), "\"a b\""), Ok(Const::String("a b".into())));
        assert!(read(Base::Duration, "soon").unwrap_err().contains("duration"));
        assert!(read(Base::Int, "1 + 2").is_err());
    }

    #[test]
    fn lists_are_read_with_and_without_brackets() {
        let ty = Type::list(Type::string());
        let wanted = Const::List(vec![Const::String("a".into()), Const::String("b,c".into())]);
        assert_eq!(parse_param_value(&ty, "a,\"b,c\""), Ok(wanted.clone()));
        assert_eq!(parse_param_value(&ty, "[\"a\", \"b,c\"]"), Ok(wanted));
        assert_eq!(parse_param_value(&ty, ""), Ok(Const::List(vec![])));
        assert!(parse_param_value(&ty, "\"a").is_err());
    }
}
