//! Values without those equal to an earlier one.

use std::collections::HashMap;

use super::equal::equal;
use super::hash::key_hash;
use crate::value::Value;

/// A growing list without equal values; of equal ones the first is kept. Values of which equality is not known are all
/// kept.
#[derive(Default)]
pub(crate) struct Distinct<'a> {
    values: Vec<Value<'a>>,
    by_hash: HashMap<Option<u64>, Vec<u32>>,
}

impl<'a> Distinct<'a> {
    /// Adds a value unless an equal one is there.
    pub fn add(&mut self, value: Value<'a>) {
        let same = self.by_hash.entry(key_hash(&value)).or_default();
        let known = same
            .iter()
            .filter_map(|&at| self.values.get(at as usize))
            .any(|earlier| equal(earlier, &value).unwrap_or(false));
        if !known {
            same.push(self.values.len() as u32);
            self.values.push(value);
        }
    }

    /// The values, in the order of their first appearance.
    pub fn into_values(self) -> Vec<Value<'a>> {
        self.values
    }
}
