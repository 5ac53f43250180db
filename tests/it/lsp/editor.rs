//! An editor that speaks with the server over channels and remembers what a real one would: its
//! documents, the diagnostics that it shows, what it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use nixtune::catalog::Catalog;
use nixtune::lsp::{ServeError, serve};
use nixtune::system::System;
use serde_json::{Value, json};

use super::text::{Encoding, edited, position, range};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open document.
#[derive(Clone, Debug)]
pub struct Document {
    pub version: i32,
    pub text: String,
}

/// What the server says when it refuses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused {
    pub code: i32,
    pub message: String,
}

pub struct Editor {
    connection: Option<Connection>,
    serving: Option<JoinHandle<Result<(), ServeError>>>,
    pub encoding: Encoding,
    /// What the server answered to `initialize`.
    pub server: Value,
    next: i32,
    pub documents: BTreeMap<String, Document>,
    /// What is shown, by address; nothing for files without diagnostics.
    pub shown: BTreeMap<String, Vec<Value>>,
    /// The version that the last diagnostics of an address were for.
    pub shown_for: BTreeMap<String, Option<i32>>,
    /// `window/showMessage`, in order.
    pub told: Vec<String>,
    /// What the user has set, for a server that asks.
    pub settings: Value,
    /// Requests of the server: method and parameters.
    pub asked: Vec<(String, Value)>,
    /// Answers that nobody waited for yet.
    answers: BTreeMap<i32, Result<Value, Refused>>,
    answered: BTreeSet<i32>,
}

/// What the editor can do, unless a test says otherwise: diagnostics are sent to it.
pub fn abilities() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16"] },
        "textDocument": {
            "publishDiagnostics": { "relatedInformation": true },
            "codeAction": { "disabledSupport": true },
        },
        "workspace": { "workspaceEdit": { "documentChanges": true } },
    })
}

/// The same of an editor that asks for diagnostics.
pub fn pulling() -> Value {
    let mut abilities = abilities();
    abilities["textDocument"]["diagnostic"] = json!({});
    abilities["workspace"]["diagnostics"] = json!({ "refreshSupport": true });
    abilities
}

/// What an editor says first: its abilities and its folders, as addresses.
pub fn hello(abilities: &Value, folders: &[&str]) -> Value {
    let folders: Vec<Value> = folders.iter().map(|uri| folder(uri)).collect();
    json!({ "processId": null, "rootUri": null, "capabilities": abilities, "workspaceFolders": folders })
}

pub fn folder(uri: &str) -> Value {
    json!({ "uri": uri, "name": uri.rsplit('/').next() })
}

impl Editor {
    /// Starts a server and shakes hands.
    pub fn start(system: Arc<dyn System>, hello: Value) -> Self {
        let (server, client) = Connection::memory();
        let serving = std::thread::Builder::new()
            .name("server".to_owned())
            .spawn(move || serve(&server, &*system, &Catalog::embedded()))
            .unwrap();
        let mut editor = Self {
            connection: Some(client),
            serving: Some(serving),
            encoding: Encoding::Utf16,
            server: Value::Null,
            next: 0,
            documents: BTreeMap::new(),
            shown: BTreeMap::new(),
            shown_for: BTreeMap::new(),
            told: Vec::new(),
            settings: Value::Null,
            asked: Vec::new(),
            answers: BTreeMap::new(),
            answered: BTreeSet::new(),
        };
        editor.server = editor.request("initialize", hello).unwrap();
        let encoding = &editor.server["capabilities"]["positionEncoding"];
        editor.encoding = Encoding::of(encoding.as_str().unwrap());
        editor.notify("initialized", json!({}));
        editor
    }

    /// An editor with abilities of its own, in folders.
    pub fn with(system: Arc<dyn System>, abilities: &Value, folders: &[&str]) -> Self {
        Self::start(system, hello(abilities, folders))
    }

    /// The usual editor in one folder.
    pub fn of(system: Arc<dyn System>, folder: &str) -> Self {
        Self::with(system, &abilities(), &[folder])
    }

    pub fn send(&self, message: Message) {
        let connection = self.connection.as_ref().unwrap();
        connection.sender.send(message).unwrap();
    }

