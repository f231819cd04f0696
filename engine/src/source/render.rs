//! `--render`: charts and kustomizations, rendered by the installed tools from what lies in the tree. What would need the
//! network is skipped and listed. The output of a tool is treated like any other input, and findings in it are traced to
//! the file they were made from.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

use tacit_lang::span::Span;

use crate::document::{LoadOptions, Node, SourceText, TreeBuilder};
use crate::object::{Precision, Rendered};
use crate::run::RenderedFile;

use super::helm;
use super::input::{Input, InputFile, Role, load};
use super::kustomize::FILE_NAMES;
use super::objects::{Context, header, objects};
use super::walk::{Skipped, shown};

/// Renders what can be rendered. Files whose objects are in the output no longer count as input of their own.
pub fn render(input: &mut Input) -> Vec<RenderedFile> {
    let mut rendered = charts(input);
    rendered.extend(kustomizations(input));
    rendered
}

/// Finds a program as a shell would.
fn installed(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|dir| dir.join(name)).find(|program| program.is_file())
}

/// The output of a tool. Its error text can quote values, so it is not passed on.
fn output(program: &Path, args: &[&str]) -> Result<String, String> {
    let name = program.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let output = Command::new(program)
        .args(args)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{name} did not start: {}", crate::config::plain(&error)))?;
    if !output.status.success() {
        return Err(format!("`{name} {}` failed: run it to see why", args.join(" ")));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("the output of {name} is not UTF-8"))
}

fn charts(input: &mut Input) -> Vec<RenderedFile> {
    let mut rendered = Vec::new();
    for dir in input.charts.outermost().cloned().collect::<Vec<_>>() {
        match chart(input, &dir) {
            Ok(file) => {
                let inside = |file: &str| within(file, &dir);
                input.skipped.retain(|skipped| !(skipped.reason == helm::NOT_RENDERED && inside(&skipped.file)));
                rendered.push(file);
            }
            Err(reason) => {
                for skipped in &mut input.skipped {
                    if skipped.reason == helm::NOT_RENDERED && within(&skipped.file, &dir) {
                        skipped.reason = format!("a Helm template, not rendered: {reason}");
                    }
                }
            }
        }
    }
    rendered
}

fn within(file: &str, dir: &str) -> bool {
    dir.is_empty() || file.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

fn join(dir: &str, file: &str) -> String {
    if dir.is_empty() { file.to_owned() } else { format!("{dir}/{file}") }
}

fn chart(input: &Input, dir: &Arc<str>) -> Result<RenderedFile, String> {
    let file_of = |name: &str| input.files.iter().find(|file| *file.found.shown == *name);
    let description = file_of(&join(dir, "Chart.yaml")).ok_or("its Chart.yaml was not read")?;
    let root = description.found.path.parent().unwrap_or(Path::new(".")).to_owned();
    let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
    vendored(&description.text()?, &root)?;
    let helm = installed("helm").ok_or("helm is not installed")?;
    let folder = root.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let name = folder.unwrap_or_else(|| "release".to_owned());
    let path = root.display().to_string();
    let mut args = vec!["template", &name, &path];
    if let Some(namespace) = &input.default_namespace {
        args.extend(["--namespace", namespace]);
    }
    let text = output(&helm, &args)?;
    let source = SourceText::new(join(dir, "(helm template)"), text);
    let origins = template_origins(input, dir, &source);
    let origin = move |node: Node<'_>| {
        let at = origins.partition_point(|(offset, _)| *offset <= node.span().start);
        let (_, template) = origins.get(at.checked_sub(1)?)?;
        let template = template.as_ref()?;
        Some(Arc::new(place_in_template(template, node)))
    };
    Ok(RenderedFile { file: InputFile::of_output(source), origin: Box::new(origin) })
}

