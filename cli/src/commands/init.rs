//! `tacit init`: a project or a pack of rules that works as it is.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};

use tacit_engine::config::plain;

use crate::args::{InitArgs, InitKind};
use crate::status::Status;
use crate::terminal;

const PROJECT: &str = include_str!("../../templates/tacit.toml");
const RULE: &str = include_str!("../../templates/first-rule.tacit");
const PACK: &str = include_str!("../../templates/pack.md");

/// Writes the files. Nothing that is there is overwritten.
pub fn run(args: &InitArgs) -> Result<Status, String> {
    let files: &[(&str, &str)] = match args.kind {
        InitKind::Project => &[("tacit.toml", PROJECT), ("rules/first-rule.tacit", RULE)],
        InitKind::Pack => &[("README.md", PACK), ("rules/first-rule.tacit", RULE)],
    };
    let mut said = String::new();
    for (name, text) in files {
        let path = args.dir.join(name);
        let shown = path.display();
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|error| format!("{}: {}", parent.display(), plain(&error)))?;
        }
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).map_err(|error| format!("{shown}: {}", plain(&error)))?;
                said += &format!("wrote {shown}\n");
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(format!("{shown} is there already: remove it, or choose another directory"));
            }
            Err(error) => return Err(format!("{shown}: {}", plain(&error))),
        }
    }
    said += match args.kind {
        InitKind::Project => "next: `tacit test` runs the first test, `tacit check` checks the manifests here\n",
        InitKind::Pack => "next: `tacit test rules` runs the first test\n",
    };
    terminal::print(&said)?;
    Ok(Status::Clean)
}
