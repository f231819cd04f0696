// Stands for the host of extensions: as much of the `vscode` module as a language client needs to run outside the editor.
// Names that no test looks at are classes and functions that do nothing.
const { pathToFileURL, fileURLToPath } = require("node:url");

class Disposable {
  constructor(dispose) {
    this.dispose = dispose ?? (() => {});
  }
  static from(...all) {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
}

class EventEmitter {
  listeners = new Set();
  event = (listener, self) => {
    const bound = listener.bind(self);
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  fire(value) {
    for (const listener of this.listeners) listener(value);
  }
  dispose() {}
}

class Uri {
  constructor(text) {
    const url = new URL(text);
    Object.assign(this, { scheme: url.protocol.slice(0, -1), path: decodeURIComponent(url.pathname), text });
    Object.assign(this, { authority: "", query: "", fragment: "" });
  }
  static parse = (text) => new Uri(text);
  static file = (path) => new Uri(pathToFileURL(path).href);
  get fsPath() {
    return fileURLToPath(this.text);
  }
  toString() {
    return this.text;
  }
}

class Position {
  constructor(line, character) {
    Object.assign(this, { line, character });
  }
}
class Range {
  constructor(a, b, c, d) {
    [this.start, this.end] = typeof a === "number" ? [new Position(a, b), new Position(c, d)] : [a, b];
  }
}
class Diagnostic {
  constructor(range, message, severity) {
    Object.assign(this, { range, message, severity });
  }
}

class TabInputText {
  constructor(uri) {
    this.uri = uri;
  }
}
class CancellationTokenSource {
  cancelled = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.cancelled.event };
  cancel = () => {
    this.token.isCancellationRequested = true;
    this.cancelled.fire();
  };
  dispose = () => {};
}

class CodeActionKind {
  constructor(value) {
    this.value = value;
  }
  append = (part) => new CodeActionKind(this.value ? `${this.value}.${part}` : part);
  static Empty = new CodeActionKind("");
}
for (const [name, value] of Object.entries({ QuickFix: "quickfix", Refactor: "refactor", Source: "source" })) {
  CodeActionKind[name] = new CodeActionKind(value);
}
for (const name of ["Extract", "Inline", "Rewrite"]) {
  CodeActionKind[`Refactor${name}`] = CodeActionKind.Refactor.append(name.toLowerCase());
}
CodeActionKind.SourceOrganizeImports = CodeActionKind.Source.append("organizeImports");

/** An open document. */
class TextDocument {
  version = 1;
  constructor(uri, languageId, text) {
    Object.assign(this, { uri, languageId, text, fileName: uri.fsPath, isClosed: false, eol: 1 });
  }
  getText = () => this.text;
}

/** A namespace: what it has, and for all other names an event, a registration, or a function that does nothing. */
function open(known) {
  return new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name === "symbol") return target[name];
      if (/^on(Did|Will)/.test(name)) return (target[name] = new EventEmitter().event);
      return (target[name] = () => new Disposable());
    },
  });
}

exports.host = ({ folder, settings = {} }) => {
  const told = { commands: new Map(), diagnostics: new Map(), shown: [], messages: [], input: undefined };
  const opened = new EventEmitter();
  const changed = new EventEmitter();
  const tabs = new EventEmitter();
  const channel = () => open({ name: "Tacit", append: () => {}, appendLine: () => {}, show: () => {}, dispose: () => {} });
  const workspace = open({
    workspaceFolders: [{ uri: Uri.file(folder), name: "shop", index: 0 }],
    textDocuments: [],
    notebookDocuments: [],
    isTrusted: true,
    getConfiguration: () => ({ get: (key, otherwise) => settings[key] ?? otherwise }),
    getWorkspaceFolder: () => workspace.workspaceFolders[0],
    onDidOpenTextDocument: opened.event,
    onDidChangeTextDocument: changed.event,
    createFileSystemWatcher: () => open({ dispose: () => {} }),
    openTextDocument: async ({ content }) => ({ content }),
    fs: open({ stat: async () => ({}) }),
  });
  const window = open({
    activeTextEditor: undefined,
    visibleTextEditors: [],
    tabGroups: open({ all: [{ tabs: [] }], onDidChangeTabs: tabs.event }),
    createOutputChannel: channel,
    showInputBox: async () => told.input,
    showTextDocument: async (document) => void told.shown.push(document.content ?? document),
    showInformationMessage: async (message) => void told.messages.push(message),
    showErrorMessage: async (message) => void told.messages.push(message),
    withProgress: async (_, task) => task({ report: () => {} }, { onCancellationRequested: () => new Disposable() }),
  });
  const languages = open({
    match: (selector, document) =>
      [selector].flat().some((one) => one.language === document.languageId || (one.pattern && /tacit\.toml$/.test(document.fileName))) ? 10 : 0,
    createDiagnosticCollection: () => ({
      set: (uri, all) => told.diagnostics.set(uri.toString(), all),
      delete: (uri) => told.diagnostics.delete(uri.toString()),
      clear: () => told.diagnostics.clear(),
      dispose: () => {},
    }),
  });
  const commands = open({
    registerCommand: (name, run) => {
      told.commands.set(name, run);
      return new Disposable(() => told.commands.delete(name));
    },
  });
  const known = {
    Disposable, EventEmitter, Uri, Position, Range, Diagnostic, CodeActionKind, CancellationTokenSource, TabInputText, workspace, window, languages, commands, version: "1.82.0",
    env: open({ appName: "test", language: "en" }),
    extensions: open({ all: [] }),
    l10n: { t: (text) => text },
  };
  // Classes to extend, and enumerations of which only identity counts.
  const vscode = new Proxy(known, {
    get(target, name) {
      if (name in target || typeof name === "symbol") return target[name];
      const made = class {
        constructor(...parts) {
          this.parts = parts;
        }
      };
      return (target[name] = new Proxy(made, { get: (own, key) => (key in own ? own[key] : key === "then" ? undefined : `${String(name)}.${String(key)}`) }));
    },
  });
  return {
    vscode,
    told,
    /** Opens a document, as a user does. */
    open(path, language, text) {
      const document = new TextDocument(Uri.file(path), language, text);
      workspace.textDocuments.push(document);
      window.tabGroups.all[0].tabs.push({ input: new TabInputText(document.uri) });
      tabs.fire({ opened: [], closed: [], changed: [] });
      window.activeTextEditor = { document };
      opened.fire(document);
      return document;
    },
    /** Types: replaces a part of a document's text. */
    type(document, from, to) {
      const offset = document.text.indexOf(from);
      const before = document.text.slice(0, offset).split("\n");
      const start = new Position(before.length - 1, before.at(-1).length);
      const end = new Position(start.line, start.character + from.length);
      document.text = document.text.replace(from, to);
      document.version += 1;
      const change = { range: new Range(start, end), rangeOffset: offset, rangeLength: from.length, text: to };
      changed.fire({ document, contentChanges: [change], reason: undefined });
    },
  };
};