/// Where the dependencies of a chart must lie already.
fn vendored(description: &Arc<SourceText>, root: &Path) -> Result<(), String> {
    let loaded = load(&mut TreeBuilder::new(), description, &LoadOptions::default(), &|_, _| true);
    let Some(document) = loaded.documents.first() else { return Err("its Chart.yaml does not parse".to_owned()) };
    let packed: Vec<String> = std::fs::read_dir(root.join("charts"))
        .map(|entries| entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
        .unwrap_or_default();
    for dependency in document.root().get("dependencies").into_iter().flat_map(Node::items) {
        let text = |key: &str| dependency.get(key).and_then(Node::as_str).unwrap_or_default();
        let name = text("name");
        let archive = |file: &String| file == name || (file.starts_with(&format!("{name}-")) && file.ends_with(".tgz"));
        if !packed.iter().any(archive) {
            return Err(format!("its dependency `{name}` is not in charts/: run `helm dependency build`"));
        }
    }
    Ok(())
}

/// Where the output of each template starts, by the comments that Helm puts there.
fn template_origins(input: &Input, dir: &str, output: &SourceText) -> Vec<(u32, Option<Arc<SourceText>>)> {
    const MARK: &str = "# Source: ";
    let mut origins = Vec::new();
    let mut at = 0;
    for line in output.text.split_inclusive('\n') {
        if let Some(path) = line.strip_prefix(MARK) {
            // The first part is the name of the chart, which need not be that of its directory.
            let below = path.trim().split_once('/').map_or("", |(_, below)| below);
            let name = join(dir, below);
            let file = input.files.iter().find(|file| *file.found.shown == *name);
            origins.push((at, file.and_then(|file| file.text().ok())));
        }
        at += line.len() as u32;
    }
    origins
}

/// The part of a template that made an object: the document with its kind, where only one has it.
fn place_in_template(template: &Arc<SourceText>, object: Node<'_>) -> Rendered {
    let kind = header(object).1.unwrap_or_default();
    let mut found = Vec::new();
    let mut start = 0;
    let mut at = 0;
    let mut holds = false;
    for line in template.text.split_inclusive('\n') {
        if line.starts_with("---") {
            if holds {
                found.push(Span::new(start, at));
            }
            (start, holds) = (at + line.len() as u32, false);
        }
        holds |= line.strip_prefix("kind:").is_some_and(|rest| rest.trim() == kind);
        at += line.len() as u32;
    }
    if holds {
        found.push(Span::new(start, at));
    }
    match found.as_slice() {
        [span] => {
            // Blank lines and actions in front of the object are not what is meant.
            let text = template.slice(*span);
            let first = text.find("apiVersion:").or_else(|| text.find("kind:")).unwrap_or(0) as u32;
            let span = Span::new(span.start + first, span.end);
            Rendered { source: template.clone(), precision: Precision::Document, span }
        }
        _ => Rendered { source: template.clone(), precision: Precision::File, span: Span::at(0) },
    }
}

fn kustomizations(input: &mut Input) -> Vec<RenderedFile> {
    let mut rendered = Vec::new();
    let mut replaced: Vec<PathBuf> = Vec::new();
    let mut skipped = Vec::new();
    let program = installed("kustomize").map(|program| (program, "build"));
    let program = program.or_else(|| installed("kubectl").map(|program| (program, "kustomize")));
    for root in input.graph.roots() {
        let Some(file) = input.files.iter().find(|file| {
            file.role == Role::Kustomization
                && file.absolute.parent() == Some(&root.dir)
                && FILE_NAMES.contains(&file.found.name())
        }) else {
            continue;
        };
        let reached = input.graph.reach(root);
        let dir = file.found.path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let result = match (&program, reached.remote) {
            (_, Some(remote)) => Err(format!("{remote}, which would need the network")),
            (None, None) => Err("neither kustomize nor kubectl is installed".to_owned()),
            (Some((program, verb)), None) => output(program, &[verb, &dir.display().to_string()]),
        };
        match result {
            Err(reason) => skipped.push(Skipped {
                file: file.found.shown.clone(),
                reason: format!("a kustomization, not rendered: {reason}"),
            }),
            Ok(text) => {
                let mut known: HashMap<Key, Arc<Rendered>> = HashMap::new();
                for (path, prefix, suffix) in &reached.files {
                    if let Some(file) = input.files.iter().find(|file| file.absolute == *path) {
                        sources(input, file, prefix, suffix, &mut known);
                        replaced.push((*path).to_owned());
                    }
                }
                // Whatever is not found was made by a generator: the kustomization itself is its source.
                let own = file
                    .text()
                    .ok()
                    .map(|source| Arc::new(Rendered { source, precision: Precision::File, span: Span::at(0) }));
                let name = format!("{}/(kustomize build)", shown(dir));
                let origin =
                    move |node: Node<'_>| key(node, "", "").and_then(|key| known.get(&key)).or(own.as_ref()).cloned();
                rendered.push(RenderedFile {
                    file: InputFile::of_output(SourceText::new(name, text)),
                    origin: Box::new(origin),
                });
            }
        }
    }
    for file in &mut input.files {
        file.replaced |= replaced.contains(&file.absolute);
    }
    input.skipped.extend(skipped);
    rendered
}

/// What tells an object of the output: group, kind and name.
type Key = (String, String, String);

fn key(node: Node<'_>, prefix: &str, suffix: &str) -> Option<Key> {
    let (version, kind) = header(node);
    let group = version?.split_once('/').map_or("", |(group, _)| group);
    let name = node.get("metadata")?.get("name")?.as_str()?;
    Some((group.to_owned(), kind?.to_owned(), format!("{prefix}{name}{suffix}")))
}

/// Adds the objects of a file as the sources of those in the output.
fn sources(input: &Input, file: &InputFile, prefix: &str, suffix: &str, known: &mut HashMap<Key, Arc<Rendered>>) {
    let Ok(text) = file.text() else { return };
    let loaded = load(&mut TreeBuilder::new(), &text, &LoadOptions::default(), &|_, _| true);
    for document in loaded.documents {
        for object in objects(&Arc::new(document), &input.schemas, &Context::default(), &|_| None) {
            let node = object.node();
            // Names of these are never changed.
            let fixed = matches!(&*object.kind_name, "Namespace" | "CustomResourceDefinition" | "APIService");
            let key = if fixed { key(node, "", "") } else { key(node, prefix, suffix) };
            if let Some(key) = key {
                let rendered = Rendered { source: text.clone(), precision: Precision::Node, span: node.span() };
                known.insert(key, Arc::new(rendered));
            }
        }
    }
}
