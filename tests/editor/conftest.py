"""A workspace, and a client that drives `tacit lsp` over it. Every byte that the server says is kept.

TACIT is the binary.
"""

import asyncio
import os
import pathlib

import pytest
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities, make_test_lsp_client

BINARY = os.environ["TACIT"]

# In no output of the server, whatever it is asked.
CANARIES = ["hunter2-canary-plain", "aHVudGVyMi1jYW5hcnktYmFzZTY0", "hunter2-canary-base64", "wJq8rT2xLm5Zp9KvB3nY7cHd1sFg6AeU"]

FILES = {
    "tacit.toml": """rules = ["rules"]
only = ["web-*", "ENV001", "ENV003", "ENV007", "MAN001"]
""",
    "rules/a.tacit": """//! Rules that the client edits.

/// How long a name may be.
param longest: int = 20

/// True for a short name.
fn short(text: string): bool = text.size <= longest

/// Names are shown in many places.
rule web-name low "Names are short"
  for w in Workload, c in w.containers
  deny when not short(c.name) at c.name "container {c.name} has a long name"
  remedy "give it a shorter name"

test web-name "a short name"
  given \"\"\"
    apiVersion: v1
    kind: Pod
    metadata: { name: web }
    spec: { containers: [{ name: app, image: web }] }
  \"\"\"
  expect clean
""",
    "rules/b.tacit": """use "z"
use "a"

/// A rule of another file.
rule web-image low "Images are short"
  for w in Workload, c in w.containers
  deny when not short(c.image ?? "") or not fine(c.name) at c.image "the image of {c.name} is long"
  remedy "give it a shorter name"
""",
    "rules/z.tacit": """/// True for anything.
fn fine(text: string): bool = text.size >= 0
""",
    "k8s/app.yaml": """apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: shop
---
# Kept, whatever is edited.
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  serviceAccountName: web
  containers:
  - name: a-container-with-quite-a-name
    image: example.org/web:1
    env:
    - name: API_TOKEN
      value: wJq8rT2xLm5Zp9KvB3nY7cHd1sFg6AeU
    - name: DB_PASSWORD
      valueFrom:
        secretKeyRef:
          name: db
          key: password
          optional: true
""",
    "k8s/secret.yaml": """apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  password: hunter2-canary-plain
data:
  other: aHVudGVyMi1jYW5hcnktYmFzZTY0
""",
}


class Session:
    """A client with a folder, and what tests ask of it again and again."""

    def __init__(self, client: LanguageClient, root: pathlib.Path, said: pathlib.Path):
        self.client, self.root, self.said = client, root, said
        self.texts, self.versions = {}, {}

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def document(self, name: str) -> types.TextDocumentIdentifier:
        return types.TextDocumentIdentifier(uri=self.uri(name))

    def open(self, name: str):
        self.texts[name], self.versions[name] = (self.root / name).read_text(), 1
        self.client.text_document_did_open(
            types.DidOpenTextDocumentParams(
                text_document=types.TextDocumentItem(
                    uri=self.uri(name),
                    language_id="tacit" if name.endswith(".tacit") else "yaml",
                    version=1,
                    text=self.texts[name],
                )
            )
        )

    def write(self, name: str, text: str):
        """Replaces what differs, as an editor does."""
        old = self.texts[name]
        start = len(os.path.commonprefix([old, text]))
        end = len(os.path.commonprefix([old[start:][::-1], text[start:][::-1]]))
        change = types.TextDocumentContentChangePartial(
            range=types.Range(start=position(old, start), end=position(old, len(old) - end)),
            text=text[start : len(text) - end],
        )
        self.texts[name] = text
        self.versions[name] += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(name), version=self.versions[name])
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(text_document=document, content_changes=[change])
        )

    def at(self, name: str, needle: str, by: int = 0) -> types.Position:
        text = self.texts[name]
        return position(text, text.index(needle) + by)

    def here(self, name: str, needle: str, by: int = 0) -> dict:
        return {"text_document": self.document(name), "position": self.at(name, needle, by)}

    def whole(self, name: str) -> types.Range:
        text = self.texts[name]
        return types.Range(start=position(text, 0), end=position(text, len(text)))

    def apply(self, name: str, edit: types.WorkspaceEdit):
        """Makes the edits of one document, each counted in the text before."""
        changes = [one for one in edit.document_changes or [] if one.text_document.uri == self.uri(name)]
        edits = [one for change in changes for one in change.edits] or (edit.changes or {})[self.uri(name)]
        text = self.texts[name]
        for one in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
            text = text[: offset(text, one.range.start)] + one.new_text + text[offset(text, one.range.end) :]
        self.write(name, text)

    async def until(self, what: str, done):
        """Waits until something holds, and gives it."""
        for _ in range(3000):
            if held := done():
                return held
            await asyncio.sleep(0.02)
        pytest.fail(f"gave up waiting for {what}")

    async def diagnostics(self, name: str, done):
        """Waits until the diagnostics that were pushed for a file satisfy a condition."""
        uri = self.uri(name)

        def held():
            found = self.client.diagnostics.get(uri)
            return (found,) if found is not None and done(found) else None

        return (await self.until(f"diagnostics of {name}, not {self.client.diagnostics.get(uri)}", held))[0]

    async def actions(self, name: str, range: types.Range, only=None) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=[], only=only)
        params = types.CodeActionParams(text_document=self.document(name), range=range, context=context)
        return await self.client.text_document_code_action_async(params) or []

    async def command(self, command: str, argument: dict):
        params = types.ExecuteCommandParams(command=command, arguments=[argument])
        return await self.client.workspace_execute_command_async(params)


