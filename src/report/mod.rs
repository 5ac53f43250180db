//! What people and programs read: every form of output, as text.

mod account;
#[cfg(feature = "analyze")]
pub mod analyze;
mod diff;
mod editor;
mod escape;
mod excerpt;
mod explain;
mod fit;
mod formats;
mod host;
mod human;
mod init;
mod json;
mod offer;
mod page;
mod plan;
mod plan_json;
mod redact;
mod settings;
mod show;
#[cfg(feature = "analyze")]
mod simulate;
mod summary;
mod wrap;
mod writes;

pub use account::{Detail, account, times};
pub use diff::{DiffUse, FileDiff, Unified, unified};
pub use editor::{cache_markdown, editor_line, editor_message, rule_address};
pub use escape::for_screen;
pub use explain::{UnknownName, explain, explain_markdown};
pub use formats::{checkstyle, concise, github, gitlab, jsonl, junit, markdown, rdjson, sarif};
pub use host::{host, host_json};
pub use human::{diagnostic, policy_error, stream};
pub use init::{cache_list, init_table, values_table};
pub use json::{error_json, error_jsonl, json};
pub use offer::offer;
pub use page::{rule_markdown, rule_page, rules_json, rules_markdown, rules_table};
pub use plan::{PlanEnd, dropped, plan_left, plan_summary, write_question};
pub use plan_json::plan_json;
pub use redact::{has_secret, mask as masked};
pub use settings::{kind_words, settings_markdown};
pub use show::{NixConf, Show, ShowError, values_markdown};
#[cfg(feature = "analyze")]
pub use simulate::{simulation, simulation_json};
pub use summary::{error_line, note_line, notes, problems, statistics, summary};
pub use writes::{interrupted_writes, write_warnings};

/// What the reader's screen can show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Style {
    /// ANSI colors.
    pub color: bool,
    /// Box drawing and other characters beyond ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// Hyperlinks (OSC 8).
    pub links: bool,
}

impl Style {
    /// For files and pipes: no colors, 100 columns.
    pub const PLAIN: Self = Self {
        color: false,
        unicode: true,
        width: 100,
        links: false,
    };

    fn paint(self, text: &str, style: owo_colors::Style) -> String {
        if self.color {
            style.style(text).to_string()
        } else {
            text.to_owned()
        }
    }
}
