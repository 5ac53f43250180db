//! What goes to the client: answers, each once, and notices.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::Sender;
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{MessageType, ShowMessageParams};
use serde::Serialize;

/// Sends messages. A client that is gone is noticed where messages are read.
pub(super) struct Outbox {
    sender: Sender<Message>,
    /// Requests that wait for an answer.
    open: Mutex<HashSet<RequestId>>,
    next: AtomicI32,
}

impl Outbox {
    pub fn new(sender: Sender<Message>) -> Self {
        Self {
            sender,
            open: Mutex::default(),
            next: AtomicI32::new(0),
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, HashSet<RequestId>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
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

    /// Asks the client for something whose answer tells nothing.
    pub fn request<R: lsp_types::request::Request>(&self, params: R::Params) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let id = RequestId::from(number);
        self.send(Request::new(id, R::METHOD.to_owned(), params).into());
    }

    fn send(&self, message: Message) {
        // When the client is gone, reading ends the server.
        let _ = self.sender.send(message);
    }
}
