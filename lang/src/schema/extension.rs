//! What CRDs and `kind` items add to the shipped tables.

use super::Base;
use super::model::*;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Kinds and types beyond the tables. Their ids continue those of the tables.
#[derive(Clone, Default)]
pub(super) struct Extension {
    pub kinds: Vec<KindInfo>,
    /// Shipped kinds of which a CRD or a declaration told more.
    pub replaced: BTreeMap<KindId, KindInfo>,
    pub types: Vec<Arc<TypeInfo>>,
    /// Names and aliases of added kinds.
    pub names: Vec<(Arc<str>, KindId)>,
    by_name: HashMap<Arc<str>, Vec<(Arc<str>, KindId)>>,
}

impl Extension {
    pub(super) fn kind_of(&self, group: &str, kind: &str) -> Option<KindId> {
        self.by_name.get(kind)?.iter().find(|(g, _)| **g == *group).map(|(_, id)| *id)
    }

    /// Enters a type.
    pub(super) fn enter(&mut self, base: &Base, info: TypeInfo) -> TypeId {
        let id = TypeId(base.type_count() + self.types.len() as u32);
        self.types.push(Arc::new(info));
        id
    }

    /// Enters a kind that the tables and the extension do not have.
    pub(super) fn add_kind(&mut self, base: &Base, info: KindInfo) -> KindId {
        let id = KindId(base.kind_count() + self.kinds.len() as u32);
        if info.restricted.is_none() {
            self.names.push((info.name.clone(), id));
            self.by_name.entry(info.name.clone()).or_default().push((info.group.clone(), id));
        }
        if let Some(alias) = &info.alias {
            self.names.push((alias.clone(), id));
        }
        self.kinds.push(info);
        id
    }

    /// Replaces what is known of a kind.
    pub(super) fn replace_kind(&mut self, base: &Base, id: KindId, info: KindInfo) {
        match id.0.checked_sub(base.kind_count()) {
            None => {
                self.replaced.insert(id, info);
            }
            Some(n) => {
                if let Some(slot) = self.kinds.get_mut(n as usize) {
                    *slot = info;
                }
            }
        }
    }
}
