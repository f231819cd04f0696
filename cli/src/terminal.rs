//! What is known of the terminal.

use std::io::{self, IsTerminal, Write};

use crate::args::Color;

/// Whether to use colours on the standard output.
pub fn color(when: Color) -> bool {
    match when {
        Color::Always => true,
        Color::Never => false,
        // https://no-color.org
        Color::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Writes to the standard output. A reader that went away is no error.
pub fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(format!("the standard output: {error}")),
        _ => Ok(()),
    }
}
