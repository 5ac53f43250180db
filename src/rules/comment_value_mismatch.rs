//! A comment that says another amount than the value.

use super::given::given;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::Unit;
use crate::diagnostic::Confidence;
use crate::units::Bytes;

declare_rule! {
    /// The comment beside an amount of bytes says another amount.
    ///
    /// ## Why it matters
    ///
    /// Blocks are copied, and then the number is changed without the comment, or has one digit less
    /// than its author thought. One of the two is wrong.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.min-free = 128000000; # 1 GiB
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.min-free = 1073741824; # 1 GiB
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the comment speaks of something else. Only comments that name exactly one amount are
    /// compared, and only when it is more than a tenth off both as 1000ⁿ and as 1024ⁿ. There is no
    /// fix: only the author knows which one is right.
    ///
    /// ## Source
    ///
    /// Public configurations with copied blocks; what the settings count, in Nix
    /// `src/libstore/include/nix/store`.
    pub COMMENT_VALUE_MISMATCH {
        id: "comment-value-mismatch",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free", "download-buffer-size", "max-build-log-size"],
        category: Correctness,
        severity: Warning,
        stage: Preview,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        if one.setting.unit != Some(Unit::Bytes) || !one.is_whole() {
            continue;
        }
        let Some(amount) = crate::model::parse_amount(&one.text).filter(|amount| *amount > 0)
        else {
            continue;
        };
        let Some(comment) = cx.comment_near(one.definition.place()) else {
            continue;
        };
        if speaks_of_another(&comment) {
            continue;
        }
        let mut said = amounts(&comment).into_iter();
        let (Some(said), None) = (said.next(), said.next()) else {
            continue;
        };
        if said.iter().any(|one| is_near(*one, amount)) {
            continue;
        }
        let name = one.setting.name;
        let shown = said.first().copied().unwrap_or(0);
        out.report(
            one.place,
            format!(
                "`{name}` is {}, and its comment says {}",
                Bytes(amount),
                Bytes(shown)
            ),
        )
        .confidence(one.confidence.min(Confidence::Likely))
        .why("one of the two is wrong")
        .help("mend the number or the comment");
    }
}

/// True when one is within a tenth of the other.
fn is_near(said: u64, amount: u64) -> bool {
    said.abs_diff(amount) <= amount / 10
}

/// Words of comments whose amount is that of something else: the hardware, a default, what was
/// there before.
const OTHERS: [&str; 22] = [
    "default",
    "defaults",
    "was",
    "before",
    "formerly",
    "old",
    "instead",
    "from",
    "disk",
    "ssd",
    "nvme",
    "drive",
    "partition",
    "volume",
    "ram",
    "memory",
    "swap",
    "machine",
    "server",
    "vm",
    "vps",
    "total",
];

/// True when the amount in a comment is hardly that of the setting. `free` makes it one: `keep
/// 5 GB of the disk free`.
fn speaks_of_another(comment: &str) -> bool {
    let lower = comment.to_ascii_lowercase();
    let has = |wanted: &str| {
        lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| word == wanted)
    };
    !has("free") && OTHERS.iter().any(|word| has(word))
}

/// The amounts that a text names, each as 1024ⁿ and as 1000ⁿ: `1 GiB`, `500MB`, `2.5 G`.
fn amounts(text: &str) -> Vec<[u64; 2]> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let words: Vec<&str> = text
        .split(|c: char| !is_part(c))
        .filter(|word| !word.is_empty())
        .collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let split = word
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(word.len());
        let (number, unit) = word.split_at(split);
        let (unit, taken) = if unit.is_empty() {
            (words.get(at + 1).copied().unwrap_or(""), 2)
        } else {
            (unit, 1)
        };
        match number.parse::<f64>().ok().zip(powers(unit)) {
            Some((number, power)) if number > 0.0 => {
                found.push([scaled(number, 1024, power), scaled(number, 1000, power)]);
                at += taken;
            }
            _ => at += 1,
        }
    }
    found
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "compared within a tenth only"
)]
fn scaled(number: f64, base: u64, power: u32) -> u64 {
    (number * base.pow(power) as f64) as u64
}

fn powers(unit: &str) -> Option<u32> {
    let unit = unit.trim_end_matches('.').to_ascii_lowercase();
    Some(match unit.as_str() {
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" | "gigabyte" | "gigabytes" => 3,
        "t" | "tb" | "tib" => 4,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_comments_are_read() {
        let binary = |text: &str| {
            amounts(text)
                .into_iter()
                .map(|[binary, _]| binary)
                .collect::<Vec<_>>()
        };
        assert_eq!(binary("1 GiB"), [1 << 30]);
        assert_eq!(binary("keep 2.5G free"), [5 << 29]);
        assert_eq!(binary("500MB. Then 1 TB"), [500 << 20, 1 << 40]);
        for none in ["", "5 generations", "100 * 1024", "see #12", "2.24", "0 GB"] {
            assert!(amounts(none).is_empty(), "{none}");
        }
    }
}
