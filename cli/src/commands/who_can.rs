//! `tacit who-can`: who may do something in a live cluster, and by which binding, role and rule.

use serde_json::{Value, json};
use tacit_cluster::{Needs, Session};
use tacit_engine::access::{Held, Question, held};
use tacit_engine::verdict::ObjectRef;
use tacit_lang::schema::Schemas;

use super::audit::options;
use crate::args::WhoCanArgs;
use crate::status::Status;
use crate::terminal;

/// Everything that RBAC decides by.
const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];

/// Tells it for every cluster that is named.
pub fn run(args: &WhoCanArgs) -> Result<Status, String> {
    let session = Session::open(&options(&args.clusters))?;
    let schemas = Schemas::builtin();
    let question = Question {
        verb: args.verb.clone(),
        name: args.name.clone(),
        namespace: args.namespace.clone(),
        ..Question::of_resource(&args.resource)
    };
    let mut status = Status::Clean;
    let mut rows: Vec<Value> = Vec::new();
    let mut text = String::new();
    let several = session.clusters().len() > 1;
    for (cluster, inventory, missing) in session.inventories(&schemas, &Needs::of_kinds(&schemas, &KINDS), &[]) {
        for lack in &missing {
            status = Status::Unread;
            eprintln!("tacit: {cluster}: {}", lack.reason);
            if !lack.need.is_empty() {
                eprintln!("tacit: {cluster}: it takes {}", lack.need);
            }
        }
        let (held, open) = held(&schemas, &inventory);
        let mut found: Vec<&Held> = held.iter().filter(|held| answers(held, &question)).collect();
        found.sort_by(|a, b| {
            (&a.subject, &a.namespace, &a.binding, &a.rule).cmp(&(&b.subject, &b.namespace, &b.binding, &b.rule))
        });
        if several {
            text.push_str(&format!("{cluster}\n"));
        }
        for held in &found {
            text.push_str(&line(held));
            rows.push(row(&cluster, held));
        }
        match (found.is_empty(), missing.is_empty()) {
            (true, true) => text.push_str(&format!("no binding lets anybody {} {}\n", args.verb, args.resource)),
            // What was not seen may well allow it.
            (_, false) => text.push_str("not everything that decides this was read: others may be allowed too\n"),
            (false, true) => {}
        }
        if open > 0 {
            eprintln!("tacit: {cluster}: of {open} subjects it is not known what their roles allow");
        }
    }
    match args.format.as_str() {
        "json" => terminal::print(&format!("{:#}\n", Value::from(rows)))?,
        _ => terminal::print(&text)?,
    }
    Ok(status)
}

/// Without a namespace or name, permissions for single ones are part of the answer.
fn answers(held: &Held, question: &Question) -> bool {
    let here = question.namespace.is_none() || held.namespace.is_none() || held.namespace == question.namespace;
    let named = question.name.is_none() || held.covers_name(question);
    here && named && held.covers_somewhere(question)
}

fn line(held: &Held) -> String {
    let subject = match &held.subject.namespace {
        Some(namespace) => format!("{} {namespace}/{}", held.subject.kind, held.subject.name),
        None => format!("{} {}", held.subject.kind, held.subject.name),
    };
    let scope = held.namespace.as_ref().map_or("everywhere".to_owned(), |namespace| format!("in {namespace}"));
    let names = if held.names.is_empty() { String::new() } else { format!(", only {}", held.names.join(", ")) };
    let role = held.role.as_ref().map_or_else(|| "its role".to_owned(), title);
    let rule = held.rule.as_ref().map(|rule| format!(" → {rule}")).unwrap_or_default();
    format!("{subject} {scope}{names}\n  {} → {role}{rule}\n", title(&held.binding))
}

fn title(object: &ObjectRef) -> String {
    match object.namespace.known() {
        Some(namespace) => format!("{} {namespace}/{}", object.kind, object.name),
        None => format!("{} {}", object.kind, object.name),
    }
}

fn row(cluster: &str, held: &Held) -> Value {
    let object = |object: &ObjectRef| {
        json!({
            "kind": &*object.kind,
            "namespace": object.namespace.known().map(|name| &**name),
            "name": &*object.name,
        })
    };
    json!({
        "cluster": cluster,
        "subject": { "kind": held.subject.kind, "name": held.subject.name, "namespace": held.subject.namespace },
        "namespace": held.namespace,
        "names": held.names,
        "binding": object(&held.binding),
        "role": held.role.as_ref().map(object),
        "rule": held.rule,
    })
}
