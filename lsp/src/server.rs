//! The state of the server, and the loop that takes one message after another.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};

use lsp_server::{Connection, ErrorCode, Message, Request, RequestId, Response};
use lsp_types::{self as lsp, Uri};
use serde::Serialize;
use serde_json::json;

use crate::capabilities::{self, Client};
use crate::documents::{Documents, Language, language};
use crate::position::Encoding;
use crate::project::Project;
use crate::worker::{Evaluated, Prepared, Worker};
use crate::{publish, request, uri};

/// What reaches the loop.
pub enum Event {
    /// The client says something.
    Message(Message),
    /// Rules are ready; all manifests follow.
    Prepared(Box<Prepared>),
    /// Manifests were evaluated.
    Evaluated(Box<Evaluated>),
    /// The client is gone.
    Closed,
}

/// Everything that the server knows.
pub struct State {
    /// What columns count.
    pub encoding: Encoding,
    /// What the client understands.
    pub client: Client,
    /// What it has open.
    pub documents: Documents,
    /// The roots of the workspace.
    pub projects: Vec<Project>,
    /// Semantic tokens that a client has: their number and themselves.
    pub tokens: HashMap<PathBuf, (String, Vec<u32>)>,
    /// Outcomes of tests that were run: by rule and title, what failed.
    pub tested: HashMap<(String, String), Vec<String>>,
    /// Documents whose diagnostics may have changed.
    pub dirty: BTreeSet<PathBuf>,
    /// Diagnostics that the client has, as hashes.
    pub published: HashMap<PathBuf, u64>,
    /// Evaluates manifests.
    pub worker: Worker,
    connection: Connection,
    next_id: i32,
    next_result: u64,
    progress: bool,
    evaluations: u64,
    stopping: bool,
}

