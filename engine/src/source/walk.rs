//! Which files are read: the tree below each path, without what `.gitignore` and excludes leave out.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex};

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use ignore::{WalkBuilder, WalkState};

use crate::config::plain;

/// What to walk.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Files, directories, or `-` for the standard input.
    pub paths: Vec<PathBuf>,
    /// Globs to leave out, in the syntax of `.gitignore`, relative to `exclude_root`.
    pub exclude: Vec<String>,
    /// The directory of the project file, or the working directory.
    pub exclude_root: PathBuf,
    /// Names of files count from this directory, as if it were the working directory; where it is empty they are as the
    /// user named them.
    pub named_from: PathBuf,
}

impl WalkOptions {
    /// A name as it is shown.
    fn name(&self, name: &Arc<str>) -> Arc<str> {
        if self.named_from.as_os_str().is_empty() {
            return name.clone();
        }
        let below = name.strip_prefix(&*shown(&self.named_from)).and_then(|rest| rest.strip_prefix('/'));
        below.map_or_else(|| name.clone(), Arc::from)
    }
}

/// A file to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundFile {
    /// Where to open it; `-` for the standard input.
    pub path: PathBuf,
    /// How it is shown: as the user named it, with `/` between the parts.
    pub shown: Arc<str>,
    /// True where its name says that it is YAML or JSON, or where it was named itself.
    pub manifest: bool,
    /// True where it was named itself, rather than found below a directory.
    pub named: bool,
}

impl FoundFile {
    /// True for the standard input.
    pub fn is_stdin(&self) -> bool {
        self.path.as_os_str() == "-"
    }

    /// Its last part.
    pub fn name(&self) -> &str {
        self.shown.rsplit('/').next().unwrap_or_default()
    }
}

/// A file, directory or template that was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The file as shown.
    pub file: Arc<str>,
    /// Why, and what to do where that is not plain.
    pub reason: String,
}

/// What a walk found, sorted by name.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Files.
    pub files: Vec<FoundFile>,
    /// What could not be listed.
    pub skipped: Vec<Skipped>,
    /// Hidden files, which hold no objects.
    pub hidden: Vec<FoundFile>,
    /// Directories that were walked.
    pub directories: Vec<PathBuf>,
}

/// Walks the paths. An exclude that is no glob is an error.
pub fn walk(options: &WalkOptions) -> Result<Found, String> {
    let exclude = excludes(options)?;
    let mut found = Found::default();
    let several = options.paths.len() > 1;
    let mut seen = HashSet::new();
    for path in &options.paths {
        if path.as_os_str() == "-" {
            found.files.push(FoundFile { path: path.clone(), shown: "-".into(), manifest: true, named: true });
            continue;
        }
        match std::fs::metadata(path) {
            Err(error) => found.skipped.push(Skipped { file: shown(path), reason: plain(&error) }),
            Ok(data) if data.is_file() => {
                found.files.push(FoundFile { path: path.clone(), shown: shown(path), manifest: true, named: true });
            }
            Ok(_) => walk_directory(path, &exclude, &mut found),
        }
    }
    for file in found.files.iter_mut().chain(&mut found.hidden) {
        file.shown = options.name(&file.shown);
    }
    found.skipped.iter_mut().for_each(|skipped| skipped.file = options.name(&skipped.file));
    // Of two names for one file the one that sorts first stays.
    found.files.sort_by(|a, b| a.shown.cmp(&b.shown).then(b.manifest.cmp(&a.manifest)).then(b.named.cmp(&a.named)));
    if several {
        found.files.retain(|file| file.is_stdin() || seen.insert(canonical(&file.path)));
    }
    found.files.dedup_by(|a, b| a.shown == b.shown);
    found.skipped.sort();
    found.hidden.sort_by(|a, b| a.shown.cmp(&b.shown));
    found.hidden.dedup_by(|a, b| a.shown == b.shown);
    found.directories.sort();
    found.directories.dedup();
    Ok(found)
}

/// The files in walked directories that Git ignores: those that the walk left out, and that no exclude does. What lies in
/// ignored directories is not looked for.
pub fn ignored(options: &WalkOptions, directories: &[PathBuf], known: &HashSet<&str>) -> Vec<FoundFile> {
    let Ok(exclude) = excludes(options) else { return Vec::new() };
    let mut found = Vec::new();
    for directory in directories {
        for entry in std::fs::read_dir(directory).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_file())
                && !known.contains(&*options.name(&shown(&path)))
                && !is_excluded(&exclude, &path, false)
            {
                let file = found_file(path);
                found.push(FoundFile { manifest: false, shown: options.name(&file.shown), ..file });
            }
        }
    }
    found.sort_by(|a, b| a.shown.cmp(&b.shown));
    found
}

