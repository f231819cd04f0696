//! `textDocument/diagnostic`, `workspace/diagnostic`

use std::collections::HashMap;

use lsp_types as lsp;

use super::Answer;
use crate::publish;
use crate::server::State;
use crate::uri;

/// What is wrong with a document, or that nothing changed since the client asked last.
pub fn document(state: &mut State, params: lsp::DocumentDiagnosticParams) -> Answer<lsp::DocumentDiagnosticRequest> {
    let items = publish::diagnostics(state, &uri::to_path(&params.text_document.uri));
    let id = format!("{:x}", publish::hash(&items));
    Ok(if params.previous_result_id.as_deref() == Some(&*id) {
        lsp::DocumentDiagnosticReport::RelatedUnchangedDocumentDiagnosticReport(
            lsp::RelatedUnchangedDocumentDiagnosticReport {
                related_documents: None,
                unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport { result_id: id },
            },
        )
    } else {
        lsp::DocumentDiagnosticReport::RelatedFullDocumentDiagnosticReport(lsp::RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: lsp::FullDocumentDiagnosticReport { result_id: Some(id), items },
        })
    })
}

/// What is wrong with all files of the workspace.
pub fn workspace(state: &mut State, params: lsp::WorkspaceDiagnosticParams) -> Answer<lsp::WorkspaceDiagnosticRequest> {
    let mut known: HashMap<_, _> =
        params.previous_result_ids.into_iter().map(|id| (uri::to_path(&id.uri), id.value)).collect();
    let mut files = publish::files(state);
    files.extend(known.keys().cloned());
    let mut items = Vec::new();
    for path in files {
        let found = publish::diagnostics(state, &path);
        let before = known.remove(&path);
        if found.is_empty() && before.is_none() {
            continue;
        }
        let id = format!("{:x}", publish::hash(&found));
        let version = state.documents.get(&path).map(|document| document.version);
        let uri = state.uri_of(&path);
        items.push(if before.as_deref() == Some(&*id) {
            lsp::WorkspaceDocumentDiagnosticReport::WorkspaceUnchangedDocumentDiagnosticReport(
                lsp::WorkspaceUnchangedDocumentDiagnosticReport {
                    uri,
                    version,
                    unchanged_document_diagnostic_report: lsp::UnchangedDocumentDiagnosticReport { result_id: id },
                },
            )
        } else {
            lsp::WorkspaceDocumentDiagnosticReport::WorkspaceFullDocumentDiagnosticReport(
                lsp::WorkspaceFullDocumentDiagnosticReport {
                    uri,
                    version,
                    full_document_diagnostic_report: lsp::FullDocumentDiagnosticReport {
                        result_id: Some(id),
                        items: found,
                    },
                },
            )
        });
    }
    Ok(lsp::WorkspaceDiagnosticReport { items })
}
