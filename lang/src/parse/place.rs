//! Where a piece of text that is being parsed stands in its file.

use crate::span::Span;

/// Maps offsets of a piece to offsets of the file, also after slips of the author were mended in the piece.
#[derive(Clone, Debug)]
pub(super) struct Place {
    base: u32,
    repairs: Vec<Repair>,
}

/// A stretch of a piece that was replaced, in the offsets of the piece at that time.
#[derive(Clone, Copy, Debug)]
struct Repair {
    at: u32,
    old_len: u32,
    new_len: u32,
}

impl Place {
    /// A piece that starts at `base` of its file.
    pub fn new(base: u32) -> Self {
        Place { base, repairs: Vec::new() }
    }

    /// Replaces `span` of `piece` by `replacement` and remembers it.
    pub fn repair(&mut self, piece: &mut String, span: Span, replacement: &str) {
        piece.replace_range(span.range(), replacement);
        self.repairs.push(Repair { at: span.start, old_len: span.len(), new_len: replacement.len() as u32 });
    }

    /// The offset in the file.
    pub fn offset(&self, mut offset: u32) -> u32 {
        for repair in self.repairs.iter().rev() {
            if offset >= repair.at + repair.new_len {
                offset = offset - repair.new_len + repair.old_len;
            } else if offset > repair.at {
                // Inside a replacement: the same place where the lengths agree, else the start of what was replaced.
                if repair.old_len != repair.new_len {
                    offset = repair.at;
                }
            }
        }
        self.base + offset
    }

    /// The span in the file of bytes `start..end` of the piece.
    pub fn span(&self, start: usize, end: usize) -> Span {
        let start = self.offset(start as u32);
        Span::new(start, self.offset(end as u32).max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_survive_repairs() {
        let mut piece = String::from("a && b = c");
        let mut place = Place::new(100);
        place.repair(&mut piece, Span::new(2, 4), "and");
        place.repair(&mut piece, Span::new(8, 9), "==");
        assert_eq!(piece, "a and b == c");
        assert_eq!(place.span(0, 1), Span::new(100, 101));
        assert_eq!(place.span(2, 5), Span::new(102, 104));
        assert_eq!(place.span(3, 5), Span::new(102, 104));
        assert_eq!(place.span(6, 7), Span::new(105, 106));
        assert_eq!(place.span(8, 10), Span::new(107, 108));
        assert_eq!(place.span(11, 12), Span::new(109, 110));
    }
}
