//! What the schemas cost a program that starts: `cargo bench -p tacit-lang --bench schema`.
//!
//! The first figures are those of a fresh process, once each; they are what a run of the binary pays.

use std::hint::black_box;
use std::time::{Duration, Instant};
use tacit_lang::schema::Schemas;

fn main() {
    let (schemas, index) = timed(Schemas::builtin);
    let (kind, lookup) = timed(|| schemas.kind_of("apps", "Deployment"));
    let Some(kind) = kind else { return println!("no Deployment in the table") };
    let (paths, decode) = timed(|| schemas.field_paths(kind).len());
    let (all, rest) = timed(|| schemas.kinds().map(|k| schemas.field_paths(k).len()).sum::<usize>());
    println!("first Schemas::builtin()               {index:>12.2?}");
    println!("first kind_of(apps, Deployment)        {lookup:>12.2?}");
    println!("decoding and walking Deployment        {decode:>12.2?}   {paths} paths");
    println!("decoding and walking every kind        {rest:>12.2?}   {all} paths");

    const TIMES: u32 = 100_000;
    let (_, handles) = timed(|| (0..TIMES).for_each(|_| drop(black_box(Schemas::builtin()))));
    let (_, lookups) = timed(|| {
        (0..TIMES).for_each(|_| {
            black_box(schemas.kind_of(black_box("apps"), black_box("Deployment")));
        });
    });
    println!("later Schemas::builtin()               {:>12.2?}", handles / TIMES);
    println!("later kind_of                          {:>12.2?}", lookups / TIMES);
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}
