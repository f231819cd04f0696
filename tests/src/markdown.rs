//! Markdown pages as tests see them: fenced blocks and links.

use std::path::{Path, PathBuf};

/// A fenced code block.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands after the opening fence: `tacit`, `tacit,fail=T0103`, `sh`.
    pub info: String,
    /// The text between the fences.
    pub text: String,
    /// Line of the opening fence, from 1.
    pub line: usize,
}

impl Block {
    /// The language: the info string up to its first comma.
    pub fn language(&self) -> &str {
        self.info.split(',').next().unwrap_or_default().trim()
    }

    /// The value of an attribute such as `fail=T0103`; an empty text for one without value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.info.split(',').skip(1).map(str::trim).find_map(|part| match part.split_once('=') {
            Some((key, value)) => (key == name).then_some(value),
            None => (part == name).then_some(""),
        })
    }
}

/// The fenced blocks of a page, in order. Fences may be indented, as in lists.
pub fn blocks(page: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(Block, &str, usize)> = None;
    for (number, line) in page.lines().enumerate() {
        let bare = line.trim_start();
        match &mut open {
            Some((block, fence, indent)) => {
                if bare.trim_end() == *fence {
                    found.extend(open.take().map(|(block, ..)| block));
                } else {
                    block.text.push_str(line.get(*indent..).unwrap_or(bare));
                    block.text.push('\n');
                }
            }
            None => {
                let ticks = bare.len() - bare.trim_start_matches('`').len();
                if ticks >= 3 {
                    let (fence, info) = bare.split_at(ticks);
                    let block = Block { info: info.trim().to_owned(), text: String::new(), line: number + 1 };
                    open = Some((block, fence, line.len() - bare.len()));
                }
            }
        }
    }
    found
}

/// The targets of the links of a page, with their lines, code left out.
pub fn links(page: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut fenced = false;
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        // Code spans may hold brackets: every second part between backticks is one.
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut rest = prose.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let Some((target, tail)) = after.split_once(')') else { break };
            found.push((number + 1, target.to_owned()));
            rest = tail;
        }
    }
    found
}

/// The anchor that a heading gets: lower case, words joined by hyphens, punctuation dropped.
pub fn anchor(heading: &str) -> String {
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            '-' | '_' => Some(c),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// The anchors of the headings of a page.
pub fn anchors(page: &str) -> Vec<String> {
    let mut fenced = false;
    page.lines()
        .filter(|line| {
            fenced ^= line.trim_start().starts_with("```");
            !fenced && line.starts_with('#')
        })
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

/// Every Markdown page below a folder, in the order of their paths; build outputs and hidden folders left out.
pub fn pages(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if name != "target" && name != "node_modules" && !name.to_string_lossy().starts_with('.') {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|ext| ext == "md") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_keeps_its_place_and_attributes() {
        let page = "text\n\n  ```tacit,fail=T0103\n  rule\n    for\n  ```\n";
        let found = blocks(page);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].line, found[0].text.as_str()), (3, "rule\n  for\n"));
        assert_eq!((found[0].language(), found[0].attribute("fail")), ("tacit", Some("T0103")));
    }

    #[test]
    fn links_in_code_are_no_links() {
        assert_eq!(links("see [a](b.md#c) and `[x](y)`"), [(1, "b.md#c".to_owned())]);
    }

    #[test]
    fn anchors_are_those_of_the_rendered_page() {
        assert_eq!(anchor("Types, and missing values"), "types-and-missing-values");
        assert_eq!(anchors("# `for` clause\n```\n# no\n```\n## B"), ["for-clause", "b"]);
    }
}