/// Serves one client until it says goodbye or is gone.
pub fn serve(connection: Connection) -> Result<(), String> {
    let Ok((id, params)) = connection.initialize_start() else { return Ok(()) };
    let params: lsp::InitializeParams =
        serde_json::from_value(params).map_err(|error| format!("the client's greeting does not read: {error}"))?;
    let offered = params.capabilities.general.as_ref().and_then(|general| general.position_encodings.as_deref());
    let encoding = Encoding::negotiate(offered);
    let client = Client::of(&params.capabilities);
    let result = lsp::InitializeResult {
        capabilities: capabilities::server(client, encoding),
        server_info: Some(lsp::ServerInfo {
            name: "tacit".to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    let result = serde_json::to_value(result).map_err(|error| error.to_string())?;
    if connection.initialize_finish(id, result).is_err() {
        return Ok(());
    }
    let (sender, events) = channel();
    listen(&connection, sender.clone());
    let mut state = State {
        encoding,
        client,
        documents: Documents::default(),
        projects: Vec::new(),
        tokens: HashMap::new(),
        tested: HashMap::new(),
        dirty: BTreeSet::new(),
        published: HashMap::new(),
        worker: Worker::start(sender),
        connection,
        next_id: 0,
        next_result: 0,
        progress: false,
        evaluations: 0,
        stopping: false,
    };
    for root in roots(&params) {
        state.add_root(root, false);
    }
    state.watch_files();
    state.evaluate();
    run(state, &events);
    Ok(())
}

/// Forwards what the client says into the one queue of the loop.
fn listen(connection: &Connection, sender: Sender<Event>) {
    let receiver = connection.receiver.clone();
    std::thread::spawn(move || {
        for message in receiver {
            if sender.send(Event::Message(message)).is_err() {
                return;
            }
        }
        let _ = sender.send(Event::Closed);
    });
}

#[expect(deprecated, reason = "clients that know no folders name one root")]
fn roots(params: &lsp::InitializeParams) -> Vec<PathBuf> {
    match &params.workspace_folders_initialize_params.workspace_folders {
        Some(lsp::WorkspaceFolders::WorkspaceFolderList(folders)) if !folders.is_empty() => {
            folders.iter().map(|folder| uri::to_path(&folder.uri)).collect()
        }
        _ => params.root_uri.iter().map(uri::to_path).collect(),
    }
}

fn run(mut state: State, events: &Receiver<Event>) {
    let mut queue: VecDeque<Event> = VecDeque::new();
    let mut cancelled: HashSet<RequestId> = HashSet::new();
    loop {
        while let Ok(event) = events.try_recv() {
            receive(event, &mut queue, &mut cancelled);
        }
        let Some(event) = queue.pop_front() else {
            // Nobody waits: time to tell what changed.
            guarded(&mut state, State::settle);
            match events.recv() {
                Ok(event) => receive(event, &mut queue, &mut cancelled),
                Err(_) => return,
            }
            continue;
        };
        match event {
            Event::Message(Message::Request(request)) => {
                let response = if cancelled.remove(&request.id) {
                    failure(request.id, ErrorCode::RequestCanceled, "the request was cancelled")
                } else {
                    answer(&mut state, request)
                };
                state.send(Message::Response(response));
            }
            Event::Message(Message::Notification(notification)) => {
                if notification.method == "exit" {
                    return;
                }
                guarded(&mut state, |state| request::notified(state, notification));
            }
            Event::Message(Message::Response(_)) => {}
            Event::Prepared(prepared) => guarded(&mut state, |state| state.prepared(*prepared)),
            Event::Evaluated(evaluated) => {
                guarded(&mut state, |state| state.evaluated(*evaluated));
            }
            Event::Closed => return,
        }
    }
}

/// Takes a cancellation out of turn: it is about a request that waits.
fn receive(event: Event, queue: &mut VecDeque<Event>, cancelled: &mut HashSet<RequestId>) {
    if let Event::Message(Message::Notification(notification)) = &event
        && notification.method == "$/cancelRequest"
    {
        let id = match notification.params.get("id") {
            Some(serde_json::Value::Number(id)) => {
                id.as_i64().and_then(|id| i32::try_from(id).ok()).map(RequestId::from)
            }
            Some(serde_json::Value::String(id)) => Some(RequestId::from(id.clone())),
            _ => None,
        };
        let waits = |id: &RequestId| {
            queue.iter().any(|event| matches!(event, Event::Message(Message::Request(request)) if request.id == *id))
        };
        cancelled.extend(id.filter(waits));
        return;
    }
    queue.push_back(event);
}

fn answer(state: &mut State, request: Request) -> Response {
    let id = request.id.clone();
    if state.stopping {
        return failure(id, ErrorCode::InvalidRequest, "the server is shutting down");
    }
    if request.method == "shutdown" {
        state.stopping = true;
        return Response::new_ok(id, ());
    }
    catch_unwind(AssertUnwindSafe(|| request::dispatch(state, request)))
        .unwrap_or_else(|_| failure(id, ErrorCode::InternalError, "internal error: please report it"))
}

/// Runs a part of the server; a panic in it ends that part alone.
fn guarded(state: &mut State, part: impl FnOnce(&mut State)) {
    let _ = catch_unwind(AssertUnwindSafe(|| part(state)));
}

/// A refusal.
pub fn failure(id: RequestId, code: ErrorCode, message: &str) -> Response {
    Response::new_err(id, code as i32, message.to_owned())
}

impl State {
    // ---- Talking -----------------------------------------------------------------------------------------------

    fn send(&self, message: Message) {
        // A client that is gone is noticed at its next message.
        let _ = self.connection.sender.send(message);
    }

    /// Tells the client something.
    pub fn notify(&self, method: &str, params: impl Serialize) {
        self.send(Message::Notification(lsp_server::Notification::new(method.to_owned(), params)));
    }

    /// Asks the client for something; what it answers does not matter.
    pub fn ask(&mut self, method: &str, params: impl Serialize) {
        self.next_id += 1;
        let id = RequestId::from(format!("tacit-{}", self.next_id));
        self.send(Message::Request(Request::new(id, method.to_owned(), params)));
    }

    /// Shows a message.
    pub fn show(&self, kind: lsp::MessageType, message: String) {
        self.notify("window/showMessage", lsp::ShowMessageParams { kind, message });
    }

    /// A number for a result that the client may name later.
    pub fn result_id(&mut self) -> String {
        self.next_result += 1;
        self.next_result.to_string()
    }

    /// Begins or ends the progress of an evaluation.
    fn show_progress(&mut self, runs: bool) {
        if !self.client.progress || runs == self.progress {
            return;
        }
        self.progress = runs;
        // A token is used once.
        self.evaluations += u64::from(runs);
        let token = format!("tacit/evaluate/{}", self.evaluations);
        if runs {
            self.ask("window/workDoneProgress/create", json!({ "token": token }));
        }
        let value =
            if runs { json!({ "kind": "begin", "title": "Checking manifests" }) } else { json!({ "kind": "end" }) };
        self.notify("$/progress", json!({ "token": token, "value": value }));
    }

    fn watch_files(&mut self) {
        if self.client.watches {
            let watchers: Vec<_> = ["**/*.tacit", "**/tacit.toml", "**/*.{yaml,yml,json}"]
                .iter()
                .map(|glob| json!({ "globPattern": glob }))
                .collect();
            self.ask(
                "client/registerCapability",
                json!({ "registrations": [{
                    "id": "tacit/files",
                    "method": "workspace/didChangeWatchedFiles",
                    "registerOptions": { "watchers": watchers },
                }] }),
            );
        }
    }

    // ---- Roots and files ---------------------------------------------------------------------------------------

    /// Adds a root to the workspace.
    pub fn add_root(&mut self, root: PathBuf, loose: bool) {
        if self.projects.iter().any(|project| project.root == root) {
            return;
        }
        let project = Project::load(root, loose, &self.documents, tacit_lang::schema::Schemas::builtin());
        self.dirty.extend(project.rule_modules().into_iter().map(|(path, _)| path));
        self.dirty.extend(project.config_file.clone());
        self.projects.push(project);
    }

    /// Takes a root out of the workspace.
    pub fn remove_root(&mut self, root: &Path) {
        if let Some(at) = self.projects.iter().position(|project| project.root == root) {
            let project = self.projects.remove(at);
            self.dirty.extend(project.rule_modules().into_iter().map(|(path, _)| path));
            self.dirty.extend(project.manifests.paths());
        }
    }

    /// The project of a file: the innermost root around it.
    pub fn project_of(&self, path: &Path) -> Option<&Project> {
        self.index_of(path).map(|at| &self.projects[at])
    }

    /// The project of a file, to change it.
    pub fn project_mut(&mut self, path: &Path) -> Option<&mut Project> {
        self.index_of(path).map(|at| &mut self.projects[at])
    }

    fn index_of(&self, path: &Path) -> Option<usize> {
        let holds = |at: &usize| self.projects[*at].holds(path);
        (0..self.projects.len()).filter(holds).max_by_key(|at| self.projects[*at].root.as_os_str().len())
    }

    /// Makes sure that a file belongs to a root: one that was opened alone makes a root of its project's directory.
    pub fn adopt(&mut self, path: &Path) {
        if self.index_of(path).is_none() {
            let dir = path.parent().unwrap_or(Path::new("")).to_owned();
            let project = tacit_engine::config::find(&dir).and_then(|file| Some(file.parent()?.to_owned()));
            let loose = project.is_none();
            self.add_root(project.unwrap_or(dir), loose);
        }
    }

    /// The address of a file, as the client writes it where it has the file open.
    pub fn uri_of(&self, path: &Path) -> Uri {
        self.documents.get(path).map_or_else(|| uri::of_path(path), |document| document.uri.clone())
    }

    // ---- Changes -----------------------------------------------------------------------------------------------

    /// The text of a file changed, in the editor or on disk.
    pub fn changed(&mut self, path: &Path) {
        let kind = match self.documents.get(path) {
            Some(document) => document.language,
            None => language(path, None),
        };
        match kind {
            Language::Rules => {
                let text = crate::project::text_of(path, &self.documents);
                let Some(project) = self.project_mut(path) else { return };
                let touched = match text {
                    Some(text) => project.set_rules(path, text),
                    None => project.remove_rules(path),
                };
                let files: Vec<PathBuf> = touched.iter().filter_map(|module| project.file(module)).collect();
                let others = files.iter().any(|file| file != path);
                self.dirty.extend(files);
                self.dirty.insert(path.to_owned());
                if others {
                    self.refresh();
                }
                self.evaluate();
            }
            Language::Project => {
                let Some(at) = self.index_of(path) else { return };
                self.reload(at);
            }
            Language::Manifest => {
                self.dirty.insert(path.to_owned());
                let document = self.documents.get(path).map(|document| document.text.clone());
                if let Some(project) = self.project_mut(path) {
                    project.manifests.edited(path, document.as_deref());
                }
                self.evaluate();
            }
            Language::Other => {}
        }
    }

    /// Reads a project anew.
    pub fn reload(&mut self, at: usize) {
        let documents = std::mem::take(&mut self.documents);
        if let Some(project) = self.projects.get_mut(at) {
            let before = project.config_file.clone();
            self.dirty.extend(project.rule_modules().into_iter().map(|(path, _)| path));
            project.reload(&documents);
            self.dirty.extend(project.rule_modules().into_iter().map(|(path, _)| path));
            self.dirty.extend(before);
            self.dirty.extend(project.config_file.clone());
        }
        self.documents = documents;
        self.refresh();
        self.evaluate();
    }

    /// Tells a client that asks for diagnostics to ask again.
    pub fn refresh(&mut self) {
        if self.client.pull && self.client.refresh_diagnostics {
            self.ask("workspace/diagnostic/refresh", ());
        }
    }

    /// Has the manifests of all projects evaluated, once nothing changes for a moment.
    pub fn evaluate(&mut self) {
        for at in 0..self.projects.len() {
            let job = crate::worker::Job::of(&self.projects[at], &self.documents);
            self.worker.post(job);
        }
        self.show_progress(!self.projects.is_empty());
    }

    /// Shows what hangs on single objects of open manifests, before all manifests are evaluated.
    fn prepared(&mut self, prepared: Prepared) {
        let Some(project) = self.projects.iter_mut().find(|project| project.root == prepared.root) else { return };
        project.manifests.prepare(prepared.input, prepared.ready);
        let mut open = false;
        for (path, document) in self.documents.all() {
            if document.language == Language::Manifest && path.starts_with(&project.root) {
                project.manifests.edited(path, Some(&document.text));
                self.dirty.insert(path.clone());
                open = true;
            }
        }
        if open {
            self.refresh();
        }
    }

    fn evaluated(&mut self, evaluated: Evaluated) {
        let Some(at) = self.projects.iter().position(|project| project.root == evaluated.root) else { return };
        self.dirty.extend(self.projects[at].manifests.paths());
        let descriptions = evaluated.descriptions.clone();
        let schemas = self.projects[at].manifests.take(evaluated);
        self.projects[at].describe(descriptions);
        if let Some(schemas) = schemas {
            let documents = std::mem::take(&mut self.documents);
            self.projects[at].set_schemas(schemas, &documents);
            self.documents = documents;
            self.dirty.extend(self.projects[at].rule_modules().into_iter().map(|(path, _)| path));
        }
        self.dirty.extend(self.projects[at].manifests.paths());
        if self.worker.is_idle() {
            self.show_progress(false);
        }
        self.refresh();
        if self.client.refresh_lenses {
            self.ask("workspace/codeLens/refresh", ());
        }
    }

    /// Tells what changed.
    fn settle(&mut self) {
        let dirty = std::mem::take(&mut self.dirty);
        if !self.client.pull {
            publish::push(self, dirty);
        }
    }
}
