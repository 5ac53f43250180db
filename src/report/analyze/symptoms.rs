//! Symptoms of a build log, for people and for programs.

use std::fmt::Write as _;

use serde_json::json;

use crate::analyze::symptoms::Seen;
use crate::report::json::printed;
use crate::report::{Style, escape, redact};

/// What the JSON output means; it grows when that changes.
const FORMAT_VERSION: u32 = 1;

/// Symptoms as people read them; a sentence when there are none.
pub fn symptoms(seen: &[Seen], style: Style) -> String {
    if seen.is_empty() {
        return "No known symptom in this log.\n".to_owned();
    }
    let mut out = String::new();
    for (index, seen) in seen.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        let symptom = seen.symptom;
        let title = style.paint(symptom.id, owo_colors::Style::new().bold());
        let count = match seen.count {
            1 => String::new(),
            count => format!(", {count} times"),
        };
        let _ = writeln!(out, "{title}  line {}{count}", seen.first_line);
        let _ = writeln!(out, "  {}", masked(&seen.text));
        let _ = writeln!(out, "  cause: {}", symptom.cause);
        let _ = writeln!(out, "  help: {}", symptom.help);
        match (symptom.setting, symptom.rule) {
            (Some(setting), Some(rule)) => {
                let _ = writeln!(out, "  setting: {setting}; rule: {rule}");
            }
            (Some(setting), None) => {
                let _ = writeln!(out, "  setting: {setting}");
            }
            (None, _) => {}
        }
        let _ = writeln!(out, "  written by: {}", symptom.origin.name());
    }
    out
}

/// One JSON document.
pub fn symptoms_json(seen: &[Seen]) -> String {
    let seen: Vec<_> = seen
        .iter()
        .map(|seen| {
            json!({
                "id": seen.symptom.id,
                "line": seen.first_line,
                "count": seen.count,
                "text": redact::mask(&seen.text),
                "cause": seen.symptom.cause,
                "help": seen.symptom.help,
                "setting": seen.symptom.setting,
                "rule": seen.symptom.rule,
                "origin": seen.symptom.origin.name(),
            })
        })
        .collect();
    printed(&json!({ "version": FORMAT_VERSION, "symptoms": seen }))
}

/// A line of a log on one line of the screen.
fn masked(text: &str) -> String {
    const LONGEST: usize = 200;
    let line = escape::line(text).into_owned();
    let mut line = redact::mask(&line).into_owned();
    if line.chars().count() > LONGEST {
        line = line.chars().take(LONGEST - 1).collect();
        line.push('…');
    }
    line
}
