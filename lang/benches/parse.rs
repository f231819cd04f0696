//! How fast a large library is split into items, cut into heads, parsed and formatted, in MB/s.
//!
//! `cargo bench -p tacit-lang --bench parse`

use std::hint::black_box;
use std::time::Instant;

use tacit_lang::fmt::format;
use tacit_lang::lexer::{heads, items};
use tacit_lang::parse::parse;

const SOURCES: [&str; 2] = [include_str!("../tests/fixtures/first.tacit"), include_str!("../tests/fixtures/ten.tacit")];

/// Runs often enough to be steady; gives the best time in milliseconds.
fn best(mut run: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..15 {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64() * 1000.0);
    }
    best
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
    report("items", best(|| drop(black_box(items(&text)))));
    report("items and heads", best(|| items(&text).iter().for_each(|raw| drop(black_box(heads(&text, raw))))));
    report("parse", best(|| drop(black_box(parse(&text)))));
    report("parse, one in ten broken", best(|| drop(black_box(parse(&broken)))));
    report("format", best(|| drop(black_box(format(&text)))));
}
