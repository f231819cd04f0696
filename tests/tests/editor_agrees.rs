//! What an editor shows is what the command line says, to the letter: `tacit lint` for rule files, `tacit check` for
//! manifests.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;
use tacit_tests::binary::{repository, run, tacit};
use tacit_tests::editor::Editor;

/// File, line, column, code, level, text.
type Told = (String, u64, u64, String, String, String);

/// What the command line says of rule files.
fn lint(dir: &Path) -> BTreeSet<Told> {
    let (_, out, err) = run(tacit().current_dir(dir).args(["lint", "--format", "json"]));
    let list: Vec<Value> = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    list.iter()
        .filter(|one| one["file"].as_str().is_some_and(|file| dir.join(file).exists()))
        .map(|one| {
            let help = one["help"].as_str().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
            told(one, &one["file"], "code", "level", text(&one["message"]) + &help)
        })
        .collect()
}

/// What the command line finds in manifests, and what of them it does not read.
fn check(dir: &Path) -> BTreeSet<Told> {
    let (_, out, err) = run(tacit().current_dir(dir).args(["check", ".", "--format", "json"]));
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    let findings = report["findings"].as_array().expect("findings");
    let shown = |one: &Value| {
        let remedy = text(&one["remedy"]);
        let remedy = if remedy.is_empty() { remedy } else { format!("\nremedy: {remedy}") };
        format!("{} ({}){remedy}", text(&one["message"]), text(&one["severity"]))
    };
    let mut all: BTreeSet<Told> = findings
        .iter()
        .filter(|one| one["waived"].is_null())
        .map(|one| told(&one["location"], &one["location"]["file"], "none", "none", shown(one)))
        .map(|(file, line, column, ..)| (file, line, column))
        .zip(findings.iter().filter(|one| one["waived"].is_null()))
        .map(|((file, line, column), one)| {
            let level = match one["severity"].as_str().expect("a severity") {
                "critical" | "high" => "error",
                "medium" => "warning",
                "low" => "information",
                _ => "hint",
            };
            (file, line, column, text(&one["rule"]), level.to_owned(), shown(one))
        })
        .collect();
    for skipped in report["inputs"]["skipped"].as_array().expect("a list") {
        let reason = text(&skipped["reason"]);
        let place = reason.strip_prefix("line ").and_then(|rest| {
            let (line, rest) = rest.split_once(", column ")?;
            let (column, why) = rest.split_once(": ")?;
            Some((line.parse().ok()?, column.parse().ok()?, why.to_owned()))
        });
        let level = if place.is_some() { "error" } else { "information" };
        let (line, column, why) = place.unwrap_or((1, 1, reason.clone()));
        all.insert((text(&skipped["file"]), line, column, String::new(), level.to_owned(), why));
    }
    all
}

