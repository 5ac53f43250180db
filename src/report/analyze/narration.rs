//! What a run of Nix says while it is measured, for the person who waits for it.

use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use crate::analyze::log::{Activity, Event, Field, Level, Outcome, plain_text};
use crate::report::{escape, redact};

/// Messages above this are about single files and paths.
const INFO: Level = 3;

/// Lines of a failed build's log that are shown, as Nix does by default.
const TAIL: usize = 25;

/// Turns events into lines.
#[derive(Debug, Default)]
pub struct Narrator {
    builds: FxHashMap<u64, Going>,
    failed: FxHashMap<u64, u64>,
    has_failure: bool,
}

#[derive(Debug, Default)]
struct Going {
    name: String,
    tail: VecDeque<String>,
}

impl Narrator {
    /// The text for an event, with a line break at its end; empty when nobody needs to know.
    pub fn tell(&mut self, event: &Event, line: &[u8]) -> String {
        match event {
            Event::Plain => shown(&String::from_utf8_lossy(line)),
            Event::Message { level, text } if *level <= INFO => shown(text),
            Event::Start {
                id,
                activity: Activity::Build,
                text,
                fields,
                ..
            } => {
                let path = fields.first().and_then(Field::text).unwrap_or_default();
                let name = path.to_owned();
                self.builds.insert(
                    *id,
                    Going {
                        name,
                        tail: VecDeque::new(),
                    },
                );
                shown(text)
            }
            Event::Start {
                activity: Activity::Substitute | Activity::BuildWaiting,
                text,
                ..
            } => shown(text),
            Event::Result {
                id,
                outcome: Outcome::LogLine,
                fields,
            } => {
                if let (Some(going), Some(text)) = (
                    self.builds.get_mut(id),
                    fields.first().and_then(Field::text),
                ) {
                    if going.tail.len() == TAIL {
                        going.tail.pop_front();
                    }
                    going.tail.push_back(text.to_owned());
                }
                String::new()
            }
            Event::Result {
                id,
                outcome: Outcome::Progress,
                fields,
            } => {
                // Only builds count failures.
                let failures = fields.get(3).and_then(Field::number).unwrap_or(0);
                let before = self.failed.insert(*id, failures).unwrap_or(0);
                self.has_failure |= failures > before;
                String::new()
            }
            Event::Stop { id } => {
                let Some(going) = self.builds.remove(id) else {
                    return String::new();
                };
                if !std::mem::take(&mut self.has_failure) || going.tail.is_empty() {
                    return String::new();
                }
                let mut out = shown(&format!("last lines of '{}':", going.name));
                for line in going.tail {
                    out.push_str("  ");
                    out.push_str(&shown(&line));
                }
                out
            }
            _ => String::new(),
        }
    }
}

/// What Nix said, a line each: its colors and whatever a builder writes stay out of the terminal.
pub fn shown(text: &str) -> String {
    let plain = plain_text(text);
    let mut out = String::with_capacity(plain.len() + 1);
    for line in plain.trim_end().lines() {
        out.push_str(&redact::mask(&escape::line(line)));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::log::read_event;

    fn told(lines: &[&str]) -> String {
        let mut narrator = Narrator::default();
        let lines = lines.iter().map(|line| line.as_bytes());
        lines
            .map(|line| narrator.tell(&read_event(line), line))
            .collect()
    }

    #[test]
    fn a_failed_build_shows_what_it_wrote_last() {
        let text = told(&[
            r#"@nix {"action":"start","id":1,"level":0,"text":"","type":104}"#,
            r#"@nix {"action":"start","id":2,"level":3,"text":"building '/s/x.drv'","type":105,"fields":["/s/x.drv","",1,1]}"#,
            r#"@nix {"action":"result","id":2,"type":101,"fields":["about to fail"]}"#,
            r#"@nix {"action":"result","id":1,"type":105,"fields":[0,1,0,1]}"#,
            r#"@nix {"action":"stop","id":2}"#,
            r#"@nix {"action":"msg","level":0,"msg":"\u001b[31merror:\u001b[0m no\n  more"}"#,
            r#"@nix {"action":"msg","level":4,"msg":"evaluating file 'x'"}"#,
            "plain",
        ]);
        assert_eq!(
            text,
            "building '/s/x.drv'\nlast lines of '/s/x.drv':\n  about to fail\nerror: no\n  more\nplain\n"
        );
    }
}
