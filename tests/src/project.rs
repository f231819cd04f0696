//! A directory with manifests and rules, and the binary run in it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::binary;

/// A temporary project.
pub struct Project {
    dir: TempDir,
}

/// What a run said.
#[derive(Debug)]
pub struct Said {
    /// Exit status.
    pub status: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// The standard output as JSON.
    ///
    /// # Panics
    /// When it is none; the test shows both streams then.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}

impl Project {
    /// A project with these files.
    ///
    /// # Panics
    /// When they cannot be written.
    pub fn new(files: &[(&str, &str)]) -> Project {
        let project = Project { dir: tempfile::tempdir().expect("a temporary directory") };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// Writes a file.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a file lies in a directory")).expect("directories can be made");
        fs::write(path, text).expect("files can be written");
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The text of a file.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join(name)).expect("the file is there")
    }

    /// Runs the binary with the project as its working directory.
    pub fn tacit(&self, args: &[&str]) -> Said {
        let (status, out, err) = binary::run(binary::tacit().current_dir(self.dir.path()).args(args));
        Said { status, out, err }
    }

    /// Runs it with a text on its standard input.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn tacit_with_input(&self, args: &[&str], input: &str) -> Said {
        self.write(".stdin", input);
        let file = fs::File::open(self.dir.path().join(".stdin")).expect("the file is there");
        let (status, out, err) = binary::run(binary::tacit().current_dir(self.dir.path()).args(args).stdin(file));
        Said { status, out, err }
    }

    /// Checks with the rules of `rules/` alone, at a fixed instant, and gives the JSON report.
    pub fn check(&self, args: &[&str]) -> (i32, Value) {
        let mut all = vec!["check", ".", "--no-std", "--rules", "rules", "--now", "2026-06-01", "--format", "json"];
        all.extend(args);
        let said = self.tacit(&all);
        (said.status, said.json())
    }
}
