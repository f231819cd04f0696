//! What the parser says about broken files, and that its helps mend them.

mod inline;

use tacit_lang::diag::Diagnostic;
use tacit_lang::parse::parse;

fn diagnose(text: &str) -> Vec<Diagnostic> {
    parse(text).1
}

#[test]
fn broken_files_say_what_is_wrong() {
    inline::check_folder("syntax", diagnose);
}

/// Applies the edits of a help.
fn apply(text: &str, diagnostic: &Diagnostic) -> Option<String> {
    let mut edits = diagnostic.help.as_ref()?.edits.clone();
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    let mut mended = text.to_owned();
    for edit in edits {
        mended.replace_range(edit.span.range(), &edit.text);
    }
    Some(mended)
}

#[test]
fn each_edit_mends_what_it_belongs_to() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics/syntax");
    let mut applied = 0;
    for entry in std::fs::read_dir(root).expect("the folder of examples") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        let before = diagnose(&text);
        for diagnostic in &before {
            let Some(mended) = apply(&text, diagnostic) else { continue };
            applied += 1;
            let after = diagnose(&mended);
            // Mending a lexical slip may bring to light what stands behind it, but not the same thing again.
            let again = after
                .iter()
                .any(|other| other.span.start == diagnostic.span.start && other.message == diagnostic.message);
            assert!(!again, "{}: {} {:?}\n{after:#?}", path.display(), diagnostic.message, diagnostic.span);
        }
    }
    assert!(applied > 30, "only {applied} edits");
}
