//! `--watch`: check again when a file changes.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use notify::{EventKind, RecursiveMode, Watcher};

use crate::args::CheckArgs;
use crate::project::Rules;
use crate::status::Status;

/// Editors write a file in several steps: a change counts when nothing happened for this long.
const QUIET: Duration = Duration::from_millis(120);

/// Checks, waits for a change of the input or the rules, and checks again, until it is interrupted.
pub fn run(args: &CheckArgs, check: impl Fn(&CheckArgs) -> Result<Status, String>) -> Result<Status, String> {
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err("the standard input cannot be watched: name files or directories".to_owned());
    }
    let (send, changes) = mpsc::channel();
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && matters(&event)
        {
            let _ = send.send(());
        }
    })
    .map_err(|error| format!("changes cannot be watched: {error}"))?;
    let mut watched: Vec<PathBuf> = args.paths.clone();
    if let Ok(rules) = Rules::read(&args.rules) {
        watched.extend(rules.paths);
        watched.extend(rules.config.file);
    }
    for path in watched.iter().filter(|path| path.exists()) {
        watcher
            .watch(path, RecursiveMode::Recursive)
            .map_err(|error| format!("{} cannot be watched: {error}", path.display()))?;
    }
    loop {
        if let Err(message) = check(args) {
            eprintln!("tacit: {message}");
        }
        eprintln!("tacit: waiting for changes");
        if changes.recv().is_err() {
            return Ok(Status::Clean);
        }
        while !matches!(changes.recv_timeout(QUIET), Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected)) {}
    }
}

/// True for a change of a file that a check reads.
fn matters(event: &notify::Event) -> bool {
    let reads = |path: &Path| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let extension = path.extension().map(|extension| extension.to_string_lossy().into_owned()).unwrap_or_default();
        matches!(&*extension, "yaml" | "yml" | "json" | "tacit" | "toml")
            || name == "Kustomization"
            || name == ".gitignore"
    };
    !matches!(event.kind, EventKind::Access(_)) && event.paths.iter().any(|path| reads(path))
}
