//! Sessions of a client, through the protocol.

mod harness;

use harness::{Client, apply, codes};
use serde_json::{Value, json};

const RULES: &str = "\
/// Why.
rule secret-as-variable medium \"Secrets are files\"
  for w in Workload, c in w.containers
  deny for e in c.env when e.valueFrom.secretKeyRef exists
    \"container {c.name} receives {e.name}\"
  remedy \"mount it\"

test secret-as-variable \"one\"
  given \"\"\"
    apiVersion: v1
    kind: Pod
    metadata: { name: web }
  \"\"\"
  expect clean
";

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: prod
spec:
  containers:
  - name: app
    image: example.org/app:1
    env:
    - name: DB
      valueFrom:
        secretKeyRef:
          name: db
          key: url
";

const MADE: &str = "\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: db
  namespace: prod
spec:
  secretStoreRef: { name: vault, kind: SecretStore }
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: vault, namespace: prod }
spec: {}
";

/// Only the rules of the project: what the library says of the files is not what these tests are about.
const PROJECT: &str = "std = true\nrules = [\"rules\"]\nonly = [\"secret-as-variable\"]\n";

fn files() -> Vec<(&'static str, &'static str)> {
    vec![("tacit.toml", PROJECT), ("rules/env.tacit", RULES), ("k8s/pod.yaml", POD), ("k8s/eso.yaml", MADE)]
}

#[test]
fn errors_of_rules_come_while_typing_and_go() {
    let client = Client::new(&files());
    client.open("rules/env.tacit");
    client.wait_for("rules/env.tacit", <[Value]>::is_empty);
    // One character of the field, as an editor sends it.
    let line = RULES.lines().position(|line| line.contains("secretKeyRef")).expect("there");
    let column = RULES.lines().nth(line).and_then(|text| text.find("secretKeyRef")).expect("there");
    let range =
        json!({ "start": { "line": line, "character": column }, "end": { "line": line, "character": column + 1 } });
    client.change("rules/env.tacit", json!([{ "range": range, "text": "x" }]));
    let found = client.wait_for("rules/env.tacit", |found| !found.is_empty());
    assert_eq!(codes(&found), ["T0103"]);
    assert!(found[0]["message"].as_str().expect("text").contains("did you mean `secretKeyRef`"));
    client.change("rules/env.tacit", json!([{ "range": range, "text": "s" }]));
    client.wait_for("rules/env.tacit", <[Value]>::is_empty);
    client.close();
}

#[test]
fn a_change_in_one_file_shows_in_another_that_is_not_open() {
    let client = Client::new(&[
        ("tacit.toml", "rules = [\"r\"]\n"),
        ("r/a.tacit", "param limit: int = 3\n"),
        ("r/b.tacit", "use \"a\"\nrule r-s low \"x\"\n  for p in Pod\n  deny when p.name.size > limit \"m\"\n"),
    ]);
    client.open("r/a.tacit");
    client.write("r/a.tacit", "param limits: int = 3\n");
    let found = client.wait_for("r/b.tacit", |found| !found.is_empty());
    assert_eq!(codes(&found), ["T0101"]);
    client.write("r/a.tacit", "param limit: int = 3\n");
    client.wait_for("r/b.tacit", <[Value]>::is_empty);
    client.close();
}

#[test]
fn findings_come_in_manifests_as_they_are_typed_with_a_waiver_to_take() {
    let client = Client::new(&files());
    client.open("k8s/pod.yaml");
    let found = client.wait_for("k8s/pod.yaml", |found| !found.is_empty());
    assert_eq!(codes(&found), ["secret-as-variable"]);
    assert!(found[0]["message"].as_str().expect("text").starts_with("container app receives DB"));
    let range = found[0]["range"].clone();
    let params = json!({ "textDocument": { "uri": client.uri("k8s/pod.yaml") }, "range": range, "context": { "diagnostics": [] } });
    let actions = client.request("textDocument/codeAction", params);
    let waive = &actions[0];
    assert!(waive["title"].as_str().expect("a title").starts_with("waive secret-as-variable here until "), "{actions}");
    let waived = apply(POD, &waive["edit"]["documentChanges"][0]["edits"]);
    client.write("k8s/pod.yaml", &waived);
    client.wait_for("k8s/pod.yaml", <[Value]>::is_empty);
    client.write("k8s/pod.yaml", &POD.replace("secretKeyRef", "configMapKeyRef"));
    client.write("k8s/pod.yaml", POD);
    client.wait_for("k8s/pod.yaml", |found| found.len() == 1);
    client.close();
}

