//! A sign of life on a terminal while something takes long.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// What is done sooner needs no sign.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Shows what is waited for, from one second on and until it is dropped. Nothing shows when
/// standard error is no terminal.
pub(super) struct Waiting {
    done: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

impl Waiting {
    pub fn new(what: &'static str) -> Self {
        let (done, is_done) = mpsc::channel();
        let shower = thread::spawn(move || {
            if is_done.recv_timeout(PATIENCE) != Err(mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::new_spinner().with_message(what);
            // ASCII only: not every terminal shows more.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} ({elapsed})") {
                bar.set_style(style.tick_chars("-\\|/ "));
            }
            bar.enable_steady_tick(TICK);
            // The other end is dropped when it is over.
            let _ = is_done.recv();
            bar.finish_and_clear();
        });
        Self {
            done: Some(done),
            shower: Some(shower),
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(shower) = self.shower.take() {
            // It only fails by a panic, after which there is nothing left to clear.
            let _ = shower.join();
        }
    }
}
