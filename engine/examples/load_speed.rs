//! Measures what loading costs beside the bare events of the parser, over all YAML files below a folder:
//!
//! ```text
//! cargo run --release -p tacit-engine --example load_speed -- FOLDER [THREADS] [ROUNDS]
//! ```
//!
//! Prints, for one thread and for THREADS, the best of ROUNDS: events without and with comments, trees likewise, trees by
//! a builder that keeps its memory, trees of Secrets only. Reading the files is not counted.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use std::{env, fs};

use granit_parser::{Event, Parser, Span, SpannedEventReceiver};
use rayon::prelude::*;
use tacit_engine::document::{LoadOptions, SourceText, TreeBuilder, load_yaml, load_yaml_filtered};

fn main() {
    let mut arguments = env::args().skip(1);
    let folder = arguments.next().expect("the folder to read");
    let threads: usize = arguments.next().map_or(2, |text| text.parse().expect("a number of threads"));
    let rounds: usize = arguments.next().map_or(5, |text| text.parse().expect("a number of rounds"));
    let mut sources = Vec::new();
    collect(Path::new(&folder), &mut sources);
    let bytes: usize = sources.iter().map(|source| source.text.len()).sum();
    println!("{} files, {:.1} MB", sources.len(), bytes as f64 / 1e6);

    for threads in [1, threads] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let plain = LoadOptions::default();
        let commented = LoadOptions { comments: true, ..plain };
        type Pass<'p> = (&'p str, Box<dyn Fn(&[Arc<SourceText>]) -> usize + Sync + 'p>);
        let passes: [Pass; 6] = [
            ("events", Box::new(|part| part.iter().map(|source| events(&source.text, false)).sum())),
            ("events, comments", Box::new(|part| part.iter().map(|source| events(&source.text, true)).sum())),
            (
                "trees",
                Box::new(|part| part.iter().map(|source| load_yaml(Arc::clone(source), &plain).documents.len()).sum()),
            ),
            (
                "trees, comments",
                Box::new(|part| {
                    part.iter().map(|source| load_yaml(Arc::clone(source), &commented).documents.len()).sum()
                }),
            ),
            (
                "trees, memory kept",
                Box::new(|part| {
                    let mut builder = TreeBuilder::new();
                    part.iter()
                        .map(|source| {
                            let file = builder.load_yaml(source, &plain);
                            file.documents.into_iter().map(|document| builder.recycle(document)).count()
                        })
                        .sum()
                }),
            ),
            (
                "trees of Secrets",
                Box::new(|part| {
                    let secrets = |_: Option<&str>, kind: Option<&str>| kind == Some("Secret");
                    part.iter()
                        .map(|source| load_yaml_filtered(Arc::clone(source), &plain, &secrets).documents.len())
                        .sum()
                }),
            ),
        ];
        let mut best = [Duration::MAX; 6];
        let mut counts = [0; 6];
        // Round by round, so that a busy machine hits all passes alike.
        for _ in 0..rounds {
            for (at, (_, pass)) in passes.iter().enumerate() {
                let start = Instant::now();
                counts[at] = pool.install(|| sources.par_chunks(64).map(pass).sum());
                best[at] = best[at].min(start.elapsed());
            }
        }
        for (at, (name, _)) in passes.iter().enumerate() {
            let time = best[at].as_secs_f64();
            println!(
                "{threads} thread(s) {name:20} {:7.1} ms {:6.1} MB/s {:5.2} x events  {} counted",
                time * 1e3,
                bytes as f64 / 1e6 / time,
                time / best[usize::from(name.ends_with("comments"))].as_secs_f64(),
                counts[at]
            );
        }
    }
}

fn collect(folder: &Path, sources: &mut Vec<Arc<SourceText>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, sources);
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            sources.extend(SourceText::from_bytes(path.to_string_lossy().as_ref(), fs::read(&path).expect("a file")));
        }
    }
}

/// Counts nodes and does nothing else.
struct Counter(usize);

impl<'e> SpannedEventReceiver<'e> for Counter {
    fn on_event(&mut self, event: Event<'e>, _: Span) {
        self.0 += usize::from(std::hint::black_box(event).is_node());
    }
}

fn events(text: &str, comments: bool) -> usize {
    let options = granit_parser::options! { emit_comments: comments, max_buffered_comment_events: usize::MAX };
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut counter = Counter(0);
    while parser.load(&mut counter, true).is_err() {
        if !parser.proceed_next_document().unwrap_or(false) {
            break;
        }
    }
    counter.0
}
