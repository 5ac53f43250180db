//! I/O errors in our words.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::system::SystemError;

/// An I/O error in our words.
pub(super) fn obstacle(path: &Path, error: &io::Error) -> SystemError {
    let path = path.to_path_buf();
    if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
        return SystemError::LinkLoop { path };
    }
    match error.kind() {
        ErrorKind::NotFound => SystemError::Missing { path },
        ErrorKind::PermissionDenied => SystemError::Denied { path },
        ErrorKind::IsADirectory => SystemError::IsFolder { path },
        ErrorKind::NotADirectory => SystemError::NotFolder { path },
        ErrorKind::ReadOnlyFilesystem => SystemError::ReadOnlyFolder { path },
        ErrorKind::AlreadyExists => SystemError::Exists { path },
        _ => SystemError::Other {
            path,
            message: error.to_string(),
        },
    }
}

/// The path and the system's words out of the walker's nested error.
pub(super) fn walk_obstacle(error: &ignore::Error) -> SystemError {
    fn path_in(error: &ignore::Error) -> PathBuf {
        match error {
            ignore::Error::WithPath { path, .. } => path.clone(),
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => {
                path_in(err)
            }
            ignore::Error::Partial(errors) => errors.first().map(path_in).unwrap_or_default(),
            ignore::Error::Loop { child, .. } => child.clone(),
            _ => PathBuf::new(),
        }
    }
    let path = path_in(error);
    match error.io_error() {
        Some(io) => obstacle(&path, io),
        None => SystemError::Other {
            path,
            message: error.to_string(),
        },
    }
}
