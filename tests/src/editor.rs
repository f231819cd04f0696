//! An editor: a client of `tacit lsp` that talks to the binary over its standard streams.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::binary::tacit;

/// A client that asks for diagnostics, with one folder open.
pub struct Editor {
    server: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    id: i64,
}

impl Editor {
    /// Opens a folder, and waits until its manifests were evaluated.
    ///
    /// # Panics
    /// When the server does not start, or does not keep to the protocol.
    pub fn open(folder: &Path) -> Editor {
        let mut server =
            tacit().arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the server starts");
        let input = server.stdin.take().expect("it listens");
        let output = BufReader::new(server.stdout.take().expect("it talks"));
        let mut editor = Editor { server, input, output, id: 0 };
        let capabilities = json!({
            "general": { "positionEncodings": ["utf-8"] },
            "textDocument": { "diagnostic": {} },
            "window": { "workDoneProgress": true },
        });
        let folders = json!([{ "uri": format!("file://{}", folder.display()), "name": "test" }]);
        let hello =
            json!({ "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folders });
        editor.request("initialize", &hello);
        editor.send(&json!({ "method": "initialized", "params": {} }));
        editor.wait(&|message| message["method"] == "$/progress" && message["params"]["value"]["kind"] == "end");
        // The kinds of the folder are known now; a second evaluation may follow, and its answer is the same.
        editor
    }

    /// Asks the server something.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn request(&mut self, method: &str, params: &Value) -> Value {
        self.id += 1;
        let id = self.id;
        self.send(&json!({ "id": id, "method": method, "params": params }));
        self.wait(&|message| message["id"] == id && message.get("method").is_none())["result"].clone()
    }

    /// The diagnostics of all files of the folder: address and diagnostic.
    pub fn diagnostics(&mut self) -> Vec<(String, Value)> {
        let report = self.request("workspace/diagnostic", &json!({ "previousResultIds": [] }));
        let files = report["items"].as_array().cloned().unwrap_or_default();
        let of_file = |file: &Value| {
            let uri = file["uri"].as_str().unwrap_or_default().to_owned();
            let items = file["items"].as_array().cloned().unwrap_or_default();
            items.into_iter().map(move |item| (uri.clone(), item)).collect::<Vec<_>>()
        };
        files.iter().flat_map(of_file).collect()
    }

    /// Says goodbye.
    ///
    /// # Panics
    /// When the server does not end well.
    pub fn close(mut self) {
        self.request("shutdown", &Value::Null);
        self.send(&json!({ "method": "exit" }));
        assert!(self.server.wait().expect("it ends").success());
    }

    fn send(&mut self, message: &Value) {
        let mut message = message.clone();
        message["jsonrpc"] = json!("2.0");
        let body = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{body}", body.len()).expect("the server listens");
        self.input.flush().expect("the server listens");
    }

    /// The next message that is wanted; what the server asks on the way is answered.
    fn wait(&mut self, wanted: &dyn Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive();
            if let (Some(id), Some(_)) = (message.get("id"), message.get("method")) {
                self.send(&json!({ "id": id, "result": null }));
            }
            if wanted(&message) {
                return message;
            }
        }
    }

    fn receive(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).expect("the server talks") > 0, "the server is gone");
            match line.trim().split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().expect("a length");
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.output.read_exact(&mut body).expect("a message");
        serde_json::from_slice(&body).expect("JSON")
    }
}
