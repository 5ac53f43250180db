//! Generations of profiles, and which of them `nix-collect-garbage` removes.

use std::collections::BTreeMap;

/// Seconds of a day.
const DAY_SECS: u64 = 24 * 60 * 60;

/// One generation of a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Generation {
    /// The profile's link: `/nix/var/nix/profiles/system`.
    pub profile: String,
    /// Its number.
    pub number: u64,
    /// When it was made, in seconds since the beginning of 1970.
    pub made_secs: i64,
    /// Whether the profile stands at it.
    pub current: bool,
}

/// How old, in days.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Age {
    /// Whole days.
    pub days: u64,
}

/// Which generations are removed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationsRule {
    /// None: only what is dead already goes.
    None,
    /// `-d`: all but the current ones.
    AllOld,
    /// `--delete-older-than`: those that were not in use any more at that time.
    OlderThan(Age),
}

impl GenerationsRule {
    /// Reads the options of `nix-collect-garbage`, as `nix.gc.options` holds them. The error is an
    /// age that is none.
    ///
    /// # Errors
    /// `--delete-older-than` without a number of days.
    pub fn parse(options: &str) -> Result<Self, String> {
        let mut words = options.split_whitespace();
        let mut rule = Self::None;
        while let Some(word) = words.next() {
            let age = match word.strip_prefix("--delete-older-than") {
                Some("") => Some(words.next().unwrap_or_default()),
                Some(rest) => rest.strip_prefix('='),
                None => None,
            };
            match age {
                Some(age) => rule = Self::OlderThan(age.parse()?),
                None if word == "-d" || word == "--delete-old" => rule = Self::AllOld,
                None => {}
            }
        }
        Ok(rule)
    }
}

impl std::str::FromStr for Age {
    type Err = String;

    /// `30d`, as Nix takes it.
    fn from_str(text: &str) -> Result<Self, String> {
        let days = text.strip_suffix('d').and_then(|days| days.parse().ok());
        match days {
            Some(days) if days > 0 => Ok(Self { days }),
            _ => Err(format!("`{text}` is no age; give days, as in `30d`")),
        }
    }
}

/// The profile and the number in `…/system-12-link`; `None` for other links.
pub fn generation_name(link: &str) -> Option<(&str, u64)> {
    let (profile, number) = link.strip_suffix("-link")?.rsplit_once('-')?;
    Some((profile, number.parse().ok()?))
}

/// Indices of the generations that go, as `nix-collect-garbage` decides: the current one never, and
/// the newest of those that are older stays, because it was in use at that time
/// (`src/libstore/profiles.cc`).
pub fn removed(all: &[Generation], rule: GenerationsRule, now_secs: u64) -> Vec<usize> {
    let mut by_profile: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, one) in all.iter().enumerate() {
        by_profile.entry(&one.profile).or_default().push(index);
    }
    let mut gone = Vec::new();
    for mut indices in by_profile.into_values() {
        indices.sort_by_key(|index| all.get(*index).map(|one| std::cmp::Reverse(one.number)));
        let mut in_use = true;
        for index in indices {
            let Some(one) = all.get(index) else { continue };
            let goes = match rule {
                GenerationsRule::None => false,
                GenerationsRule::AllOld => !one.current,
                GenerationsRule::OlderThan(age) => {
                    let since = now_secs.saturating_sub(age.days.saturating_mul(DAY_SECS));
                    let is_older = i64::try_from(since).is_ok_and(|since| one.made_secs < since);
                    let was_in_use = is_older && std::mem::replace(&mut in_use, false);
                    is_older && !was_in_use && !one.current
                }
            };
            if goes {
                gone.push(index);
            }
        }
    }
    gone.sort_unstable();
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generation_that_was_in_use_stays() {
        let day = |number, day: i64, current| Generation {
            profile: "/p/system".to_owned(),
            number,
            made_secs: day * 86_400,
            current,
        };
        let all = [
            day(1, 0, false),
            day(2, 10, false),
            day(3, 20, false),
            day(4, 90, true),
        ];
        let gone = |rule| removed(&all, rule, 100 * 86_400);
        // Thirty days before day 100 generation 3 was in use.
        let older = GenerationsRule::OlderThan(Age { days: 30 });
        assert_eq!(gone(older), [0, 1]);
        assert_eq!(gone(GenerationsRule::AllOld), [0, 1, 2]);
        assert_eq!(gone(GenerationsRule::None), [0; 0]);
        assert_eq!(gone(GenerationsRule::OlderThan(Age { days: 300 })), [0; 0]);
    }

    #[test]
    fn options_are_read_as_nix_reads_them() {
        let parse = GenerationsRule::parse;
        let older = |days| Ok(GenerationsRule::OlderThan(Age { days }));
        assert_eq!(parse("--delete-older-than 30d"), older(30));
        assert_eq!(parse("--max-freed 1G --delete-older-than 7d"), older(7));
        assert_eq!(parse("-d"), Ok(GenerationsRule::AllOld));
        assert_eq!(parse(""), Ok(GenerationsRule::None));
        assert!(parse("--delete-older-than 30").is_err());
        assert!(parse("--delete-older-than").is_err());
        assert_eq!(
            generation_name("/p/system-12-link"),
            Some(("/p/system", 12))
        );
        assert_eq!(generation_name("/p/system"), None);
    }
}
