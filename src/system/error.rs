//! What can go wrong at the door, each with the path and what to do about it.

use std::path::{Path, PathBuf};

use crate::units::Bytes;

/// An obstacle. The text names the path and, where there is one, the way out.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error, Hash)]
pub enum SystemError {
    /// Nothing is there.
    #[error("{}: no such file or folder", .path.display())]
    Missing {
        /// What was asked for.
        path: PathBuf,
    },
    /// The system said no.
    #[error("{}: permission denied; check its owner and mode and those of its folder", .path.display())]
    Denied {
        /// What was asked for.
        path: PathBuf,
    },
    /// A folder where a file was expected.
    #[error("{}: is a folder, not a file", .path.display())]
    IsFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file where a folder was expected.
    #[error("{}: is not a folder", .path.display())]
    NotFolder {
        /// What is there instead.
        path: PathBuf,
    },
    /// A device, pipe or socket.
    #[error("{}: is neither a file nor a folder; devices, pipes and sockets are not read", .path.display())]
    NotRegular {
        /// What is there.
        path: PathBuf,
    },
    /// A link that a write would replace.
    #[error("{}: is a symbolic link to {}; name that file to change it", .path.display(), .target.display())]
    IsLink {
        /// The link.
        path: PathBuf,
        /// What it points to, as it is written in the link.
        target: PathBuf,
    },
    /// A link that was named, and that leads out of the tree that may be written.
    #[error("{}: is a symbolic link to {}, which lies outside of {}; nothing was written, name that file to change it", .path.display(), .target.display(), .tree.display())]
    LinkLeavesTree {
        /// The link.
        path: PathBuf,
        /// The file that it leads to.
        target: PathBuf,
        /// The folder that the link belongs to.
        tree: PathBuf,
    },
    /// Links that lead back to themselves.
    #[error("{}: its symbolic links lead in a circle", .path.display())]
    LinkLoop {
        /// Where the circle was entered.
        path: PathBuf,
    },
    /// Bytes that are no UTF-8 text.
    #[error("{}: is not valid UTF-8 at byte {offset}; save it as UTF-8 to have it read", .path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The first byte that is not text.
        offset: usize,
    },
    /// More bytes than the caller takes.
    #[error("{}: is larger than {}, the most that is read", .path.display(), Bytes(*.limit))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that was allowed, in bytes.
        limit: u64,
    },
    /// No permission bit of the file allows writing.
    #[error("{}: is read-only; run `chmod u+w` on it to let it be changed", .path.display())]
    ReadOnlyFile {
        /// The file.
        path: PathBuf,
    },
    /// A new file cannot be put into the folder.
    #[error("{}: its folder cannot be written, so the file cannot be replaced; nothing was changed", .path.display())]
    ReadOnlyFolder {
        /// The file that was to be written.
        path: PathBuf,
    },
    /// Somebody else changed the file.
    #[error("{}: changed since it was read; nothing was written, run again", .path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file that was to be created is there.
    #[error("{}: exists already; nothing was written", .path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Two writes name one file.
    #[error("{}: would be written twice; nothing was written", .path.display())]
    WrittenTwice {
        /// The file.
        path: PathBuf,
    },
    /// An earlier write of the file was killed and has to be undone before another one.
    #[error("{}: an earlier write of it was interrupted; nothing was written, run `nixtune apply` to undo that first ({})", .path.display(), .journal.display())]
    Interrupted {
        /// The file.
        path: PathBuf,
        /// The journal of the earlier write.
        journal: PathBuf,
    },
    /// A write failed part-way, and not every file could be put back.
    #[error("{cause}; these files hold the new content already and could not be put back, their old content lies beside them: {}", list(.changed))]
    NotRestored {
        /// Why the write failed.
        cause: Box<SystemError>,
        /// The files that were changed and stayed so.
        changed: Vec<PathBuf>,
    },
    /// A program that is not installed.
    #[error("{program}: not found")]
    NoProgram {
        /// Its name.
        program: String,
    },
    /// A program that did not end in time.
    #[error("{program}: took longer than {seconds} s and was ended")]
    TooSlow {
        /// Its name.
        program: String,
        /// The limit.
        seconds: u64,
    },
    /// Everything else, in the system's words.
    #[error("{}: {message}", .path.display())]
    Other {
        /// What was asked for.
        path: PathBuf,
        /// The system's message.
        message: String,
    },
}

impl SystemError {
    /// The path, or the program, that the obstacle is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Missing { path }
            | Self::Denied { path }
            | Self::IsFolder { path }
            | Self::NotFolder { path }
            | Self::NotRegular { path }
            | Self::IsLink { path, .. }
            | Self::LinkLeavesTree { path, .. }
            | Self::LinkLoop { path }
            | Self::NotUtf8 { path, .. }
            | Self::TooLarge { path, .. }
            | Self::ReadOnlyFile { path }
            | Self::ReadOnlyFolder { path }
            | Self::Changed { path }
            | Self::Exists { path }
            | Self::WrittenTwice { path }
            | Self::Interrupted { path, .. }
            | Self::Other { path, .. } => path,
            Self::NotRestored { cause, .. } => cause.path(),
            Self::NoProgram { program } | Self::TooSlow { program, .. } => Path::new(program),
        }
    }
}

fn list(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
