//! Markdown on a terminal: as it is written, with headings, code and emphasis marked where colours are wanted.

/// Paints Markdown; without colours it stays as it is.
pub fn paint(text: &str, color: bool) -> String {
    if !color {
        return text.to_owned();
    }
    let mut painted = String::with_capacity(text.len() * 2);
    let mut fence = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fence = !fence;
            continue;
        }
        if fence {
            painted.push_str(&format!("    \u{1b}[36m{line}\u{1b}[0m\n"));
        } else if let Some(heading) = line.strip_prefix('#') {
            painted.push_str(&format!("\u{1b}[1m{}\u{1b}[0m\n", heading.trim_start_matches('#').trim()));
        } else {
            inline(line, &mut painted);
            painted.push('\n');
        }
    }
    painted
}

/// Code between backticks.
fn inline(line: &str, painted: &mut String) {
    for (at, part) in line.split('`').enumerate() {
        if at % 2 == 1 {
            painted.push_str(&format!("\u{1b}[36m{part}\u{1b}[0m"));
        } else {
            painted.push_str(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colours_nothing_changes() {
        assert_eq!(paint("# A\n`b`\n", false), "# A\n`b`\n");
    }

    #[test]
    fn headings_and_code_are_marked() {
        assert_eq!(paint("# A\nsay `b`", true), "\u{1b}[1mA\u{1b}[0m\nsay \u{1b}[36mb\u{1b}[0m\n");
    }
}
