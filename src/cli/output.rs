//! Standard output and error: what the screen can show, and pipes that close early.

use std::io::{self, IsTerminal, Write};

use super::args::ColorChoice;
use crate::report::{self, Style};
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
    closed: bool,
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
            closed: false,
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
        self.write(report::for_screen(text, self.style).as_bytes());
    }

    /// Prints text for programs on standard output, byte for byte.
    pub fn raw(&mut self, text: &str) {
        self.write(text.as_bytes());
    }

    fn write(&mut self, bytes: &[u8]) {
        if self.closed {
            return;
        }
        let mut stdout = io::stdout().lock();
        // A reader that has seen enough (`| head`) is no error; a full disk is reported once.
        if let Err(error) = stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            self.closed = true;
            if error.kind() != io::ErrorKind::BrokenPipe {
                self.complain(&format!("standard output: {error}"));
            }
        }
    }

    /// Prints text for people on standard error.
    pub fn note(&self, text: &str) {
        // Nothing is left to tell it to when standard error is closed.
        let _ = io::stderr()
            .lock()
            .write_all(report::for_screen(text, self.error_style).as_bytes());
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
        self.note(&report::error_line(message, self.error_style));
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
