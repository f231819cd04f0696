//! `tacit lsp`: the language server.

use crate::status::Status;

/// Serves an editor until it says goodbye.
pub fn run() -> Result<Status, String> {
    tacit_lsp::run().map(|()| Status::Clean)
}