fn told(one: &Value, file: &Value, code: &str, level: &str, message: String) -> Told {
    let number = |key: &str| one[key].as_u64().expect("a number");
    (text(file), number("line"), number("column"), text(&one[code]), text(&one[level]), message)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// What an editor shows: of rule files, and of manifests.
fn editor(dir: &Path) -> (BTreeSet<Told>, BTreeSet<Told>) {
    let mut editor = Editor::open(dir);
    let diagnostics = editor.diagnostics();
    editor.close();
    let shown = diagnostics.into_iter().map(|(uri, one)| {
        let file = uri.strip_prefix(&format!("file://{}/", dir.display())).unwrap_or(&uri).to_owned();
        let start = &one["range"]["start"];
        let level = match one["severity"].as_u64() {
            Some(1) => "error",
            Some(2) => "warning",
            Some(3) => "information",
            _ => "hint",
        };
        let number = |key: &str| start[key].as_u64().expect("a number") + 1;
        (file, number("line"), number("character"), text(&one["code"]), level.to_owned(), text(&one["message"]))
    });
    shown.partition(|(file, ..)| file.ends_with(".tacit"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("the example is there").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a file");
        }
    }
}

/// A folder of examples and of files.
fn folder(examples: &[(&str, &str)], files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a directory");
    for (example, place) in examples {
        copy(&repository().join("examples").join(example), &dir.path().join(place));
    }
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    dir
}

fn agree(dir: &Path) -> (usize, usize) {
    let dir = &dir.canonicalize().expect("a directory");
    let (rules, manifests) = editor(dir);
    similar(&rules, &lint(dir));
    similar(&manifests, &check(dir));
    (rules.len(), manifests.len())
}

fn similar(editor: &BTreeSet<Told>, command: &BTreeSet<Told>) {
    let only = |a: &BTreeSet<Told>, b: &BTreeSet<Told>| a.difference(b).cloned().collect::<Vec<_>>();
    assert_eq!(
        (only(editor, command), only(command, editor)),
        (vec![], vec![]),
        "only the editor; only the command line"
    );
}

#[test]
fn on_an_estate_under_the_standard_rules() {
    let dir = folder(&[("gitops", "")], &[("tacit.toml", "")]);
    let (_, findings) = agree(dir.path());
    assert!(findings > 5, "the example has faults");
}

#[test]
fn on_the_rules_of_a_company_beside_an_estate() {
    let dir = folder(&[("org-rules", ""), ("gitops", "k8s")], &[]);
    agree(dir.path());
}

#[test]
fn on_broken_rules_and_manifests_and_all_that_a_project_decides() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web, namespace: shop }\nspec:\n  hostNetwork: true\n  \
               containers:\n  - { name: app, env: [{ name: DB, valueFrom: { secretKeyRef: { name: db, key: p } } }] }\n";
    let dir = folder(
        &[],
        &[
            (
                "tacit.toml",
                "rules = [\"rules\", \"more\"]\nstd = { rotation = false }\nskip = [\"SCH*\"]\nexclude = [\"out\"]\n\
                 namespace = \"given\"\n[severity]\npod-network = \"high\"\n[params]\nlimit = \"2\"\n[[waive]]\n\
                 rule = \"ENV001\"\nobject = \"waived\"\nuntil = 2099-01-01\nbecause = \"a test\"\nby = \"tests\"\n",
            ),
            (
                "rules/a.tacit",
                "param limit: int = 3\n/// Why.\nrule pod-network low \"x\"\n  for p in Pod\n  \
                 deny when p.spec.hostNetwork == true \"{p.name} in {p.namespace}, {limit}\"\n\n\
                 rule pod-wrong low \"x\"\n  for p in Pod\n  deny when p.spec.hostNetwrok == true \"m\"\n\n\
                 rule broken-head medum \"x\"\n  for p in\n\nlet unused = nothing\n",
            ),
            // Two files of one name, of which one uses the other.
            (
                "more/a.tacit",
                "rule file-place info \"y\"\n  for f in File\n  where f.dir == \"k8s\"\n  deny when f.name == \"pod.yaml\" \"{f.path}\"\n",
            ),
            ("k8s/pod.yaml", pod),
            ("k8s/waived.yaml", &pod.replace("name: web", "name: waived")),
            ("k8s/comment.yaml", &format!("# tacit.dev/waive: \"* until 2099-01-01: a test\"\n{pod}")),
            ("k8s/broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n"),
            ("out/pod.yaml", pod),
            ("chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 0.1.0\n"),
            ("chart/templates/pod.yaml", "kind: {{ .Values.kind }}\n"),
        ],
    );
    let (problems, findings) = agree(dir.path());
    assert!(problems >= 4, "{problems} problems of rules");
    assert!(findings >= 4, "{findings} findings");
}

#[test]
fn without_the_standard_rules_their_vocabulary_is_known() {
    let rule = "rule w-name low \"x\"\n  for w in Workload\n  deny when w.name.size > 2 \"m\"\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\n";
    let dir = folder(&[], &[("tacit.toml", "std = false\nrules = [\"r\"]\n"), ("r/a.tacit", rule), ("a.yaml", pod)]);
    let (_, findings) = agree(dir.path());
    assert_eq!(findings, 1);
}
