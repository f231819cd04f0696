//! What the drivers share: which files belong to a corpus.

use std::path::{Path, PathBuf};

/// The manifests below a folder, in the order of their names.
pub fn manifests(root: &Path) -> Vec<PathBuf> {
    walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml" || ext == "yml" || ext == "json"))
        .collect()
}

/// Runs one closure per file on so many threads and adds up what they return.
pub fn sum(threads: usize, files: &[PathBuf], each: impl Fn(&Path) -> u64 + Sync) -> u64 {
    use rayon::prelude::*;
    if threads == 1 {
        return files.iter().map(|path| each(path)).sum();
    }
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| files.par_iter().map(|path| each(path)).sum()),
        Err(_) => files.iter().map(|path| each(path)).sum(),
    }
}

/// The two arguments of the scanning drivers: number of threads, folder.
pub fn arguments() -> Result<(usize, PathBuf), String> {
    let mut args = std::env::args().skip(1);
    match (args.next().and_then(|n| n.parse().ok()), args.next()) {
        (Some(threads), Some(root)) => Ok((threads, root.into())),
        _ => Err("usage: THREADS FOLDER".to_owned()),
    }
}

/// What `tacit check` asks of the loader for a file without a waiver in a comment; both scanning drivers ask for the same.
pub const OPTIONS: tacit_engine::document::LoadOptions =
    tacit_engine::document::LoadOptions { comments: false, limits: tacit_engine::document::Limits::DEFAULT };
