//! The places of one file that mean what stands at the cursor.

use super::Analysis;
use super::references::{Reference, references};

/// The places in the same module that mean what stands at an offset.
pub fn highlight(analysis: &Analysis, module: &str, offset: u32) -> Vec<Reference> {
    references(analysis, module, offset).into_iter().filter(|found| *found.location.module == *module).collect()
}
