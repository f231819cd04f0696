//! The floor: every event of the YAML parser that Tacit is built on, with the options that Tacit gives it, thrown away.
//!
//! `events THREADS FOLDER`

use std::error::Error;
use std::hint::black_box;
use std::path::Path;

use granit_parser::Parser;
use tacit_bench_driver::{OPTIONS, arguments, manifests, sum};

fn main() -> Result<(), Box<dyn Error>> {
    let (threads, root) = arguments()?;
    println!("{}", sum(threads, &manifests(&root), events));
    Ok(())
}

/// Number of events of a file.
fn events(path: &Path) -> u64 {
    let Ok(text) = std::fs::read_to_string(path) else { return 0 };
    let depth = OPTIONS.limits.depth as usize;
    let options = granit_parser::options! {
        emit_comments: OPTIONS.comments,
        max_buffered_comment_events: usize::MAX,
        flow_nesting_limit: depth,
        block_nesting_limit: depth,
    };
    let mut parser = Parser::new_from_str_with_options(&text, options);
    let mut count = 0;
    while let Some(Ok(event)) = parser.next_event() {
        black_box(&event);
        count += 1;
    }
    count
}
