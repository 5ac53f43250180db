//! Databases that other programs write, read as they are at one moment.

use std::path::PathBuf;

/// One value of a row.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(&'a str),
    /// A fraction, bytes, or text that is not UTF-8: nothing that is asked for.
    Other,
}

impl<'a> Cell<'a> {
    /// The number; `None` for anything else.
    pub const fn integer(self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(number),
            Self::Null | Self::Text(_) | Self::Other => None,
        }
    }

    /// The text; `None` for anything else.
    pub const fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Integer(_) | Self::Other => None,
        }
    }
}

/// What is done with each row: the index of its statement, and its values.
pub type OnRow<'a> = dyn FnMut(usize, &[Cell<'_>]) + 'a;

/// Why a database cannot be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DatabaseError {
    /// It is not there.
    #[error("{}: no such database", .path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// It may not be read.
    #[error("{}: cannot be opened: {message}", .path.display())]
    Unopened {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        message: String,
    },
    /// Another program keeps it locked.
    #[error("{}: is locked by another program; run again when it is done", .path.display())]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is damaged, or no database of this kind.
    #[error("{}: cannot be read: {message}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        message: String,
    },
}
