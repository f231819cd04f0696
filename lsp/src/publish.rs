//! Diagnostics: told to the client, or given when it asks.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::{Path, PathBuf};

use lsp_types as lsp;
use tacit_lang::span::LineIndex;

use crate::documents::{Language, language};
use crate::position::Lines;
use crate::server::State;
use crate::to_proto;

/// What is wrong with a file.
pub fn diagnostics(state: &State, path: &Path) -> Vec<lsp::Diagnostic> {
    let Some(project) = state.project_of(path) else { return Vec::new() };
    let kind = state.documents.get(path).map_or_else(|| language(path, None), |document| document.language);
    match kind {
        Language::Rules => {
            let Some(module) = project.module(path) else { return Vec::new() };
            let text = project.analysis.text(&module);
            let index = LineIndex::new(text);
            let lines = Lines { text, index: &index, encoding: state.encoding };
            let found = project.analysis.diagnostics(&module);
            found.iter().map(|found| to_proto::diagnostic(state, project, path, lines, found)).collect()
        }
        Language::Project => project
            .config_errors
            .iter()
            .filter(|error| error.file == path)
            .map(|error| {
                let line = error.at.map_or(0, |at| at.line - 1);
                let start = lsp::Position { line, character: error.at.map_or(0, |at| at.column - 1) };
                lsp::Diagnostic {
                    range: lsp::Range { start, end: lsp::Position { line, character: u32::from(u16::MAX) } },
                    severity: Some(lsp::DiagnosticSeverity::Error),
                    source: Some("tacit".to_owned()),
                    message: lsp::Message::String(error.message.clone()),
                    ..Default::default()
                }
            })
            .collect(),
        Language::Manifest => project.manifests.diagnostics(state, path),
        Language::Other => Vec::new(),
    }
}

/// Every file of the workspace about which something can be said.
pub fn files(state: &State) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    for project in &state.projects {
        files.extend(project.rule_modules().into_iter().map(|(path, _)| path));
        files.extend(project.config_file.clone());
        files.extend(project.manifests.paths());
    }
    files
}

/// Tells the client of those files whose diagnostics are not what it has.
pub fn push(state: &mut State, files: BTreeSet<PathBuf>) {
    for path in files {
        let diagnostics = diagnostics(state, &path);
        let hash = hash(&diagnostics);
        let before = state.published.get(&path).copied();
        // A client that heard nothing of a file knows that nothing is wrong with it; an open document is answered anyway.
        let quiet = before.is_none() && diagnostics.is_empty() && state.documents.get(&path).is_none();
        if before == Some(hash) || quiet {
            continue;
        }
        state.published.insert(path.clone(), hash);
        let version = state.documents.get(&path).map(|document| document.version);
        let uri = state.uri_of(&path);
        state.notify("textDocument/publishDiagnostics", lsp::PublishDiagnosticsParams { uri, version, diagnostics });
    }
}

/// What tells one list of diagnostics from another.
pub fn hash(diagnostics: &[lsp::Diagnostic]) -> u64 {
    let text = serde_json::to_string(diagnostics).unwrap_or_default();
    BuildHasherDefault::<DefaultHasher>::default().hash_one(text)
}
