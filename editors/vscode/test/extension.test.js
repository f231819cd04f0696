// The extension in a host that stands for VS Code, with the real language client and the real server.
const assert = require("node:assert");
const fs = require("node:fs");
const Module = require("node:module");
const os = require("node:os");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { host } = require("./host");

const RULE = '/// Why.\nrule pod-network low "x"\n  for p in Pod\n  deny when p.spec.hostNetwork == true "m"\n';
const POD = "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  hostNetwork: true\n";

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "tacit-vscode-")));
const files = { "tacit.toml": 'rules = ["rules"]\nstd = false\n', "rules/a.tacit": RULE, "k8s/pod.yaml": POD };
for (const [name, text] of Object.entries(files)) {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
}

const editor = host({ folder, settings: { path: process.env.TACIT ?? "tacit" } });
const load = Module._load;
Module._load = (request, ...rest) => (request === "vscode" ? editor.vscode : load(request, ...rest));
const extension = require("../extension");
const context = { subscriptions: [], extensionPath: path.join(__dirname, "..") };

/** Waits until something holds. */
async function until(what, done) {
  for (let tries = 0; tries < 1500; tries++) {
    const held = done();
    if (held) return held;
    await new Promise((go) => setTimeout(go, 20));
  }
  assert.fail(`gave up waiting for ${what}: ${[...editor.told.diagnostics].map(([uri, all]) => uri + JSON.stringify(all))} ${editor.told.messages}`);
}

const shown = (document) => editor.told.diagnostics.get(document.uri.toString());

before(() => extension.activate(context));
after(async () => {
  await extension.deactivate();
  fs.rmSync(folder, { recursive: true });
});

test("commands are there", () => {
  const { contributes } = require("../package.json");
  for (const { command } of contributes.commands) assert.ok(editor.told.commands.has(command), command);
});

test("an error shows while typing, and goes", async () => {
  const rule = editor.open(path.join(folder, "rules/a.tacit"), "tacit", RULE);
  editor.type(rule, "hostNetwork", "hostNetwrok");
  const [error] = await until("an error", () => shown(rule)?.length && shown(rule));
  assert.match(error.message, /did you mean `hostNetwork`/);
  editor.type(rule, "hostNetwrok", "hostNetwork");
  await until("it to go", () => shown(rule)?.length === 0);
});

test("a finding shows in a manifest, and the rule is evaluated on it", async () => {
  const pod = editor.open(path.join(folder, "k8s/pod.yaml"), "yaml", POD);
  const [finding] = await until("a finding", () => shown(pod)?.length && shown(pod));
  assert.match(finding.message, /^m \(low\)/);
  editor.told.input = "pod-network";
  await editor.told.commands.get("tacit.evaluateHere")();
  assert.match(editor.told.shown.at(-1), /pod-network: 1 findings\nline 5: m\n[\s\S]*p\.spec\.hostNetwork == true {2}→ true/);
});

test("the server is started anew", async () => {
  editor.told.diagnostics.clear();
  await editor.told.commands.get("tacit.restart")();
  await until("the finding again", () => [...editor.told.diagnostics.values()].some((all) => all.length === 1));
});
