//! What the client tells without expecting an answer.

use lsp_types as lsp;
use serde::de::DeserializeOwned;

use crate::server::State;
use crate::uri;

/// Takes a notification. One that does not read, or that nobody knows, is passed over, as the protocol wants.
pub fn notified(state: &mut State, notification: lsp_server::Notification) {
    let params = notification.params;
    match notification.method.as_str() {
        "textDocument/didOpen" => with(params, |params: lsp::DidOpenTextDocumentParams| {
            let document = params.text_document;
            let path = uri::to_path(&document.uri);
            let id = serde_json::to_value(&document.language_id).ok();
            let id = id.as_ref().and_then(|id| id.as_str()).unwrap_or_default().to_owned();
            state.documents.open(path.clone(), document.uri, document.version, document.text, &id);
            state.adopt(&path);
            state.changed(&path);
        }),
        "textDocument/didChange" => with(params, |params: lsp::DidChangeTextDocumentParams| {
            let path = uri::to_path(&params.text_document.text_document_identifier.uri);
            let version = params.text_document.version;
            state.documents.change(&path, version, params.content_changes, state.encoding);
            state.changed(&path);
        }),
        "textDocument/didClose" => with(params, |params: lsp::DidCloseTextDocumentParams| {
            let path = uri::to_path(&params.text_document.uri);
            state.documents.close(&path);
            state.tokens.remove(&path);
            // From here on the text on disk counts.
            state.changed(&path);
        }),
        "workspace/didChangeWatchedFiles" => with(params, |params: lsp::DidChangeWatchedFilesParams| {
            for change in params.changes {
                let path = uri::to_path(&change.uri);
                if state.documents.get(&path).is_none() && state.project_of(&path).is_some() {
                    state.changed(&path);
                }
            }
        }),
        "workspace/didChangeWorkspaceFolders" => with(params, |params: lsp::DidChangeWorkspaceFoldersParams| {
            for folder in params.event.removed {
                state.remove_root(&uri::to_path(&folder.uri));
            }
            for folder in params.event.added {
                state.add_root(uri::to_path(&folder.uri), false);
            }
            state.evaluate();
        }),
        "workspace/didChangeConfiguration" => {
            for at in 0..state.projects.len() {
                state.reload(at);
            }
        }
        _ => {}
    }
}

fn with<P: DeserializeOwned>(params: serde_json::Value, take: impl FnOnce(P)) {
    if let Ok(params) = serde_json::from_value(params) {
        take(params);
    }
}
