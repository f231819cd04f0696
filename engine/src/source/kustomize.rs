//! Kustomizations: which files they list, which of them are patches and not objects, and which namespace each file ends
//! up in.
//!
//! A kustomization's `namespace` goes to every object it brings in, and that of an outer kustomization replaces it. So a
//! file has one namespace where every way to it from an outermost kustomization ends in the same one.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::document::Node;

use super::walk::absolute;

/// The names under which kustomize looks for its file.
pub const FILE_NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// What a kustomization says about files and namespaces. Paths are absolute.
#[derive(Clone, Debug, Default)]
pub struct Kustomization {
    /// Its directory.
    pub dir: PathBuf,
    /// The namespace that it gives.
    pub namespace: Option<Arc<str>>,
    /// Files and directories that it brings in: `resources`, `bases`, `components`.
    pub resources: Vec<PathBuf>,
    /// Files that are parts of objects or plain data: patches, generator inputs, replacements, values of charts.
    pub parts: Vec<PathBuf>,
    /// What is put before names.
    pub prefix: String,
    /// What is put behind names.
    pub suffix: String,
    /// What a build would fetch from the network, in words of the file; none where it can be built offline.
    pub remote: Option<String>,
    /// True for a component, which cannot be built on its own.
    pub component: bool,
}

impl Kustomization {
    /// Reads the tree of a kustomization file in `dir` (absolute).
    pub fn read(dir: &Path, root: Node<'_>) -> Kustomization {
        let text = |key: &str| root.get(key).and_then(Node::as_str);
        let mut kustomization = Kustomization {
            dir: dir.to_owned(),
            namespace: text("namespace").filter(|name| !name.is_empty()).map(Arc::from),
            prefix: text("namePrefix").unwrap_or_default().to_owned(),
            suffix: text("nameSuffix").unwrap_or_default().to_owned(),
            component: text("kind") == Some("Component"),
            ..Kustomization::default()
        };
        for key in ["resources", "bases", "components"] {
            for entry in texts(root, key) {
                if is_remote(entry) {
                    kustomization.remote = Some(format!("`{key}` names a remote base"));
                } else {
                    kustomization.resources.push(absolute(&dir.join(entry)));
                }
            }
        }
        for key in ["generators", "transformers", "validators"] {
            // Their files are objects in a form of their own; inline ones are texts with line breaks.
            kustomization
                .resources
                .extend(texts(root, key).filter(|entry| is_path(entry)).map(|entry| absolute(&dir.join(entry))));
        }
        for key in ["helmCharts", "helmChartInflationGenerator"] {
            if root.get(key).is_some_and(|list| !list.is_empty()) {
                kustomization.remote = Some(format!("`{key}` needs Helm and may fetch charts"));
            }
        }
        kustomization.parts = parts(dir, root);
        kustomization
    }
}

/// Files that a kustomization reads as something else than whole objects.
fn parts(dir: &Path, root: Node<'_>) -> Vec<PathBuf> {
    let mut parts: Vec<&str> = texts(root, "patchesStrategicMerge").collect();
    parts.extend(texts(root, "configurations"));
    parts.extend(texts(root, "crds"));
    for key in ["patches", "patchesJson6902", "replacements"] {
        parts.extend(items(root, key).filter_map(|item| item.get("path")?.as_str()));
    }
    for key in ["configMapGenerator", "secretGenerator"] {
        for generator in items(root, key) {
            // `name=path` or `path`.
            parts.extend(texts(generator, "files").map(|file| file.split_once('=').map_or(file, |(_, path)| path)));
            parts.extend(texts(generator, "envs"));
            parts.extend(generator.get("env").and_then(Node::as_str));
        }
    }
    for chart in items(root, "helmCharts") {
        parts.extend(chart.get("valuesFile").and_then(Node::as_str));
        parts.extend(texts(chart, "additionalValuesFiles"));
    }
    parts.extend(root.get("openapi").and_then(|openapi| openapi.get("path")?.as_str()));
    parts.into_iter().filter(|part| is_path(part)).map(|part| absolute(&dir.join(part))).collect()
}

fn items<'d>(node: Node<'d>, key: &str) -> impl Iterator<Item = Node<'d>> {
    node.get(key).into_iter().flat_map(Node::items)
}

fn texts<'d>(node: Node<'d>, key: &str) -> impl Iterator<Item = &'d str> {
    items(node, key).filter_map(Node::as_str)
}

/// Patches can stand in the list itself, as texts of several lines.
fn is_path(entry: &str) -> bool {
    !entry.contains('\n') && !entry.is_empty()
}

/// True for what kustomize fetches: an address, or the short form of a hosted repository.
fn is_remote(entry: &str) -> bool {
    entry.contains("://") || entry.starts_with("git@") || entry.starts_with("github.com/") || entry.contains("?ref=")
}

