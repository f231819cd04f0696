//! `tacit rules`: the catalogue.

use std::fmt::Write;

use serde_json::json;
use tacit_engine::library::family;
use tacit_lang::ir::Rule;
use tacit_lang::schema::Schemas;

use crate::args::RulesArgs;
use crate::commands::explain::constant;
use crate::library::{Compiled, Library};
use crate::project::Rules;
use crate::status::Status;
use crate::{diagnostics, terminal};

/// Lists the rules, or the params.
pub fn run(args: &RulesArgs) -> Result<Status, String> {
    let rules = Rules::read(&args.rules)?;
    let library = Library::load(&rules)?;
    let compiled = library.compile(&Schemas::builtin(), &rules.selection, None);
    for (problem, module) in &compiled.errors {
        eprint!("{}", diagnostics::render(problem, &library.shown(*module), library.text(*module), false));
    }
    let out = match (args.params, args.format.as_str()) {
        (true, format) => params(&compiled, format),
        (false, "json") => json_list(&compiled)?,
        (false, "markdown") => markdown(&compiled),
        (false, _) => text(&compiled),
    };
    terminal::print(&out)?;
    Ok(if compiled.errors.is_empty() { Status::Clean } else { Status::Usage })
}

fn sorted(compiled: &Compiled) -> Vec<&Rule> {
    let mut rules: Vec<&Rule> = compiled.program.rules.iter().map(|rule| &**rule).collect();
    rules.sort_by(|a, b| a.id().cmp(b.id()));
    rules
}

fn text(compiled: &Compiled) -> String {
    let rules = sorted(compiled);
    let width = rules.iter().map(|rule| rule.id().len()).max().unwrap_or_default();
    let mut out = String::new();
    for rule in &rules {
        let _ = writeln!(out, "{:width$}  {:8}  {}", rule.id(), rule.severity.as_str(), rule.title);
    }
    let _ = writeln!(out, "\n{} rules; `tacit explain ID` tells more of one", rules.len());
    out
}

fn markdown(compiled: &Compiled) -> String {
    let mut out = String::from("| rule | name | family | severity | requirement |\n|---|---|---|---|---|\n");
    for rule in sorted(compiled) {
        let family = family(&rule.module).unwrap_or_default();
        let title = rule.title.replace('|', "\\|");
        let _ = writeln!(out, "| {} | {} | {family} | {} | {title} |", rule.id(), rule.name, rule.severity.as_str());
    }
    out
}

fn json_list(compiled: &Compiled) -> Result<String, String> {
    let rules: Vec<_> = sorted(compiled)
        .into_iter()
        .map(|rule| {
            json!({
                "id": rule.id(),
                "name": rule.name,
                "family": family(&rule.module),
                "severity": rule.severity.as_str(),
                "title": rule.title,
                "doc": rule.doc,
                "remedy": rule.remedy,
                "controls": rule.controls.iter().map(|(framework, item)| json!({"framework": framework, "item": item})).collect::<Vec<_>>(),
                "tags": rule.tags,
                "docs": rule.docs,
                "module": rule.module,
                "readsSecretData": rule.reach.secret_data,
                "local": rule.reach.local,
            })
        })
        .collect();
    serde_json::to_string_pretty(&rules).map(|text| text + "\n").map_err(|error| error.to_string())
}

fn params(compiled: &Compiled, format: &str) -> String {
    let mut params: Vec<_> = compiled.program.params.iter().collect();
    params.sort_by(|a, b| a.name.cmp(&b.name));
    let mut out = String::new();
    match format {
        "json" => {
            let list: Vec<_> = params
                .iter()
                .map(|param| {
                    json!({
                        "name": param.name,
                        "type": param.ty.to_string(),
                        "default": constant(&param.default),
                        "doc": param.doc,
                        "module": param.module,
                    })
                })
                .collect();
            out = serde_json::to_string_pretty(&list).unwrap_or_default() + "\n";
        }
        "markdown" => {
            out += "| param | type | default | meaning |\n|---|---|---|---|\n";
            for param in params {
                let _ = writeln!(
                    out,
                    "| `{}` | `{}` | `{}` | {} |",
                    param.name,
                    param.ty,
                    constant(&param.default),
                    param.doc
                );
            }
        }
        _ => {
            for param in params {
                let _ = writeln!(out, "{}: {} = {}  {}", param.name, param.ty, constant(&param.default), param.doc);
            }
        }
    }
    out
}
