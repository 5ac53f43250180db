//! The grammar of `--log-format internal-json`: a line is `@nix ` and a JSON object.
//!
//! Releases differ in little: `parent` came with Nix 2.18, the level `notice` with 2.4, activities
//! 111 and 112 with 2.4 and 2.20. Numbers that are not known here are no error.

use std::borrow::Cow;

use serde::Deserialize;

/// What a line says.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// An activity begins.
    Start {
        /// Its number, unique in a log.
        id: u64,
        /// What it is.
        activity: Activity,
        /// What Nix calls it.
        text: String,
        /// What it is about; the activity says which.
        fields: Vec<Field>,
        /// The activity that it is a part of; `None` also before Nix 2.18.
        parent: Option<u64>,
    },
    /// An activity is over, or Nix has found out so.
    Stop {
        /// Its number.
        id: u64,
    },
    /// An activity tells something.
    Result {
        /// Its number.
        id: u64,
        /// What it tells.
        outcome: Outcome,
        /// The values.
        fields: Vec<Field>,
    },
    /// A message for people.
    Message {
        /// How grave it is.
        level: Level,
        /// With ANSI escapes, as Nix writes it.
        text: String,
    },
    /// A line that is no event: other programs write to the same stream.
    Plain,
    /// A line that begins as an event and is none: cut, or two writers mixed.
    Broken,
}

/// A value of an event.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(untagged)]
pub enum Field {
    /// A count, in bytes where it counts bytes.
    Number(u64),
    /// A path, an address, a line of a log.
    Text(String),
    /// What no release is known to write.
    Other(serde::de::IgnoredAny),
}

impl Field {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Number(_) | Self::Other(_) => None,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(_) | Self::Other(_) => None,
        }
    }
}

/// How grave a message is, in the numbers of Nix 2.4 and later.
pub type Level = u64;

/// What an activity is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Activity {
    /// Only its text tells.
    Unknown,
    /// A store path is copied: path, from, to.
    CopyPath,
    /// Something is fetched: its address.
    FileTransfer,
    /// A worker builds and substitutes.
    Realise,
    /// All copies of a worker.
    CopyPaths,
    /// All builds of a worker.
    Builds,
    /// A build: derivation, machine (empty for this one).
    Build,
    /// Equal files are linked.
    OptimiseStore,
    /// Paths are checked.
    VerifyPaths,
    /// A path is taken from a cache: path, cache.
    Substitute,
    /// A cache is asked for a path: path, cache.
    QueryPathInfo,
    /// The post-build hook runs: derivation.
    PostBuildHook,
    /// A build waits for a lock, a machine or a user.
    BuildWaiting,
    /// A source tree is fetched.
    FetchTree,
    /// Of a release after those that are known.
    Other(u64),
}

impl From<u64> for Activity {
    fn from(number: u64) -> Self {
        match number {
            0 => Self::Unknown,
            100 => Self::CopyPath,
            101 => Self::FileTransfer,
            102 => Self::Realise,
            103 => Self::CopyPaths,
            104 => Self::Builds,
            105 => Self::Build,
            106 => Self::OptimiseStore,
            107 => Self::VerifyPaths,
            108 => Self::Substitute,
            109 => Self::QueryPathInfo,
            110 => Self::PostBuildHook,
            111 => Self::BuildWaiting,
            112 => Self::FetchTree,
            other => Self::Other(other),
        }
    }
}

/// What an activity tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// A line of a build's log.
    LogLine,
    /// A build entered a phase.
    Phase,
    /// Done, expected, running, failed.
    Progress,
    /// A line of the post-build hook.
    HookLine,
    /// Anything else.
    Other(u64),
}

impl From<u64> for Outcome {
    fn from(number: u64) -> Self {
        match number {
            101 => Self::LogLine,
            104 => Self::Phase,
            105 => Self::Progress,
            107 => Self::HookLine,
            other => Self::Other(other),
        }
    }
}

/// The object of a line.
#[derive(Deserialize)]
struct Raw<'l> {
    #[serde(borrow)]
    action: Cow<'l, str>,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default, rename = "type")]
    kind: Option<u64>,
    #[serde(default)]
    level: Option<u64>,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    msg: Option<String>,
    #[serde(default)]
    fields: Option<Vec<Field>>,
    #[serde(default)]
    parent: Option<u64>,
}

/// True when a line begins as events do.
pub(super) fn is_event(line: &[u8]) -> bool {
    object(line).is_some()
}