/// A Flux object that builds a directory.
#[derive(Clone, Debug)]
pub struct FluxPath {
    /// The directory (absolute).
    pub dir: PathBuf,
    /// The namespace that it gives.
    pub namespace: Option<Arc<str>>,
}

/// What kustomizations make of the files of a run.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// By directory.
    by_dir: BTreeMap<PathBuf, Kustomization>,
    /// The namespaces in which a file can end up; `None` is the one it states itself.
    namespaces: HashMap<PathBuf, BTreeSet<Option<Arc<str>>>>,
    /// Files that are no objects.
    parts: HashSet<PathBuf>,
    /// Directories whose kustomization no other one lists.
    roots: Vec<PathBuf>,
}

impl Graph {
    /// Follows kustomizations and Flux objects; `files` are all files of the run (absolute).
    pub fn new(kustomizations: Vec<Kustomization>, flux: &[FluxPath], files: &[PathBuf]) -> Graph {
        let mut graph = Graph::default();
        for kustomization in kustomizations {
            graph.parts.extend(kustomization.parts.iter().cloned());
            graph.by_dir.insert(kustomization.dir.clone(), kustomization);
        }
        let listed: HashSet<&PathBuf> = graph.by_dir.values().flat_map(|one| &one.resources).collect();
        graph.roots = graph
            .by_dir
            .values()
            .filter(|one| !listed.contains(&one.dir) && !one.component)
            .map(|one| one.dir.clone())
            .collect();
        let ways: Vec<(PathBuf, Option<Arc<str>>)> = flux.iter().flat_map(|flux| graph.built_by(flux, files)).collect();
        let of_flux: HashSet<&PathBuf> = ways.iter().map(|(dir, _)| dir).collect();
        for root in graph.roots.clone() {
            if !of_flux.contains(&root) {
                graph.give(&root, &None, &mut Vec::new());
            }
        }
        for (dir, namespace) in &ways {
            graph.give(dir, namespace, &mut Vec::new());
        }
        graph
    }

    /// The kustomizations that a Flux object builds: that of its directory, or else, as if one listed them, every
    /// manifest below it and every directory below it that has its own.
    fn built_by(&mut self, flux: &FluxPath, files: &[PathBuf]) -> Vec<(PathBuf, Option<Arc<str>>)> {
        let mut built = BTreeSet::new();
        if self.by_dir.contains_key(&flux.dir) {
            built.insert(flux.dir.clone());
        } else {
            for file in files.iter().filter(|file| file.starts_with(&flux.dir)) {
                let inside = file.ancestors().skip(1).take_while(|dir| dir.starts_with(&flux.dir));
                match inside.filter(|dir| self.by_dir.contains_key(*dir)).last() {
                    Some(dir) => {
                        built.insert(dir.to_owned());
                    }
                    None => {
                        self.namespaces.entry(file.clone()).or_default().insert(flux.namespace.clone());
                    }
                }
            }
        }
        built.into_iter().map(|dir| (dir, flux.namespace.clone())).collect()
    }

    /// Gives the objects of a kustomization the outer namespace, or else its own.
    fn give(&mut self, dir: &Path, outer: &Option<Arc<str>>, open: &mut Vec<PathBuf>) {
        let Some(kustomization) = self.by_dir.get(dir) else { return };
        if open.iter().any(|other| other == dir) {
            return;
        }
        let namespace = outer.clone().or_else(|| kustomization.namespace.clone());
        let resources = kustomization.resources.clone();
        open.push(dir.to_owned());
        for resource in resources {
            if self.by_dir.contains_key(&resource) {
                self.give(&resource, &namespace, open);
            } else {
                self.namespaces.entry(resource).or_default().insert(namespace.clone());
            }
        }
        open.pop();
    }

    /// What a file's objects get as their namespace.
    pub fn namespace(&self, file: &Path) -> Given {
        let Some(ways) = self.namespaces.get(file) else { return Given::Nothing };
        let mut ways = ways.iter();
        match (ways.next(), ways.next()) {
            (Some(Some(name)), None) => Given::One(name.clone()),
            (Some(None), None) | (None, _) => Given::Nothing,
            (Some(_), Some(_)) => Given::Several,
        }
    }

    /// True where a file is a part of objects (a patch) or data, and not an object.
    pub fn is_part(&self, file: &Path) -> bool {
        self.parts.contains(file) && !self.namespaces.contains_key(file)
    }

    /// The kustomizations that no other one lists, in order.
    pub fn roots(&self) -> impl Iterator<Item = &Kustomization> {
        self.roots.iter().filter_map(|dir| self.by_dir.get(dir))
    }

