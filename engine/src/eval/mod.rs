//! Evaluation: a checked program over objects, to verdicts.
//!
//! `local` runs the rules whose verdict hangs on one object, while the input streams by; `global` runs the rest over
//! the inventory of the objects that were kept.

use std::sync::Arc;

use tacit_lang::ir::{Const, Id};

/// What a run fixes for the evaluation.
#[derive(Clone, Debug)]
pub struct EvalOptions {
    /// The instant of the run, in nanoseconds since 1970.
    pub now: i64,
    /// Values of params that differ from their defaults.
    pub params: Vec<(Id, Const)>,
    /// Key of `.digest()`: new for each run, or the user's own.
    pub digest_key: [u8; 32],
    /// The rule (id or name) whose evaluation is recorded step by step.
    pub explain: Option<Arc<str>>,
    /// Measure the time of each rule.
    pub timings: bool,
}
