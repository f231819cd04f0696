//! `.url()`: the parts of an absolute URL.

use super::{missing, result};
use crate::relation::record;
use crate::value::{Data, Value};

/// The `Url` record of a text; missing where it is no URL with a host.
pub(super) fn url<'a>(receiver: &Value<'a>) -> Value<'a> {
    let Some(parts) = receiver.as_str().and_then(parse) else { return missing(receiver) };
    let text = |text: String| result(receiver, Data::Text(text.into()));
    let optional = |part: Option<String>| part.map_or_else(|| missing(receiver), text);
    let row = Value::row(
        record("Url"),
        vec![
            text(parts.scheme),
            optional(parts.user),
            optional(parts.password),
            text(parts.host),
            parts.port.map_or_else(|| missing(receiver), |port| result(receiver, Data::Int(i64::from(port)))),
            text(parts.path),
        ],
    );
    row.with_origin(receiver.origin)
}

/// The parts of a URL, percent-decoded where that has a meaning.
#[derive(Debug, PartialEq)]
pub(crate) struct Parts {
    pub scheme: String,
    pub user: Option<String>,
    pub password: Option<String>,
    pub host: String,
    pub port: Option<u16>,
    pub path: String,
}

/// Reads `scheme://[user[:password]@]host[:port][/path][?query][#fragment]`.
pub(crate) fn parse(text: &str) -> Option<Parts> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    if !is_scheme {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    // A password may hold an `@` that was not encoded: the last one counts.
    let (login, host) = authority.rsplit_once('@').map_or((None, authority), |(login, host)| (Some(login), host));
    let (user, password) = match login.map(|login| login.split_once(':').map_or((login, None), |(u, p)| (u, Some(p)))) {
        Some((user, password)) => (Some(decode(user)), password.map(decode)),
        None => (None, None),
    };
    let (host, port) = match host.strip_prefix('[') {
        Some(bracketed) => {
            let (host, behind) = bracketed.split_once(']')?;
            (host, behind.strip_prefix(':'))
        }
        None => host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some("") | None => None,
        Some(port) => Some(port.parse().ok()?),
    };
    if host.contains(char::is_whitespace) || (host.is_empty() && scheme != "file") {
        return None;
    }
    let path = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    Some(Parts {
        scheme: scheme.to_ascii_lowercase(),
        user,
        password,
        host: host.to_owned(),
        port,
        path: path.to_owned(),
    })
}

/// Decodes `%41`; what is no such code stays.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code = (byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_come_apart() {
        let parts = parse("postgres://app:p%40ss@db.example.org:5432/main?sslmode=off").unwrap();
        assert_eq!(parts.user.as_deref(), Some("app"));
        assert_eq!(parts.password.as_deref(), Some("p@ss"));
        assert_eq!((parts.host.as_str(), parts.port, parts.path.as_str()), ("db.example.org", Some(5432), "/main"));
        assert_eq!(parse("https://[::1]:8200").unwrap().host, "::1");
        assert_eq!(parse("amqp://a:b@c@host/").unwrap().password.as_deref(), Some("b@c"));
        for wrong in ["vault", "vault:8200", "://x", "http://", "http://a b/", "http://h:port/"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