    /// The files that a kustomization brings in, through others too, with those others' prefixes and suffixes already
    /// put around names: pairs of a file and the name pattern (prefix, suffix). Also what keeps it from being built
    /// offline.
    pub fn reach<'g>(&'g self, root: &'g Kustomization) -> Reached<'g> {
        let mut reached = Reached::default();
        self.collect(root, String::new(), String::new(), &mut reached, &mut Vec::new());
        reached
    }

    fn collect<'g>(
        &'g self,
        one: &'g Kustomization,
        prefix: String,
        suffix: String,
        reached: &mut Reached<'g>,
        open: &mut Vec<&'g Path>,
    ) {
        if open.contains(&one.dir.as_path()) {
            return;
        }
        open.push(&one.dir);
        let prefix = prefix + &one.prefix;
        let suffix = one.suffix.clone() + &suffix;
        reached.dirs.insert(&one.dir);
        if reached.remote.is_none() {
            reached.remote = one.remote.as_deref();
        }
        for resource in &one.resources {
            match self.by_dir.get(resource) {
                Some(inner) => self.collect(inner, prefix.clone(), suffix.clone(), reached, open),
                None => reached.files.push((resource, prefix.clone(), suffix.clone())),
            }
        }
        open.pop();
    }
}

/// What a kustomization brings in.
#[derive(Clone, Debug, Default)]
pub struct Reached<'g> {
    /// Directories with kustomizations, the outermost included.
    pub dirs: BTreeSet<&'g Path>,
    /// Files, with what is put before and behind the names of their objects.
    pub files: Vec<(&'g Path, String, String)>,
    /// What would need the network.
    pub remote: Option<&'g str>,
}

/// The namespace that kustomizations give to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// None: what the manifest says stands.
    Nothing,
    /// This one, whatever the manifest says.
    One(Arc<str>),
    /// It is brought in more than once, into different namespaces.
    Several,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(dir: &str, namespace: Option<&str>, resources: &[&str]) -> Kustomization {
        Kustomization {
            dir: dir.into(),
            namespace: namespace.map(Arc::from),
            resources: resources.iter().map(|path| absolute(&Path::new(dir).join(path))).collect(),
            ..Kustomization::default()
        }
    }

    #[test]
    fn the_outer_namespace_wins_and_two_are_none() {
        let graph = Graph::new(
            vec![
                one("/base", Some("base"), &["app.yaml"]),
                one("/prod", Some("prod"), &["../base", "extra.yaml"]),
                one("/other", None, &["own.yaml"]),
            ],
            &[],
            &[],
        );
        assert_eq!(graph.namespace(Path::new("/base/app.yaml")), Given::One("prod".into()));
        assert_eq!(graph.namespace(Path::new("/prod/extra.yaml")), Given::One("prod".into()));
        assert_eq!(graph.namespace(Path::new("/other/own.yaml")), Given::Nothing);
        assert_eq!(graph.namespace(Path::new("/elsewhere.yaml")), Given::Nothing);

        let graph = Graph::new(
            vec![
                one("/base", None, &["app.yaml"]),
                one("/prod", Some("prod"), &["../base"]),
                one("/test", Some("test"), &["../base"]),
            ],
            &[],
            &[],
        );
        assert_eq!(graph.namespace(Path::new("/base/app.yaml")), Given::Several);
    }

    #[test]
    fn kustomizations_that_list_each_other_end() {
        let graph = Graph::new(vec![one("/a", Some("a"), &["../b"]), one("/b", None, &["../a", "x.yaml"])], &[], &[]);
        assert_eq!(graph.namespace(Path::new("/b/x.yaml")), Given::Nothing);
    }

    #[test]
    fn flux_gives_its_target_namespace_to_a_directory() {
        let flux = [FluxPath { dir: "/apps".into(), namespace: Some("apps".into()) }];
        let files = ["/apps/a.yaml", "/apps/sub/kustomization.yaml", "/apps/sub/b.yaml", "/c.yaml"].map(PathBuf::from);
        let graph = Graph::new(vec![one("/apps/sub", Some("own"), &["b.yaml"])], &flux, &files);
        assert_eq!(graph.namespace(Path::new("/apps/a.yaml")), Given::One("apps".into()));
        assert_eq!(graph.namespace(Path::new("/apps/sub/b.yaml")), Given::One("apps".into()));
        assert_eq!(graph.namespace(Path::new("/c.yaml")), Given::Nothing);
    }

    #[test]
    fn remote_bases_are_told_apart() {
        assert!(is_remote("https://github.com/org/repo//base?ref=v1"));
        assert!(is_remote("github.com/org/repo"));
        assert!(!is_remote("../base"));
    }
}
