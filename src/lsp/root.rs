//! A linted folder at work: a thread of its own reads it, follows its changes and answers what is
//! asked about its files.
//!
//! Everything that concerns a folder comes through one channel, in the order of the client's
//! messages. An answer therefore speaks of the text that the client had when it asked.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError};
use lsp_server::{ErrorCode, RequestId};
use lsp_types::request::{InlayHintRefreshRequest, WorkspaceDiagnosticRefresh};
use lsp_types::{Diagnostic, MessageType, PublishDiagnosticsParams};

use super::answer::{self, Question, Scene};
use super::client::{Client, Options};
use super::diagnostics;
use super::documents::Document;
use super::outbox::{Outbox, Speaker};
use super::tree::Tree;
use crate::catalog::Catalog;
use crate::engine::{EngineError, Live, LivePolicy, Refreshed};
use crate::policy;
use crate::system::System;

/// What happens to a folder.
pub(super) enum Event {
    /// A document is open, with this text.
    Edit(PathBuf, Document),
    /// A document is closed: the file speaks for itself.
    Close(PathBuf),
    /// Other programs wrote files.
    Written(Vec<PathBuf>),
    /// Other programs made files, or took them away.
    CameOrWent,
    /// What it is linted by has changed: `nixtune.toml`, a profile, a baseline.
    Reconfigure,
    /// The user's settings.
    Options(Options),
    /// Something is asked.
    Ask(RequestId, Question),
}

/// What a folder's thread works with.
pub(super) struct Root<'s> {
    pub system: &'s dyn System,
    pub catalog: &'s Catalog,
    pub client: &'s Client,
    pub outbox: &'s Outbox,
    pub speaker: Speaker,
    pub tree: Tree,
    pub options: Options,
}

/// A pause in typing, after which what could wait is looked at.
const PAUSE: Duration = Duration::from_millis(150);

/// What waiting brought.
enum Waited {
    Event(Event),
    /// Nothing for a while.
    Idle,
    /// There will be nothing more.
    End,
}

/// Why a configuration is no longer linted as it was.
enum Next {
    /// It is linted by something else now.
    Again,
    /// Nobody asks any more.
    End,
}

/// What the thread remembers beside what is linted.
struct Desk<'r> {
    events: &'r Receiver<Event>,
    /// Events that were looked at ahead.
    waiting: VecDeque<Event>,
    /// Open documents by where they lie, links followed as far as the folder's own.
    documents: BTreeMap<PathBuf, Document>,
    /// The diagnostics of each file that has some, by where it lies: sent, or given on request.
    found: BTreeMap<PathBuf, Vec<Diagnostic>>,
    /// Documents that changed since diagnostics were sent.
    edited: BTreeSet<PathBuf>,
    /// What was told already, so that it is not told with every key.
    told: Option<String>,
}

