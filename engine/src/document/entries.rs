//! The effective entries of mappings with merge keys or duplicate keys.

use super::arena::{ALIAS, KEY, Kind, LISTED, MERGE, NodeId};
use super::build::{Frame, Refused, Tree};
use super::error::Refusal;
use super::tree::{Problem, ProblemKind};

/// An entry as it is written into a mapping.
struct Write {
    key: u32,
    value: u32,
    /// It comes from a merge key.
    merged: bool,
}

impl Tree {
    /// Lists the effective entries of a mapping that has just been read, if they are not simply those written.
    ///
    /// The API server's library writes entries in the order of the source, what a merge key brings in at the place of the
    /// merge key, and the last to write a key wins, be it merged or not. Of several mappings in one merge key the first
    /// wins.
    pub(super) fn list_entries(&mut self, frame: &Frame, source: &str) -> Result<(), Refused> {
        if !frame.merges && !self.repeats(frame, source) {
            return Ok(());
        }
        let mut writes = Vec::new();
        let mut key = frame.id + 1;
        let end = self.arena.nodes.len() as u32;
        while key < end {
            let value = key + 1;
            if self.arena.nodes[key as usize].is(MERGE) {
                self.merge(value, &mut writes)?;
            } else {
                writes.push(Write { key, value, merged: false });
            }
            key = self.arena.nodes[value as usize].end(value);
        }

        // Equal keys side by side, each group in the order of writing.
        let text = |write: &Write| self.arena.text(&self.arena.nodes[write.key as usize], source);
        let mut order: Vec<u32> = (0..writes.len() as u32).collect();
        order.sort_by(|&a, &b| text(&writes[a as usize]).cmp(text(&writes[b as usize])).then(a.cmp(&b)));
        let mut winners = Vec::with_capacity(writes.len());
        let mut problems = Vec::new();
        for group in order.chunk_by(|&a, &b| text(&writes[a as usize]) == text(&writes[b as usize])) {
            let Some((&last, losers)) = group.split_last() else { continue };
            winners.push(last);
            let mut written = losers.iter().chain([&last]).map(|&at| &writes[at as usize]);
            if let Some(mut earlier) = written.by_ref().find(|write| !write.merged) {
                for write in written {
                    let kind = if write.merged { ProblemKind::MergeOverwrites } else { ProblemKind::DuplicateKey };
                    problems.push(self.problem(kind, write, earlier));
                    earlier = if write.merged { earlier } else { write };
                }
            }
        }
        winners.sort_unstable();
        problems.sort_by_key(|problem| problem.span);
        self.problems.append(&mut problems);

        let start = self.arena.entries.len() as u32;
        for &at in &winners {
            let Write { key, value, .. } = writes[at as usize];
            self.arena.entries.push((key, value));
            self.arena.nodes[key as usize].parent = frame.id;
            self.arena.nodes[value as usize].parent = frame.id;
        }
        let node = &mut self.arena.nodes[frame.id as usize];
        node.flags |= LISTED;
        node.c = start;
        node.b = winners.len() as u32;
        Ok(())
    }

    fn problem(&self, kind: ProblemKind, write: &Write, earlier: &Write) -> Problem {
        let span = |id: u32| self.arena.nodes[id as usize].span;
        match kind {
            // What overwrites stands elsewhere; the key that is overwritten is the place to look at.
            ProblemKind::MergeOverwrites => Problem {
                kind,
                span: span(earlier.key),
                related: Some(span(write.key)),
                node: Some(NodeId(earlier.value)),
            },
            _ => Problem {
                kind,
                span: span(write.key),
                related: Some(span(earlier.key)),
                node: Some(NodeId(write.value)),
            },
        }
    }

    /// True where two keys of the mapping are equal.
    fn repeats(&self, frame: &Frame, source: &str) -> bool {
        let keys = &self.keys[frame.keys as usize..];
        let text = |id: u32| self.arena.text(&self.arena.nodes[id as usize], source);
        const FEW: usize = 48;
        if keys.len() <= FEW {
            return keys.iter().enumerate().any(|(at, &(hash, id))| {
                keys[..at].iter().any(|&(other, earlier)| other == hash && text(earlier) == text(id))
            });
        }
        let mut texts: Vec<&str> = keys.iter().map(|&(_, id)| text(id)).collect();
        texts.sort_unstable();
        texts.windows(2).any(|pair| pair[0] == pair[1])
    }

    /// Writes what the value of a merge key brings in.
    fn merge(&self, value: u32, writes: &mut Vec<Write>) -> Result<(), Refused> {
        let node = &self.arena.nodes[value as usize];
        match node.kind {
            Kind::Map => self.write_all(value, writes),
            // A sequence must be written in place: the library takes no alias to one.
            Kind::Seq if !node.is(ALIAS) => {
                let mut items = Vec::new();
                let mut item = value + 1;
                while item < node.a {
                    items.push(item);
                    item = self.arena.nodes[item as usize].end(item);
                }
                for item in items.into_iter().rev() {
                    let data = &self.arena.nodes[item as usize];
                    if data.kind != Kind::Map {
                        return Err((Refusal::MergeValue, data.span));
                    }
                    self.write_all(item, writes);
                }
            }
            _ => return Err((Refusal::MergeValue, node.span)),
        }
        Ok(())
    }

    /// Writes the effective entries of a mapping.
    fn write_all(&self, map: u32, writes: &mut Vec<Write>) {
        let node = &self.arena.nodes[map as usize];
        if node.is(LISTED) {
            let start = node.c as usize;
            let listed = &self.arena.entries[start..start + node.b as usize];
            writes.extend(listed.iter().map(|&(key, value)| Write { key, value, merged: true }));
        } else {
            let mut key = map + 1;
            while key < node.a {
                debug_assert!(self.arena.nodes[key as usize].is(KEY));
                writes.push(Write { key, value: key + 1, merged: true });
                key = self.arena.nodes[key as usize + 1].end(key + 1);
            }
        }
    }
}
