//! Standard output and error: what the screen can show, and pipes that close early.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

#[cfg(feature = "analyze")]
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};

use super::args::ColorChoice;
use super::waiting::Waiting;
use crate::engine::{Outcome, Times};
use crate::report::{self, Detail, Style};
use crate::system::System;

/// Where a command prints.
pub(super) struct Output {
    /// For reports on standard output.
    pub style: Style,
    /// For messages on standard error.
    error_style: Style,
    is_terminal: bool,
    /// Nothing but what was asked for and what went wrong.
    is_quiet: bool,
    /// How much is told about a run; `None` for nothing.
    detail: Option<Detail>,
    document: Option<Document>,
    /// What went wrong, for programs.
    complaints: RefCell<Vec<String>>,
    has_printed: bool,
    waiting: RefCell<Option<Waiting>>,
    closed: bool,
    /// What was said since somebody wants to know.
    heard: RefCell<Option<Vec<Said>>>,
}

/// Something that was printed, as it was.
#[derive(Serialize, Deserialize, Clone, PartialEq, Eq, Debug)]
pub(super) enum Said {
    /// On standard output.
    Out(String),
    /// On standard error.
    Err(String),
}

/// What standard output is for programs that read it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Document {
    /// One JSON document.
    Json,
    /// A JSON document on each line.
    JsonLines,
}

/// Lines longer than this are hard to read, however wide the screen.
const MOST_COLUMNS: usize = 110;
const LEAST_COLUMNS: usize = 40;
/// Where there is no screen at all. A pager has one although output goes through a pipe.
const COLUMNS: usize = 100;

impl Output {
    /// Finds out what the screen can show.
    pub fn new(system: &dyn System, color: ColorChoice) -> Self {
        let width = width();
        let unicode = shows_unicode(system);
        let style = |is_terminal: bool| Style {
            color: match color {
                ColorChoice::Always => true,
                ColorChoice::Never => false,
                ColorChoice::Auto => wants_color(system, is_terminal),
            },
            unicode,
            width,
            links: false,
        };
        Self {
            style: Style {
                links: color != ColorChoice::Never
                    && supports_hyperlinks::on(supports_hyperlinks::Stream::Stdout),
                ..style(io::stdout().is_terminal())
            },
            error_style: style(io::stderr().is_terminal()),
            is_terminal: io::stdout().is_terminal(),
            is_quiet: false,
            detail: None,
            document: None,
            complaints: RefCell::default(),
            has_printed: false,
            waiting: RefCell::default(),
            closed: false,
            heard: RefCell::default(),
        }
    }

    /// Everything about the screen and about how much is told that decides how a text looks.
    pub fn looks(&self) -> String {
        format!(
            "{:?} {:?} {:?} {:?} {:?}",
            self.style, self.error_style, self.is_quiet, self.detail, self.document
        )
    }

    /// Listens from now on to what is printed.
    pub fn listen(&mut self) {
        self.heard = RefCell::new(Some(Vec::new()));
    }

    /// What was printed since; `None` when not all of it reached a reader, or when something is
    /// still to be said of what went wrong. Nobody listens any longer.
    pub fn heard(&mut self) -> Option<Vec<Said>> {
        let heard = self.heard.take()?;
        (!self.closed && self.complaints.borrow().is_empty()).then_some(heard)
    }

    /// Prints what was printed once.
    pub fn say(&mut self, said: &Said) {
        match said {
            Said::Out(text) => self.write(text),
            Said::Err(text) => self.tell(text),
        }
    }

    /// The same, without a word that was not asked for if `quiet`.
    #[must_use]
    pub fn quiet(self, quiet: bool) -> Self {
        Self {
            is_quiet: quiet,
            ..self
        }
    }

    /// The same, with an account of runs from `verbosity` 1 on.
    #[must_use]
    pub fn verbose(self, verbosity: u8) -> Self {
        Self {
            detail: match verbosity {
                0 => None,
                1 => Some(Detail::Run),
                _ => Some(Detail::Files),
            },
            ..self
        }
    }

    /// The same for a program that reads `document` from standard output.
    #[must_use]
    pub fn document(self, document: Option<Document>) -> Self {
        Self { document, ..self }
    }

    /// Shows what is waited for from one second on, until something is printed. Nothing shows when
    /// standard error is no terminal.
    pub fn wait(&self, what: &'static str) {
        if !self.is_quiet && io::stderr().is_terminal() {
            self.waiting.replace(Some(Waiting::new(what)));
        }
    }

    /// A bar on standard error for what can be counted, without a length at first. Nothing shows when
    /// that is no terminal.
    #[cfg(feature = "analyze")]
    pub fn bar(&self) -> ProgressBar {
        if self.is_quiet || !io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new(0);
        // ASCII only: not every terminal shows more.
        if let Ok(style) = ProgressStyle::with_template("[{bar:40}] {pos}/{len} ({elapsed})") {
            bar.set_style(style.progress_chars("=> "));
        }
        bar
    }

    /// Tells on standard error what a run looked at, and why, where that was asked for.
    pub fn account(&self, outcome: &Outcome) {
        if let Some(detail) = self.detail {
            self.note(&report::account(outcome, detail, self.error_style));
        }
    }

    /// Tells how long it took, where that was asked for. It is not the same when the rest is.
    pub fn times(&self, times: &Times) {
        if self.detail.is_some() {
            self.tell_unheard(&report::times(times, self.error_style));
        }
    }

    /// A remark about the run itself, where an account of it was asked for.
    pub fn account_for(&self, message: &str) {
        if self.detail.is_some() {
            self.remark(message);
        }
    }

