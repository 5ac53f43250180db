//! A sign of life on a terminal while something takes long.

use std::sync::mpsc::{self, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done sooner needs no sign.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// Shows what is waited for, from one second on and until it is dropped.
pub(super) struct Waiting {
    done: Option<Sender<()>>,
    shower: Option<JoinHandle<()>>,
}

impl Waiting {
    /// On standard error; nothing shows when that is no terminal.
    pub fn new(what: &'static str) -> Self {
        Self::after(PATIENCE, what, ProgressDrawTarget::stderr())
    }

    fn after(patience: Duration, what: &'static str, screen: ProgressDrawTarget) -> Self {
        let (done, is_done) = mpsc::channel();
        let shower = thread::spawn(move || {
            if is_done.recv_timeout(patience) != Err(mpsc::RecvTimeoutError::Timeout) {
                return;
            }
            let bar = ProgressBar::with_draw_target(None, screen).with_message(what);
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

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that remembers what was written on it, and tells of it.
    #[derive(Debug)]
    struct Screen {
        shown: Arc<Mutex<Vec<String>>>,
        told: Mutex<Sender<()>>,
    }

    impl Screen {
        fn did(&self, what: &str) -> io::Result<()> {
            self.shown.lock().unwrap().push(what.to_owned());
            let _ = self.told.lock().unwrap().send(());
            Ok(())
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            80
        }
        fn move_cursor_up(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_down(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_right(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn move_cursor_left(&self, _: usize) -> io::Result<()> {
            Ok(())
        }
        fn write_line(&self, text: &str) -> io::Result<()> {
            self.did(text)
        }
        fn write_str(&self, text: &str) -> io::Result<()> {
            self.did(text)
        }
        fn clear_line(&self) -> io::Result<()> {
            self.did("CLEAR")
        }
        fn flush(&self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn the_sign_comes_after_its_delay_and_is_taken_back() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (told, is_told) = mpsc::channel();
        let screen = Screen {
            shown: Arc::clone(&shown),
            told: Mutex::new(told),
        };
        let screen = ProgressDrawTarget::term_like(Box::new(screen));
        let waiting = Waiting::after(Duration::ZERO, "reads", screen);
        // Nothing is drawn before the delay is over, and then something is.
        while !shown.lock().unwrap().iter().any(|it| it.contains("reads")) {
            is_told.recv().unwrap();
        }
        drop(waiting);
        let shown = shown.lock().unwrap();
        let last = shown.iter().rposition(|it| it.contains("reads")).unwrap();
        assert!(shown[last..].iter().any(|it| it == "CLEAR"), "{shown:?}");
    }

    #[test]
    fn what_is_over_before_the_delay_shows_nothing() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let (told, _is_told) = mpsc::channel();
        let screen = Screen {
            shown: Arc::clone(&shown),
            told: Mutex::new(told),
        };
        let screen = ProgressDrawTarget::term_like(Box::new(screen));
        drop(Waiting::after(Duration::MAX, "reads", screen));
        assert!(shown.lock().unwrap().is_empty());
    }
}
