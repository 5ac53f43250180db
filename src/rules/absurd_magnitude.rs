//! A number that cannot be meant.

use super::given::given;
use super::list_entry::value_confidence;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::{Fact, Host};
use crate::units::Bytes;

declare_rule! {
    /// A number is far beyond what the setting is for.
    ///
    /// ## Why it matters
    ///
    /// A digit or a unit too many goes unnoticed: Nix takes any number that it can read. A buffer
    /// of petabytes, a timeout of years or thousands of jobs do not do what their author meant, and
    /// a `min-free` above the size of the disk collects garbage at every build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     connect-timeout = 15000;
    ///     max-free = 1024 * 1024 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     connect-timeout = 15;
    ///     max-free = 100 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the number is meant. The bounds are far above what fleets use: 16 jobs per thread where
    /// the hardware is known, 2048 otherwise, thirty days for a build, an hour for a connection,
    /// 500 TiB for free space, 64 GiB for a download buffer. There is no fix: only the author knows
    /// what was meant.
    ///
    /// ## Source
    ///
    /// What the settings count, in Nix `src/libstore/include/nix/store`; published configurations,
    /// one of them with a download buffer of 5 PB.
    pub ABSURD_MAGNITUDE {
        id: "absurd-magnitude",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &[
            "max-jobs", "cores", "min-free", "max-free", "download-buffer-size", "timeout",
            "max-silent-time", "connect-timeout", "http-connections", "max-substitution-jobs",
        ],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

/// The most that can be meant, in the unit of the setting.
const MOST: [(&str, u64); 18] = [
    ("max-jobs", 2_048),
    ("cores", 4_096),
    ("max-substitution-jobs", 4_096),
    ("http-connections", 16_384),
    ("download-buffer-size", 64 * Bytes::GIB),
    ("min-free", 500 * Bytes::TIB),
    ("max-free", 500 * Bytes::TIB),
    ("connect-timeout", 3_600),
    ("initial-connect-timeout", 3_600),
    ("max-connect-timeout", 3_600),
    ("stalled-download-timeout", 86_400),
    ("timeout", 30 * 86_400),
    ("max-silent-time", 30 * 86_400),
    ("min-free-check-interval", 86_400),
    ("log-lines", 1_000_000),
    ("download-attempts", 10_000),
    ("filetransfer-retry-attempts", 10_000),
    ("build-poll-interval", 3_600),
];

/// More jobs than this many per thread cannot be meant.
const MOST_JOBS_PER_THREAD: u64 = 16;

/// `max-free` is unlimited by default, and may be written out so.
const UNLIMITED: [u64; 2] = [u64::MAX, i64::MAX as u64];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let host = cx.host();
    for one in given(cx) {
        let name = one.setting.name;
        let Some(amount) = crate::model::parse_amount(&one.text) else {
            continue;
        };
        if UNLIMITED.contains(&amount) {
            continue;
        }
        // A count with a unit letter is told by a rule of its own.
        if matches!(name, "max-jobs" | "cores") && one.text.ends_with(char::is_alphabetic) {
            continue;
        }
        let Some(bound) = bound(name, amount, host) else {
            continue;
        };
        let shown = match one.setting.unit {
            Some(crate::catalog::Unit::Bytes) => Bytes(amount).to_string(),
            Some(crate::catalog::Unit::Seconds) => in_time(amount),
            _ => amount.to_string(),
        };
        let severity = match cx.eased(Severity::Warning, one.definition) {
            Some(severity) => severity,
            None => continue,
        };
        let confidence = cx
            .setting(name)
            .candidates()
            .first()
            .map_or(one.confidence, |first| value_confidence(cx, first));
        let report = out
            .report(one.place, format!("`{name}` is {shown}, {}", bound.words))
            .severity(severity)
            .confidence(one.confidence.min(confidence))
            .why(bound.why)
            .help("check the number and its unit");
        if let Some(fact) = bound.fact {
            report.fact(fact.0, &fact.1, fact.1.value.clone());
        }
    }
}

/// What is exceeded.
struct Bound {
    words: String,
    why: &'static str,
    fact: Option<(&'static str, Fact<String>)>,
}

fn bound(name: &str, amount: u64, host: Option<&Host>) -> Option<Bound> {
    let threads = host.and_then(|host| host.threads.as_ref());
    if let (true, Some(threads)) = (name == "max-jobs", threads) {
        let most = u64::from(threads.value.0).saturating_mul(MOST_JOBS_PER_THREAD);
        if amount > most {
            return Some(Bound {
                words: format!(
                    "more than {MOST_JOBS_PER_THREAD} jobs for each of {}",
                    threads.value
                ),
                why: "the jobs would wait for each other and share memory for one",
                fact: Some((
                    "threads",
                    threads.clone().map(|threads| threads.to_string()),
                )),
            });
        }
    }
    let disk = host
        .and_then(|host| host.store.as_ref())
        .and_then(|store| store.size.as_ref());
    if let (true, Some(disk)) = (name == "min-free", disk)
        && amount >= disk.value.0
    {
        return Some(Bound {
            words: format!("and the store's disk has {}", disk.value),
            why: "so much can never be free: garbage is collected at every build",
            fact: Some(("store size", disk.clone().map(|size| size.to_string()))),
        });
    }
    let (_, most) = MOST.into_iter().find(|(known, _)| *known == name)?;
    (amount > most).then(|| Bound {
        words: "far beyond what it is for".to_owned(),
        why: "nix takes any number that it can read; this one looks like a digit or a unit too many",
        fact: None,
    })
}

/// Seconds as people say them.
fn in_time(secs: u64) -> String {
    match secs {
        0..=7_199 => format!("{secs} s"),
        7_200..=172_799 => format!("{secs} s ({} hours)", secs / 3_600),
        172_800..=63_071_999 => format!("{secs} s ({} days)", secs / 86_400),
        _ => format!("{secs} s ({} years)", secs / 31_536_000),
    }
}
