//! `tacit compile`: rules into something else.

use tacit_cluster::{Needs, role};

use super::audit;
use crate::args::CompileArgs;
use crate::library::Library;
use crate::project::Rules;
use crate::status::Status;
use crate::{diagnostics, terminal};

/// Prints what the selected rules compile to.
pub fn run(args: &CompileArgs) -> Result<Status, String> {
    let rules = Rules::read(&args.rules)?;
    let library = Library::load(&rules)?;
    let (compiled, _) = audit::compile(&library, &rules, None);
    let color = terminal::color(args.color);
    for (problem, module) in &compiled.errors {
        eprint!("{}", diagnostics::render(problem, &library.shown(*module), library.text(*module), color));
    }
    let needs = Needs::of(&compiled.program, &compiled.schemas, args.read_secret_data);
    terminal::print(&role(&needs, &compiled.schemas, &args.name))?;
    Ok(if compiled.errors.is_empty() { Status::Clean } else { Status::Usage })
}
