//! What the README shows of the command line is what the binary prints.

use tacit_tests::binary::{repository, run, tacit};
use tacit_tests::markdown::blocks;

/// A command of a `console` block, with the output that is shown under it.
struct Shown {
    /// What follows `$ tacit`.
    arguments: Vec<String>,
    /// Runs of lines; between them, lines are left out (`…`).
    runs: Vec<String>,
}

fn shown(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ tacit ") {
            let arguments = command.split_whitespace().map(str::to_owned).collect();
            found.push(Shown { arguments, runs: vec![String::new()] });
        } else if let Some(last) = found.last_mut() {
            match line {
                "…" => last.runs.push(String::new()),
                _ => last.runs.last_mut().into_iter().for_each(|run| *run = format!("{run}{line}\n")),
            }
        }
    }
    found
}

#[test]
fn commands_print_what_is_shown() {
    let page = std::fs::read_to_string(repository().join("README.md")).expect("the page is readable");
    let all: Vec<Shown> =
        blocks(&page).iter().filter(|block| block.info == "console").flat_map(|block| shown(&block.text)).collect();
    assert!(all.len() >= 2, "the commands are found");
    for command in all {
        let (_, out, err) = run(tacit().args(&command.arguments));
        let mut rest = out.as_str();
        for part in command.runs.iter().filter(|part| !part.is_empty()) {
            let at = rest.find(part.as_str());
            let at = at.unwrap_or_else(|| panic!("{:?} does not print\n{part}\nbut\n{out}{err}", command.arguments));
            rest = &rest[at + part.len()..];
        }
    }
}
