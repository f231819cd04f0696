//! Sessions that nobody would type: random edits, random requests, random cancellations. The server must answer each
//! request, and what it says in the end must be what a server says that sees only the end.

mod harness;

use std::collections::BTreeMap;

use harness::Client;
use serde_json::{Value, json};

const TEXT: &str = "\
param limit: int = 3
group Things of Pod with pod = spec
field Things.containers = pod.containers
fn short(text: string): bool = text.size < 8
/// Why.
rule a-b medium \"A\"
  for t in Things, c in t.containers
  let n = c.name
  deny when short(n) and c.image exists \"container {n}\"

test a-b \"one\"
  given \"\"\"
    apiVersion: v1
    kind: Pod
  \"\"\"
  expect clean
";

const FRAGMENTS: &[&str] = &[
    "a",
    " ",
    "\n",
    "\"",
    "\"\"\"",
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ".",
    "é",
    "𝄞",
    "rule x-y low \"t\"\n",
    "let z = limit\n",
    "//",
    "///",
    "deny",
    "where ",
    "c.env[].name",
    "limit",
    "Things",
    "use \"b\"\n",
    "and",
    "exists",
    "->",
    "/re/",
    "2027-01-01",
    "1h",
];

const METHODS: &[&str] = &[
    "hover",
    "completion",
    "definition",
    "typeDefinition",
    "references",
    "documentHighlight",
    "signatureHelp",
    "prepareRename",
    "documentSymbol",
    "codeLens",
    "foldingRange",
    "documentLink",
    "semanticTokens/full",
    "codeAction",
    "formatting",
    "inlayHint",
    "selectionRange",
    "onTypeFormatting",
    "rename",
    "prepareCallHierarchy",
];

/// A sequence that is the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % end.max(1)
    }
}

fn position(text: &str, offset: usize) -> Value {
    let line = text[..offset].matches('\n').count();
    json!({ "line": line, "character": offset - text[..offset].rfind('\n').map_or(0, |at| at + 1) })
}

fn boundary(text: &str, random: &mut Random) -> usize {
    let mut at = random.below(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn session(seed: u64, steps: usize) {
    let mut random = Random(seed);
    let files = ["a.tacit", "b.tacit"];
    let mut texts: BTreeMap<&str, String> =
        BTreeMap::from([("a.tacit", TEXT.to_owned()), ("b.tacit", "use \"a\"\nlet y = limit\n".to_owned())]);
    let disk: Vec<(&str, String)> = texts.iter().map(|(name, text)| (*name, text.clone())).collect();
    let disk: Vec<(&str, &str)> = disk.iter().map(|(name, text)| (*name, &**text)).collect();
    let client = Client::new(&disk);
    files.iter().for_each(|file| client.open(file));
    let mut open = Vec::new();
    for _ in 0..steps {
        let file = files[random.below(files.len())];
        let text = texts.get_mut(file).expect("a text");
        if random.below(3) == 0 {
            let (a, b) = (boundary(text, &mut random), boundary(text, &mut random));
            let start = a.min(b);
            let end = if random.below(4) == 0 { a.max(b).min(start + 40) } else { start };
            let end = (start..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
            let new = FRAGMENTS[random.below(FRAGMENTS.len())];
            let range = json!({ "start": position(text, start), "end": position(text, end) });
            client.change(file, json!([{ "range": range, "text": new }]));
            text.replace_range(start..end, new);
        } else {
            let method = METHODS[random.below(METHODS.len())];
            let at = boundary(text, &mut random);
            let here = position(text, at);
            let params = json!({
                "textDocument": { "uri": client.uri(file) }, "position": here, "positions": [here],
                "range": { "start": here, "end": position(text, boundary(text, &mut random).max(at)) },
                "context": { "diagnostics": [], "includeDeclaration": true, "triggerKind": 1, "isRetrigger": false },
                "options": { "tabSize": 2, "insertSpaces": true }, "ch": "\n", "newName": "new_name",
            });
            let id = client.ask(&format!("textDocument/{method}"), params);
            if random.below(4) == 0 {
                client.notify("$/cancelRequest", json!({ "id": *client.last_id() }));
            }
            open.push((method, id));
        }
    }
    for (method, id) in open {
        if let Err(error) = client.answer(&id) {
            // A refusal and a cancellation are answers; an internal error is none.
            let code = error["code"].as_i64().unwrap_or_default();
            assert!([-32800, -32803].contains(&code), "{method} with seed {seed}: {error}");
        }
    }
    let cold: Vec<(&str, &str)> = texts.iter().map(|(name, text)| (*name, &**text)).collect();
    let cold = Client::new(&cold);
    files.iter().for_each(|file| cold.open(file));
    let mark = |client: &Client| {
        // What was told until a later request is answered was read on the way.
        client.request("textDocument/foldingRange", json!({ "textDocument": { "uri": client.uri("a.tacit") } }));
        let shown = |found: &Value| format!("{} {} {}", found["range"], found["code"], found["message"]);
        client
            .diagnostics
            .borrow()
            .iter()
            .map(|(name, found)| (name.clone(), found.iter().map(shown).collect::<Vec<_>>()))
            .collect::<Vec<_>>()
    };
    // Diagnostics are told when nobody waits for an answer, so the last ones may be on their way for a while.
    let started = std::time::Instant::now();
    while mark(&client) != mark(&cold) && started.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(mark(&client), mark(&cold), "seed {seed}: {texts:#?}");
    client.close();
    cold.close();
}

/// A dozen sessions, the same in each run. `TACIT_RANDOM_SEED` names the first, `TACIT_RANDOM_SECONDS` goes on for as long.
#[test]
fn random_sessions_end_as_cold_ones() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("TACIT_RANDOM_SEED").unwrap_or(0);
    let (least, seconds) = match number("TACIT_RANDOM_SECONDS") {
        Some(seconds) => (1, seconds),
        None => (12, 0),
    };
    let started = std::time::Instant::now();
    for seed in first.. {
        if seed >= first + least && started.elapsed().as_secs() >= seconds {
            println!("seeds {first} to {}", seed - 1);
            return;
        }
        session(seed, 250);
    }
}
