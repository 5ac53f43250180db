//! One file as it was read.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::{LineIndex, Position, Span};

/// Index of a file in the run; stable within one run only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileId(pub u32);

/// Which grammar a file is read with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum FileFormat {
    /// The Nix expression language.
    Nix,
    /// The line format of `nix.conf`.
    Conf,
}

/// A file's text with its name. The text is exactly the file's bytes, a byte order mark and
/// all line endings included, so that edits apply to what is on disk.
#[derive(Debug)]
pub struct SourceFile {
    id: FileId,
    path: PathBuf,
    name: Arc<str>,
    format: FileFormat,
    text: Arc<str>,
    lines: OnceLock<LineIndex>,
}

impl SourceFile {
    /// `path` is where the file is read and written; `name` is how reports call it
    /// (relative to the linted root, `/` as separator).
    pub fn new(
        id: FileId,
        path: impl Into<PathBuf>,
        name: impl Into<Arc<str>>,
        format: FileFormat,
        text: impl Into<Arc<str>>,
    ) -> Self {
        Self {
            id,
            path: path.into(),
            name: name.into(),
            format,
            text: text.into(),
            lines: OnceLock::new(),
        }
    }

    /// The file's number in this run.
    pub fn id(&self) -> FileId {
        self.id
    }

    /// Where the file lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How reports call the file.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// Which grammar the file has.
    pub fn format(&self) -> FileFormat {
        self.format
    }

    /// The whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The text of `span`; empty when the span does not lie on character borders of this file.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Line starts, computed at the first call.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }
}
