//! `--explain RULE`: what each clause of a rule came to, object by object.

use std::fmt::Write;

use tacit_engine::verdict::{ObjectRef, TraceStep};
use tacit_lang::ir::Program;

use crate::library::Library;

/// Writes the steps of a rule, each with the part of its text.
pub fn trace(id: &str, steps: &[TraceStep], program: &Program, library: &Library, color: bool) -> String {
    let rule = program.rules.iter().find(|rule| **rule.id() == *id || *rule.name == *id);
    let Some(rule) = rule else {
        return format!("no rule `{id}` was run\n");
    };
    let text = library.module_text(&rule.module).unwrap_or_default();
    let mut out = format!("{} {}\n", rule.id(), rule.title);
    if steps.is_empty() {
        out += "  it met no object\n";
        return out;
    }
    let mut object: Option<&ObjectRef> = None;
    // Steps inside of functions and fields stand in other modules.
    for step in steps.iter().filter(|step| rule.span.contains(step.span)) {
        if step.object.as_ref() != object {
            object = step.object.as_ref();
            if let Some(object) = object {
                let namespace = object.namespace.known().map(|name| format!("{name}/")).unwrap_or_default();
                let _ = writeln!(out, "{} {namespace}{} ({})", object.kind, object.name, object.path);
            }
        }
        let part = text.get(step.span.range()).unwrap_or_default();
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let indent = 2 + 2 * usize::from(step.depth);
        let value = if color { format!("\u{1b}[36m{}\u{1b}[0m", step.value) } else { step.value.clone() };
        let _ = writeln!(out, "{:indent$}{part}  → {value}", "");
    }
    out
}
