//! Signals that end the process wait until a write is over.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// What the handlers look at. Handlers belong to the process, so this does, too.
#[derive(Debug, Default)]
struct Holding {
    /// How many writes are going on.
    writes: Mutex<usize>,
    /// True while there are none: signals have their usual effect.
    is_free: Arc<AtomicBool>,
    /// The last signal that came during a write, or 0.
    came: Arc<AtomicUsize>,
}

static HOLDING: OnceLock<Holding> = OnceLock::new();

/// Holds signals back as long as it lives; dropping it lets one that came have its usual effect.
#[derive(Debug)]
pub(super) struct Held(&'static Holding);

/// Holds back what a person at a terminal, a closed terminal or a service manager sends. Signals
/// that the process was started to ignore stay ignored.
pub(super) fn hold() -> Held {
    let holding = HOLDING.get_or_init(Holding::install);
    let mut writes = holding
        .writes
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *writes += 1;
    holding.is_free.store(false, Ordering::SeqCst);
    Held(holding)
}

impl Holding {
    fn install() -> Self {
        let holding = Self::default();
        let ignored = ignored();
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
            }
        }
        holding
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Self(holding) = self;
        let mut writes = holding
            .writes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *writes -= 1;
        if *writes > 0 {
            return;
        }
        holding.is_free.store(true, Ordering::SeqCst);
        let came = holding.came.swap(0, Ordering::SeqCst);
        if let Ok(signal) = i32::try_from(came)
            && signal != 0
        {
            // It ends the process; where it cannot, nothing is left to be done.
            let _ = low_level::emulate_default_handler(signal);
        }
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
