//! The generated pages of the guide: methods and relations, from the tables that the compiler uses.

use std::fmt::Write as _;

use tacit_lang::builtin::methods::{self, Argument, Outcome, Receiver, Secrecy, Signature};
use tacit_lang::builtin::relations;

/// Says how a page comes about; stands at its top.
const GENERATED: &str =
    "<!-- Generated from lang/src/builtin. UPDATE_DOCS=1 cargo test -p tacit-tests --test reference -->\n";

/// The page of methods.
pub fn methods_page() -> String {
    let mut page = format!("# Methods\n\n{GENERATED}\n{METHODS_INTRO}\n");
    for (title, wanted) in GROUPS {
        let _ = writeln!(page, "\n## {title}\n\n| method | on | result | |\n|---|---|---|---|");
        for signature in methods::ALL.iter().filter(|s| wanted(s.receivers[0])) {
            let _ = writeln!(
                page,
                "| `{}` | {} | {} | {}{} |",
                call(signature),
                signature.receivers.iter().map(|r| receiver(*r)).collect::<Vec<_>>().join(", "),
                result(signature),
                cell(signature.doc),
                notes(signature)
            );
        }
    }
    page
}

/// The page of relations and records.
pub fn relations_page() -> String {
    let mut page = format!("# Relations and records\n\n{GENERATED}\n{RELATIONS_INTRO}\n");
    for relation in relations::ALL {
        let _ = writeln!(page, "\n## {}\n\nOne row for {}.", relation.name, relation.doc);
        if !relation.kinds.is_empty() {
            let kinds: Vec<_> = relation.kinds.iter().map(|kind| format!("`{kind}`")).collect();
            let _ = match relation.kinds {
                ["*"] => writeln!(page, "It reads every kind of the input."),
                _ => writeln!(page, "It reads {}.", kinds.join(", ")),
            };
        }
        columns(&mut page, relation.columns);
    }
    page.push_str("\n# Records\n\nWhat attributes, methods and columns yield.\n");
    for record in relations::RECORDS {
        let _ = writeln!(page, "\n## {}\n\n{}.", record.name, capital(record.doc));
        columns(&mut page, record.columns);
    }
    page
}

const METHODS_INTRO: &str = "\
A method is written after a dot: `v.spec.refreshAfter.duration()`. On a missing receiver it gives missing, as navigation \
does. None of them reads the world: same receiver, same arguments, same result.

In the column *result*, `?` says that the result may be missing although the receiver is present, for instance because \
the text does not parse.";

const RELATIONS_INTRO: &str = "\
The engine computes these rows; rules go over them with `for`, `any`, `all` and comprehensions, as they go over kinds.";

/// A heading and the receivers that stand under it; every method stands under exactly one.
type Group = (&'static str, fn(Receiver) -> bool);

const GROUPS: &[Group] = &[
    ("Text and bytes", |r| matches!(r, Receiver::String)),
    ("Numbers, times and other values", |r| {
        matches!(r, Receiver::Bytes | Receiver::Int | Receiver::Bool | Receiver::Duration | Receiver::Time)
    }),
    ("Lists and maps", |r| matches!(r, Receiver::List | Receiver::StringList | Receiver::Map)),
    ("Objects, containers and rows", |r| matches!(r, Receiver::Object | Receiver::Struct(_) | Receiver::Row(_))),
];

fn columns(page: &mut String, columns: &[(&str, &str, &str)]) {
    page.push_str("\n| column | type | |\n|---|---|---|\n");
    for (name, of, doc) in columns {
        let _ = writeln!(page, "| `{name}` | `{}` | {} |", cell(of), cell(doc));
    }
}

fn call(signature: &Signature) -> String {
    if !signature.call {
        return format!(".{}", signature.name);
    }
    let params: Vec<_> = signature
        .params
        .iter()
        .enumerate()
        .map(|(i, (name, of))| format!("{name}: {}{}", argument(*of), if i < signature.required { "" } else { "?" }))
        .collect();
    format!(".{}({})", signature.name, params.join(", "))
}

fn receiver(receiver: Receiver) -> String {
    match receiver {
        Receiver::String => "string".to_owned(),
        Receiver::Bytes => "bytes".to_owned(),
        Receiver::Int => "int".to_owned(),
        Receiver::Bool => "bool".to_owned(),
        Receiver::Duration => "duration".to_owned(),
        Receiver::Time => "time".to_owned(),
        Receiver::List => "any list".to_owned(),
        Receiver::StringList => "list of string".to_owned(),
        Receiver::Map => "any map".to_owned(),
        Receiver::Object => "any object".to_owned(),
        Receiver::Struct(name) | Receiver::Row(name) => format!("`{name}`"),
    }
}

fn argument(argument: Argument) -> &'static str {
    match argument {
        Argument::String => "string",
        Argument::Int => "int",
        Argument::Pattern => "string or regex",
        Argument::Labels => "map of string",
        Argument::Object => "object",
    }
}

fn result(signature: &Signature) -> String {
    let base = match signature.result {
        Outcome::String => "string",
        Outcome::Int => "int",
        Outcome::Number => "number",
        Outcome::Bool => "bool",
        Outcome::Duration => "duration",
        Outcome::Time => "time",
        Outcome::Bytes => "bytes",
        Outcome::Any => "any",
        Outcome::StringList => "list of string",
        Outcome::Same => "as the receiver",
        Outcome::Elements => "list of the elements",
        Outcome::Record(name) => return link(name, signature.partial),
        Outcome::Records(name) => return format!("list of {}", link(name, signature.partial)),
    };
    format!("{base}{}", if signature.partial { "?" } else { "" })
}

fn link(record: &str, partial: bool) -> String {
    format!("[{record}](relations.md#{}){}", record.to_lowercase(), if partial { "?" } else { "" })
}

fn notes(signature: &Signature) -> &'static str {
    match (signature.false_on_missing, signature.secrecy) {
        (true, _) => "; false on a missing receiver; public",
        (false, Secrecy::Public) => "; public, also of a confidential value",
        (false, Secrecy::Inherit | Secrecy::Declared) => "",
    }
}

/// A text for a table cell: bars would end it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
