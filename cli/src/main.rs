//! The `tacit` command.

mod args;
mod clock;
mod commands;
mod diagnostics;
mod evaluation;
mod explanation;
mod library;
mod markdown;
mod output;
mod progress;
mod project;
mod status;
mod terminal;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory, FromArgMatches};

use args::{Cli, Command};
use status::Status;

fn main() -> ExitCode {
    hide_panics();
    let parsed = Cli::command().try_get_matches().and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        match (&mut cli.command, matches.subcommand()) {
            (Command::Check(args), Some((_, matches))) => args.report.reports = reports(matches),
            (Command::Audit(args), Some((_, matches))) => args.report.reports = reports(matches),
            _ => {}
        }
        Ok(cli)
    });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { Status::Usage.into() } else { Status::Clean.into() };
        }
    };
    let status = match cli.command {
        Command::Check(args) => commands::check::run(&args),
        Command::Audit(args) => commands::audit::run(&args),
        Command::Compile(args) => commands::compile::run(&args),
        Command::WhoCan(args) => commands::who_can::run(&args),
        Command::Test(args) => commands::test::run(&args),
        Command::Fmt(args) => commands::fmt::run(&args),
        Command::Fix(args) => commands::fix::run(&args),
        Command::Lint(args) => commands::lint::run(&args),
        Command::Explain(args) => commands::explain::run(&args),
        Command::Rules(args) => commands::rules::run(&args),
        Command::Init(args) => commands::init::run(&args),
        Command::Lsp => commands::lsp::run(),
        Command::Completions(args) => commands::completions::run(&args),
    };
    match status {
        Ok(status) => status.into(),
        Err(message) => {
            for line in message.lines() {
                eprintln!("tacit: {line}");
            }
            Status::Usage.into()
        }
    }
}

/// Formats and where each goes: an `--output` belongs to the `--format` before it.
fn reports(matches: &ArgMatches) -> Vec<(String, Option<PathBuf>)> {
    let mut said: Vec<(usize, Said)> = Vec::new();
    if let (Some(indices), Some(formats)) = (matches.indices_of("format"), matches.get_many::<String>("format")) {
        said.extend(indices.zip(formats.cloned().map(Said::Format)));
    }
    if let (Some(indices), Some(files)) = (matches.indices_of("output"), matches.get_many::<PathBuf>("output")) {
        said.extend(indices.zip(files.cloned().map(Said::Output)));
    }
    said.sort_by_key(|(index, _)| *index);
    let mut reports: Vec<(String, Option<PathBuf>)> = Vec::new();
    for (_, said) in said {
        match (said, reports.last_mut()) {
            (Said::Format(format), _) => reports.push((format, None)),
            (Said::Output(file), Some((_, output @ None))) => *output = Some(file),
            // One without a format of its own is the text.
            (Said::Output(file), _) => reports.push(("text".to_owned(), Some(file))),
        }
    }
    if reports.is_empty() {
        reports.push(("text".to_owned(), None));
    }
    reports
}

enum Said {
    Format(String),
    Output(PathBuf),
}

/// A panic tells where in the program it happened and nothing else: its message could hold a part of the input.
fn hide_panics() {
    std::panic::set_hook(Box::new(|info| {
        let at = info.location().map(|at| format!(" at {}:{}", at.file(), at.line())).unwrap_or_default();
        eprintln!("tacit: internal error{at}: please report it, with the version that `tacit --version` prints");
    }));
}
