//! What went wrong in a build log: lines that Nix, compilers and curl write, with their cause and what
//! to change.

mod table;

pub use table::ALL;

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;

use super::log::{Event, Field, Outcome, plain_text, read_event};

/// Something that a line of a log tells.
#[derive(Clone, Copy, Debug)]
pub struct Symptom {
    /// A word for programs.
    pub id: &'static str,
    /// What is written. Of each, the parts around `…` stand in a line in this order.
    pub marks: &'static [&'static str],
    /// What it means.
    pub cause: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// The setting that decides; `None` when no setting does.
    pub setting: Option<&'static str>,
    /// The rule that looks at that setting; `None` when none does.
    pub rule: Option<&'static str>,
    /// Who writes it.
    pub origin: Origin,
}

/// Who writes a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nix or Lix.
    Nix,
    /// The kernel, through any program.
    System,
    /// Compilers and builders.
    Builder,
    /// curl, through Nix.
    Curl,
}

impl Origin {
    /// For reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Nix => "Nix",
            Self::System => "the operating system",
            Self::Builder => "a builder",
            Self::Curl => "curl",
        }
    }
}

/// A symptom that was seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Which.
    pub symptom: &'static Symptom,
    /// In how many lines.
    pub count: u64,
    /// The number of the first of them, from 1.
    pub first_line: u64,
    /// What it says, without escapes.
    pub text: String,
}

/// Looks for symptoms line by line.
#[derive(Debug, Default)]
pub struct Diagnosis {
    seen: Vec<Seen>,
    lines: u64,
}

impl Diagnosis {
    /// Looks at the next line of a log, an event or not.
    pub fn take(&mut self, line: &[u8]) {
        self.lines += 1;
        let text = match read_event(line) {
            Event::Message { text, .. } => text,
            Event::Result {
                outcome: Outcome::LogLine | Outcome::HookLine,
                fields,
                ..
            } => match fields.first().and_then(Field::text) {
                Some(text) => text.to_owned(),
                None => return,
            },
            // A cut event still says something.
            Event::Plain | Event::Broken => String::from_utf8_lossy(line).into_owned(),
            Event::Start { .. } | Event::Stop { .. } | Event::Result { .. } => return,
        };
        let text = plain_text(&text);
        if !may_tell(&text) {
            return;
        }
        for symptom in ALL.iter().filter(|symptom| symptom.is_in(&text)) {
            let known = self
                .seen
                .iter_mut()
                .find(|seen| seen.symptom.id == symptom.id);
            match known {
                Some(seen) => seen.count += 1,
                None => self.seen.push(Seen {
                    symptom,
                    count: 1,
                    first_line: self.lines,
                    text: symptom.line_of(&text).to_owned(),
                }),
            }
        }
    }

    /// What was seen, in the order of its first lines.
    pub fn finish(self) -> Vec<Seen> {
        self.seen
    }
}

impl Symptom {
    /// True when a text, which may have several lines, tells of it.
    pub fn is_in(&self, text: &str) -> bool {
        self.marks.iter().any(|mark| stands_in(mark, text))
    }

    /// Of a message with several lines, the one that tells; the first when it takes all of them.
    fn line_of<'t>(&self, text: &'t str) -> &'t str {
        let found = text.lines().find(|line| self.is_in(line));
        found.or_else(|| text.lines().next()).unwrap_or(text).trim()
    }
}

/// False when no symptom stands in a text: one pass over it, for the many lines that tell nothing.
fn may_tell(text: &str) -> bool {
    static LONGEST_PARTS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let parts = LONGEST_PARTS.get_or_init(|| {
        let marks = ALL.iter().flat_map(|symptom| symptom.marks);
        let longest = marks.filter_map(|mark| mark.split('…').max_by_key(|part| part.len()));
        AhoCorasick::new(longest).ok()
    });
    parts.as_ref().is_none_or(|parts| parts.is_match(text))
}

/// The parts of a mark, in their order.
fn stands_in(mark: &str, text: &str) -> bool {
    let mut rest = text;
    for part in mark.split('…') {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(lines: &[&str]) -> Vec<&'static str> {
        let mut diagnosis = Diagnosis::default();
        lines
            .iter()
            .for_each(|line| diagnosis.take(line.as_bytes()));
        diagnosis
            .finish()
            .iter()
            .map(|seen| seen.symptom.id)
            .collect()
    }

    #[test]
    fn symptoms_have_ids_of_their_own_and_enough_of_them() {
        let mut ids: Vec<_> = ALL.iter().map(|symptom| symptom.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), ALL.len());
        assert!(ids.len() >= 25, "{}", ids.len());
    }

    #[test]
    fn events_and_plain_lines_tell_the_same() {
        let event = r#"@nix {"action":"msg","level":0,"msg":"\u001b[31;1merror:\u001b[0m cannot add path '\u001b[35m/nix/store/x\u001b[0m' because it lacks a signature by a trusted key"}"#;
        let plain =
            "error: cannot add path '/nix/store/x' because it lacks a signature by a trusted key";
        let log = r#"@nix {"action":"result","id":1,"type":101,"fields":["cc: fatal error: Killed signal terminated program cc1plus"]}"#;
        assert_eq!(ids(&[event]), ["untrusted-signature"]);
        assert_eq!(ids(&[plain]), ["untrusted-signature"]);
        assert_eq!(ids(&[log]), ["compiler-killed"]);
        assert!(ids(&["all is well", "", "\u{0}"]).is_empty());
    }

    #[test]
    fn repeated_symptoms_are_counted_once_each() {
        let mut diagnosis = Diagnosis::default();
        for line in ["x", "No space left on device", "No space left on device"] {
            diagnosis.take(line.as_bytes());
        }
        let seen = diagnosis.finish();
        assert_eq!(seen.len(), 1);
        assert_eq!((seen[0].count, seen[0].first_line), (2, 2));
    }

    #[test]
    fn messages_of_several_lines_show_the_one_that_tells() {
        let event = r#"@nix {"action":"msg","level":0,"msg":"error: Cannot build '/s/x.drv'.\n       Reason: platform mismatch.\n       Required system: 'aarch64-linux'"}"#;
        let mut diagnosis = Diagnosis::default();
        diagnosis.take(event.as_bytes());
        let seen = diagnosis.finish();
        assert!(seen[0].text.starts_with("Re"), "{}", seen[0].text);
    }
}
