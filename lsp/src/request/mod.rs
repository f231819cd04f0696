//! One file for each request. A request reads the state and answers; none waits for anything.

mod call_hierarchy;
mod code_action;
mod code_lens;
mod completion;
mod definition;
mod diagnostic;
mod document_highlight;
mod document_link;
mod document_symbol;
mod execute_command;
mod folding_range;
mod formatting;
mod hover;
mod inlay_hint;
mod notification;
mod references;
mod rename;
mod selection_range;
mod semantic_tokens;
mod signature_help;
mod workspace_symbol;

use lsp_server::{ErrorCode, Response};
use lsp_types as lsp;

pub use execute_command::COMMANDS;
pub use notification::notified;

use crate::server::{State, failure};

/// Why a request is refused, in the user's words.
pub type Refusal = String;

/// The answer to a request.
pub type Answer<R> = Result<<R as lsp::Request>::Result, Refusal>;

/// Answers a request.
pub fn dispatch(state: &mut State, request: lsp_server::Request) -> Response {
    use lsp::*;
    let method = request.method.clone();
    let mut route = Route { state, request: Some(request), response: None };
    route
        .on::<CompletionRequest>(completion::completion)
        .on::<CompletionResolveRequest>(completion::resolve)
        .on::<HoverRequest>(hover::hover)
        .on::<SignatureHelpRequest>(signature_help::signature_help)
        .on::<DefinitionRequest>(definition::definition)
        .on::<DeclarationRequest>(definition::declaration)
        .on::<TypeDefinitionRequest>(definition::type_definition)
        .on::<ReferencesRequest>(references::references)
        .on::<DocumentHighlightRequest>(document_highlight::document_highlight)
        .on::<PrepareRenameRequest>(rename::prepare)
        .on::<RenameRequest>(rename::rename)
        .on::<DocumentSymbolRequest>(document_symbol::document_symbol)
        .on::<WorkspaceSymbolRequest>(workspace_symbol::workspace_symbol)
        .on::<CodeActionRequest>(code_action::code_action)
        .on::<CodeLensRequest>(code_lens::code_lens)
        .on::<DocumentLinkRequest>(document_link::document_link)
        .on::<DocumentFormattingRequest>(formatting::document)
        .on::<DocumentRangeFormattingRequest>(formatting::range)
        .on::<DocumentOnTypeFormattingRequest>(formatting::on_type)
        .on::<FoldingRangeRequest>(folding_range::folding_range)
        .on::<SelectionRangeRequest>(selection_range::selection_range)
        .on::<SemanticTokensRequest>(semantic_tokens::full)
        .on::<SemanticTokensDeltaRequest>(semantic_tokens::delta)
        .on::<SemanticTokensRangeRequest>(semantic_tokens::range)
        .on::<InlayHintRequest>(inlay_hint::inlay_hint)
        .on::<CallHierarchyPrepareRequest>(call_hierarchy::prepare)
        .on::<CallHierarchyIncomingCallsRequest>(call_hierarchy::incoming)
        .on::<CallHierarchyOutgoingCallsRequest>(call_hierarchy::outgoing)
        .on::<DocumentDiagnosticRequest>(diagnostic::document)
        .on::<WorkspaceDiagnosticRequest>(diagnostic::workspace)
        .on::<ExecuteCommandRequest>(execute_command::execute_command);
    match (route.response, route.request) {
        (Some(response), _) => response,
        (None, Some(request)) => {
            failure(request.id, ErrorCode::MethodNotFound, &format!("the server does not know `{method}`"))
        }
        // `on` leaves the request where it gives no response.
        (None, None) => failure(0.into(), ErrorCode::InternalError, "internal error: please report it"),
    }
}

struct Route<'s> {
    state: &'s mut State,
    request: Option<lsp_server::Request>,
    response: Option<Response>,
}

impl Route<'_> {
    /// Answers with `handler` where the request is an `R`.
    fn on<R: lsp::Request>(&mut self, handler: fn(&mut State, R::Params) -> Answer<R>) -> &mut Self
    where
        R::Params: serde::de::DeserializeOwned,
        R::Result: serde::Serialize,
    {
        let Some(request) = self.request.take_if(|request| request.method == R::METHOD.as_str()) else { return self };
        self.response = Some(match serde_json::from_value::<R::Params>(request.params) {
            Ok(params) => match handler(self.state, params) {
                Ok(result) => Response::new_ok(request.id, result),
                Err(refusal) => failure(request.id, ErrorCode::RequestFailed, &refusal),
            },
            Err(error) => {
                failure(request.id, ErrorCode::InvalidParams, &format!("the parameters do not read: {error}"))
            }
        });
        self
    }
}
