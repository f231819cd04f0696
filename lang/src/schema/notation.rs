//! The notation of the shipped tables: one field a line, one space of indentation a level.
//!
//! ```text
//! kind Deployment apps deployments ns short=deploy        name, group (- for core), plural (- for files), scope
//!  %v1 storage                                            a version
//!  %extensions/v1beta1 unserved removed=1.16 use=apps/v1  a version in a former group
//!  spec @DeploymentSpec                                   a field; apiVersion, kind and metadata are implied
//! type DeploymentSpec                                     a named type; what follows the first dot only tells
//!  replicas i                                             types of one short name apart (type Event.events)
//!  minReadySeconds i =0
//!  strategy +                                             + : fields beside those below may be there
//!   rules[]! s{A|B} l=set                                 ! : required; [] a list, {} a map
//!   &PodSpec                                              the fields of a named type as well
//! ```
//!
//! Types: `s` text, `s{A|B}` with its allowed values, `i` whole number, `n` number, `b` boolean, `y` bytes,
//! `t` time, `x` whole number or text, `q` quantity, `*` anything, `+` open object, `@Name` a named type; nothing
//! for an object whose fields follow. Attributes: `f=` format, `l=set`, `l=key,key` list keys, `v=` versions that
//! have the field, `r=` versions that require it, `a=VERSION:TYPE` its type in an older version (`[T` list, `{T`
//! map). A default is JSON after `=` and ends the line.

use super::model::{Deprecation, SchemaValue, Scope, VersionInfo};
use std::sync::Arc;

/// Number of leading spaces.
pub(super) fn indent(line: &str) -> usize {
    line.bytes().take_while(|b| *b == b' ').count()
}

/// The head of a `kind` line.
pub(super) struct KindHead<'a> {
    pub name: &'a str,
    pub group: &'a str,
    pub plural: &'a str,
    pub scope: Scope,
    pub alias: Option<&'a str>,
    /// Separated by commas.
    pub short_names: &'a str,
    pub open: bool,
}

/// Reads a `kind` line.
pub(super) fn kind_head(line: &str) -> Option<KindHead<'_>> {
    let mut words = line.strip_prefix("kind ")?.split(' ');
    let name = words.next()?;
    let group = dash(words.next()?);
    let plural = dash(words.next()?);
    let scope = match words.next()? {
        "ns" => Scope::Namespaced,
        "cluster" => Scope::Cluster,
        "file" => Scope::File,
        _ => return None,
    };
    let mut head = KindHead { name, group, plural, scope, alias: None, short_names: "", open: false };
    for word in words {
        match word.split_once('=') {
            Some(("alias", v)) => head.alias = Some(v),
            Some(("short", v)) => head.short_names = v,
            None if word == "open" => head.open = true,
            _ => return None,
        }
    }
    Some(head)
}

fn dash(word: &str) -> &str {
    if word == "-" { "" } else { word }
}

/// Reads a version line (without its indentation) of a kind of `group`.
pub(super) fn version(line: &str, group: &str) -> Option<VersionInfo> {
    let mut words = line.strip_prefix('%')?.split(' ');
    let full = words.next()?;
    let (group, name) = full.split_once('/').unwrap_or((group, full));
    let mut info = VersionInfo {
        group: group.into(),
        name: name.into(),
        served: true,
        storage: false,
        deprecated: None,
        described: true,
    };
    for word in words {
        match word.split_once('=') {
            None => match word {
                "storage" => info.storage = true,
                "unserved" => info.served = false,
                "unknown" => info.described = false,
                "deprecated" => {
                    info.deprecated.get_or_insert_default();
                }
                _ => return None,
            },
            Some((key, value)) => {
                let d: &mut Deprecation = info.deprecated.get_or_insert_default();
                match key {
                    "since" => d.since = Some(value.into()),
                    "removed" => d.removed_in = Some(value.into()),
                    "use" => d.replacement = Some(value.into()),
                    _ => return None,
                }
            }
        }
    }
    Some(info)
}

/// A step from a field to its items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wrap {
    List,
    Map,
}

