//! Documents: YAML and JSON bytes become trees in which every node knows where it is written, and means what it means to
//! the Kubernetes API server.
//!
//! - [`SourceText`] is a file's name and text; bytes are [decoded](decode) as kubectl does.
//! - [`load_yaml`] and [`load_json`] give a [`LoadedFile`]: documents, errors, templates. An error in one document leaves
//!   the others standing. A [`TreeBuilder`] does the same again and again without new memory.
//! - A [`Document`] is a tree in one vector; a [`Node`] is a cursor in it. Aliases and merge keys are applied.
//!
//! Scalars are read by the rules of the YAML library behind the API server (those of YAML 1.1, with extensions), and then
//! as the JSON that it makes of them: `yes` is true, `0777` is 511, `3.0` is an integer.

mod arena;
mod build;
mod convert;
mod entries;
mod error;
mod file;
mod header;
mod inner;
mod json;
mod load;
mod node;
mod number;
mod options;
mod path;
mod resolve;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod tree;

pub use arena::{Kind, NodeId, Style};
pub use error::{LoadError, LoadErrorKind};
pub use file::{FileKind, LoadedFile, Template};
pub use load::{TreeBuilder, Want, load_json, load_yaml, load_yaml_filtered};
pub use node::Node;
pub use options::{Limits, LoadOptions};
pub use path::{Dotted, NodePath, Step};
pub use source::{DecodeError, DecodeErrorKind, SourceText, decode};
pub use tree::{Comment, Document, Placement, Problem, ProblemKind};