fn is_excluded(exclude: &Gitignore, path: &Path, is_dir: bool) -> bool {
    let path = absolute(path);
    path.starts_with(exclude.path()) && exclude.matched(&path, is_dir).is_ignore()
}

fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn excludes(options: &WalkOptions) -> Result<Gitignore, String> {
    let mut builder = GitignoreBuilder::new(absolute(&options.exclude_root));
    for glob in &options.exclude {
        builder.add_line(None, glob).map_err(|error| format!("the exclude `{glob}` is no glob: {error}"))?;
    }
    builder.build().map_err(|error| format!("the excludes do not read: {error}"))
}

fn walk_directory(root: &Path, exclude: &Gitignore, found: &mut Found) {
    let canonical_root = canonical(root);
    let links = Mutex::new(Vec::new());
    let result = Mutex::new(Found::default());
    let filter = exclude.clone();
    WalkBuilder::new(root)
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .require_git(false)
        .follow_links(false)
        .threads(rayon::current_num_threads())
        .filter_entry(move |entry| {
            let kind = entry.file_type();
            let is_dir = kind.is_some_and(|kind| kind.is_dir());
            let is_file = kind.is_some_and(|kind| kind.is_file());
            entry.depth() == 0
                || ((is_file || !is_hidden(&entry.file_name().to_string_lossy()))
                    && !is_excluded(&filter, entry.path(), is_dir))
        })
        .build_parallel()
        .run(|| {
            Box::new(|entry| {
                match entry {
                    Ok(entry) => {
                        let Some(kind) = entry.file_type() else { return WalkState::Continue };
                        if kind.is_symlink() {
                            lock(&links).push(entry.into_path());
                        } else if kind.is_file() {
                            let hidden = is_hidden(&entry.file_name().to_string_lossy());
                            let file = found_file(entry.into_path());
                            let mut result = lock(&result);
                            if hidden {
                                result.hidden.push(FoundFile { manifest: false, ..file });
                            } else {
                                result.files.push(file);
                            }
                        } else if kind.is_dir() {
                            lock(&result).directories.push(entry.into_path());
                        }
                    }
                    Err(error) => {
                        let path = error_path(&error).unwrap_or_else(|| root.to_owned());
                        let reason = error.io_error().map_or_else(|| error.to_string(), plain);
                        lock(&result).skipped.push(Skipped { file: shown(&path), reason });
                    }
                }
                WalkState::Continue
            })
        });
    let mut result = result.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    let links = links.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
    if !links.is_empty() {
        follow_links(links, &canonical_root, &mut result);
    }
    found.files.append(&mut result.files);
    found.skipped.append(&mut result.skipped);
    found.hidden.append(&mut result.hidden);
    found.directories.append(&mut result.directories);
}