/// The JSON of a line; below systemd, releases before 2.30 write a level in front: `<3>@nix {}`.
fn object(line: &[u8]) -> Option<&[u8]> {
    let line = match line {
        [b'<', digit, b'>', rest @ ..] if digit.is_ascii_digit() => rest,
        line => line,
    };
    line.strip_prefix(b"@nix ")
}

/// Reads a line without its stamp and its line break.
pub fn read_event(line: &[u8]) -> Event {
    let Some(object) = object(line) else {
        return Event::Plain;
    };
    // Escapes in `action` make serde give up on borrowing, but nobody writes them.
    let Ok(raw) = serde_json::from_slice::<Raw<'_>>(object) else {
        return Event::Broken;
    };
    let fields = raw.fields.unwrap_or_default();
    match (&*raw.action, raw.id, raw.kind) {
        ("start", Some(id), kind) => Event::Start {
            id,
            activity: kind.unwrap_or(0).into(),
            text: raw.text.unwrap_or_default(),
            fields,
            parent: raw.parent.filter(|parent| *parent != 0),
        },
        ("stop", Some(id), _) => Event::Stop { id },
        ("result", Some(id), Some(kind)) => Event::Result {
            id,
            outcome: kind.into(),
            fields,
        },
        ("msg", _, _) => match (raw.level, raw.msg) {
            (Some(level), Some(text)) => Event::Message { level, text },
            _ => Event::Broken,
        },
        _ => Event::Broken,
    }
}

/// A message without ANSI escapes.
pub fn plain_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            out.push(c);
            continue;
        }
        // CSI: parameters, then a letter. OSC: up to BEL or ESC \. Others are one character.
        match chars.next() {
            Some('[') => {
                let _ = chars.find(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
            Some(']') => {
                let _ = chars.find(|c| matches!(c, '\u{7}' | '\u{1b}'));
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_all_releases_are_read() {
        // Nix 2.8, 2.34, below systemd.
        let old = br#"@nix {"action":"start","id":61491046776832,"level":0,"text":"","type":102}"#;
        let new = br#"@nix {"action":"start","id":61491046776832,"level":0,"parent":0,"text":"","type":102}"#;
        let unit =
            br#"<3>@nix {"action":"start","id":61491046776832,"level":0,"text":"","type":102}"#;
        let expected = Event::Start {
            id: 61_491_046_776_832,
            activity: Activity::Realise,
            text: String::new(),
            fields: Vec::new(),
            parent: None,
        };
        for line in [old.as_slice(), new, unit] {
            assert_eq!(read_event(line), expected);
        }
    }

    #[test]
    fn numbers_keep_their_precision() {
        let line = br#"@nix {"action":"stop","id":18446744073709551615}"#;
        assert_eq!(read_event(line), Event::Stop { id: u64::MAX });
    }

    #[test]
    fn unknown_numbers_and_keys_are_no_error() {
        let line =
            br#"@nix {"action":"start","id":1,"type":999,"fields":[1,"a",null,[2]],"new":{}}"#;
        let Event::Start {
            activity, fields, ..
        } = read_event(line)
        else {
            panic!("no start");
        };
        assert_eq!(activity, Activity::Other(999));
        assert_eq!(fields.len(), 4);
    }

    #[test]
    fn broken_lines_are_told_apart_from_other_text() {
        for line in [
            &b"@nix {\"action\":\"sta"[..],
            b"@nix ",
            b"@nix {}",
            b"@nix {\"action\":\"start\"}",
            b"@nix {\"action\":\"stop\",\"id\":-1}",
            b"@nix {\"action\":\"st@nix {\"action\":\"stop\",\"id\":1}op\",\"id\":2}",
            b"@nix \xff\0",
            b"@nix []",
        ] {
            assert_eq!(read_event(line), Event::Broken, "{line:?}");
        }
        for line in [
            &b""[..],
            b"building",
            b"\0\xff",
            b"@nix",
            b" @nix {}",
            b"<x>@nix {}",
        ] {
            assert_eq!(read_event(line), Event::Plain, "{line:?}");
        }
    }

    #[test]
    fn escapes_are_taken_out_of_messages() {
        let text = "\u{1b}[31;1merror:\u{1b}[0m no \u{1b}]8;;x\u{7}link\u{1b}";
        assert_eq!(plain_text(text), "error: no link");
    }
}
