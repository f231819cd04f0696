//! `tacit completions`: completions for a shell.

use clap::CommandFactory;

use crate::args::{Cli, CompletionsArgs};
use crate::status::Status;
use crate::terminal;

/// Writes the completions to the standard output.
pub fn run(args: &CompletionsArgs) -> Result<Status, String> {
    let mut out = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tacit", &mut out);
    terminal::print(&String::from_utf8_lossy(&out))?;
    Ok(Status::Clean)
}
