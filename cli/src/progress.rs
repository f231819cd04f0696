//! A line on the terminal while a long run goes on. It goes to the standard error, and only where that is a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tacit_engine::run::Progress;

/// The line; nothing where nobody would see it.
pub struct Line(Option<ProgressBar>);

impl Line {
    /// A line, unless `quiet`.
    pub fn new(quiet: bool) -> Line {
        if quiet || !std::io::stderr().is_terminal() {
            return Line(None);
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
        if let Ok(style) = ProgressStyle::with_template("checking {pos}/{len} files {bar:30}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Line(Some(bar))
    }

    /// Takes the line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Line {
    fn files(&self, done: usize, all: usize) {
        // Short runs show nothing, and of long ones not every file.
        if let Some(bar) = &self.0
            && all > 500
            && (done.is_multiple_of(64) || done == all)
        {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    }
}
