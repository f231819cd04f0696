//! The rule files of the standard library, which an editor can look at too.

use std::path::PathBuf;

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
