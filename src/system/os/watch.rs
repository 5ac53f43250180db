//! Changes of files, as the system tells them.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::obstacle::obstacle;
use crate::system::SystemError;
use crate::system::watch::{Watch, folders, may_matter};

/// Changes that follow each other faster are one.
const QUIET: Duration = Duration::from_millis(60);

/// When changes never cease, what there is after this long is looked at.
const LONGEST: Duration = Duration::from_secs(2);

struct Watched {
    events: Receiver<notify::Result<Event>>,
    /// Tells as long as it is there.
    _watcher: RecommendedWatcher,
}

/// Watches `paths` and what lies below them.
pub(super) fn watch(paths: &[PathBuf]) -> Result<Box<dyn Watch>, SystemError> {
    let wrong = |path: PathBuf, error: &notify::Error| SystemError::Other {
        path,
        message: format!("cannot be watched: {error}"),
    };
    for path in paths {
        std::fs::metadata(path).map_err(|error| obstacle(path, &error))?;
    }
    let (sender, events) = channel();
    let watcher = notify::recommended_watcher(sender);
    let mut watcher = watcher.map_err(|error| wrong(PathBuf::new(), &error))?;
    for (folder, below) in folders(paths, |path| path.is_dir()) {
        let mode = if below {
            RecursiveMode::Recursive
        } else {
            RecursiveMode::NonRecursive
        };
        watcher
            .watch(&folder, mode)
            .map_err(|error| wrong(folder, &error))?;
    }
    Ok(Box::new(Watched {
        events,
        _watcher: watcher,
    }))
}

impl Watch for Watched {
    fn wait(&mut self) -> bool {
        loop {
            match self.events.recv() {
                Ok(event) if matters(&event) => break,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        let begin = Instant::now();
        loop {
            match self.events.recv_timeout(QUIET) {
                Ok(_) if begin.elapsed() > LONGEST => return true,
                Ok(_) => {}
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }
}

/// Reading is no change; what could not be told may have been one.
fn matters(event: &notify::Result<Event>) -> bool {
    match event {
        Ok(event) => {
            event.need_rescan()
                || !matches!(event.kind, EventKind::Access(_))
                    && event.paths.iter().any(|path| may_matter(path))
        }
        Err(_) => true,
    }
}
