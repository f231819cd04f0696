//! The `tacit` binary under test.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The root of the repository.
pub fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// A command that runs the binary of this build from the root of the repository.
///
/// A test cannot name the binary of another package, so the first call builds it, with the profile and into the target
/// folder of the test that runs. `TACIT_BIN` names another one.
///
/// # Panics
/// When the binary cannot be built: no test can run then.
pub fn tacit() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    let binary = BINARY.get_or_init(|| match std::env::var_os("TACIT_BIN") {
        Some(path) => path.into(),
        None => build(),
    });
    let mut command = Command::new(binary);
    command.current_dir(repository()).env("NO_COLOR", "1");
    command
}

/// Runs the command and gives exit status, standard output and standard error.
///
/// # Panics
/// When it cannot be started, or was killed: both are faults of the test's surroundings, or a crash.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    (status.code().expect("the binary ends by itself"), text(stdout), text(stderr))
}

/// Builds the binary and gives its path.
fn build() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    // target/debug/deps/guide-0123456789abcdef
    let profile = test.ancestors().nth(2).expect("a test lies in `deps` of its profile");
    let target = profile.parent().expect("a profile lies in a target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(repository()).args(["build", "--quiet", "-p", "tacit", "--target-dir"]).arg(target);
    if profile.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo starts").success(), "the binary does not build");
    profile.join(format!("tacit{}", std::env::consts::EXE_SUFFIX))
}
