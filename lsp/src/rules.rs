//! Rule files on disk, and those of the standard library, which an editor can look at too.

use std::path::{Path, PathBuf};

/// The rule files below a directory, sorted; none where it cannot be read.
pub fn tacit_files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(dir) = open.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !hidden => open.push(path),
                Ok(kind) if kind.is_file() && path.extension().is_some_and(|extension| extension == "tacit") => {
                    files.push(path)
                }
                _ => {}
            }
        }
    }
    files.sort();
    files
}

/// A file with the text of a module of the standard library, below the user's cache; written when first asked for.
pub fn library_file(module: &str) -> Option<PathBuf> {
    let found = tacit_stdlib::MODULES.iter().find(|other| other.name == module)?;
    let cache = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")))
        .or_else(|| std::env::var_os("LOCALAPPDATA").map(PathBuf::from))?;
    let file = cache.join("tacit").join(env!("CARGO_PKG_VERSION")).join(format!("{module}.tacit"));
    let same = std::fs::read_to_string(&file).is_ok_and(|text| text == found.text);
    if !same {
        std::fs::create_dir_all(file.parent()?).ok()?;
        std::fs::write(&file, found.text).ok()?;
    }
    Some(file)
}
