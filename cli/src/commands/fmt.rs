//! `tacit fmt`: one layout for all rule files.

use std::io::Read;
use std::path::PathBuf;

use tacit_engine::config::plain;
use tacit_engine::library::tacit_files;
use tacit_lang::fmt::format;

use crate::args::{FmtArgs, RuleArgs};
use crate::project::Rules;
use crate::status::Status;
use crate::{diagnostics, terminal};

/// Formats files in place, or tells which are not formatted.
pub fn run(args: &FmtArgs) -> Result<Status, String> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return stdin(args.check);
    }
    let paths = if args.paths.is_empty() { Rules::read(&RuleArgs::default())?.paths } else { args.paths.clone() };
    if paths.is_empty() {
        return Err("there is nothing to format: name rule files, or a directory with some".to_owned());
    }
    let mut files: Vec<PathBuf> = Vec::new();
    for path in paths {
        if path.is_dir() { files.extend(tacit_files(&path)?) } else { files.push(path) }
    }
    let (mut changed, mut broken) = (0, 0);
    let mut out = String::new();
    for file in files {
        let shown = file.display();
        let text = std::fs::read_to_string(&file).map_err(|error| format!("{shown}: {}", plain(&error)))?;
        match format(&text) {
            Err(problems) => {
                broken += 1;
                for problem in problems {
                    eprint!("{}", diagnostics::render(&problem, &shown.to_string(), &text, false));
                }
            }
            Ok(formatted) if formatted == text => {}
            Ok(formatted) => {
                changed += 1;
                if args.check {
                    out += &format!("{shown} is not formatted\n");
                } else {
                    std::fs::write(&file, formatted).map_err(|error| format!("{shown}: {}", plain(&error)))?;
                    out += &format!("formatted {shown}\n");
                }
            }
        }
    }
    terminal::print(&out)?;
    Ok(match (broken, changed) {
        (0, 0) => Status::Clean,
        (0, _) if args.check => Status::Findings,
        (0, _) => Status::Clean,
        _ => Status::Usage,
    })
}

fn stdin(check: bool) -> Result<Status, String> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .read_to_string(&mut text)
        .map_err(|error| format!("the standard input: {}", plain(&error)))?;
    match format(&text) {
        Ok(formatted) if check => Ok(if formatted == text { Status::Clean } else { Status::Findings }),
        Ok(formatted) => {
            terminal::print(&formatted)?;
            Ok(Status::Clean)
        }
        Err(problems) => {
            for problem in problems {
                eprint!("{}", diagnostics::render(&problem, "-", &text, false));
            }
            Ok(Status::Usage)
        }
    }
}
