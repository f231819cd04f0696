//! The language server: rule files and manifests, as an editor shows them.
//!
//! What an editor asks about rules is answered by `tacit_lang::ide`; findings in manifests come from the engine. This
//! crate speaks the protocol: `request` has one file for each request, `from_proto` and `to_proto` convert.
//!
//! One thread owns the state and answers one message after another, in microseconds to milliseconds. What takes longer,
//! the evaluation of all manifests, runs on a second thread over a copy (`manifests`). A panic ends the request, not the
//! server.

mod capabilities;
mod documents;
mod fixes;
mod from_proto;
mod links;
mod manifests;
mod position;
mod project;
mod publish;
mod request;
mod rules;
mod server;
mod to_proto;
mod uri;
mod worker;

pub use server::serve;

/// Serves one client over the standard streams until it says goodbye.
pub fn run() -> Result<(), String> {
    let (connection, threads) = lsp_server::Connection::stdio();
    serve(connection)?;
    threads.join().map_err(|error| format!("the connection broke: {error}"))
}
