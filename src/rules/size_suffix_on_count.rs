//! A unit letter behind a number that counts things.

use super::given::given;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{SettingKind, Unit};
use crate::diagnostic::Severity;
use crate::eval::Value;

declare_rule! {
    /// A number that counts things has a unit letter.
    ///
    /// ## Why it matters
    ///
    /// `K`, `M`, `G` and `T` multiply by powers of 1024, also where bytes make no sense. Only the
    /// number before the letter is checked: `cores = 4G` is 2³² and becomes 0 in 32 bits, all cores,
    /// without a word. `max-jobs` takes no letter at all, and every `nix` command fails.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.extraOptions = ''
    ///     cores = 4G
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.extraOptions = ''
    ///     cores = 4
    ///   '';
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// `http-connections = 1K` is 1024 and read so; nixtune reports only what does not fit the
    /// setting. There is no fix: only the author knows what was meant.
    ///
    /// ## Source
    ///
    /// Nix, `string2IntWithUnitPrefix` in `src/libutil` and `BaseSetting<T>::parse`; tried with Nix
    /// 2.34: `cores = 4G` shows as 0.
    pub SIZE_SUFFIX_ON_COUNT {
        id: "size-suffix-on-count",
        since: "0.1.0",
        applies: "Nix 2.23 and later, Determinate Nix",
        settings: &["cores", "max-jobs", "max-substitution-jobs", "log-lines"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        let name = one.setting.name;
        let max_jobs = *one.setting.kind() == SettingKind::MaxJobs;
        let counts = one.setting.unit != Some(Unit::Bytes) && one.setting.is_number();
        if !matches!(one.value.value, Value::Str(_)) || !counts {
            continue;
        }
        let ends = one.text.ends_with(|c: char| c.is_ascii_alphabetic());
        let Some(amount) = crate::model::parse_amount(&one.text).filter(|_| ends) else {
            continue;
        };
        if max_jobs {
            out.report(one.place, format!("`max-jobs` is `{}`, which is no number", one.text))
                .severity(Severity::Error)
                .confidence(one.confidence)
                .applies(super::EVERY_NIX)
                .why("`max-jobs` takes `auto` or a plain number; anything else makes every nix command fail")
                .help("write the number of jobs");
            continue;
        }
        // Where letters are not read at all, another rule says so.
        let bits = u32::from(one.setting.bits.unwrap_or(64));
        if one.setting.accepts_suffix(cx.target()) == Some(false) || bits >= 64 {
            continue;
        }
        let kept = amount & ((1u64 << bits) - 1);
        if kept == amount {
            continue;
        }
        out.report(
            one.place,
            format!("`{name}` is `{}`, which becomes {kept}", one.text),
        )
        .confidence(one.confidence)
        .why(format!(
            "the letter multiplies to {amount}, and the setting has {bits} bits; what does not fit \
             is dropped without a word"
        ))
        .help("write the number without a letter");
    }
}
