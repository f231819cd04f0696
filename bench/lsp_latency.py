#!/usr/bin/env python3
"""How long an editor waits: 1,000 rules in 50 open files beside 5,000 manifests, through the JSON-RPC loop of `tacit lsp`.

usage: lsp_latency.py TACIT [--ceiling-rules MS] [--ceiling-manifest MS]

Prints keystroke-to-diagnostics times (p50, p95, p99) for a rule file and a manifest, completion behind a dot, and the
server's memory. Exits 1 where a p99 passes its ceiling.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile, threading, time, queue

RULES, FILES, MANIFESTS, KEYS = 20, 50, 5000, 200


def write_project(root):
    (root / "rules").mkdir()
    (root / "k8s").mkdir()
    (root / "tacit.toml").write_text('rules = ["rules"]\n')
    for file in range(FILES):
        rules = []
        for n in range(RULES):
            rules.append(f'''/// Why.
rule bench-{file}-{n} low "A requirement"
  for w in Workload, c in w.containers
  let label = w.labels["team"] ?? "none"
  deny for e in c.env when e.valueFrom.secretKeyRef exists and label == "team-{n}-{file}"
    "container {{c.name}} receives {{e.name}}"
  remedy "mount it"
''')
        (root / "rules" / f"r{file:02}.tacit").write_text("\n".join(rules))
    for n in range(MANIFESTS):
        (root / "k8s" / f"m{n:04}.yaml").write_text(f'''apiVersion: apps/v1
kind: Deployment
metadata: {{ name: app-{n}, namespace: ns-{n % 50}, labels: {{ team: team-{n % 20}-{n % 50} }} }}
spec:
  template:
    spec:
      containers:
      - name: app
        image: example.org/app:{n}
        env:
        - name: TOKEN
          valueFrom: {{ secretKeyRef: {{ name: app-{n}, key: token }} }}
''')


class Client:
    def __init__(self, binary, root):
        self.server = subprocess.Popen([binary, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.messages, self.id = queue.Queue(), 0
        threading.Thread(target=self.read, daemon=True).start()
        folder = [{"uri": root.as_uri(), "name": "bench"}]
        capabilities = {"general": {"positionEncodings": ["utf-8"]}, "window": {"workDoneProgress": True}}
        self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities, "workspaceFolders": folder})
        self.notify("initialized", {})

    def read(self):
        out = self.server.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self.messages.put((time.perf_counter(), json.loads(out.read(length))))

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.server.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.server.stdin.flush()

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.id += 1
        self.send({"id": self.id, "method": method, "params": params})
        return self.wait(lambda m: m.get("id") == self.id and "method" not in m)[1].get("result")

    def wait(self, done, seconds=120):
        end = time.time() + seconds
        while True:
            at, message = self.messages.get(timeout=max(0.1, end - time.time()))
            if done(message):
                return at, message

    def diagnostics(self, uri, version):
        def done(m):
            return m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == uri \
                and (version is None or m["params"].get("version") == version)
        return self.wait(done)


def open_file(client, path):
    language = "tacit" if path.suffix == ".tacit" else "yaml"
    document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": path.read_text()}
    client.notify("textDocument/didOpen", {"textDocument": document})


def type_into(client, path, spots):
    """Replaces one character and puts it back; each state has other diagnostics, so each is published."""
    uri, times, version = path.as_uri(), [], 1
    line, column, old, new = spots
    for key in range(KEYS):
        version += 1
        text = new if key % 2 == 0 else old
        spot = {"start": {"line": line, "character": column}, "end": {"line": line, "character": column + 1}}
        start = time.perf_counter()
        client.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version}, "contentChanges": [{"range": spot, "text": text}]})
        at, _ = client.diagnostics(uri, version)
        times.append((at - start) * 1e3)
        # A fast typist: ten keys a second.
        time.sleep(0.1)
    return times


def show(what, times):
    times = sorted(times)
    p = lambda q: times[min(len(times) - 1, int(len(times) * q))]
    print(f"{what:34} p50 {p(.5):8.2f} ms  p95 {p(.95):8.2f} ms  p99 {p(.99):8.2f} ms", flush=True)
    return p(.99)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("tacit")
    arguments.add_argument("--ceiling-rules", type=float, default=1e9)
    arguments.add_argument("--ceiling-manifest", type=float, default=1e9)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        write_project(root)
        start = time.perf_counter()
        client = Client(os.path.abspath(options.tacit), root)
        files = sorted((root / "rules").glob("*.tacit"))
        for file in files:
            open_file(client, file)
        client.diagnostics(files[-1].as_uri(), 1)
        print(f"{'opened, rules checked':34} {(time.perf_counter() - start) * 1e3:12.0f} ms")
        manifest = root / "k8s" / "m0001.yaml"
        open_file(client, manifest)
        client.wait(lambda m: m.get("method") == "textDocument/publishDiagnostics"
                    and m["params"]["uri"] == manifest.as_uri() and m["params"]["diagnostics"])
        print(f"{'findings of an open manifest':34} {(time.perf_counter() - start) * 1e3:12.0f} ms")
        client.wait(lambda m: m.get("method") == "$/progress" and m["params"]["value"]["kind"] == "end", 600)
        print(f"{'all manifests evaluated':34} {(time.perf_counter() - start) * 1e3:12.0f} ms", flush=True)
        line = next(n for n, text in enumerate(files[25].read_text().splitlines()) if "secretKeyRef" in text)
        column = files[25].read_text().splitlines()[line].index("secretKeyRef")
        rules = show("keystroke in a rule", type_into(client, files[25], (line, column, "s", "x")))
        text = manifest.read_text().splitlines()
        line = next(n for n, text in enumerate(text) if "secretKeyRef" in text)
        column = text[line].index("secretKeyRef")
        manifests = show("keystroke in a manifest", type_into(client, manifest, (line, column, "s", "x")))
        times, at = [], {"line": 4, "character": files[25].read_text().splitlines()[4].index("c.env") + 2}
        for _ in range(50):
            start = time.perf_counter()
            client.request("textDocument/completion", {"textDocument": {"uri": files[25].as_uri()}, "position": at})
            times.append((time.perf_counter() - start) * 1e3)
        show("completion behind a dot", times)
        status = pathlib.Path(f"/proc/{client.server.pid}/status")
        if status.exists():
            memory = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
            print(f"{'memory':34} {int(memory.split()[1]) / 1024:12.0f} MB")
        client.request("shutdown", None)
        client.notify("exit", None)
        client.server.wait(10)
    if rules > options.ceiling_rules or manifests > options.ceiling_manifest:
        sys.exit("an editor would wait too long")


main()