impl Root<'_> {
    /// Works until the channel closes: nobody looks at the folder any more.
    pub fn run(mut self, events: &Receiver<Event>) {
        let mut desk = Desk {
            events,
            waiting: VecDeque::new(),
            documents: BTreeMap::new(),
            found: BTreeMap::new(),
            edited: BTreeSet::new(),
            told: None,
        };
        // Documents that are open already come right behind.
        desk.look_ahead();
        while let Next::Again = self.configured(&mut desk) {}
    }

    /// Lints by what is configured now, until that changes.
    fn configured(&mut self, desk: &mut Desk<'_>) -> Next {
        let request = self.options.request(self.tree.real().to_path_buf());
        let policy = match LivePolicy::read(self.system, self.catalog, &request) {
            Ok(policy) => policy,
            Err(error) => return self.stopped(desk, &error),
        };
        let mut live = match Live::new(self.system, &request, &policy) {
            Ok(live) => live,
            Err(error) => return self.stopped(desk, &error),
        };
        for (path, document) in &desk.documents {
            live.edit(path, Some(&document.text));
        }
        let mut options = None;
        let next = loop {
            let event = match desk.next_at_once() {
                Some(event) => event,
                None => {
                    // Nothing waits: what changed is told before the next event.
                    if let Err(error) = self.refresh(desk, &mut live) {
                        break self.stopped(desk, &error);
                    }
                    match desk.next_unless_idle(&live) {
                        Waited::Event(event) => event,
                        Waited::Idle => {
                            if let Err(error) = self.settle(desk, &mut live) {
                                break self.stopped(desk, &error);
                            }
                            continue;
                        }
                        Waited::End => return Next::End,
                    }
                }
            };
            match event {
                Event::Edit(path, document) => {
                    let path = self.tree.real_path(&path);
                    let before = desk.documents.get(&path);
                    if reads_otherwise(&path, before, Some(&document)) {
                        live.forget();
                    }
                    live.edit(&path, Some(&document.text));
                    self.tree.open(&path, &document.uri);
                    desk.open(path, document);
                }
                Event::Close(path) => {
                    let path = self.tree.real_path(&path);
                    live.edit(&path, None);
                    self.tree.close(&path);
                    let before = desk.documents.remove(&path);
                    if reads_otherwise(&path, before.as_ref(), None) {
                        live.forget();
                    }
                    desk.edited.remove(&path);
                }
                Event::Written(paths) => {
                    let paths = paths.iter().map(|path| self.tree.real_path(path));
                    for path in paths.filter(|path| !desk.documents.contains_key(path)) {
                        live.touch(&path);
                    }
                }
                Event::CameOrWent => live.forget(),
                Event::Reconfigure => break Next::Again,
                Event::Options(new) => {
                    options = Some(new);
                    break Next::Again;
                }
                Event::Ask(id, question) => {
                    if !self.outbox.is_open(&id) {
                        continue;
                    }
                    if let Err(error) = self.settle(desk, &mut live) {
                        desk.waiting.push_front(Event::Ask(id, question));
                        break self.stopped(desk, &error);
                    }
                    let mut scene = Scene {
                        live: &mut live,
                        catalog: policy.catalog(),
                        client: self.client,
                        outbox: self.outbox,
                        speaker: &self.speaker,
                        tree: &self.tree,
                        documents: &desk.documents,
                        found: &desk.found,
                    };
                    answer::answer(&mut scene, &id, question);
                }
            }
        };
        if let Some(options) = options {
            self.options = options;
        }
        next
    }

    /// Reads what changed and tells what is found now, in as little time as that takes.
    fn refresh(&self, desk: &mut Desk<'_>, live: &mut Live<'_>) -> Result<(), EngineError> {
        let refreshed = live.refresh()?;
        self.tell_found(desk, live, refreshed);
        Ok(())
    }

    /// As [`Root::refresh`], and nothing is left to be looked at.
    fn settle(&self, desk: &mut Desk<'_>, live: &mut Live<'_>) -> Result<(), EngineError> {
        let refreshed = live.settle()?;
        self.tell_found(desk, live, refreshed);
        Ok(())
    }

    fn tell_found(&self, desk: &mut Desk<'_>, live: &Live<'_>, refreshed: Refreshed) {
        if refreshed == Refreshed::Nothing {
            return;
        }
        if refreshed == Refreshed::Everything {
            desk.told = None;
            self.tell_problems(desk, live);
        }
        let mut found = diagnostics::by_file(live, &self.tree, self.client);
        if self.client.pulls {
            // Diagnostics of files that nobody edits may have changed, too.
            let others = |all: &BTreeMap<PathBuf, Vec<Diagnostic>>| {
                let mut all = all.clone();
                all.retain(|path, _| !desk.edited.contains(path));
                all
            };
            if self.client.refreshes_diagnostics && others(&found) != others(&desk.found) {
                self.outbox.request::<WorkspaceDiagnosticRefresh>(());
            }
            desk.found = found;
        } else {
            let mut paths: BTreeSet<PathBuf> = found.keys().cloned().collect();
            paths.extend(desk.found.keys().cloned());
            paths.extend(desk.edited.iter().cloned());
            for path in paths {
                let items = found.remove(&path).unwrap_or_default();
                self.publish(desk, &path, items);
            }
        }
        if self.client.refreshes_hints && desk.edited.is_empty() {
            self.outbox.request::<InlayHintRefreshRequest>(());
        }
        desk.edited.clear();
    }

    /// Sends the diagnostics of a file, unless the client has them.
    fn publish(&self, desk: &mut Desk<'_>, path: &Path, items: Vec<Diagnostic>) {
        let was = desk.found.get(path).map_or(&[][..], Vec::as_slice);
        let document = desk.documents.get(path);
        if was == items && !desk.edited.contains(path) {
            return;
        }
        if let Some(uri) = self.tree.uri(path) {
            let found = PublishDiagnosticsParams {
                uri,
                version: document.map(|document| document.version),
                diagnostics: items.clone(),
            };
            let named = self.tree.named_path(path);
            self.outbox.publish(&self.speaker, &named, found);
        }
        if items.is_empty() {
            desk.found.remove(path);
        } else {
            desk.found.insert(path.to_path_buf(), items);
        }
    }

    /// Takes back all diagnostics that were sent.
    fn take_back(&self, desk: &mut Desk<'_>) {
        let paths: Vec<PathBuf> = desk.found.keys().cloned().collect();
        for path in paths.into_iter().filter(|_| !self.client.pulls) {
            self.publish(desk, &path, Vec::new());
        }
    }

    /// Shows what could not be read.
    fn tell_problems(&self, desk: &mut Desk<'_>, live: &Live<'_>) {
        let problems = &live.outcome().problems;
        let text: Vec<&str> = problems.iter().map(|it| it.message.as_str()).collect();
        if !text.is_empty() {
            self.tell(desk, text.join("\n"));
        }
    }

    fn tell(&self, desk: &mut Desk<'_>, message: String) {
        if desk.told.as_ref() != Some(&message) {
            self.outbox.show(MessageType::WARNING, message.clone());
            desk.told = Some(message);
        }
    }

    /// Nothing can be linted: says why, and waits for that to change.
    fn stopped(&mut self, desk: &mut Desk<'_>, error: &EngineError) -> Next {
        self.tell(desk, error.to_string());
        let place = match error {
            EngineError::Policy(error) => {
                let path = policy::discover(self.system, self.tree.real())
                    .or_else(|| policy::of_user(self.system));
                path.map(|path| (path, diagnostics::of_policy(error, self.client)))
            }
            _ => None,
        };
        self.take_back(desk);
        if let Some((path, items)) = place.filter(|_| !self.client.pulls) {
            self.publish(desk, &path, items);
        }
        loop {
            let Some(event) = desk.next() else {
                return Next::End;
            };
            match event {
                Event::Edit(path, document) => {
                    let path = self.tree.real_path(&path);
                    self.tree.open(&path, &document.uri);
                    desk.open(path, document);
                }
                Event::Close(path) => {
                    let path = self.tree.real_path(&path);
                    self.tree.close(&path);
                    desk.documents.remove(&path);
                }
                Event::Written(_) | Event::CameOrWent | Event::Reconfigure => return Next::Again,
                Event::Options(options) => {
                    self.options = options;
                    return Next::Again;
                }
                Event::Ask(id, question) => match question {
                    // There is nothing to report.
                    Question::Diagnostics(..) | Question::AllDiagnostics(..) => {
                        answer::nothing(self.outbox, &id, question);
                    }
                    _ => self
                        .outbox
                        .refuse(&id, ErrorCode::RequestFailed, &error.to_string()),
                },
            }
        }
    }
}

