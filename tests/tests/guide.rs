//! Every `tacit` block of the guide and of the README compiles, is formatted, and passes its own tests.
//!
//! A block is a file of its own, with these attributes: `tacit,more` continues the file of the block before,
//! `tacit,fail=T0103` must be refused with that code, `tacit,part` is a piece that is shown and not compiled (it must
//! stand whole in another block of the page). `file=name.tacit` names the file: a `text` block that follows then has to
//! be what `tacit lint` says of it, without the closing count.

use std::path::{Path, PathBuf};

use tacit_tests::binary::{repository, run, tacit};
use tacit_tests::markdown::{blocks, pages};
use tacit_tests::pending::only_relations;

/// A file made of blocks, and what is expected of it.
struct Case {
    /// `docs/guide/tutorial.md:12`
    place: String,
    text: String,
    fails: Option<String>,
    /// The name of the file, and what is said of it.
    said: Option<(String, String)>,
}

fn cases(path: &Path) -> Vec<Case> {
    let page = std::fs::read_to_string(path).expect("a page is UTF-8");
    let name = path.strip_prefix(repository().join("")).unwrap_or(path).display().to_string();
    let mut cases: Vec<Case> = Vec::new();
    let all = blocks(&page);
    for (number, block) in all.iter().enumerate().filter(|(_, block)| block.language() == "tacit") {
        let place = format!("{name}:{}", block.line);
        if block.attribute("part").is_some() {
            let whole = all
                .iter()
                .any(|other| other.line != block.line && squeezed(&other.text).contains(&squeezed(&block.text)));
            assert!(whole, "{place}: this part stands in no other block of the page");
        } else if block.attribute("more").is_some() {
            let before = cases.last_mut().unwrap_or_else(|| panic!("{place}: there is no block to continue"));
            before.text.push('\n');
            before.text.push_str(&block.text);
        } else {
            let fails = block.attribute("fail").map(str::to_owned);
            let said = block.attribute("file").map(|file| {
                let said = all.get(number + 1).filter(|next| next.info == "text");
                let said = said.unwrap_or_else(|| panic!("{place}: no `text` block follows"));
                (file.to_owned(), said.text.clone())
            });
            cases.push(Case { place, text: block.text.clone(), fails, said });
        }
    }
    cases
}

/// White space carries no meaning beyond the first column.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is wrong with the case; `None` where it is as the page says.
fn fault(case: &Case, folder: &Path, number: usize) -> Option<String> {
    let name = case.said.as_ref().map_or_else(|| format!("block{number}.tacit"), |(name, _)| name.clone());
    let file = folder.join(&name);
    std::fs::write(&file, &case.text).expect("the folder of the test can be written");
    let report = |what: &str, (status, out, err): (i32, String, String)| {
        Some(format!("{}: {what} (status {status})\n{out}{err}", case.place))
    };
    let lint = run(tacit().current_dir(folder).arg("lint").arg(&name));
    if let Some((_, said)) = &case.said
        && !lint.1.starts_with(said.as_str())
        && !lint.2.starts_with(said.as_str())
    {
        return report("other words are shown", lint);
    }
    if let Some(code) = &case.fails {
        let named = lint.1.contains(code.as_str()) || lint.2.contains(code.as_str());
        return if lint.0 != 0 && named { None } else { report(&format!("{code} was expected"), lint) };
    }
    if lint.0 != 0 {
        return report("does not compile, or has a warning", lint);
    }
    let format = run(tacit().args(["fmt", "--check"]).arg(&file));
    if format.0 != 0 {
        return report("is not formatted", format);
    }
    if case.text.lines().any(|line| line.starts_with("test ")) {
        let test = run(tacit().arg("test").arg(&file));
        if test.0 != 0 && !only_relations(&test.1) {
            return report("its tests fail", test);
        }
    }
    None
}

#[test]
fn every_block_of_the_guide_is_as_it_says() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("guide");
    std::fs::create_dir_all(&folder).expect("the folder of the test can be made");
    let cases: Vec<Case> = pages(&repository().join("docs/guide"))
        .iter()
        .chain([&repository().join("README.md")])
        .flat_map(|page| cases(page))
        .collect();
    assert!(cases.len() > 20, "the guide has blocks to test");
    let faults: Vec<String> = cases.iter().enumerate().filter_map(|(i, case)| fault(case, &folder, i)).collect();
    assert!(faults.is_empty(), "{} of {} blocks:\n\n{}", faults.len(), cases.len(), faults.join("\n"));
}
