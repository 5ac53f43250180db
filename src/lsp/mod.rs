//! The language server: `nixtune lsp`.
//!
//! The thread that reads messages keeps the open documents and hands everything that concerns a
//! folder over to that folder's own thread (`root.rs`), in the order in which it came. A document
//! belongs to the innermost workspace folder around it, else to the project that it lies in, else
//! to itself. What is found is what `nixtune lint` finds in the folder, with the editor's texts in
//! place of the files'.

mod actions;
mod answer;
mod client;
mod completion;
mod definition;
mod diagnostics;
mod documents;
mod encoding;
mod hints;
mod hover;
mod links;
mod outbox;
mod root;
mod topic;
mod tree;
mod uri;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Sender, unbounded};
use lsp_server::{
    Connection, ErrorCode, Message, Notification, ProtocolError, Request, RequestId, Response,
};
use lsp_types::notification::{
    Cancel, DidChangeConfiguration, DidChangeTextDocument, DidChangeWatchedFiles,
    DidChangeWorkspaceFolders, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Exit, Notification as _,
};
use lsp_types::request::{
    CodeActionRequest, Completion, DocumentDiagnosticRequest, DocumentLinkRequest, ExecuteCommand,
    GotoDefinition, HoverRequest, InlayHintRequest, RegisterCapability, Request as _, ShowDocument,
    WorkspaceConfiguration, WorkspaceDiagnosticRequest,
};
use lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionProviderCapability, CompletionOptions,
    ConfigurationItem, ConfigurationParams, DiagnosticOptions, DiagnosticServerCapabilities,
    DidChangeWatchedFilesRegistrationOptions, DocumentLinkOptions, ExecuteCommandOptions,
    FileChangeType, FileSystemWatcher, GlobPattern, HoverProviderCapability, InitializeParams,
    InitializeResult, MessageType, NumberOrString, OneOf, Registration, RegistrationParams,
    SaveOptions, ServerCapabilities, ServerInfo, ShowDocumentParams, TextDocumentIdentifier,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    TextDocumentSyncSaveOptions, Uri, WorkspaceFoldersServerCapabilities,
    WorkspaceServerCapabilities,
};
use serde::de::DeserializeOwned;

use self::answer::{Gathering, Question};
use self::client::{Client, Options};
use self::documents::Document;
use self::encoding::Encoding;
use self::outbox::Outbox;
use self::root::{Event, Root, innermost};
use self::tree::Tree;
use crate::catalog::Catalog;
use crate::model;
use crate::report::{self, Style};
use crate::rules;
use crate::syntax::bounds::STACK_BYTES;
use crate::system::System;

