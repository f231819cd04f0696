// The grammar that colours without a server, as VS Code reads it.
const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const { test } = require("node:test");
const oniguruma = require("vscode-oniguruma");
const { INITIAL, Registry, parseRawGrammar } = require("vscode-textmate");

const file = path.join(__dirname, "../syntaxes/tacit.tmLanguage.json");
const wasm = fs.readFileSync(require.resolve("vscode-oniguruma/release/onig.wasm"));
const registry = new Registry({
  onigLib: oniguruma.loadWASM(wasm.buffer).then(() => ({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  })),
  loadGrammar: async (scope) => (scope === "source.tacit" ? parseRawGrammar(fs.readFileSync(file, "utf8"), file) : null),
});

/** Each piece of a text with its innermost scope, blanks left out. */
async function colours(text) {
  const grammar = await registry.loadGrammar("source.tacit");
  const found = [];
  let state = INITIAL;
  for (const line of text.split("\n")) {
    const { tokens, ruleStack } = grammar.tokenizeLine(line, state);
    state = ruleStack;
    for (const token of tokens) {
      const piece = line.slice(token.startIndex, token.endIndex).trim();
      if (piece) found.push([piece, token.scopes.at(-1).replace(/\.tacit$/, "")]);
    }
  }
  return { found, scope: (piece) => found.find(([text]) => text === piece)?.[1], depth: state.depth };
}

test("a rule", async () => {
  const { scope } = await colours(
    '/// Why.\nrule ENV001 secret-in-env medium "Secrets {a.b} are files"\n  for w in Workload, c in w.containers\n' +
      '  deny when c.x matches /a"b/ and c.n > 90d "{{m}}" // end\n',
  );
  const wanted = {
    "/// Why.": "comment.line.documentation",
    rule: "keyword.declaration",
    ENV001: "entity.name.tag",
    "secret-in-env": "entity.name.class",
    medium: "constant.language.severity",
    b: "variable.other.member",
    for: "keyword.control",
    Workload: "entity.name.type",
    containers: "variable.other.member",
    matches: "keyword.operator.word",
    '/a"b/': "string.regexp",
    "90d": "constant.numeric",
    "{{": "constant.character.escape",
    "// end": "comment.line.double-slash",
  };
  for (const [piece, name] of Object.entries(wanted)) assert.strictEqual(scope(piece), name, piece);
});

test("what a test is given ends with its quotes", async () => {
  const { scope } = await colours('test a-b "t"\n  given """\n    kind: "Pod" # rule\n  """\n  expect clean\n');
  assert.strictEqual(scope("a-b"), "entity.name.class");
  assert.strictEqual(scope('kind: "Pod"'), "string.quoted.triple");
  assert.strictEqual(scope("expect"), "keyword.control");
});

test("no rule file of the repository ends in the middle of a text", async () => {
  const below = (dir) =>
    fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
      const name = path.join(dir, entry.name);
      return entry.isDirectory() ? below(name) : name.endsWith(".tacit") ? [name] : [];
    });
  const files = ["stdlib-rules", "examples"].flatMap((dir) => below(path.join(__dirname, "../../..", dir)));
  assert.ok(files.length > 100);
  for (const name of files) {
    const { found, depth } = await colours(fs.readFileSync(name, "utf8"));
    assert.strictEqual(depth, INITIAL.depth, name);
    assert.ok(found.some(([piece, scope]) => scope === "keyword.declaration" || piece.startsWith("//")), name);
  }
});
