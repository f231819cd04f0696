//! Tacit's own loader without rules: the tree of every document, with spans, built and thrown away.
//!
//! `loader THREADS FOLDER`

use std::cell::RefCell;
use std::error::Error;
use std::path::Path;

use tacit_bench_driver::{OPTIONS, arguments, manifests, sum};
use tacit_engine::document::{SourceText, TreeBuilder};

thread_local! {
    /// One a thread, as in a run: it keeps its memory from file to file.
    static BUILDER: RefCell<TreeBuilder> = RefCell::new(TreeBuilder::new());
}

fn main() -> Result<(), Box<dyn Error>> {
    let (threads, root) = arguments()?;
    println!("{}", sum(threads, &manifests(&root), documents));
    Ok(())
}

/// Number of documents of a file.
fn documents(path: &Path) -> u64 {
    let Ok(bytes) = std::fs::read(path) else { return 0 };
    let Ok(source) = SourceText::from_bytes(path.to_string_lossy(), bytes) else { return 0 };
    BUILDER.with_borrow_mut(|builder| {
        let loaded = builder.load_yaml(&source, &OPTIONS);
        let count = loaded.documents.len() as u64;
        for document in loaded.documents {
            builder.recycle(document);
        }
        count
    })
}
