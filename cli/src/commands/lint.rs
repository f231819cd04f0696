//! `tacit lint`: problems of rule files.

use serde_json::json;
use tacit_engine::report::text::counted;
use tacit_lang::diag::Level;
use tacit_lang::schema::Schemas;
use tacit_lang::span::LineIndex;

use crate::args::LintArgs;
use crate::library::Library;
use crate::project::Rules;
use crate::status::Status;
use crate::{diagnostics, terminal};

/// Checks rule files and lists what is wrong with them, or doubtful.
pub fn run(args: &LintArgs) -> Result<Status, String> {
    let mut rules = Rules::read(&args.rules)?;
    rules.paths.extend(args.paths.iter().cloned());
    let library = Library::load(&rules)?;
    let found = library.lint(&Schemas::builtin());
    let count = |level: Level| found.iter().filter(|(problem, _)| problem.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let color = terminal::color(args.color);
    let mut out = String::new();
    if args.format == "json" {
        let list: Vec<_> = found
            .iter()
            .map(|(problem, module)| {
                let index = LineIndex::new(library.text(*module));
                let place = |offset| index.line_column(library.text(*module), offset);
                let (start, end) = (place(problem.span.start), place(problem.span.end));
                json!({
                    "file": library.shown(*module),
                    "line": start.line, "column": start.column, "endLine": end.line, "endColumn": end.column,
                    "code": problem.code.0,
                    "level": match problem.level { Level::Error => "error", Level::Warning => "warning", Level::Hint => "hint" },
                    "message": problem.message,
                    "help": problem.help.as_ref().map(|help| &help.message),
                })
            })
            .collect();
        out = serde_json::to_string_pretty(&list).map_err(|error| error.to_string())? + "\n";
    } else {
        for (problem, module) in found.iter().filter(|(problem, _)| problem.level != Level::Hint) {
            out += &diagnostics::render(problem, &library.shown(*module), library.text(*module), color);
            out.push('\n');
        }
        let files = counted(library.project_modules(), "file");
        out += &match (errors, warnings) {
            (0, 0) => format!("no problems in {files}\n"),
            _ => format!("{}, {} in {files}\n", counted(errors, "error"), counted(warnings, "warning")),
        };
    }
    terminal::print(&out)?;
    Ok(match (errors, warnings) {
        (0, 0) => Status::Clean,
        (0, _) if !args.strict => Status::Clean,
        (0, _) => Status::Findings,
        _ => Status::Usage,
    })
}