/// Links to files of the same tree stand for files that the walk does not reach otherwise (those in hidden directories, as
/// the kubelet lays out volumes). Links that lead out of the tree are not followed.
fn follow_links(mut links: Vec<PathBuf>, root: &Path, result: &mut Found) {
    links.sort();
    let mut known: HashSet<PathBuf> = result.files.iter().map(|file| canonical(&file.path)).collect();
    for link in links {
        if let Ok(target) = link.canonicalize()
            && target.is_file()
            && target.starts_with(root)
            && known.insert(target)
        {
            result.files.push(found_file(link));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

fn found_file(path: PathBuf) -> FoundFile {
    let shown = shown(&path);
    let manifest = is_manifest(&shown);
    FoundFile { path, shown, manifest, named: false }
}

/// True for a name of YAML or JSON that is not hidden.
pub fn is_manifest(shown: &str) -> bool {
    let name = shown.rsplit('/').next().unwrap_or_default();
    !is_hidden(name)
        && match name.rsplit_once('.') {
            Some((_, extension)) => matches!(extension, "yaml" | "yml" | "json"),
            None => name == "Kustomization",
        }
}

/// Hidden files hold no manifests, but for the rules of SOPS.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.') && !matches!(name, ".sops.yaml" | ".sops.yml")
}

/// A path as it is shown: without a leading `./`, with `/` between the parts.
pub fn shown(path: &Path) -> Arc<str> {
    let path = path.strip_prefix(".").ok().filter(|rest| !rest.as_os_str().is_empty()).unwrap_or(path);
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into() } else { text.replace(std::path::MAIN_SEPARATOR, "/").into() }
}

/// A path from the root of the file system, with `.` and `..` resolved by name.
pub fn absolute(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                clean.pop();
            }
            Component::CurDir => {}
            part => clean.push(part),
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        dir
    }

    fn names(dir: &Path, options: WalkOptions) -> Vec<String> {
        let found = walk(&options).unwrap();
        let prefix = format!("{}/", dir.display());
        found.files.iter().filter(|file| file.manifest).map(|file| file.shown.replace(&prefix, "")).collect()
    }

    #[test]
    fn names_count_from_a_directory_where_one_is_given() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("k8s")).unwrap();
        std::fs::write(dir.path().join("k8s/a.yaml"), "").unwrap();
        let named_from = dir.path().to_owned();
        let options = WalkOptions { paths: vec![named_from.join("k8s")], named_from, ..WalkOptions::default() };
        let found = walk(&options).unwrap();
        assert_eq!(&*found.files[0].shown, "k8s/a.yaml");
        assert_eq!(found.files[0].path, dir.path().join("k8s/a.yaml"));
    }

    #[test]
    fn gitignore_hidden_files_and_excludes_are_left_out() {
        let dir = tree(&[
            (".gitignore", "build/\n"),
            ("a.yaml", ""),
            ("b.json", ""),
            ("notes.txt", ""),
            ("build/c.yaml", ""),
            (".hidden/d.yaml", ""),
            (".sops.yaml", ""),
            ("vendor/e.yaml", ""),
            ("sub/Kustomization", ""),
        ]);
        let options = WalkOptions {
            paths: vec![dir.path().to_owned()],
            exclude: vec!["vendor/".into()],
            exclude_root: dir.path().to_owned(),
            ..WalkOptions::default()
        };
        assert_eq!(names(dir.path(), options), [".sops.yaml", "a.yaml", "b.json", "sub/Kustomization"]);
    }

    #[test]
    fn hidden_and_ignored_files_are_listed_apart() {
        let dir = tree(&[
            (".gitignore", "*.dec\nbuild/\n"),
            (".env", "A=b\n"),
            ("a.yaml", ""),
            ("secrets.yaml.dec", ""),
            ("build/c.yaml", ""),
            (".cache/x", ""),
            ("vendor/y.dec", ""),
        ]);
        let options = WalkOptions {
            paths: vec![dir.path().to_owned()],
            exclude: vec!["vendor/".into()],
            exclude_root: dir.path().to_owned(),
            ..WalkOptions::default()
        };
        let found = walk(&options).unwrap();
        let prefix = format!("{}/", dir.path().display());
        let names = |files: &[FoundFile]| files.iter().map(|file| file.shown.replace(&prefix, "")).collect::<Vec<_>>();
        assert_eq!(names(&found.hidden), [".env", ".gitignore"]);
        let known = found.files.iter().chain(&found.hidden).map(|file| &*file.shown).collect();
        assert_eq!(names(&ignored(&options, &found.directories, &known)), ["secrets.yaml.dec"]);
    }

    #[test]
    fn a_file_named_twice_is_read_once_and_a_named_file_may_have_any_extension() {
        let dir = tree(&[("a.yaml", ""), ("x.tmpl", "")]);
        let paths = vec![dir.path().to_owned(), dir.path().join("a.yaml"), dir.path().join("x.tmpl")];
        let options = WalkOptions { paths, exclude_root: dir.path().to_owned(), ..WalkOptions::default() };
        assert_eq!(names(dir.path(), options), ["a.yaml", "x.tmpl"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_tree_are_not_followed() {
        let outside = tree(&[("secret.yaml", "")]);
        let dir = tree(&[("..data/inner.yaml", "")]);
        std::os::unix::fs::symlink(outside.path().join("secret.yaml"), dir.path().join("out.yaml")).unwrap();
        std::os::unix::fs::symlink(outside.path(), dir.path().join("out")).unwrap();
        std::os::unix::fs::symlink("..data/inner.yaml", dir.path().join("inner.yaml")).unwrap();
        let options = WalkOptions { paths: vec![dir.path().to_owned()], ..WalkOptions::default() };
        assert_eq!(names(dir.path(), options), ["inner.yaml"]);
    }

    #[test]
    fn a_missing_path_is_listed() {
        let options = WalkOptions { paths: vec!["no/such/path".into()], ..WalkOptions::default() };
        let found = walk(&options).unwrap();
        assert_eq!(found.skipped[0].reason, "no such file or directory");
    }
}