/// A type as written, before names are looked up.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Written<'a> {
    /// The fields follow on the next lines; true where others may be there too.
    Fields(bool),
    /// A named type.
    Named(&'a str),
    Text,
    Values(Vec<&'a str>),
    Int,
    Number,
    Bool,
    Bytes,
    Time,
    IntOrString,
    Quantity,
    Any,
    List(Box<Written<'a>>),
    Map(Box<Written<'a>>),
}

/// A field line.
#[derive(Debug)]
pub(super) struct FieldLine<'a> {
    pub name: &'a str,
    /// Outermost first.
    pub wraps: Vec<Wrap>,
    pub required: bool,
    pub ty: Written<'a>,
    pub format: Option<&'a str>,
    pub keys: Option<Vec<&'a str>>,
    pub set: bool,
    pub versions: Option<Vec<&'a str>>,
    pub required_in: Option<Vec<&'a str>>,
    pub older: Vec<(&'a str, Written<'a>)>,
    pub default: Option<SchemaValue>,
}

/// Reads a field line, without its indentation.
pub(super) fn field(line: &str) -> Option<FieldLine<'_>> {
    let (head, mut rest) = line.split_once(' ').unwrap_or((line, ""));
    let (mut name, required) = head.strip_suffix('!').map_or((head, false), |n| (n, true));
    let mut wraps = Vec::new();
    loop {
        if let Some(n) = name.strip_suffix("[]") {
            (name, _) = (n, wraps.push(Wrap::List));
        } else if let Some(n) = name.strip_suffix("{}") {
            (name, _) = (n, wraps.push(Wrap::Map));
        } else {
            break;
        }
    }
    wraps.reverse();
    if name.is_empty() {
        return None;
    }
    let mut f = FieldLine {
        name,
        wraps,
        required,
        ty: Written::Fields(false),
        format: None,
        keys: None,
        set: false,
        versions: None,
        required_in: None,
        older: Vec::new(),
        default: None,
    };
    while !rest.is_empty() {
        if let Some(json) = rest.strip_prefix('=') {
            f.default = Some(serde_json::from_str(json).ok()?);
            break;
        }
        // Allowed values may hold spaces, so their end is the brace.
        let end = if rest.starts_with("s{") { rest.find('}')? + 1 } else { rest.find(' ').unwrap_or(rest.len()) };
        let (word, after) = rest.split_at_checked(end)?;
        rest = after.strip_prefix(' ').unwrap_or(after);
        match word.as_bytes() {
            [b'f', b'=', ..] => f.format = word.get(2..),
            [b'l', b'=', ..] if word == "l=set" => f.set = true,
            [b'l', b'=', ..] => f.keys = Some(word.get(2..)?.split(',').collect()),
            [b'v', b'=', ..] => f.versions = Some(word.get(2..)?.split(',').collect()),
            [b'r', b'=', ..] => f.required_in = Some(word.get(2..)?.split(',').collect()),
            [b'a', b'=', ..] => {
                let (version, ty) = word.get(2..)?.split_once(':')?;
                f.older.push((version, written(ty)?));
            }
            _ => f.ty = written(word)?,
        }
    }
    Some(f)
}

fn written(word: &str) -> Option<Written<'_>> {
    Some(match word {
        "s" => Written::Text,
        "i" => Written::Int,
        "n" => Written::Number,
        "b" => Written::Bool,
        "y" => Written::Bytes,
        "t" => Written::Time,
        "x" => Written::IntOrString,
        "q" => Written::Quantity,
        "*" => Written::Any,
        "+" => Written::Fields(true),
        _ => {
            if let Some(name) = word.strip_prefix('@') {
                Written::Named(name)
            } else if let Some(item) = word.strip_prefix('[') {
                Written::List(Box::new(written(item)?))
            } else if let Some(values) = word.strip_prefix("s{") {
                Written::Values(values.strip_suffix('}')?.split('|').collect())
            } else {
                Written::Map(Box::new(written(word.strip_prefix('{')?)?))
            }
        }
    })
}

/// Interned text.
pub(super) fn names(words: &[&str]) -> Arc<[Arc<str>]> {
    words.iter().map(|w| Arc::from(*w)).collect()
}
