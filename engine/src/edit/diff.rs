//! What differs between two texts, by lines: as edits, and as hunks that a person may see.

use std::sync::Arc;

use tacit_lang::diag::TextEdit;
use tacit_lang::span::Span;

use crate::document::SourceText;
use crate::redact::Masks;

/// Lines of context around a change.
const CONTEXT: usize = 3;

/// Changed lines beyond which a part of the text counts as replaced.
const MOST_CHANGES: usize = 2_000;

/// A part of the text that changes, with lines around it. Secret material and comments are hidden in it, so it is for
/// reading, not for `patch`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// First line in the old text, from 1.
    pub old_line: usize,
    /// Number of lines in the old text.
    pub old_lines: usize,
    /// First line in the new text, from 1.
    pub new_line: usize,
    /// Number of lines in the new text.
    pub new_lines: usize,
    /// The lines.
    pub lines: Vec<Line>,
}

/// A line of a hunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// ` `, `-` or `+`.
    pub sign: char,
    /// The line as it may be shown.
    pub text: String,
}

/// Lines `old` are replaced by lines `new`; ranges of line numbers from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Replaced {
    old: std::ops::Range<usize>,
    new: std::ops::Range<usize>,
}

/// The hunks from one text to another.
pub fn hunks(old: &Arc<SourceText>, new: &Arc<SourceText>) -> Vec<Hunk> {
    let (old_lines, new_lines) = (lines(&old.text), lines(&new.text));
    let changes = compare(&old_lines, &new_lines);
    let (mut old_masks, mut new_masks) = (Masks::default(), Masks::default());
    let mut hunks: Vec<Hunk> = Vec::new();
    let mut at = 0;
    while at < changes.len() {
        let mut last = at;
        while changes.get(last + 1).is_some_and(|next| next.old.start - changes[last].old.end <= 2 * CONTEXT) {
            last += 1;
        }
        let (first, end) = (&changes[at], &changes[last]);
        let lead = first.old.start.min(CONTEXT);
        let tail = (old_lines.len() - end.old.end).min(CONTEXT);
        let mut shown = Vec::new();
        let mut show = |sign, masks: &mut Masks, source: &Arc<SourceText>, range: std::ops::Range<usize>| {
            for line in range {
                let offset = source.line_index().start_of(line);
                shown.push(Line { sign, text: masks.excerpt(source, Span::at(offset)).text });
            }
        };
        let mut seen = first.old.start - lead;
        for change in &changes[at..=last] {
            show(' ', &mut old_masks, old, seen..change.old.start);
            show('-', &mut old_masks, old, change.old.clone());
            show('+', &mut new_masks, new, change.new.clone());
            seen = change.old.end;
        }
        show(' ', &mut old_masks, old, seen..end.old.end + tail);
        let (old_from, new_from) = (first.old.start - lead, first.new.start - lead);
        hunks.push(Hunk {
            old_line: old_from + 1,
            old_lines: end.old.end + tail - old_from,
            new_line: new_from + 1,
            new_lines: end.new.end + tail - new_from,
            lines: shown,
        });
        at = last + 1;
    }
    hunks
}

