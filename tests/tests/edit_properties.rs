//! What holds of edits for any document: the value comes out as asked for, and the lines that the edit is not about stay.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tacit_engine::document::{LoadOptions, NodePath, SourceText, Step, load_yaml};
use tacit_engine::edit::{Change, Editor};
use tacit_engine::source::json::value;
use tacit_engine::verdict::EditAction;

/// A document with a layout.
#[derive(Clone, Debug)]
enum Tree {
    Scalar(&'static str),
    /// Keys and values, in braces or not, with comments above and behind the entries.
    Map(Vec<Tree>, bool, u8),
    List(Vec<Tree>, bool, u8),
}

fn tree() -> impl Strategy<Value = Tree> {
    let scalar = prop::sample::select(vec![
        "1",
        "true",
        "text",
        "'it''s'",
        "\"q\\n\"",
        "~",
        "2.5",
        "a b",
        "http://x/y#z",
        "'#'",
        "|\n§one\n§two",
        ">-\n§x\n\n§y",
    ]);
    scalar.prop_map(Tree::Scalar).prop_recursive(4, 40, 5, |inner| {
        let parts = prop::collection::vec(inner, 1..5);
        (parts, prop::bool::weighted(0.25), any::<u8>(), any::<bool>()).prop_map(|(parts, flow, notes, map)| {
            if map { Tree::Map(parts, flow, notes) } else { Tree::List(parts, flow, notes) }
        })
    })
}

/// How a document is written.
#[derive(Clone, Copy, Debug)]
struct Layout {
    indent: usize,
    dash: usize,
}

impl Tree {
    fn is_block(&self) -> bool {
        matches!(self, Tree::Map(_, false, _) | Tree::List(_, false, _))
    }

