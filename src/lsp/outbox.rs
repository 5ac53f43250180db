//! What goes to the client: answers, each once, notices, and of each file the diagnostics of one
//! folder.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::notification::PublishDiagnostics;
use lsp_types::{MessageType, PublishDiagnosticsParams, ShowMessageParams};
use serde::Serialize;

use super::root::innermost;

/// Sends messages. A client that is gone is noticed where messages are read.
pub(super) struct Outbox {
    sender: Sender<Message>,
    /// Requests that wait for an answer.
    open: Mutex<HashSet<RequestId>>,
    next: AtomicI32,
    board: Mutex<Board>,
}

/// What is known about files, by the path that the client knows them by. Folders may lie within
/// each other and read the same file: the innermost one speaks of it.
#[derive(Default)]
struct Board {
    /// With the number of the place: a folder that comes back has another.
    folders: BTreeMap<Arc<Path>, u64>,
    places: u64,
    /// What each folder found in a file; nothing for files without diagnostics.
    found: BTreeMap<PathBuf, BTreeMap<Arc<Path>, PublishDiagnosticsParams>>,
}

/// A folder's right to speak, from when it is added until it is removed.
#[derive(Clone, Debug)]
pub(super) struct Speaker {
    folder: Arc<Path>,
    place: u64,
}

impl Board {
    /// The folder that speaks of a file; `None` for a file outside of all.
    fn speaker(&self, path: &Path) -> Option<Arc<Path>> {
        innermost(self.folders.keys(), path)
    }

    fn speaks(&self, folder: &Path, path: &Path) -> bool {
        self.speaker(path).is_none_or(|speaker| *speaker == *folder)
    }

    /// What the client is shown about a file.
    fn shown(&self, path: &Path) -> Option<&PublishDiagnosticsParams> {
        let found = self.found.get(path)?;
        match self.speaker(path) {
            Some(speaker) => found.get(&speaker),
            None => found.values().next(),
        }
    }

    /// Changes the folders, and returns what is shown otherwise now.
    fn change(&mut self, change: impl FnOnce(&mut Self)) -> Vec<PublishDiagnosticsParams> {
        let before: Vec<(PathBuf, PublishDiagnosticsParams)> = self
            .found
            .keys()
            .filter_map(|path| Some((path.clone(), self.shown(path)?.clone())))
            .collect();
        change(self);
        let mut news = Vec::new();
        for (path, was) in &before {
            if self.shown(path).is_none() {
                news.push(PublishDiagnosticsParams {
                    diagnostics: Vec::new(),
                    ..was.clone()
                });
            }
        }
        let was = |path: &PathBuf| {
            before
                .iter()
                .find(|(other, _)| other == path)
                .map(|(_, it)| it)
        };
        for path in self.found.keys() {
            if let Some(now) = self.shown(path).filter(|now| Some(*now) != was(path)) {
                news.push(now.clone());
            }
        }
        news
    }
}

impl Outbox {
    pub fn new(sender: Sender<Message>) -> Self {
        Self {
            sender,
            open: Mutex::default(),
            next: AtomicI32::new(0),
            board: Mutex::default(),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a folder is linted now. What others said about its files is taken back.
    pub fn add_folder(&self, folder: &Arc<Path>) -> Speaker {
        let mut board = self.board();
        board.places += 1;
        let place = board.places;
        let news = board.change(|board| {
            board.folders.insert(Arc::clone(folder), place);
        });
        self.publish_all(news);
        Speaker {
            folder: Arc::clone(folder),
            place,
        }
    }

    /// Takes back what a folder said; where others know its files, they speak.
    pub fn remove_folder(&self, folder: &Path) {
        let mut board = self.board();
        let news = board.change(|board| {
            board.folders.remove(folder);
            for found in board.found.values_mut() {
                found.remove(folder);
            }
        });
        board.found.retain(|_, found| !found.is_empty());
        self.publish_all(news);
    }

    /// True when it is up to `folder` to speak of a file.
    pub fn speaks(&self, speaker: &Speaker, path: &Path) -> bool {
        self.board().speaks(&speaker.folder, path)
    }

    /// Sends what a folder found in a file, if it is up to the folder.
    pub fn publish(&self, speaker: &Speaker, path: &Path, found: PublishDiagnosticsParams) {
        let folder = &speaker.folder;
        let mut board = self.board();
        // A folder that was removed while it was read says nothing more.
        if board.folders.get(folder) != Some(&speaker.place) {
            return;
        }
        let of_file = board.found.entry(path.to_path_buf()).or_default();
        let was = if found.diagnostics.is_empty() {
            of_file.remove(folder)
        } else {
            of_file.insert(Arc::clone(folder), found.clone())
        };
        if of_file.is_empty() {
            board.found.remove(path);
        }
        if !board.speaks(folder, path) {
            return;
        }
        // Under the lock, so that two folders cannot overtake each other. A document that was
        // opened may have another address than the file had: nothing stays under the old one.
        let old = was.filter(|was| was.uri != found.uri);
        let old = old.map(|was| PublishDiagnosticsParams {
            diagnostics: Vec::new(),
            ..was
        });
        self.publish_all(old.into_iter().chain([found]));
    }

    fn publish_all(&self, news: impl IntoIterator<Item = PublishDiagnosticsParams>) {
        for found in news {
            self.notify::<PublishDiagnostics>(found);
        }
    }

    /// Notes a request that is to be answered.
    pub fn expect(&self, id: &RequestId) {
        self.open().insert(id.clone());
    }

    /// True while nobody took the request back.
    pub fn is_open(&self, id: &RequestId) -> bool {
        self.open().contains(id)
    }

    /// Takes a request back: it is answered with that.
    pub fn cancel(&self, id: &RequestId) {
        let code = ErrorCode::RequestCanceled;
        self.refuse(id, code, "the request was taken back");
    }

    /// Answers, unless the request was taken back.
    pub fn answer<T: Serialize>(&self, id: &RequestId, result: T) {
        if self.open().remove(id) {
            self.send(Response::new_ok(id.clone(), result).into());
        }
    }

    /// Answers with an error.
    pub fn refuse(&self, id: &RequestId, code: ErrorCode, message: &str) {
        if self.open().remove(id) {
            let response = Response::new_err(id.clone(), code as i32, message.to_owned());
            self.send(response.into());
        }
    }

    /// Notifies.
    pub fn notify<N: lsp_types::notification::Notification>(&self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params).into());
    }

    /// Shows a message to the user.
    pub fn show(&self, typ: MessageType, message: String) {
        self.notify::<lsp_types::notification::ShowMessage>(ShowMessageParams { typ, message });
    }

    /// Asks the client for something; the number that its answer will have.
    pub fn request<R: lsp_types::request::Request>(&self, params: R::Params) -> RequestId {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::from(number);
        let request = Request::new(id.clone(), R::METHOD.to_owned(), params);
        self.send(request.into());
        id
    }

    fn send(&self, message: Message) {
        // When the client is gone, reading ends the server.
        let _ = self.sender.send(message);
    }
}