def position(text: str, offset: int) -> types.Position:
    """Columns count UTF-16 units, as all clients can; the texts here have none that take two."""
    line = text.count("\n", 0, offset)
    return types.Position(line=line, character=offset - (text.rfind("\n", 0, offset) + 1))


def offset(text: str, position: types.Position) -> int:
    return sum(len(line) for line in text.splitlines(keepends=True)[: position.line]) + position.character


async def start(client: LanguageClient, root: pathlib.Path, said: pathlib.Path, capabilities) -> Session:
    await client.initialize_session(
        types.InitializeParams(
            capabilities=capabilities,
            workspace_folders=[types.WorkspaceFolder(uri=root.as_uri(), name="shop")],
        )
    )
    return Session(client, root, said)


@pytest.fixture
def root(tmp_path: pathlib.Path) -> pathlib.Path:
    for name, text in FILES.items():
        path = tmp_path / "shop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "shop"


def make_client() -> LanguageClient:
    """A client that also answers what editors answer, and notes it."""
    client = make_test_lsp_client()
    client.registered, client.lens_refreshes = [], 0

    @client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams):
        client.registered.extend(params.registrations)

    @client.feature(types.WORKSPACE_CODE_LENS_REFRESH)
    def refresh(params):
        client.lens_refreshes += 1

    return client


def server(said: pathlib.Path) -> ClientServerConfig:
    # All that the server says is kept, on its way to the client.
    script = f'"{BINARY}" lsp 2>"{said}.log" | tee "{said}"'
    return ClientServerConfig(server_command=["sh", "-c", script], client_factory=make_client)


def session_with(capabilities):
    """A fixture: a session of a client with these capabilities, which says goodbye and finds no secret in what was said."""

    @pytest.fixture
    async def session(root: pathlib.Path, tmp_path: pathlib.Path):
        said = tmp_path / "said"
        client = await server(said).start()
        session = await start(client, root, said, capabilities())
        yield session
        await client.shutdown_session()
        await client.stop()
        for output in [said, pathlib.Path(f"{said}.log")]:
            text = output.read_text()
            assert [canary for canary in CANARIES if canary in text] == [], output
        assert pathlib.Path(f"{said}.log").read_text() == "", "the server said something on its error stream"

    return session


def pulling() -> types.ClientCapabilities:
    """A client of today: it asks for diagnostics, shows progress and documents."""
    capabilities = client_capabilities("neovim@v0.11.0")
    capabilities.text_document.diagnostic = types.DiagnosticClientCapabilities(dynamic_registration=False)
    capabilities.workspace.diagnostics = types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
    return capabilities


def pushed() -> types.ClientCapabilities:
    """A client of yesterday: it is told of diagnostics."""
    return client_capabilities("visual-studio-code@v1.65.2")


session = session_with(pushed)
pull_session = session_with(pulling)
