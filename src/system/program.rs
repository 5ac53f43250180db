//! Programs that are run, and what they said.

use std::time::Duration;

/// At most this many bytes of a probe's output are kept.
pub const RUN_OUTPUT_LIMIT: u64 = 4 << 20;

/// A probe that takes longer is ended.
pub const RUN_TIME_LIMIT: Duration = Duration::from_secs(5);

/// A program to be run.
#[derive(Clone, Copy, Debug)]
pub struct Program<'a> {
    /// Its name on the PATH, or its path.
    pub name: &'a str,
    /// Its arguments.
    pub arguments: &'a [&'a str],
    /// Environment variables beside those that nixtune itself has.
    pub environment: &'a [(&'a str, &'a str)],
    /// When it takes longer, it is ended.
    pub time_limit: Duration,
    /// At most this many bytes are kept of each of its outputs; one that is longer is cut.
    pub output_limit_bytes: u64,
}

impl<'a> Program<'a> {
    /// A program with the limits of a probe.
    pub fn new(name: &'a str, arguments: &'a [&'a str]) -> Self {
        Self {
            name,
            arguments,
            environment: &[],
            time_limit: RUN_TIME_LIMIT,
            output_limit_bytes: RUN_OUTPUT_LIMIT,
        }
    }

    /// True for a question about the machine that changes nothing, whoever asks it: what a
    /// [`Trace`](super::Trace) asks again stands in a file, and a file must not choose what is run.
    pub fn only_tells(&self) -> bool {
        let is_key = |argument: &&str| {
            argument.starts_with(|first: char| first.is_ascii_lowercase())
                && argument
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte))
        };
        let is_known = match (self.name, self.arguments) {
            (
                "nix" | "/nix/var/nix/profiles/default/bin/nix" | "/run/current-system/sw/bin/nix",
                ["--version"],
            )
            | ("/bin/hostname", ["-s"])
            | ("/sbin/mount", []) => true,
            ("/usr/sbin/sysctl", keys) => keys.iter().all(is_key),
            _ => false,
        };
        is_known
            && self.environment.is_empty()
            && self.time_limit == RUN_TIME_LIMIT
            && self.output_limit_bytes == RUN_OUTPUT_LIMIT
    }
}

/// How a program ended and what it said.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub struct Ran {
    /// The exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// What it wrote to standard output, cut at the limit.
    pub stdout: Vec<u8>,
    /// What it wrote to standard error, cut at the limit.
    pub stderr: Vec<u8>,
}

impl Ran {
    /// True for exit code 0.
    pub fn succeeded(&self) -> bool {
        self.code == Some(0)
    }

    /// Standard output as text; bytes that are not UTF-8 become the replacement character.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard error as text; bytes that are not UTF-8 become the replacement character.
    pub fn error_text(&self) -> String {
        String::from_utf8_lossy(&self.stderr).into_owned()
    }
}

/// How a program that was followed ended.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Followed {
    /// The exit code as a shell gives it: 128 and the number of the signal that ended it.
    pub code: u8,
    /// How long it ran.
    pub elapsed: Duration,
    /// The largest resident set of its process, without those that it started itself; `None` where
    /// the system does not tell.
    pub peak_memory_bytes: Option<u64>,
    /// The largest sum of the resident sets of its process and all that come from it, as far as it was
    /// seen by looking several times a second. Memory that processes share counts for each of them.
    /// `None` where the system does not tell.
    pub peak_tree_bytes: Option<u64>,
    /// True when a signal came that would have ended this process; the program has got it.
    pub interrupted: bool,
}