#[test]
fn a_finding_is_waived_for_its_object_by_an_annotation() {
    let client = Client::new(&files());
    client.open("k8s/pod.yaml");
    let found = client.wait_for("k8s/pod.yaml", |found| !found.is_empty());
    let params = json!({
        "textDocument": { "uri": client.uri("k8s/pod.yaml") }, "range": found[0]["range"],
        "context": { "diagnostics": [] },
    });
    let actions = client.request("textDocument/codeAction", params);
    let title = |action: &Value| action["title"].as_str().is_some_and(|title| title.contains("for this Pod until "));
    let waive = actions.as_array().expect("actions").iter().find(|action| title(action)).expect("it is offered");
    let waived = apply(POD, &waive["edit"]["documentChanges"][0]["edits"]);
    assert!(waived.contains("  annotations:\n    tacit.dev/waive: \"secret-as-variable until "), "{waived}");
    client.write("k8s/pod.yaml", &waived);
    client.wait_for("k8s/pod.yaml", <[Value]>::is_empty);
    client.close();
}

#[test]
fn custom_kinds_of_the_workspace_are_described() {
    let crd = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: { name: a.example.org }\n\
               spec:\n  group: example.org\n  scope: Namespaced\n  names: { kind: Ark, plural: arks }\n  versions:\n  \
               - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        \
               type: object\n        properties:\n          spec:\n            type: object\n            \
               properties:\n              size: { type: integer, description: How much it holds. }\n";
    let rule = "rule ark-size low \"x\"\n  for a in Ark\n  deny when a.spec.size == 3 \"m\"\n";
    let client = Client::new(&[("crd.yaml", crd), ("a.tacit", rule)]);
    client.open("a.tacit");
    // The kind is known once the manifests were looked at.
    client.wait_for("a.tacit", |found| codes(found).contains(&"T0101".to_owned()) || !found.is_empty());
    client.wait_for("a.tacit", |found| !found.iter().any(|one| one["severity"] == 1));
    let hover = client.request("textDocument/hover", client.at("a.tacit", rule, "size ==", 1));
    let text = hover["contents"]["value"].as_str().expect("text");
    assert!(text.contains("How much it holds."), "{text}");
    client.close();
}

#[test]
fn references_in_manifests_are_followed() {
    let client = Client::new(&files());
    client.open("k8s/pod.yaml");
    client.wait_for("k8s/pod.yaml", |found| !found.is_empty());
    let places = client.request("textDocument/definition", client.at("k8s/pod.yaml", POD, "name: db", 7));
    assert_eq!(client.name(places[0]["uri"].as_str().expect("a place")), "k8s/eso.yaml");
    assert_eq!(places[0]["range"]["start"]["line"], 3, "the ExternalSecret that makes it");
    let hover = client.request("textDocument/hover", client.at("k8s/pod.yaml", POD, "name: db", 7));
    let text = hover["contents"]["value"].as_str().expect("text");
    assert!(
        text.contains("Refers to Secret `db`") && text.contains("Made by ExternalSecret `prod/db` in `k8s/eso.yaml`"),
        "{text}"
    );
    client.open("k8s/eso.yaml");
    let store = client.request("textDocument/definition", client.at("k8s/eso.yaml", MADE, "name: vault", 7));
    assert_eq!(store[0]["range"]["start"]["line"], 10);
    client.close();
}

