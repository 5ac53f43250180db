//! A real terminal, for questions that a person answers.

use std::process::Command;
use std::time::Duration;

use expectrl::process::unix::WaitStatus;
use expectrl::session::OsSession;
use expectrl::{ControlCode, Eof, Expect};

/// A terminal with a command on it.
pub struct Terminal {
    session: OsSession,
    /// Everything that was shown.
    shown: String,
}

impl Terminal {
    /// Starts the command on a terminal of 80 columns.
    pub fn of(mut command: Command) -> Self {
        command.env("TERM", "xterm");
        let mut session = OsSession::spawn(command).unwrap();
        // For what never comes; what comes is not waited for.
        session.set_expect_timeout(Some(Duration::from_secs(60)));
        session.get_process_mut().set_window_size(80, 24).unwrap();
        Self {
            session,
            shown: String::new(),
        }
    }

    /// What is shown until `text`, which follows.
    pub fn until(&mut self, text: &str) -> String {
        match self.session.expect(text) {
            Ok(found) => {
                let before = String::from_utf8_lossy(found.before()).into_owned();
                self.shown.push_str(&before);
                self.shown.push_str(text);
                before
            }
            Err(error) => panic!("{error}: no `{text}` after\n{}", self.shown),
        }
    }

    /// Types without a new line.
    pub fn send(&mut self, text: &str) {
        self.session.send(text).unwrap();
    }

    /// Types a line.
    pub fn answer(&mut self, text: &str) {
        self.session.send_line(text).unwrap();
    }

    /// Presses a key with control.
    pub fn press(&mut self, control: ControlCode) {
        self.session.send(control).unwrap();
    }

    /// Gives the window another size.
    pub fn resize(&mut self, columns: u16, lines: u16) {
        let process = self.session.get_process_mut();
        process.set_window_size(columns, lines).unwrap();
    }

    /// What is shown at last, and the exit code.
    pub fn end(mut self) -> (String, i32) {
        let rest = self.session.expect(Eof).unwrap();
        let text = String::from_utf8_lossy(rest.as_bytes()).into_owned();
        match self.session.get_process().wait().unwrap() {
            WaitStatus::Exited(_, code) => (text, code),
            WaitStatus::Signaled(_, signal, _) => (text, 128 + signal as i32),
            other => panic!("{other:?}"),
        }
    }
}