    /// In braces; block scalars become plain ones.
    fn flow(&self) -> String {
        match self {
            Tree::Scalar(text) if text.contains('\n') => "word".to_owned(),
            Tree::Scalar(text) => (*text).to_owned(),
            Tree::Map(parts, ..) => {
                let parts = parts.iter().enumerate().map(|(at, part)| format!("k{at}: {}", part.flow()));
                format!("{{{}}}", parts.collect::<Vec<_>>().join(", "))
            }
            Tree::List(parts, ..) => {
                format!("[{}]", parts.iter().map(Tree::flow).collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// Lines of a block at a column; the first line has no indentation of its own where it follows a dash.
    fn block(&self, column: usize, layout: Layout, out: &mut String, mut inline: bool) {
        let (Tree::Map(parts, _, notes) | Tree::List(parts, _, notes)) = self else { return };
        for (at, part) in parts.iter().enumerate() {
            let pad = " ".repeat(column);
            if !inline && notes >> at & 1 == 1 {
                out.push_str(&format!("{pad}# about {at}\n"));
            }
            if !inline {
                out.push_str(&pad);
            }
            inline = false;
            let is_map = matches!(self, Tree::Map(..));
            match (is_map, part) {
                (true, part) => {
                    out.push_str(&format!("k{at}:"));
                    if part.is_block() {
                        out.push('\n');
                        let step = if matches!(part, Tree::List(..)) { layout.dash } else { layout.indent };
                        part.block(column + step, layout, out, false);
                        continue;
                    }
                }
                (false, part) => {
                    out.push('-');
                    if part.is_block() {
                        out.push(' ');
                        part.block(column + 2, layout, out, true);
                        continue;
                    }
                }
            }
            let text = match part {
                Tree::Scalar(text) => text.replace('§', &" ".repeat(column + 2)),
                _ => part.flow(),
            };
            out.push_str(&format!(" {text}"));
            if notes >> (at + 4) & 1 == 1 && !text.contains('\n') {
                out.push_str(&format!(" # note {at}"));
            }
            out.push('\n');
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    (prop::collection::vec(tree(), 1..5), any::<u8>(), 2usize..5, prop::bool::ANY, prop::bool::weighted(0.2)).prop_map(
        |(parts, notes, indent, dashed, windows)| {
            let mut text = String::from("# head\n");
            let layout = Layout { indent, dash: if dashed { indent } else { 0 } };
            Tree::Map(parts, false, notes).block(0, layout, &mut text, false);
            text.push_str("# tail\n");
            if windows { text.replace('\n', "\r\n") } else { text }
        },
    )
}

/// Paths of all nodes but the root.
fn paths(value: &Value, here: &NodePath, out: &mut Vec<NodePath>) {
    let mut visit = |step, child: &Value| {
        let path = here.clone().join(step);
        out.push(path.clone());
        paths(child, &path, out);
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(key, child)| visit(Step::Key(key.as_str().into()), child)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(at, child)| visit(Step::Index(at as u32), child));
        }
        _ => {}
    }
}

fn read(text: &str) -> Value {
    let loaded = load_yaml(SourceText::new("a.yaml", text), &LoadOptions::default());
    assert_eq!((loaded.documents.len(), loaded.errors.len()), (1, 0), "{text}");
    value(loaded.documents[0].root())
}

fn at<'v>(root: &'v mut Value, path: &NodePath) -> &'v mut Value {
    path.steps.iter().fold(root, |node, step| match step {
        Step::Key(key) => &mut node[&**key],
        Step::Index(index) => &mut node[*index as usize],
    })
}

/// How many lines of `few` are not in `many`, of the longest list of lines that both have in one order.
fn strangers(few: &str, many: &str) -> usize {
    let (few, many): (Vec<&str>, Vec<&str>) = (few.lines().collect(), many.lines().collect());
    let mut common = vec![0; many.len() + 1];
    for line in &few {
        let before = common.clone();
        for (at, other) in many.iter().enumerate() {
            common[at + 1] = if line == other { before[at] + 1 } else { before[at + 1].max(common[at]) };
        }
    }
    few.len() - common[many.len()]
}

fn edit(text: &str, path: &NodePath, action: EditAction) -> Result<String, String> {
    let mut editor = Editor::new(&SourceText::new("a.yaml", text));
    editor.change(&[Change { document: 0, path: path.clone(), action }]).map_err(|refusal| refusal.0)?;
    Ok(editor.text())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn a_node_that_is_removed_is_gone_and_the_other_lines_stay(text in text(), pick in any::<prop::sample::Index>()) {
        let mut expected = read(&text);
        let mut all = Vec::new();
        paths(&expected, &NodePath::default(), &mut all);
        let path = pick.get(&all);
        let mut parent = path.clone();
        match parent.steps.pop() {
            Some(Step::Key(key)) => { at(&mut expected, &parent).as_object_mut().map(|map| map.remove(&*key)); }
            Some(Step::Index(index)) => { at(&mut expected, &parent).as_array_mut().map(|list| list.remove(index as usize)); }
            None => {}
        }
        match edit(&text, path, EditAction::Remove) {
            Ok(edited) => {
                prop_assert_eq!(read(&edited), expected);
                // A brace or a dash can be left on one line.
                prop_assert!(strangers(&edited, &text) <= 1, "{}\n{}", text, edited);
                prop_assert_eq!(edited.contains("# head"), true);
                prop_assert_eq!(edited.contains("# tail"), true);
            }
            // The last entry of the document.
            Err(reason) => prop_assert!(expected == json!({}) || reason.contains("layout"), "{}", reason),
        }
    }

    #[test]
    fn a_value_that_is_set_is_read_and_the_other_lines_stay(
        text in text(),
        pick in any::<prop::sample::Index>(),
        new in prop::sample::select(vec![json!(true), json!(7), json!("word"), json!("two words: #"), json!(["a", {"b": 1}]), json!({"x": {"y": "z"}}), json!({})]),
        below in any::<bool>(),
    ) {
        let mut expected = read(&text);
        let mut all = Vec::new();
        paths(&expected, &NodePath::default(), &mut all);
        let mut path = pick.get(&all).clone();
        let old = at(&mut expected, &path).clone();
        let insert = below && matches!(old, Value::Object(_) | Value::Null);
        if insert {
            let node = at(&mut expected, &path);
            if node.is_null() {
                *node = Value::Object(Map::new());
            }
            node["new"] = new.clone();
            path.steps.push(Step::Key("new".into()));
        } else {
            *at(&mut expected, &path) = new.clone();
        }
        match edit(&text, &path, EditAction::Set(new.clone())) {
            Ok(edited) => {
                prop_assert_eq!(read(&edited), expected);
                if insert {
                    prop_assert!(strangers(&text, &edited) <= 1, "{}\n{}", text, edited);
                } else if !old.is_object() && !old.is_array() && !old.as_str().is_some_and(|old| old.contains(['\n', ' '])) {
                    prop_assert!(strangers(&text, &edited) <= 1, "{}\n{}", text, edited);
                }
                prop_assert_eq!(text.matches("\r\n").count() > 0, edited.matches("\r\n").count() > 0);
            }
            Err(reason) => prop_assert!(reason.contains("comments stand inside") || reason.contains("layout"), "{}", reason),
        }
    }
}

/// The properties would hold of an editor that refuses everything; most edits are made.
#[test]
fn edits_are_seldom_refused() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut made, mut refused) = (0, Vec::new());
    for _ in 0..500 {
        let text = text().new_tree(&mut runner).expect("a text").current();
        let mut all = Vec::new();
        paths(&read(&text), &NodePath::default(), &mut all);
        for path in &all {
            for (action_name, action) in [("remove", EditAction::Remove), ("set", EditAction::Set(json!("word")))] {
                match edit(&text, path, action) {
                    Ok(_) => made += 1,
                    // What a comment says is for its author to judge.
                    Err(reason) if reason.contains("comments stand inside") => {}
                    Err(reason) => refused.push((text.clone(), path.to_string(), action_name, reason)),
                }
            }
        }
    }
    let few = refused.len() * 50 < made;
    assert!(few, "{} edits are refused and {made} are made, as {:#?}", refused.len(), &refused[..refused.len().min(3)]);
}
