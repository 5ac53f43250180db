//! The arguments that `nix.gc.options` gives to `nix-collect-garbage`.

use std::ops::Range;

use super::RuleCx;
use crate::facts::{ModuleSystem, Os};
use crate::syntax::words;

/// The flag that takes an age.
pub(super) const OLDER_THAN: &str = "--delete-older-than";

/// What the arguments ask for, as far as no shell has to fill them in.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct GcArguments {
    /// Where `-d` or `--delete-old` stands: delete every old generation.
    pub all: Option<Range<usize>>,
    /// Where the age behind `--delete-older-than` stands.
    pub age: Option<Range<usize>>,
    /// True when a shell fills in the rest, or something else than generations bounds the run
    /// (`--max-freed`).
    pub open: bool,
}

impl GcArguments {
    /// Reads them. Where several flags are given, an age wins over `-d`
    /// (`src/nix/nix-collect-garbage`).
    pub fn read(text: &str) -> Self {
        let mut found = Self::default();
        let mut previous = "";
        for range in words(text) {
            let word = text.get(range.clone()).unwrap_or("");
            if previous == OLDER_THAN {
                found.age = Some(range);
            } else if word.contains(['$', '`', '"', '\'', '|', ';', '&']) {
                found.open = true;
            } else if !found.open && (word == "-d" || word == "--delete-old") {
                found.all = Some(range);
            } else if word == "--max-freed" {
                found.open = true;
            }
            previous = word;
        }
        found
    }
}

/// The days of an age such as `30d`; `None` for anything that `nix-collect-garbage` refuses.
pub(super) fn days(age: &str) -> Option<u32> {
    let number = age.strip_suffix('d')?;
    // Nix reads a signed number of 32 bits, as Rust does, with a `+` before it or not.
    let days: i32 = number.parse().ok()?;
    u32::try_from(days).ok().filter(|days| *days > 0)
}

/// `text` with another word at `range`.
pub(super) fn with_word(text: &str, range: &Range<usize>, word: &str) -> String {
    format!(
        "{}{word}{}",
        text.get(..range.start).unwrap_or(""),
        text.get(range.end..).unwrap_or("")
    )
}

/// True where the whole text surely reaches the program as several words. home-manager hands it
/// over as a single one on macOS (`modules/services/nix-gc.nix`).
pub(super) fn are_split(cx: &RuleCx<'_>) -> bool {
    match cx.target().system() {
        Some(ModuleSystem::HomeManager) => cx.os() == Some(Os::Linux),
        Some(_) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> (Option<&str>, Option<&str>, bool) {
        let found = GcArguments::read(text);
        let word = |range: Option<Range<usize>>| range.and_then(|range| text.get(range));
        (word(found.all), word(found.age), found.open)
    }

    #[test]
    fn flags_are_told_from_what_a_shell_fills_in() {
        assert_eq!(said("-d"), (Some("-d"), None, false));
        assert_eq!(
            said(" --delete-older-than  30d"),
            (None, Some("30d"), false)
        );
        assert_eq!(
            said("--delete-old --max-freed 1G"),
            (Some("--delete-old"), None, true)
        );
        assert_eq!(
            said("--max-freed \"$((64 - $(df | cut -d ' ' -f 1)))\""),
            (None, None, true)
        );
        assert_eq!(said("--delete-older-than"), (None, None, false));
        assert_eq!(said(""), (None, None, false));
    }

    #[test]
    fn only_positive_days_are_read() {
        assert_eq!(days("30d"), Some(30));
        for invalid in ["0d", "30", "2w", "+2", "1m", "d", "30D", "1.5d", ""] {
            assert_eq!(days(invalid), None, "{invalid}");
        }
    }
}
