//! Signals that end the process wait until a write is over, and take temporary copies along.

use std::fs;
use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// What the handlers look at. Handlers belong to the process, so this does, too.
#[derive(Debug, Default)]
struct Holding {
    going_on: Mutex<GoingOn>,
    /// True while nothing is: signals have their usual effect.
    is_free: Arc<AtomicBool>,
    /// The last signal that came while something was, or 0.
    came: Arc<AtomicUsize>,
}

/// What must not end as if the process were killed.
#[derive(Debug, Default)]
struct GoingOn {
    /// How many writes.
    writes: usize,
    /// Folders to be removed before the process ends.
    copies: Vec<PathBuf>,
    /// Gets a byte for each signal, until a thread waits for them.
    wakes: Option<UnixStream>,
    /// True when that thread is there.
    is_watched: bool,
}

static HOLDING: OnceLock<Holding> = OnceLock::new();

/// Holds signals back as long as it lives; dropping it lets one that came have its usual effect.
#[derive(Debug)]
pub(super) struct Held(&'static Holding);

/// Holds back what a person at a terminal, a closed terminal or a service manager sends. Signals
/// that the process was started to ignore stay ignored.
pub(super) fn hold() -> Held {
    let holding = HOLDING.get_or_init(Holding::install);
    let mut going_on = holding.going_on();
    going_on.writes += 1;
    holding.is_free.store(false, Ordering::SeqCst);
    Held(holding)
}

/// A folder that a signal which ends the process removes first, as long as this lives.
#[derive(Debug)]
pub(super) struct Registered {
    holding: &'static Holding,
    folder: PathBuf,
}

/// Has a folder removed before a signal ends the process. Where that cannot be had, the signal
/// leaves the folder.
pub(super) fn register(folder: PathBuf) -> Registered {
    let holding = HOLDING.get_or_init(Holding::install);
    let mut going_on = holding.going_on();
    if let Some(wakes) = going_on.wakes.take() {
        let watcher = std::thread::Builder::new().name("signals".to_owned());
        let started = watcher.spawn(move || holding.watch(wakes));
        going_on.is_watched = started.is_ok();
    }
    if going_on.is_watched {
        going_on.copies.push(folder.clone());
        holding.is_free.store(false, Ordering::SeqCst);
    }
    Registered { holding, folder }
}

impl Holding {
    fn install() -> Self {
        let holding = Self::default();
        let ignored = ignored();
        let pipe = UnixStream::pair().ok();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            let Ok(number) = usize::try_from(signal) else {
                continue;
            };
            if ignored & (1 << (number - 1)) != 0 {
                continue;
            }
            // A signal that cannot be held back ends the process as if it were killed, and then
            // the journal undoes the write.
            let default = flag::register_conditional_default(signal, Arc::clone(&holding.is_free));
            if default.is_ok() {
                let _ = flag::register_usize(signal, Arc::clone(&holding.came), number);
                if let Some(end) = pipe.as_ref().and_then(|(_, end)| end.try_clone().ok()) {
                    let _ = low_level::pipe::register(signal, end);
                }
            }
        }
        holding.going_on().wakes = pipe.map(|(wakes, _)| wakes);
        holding
    }

    fn going_on(&self) -> MutexGuard<'_, GoingOn> {
        self.going_on.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for signals; those that come during a write have their effect at its end.
    fn watch(&self, mut wakes: UnixStream) {
        let mut byte = [0];
        while wakes.read_exact(&mut byte).is_ok() {
            let going_on = self.going_on();
            if going_on.writes == 0 {
                self.let_through(&going_on);
            }
        }
    }

    /// Lets a signal that came have its usual effect.
    fn let_through(&self, going_on: &GoingOn) {
        /// Others may still be writing into a folder while it goes.
        const TRIES: usize = 100;
        let came = self.came.swap(0, Ordering::SeqCst);
        let Some(signal) = i32::try_from(came).ok().filter(|signal| *signal != 0) else {
            return;
        };
        for folder in &going_on.copies {
            for _ in 0..TRIES {
                let _ = fs::remove_dir_all(folder);
                if !folder.exists() {
                    break;
                }
            }
        }
        // It ends the process; where it cannot, nothing is left to be done.
        let _ = low_level::emulate_default_handler(signal);
    }

    /// Says whether signals have their usual effect at once.
    fn set_free(&self, going_on: &GoingOn) {
        let is_free = going_on.writes == 0 && going_on.copies.is_empty();
        self.is_free.store(is_free, Ordering::SeqCst);
    }
}

impl Held {
    /// The number of the signal that was held back since this was asked last, or 0. It is taken out:
    /// who asks has to see to its effect.
    pub(super) fn take(&self) -> usize {
        self.0.came.swap(0, Ordering::SeqCst)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self(holding) = self;
        let mut going_on = holding.going_on();
        going_on.writes -= 1;
        if going_on.writes > 0 {
            return;
        }
        holding.set_free(&going_on);
        holding.let_through(&going_on);
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        let mut going_on = self.holding.going_on();
        going_on.copies.retain(|folder| *folder != self.folder);
        self.holding.set_free(&going_on);
    }
}

/// The signals that the process ignores, as bits; none where the system does not tell.
fn ignored() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .unwrap_or(0)
}
