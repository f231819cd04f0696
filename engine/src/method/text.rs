//! Methods on text: parts, cases, and what it states.

use std::fmt::Write;
use std::sync::Arc;

use super::{base64, first, missing, result};
use crate::eval::pattern;
use crate::time::{format_duration, format_time, parse_duration};
use crate::value::{Data, Origin, Outcome, Value};

/// `.base64()`
pub(super) fn base64<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.as_text().and_then(|text| base64::decode_any(text.trim())) {
        Some(bytes) => result(receiver, Data::Bytes(bytes.into())),
        None => missing(receiver),
    }
}

/// `.duration()`
pub(super) fn duration<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.as_str().and_then(parse_duration) {
        Some(value) => result(receiver, Data::Duration(value)),
        None => missing(receiver),
    }
}

/// `.int()`
pub(super) fn int<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.as_str().and_then(|text| text.parse().ok()) {
        Some(value) => result(receiver, Data::Int(value)),
        None => missing(receiver),
    }
}

/// `.bool()`, in the forms that Go's `strconv.ParseBool` takes.
pub(super) fn bool<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.as_str() {
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => result(receiver, Data::Bool(true)),
        Some("0" | "f" | "F" | "false" | "FALSE" | "False") => result(receiver, Data::Bool(false)),
        _ => missing(receiver),
    }
}

/// `.before(separator)`
pub(super) fn before<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    part(receiver, |text| text.split_once(first(args)).map(|(before, _)| before))
}

/// `.after(separator)`
pub(super) fn after<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    part(receiver, |text| text.split_once(first(args)).map(|(_, after)| after))
}

/// A part of the receiver; borrowed where the receiver is.
fn part<'a>(receiver: &Value<'a>, take: impl for<'t> Fn(&'t str) -> Option<&'t str>) -> Value<'a> {
    let data = match &receiver.data {
        Data::Str(text) => take(text).map(Data::Str),
        Data::Text(text) => take(text).map(|part| Data::Text(part.into())),
        _ => None,
    };
    data.map_or_else(|| missing(receiver), |data| result(receiver, data))
}

/// `.lower()` and its like.
pub(super) fn map<'a>(receiver: &Value<'a>, change: impl Fn(&str) -> String) -> Value<'a> {
    match receiver.as_str() {
        Some(text) => result(receiver, Data::Text(change(text).into())),
        None => missing(receiver),
    }
}

/// `.replace(pattern, replacement)`: a text is replaced as it is, a regex by its matches.
pub(super) fn replace<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Outcome<'a> {
    let (Some(text), [what, with]) = (receiver.as_str(), args) else { return Ok(missing(receiver)) };
    let with = with.as_str().unwrap_or_default();
    let replaced = match what.as_str() {
        Some(what) => text.replace(what, with),
        None => pattern(what)?.replace_all(text, with).into_owned(),
    };
    Ok(result(receiver, Data::Text(replaced.into())))
}

/// `.split(separator)`
pub(super) fn split<'a>(receiver: &Value<'a>, args: &[Value<'a>]) -> Value<'a> {
    let separator = first(args);
    if separator.is_empty() {
        return parts(receiver, |text| vec![text]);
    }
    parts(receiver, |text| text.split(separator).collect())
}

/// `.lines()`
pub(super) fn lines<'a>(receiver: &Value<'a>) -> Value<'a> {
    // The lines of a file know their places.
    if let (Data::Str(text), Some(Origin { node, .. })) = (&receiver.data, receiver.origin)
        && node.document().is_text()
        && node.parent().is_none()
    {
        let places = node.items().map(|node| Some(Origin::new(node, None)));
        let values: Arc<[Value<'a>]> =
            text.lines().zip(places).map(|(line, place)| Value::at(Data::Str(line), place)).collect();
        return result(receiver, Data::List(values));
    }
    parts(receiver, |text| text.lines().collect())
}

fn parts<'a>(receiver: &Value<'a>, take: impl for<'t> Fn(&'t str) -> Vec<&'t str>) -> Value<'a> {
    let texts: Vec<Data<'a>> = match &receiver.data {
        Data::Str(text) => take(text).into_iter().map(Data::Str).collect(),
        Data::Text(text) => take(text).into_iter().map(|part| Data::Text(part.into())).collect(),
        _ => return missing(receiver),
    };
    let values: Arc<[Value<'a>]> = texts.into_iter().map(|data| result(receiver, data)).collect();
    result(receiver, Data::List(values))
}

/// `.text()`
pub(super) fn text<'a>(receiver: &Value<'a>) -> Value<'a> {
    let mut out = String::new();
    let written = match &receiver.data {
        Data::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => out.write_str(text),
            Err(_) => return missing(receiver),
        },
        Data::Int(value) => write!(out, "{value}"),
        Data::Bool(value) => write!(out, "{value}"),
        Data::Duration(value) => out.write_str(&format_duration(*value)),
        Data::Time(value) => out.write_str(&format_time(*value)),
        _ => return missing(receiver),
    };
    match written {
        Ok(()) => result(receiver, Data::Text(out.into())),
        Err(_) => missing(receiver),
    }
}

/// `.raw`: what the manifest says, for bytes that were decoded from it.
pub(super) fn raw<'a>(receiver: &Value<'a>) -> Value<'a> {
    match receiver.origin.and_then(|origin| origin.node.as_str()) {
        Some(text) => result(receiver, Data::Str(text)),
        None => missing(receiver),
    }
}

/// `.variables()`: the names in `$(NAME)`, `${NAME}` and `$NAME`.
pub(super) fn variables<'a>(receiver: &Value<'a>) -> Value<'a> {
    let Some(text) = receiver.as_str() else { return missing(receiver) };
    let values = names(text).into_iter().map(|name| result(receiver, Data::Text(name.into()))).collect();
    result(receiver, Data::List(values))
}

fn names(text: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        rest = &rest[at + 1..];
        if let Some(behind) = rest.strip_prefix('$') {
            rest = behind;
            continue;
        }
        let (inner, close) = match rest.as_bytes().first() {
            Some(b'(') => (&rest[1..], Some(')')),
            Some(b'{') => (&rest[1..], Some('}')),
            _ => (rest, None),
        };
        let end =
            inner.find(|c: char| !(is_name(c) || close == Some(')') && matches!(c, '-' | '.'))).unwrap_or(inner.len());
        let name = &inner[..end];
        // `${NAME:-default}` reads NAME; an open parenthesis without its end reads nothing.
        let closed = match close {
            None => true,
            Some(')') => inner[end..].starts_with(')'),
            Some(close) => inner[end..].contains(close),
        };
        if !name.is_empty() && closed && !(close.is_none() && name.starts_with(|c: char| c.is_ascii_digit())) {
            names.push(name);
        }
        rest = &inner[end..];
    }
    names
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn variables_are_read_as_kubernetes_and_shells_do() {
        assert_eq!(names("$(A) ${B} $C"), ["A", "B", "C"]);
        assert_eq!(names("$$(A) x$$B ${C:-d}"), ["C"]);
        assert_eq!(names("$(A $5 ${"), Vec::<&str>::new());
        assert_eq!(names("--p=$(my-var.x)"), ["my-var.x"]);
    }
}