/// Why the server ended before the client said so.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The client does not keep to the protocol.
    #[error("the client does not speak the language server protocol: {0}")]
    Protocol(#[from] ProtocolError),
    /// What the client says about itself cannot be read.
    #[error("the client's first message cannot be read: {0}")]
    Initialize(#[from] serde_json::Error),
    /// The client said `exit` before `shutdown`: the protocol wants that to be no success.
    #[error("the client left without `shutdown`")]
    Left,
}

/// Serves a client until it says that it is done, or is gone.
///
/// # Errors
/// A client that does not keep to the protocol, or that leaves without `shutdown`.
pub fn serve(
    connection: &Connection,
    system: &dyn System,
    catalog: &Catalog,
) -> Result<(), ServeError> {
    let (id, params) = connection.initialize_start()?;
    let (client, params) = match Client::read(params) {
        Ok(read) => read,
        Err(error) => {
            let code = ErrorCode::InvalidParams as i32;
            let response = Response::new_err(id, code, error.to_string());
            // A client that is gone reads no answer.
            let _ = connection.sender.send(response.into());
            return Err(error.into());
        }
    };
    let result = InitializeResult {
        capabilities: capabilities(client.encoding),
        server_info: Some(ServerInfo {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
    };
    connection.initialize_finish(id, serde_json::to_value(result)?)?;
    let outbox = Outbox::new(connection.sender.clone());
    std::thread::scope(|scope| {
        let mut server = Server {
            system,
            catalog,
            client: &client,
            outbox: &outbox,
            options: Options::default(),
            asked_options: None,
            folders: Vec::new(),
            documents: HashMap::new(),
            roots: BTreeMap::new(),
        };
        server.begin(&params);
        let ended = server.run(connection, &mut |root| {
            let (sender, events) = unbounded();
            let thread = std::thread::Builder::new()
                .name("nixtune-root".to_owned())
                .stack_size(STACK_BYTES);
            let started = thread.spawn_scoped(scope, move || root.run(&events));
            started.ok().map(|_| sender)
        });
        // Their channels close, and the threads end.
        drop(server);
        ended
    })
}

/// What the server can do.
fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let no_work = lsp_types::WorkDoneProgressOptions::default();
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(
            TextDocumentSyncOptions {
                open_close: Some(true),
                change: Some(TextDocumentSyncKind::INCREMENTAL),
                save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions {
                    include_text: Some(false),
                })),
                ..TextDocumentSyncOptions::default()
            },
        )),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(vec![".".to_owned(), "\"".to_owned()]),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QUICKFIX, actions::FIX_ALL]),
            ..CodeActionOptions::default()
        })),
        document_link_provider: Some(DocumentLinkOptions {
            resolve_provider: None,
            work_done_progress_options: no_work,
        }),
        inlay_hint_provider: Some(OneOf::Left(true)),
        execute_command_provider: Some(ExecuteCommandOptions {
            commands: vec![actions::EXPLAIN.to_owned()],
            work_done_progress_options: no_work,
        }),
        diagnostic_provider: Some(DiagnosticServerCapabilities::Options(DiagnosticOptions {
            identifier: Some(diagnostics::SOURCE.to_owned()),
            inter_file_dependencies: true,
            workspace_diagnostics: true,
            work_done_progress_options: no_work,
        })),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}

/// Files whose changes matter although nobody edits them.
const WATCHED: [&str; 4] = [
    "**/*.nix",
    "**/nix*.conf",
    "**/flake.lock",
    "**/*.{toml,json}",
];

/// Starts a folder's thread; `None` when the system grants none.
type Start<'f, 's> = &'f mut dyn FnMut(Root<'s>) -> Option<Sender<Event>>;

/// What the reading thread knows.
struct Server<'s> {
    system: &'s dyn System,
    catalog: &'s Catalog,
    client: &'s Client,
    outbox: &'s Outbox,
    options: Options,
    /// The question for settings that waits for an answer.
    asked_options: Option<RequestId>,
    /// Workspace folders, as the client writes them.
    folders: Vec<Arc<Path>>,
    /// Open documents by path.
    documents: HashMap<PathBuf, Document>,
    /// The threads of folders, by what the client calls the folder.
    roots: BTreeMap<Arc<Path>, Sender<Event>>,
}