/// The edits from one text to another.
pub fn text_edits(old: &str, new: &str) -> Vec<TextEdit> {
    let (old_lines, new_lines) = (lines(old), lines(new));
    let starts = |lines: &[&str]| {
        let ends = lines.iter().scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        });
        std::iter::once(0).chain(ends).collect::<Vec<usize>>()
    };
    let (old_at, new_at) = (starts(&old_lines), starts(&new_lines));
    let edit = |change: Replaced| {
        let (mut start, mut end) = (old_at[change.old.start], old_at[change.old.end]);
        let (before, after) = (&old[start..end], &new[new_at[change.new.start]..new_at[change.new.end]]);
        let head: usize =
            before.chars().zip(after.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        let (before, after) = (&before[head..], &after[head..]);
        let tail: usize =
            before.chars().rev().zip(after.chars().rev()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
        start += head;
        end -= tail;
        TextEdit { span: Span::new(start as u32, end as u32), text: after[..after.len() - tail].to_owned() }
    };
    compare(&old_lines, &new_lines).into_iter().map(edit).collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The shortest list of replaced lines, by the algorithm of Myers (1986), from the front.
fn compare(old: &[&str], new: &[&str]) -> Vec<Replaced> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let mut changes: Vec<Replaced> = Vec::new();
    for (x, y, is_old) in script(a, b) {
        let (x, y) = (x + head, y + head);
        let (old, new) = if is_old { (x..x + 1, y..y) } else { (x..x, y..y + 1) };
        match changes.last_mut() {
            Some(last) if last.old.end == old.start && last.new.end == new.start => {
                last.old.end = old.end;
                last.new.end = new.end;
            }
            _ => changes.push(Replaced { old, new }),
        }
    }
    changes
}

/// Single lines that go (`true`) or come, each with the position in both texts at which it does.
fn script(a: &[&str], b: &[&str]) -> Vec<(usize, usize, bool)> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = (a.len() + b.len()).min(MOST_CHANGES) as isize;
    let offset = most + 1;
    let mut reach = vec![0isize; 2 * offset as usize + 1];
    let mut history = Vec::new();
    for depth in 0..=most {
        history.push(reach.clone());
        for k in (-depth..=depth).step_by(2) {
            let at = (k + offset) as usize;
            let down = k == -depth || (k != depth && reach[at - 1] < reach[at + 1]);
            let mut x = if down { reach[at + 1] } else { reach[at - 1] + 1 };
            let mut y = x - k;
            while x < n && y < m && a[x as usize] == b[y as usize] {
                x += 1;
                y += 1;
            }
            reach[at] = x;
            if x >= n && y >= m {
                return walk_back(&history, offset, (n, m));
            }
        }
    }
    let gone = (0..a.len()).map(|x| (x, 0, true));
    gone.chain((0..b.len()).map(|y| (a.len(), y, false))).collect()
}

fn walk_back(history: &[Vec<isize>], offset: isize, end: (isize, isize)) -> Vec<(usize, usize, bool)> {
    let (mut x, mut y) = end;
    let mut script = Vec::new();
    for (depth, reach) in history.iter().enumerate().rev() {
        let (depth, k) = (depth as isize, x - y);
        let at = (k + offset) as usize;
        let down = k == -depth || (k != depth && reach[at - 1] < reach[at + 1]);
        let before = if down { k + 1 } else { k - 1 };
        let from = reach[(before + offset) as usize];
        if depth > 0 {
            script.push((from as usize, (from - before) as usize, !down));
        }
        (x, y) = (from, from - before);
    }
    script.reverse();
    script
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(old: &str, new: &str) -> String {
        let mut text = old.to_owned();
        for edit in text_edits(old, new).iter().rev() {
            text.replace_range(edit.span.range(), &edit.text);
        }
        text
    }

    #[test]
    fn edits_lead_from_one_text_to_the_other_and_are_small() {
        let old = "a: 1\nb: 2\nc: 3\nd: 4\n";
        let new = "a: 1\nb: 22\nc: 3\nx: 0\nd: 4\n";
        let edits = text_edits(old, new);
        assert_eq!(edits.len(), 2);
        assert_eq!((edits[0].span, &*edits[0].text), (Span::at(9), "2"));
        for (old, new) in [(old, new), (new, old), ("", new), (old, ""), ("a\nb\n", "b\na\n"), ("x", "x\n"), (old, old)]
        {
            assert_eq!(edited(old, new), new);
        }
    }

    #[test]
    fn a_hunk_has_three_lines_of_context_and_hides_secrets() {
        let old =
            "kind: Secret # note\nmetadata:\n  name: a\n  annotations: {}\nstringData:\n  password: hunter22\n  b: x\n";
        let new = old.replace("  annotations: {}\n", "").replace("  b: x\n", "");
        let hunks = hunks(&SourceText::new("a.yaml", old), &SourceText::new("a.yaml", new));
        let shown: Vec<String> = hunks[0].lines.iter().map(|line| format!("{}{}", line.sign, line.text)).collect();
        assert_eq!(
            shown,
            [
                " kind: Secret # …",
                " metadata:",
                "   name: a",
                "-  annotations: {}",
                " stringData:",
                "   password: <redacted>",
                "-  b: <redacted>"
            ]
        );
        assert_eq!((hunks[0].old_line, hunks[0].old_lines, hunks[0].new_line, hunks[0].new_lines), (1, 7, 1, 5));
    }

    #[test]
    fn texts_with_nothing_in_common_are_replaced() {
        let old: String = (0..3_000).map(|at| format!("a{at}\n")).collect();
        let new: String = (0..3_000).map(|at| format!("b{at}\n")).collect();
        assert_eq!(edited(&old, &new), new);
    }
}
