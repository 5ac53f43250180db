//! A folder that is linted: what the client calls its files, and where they lie.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::{Location, Uri};

use super::encoding::{Encoding, Lines};
use super::uri;
use crate::engine::Live;
use crate::model::Workspace;
use crate::system::{System, lexical};
use crate::text::{FileId, Place, SourceFile};

/// A linted folder, or a file that lies in no project.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    /// As the client writes it.
    named: PathBuf,
    /// Without links.
    real: PathBuf,
    here: PathBuf,
    /// The addresses of open documents as the client writes them, by where they lie.
    opened: BTreeMap<PathBuf, Uri>,
}

impl Tree {
    pub fn new(system: &dyn System, named: &Path) -> Self {
        Self {
            named: named.to_path_buf(),
            real: system
                .canonicalize(named)
                .unwrap_or_else(|_| lexical(named)),
            here: system.current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            opened: BTreeMap::new(),
        }
    }

    /// Remembers what the client calls a document, which may escape other characters than we do.
    pub fn open(&mut self, path: &Path, uri: &Uri) {
        if self.opened.get(path) != Some(uri) {
            self.opened.insert(path.to_path_buf(), uri.clone());
        }
    }

    /// Forgets the name of a document.
    pub fn close(&mut self, path: &Path) {
        self.opened.remove(path);
    }

    /// Without links.
    pub fn real(&self) -> &Path {
        &self.real
    }

    /// Where a file lies that the client calls `path`.
    pub fn real_path(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.named) {
            Ok(rest) if rest.as_os_str().is_empty() => self.real.clone(),
            Ok(rest) => lexical(&self.real.join(rest)),
            Err(_) => lexical(path),
        }
    }

    /// Where a file of the workspace lies.
    pub fn path_of(&self, file: &SourceFile) -> PathBuf {
        self.absolute(file.path())
    }

    /// Where the file lies that the workspace calls `path`.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        lexical(&self.here.join(path))
    }

    /// The path that the client knows the file at `path` by.
    pub fn named_path(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.real) {
            Ok(rest) if rest.as_os_str().is_empty() => self.named.clone(),
            Ok(rest) => self.named.join(rest),
            Err(_) => path.to_path_buf(),
        }
    }

    /// What the client calls the file at `path`.
    pub fn uri(&self, path: &Path) -> Option<Uri> {
        match self.opened.get(path) {
            Some(uri) => Some(uri.clone()),
            None => uri::of_path(&self.named_path(path)),
        }
    }

    /// What the client calls a file of the workspace.
    pub fn uri_of(&self, file: &SourceFile) -> Option<Uri> {
        self.uri(&self.path_of(file))
    }

    /// The number of the file at `path`, without links.
    pub fn file(&self, workspace: &Workspace, path: &Path) -> Option<FileId> {
        let mut files = workspace.files().iter();
        files
            .find(|file| self.path_of(file) == path)
            .map(|file| file.id())
    }

    /// Where a place is, as the client calls it and shows it; `None` for what is being edited.
    pub fn location(&self, live: &Live<'_>, place: Place, encoding: Encoding) -> Option<Location> {
        let file = live.outcome().workspace.file(place.file)?;
        let shown = live.shown(file);
        Some(Location {
            uri: self.uri_of(file)?,
            range: Lines::of(shown.text, encoding).range(shown.span(place.span)?),
        })
    }
}
