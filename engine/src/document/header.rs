//! What object a document is, told as early as can be.

use granit_parser::{Event, ScalarStyle};

use super::arena::{KEY, Kind, LISTED, NodeData};
use super::build::Tree;

/// The values of `apiVersion` and `kind` at a document's root, where they are strings.
pub(super) type Header<'t> = (Option<&'t str>, Option<&'t str>);

const KEYS: [&str; 2] = ["apiVersion", "kind"];

impl Tree {
    /// Remembers the node if it is the root's `apiVersion` or `kind`.
    #[inline]
    pub(super) fn note_header(&mut self, id: u32, source: &str) {
        if self.frames.len() == 1 && id >= 2 {
            let key = &self.arena.nodes[id as usize - 1];
            if key.is(KEY)
                && let Some(at) = KEYS.iter().position(|&name| name == self.arena.text(key, source))
            {
                self.header[at] = id;
            }
        }
    }

    /// The header, while the root is still open, if nothing but a repeated key or a merge can change it.
    #[inline]
    pub(super) fn early_header<'t>(&'t self, source: &'t str) -> Option<Header<'t>> {
        let [api_version, kind] = self.header;
        if api_version == 0 || kind == 0 || self.frames.first().is_none_or(|root| root.merges) {
            return None;
        }
        Some((Some(self.string(api_version, source)?), Some(self.string(kind, source)?)))
    }

    /// The header of a finished tree, merge keys applied.
    pub(super) fn final_header<'t>(&'t self, source: &'t str) -> Header<'t> {
        let [api_version, kind] = KEYS.map(|key| self.root_value(key, source).and_then(|id| self.string(id, source)));
        (api_version, kind)
    }

    fn root_value(&self, name: &str, source: &str) -> Option<u32> {
        let nodes = &self.arena.nodes;
        let root = nodes.first().filter(|root| root.kind == Kind::Map)?;
        let is_named = |key: u32| self.arena.text(&nodes[key as usize], source) == name;
        if root.is(LISTED) {
            let start = root.c as usize;
            let listed = &self.arena.entries[start..start + root.b as usize];
            return listed.iter().find(|&&(key, _)| is_named(key)).map(|&(_, value)| value);
        }
        let mut key = 1;
        while key < root.a {
            if is_named(key) {
                return Some(key + 1);
            }
            key = nodes[key as usize + 1].end(key + 1);
        }
        None
    }

    fn string<'t>(&'t self, id: u32, source: &'t str) -> Option<&'t str> {
        let node: &NodeData = &self.arena.nodes[id as usize];
        (node.kind == Kind::String).then(|| self.arena.text(node, source))
    }
}

/// Watches the rest of a document of which no tree is wanted, as its header says, for keys that would change the header.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    depth: u32,
    expects_key: bool,
}

impl Watch {
    /// Starts behind the value of a key of the root.
    pub(super) fn new() -> Self {
        Watch { depth: 1, expects_key: true }
    }

    /// True where the event makes it doubtful what the header says.
    pub(super) fn is_doubtful(&mut self, event: &Event<'_>) -> bool {
        let at_root = self.depth == 1;
        match event {
            Event::SequenceStart(..) | Event::MappingStart(..) => self.depth += 1,
            Event::SequenceEnd | Event::MappingEnd => {
                self.depth = self.depth.saturating_sub(1);
                return false;
            }
            Event::Scalar(..) | Event::Alias(_) => {}
            _ => return false,
        }
        if !at_root {
            return false;
        }
        let is_key = self.expects_key;
        self.expects_key = !is_key;
        is_key
            && match event {
                Event::Scalar(text, style, _, None) => {
                    KEYS.contains(&text.as_ref()) || (text == "<<" && *style == ScalarStyle::Plain)
                }
                // A tag, or another node's text.
                _ => true,
            }
    }
}