    /// Ends a command: a program that reads a document gets one that says what went wrong, when
    /// there is no other.
    pub fn finish(mut self, code: u8) -> u8 {
        self.waiting.take();
        let complaints = self.complaints.take();
        if let Some(document) = self.document
            && !complaints.is_empty()
            && !self.has_printed
        {
            let message = complaints.join("\n");
            self.raw(&match document {
                Document::Json => report::error_json(&message),
                Document::JsonLines => report::error_jsonl(&message),
            });
        }
        code
    }

    /// True when standard output goes to a screen.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// True when a person sees questions on standard output and can answer on standard input.
    pub fn can_ask(&self) -> bool {
        self.is_terminal && io::stdin().is_terminal()
    }

    /// Looks again how wide the screen is: people resize windows while they read.
    pub fn measure(&mut self) {
        self.style.width = width();
        self.error_style.width = self.style.width;
    }

    /// The style of messages on standard error.
    pub fn error_style(&self) -> Style {
        self.error_style
    }

    /// Prints text for people on standard output.
    pub fn print(&mut self, text: &str) {
        self.write(&report::for_screen(text, self.style));
    }

    /// Prints text for programs on standard output, byte for byte.
    pub fn raw(&mut self, text: &str) {
        self.write(text);
    }

    fn write(&mut self, text: &str) {
        if self.closed || text.is_empty() {
            return;
        }
        if let Some(heard) = &mut *self.heard.borrow_mut() {
            heard.push(Said::Out(text.to_owned()));
        }
        self.waiting.take();
        self.has_printed = true;
        let mut stdout = io::stdout().lock();
        // A reader that has seen enough (`| head`) is no error; a full disk is reported once.
        if let Err(error) = stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
        {
            self.closed = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.complain(&format!("standard output: {error}"));
            }
        }
    }

    /// Prints text for people on standard error.
    pub fn note(&self, text: &str) {
        if !text.is_empty() {
            self.tell(&report::for_screen(text, self.error_style));
        }
    }

    fn tell(&self, text: &str) {
        if let Some(heard) = &mut *self.heard.borrow_mut() {
            heard.push(Said::Err(text.to_owned()));
        }
        self.tell_unheard(text);
    }

    fn tell_unheard(&self, text: &str) {
        self.waiting.take();
        // Nothing is left to tell it to when standard error is closed.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    /// Prints on standard output what is said beside a report: counts, tables, what was done.
    pub fn print_aside(&mut self, text: &str) {
        if !self.is_quiet {
            self.print(text);
        }
    }

    /// The same on standard error.
    pub fn note_aside(&self, text: &str) {
        if !self.is_quiet {
            self.note(text);
        }
    }

    /// Prints something that is good to know on standard error.
    pub fn remark(&self, message: &str) {
        self.note_aside(&report::note_line(message, self.error_style));
    }

    /// Prints an error message on standard error.
    pub fn complain(&self, message: &str) {
        self.complain_as(message, &report::error_line(message, self.error_style));
    }

    /// The same, shown to people as `text`.
    pub fn complain_as(&self, message: &str, text: &str) {
        self.complaints.borrow_mut().push(message.to_owned());
        self.note(text);
    }

    /// True when the reader went away, or the disk is full.
    pub fn is_closed(&self) -> bool {
        self.closed
    }
}

fn width() -> usize {
    terminal_size::terminal_size()
        .map_or(COLUMNS, |(columns, _)| usize::from(columns.0))
        .clamp(LEAST_COLUMNS, MOST_COLUMNS)
}

/// `NO_COLOR` (<https://no-color.org>) wins over `CLICOLOR_FORCE` (<https://bixense.com/clicolors>),
/// which wins over what standard output is.
fn wants_color(system: &dyn System, is_terminal: bool) -> bool {
    let says = |name: &str, value: &str| system.env(name).as_deref() == Some(value);
    if system.env("NO_COLOR").is_some() || says("CLICOLOR", "0") && !is_forced(system) {
        return false;
    }
    is_forced(system) || is_terminal && !says("TERM", "dumb")
}

fn is_forced(system: &dyn System) -> bool {
    system
        .env("CLICOLOR_FORCE")
        .is_some_and(|value| value != "0")
}

/// By the locale, as POSIX orders its variables; no locale at all is taken for a container,
/// whose output ends up in something that reads UTF-8.
fn shows_unicode(system: &dyn System) -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| system.env(name))
        .is_none_or(|locale| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    #[test]
    fn the_locale_decides_about_box_drawing() {
        let with = |name: &str, value: &str| shows_unicode(&Memory::new().env(name, value));
        assert!(shows_unicode(&Memory::new()));
        assert!(with("LANG", "en_US.UTF-8"));
        assert!(!with("LANG", "C"));
        assert!(!shows_unicode(
            &Memory::new().env("LANG", "C.UTF-8").env("LC_ALL", "POSIX")
        ));
    }

    #[test]
    fn no_color_wins_unless_colors_are_asked_for() {
        let quiet = Memory::new().env("NO_COLOR", "1");
        assert!(!Output::new(&quiet, ColorChoice::Auto).style.color);
        assert!(Output::new(&quiet, ColorChoice::Always).style.color);
        assert!(!wants_color(&quiet, true));
        assert!(wants_color(&Memory::new(), true));
        assert!(!wants_color(&Memory::new(), false));
        assert!(wants_color(
            &Memory::new().env("CLICOLOR_FORCE", "1"),
            false
        ));
        assert!(!wants_color(
            &Memory::new().env("CLICOLOR_FORCE", "0"),
            false
        ));
        assert!(!wants_color(&quiet.env("CLICOLOR_FORCE", "1"), true));
        assert!(!wants_color(&Memory::new().env("CLICOLOR", "0"), true));
        assert!(!wants_color(&Memory::new().env("TERM", "dumb"), true));
    }
}
