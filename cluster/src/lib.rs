//! Live clusters: who is asked, what they serve, and their objects, page by page, for the engine.
//!
//! - [`Session`] knows the clusters of a run by their contexts, and what each serves.
//! - [`Needs`] is what a program must be given; [`role()`] is the least ClusterRole that gives it.
//! - [`Session::audit`] lists it from all clusters at once and evaluates it.
//!
//! `kube` gives the connection: kubeconfigs, credentials and their plugins, certificates, proxies. Lists are asked for and
//! read here, as texts, so that the evaluation has the same documents as for files. What a cluster does not give is told,
//! and the rules that hang on it are undecided; one cluster's failure does not touch the others.

mod answer;
mod connect;
mod discovery;
mod history;
mod http;
mod list;
mod metrics;
mod needs;
mod object;
mod openapi;
mod role;
mod session;
mod table;

pub use connect::Options;
pub use discovery::{Resource, Served};
pub use history::History;
pub use needs::{Depth, Need, Needs, without_everything};
pub use role::role;
pub use session::{Cluster, Session};
