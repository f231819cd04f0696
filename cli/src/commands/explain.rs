//! `tacit explain`: a rule or a diagnostic in full.

use std::fmt::Write;

use tacit_engine::select::Selection;
use tacit_lang::ir::{Const, Program, Rule};
use tacit_lang::schema::{Schemas, nearest};
use tacit_lang::{codes, ir};

use crate::args::ExplainArgs;
use crate::library::Library;
use crate::project::Rules;
use crate::status::Status;
use crate::{markdown, terminal};

/// Writes the page.
pub fn run(args: &ExplainArgs) -> Result<Status, String> {
    let color = terminal::color(args.color);
    if let Some(entry) = codes::find(&args.id) {
        terminal::print(&markdown::paint(entry.page, color))?;
        return Ok(Status::Clean);
    }
    let rules = Rules::read(&args.rules)?;
    let library = Library::load(&rules)?;
    let compiled = library.compile(&Schemas::builtin(), &Selection::default(), None);
    let program = &compiled.program;
    let named = |rule: &&std::sync::Arc<Rule>| {
        rule.id().eq_ignore_ascii_case(&args.id) || rule.name.eq_ignore_ascii_case(&args.id)
    };
    let Some(rule) = program.rules.iter().find(named) else {
        let names = program.rules.iter().flat_map(|rule| [&**rule.id(), &*rule.name]);
        let known = names.chain(codes::ALL.iter().map(|entry| entry.code.0));
        let help = match nearest(&args.id, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`tacit rules` lists the rules".to_owned(),
        };
        return Err(format!("there is no rule or diagnostic `{}`: {help}", args.id));
    };
    terminal::print(&markdown::paint(&page(rule, program, &library), color))?;
    Ok(Status::Clean)
}

/// The page of a rule, in Markdown.
pub fn page(rule: &Rule, program: &Program, library: &Library) -> String {
    let mut page = String::new();
    let id = if rule.code.is_some() { format!("{} {}", rule.id(), rule.name) } else { rule.name.to_string() };
    let _ = writeln!(page, "# {id}\n\n{} ({})\n", rule.title, rule.severity.as_str());
    if !rule.doc.is_empty() {
        let _ = writeln!(page, "{}\n", rule.doc);
    }
    if !rule.remedy.is_empty() {
        let _ = writeln!(page, "## What to do\n\n{}\n", rule.remedy);
    }
    let params: Vec<&ir::Param> = program.params.iter().filter(|param| param.module == rule.module).collect();
    if !params.is_empty() {
        let _ = writeln!(page, "## Params\n");
        for param in params {
            let _ = writeln!(page, "- `{}: {} = {}` {}", param.name, param.ty, constant(&param.default), param.doc);
        }
        page.push('\n');
    }
    if !rule.controls.is_empty() {
        let list: Vec<String> = rule.controls.iter().map(|(framework, item)| format!("{framework} {item}")).collect();
        let _ = writeln!(page, "## Controls\n\n{}\n", list.join(", "));
    }
    if !rule.docs.is_empty() {
        let _ = writeln!(page, "## Read more\n");
        for address in &rule.docs {
            let _ = writeln!(page, "- {address}");
        }
        page.push('\n');
    }
    let text = library.module_text(&rule.module).and_then(|text| text.get(rule.span.range())).unwrap_or_default();
    let _ = writeln!(page, "## The rule\n\n```tacit\n{text}\n```");
    page
}

/// A value as rules write it.
pub fn constant(value: &Const) -> String {
    match value {
        Const::String(text) => format!("{text:?}"),
        Const::Int(value) => value.to_string(),
        Const::Number(value) => value.to_string(),
        Const::Bool(value) => value.to_string(),
        Const::Duration(value) => tacit_engine::time::format_duration(*value),
        Const::Time(value) => tacit_engine::time::format_time(*value),
        Const::Regex(text) => format!("/{text}/"),
        Const::List(items) => format!("[{}]", items.iter().map(constant).collect::<Vec<_>>().join(", ")),
        Const::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| format!("{key}: {}", constant(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
    }
}
