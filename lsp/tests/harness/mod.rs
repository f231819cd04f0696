//! A client in the same process. It fails where the server sent something that the test did not read.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use lsp_server::{Connection, Message, Notification, Request, RequestId};
use serde_json::{Value, json};

/// How long the client waits before it gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// A client with a folder of files.
pub struct Client {
    dir: tempfile::TempDir,
    connection: Connection,
    server: Option<JoinHandle<Result<(), String>>>,
    waiting: RefCell<VecDeque<Message>>,
    /// Diagnostics by file name, as last published.
    pub diagnostics: RefCell<BTreeMap<String, Vec<Value>>>,
    next: RefCell<i32>,
    versions: RefCell<BTreeMap<String, i32>>,
    /// What the server said of itself.
    pub initialized: Value,
}

impl Client {
    /// A client that is told about diagnostics, with these files in its folder.
    pub fn new(files: &[(&str, &str)]) -> Client {
        Client::with(
            files,
            json!({ "workspace": { "workspaceEdit": { "documentChanges": true } }, "general": { "positionEncodings": ["utf-8"] } }),
        )
    }

    /// A client with these capabilities.
    pub fn with(files: &[(&str, &str)], capabilities: Value) -> Client {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
            std::fs::write(path, text).expect("a file");
        }
        let (server, connection) = Connection::memory();
        let server = std::thread::spawn(move || tacit_lsp::serve(server));
        let mut client = Client {
            dir,
            connection,
            server: Some(server),
            waiting: RefCell::default(),
            diagnostics: RefCell::default(),
            next: RefCell::new(0),
            versions: RefCell::default(),
            initialized: Value::Null,
        };
        let folder = json!([{ "uri": client.uri(""), "name": "test" }]);
        let params =
            json!({ "processId": null, "rootUri": null, "capabilities": capabilities, "workspaceFolders": folder });
        client.initialized = client.request("initialize", params);
        client.notify("initialized", json!({}));
        client
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        self.dir.path()
    }

    /// The path of a file.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// The address of a file.
    pub fn uri(&self, name: &str) -> String {
        format!("file://{}", self.path(name).display()).trim_end_matches('/').to_owned()
    }

    /// The name of a file by its address.
    pub fn name(&self, uri: &str) -> String {
        uri.strip_prefix(&format!("{}/", self.uri(""))).unwrap_or(uri).to_owned()
    }

    /// Tells the server something.
    pub fn notify(&self, method: &str, params: Value) {
        self.connection
            .sender
            .send(Message::Notification(Notification::new(method.to_owned(), params)))
            .expect("a server");
    }

    /// Asks the server something without waiting.
    pub fn ask(&self, method: &str, params: Value) -> RequestId {
        *self.next.borrow_mut() += 1;
        let id = RequestId::from(*self.next.borrow());
        self.connection
            .sender
            .send(Message::Request(Request::new(id.clone(), method.to_owned(), params)))
            .expect("a server");
        id
    }

    /// Asks the server something and gives its answer, or the error.
    pub fn try_request(&self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.ask(method, params);
        self.answer(&id)
    }

    /// The number of the last request.
    pub fn last_id(&self) -> std::cell::Ref<'_, i32> {
        self.next.borrow()
    }

    /// The answer to a request.
    pub fn answer(&self, id: &RequestId) -> Result<Value, Value> {
        let early = |message: &Message| matches!(message, Message::Response(response) if response.id == *id);
        let at = self.waiting.borrow().iter().position(early);
        let early = at.and_then(|at| self.waiting.borrow_mut().remove(at));
        if let Some(Message::Response(response)) = early {
            return response.response_result.map_err(|error| json!({ "code": error.code, "message": error.message }));
        }
        loop {
            match self.receive() {
                Message::Response(response) if response.id == *id => {
                    return response
                        .response_result
                        .map_err(|error| json!({ "code": error.code, "message": error.message }));
                }
                other => self.waiting.borrow_mut().push_back(other),
            }
        }
    }

    /// Asks the server something that it must be able to answer.
    pub fn request(&self, method: &str, params: Value) -> Value {
        self.try_request(method, params).unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    fn receive(&self) -> Message {
        match self.connection.receiver.recv_timeout(PATIENCE).expect("the server says something") {
            Message::Notification(note) if note.method == "textDocument/publishDiagnostics" => {
                let name = self.name(note.params["uri"].as_str().expect("an address"));
                let list = note.params["diagnostics"].as_array().cloned().expect("a list");
                self.diagnostics.borrow_mut().insert(name, list);
                Message::Notification(Notification::new("published".into(), Value::Null))
            }
            // A client answers what it is asked.
            Message::Request(request) => {
                let response = lsp_server::Response::new_ok(request.id.clone(), Value::Null);
                self.connection.sender.send(Message::Response(response)).expect("a server");
                Message::Request(request)
            }
            other => other,
        }
    }

    /// Waits until the diagnostics of a file satisfy a condition.
    pub fn wait_for(&self, name: &str, done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        let start = std::time::Instant::now();
        loop {
            if let Some(found) = self.diagnostics.borrow().get(name)
                && done(found)
            {
                return found.clone();
            }
            assert!(start.elapsed() < PATIENCE, "{name}: {:?}", self.diagnostics.borrow().get(name));
            match self.receive() {
                Message::Notification(note) if note.method == "published" => {}
                other => self.waiting.borrow_mut().push_back(other),
            }
        }
    }

    /// Opens a file with the text that it has on disk.
    pub fn open(&self, name: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap_or_default();
        let language = if name.ends_with(".tacit") { "tacit" } else { "yaml" };
        self.versions.borrow_mut().insert(name.to_owned(), 1);
        let document = json!({ "uri": self.uri(name), "languageId": language, "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Replaces the whole text of an open file.
    pub fn write(&self, name: &str, text: &str) {
        self.change(name, json!([{ "text": text }]));
    }

    /// Changes an open file.
    pub fn change(&self, name: &str, changes: Value) {
        let mut versions = self.versions.borrow_mut();
        let version = versions.entry(name.to_owned()).or_insert(1);
        *version += 1;
        let document = json!({ "uri": self.uri(name), "version": *version });
        self.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
    }

    /// A position in a file, as requests name it: that of the first `needle` in `text`, `by` characters further.
    pub fn at(&self, name: &str, text: &str, needle: &str, by: usize) -> Value {
        let offset = text.find(needle).unwrap_or_else(|| panic!("no {needle}")) + by;
        let line = text[..offset].matches('\n').count();
        let character = offset - text[..offset].rfind('\n').map_or(0, |at| at + 1);
        json!({ "textDocument": { "uri": self.uri(name) }, "position": { "line": line, "character": character } })
    }

    /// The next message of a method that was sent and not read.
    pub fn sent(&self, method: &str) -> Value {
        let is_it = |message: &Message| match message {
            Message::Request(request) => request.method == method,
            Message::Notification(note) => note.method == method,
            Message::Response(_) => false,
        };
        loop {
            let mut waiting = self.waiting.borrow_mut();
            if let Some(at) = waiting.iter().position(is_it) {
                return match waiting.remove(at) {
                    Some(Message::Request(request)) => request.params,
                    Some(Message::Notification(note)) => note.params,
                    _ => Value::Null,
                };
            }
            drop(waiting);
            let message = self.receive();
            self.waiting.borrow_mut().push_back(message);
        }
    }

    /// Says goodbye. Fails where the server did, or where a message was not read.
    pub fn close(mut self) {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        let server = self.server.take().expect("a server");
        server.join().expect("the server ends without a panic").expect("the server ends well");
        let unread: Vec<String> = self
            .waiting
            .borrow()
            .iter()
            .filter_map(|message| match message {
                Message::Request(request) => Some(request.method.clone()),
                Message::Notification(note) if note.method != "published" => Some(note.method.clone()),
                Message::Notification(_) => None,
                Message::Response(response) => Some(format!("the answer to {}", response.id)),
            })
            .collect();
        assert!(unread.is_empty(), "the server sent what nobody read: {unread:?}");
    }
}

/// The codes of diagnostics.
pub fn codes(found: &[Value]) -> Vec<String> {
    found.iter().map(|found| found["code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// Applies the edits of one file, with columns in bytes.
pub fn apply(text: &str, edits: &Value) -> String {
    let offset = |position: &Value| {
        let line = position["line"].as_u64().expect("a line") as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + position["character"].as_u64().expect("a column") as usize
    };
    let mut edits: Vec<(usize, usize, String)> = edits
        .as_array()
        .expect("edits")
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().expect("a text").to_owned())
        })
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse((edit.0, edit.1)));
    let mut text = text.to_owned();
    for (start, end, new) in edits {
        text.replace_range(start..end, &new);
    }
    text
}