#[test]
fn every_feature_of_rule_files_answers() {
    let client = Client::new(&files());
    client.open("rules/env.tacit");
    client.wait_for("rules/env.tacit", <[Value]>::is_empty);
    let file = "rules/env.tacit";
    let document = json!({ "textDocument": { "uri": client.uri(file) } });
    let at = |needle: &str, by: usize| client.at(file, RULES, needle, by);
    let with = |mut params: Value, key: &str, value: Value| {
        params[key] = value;
        params
    };

    let hover = client.request("textDocument/hover", at("secretKeyRef", 3));
    assert!(hover["contents"]["value"].as_str().expect("text").contains("SecretKeySelector"));

    let list = client.request("textDocument/completion", at("c.env when", 2));
    let labels: Vec<_> = list["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| item["label"].as_str().unwrap_or_default())
        .collect();
    assert!(labels.contains(&"env") && labels.contains(&"image"), "{labels:?}");
    let item =
        list["items"].as_array().expect("items").iter().find(|item| item["label"] == "flag").expect("a method").clone();
    let resolved = client.request("completionItem/resolve", item);
    assert!(resolved["documentation"]["value"].as_str().expect("text").contains("among command and arguments"));

    let definition = client.request("textDocument/definition", at("test secret-as-variable", 8));
    assert_eq!(definition[0]["range"]["start"]["line"], 1);
    let library = client.request("textDocument/definition", at("Workload", 2));
    let path = library[0]["uri"].as_str().and_then(|uri| uri.strip_prefix("file://")).expect("a file");
    assert!(std::fs::read_to_string(path).expect("it is there").contains("group Workload"));

    let references = client.request(
        "textDocument/references",
        with(at("rule secret-as-variable", 8), "context", json!({ "includeDeclaration": true })),
    );
    assert_eq!(references.as_array().map(Vec::len), Some(2));
    let highlights = client.request("textDocument/documentHighlight", at("c in w", 0));
    assert_eq!(highlights.as_array().map(Vec::len), Some(3));

    assert_eq!(
        client.request("textDocument/prepareRename", at("rule secret-as-variable", 8))["placeholder"],
        "secret-as-variable"
    );
    let edit =
        client.request("textDocument/rename", with(at("rule secret-as-variable", 8), "newName", json!("env-secret")));
    let changes = edit["documentChanges"].as_array().expect("changes");
    assert_eq!(changes.len(), 2, "the rule file and tacit.toml");
    assert!(apply(PROJECT, &changes[1]["edits"]).contains("only = [\"env-secret\"]"));
    let refused =
        client.try_request("textDocument/rename", with(at("rule secret-as-variable", 8), "newName", json!("deny")));
    assert_eq!(refused.expect_err("refused")["message"], "`deny` is a reserved word");

    let symbols = client.request("textDocument/documentSymbol", document.clone());
    assert_eq!(symbols[0]["name"], "secret-as-variable");
    assert_eq!(symbols[0]["children"][0]["name"], "one");
    let found = client.request("workspace/symbol", json!({ "query": "secret-as-variable" }));
    assert!(found.as_array().is_some_and(|found| found.iter().any(|symbol| symbol["name"] == "secret-as-variable")));

    let tokens = client.request("textDocument/semanticTokens/full", document.clone());
    assert!(tokens["data"].as_array().is_some_and(|data| data.len() > 100 && data.len() % 5 == 0));
    let same = client.request(
        "textDocument/semanticTokens/full/delta",
        with(document.clone(), "previousResultId", tokens["resultId"].clone()),
    );
    assert_eq!(same["edits"], json!([]));

    let range = json!({ "start": { "line": 0, "character": 0 }, "end": { "line": 20, "character": 0 } });
    let hints = client.request("textDocument/inlayHint", with(document.clone(), "range", range.clone()));
    assert!(
        hints
            .as_array()
            .is_some_and(|hints| hints.iter().any(|hint| hint["label"] == ": Container | EphemeralContainer"
                || hint["label"].as_str().is_some_and(|l| l.contains("Container")))),
        "{hints}"
    );
    assert!(
        client.request("textDocument/foldingRange", document.clone()).as_array().is_some_and(|folds| folds.len() >= 2)
    );
    let ranges = client.request(
        "textDocument/selectionRange",
        with(document.clone(), "positions", json!([at("secretKeyRef", 3)["position"]])),
    );
    assert!(ranges[0]["parent"]["parent"].is_object());
    assert_eq!(client.request("textDocument/documentLink", document.clone()), json!([]));
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    assert_eq!(
        client.request("textDocument/formatting", with(document.clone(), "options", options)),
        json!([]),
        "it is laid out already"
    );
    let item = client.request("textDocument/prepareCallHierarchy", at("containers", 2));
    let calls = client.request("callHierarchy/incomingCalls", json!({ "item": item[0] }));
    assert!(
        calls.as_array().is_some_and(|calls| calls.iter().any(|call| call["from"]["name"] == "secret-as-variable")),
        "{calls}"
    );
    client.close();
}

#[test]
fn tests_run_from_the_editor() {
    let client = Client::new(&files());
    client.open("rules/env.tacit");
    client.wait_for("rules/env.tacit", <[Value]>::is_empty);
    let document = json!({ "textDocument": { "uri": client.uri("rules/env.tacit") } });
    let lenses = client.request("textDocument/codeLens", document.clone());
    let run = lenses
        .as_array()
        .expect("lenses")
        .iter()
        .find(|lens| lens["command"]["title"] == "run this test")
        .expect("a test")
        .clone();
    let command = json!({ "command": run["command"]["command"], "arguments": run["command"]["arguments"] });
    let results = client.request("workspace/executeCommand", command);
    assert_eq!(results[0]["passed"], true, "{results}");
    assert!(client.sent("window/showMessage")["message"].as_str().expect("text").contains("1 tests passed"));
    let lenses = client.request("textDocument/codeLens", document);
    assert!(lenses.to_string().contains("passed: run again"));
    client.close();
}

#[test]
fn a_rule_is_evaluated_step_by_step() {
    let client = Client::new(&files());
    let arguments = json!([{ "rule": "secret-as-variable", "uri": client.uri("k8s/pod.yaml") }]);
    let result =
        client.request("workspace/executeCommand", json!({ "command": "tacit.evaluate", "arguments": arguments }));
    assert_eq!(result["findings"][0]["message"], "container app receives DB");
    let steps = result["steps"].as_array().expect("steps");
    assert!(
        steps.iter().any(|step| step["text"] == "e.valueFrom.secretKeyRef exists" && step["value"] == "true"),
        "{result:#}"
    );
    client.close();
}

#[test]
fn a_client_that_asks_for_diagnostics_gets_them_and_hears_of_no_change() {
    let capabilities = json!({
        "textDocument": { "diagnostic": {} },
        "workspace": { "diagnostics": { "refreshSupport": true } },
    });
    let broken = RULES.replace("secretKeyRef", "secretKeyReff");
    let client =
        Client::with(&[("tacit.toml", PROJECT), ("rules/env.tacit", &broken), ("k8s/pod.yaml", POD)], capabilities);
    client.open("rules/env.tacit");
    let document = json!({ "textDocument": { "uri": client.uri("rules/env.tacit") } });
    let report = client.request("textDocument/diagnostic", document.clone());
    assert_eq!(report["kind"], "full");
    assert_eq!(report["items"][0]["code"], "T0103");
    let mut again = document;
    again["previousResultId"] = report["resultId"].clone();
    assert_eq!(client.request("textDocument/diagnostic", again)["kind"], "unchanged");
    let all = client.request("workspace/diagnostic", json!({ "previousResultIds": [] }));
    assert_eq!(all["items"].as_array().map(Vec::len), Some(1));
    client.sent("workspace/diagnostic/refresh");
    client.close();
}

#[test]
fn columns_count_what_was_agreed_on() {
    let text = "let x = \"é𝄞\" ++ y\n";
    for (encodings, column) in [(json!(["utf-8", "utf-16"]), 20), (json!(["utf-16"]), 17)] {
        let client = Client::with(&[("a.tacit", text)], json!({ "general": { "positionEncodings": encodings } }));
        client.open("a.tacit");
        let found = client.wait_for("a.tacit", |found| !found.is_empty());
        assert_eq!(found[0]["range"]["start"]["character"], column);
        client.close();
    }
}

#[test]
fn what_the_server_does_not_know_is_refused_and_nothing_breaks() {
    let client = Client::new(&files());
    assert_eq!(client.try_request("tacit/unknown", json!({})).expect_err("refused")["code"], -32601);
    assert_eq!(client.try_request("textDocument/hover", json!({ "x": 1 })).expect_err("refused")["code"], -32602);
    client.notify("tacit/unknown", json!({}));
    client.notify("textDocument/didChange", json!({ "nonsense": true }));
    let nowhere = json!({ "textDocument": { "uri": "untitled:x" }, "position": { "line": 99, "character": 99 } });
    assert_eq!(client.request("textDocument/hover", nowhere), Value::Null);
    client.close();
}

#[test]
fn folders_come_and_go() {
    let client = Client::new(&[("one/a.tacit", "let x = y\n"), ("two/b.tacit", "let x = z\n")]);
    client.wait_for("one/a.tacit", |found| found.len() == 1);
    client.wait_for("two/b.tacit", |found| !found.is_empty());
    let folder = json!([{ "uri": client.uri(""), "name": "test" }]);
    let one = json!([{ "uri": client.uri("one"), "name": "one" }]);
    client.notify("workspace/didChangeWorkspaceFolders", json!({ "event": { "added": one, "removed": folder } }));
    client.wait_for("two/b.tacit", <[Value]>::is_empty);
    client.close();
}

#[test]
fn files_changed_on_disk_and_the_project_file_count() {
    let client = Client::new(&files());
    client.open("k8s/pod.yaml");
    client.wait_for("k8s/pod.yaml", |found| !found.is_empty());
    std::fs::write(client.path("tacit.toml"), "rules = [\"rules\"]\nskip = [\"*\"]\n").expect("a file");
    let event = json!({ "changes": [{ "uri": client.uri("tacit.toml"), "type": 2 }] });
    client.notify("workspace/didChangeWatchedFiles", event.clone());
    client.wait_for("k8s/pod.yaml", <[Value]>::is_empty);
    std::fs::write(client.path("tacit.toml"), "rulez = 3\n").expect("a file");
    client.notify("workspace/didChangeWatchedFiles", event);
    client.wait_for("tacit.toml", |found| found.len() == 1);
    client.close();
}
