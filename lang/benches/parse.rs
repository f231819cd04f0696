//! How fast a large library is split into items, cut into heads, parsed and formatted, in MB/s.
//!
//! Processor time where Linux tells it, so that other work on the machine does not count.
//!
//! `cargo bench -p tacit-lang --bench parse`

use std::hint::black_box;
use std::time::Instant;

use tacit_lang::fmt::format;
use tacit_lang::lexer::{heads, items};
use tacit_lang::parse::parse;

const SOURCES: [&str; 2] = [include_str!("../tests/fixtures/first.tacit"), include_str!("../tests/fixtures/ten.tacit")];

/// Time that this thread has run, in milliseconds; `None` where the system does not tell.
fn thread_time() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(stat.split(' ').next()?.parse::<f64>().ok()? / 1e6)
}

/// Runs for a second or so, since the clock of a thread may be coarse; gives the mean time in milliseconds.
fn mean(mut run: impl FnMut()) -> f64 {
    let (start, cpu) = (Instant::now(), thread_time());
    let mut runs = 0.0;
    loop {
        run();
        runs += 1.0;
        let wall = start.elapsed().as_secs_f64() * 1000.0;
        let time = cpu.zip(thread_time()).map_or(wall, |(before, after)| after - before);
        if time > 1000.0 {
            return time / runs;
        }
    }
}

fn main() {
    let mut text = String::new();
    while text.len() < 1_000_000 {
        for source in SOURCES {
            text.push_str(source);
            text.push('\n');
        }
    }
    let megabytes = text.len() as f64 / 1e6;
    // One item in ten loses an operand.
    let mut broken = String::new();
    for (index, raw) in items(&text).iter().enumerate() {
        let item = &text[raw.span.range()];
        broken.push_str(&if index % 10 == 0 { item.replacen("== ", "== )", 1) } else { item.to_owned() });
        broken.push('\n');
    }
    let raws = items(&text);
    println!("{megabytes:.2} MB, {} items", raws.len());
    let report = |what: &str, time: f64| println!("{what:<28} {time:>8.2} ms {:>8.0} MB/s", megabytes / time * 1000.0);
    report("items", mean(|| drop(black_box(items(&text)))));
    report("items and heads", mean(|| items(&text).iter().for_each(|raw| drop(black_box(heads(&text, raw))))));
    report("parse", mean(|| drop(black_box(parse(&text)))));
    report("parse, one in ten broken", mean(|| drop(black_box(parse(&broken)))));
    report("format", mean(|| drop(black_box(format(&text)))));
}
