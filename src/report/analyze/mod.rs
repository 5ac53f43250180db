//! Analyses, as people and programs read them.

mod caches;
mod chart;
mod columns;
mod evaluation;
mod history;
mod html;
mod narration;
mod optimize;
mod overview;
mod profile;
mod review;
mod store;
mod symptoms;
mod verify;

pub use caches::{caches, caches_json};
pub use history::{history, history_json};
pub use html::{HtmlError, profile_html};
pub use narration::{Narrator, shown};
pub use optimize::{optimize_done, optimize_json, optimize_plan};
pub use overview::{overview, overview_json};
pub use profile::{profile, profile_json, profile_trace};
pub use review::{ReviewError, review_html, review_json, review_markdown};
pub use store::{store, store_json};
pub use symptoms::{symptoms, symptoms_json};
pub use verify::{timed_run, verification, verification_json};

use std::time::Duration;

use super::{Style, escape, redact, wrap};
use crate::units::Date;

/// The version of the JSON documents' shape.
const VERSION: u32 = 1;

/// A command as it could be typed into a shell, on one line, with secrets masked.
pub fn shell_line(command: &[String]) -> String {
    let word = |word: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+@%,#".contains(c);
        if !word.is_empty() && word.chars().all(is_plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    };
    let line = command.iter().map(word).collect::<Vec<_>>().join(" ");
    escape::line(&redact::mask(&line)).into_owned()
}

/// A heading.
fn heading(text: &str, style: Style) -> String {
    style.paint(text, owo_colors::Style::new().bold())
}

/// A paragraph, further lines deeper.
fn paragraph(text: &str, style: Style) -> String {
    let options = wrap::options(style.width)
        .initial_indent("  ")
        .subsequent_indent("    ");
    format!("{}\n", textwrap::fill(text, options))
}

/// `2026-08-23 10:11`, UTC.
fn moment(secs: u64) -> String {
    let day = Date::of_unix_secs(secs).map_or_else(|| "?".to_owned(), |day| day.to_string());
    format!("{day} {:02}:{:02}", secs / 3600 % 24, secs / 60 % 60)
}

/// `12 ms`, `1.4 s`, `0.3 ms`.
fn time(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1000.0;
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 1000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

/// Milliseconds, to the hundredth.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 100_000.0).round() / 100.0
}