impl<'s> Server<'s> {
    /// Takes over what the client says about itself.
    fn begin(&mut self, params: &InitializeParams) {
        if let Some(options) = &params.initialization_options {
            self.options = self.read_options(options);
        }
        let named = params.workspace_folders.iter().flatten();
        let mut uris: Vec<&Uri> = named.map(|folder| &folder.uri).collect();
        #[expect(
            deprecated,
            reason = "clients without workspace folders name one like this"
        )]
        if uris.is_empty() {
            uris.extend(&params.root_uri);
        }
        for uri in uris {
            self.add_folder(uri);
        }
        self.ask_options();
        if self.client.watches {
            let watchers = WATCHED.map(|pattern| FileSystemWatcher {
                glob_pattern: GlobPattern::String(pattern.to_owned()),
                kind: None,
            });
            let options = DidChangeWatchedFilesRegistrationOptions {
                watchers: watchers.to_vec(),
            };
            self.outbox
                .request::<RegisterCapability>(RegistrationParams {
                    registrations: vec![Registration {
                        id: "nixtune-files".to_owned(),
                        method: DidChangeWatchedFiles::METHOD.to_owned(),
                        register_options: serde_json::to_value(options).ok(),
                    }],
                });
        }
    }

    /// Asks what the user has set, of a client that can say it.
    fn ask_options(&mut self) {
        if self.client.configures {
            let section = ConfigurationItem {
                scope_uri: None,
                section: Some(diagnostics::SOURCE.to_owned()),
            };
            let params = ConfigurationParams {
                items: vec![section],
            };
            self.asked_options = Some(self.outbox.request::<WorkspaceConfiguration>(params));
        }
    }

    /// What the user has set, when that was asked; no other answer matters.
    fn response(&mut self, response: Response) {
        if self.asked_options.as_ref() != Some(&response.id) {
            return;
        }
        self.asked_options = None;
        let values = response.response_result.ok();
        // Nothing is set where the section is missing: what the start said stays.
        if let Some(value) = values.as_ref().and_then(|values| values.get(0))
            && !value.is_null()
        {
            self.set_options(value);
        }
    }

    /// Lints by these settings from now on.
    fn set_options(&mut self, value: &serde_json::Value) {
        let options = self.read_options(value);
        if options != self.options {
            self.options = options.clone();
            self.tell_all(|| Event::Options(options.clone()));
        }
    }

    fn read_options(&self, value: &serde_json::Value) -> Options {
        Options::read(value).unwrap_or_else(|message| {
            self.outbox.show(MessageType::ERROR, message);
            Options::default()
        })
    }

    /// A folder that someone opened as a whole home or file system is not linted as one: documents
    /// in it belong to their own projects.
    fn add_folder(&mut self, uri: &Uri) {
        let Some(path) = uri::path_of(uri) else {
            return;
        };
        let is_home = self.system.home().is_some_and(|home| home == path);
        if !is_home && path.parent().is_some() {
            self.folders.push(path.into());
        }
    }

    fn run(&mut self, connection: &Connection, start: Start<'_, 's>) -> Result<(), ServeError> {
        let folders = self.folders.clone();
        for folder in folders {
            self.root(&folder, start);
        }
        for message in &connection.receiver {
            match message {
                Message::Request(request) => {
                    if connection.handle_shutdown(&request)? {
                        return Ok(());
                    }
                    self.outbox.expect(&request.id);
                    self.request(request, start);
                }
                Message::Notification(notification) if notification.method == Exit::METHOD => {
                    return Err(ServeError::Left);
                }
                Message::Notification(notification) => self.notification(notification, start),
                Message::Response(response) => self.response(response),
            }
        }
        Ok(())
    }

    /// The thread of a folder, started when it is first needed.
    fn root(&mut self, folder: &Arc<Path>, start: Start<'_, 's>) -> Option<Sender<Event>> {
        if let Some(known) = self.roots.get(folder) {
            return Some(known.clone());
        }
        let root = Root {
            system: self.system,
            catalog: self.catalog,
            client: self.client,
            outbox: self.outbox,
            speaker: self.outbox.add_folder(folder),
            tree: Tree::new(self.system, folder),
            options: self.options.clone(),
        };
        let Some(sender) = start(root) else {
            self.outbox.remove_folder(folder);
            return None;
        };
        for (path, document) in &self.documents {
            if path.starts_with(folder) {
                let _ = sender.send(Event::Edit(path.clone(), document.clone()));
            }
        }
        self.roots.insert(Arc::clone(folder), sender.clone());
        Some(sender)
    }

    /// The folder that a document belongs to.
    fn folder_of(&self, path: &Path) -> Option<Arc<Path>> {
        if let Some(folder) = innermost(self.folders.iter(), path) {
            return Some(folder);
        }
        if let Some(known) = innermost(self.roots.keys(), path) {
            return Some(known);
        }
        let project = model::project_of(self.system, path)?;
        // A folder that is no project may be anything: the file stands for itself.
        let is_project = |folder: &Path| {
            [".git", "flake.nix"]
                .iter()
                .any(|name| self.system.metadata(&folder.join(name)).is_ok())
        };
        let named = path.ancestors().find(|folder| is_project(folder));
        Some(
            named
                .filter(|_| is_project(&project))
                .unwrap_or(path)
                .into(),
        )
    }

    /// Asks the folder of a document.
    fn ask(&mut self, path: &Path, id: RequestId, question: Question, start: Start<'_, 's>) {
        let sender = self
            .folder_of(path)
            .and_then(|folder| self.root(&folder, start));
        match sender {
            Some(sender) => drop(sender.send(Event::Ask(id, question))),
            None => self.outbox.answer(&id, serde_json::Value::Null),
        }
    }

    /// Sends an event to every folder around a document; there is one at least.
    fn tell(&mut self, path: &Path, make: impl Fn() -> Event, start: Start<'_, 's>) {
        if let Some(folder) = self.folder_of(path) {
            // One that starts now gets what is open by itself.
            self.root(&folder, start);
        }
        for (_, sender) in self.roots.iter().filter(|(root, _)| path.starts_with(root)) {
            let _ = sender.send(make());
        }
    }

    fn tell_all(&self, make: impl Fn() -> Event) {
        for sender in self.roots.values() {
            let _ = sender.send(make());
        }
    }

    fn notification(&mut self, notification: Notification, start: Start<'_, 's>) {
        match notification.method.as_str() {
            DidOpenTextDocument::METHOD => {
                let Some(params) = params::<DidOpenTextDocument>(notification) else {
                    return;
                };
                let opened = params.text_document;
                let Some(path) = uri::path_of(&opened.uri).filter(|path| is_ours(path)) else {
                    return;
                };
                let document = Document {
                    uri: opened.uri,
                    version: opened.version,
                    text: opened.text.into(),
                };
                self.tell(&path, || Event::Edit(path.clone(), document.clone()), start);
                self.documents.insert(path, document);
            }
            DidChangeTextDocument::METHOD => {
                let Some(params) = params::<DidChangeTextDocument>(notification) else {
                    return;
                };
                let named = params.text_document;
                let Some(path) = uri::path_of(&named.uri) else {
                    return;
                };
                let encoding = self.client.encoding;
                let Some(document) = self.documents.get_mut(&path) else {
                    return;
                };
                document.change(named.version, params.content_changes, encoding);
                let document = document.clone();
                self.tell(&path, || Event::Edit(path.clone(), document.clone()), start);
            }
            DidCloseTextDocument::METHOD => {
                let Some(params) = params::<DidCloseTextDocument>(notification) else {
                    return;
                };
                let path = uri::path_of(&params.text_document.uri);
                if let Some(path) = path
                    && self.documents.remove(&path).is_some()
                {
                    self.close(&path, start);
                }
            }
            DidSaveTextDocument::METHOD => {
                let Some(params) = params::<DidSaveTextDocument>(notification) else {
                    return;
                };
                if let Some(path) = uri::path_of(&params.text_document.uri) {
                    self.written(&[(path, FileChangeType::CHANGED)]);
                }
            }
            DidChangeWatchedFiles::METHOD => {
                let Some(params) = params::<DidChangeWatchedFiles>(notification) else {
                    return;
                };
                let changes = params.changes.into_iter();
                let changes: Vec<_> = changes
                    .filter_map(|change| Some((uri::path_of(&change.uri)?, change.typ)))
                    .collect();
                self.written(&changes);
            }
            DidChangeConfiguration::METHOD => {
                let Some(params) = params::<DidChangeConfiguration>(notification) else {
                    return;
                };
                // Clients send null where the server is to ask.
                if params.settings.is_null() {
                    self.ask_options();
                } else {
                    self.set_options(&params.settings);
                }
            }
            DidChangeWorkspaceFolders::METHOD => {
                let Some(params) = params::<DidChangeWorkspaceFolders>(notification) else {
                    return;
                };
                self.change_folders(&params.event, start);
            }
            Cancel::METHOD => {
                let Some(params) = params::<Cancel>(notification) else {
                    return;
                };
                let id = match params.id {
                    NumberOrString::Number(number) => RequestId::from(number),
                    NumberOrString::String(text) => RequestId::from(text),
                };
                self.outbox.cancel(&id);
            }
            _ => {}
        }
    }

    fn close(&mut self, path: &Path, start: Start<'_, 's>) {
        let Some(folder) = self.folder_of(path) else {
            return;
        };
        self.tell(path, || Event::Close(path.to_path_buf()), start);
        // A folder that no workspace holds lives as long as its documents.
        let is_needed = self.folders.contains(&folder)
            || self.documents.keys().any(|path| path.starts_with(&folder));
        if !is_needed {
            self.forget(&folder);
        }
    }

    fn change_folders(
        &mut self,
        event: &lsp_types::WorkspaceFoldersChangeEvent,
        start: Start<'_, 's>,
    ) {
        for folder in &event.removed {
            let Some(path) = uri::path_of(&folder.uri) else {
                continue;
            };
            self.folders.retain(|folder| **folder != *path);
            self.forget(&path);
        }
        for folder in &event.added {
            self.add_folder(&folder.uri);
        }
        // Documents may belong to another folder now.
        let folders = self.folders.clone();
        for folder in folders {
            self.root(&folder, start);
        }
        let open: Vec<(PathBuf, Document)> = self
            .documents
            .iter()
            .map(|(path, document)| (path.clone(), document.clone()))
            .collect();
        for (path, document) in open {
            self.tell(&path, || Event::Edit(path.clone(), document.clone()), start);
        }
    }

    /// Nobody looks at a folder any more: its channel closes, and its thread ends.
    fn forget(&mut self, folder: &Path) {
        self.roots.remove(folder);
        self.outbox.remove_folder(folder);
    }

    /// Files were written, made or taken away.
    fn written(&self, changes: &[(PathBuf, FileChangeType)]) {
        for (root, sender) in &self.roots {
            // What a folder is linted by may lie outside of it.
            let is_config = |path: &Path| {
                let ending = path.extension().and_then(|ending| ending.to_str());
                matches!(ending, Some("toml" | "json"))
            };
            if changes.iter().any(|(path, _)| is_config(path)) {
                let _ = sender.send(Event::Reconfigure);
            }
            let below = changes.iter().filter(|(path, _)| path.starts_with(root));
            let (written, others): (Vec<_>, Vec<_>) = below
                .filter(|(path, _)| !is_config(path))
                .partition(|(path, kind)| {
                    // A lock file is read as a whole, and so is what is not known to be there.
                    *kind == FileChangeType::CHANGED && is_ours(path)
                });
            if !others.is_empty() {
                let _ = sender.send(Event::CameOrWent);
            }
            if !written.is_empty() {
                let paths = written.into_iter().map(|(path, _)| path.clone());
                let _ = sender.send(Event::Written(paths.collect()));
            }
        }
    }

    fn request(&mut self, request: Request, start: Start<'_, 's>) {
        let id = request.id.clone();
        let (document, question) = match self.question(request) {
            Ok(Some(asked)) => asked,
            Ok(None) => return,
            Err((code, message)) => return self.outbox.refuse(&id, code, &message),
        };
        match uri::path_of(&document.uri) {
            Some(path) => {
                let question = question(path.clone());
                self.ask(&path, id, question, start);
            }
            None => self.outbox.answer(&id, serde_json::Value::Null),
        }
    }

    /// The document that a request is about, and what is asked about its path; `None` for a
    /// request that is answered already.
    #[expect(
        clippy::type_complexity,
        reason = "a document and what is asked about it"
    )]
    fn question(
        &self,
        request: Request,
    ) -> Result<
        Option<(TextDocumentIdentifier, Box<dyn FnOnce(PathBuf) -> Question>)>,
        (ErrorCode, String),
    > {
        let id = request.id.clone();
        Ok(Some(match request.method.as_str() {
            DocumentDiagnosticRequest::METHOD => {
                let params = read::<DocumentDiagnosticRequest>(request)?;
                let known = params.previous_result_id;
                (
                    params.text_document,
                    Box::new(|path| Question::Diagnostics(path, known)),
                )
            }
            WorkspaceDiagnosticRequest::METHOD => {
                let params = read::<WorkspaceDiagnosticRequest>(request)?;
                let known = params.previous_result_ids.into_iter();
                let known = known
                    .filter_map(|known| Some((uri::path_of(&known.uri)?, known.value)))
                    .collect();
                self.ask_all(&id, known);
                return Ok(None);
            }
            CodeActionRequest::METHOD => {
                let params = read::<CodeActionRequest>(request)?;
                (
                    params.text_document.clone(),
                    Box::new(|path| Question::Actions(path, Box::new(params))),
                )
            }
            HoverRequest::METHOD => {
                let at = read::<HoverRequest>(request)?.text_document_position_params;
                let position = at.position;
                (
                    at.text_document,
                    Box::new(move |path| Question::Hover(path, position)),
                )
            }
            Completion::METHOD => {
                let at = read::<Completion>(request)?.text_document_position;
                let position = at.position;
                (
                    at.text_document,
                    Box::new(move |path| Question::Completion(path, position)),
                )
            }
            GotoDefinition::METHOD => {
                let at = read::<GotoDefinition>(request)?.text_document_position_params;
                let position = at.position;
                (
                    at.text_document,
                    Box::new(move |path| Question::Definition(path, position)),
                )
            }
            InlayHintRequest::METHOD => {
                let params = read::<InlayHintRequest>(request)?;
                let range = params.range;
                (
                    params.text_document,
                    Box::new(move |path| Question::Hints(path, range)),
                )
            }
            DocumentLinkRequest::METHOD => {
                let params = read::<DocumentLinkRequest>(request)?;
                (params.text_document, Box::new(Question::Links))
            }
            ExecuteCommand::METHOD => {
                let params = read::<ExecuteCommand>(request)?;
                let argument = params.arguments.first().and_then(|it| it.as_str());
                match (params.command.as_str(), argument) {
                    (actions::EXPLAIN, Some(rule)) => self.explain(&id, rule),
                    (other, _) => {
                        let message = format!("`{other}` is no command of nixtune");
                        return Err((ErrorCode::InvalidParams, message));
                    }
                }
                return Ok(None);
            }
            other => {
                let message = format!("`{other}` is not answered");
                return Err((ErrorCode::MethodNotFound, message));
            }
        }))
    }

    fn ask_all(&self, id: &RequestId, known: HashMap<PathBuf, String>) {
        let gathering = Arc::new(Gathering::new(self.roots.len().max(1), known));
        if self.roots.is_empty() {
            gathering.add(self.outbox, id, Vec::new());
        }
        self.tell_all(|| Event::Ask(id.clone(), Question::AllDiagnostics(Arc::clone(&gathering))));
    }

    /// Shows the page of a rule in the editor; in a message where it shows no documents.
    fn explain(&self, id: &RequestId, rule: &str) {
        let page = match report::explain(rule, self.catalog, rules::ALL, None, Style::PLAIN) {
            Ok(page) => page,
            Err(error) => {
                let code = ErrorCode::InvalidParams;
                return self.outbox.refuse(id, code, &error.to_string());
            }
        };
        let shown = self
            .client
            .shows_documents
            .then(|| self.save_page(rule))
            .flatten();
        match shown {
            Some(uri) => drop(self.outbox.request::<ShowDocument>(ShowDocumentParams {
                uri,
                external: Some(false),
                take_focus: Some(true),
                selection: None,
            })),
            None => self.outbox.show(MessageType::INFO, page.clone()),
        }
        self.outbox.answer(id, page);
    }

    /// Writes the page of a rule where the editor can open it.
    fn save_page(&self, rule: &str) -> Option<Uri> {
        let rule = rules::find(rule)?;
        let folder = self.system.cache_home()?.join("nixtune/pages");
        self.system.create_folder(&folder).ok()?;
        let path = folder.join(format!("{}.md", rule.id));
        let page = report::rule_markdown(rule);
        self.system.save(&path, page.as_bytes()).ok()?;
        uri::of_path(&path)
    }
}

/// True for files that nixtune reads.
fn is_ours(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    matches!(ending, Some("nix" | "conf"))
}

fn params<N: lsp_types::notification::Notification>(notification: Notification) -> Option<N::Params>
where
    N::Params: DeserializeOwned,
{
    // A notification has no answer that could say what is wrong with it.
    notification.extract(N::METHOD).ok()
}

fn read<R: lsp_types::request::Request>(request: Request) -> Result<R::Params, (ErrorCode, String)>
where
    R::Params: DeserializeOwned,
{
    let read = request.extract(R::METHOD).map(|(_, params)| params);
    read.map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}