    pub fn notify(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params).into());
    }

    /// Asks, and does not wait for the answer.
    pub fn ask(&mut self, method: &str, params: Value) -> i32 {
        self.next += 1;
        let id = RequestId::from(self.next);
        self.send(Request::new(id, method.to_owned(), params).into());
        self.next
    }

    /// The answer to an earlier question.
    pub fn answer(&mut self, id: i32) -> Result<Value, Refused> {
        loop {
            if let Some(answer) = self.answers.remove(&id) {
                return answer;
            }
            self.receive();
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Result<Value, Refused> {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Asks something about a document.
    pub fn about(&mut self, uri: &str, method: &str, mut params: Value) -> Value {
        params["textDocument"] = json!({ "uri": uri });
        self.request(method, params)
            .unwrap_or_else(|refused| panic!("{method}: {refused:?}"))
    }

    /// Asks something about the first place in a document where `before|behind` stands.
    pub fn at(&mut self, uri: &str, method: &str, place: &str) -> Value {
        let position = self.place(uri, place);
        self.about(uri, method, json!({ "position": position }))
    }

    /// The position of `before|behind` in a document.
    pub fn place(&self, uri: &str, place: &str) -> Value {
        let text = &self.documents[uri].text;
        let (before, behind) = place.split_once('|').unwrap();
        let found = text.find(&format!("{before}{behind}"));
        let found = found.unwrap_or_else(|| panic!("no {place} in {text}"));
        position(text, found + before.len(), self.encoding)
    }

    /// Takes the next message.
    fn receive(&mut self) {
        let connection = self.connection.as_ref().unwrap();
        let message = match connection.receiver.recv_timeout(PATIENCE) {
            Ok(message) => message,
            Err(error) => panic!("the server says nothing more: {error}"),
        };
        match message {
            Message::Response(response) => {
                let number: i32 = response.id.to_string().parse().unwrap();
                assert!(self.answered.insert(number), "{number} is answered twice");
                let answer = response.response_result.map_err(|error| Refused {
                    code: error.code,
                    message: error.message,
                });
                self.answers.insert(number, answer);
            }
            Message::Request(request) => {
                let answer = match request.method.as_str() {
                    "workspace/configuration" => json!([self.settings]),
                    _ => Value::Null,
                };
                let response = Response::new_ok(request.id, answer);
                self.asked.push((request.method, request.params));
                self.send(response.into());
            }
            Message::Notification(note) => self.hear(note),
        }
    }

    fn hear(&mut self, note: Notification) {
        match note.method.as_str() {
            "textDocument/publishDiagnostics" => {
                let uri = note.params["uri"].as_str().unwrap().to_owned();
                let items = note.params["diagnostics"].as_array().unwrap().clone();
                let version = note.params["version"].as_i64();
                let version = version.map(|version| i32::try_from(version).unwrap());
                self.shown_for.insert(uri.clone(), version);
                if items.is_empty() {
                    self.shown.remove(&uri);
                } else {
                    self.shown.insert(uri, items);
                }
            }
            "window/showMessage" => {
                let message = note.params["message"].as_str().unwrap();
                self.told.push(message.to_owned());
            }
            other => panic!("nobody expects {other}"),
        }
    }

    /// Waits until the server has said something that makes `is_there` true.
    pub fn until(&mut self, what: &str, is_there: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !is_there(self) {
            assert!(start.elapsed() < PATIENCE, "{what} does not happen");
            self.receive();
        }
    }

    /// Waits until everything that was sent before has been worked on in all folders.
    pub fn settle(&mut self) {
        self.request("workspace/diagnostic", json!({ "previousResultIds": [] }))
            .unwrap();
    }

    pub fn open(&mut self, uri: &str, text: &str) {
        let language = if uri.ends_with(".nix") { "nix" } else { "conf" };
        self.notify(
            "textDocument/didOpen",
            json!({ "textDocument": {
                "uri": uri, "languageId": language, "version": 1, "text": text,
            } }),
        );
        let document = Document {
            version: 1,
            text: text.to_owned(),
        };
        self.documents.insert(uri.to_owned(), document);
    }

    /// Sends changes, and makes them in the editor's own text: bytes that are replaced, one change
    /// after the other.
    pub fn change(&mut self, uri: &str, changes: &[(std::ops::Range<usize>, &str)]) {
        let encoding = self.encoding;
        let document = self.documents.get_mut(uri).unwrap();
        let mut sent = Vec::new();
        for (bytes, new) in changes {
            let range = range(&document.text, bytes.clone(), encoding);
            sent.push(json!({ "range": range, "text": new }));
            document.text.replace_range(bytes.clone(), new);
        }
        document.version += 1;
        let version = document.version;
        self.send_changes(uri, version, sent.into());
    }

    /// Replaces a part of a document that stands in it once.
    pub fn replace(&mut self, uri: &str, old: &str, new: &str) {
        let text = &self.documents[uri].text;
        assert_eq!(text.matches(old).count(), 1, "{old} in {text}");
        let start = text.find(old).unwrap();
        self.change(uri, &[(start..start + old.len(), new)]);
    }

    /// Replaces all of a document.
    pub fn rewrite(&mut self, uri: &str, text: &str) {
        let document = self.documents.get_mut(uri).unwrap();
        document.version += 1;
        document.text = text.to_owned();
        let version = document.version;
        self.send_changes(uri, version, json!([{ "text": text }]));
    }

    fn send_changes(&self, uri: &str, version: i32, changes: Value) {
        self.notify(
            "textDocument/didChange",
            json!({
                "textDocument": { "uri": uri, "version": version },
                "contentChanges": changes,
            }),
        );
    }

    pub fn close(&mut self, uri: &str) {
        self.documents.remove(uri).unwrap();
        let params = json!({ "textDocument": { "uri": uri } });
        self.notify("textDocument/didClose", params);
    }

    pub fn saved(&self, uri: &str) {
        let params = json!({ "textDocument": { "uri": uri } });
        self.notify("textDocument/didSave", params);
    }

    /// Says that other programs made (1), wrote (2) or removed (3) files.
    pub fn watched(&self, changes: &[(&str, u8)]) {
        let changes: Vec<Value> = changes
            .iter()
            .map(|(uri, kind)| json!({ "uri": uri, "type": kind }))
            .collect();
        self.notify(
            "workspace/didChangeWatchedFiles",
            json!({ "changes": changes }),
        );
    }

    /// The diagnostics that are shown about a document.
    pub fn shown(&self, uri: &str) -> &[Value] {
        self.shown.get(uri).map_or(&[], Vec::as_slice)
    }

    /// The rules that speak about a document.
    pub fn rules(&self, uri: &str) -> Vec<&str> {
        let shown = self.shown(uri).iter();
        shown
            .map(|one| one["code"].as_str().unwrap_or(""))
            .collect()
    }

    /// The diagnostics of a document, by asking.
    pub fn pulled(&mut self, uri: &str) -> Vec<Value> {
        let report = self.about(uri, "textDocument/diagnostic", json!({}));
        assert_eq!(report["kind"], "full", "{report}");
        report["items"].as_array().unwrap().clone()
    }

    /// What can be done about a range of a document.
    pub fn actions(&mut self, uri: &str, range: &Value, only: Option<&str>) -> Vec<Value> {
        let mut context = json!({ "diagnostics": [] });
        if let Some(only) = only {
            context["only"] = json!([only]);
        }
        let params = json!({ "range": range, "context": context });
        let found = self.about(uri, "textDocument/codeAction", params);
        found.as_array().unwrap().clone()
    }

    /// All of a document.
    pub fn whole(&self, uri: &str) -> Value {
        let text = &self.documents[uri].text;
        range(text, 0..text.len(), self.encoding)
    }

    /// What the open documents say after an edit of the workspace, by address; those that nothing
    /// changes are left out.
    pub fn after(&self, edit: &Value) -> BTreeMap<String, String> {
        let mut after = BTreeMap::new();
        for change in edit["documentChanges"].as_array().unwrap() {
            let uri = change["textDocument"]["uri"].as_str().unwrap();
            let document = self
                .documents
                .get(uri)
                .unwrap_or_else(|| panic!("{uri} is not open"));
            assert_eq!(change["textDocument"]["version"], document.version);
            let edits = change["edits"].as_array().unwrap();
            let text = edited(&document.text, edits, self.encoding);
            assert!(after.insert(uri.to_owned(), text).is_none(), "{uri} twice");
        }
        after
    }

    /// Says goodbye, as the protocol wants it.
    pub fn quit(mut self) {
        assert_eq!(self.request("shutdown", Value::Null), Ok(Value::Null));
        self.notify("exit", Value::Null);
        self.ended().unwrap();
    }

    /// Waits until the server has ended.
    pub fn ended(mut self) -> Result<(), ServeError> {
        self.serving.take().unwrap().join().unwrap()
    }

    /// Goes without a word.
    pub fn vanish(mut self) -> Result<(), ServeError> {
        drop(self.connection.take());
        self.ended()
    }
}
