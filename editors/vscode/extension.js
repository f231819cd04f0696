// Starts `tacit lsp` and shows what it says. Everything else is the server's.
const { commands, window, workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function start() {
  const command = workspace.getConfiguration("tacit").get("path", "tacit");
  const run = { command, args: ["lsp"] };
  const documents = ["tacit", "yaml", "json"].map((language) => ({ language }));
  client = new LanguageClient("tacit", "Tacit", { run, debug: run }, {
    documentSelector: [...documents, { pattern: "**/tacit.toml" }],
  });
  return client.start();
}

/** Shows how a rule is evaluated on the manifest in the editor. */
async function evaluate() {
  const editor = window.activeTextEditor;
  const rule = editor && (await window.showInputBox({ prompt: "Code or name of the rule" }));
  if (!rule) return;
  const uri = editor.document.uri.toString();
  const result = await client.sendRequest("workspace/executeCommand", {
    command: "tacit.evaluate",
    arguments: [{ rule, uri }],
  });
  const steps = result.steps.map((step) => `${"  ".repeat(step.depth)}${step.text}  → ${step.value}`);
  const findings = result.findings.map((found) => `line ${found.line}: ${found.message}`);
  const content = [`${result.rule}: ${findings.length} findings`, ...findings, "", ...steps].join("\n");
  await window.showTextDocument(await workspace.openTextDocument({ content }), { preview: true });
}

exports.activate = async (context) => {
  context.subscriptions.push(
    commands.registerCommand("tacit.restart", async () => {
      await client?.stop();
      await start();
    }),
    commands.registerCommand("tacit.evaluateHere", evaluate),
  );
  await start();
};

exports.deactivate = () => client?.stop();