/// True when a `nix.conf` includes other files than before: which files belong to the folder is
/// found anew then.
fn reads_otherwise(path: &Path, before: Option<&Document>, after: Option<&Document>) -> bool {
    let includes = |document: &Document| {
        let lines = document.text.lines().map(str::trim_start);
        let included =
            lines.filter(|line| line.starts_with("include ") || line.starts_with("!include "));
        included.map(str::to_owned).collect::<Vec<_>>()
    };
    let is_conf = path.extension().is_some_and(|ending| ending == "conf");
    is_conf
        && match (before, after) {
            (Some(before), Some(after)) => includes(before) != includes(after),
            // What is on disk instead is not known here.
            _ => true,
        }
}

impl Desk<'_> {
    fn open(&mut self, path: PathBuf, document: Document) {
        self.edited.insert(path.clone());
        self.documents.insert(path, document);
    }

    /// Takes what waits in the channel.
    fn look_ahead(&mut self) {
        self.waiting.extend(self.events.try_iter());
    }

    /// The next event that waits; `None` when nothing does.
    fn next_at_once(&mut self) -> Option<Event> {
        if self.waiting.is_empty() {
            self.look_ahead();
        }
        self.waiting.pop_front()
    }

    /// The next event; while something waits to be looked at, only until the typing pauses.
    fn next_unless_idle(&mut self, live: &Live<'_>) -> Waited {
        if let Some(event) = self.next_at_once() {
            return Waited::Event(event);
        }
        if !live.is_unsettled() {
            return self.events.recv().map_or(Waited::End, Waited::Event);
        }
        match self.events.recv_timeout(PAUSE) {
            Ok(event) => Waited::Event(event),
            Err(RecvTimeoutError::Timeout) => Waited::Idle,
            Err(RecvTimeoutError::Disconnected) => Waited::End,
        }
    }

    /// The next event, as long as it takes; `None` when there will be none.
    fn next(&mut self) -> Option<Event> {
        self.next_at_once().or_else(|| self.events.recv().ok())
    }
}

/// The folder that a document belongs to: the innermost of `roots` that holds it.
pub(super) fn innermost<'r>(
    roots: impl Iterator<Item = &'r Arc<Path>>,
    path: &Path,
) -> Option<Arc<Path>> {
    roots
        .filter(|root| path.starts_with(root))
        .max_by_key(|root| root.as_os_str().len())
        .cloned()
}
