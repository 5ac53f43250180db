//! The age that `nix.gc.options` gives to `--delete-older-than`.

use super::gc_arguments::{GcArguments, OLDER_THAN, days, with_word};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue};
use crate::eval::Value;
use crate::model::Effective;

declare_rule! {
    /// The age for garbage collection is not a number of days.
    ///
    /// ## Why it matters
    ///
    /// `nix-collect-garbage --delete-older-than` takes a positive number followed by `d`, and
    /// nothing else: not weeks, not months, not a bare number, not zero days. With any other age
    /// the command ends with an error at the first profile, so every scheduled collection fails and
    /// nothing is ever deleted. Nobody sees it, because the job's output goes nowhere.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 2w";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 14d";
    ///   };
    /// }
    /// ```
    ///
    /// Weeks become days, and a bare number gets its `d`. A month is taken as 30 days, a year as
    /// 365, and hours as whole days; since that is a reading, those fixes are unsafe.
    ///
    /// ## When not to act
    ///
    /// Always act.
    ///
    /// ## Source
    ///
    /// `src/libstore/profiles.cc` (`parseOlderThanTimeSpec`); tried with Nix 2.8 and 2.34 for `2w`,
    /// `30`, `+2`, `1m`, `0d` and others; NixOS/nix#9455. Every version of Nix and Lix.
    pub GC_OLDER_THAN_UNIT {
        id: "gc-older-than-unit",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.gc.options"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for effective in cx.option("nix.gc.options").candidates() {
        let Value::Str(text) = &effective.value.value else {
            continue;
        };
        let Some(range) = GcArguments::read(text).age else {
            continue;
        };
        let age = text.get(range.clone()).unwrap_or("");
        // What a shell still has to fill in is not known.
        if days(age).is_some() || age.contains(['$', '`', '"', '\'']) {
            continue;
        }
        report(cx, &effective, text, range, out);
    }
}

fn report(
    cx: &RuleCx<'_>,
    effective: &Effective<'_>,
    text: &str,
    range: std::ops::Range<usize>,
    out: &mut Sink<'_>,
) {
    let definition = effective.definition;
    let age = text.get(range.clone()).unwrap_or("");
    let Some(place) = definition.place() else {
        return;
    };
    let mut confidence = cx.confidence(definition);
    if !effective.unconditional {
        confidence = confidence.min(Confidence::Likely);
    }
    let report = out
        .report(place, format!("`{OLDER_THAN}` cannot read the age `{age}`"))
        .confidence(confidence)
        .why(
            "it takes a positive number of days such as `30d` and ends with an error for anything \
             else, so no scheduled collection ever deletes anything",
        );
    let Some((days, applicability)) = in_days(age) else {
        report.help("write the age as a number of days: `30d`");
        return;
    };
    let mended = with_word(text, &range, &format!("{days}d"));
    let title = format!("write `{days}d`");
    let report = report.help(title.clone());
    // One branch of a choice cannot be changed alone, and a part that comes from elsewhere
    // may be used elsewhere too.
    if !effective.is_whole() {
        return;
    }
    let in_place = effective
        .value
        .site
        .is_some_and(|site| cx.workspace().text(site).contains(age));
    report.fix(
        if in_place {
            applicability
        } else {
            applicability.min(Applicability::Unsafe)
        },
        title,
        vec![Change::Set {
            definition: definition.id,
            value: NewValue::Str(mended),
        }],
    );
}

/// The age in days, and how sure that reading is; `None` when there is no telling.
fn in_days(age: &str) -> Option<(u32, Applicability)> {
    let digits = age.find(|c: char| !c.is_ascii_digit()).unwrap_or(age.len());
    let number: u32 = age
        .get(..digits)?
        .parse()
        .ok()
        .filter(|number| *number > 0)?;
    let (days, applicability) = match age.get(digits..)?.to_ascii_lowercase().as_str() {
        "" | "day" | "days" | "d" => (number, Applicability::Safe),
        "w" | "week" | "weeks" => (number.checked_mul(7)?, Applicability::Safe),
        "m" | "mo" | "month" | "months" => (number.checked_mul(30)?, Applicability::Unsafe),
        "y" | "year" | "years" => (number.checked_mul(365)?, Applicability::Unsafe),
        "h" | "hour" | "hours" => (number.div_ceil(24), Applicability::Unsafe),
        _ => return None,
    };
    Some((days, applicability))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_days_where_they_can_be() {
        assert_eq!(in_days("2w"), Some((14, Applicability::Safe)));
        assert_eq!(in_days("30"), Some((30, Applicability::Safe)));
        assert_eq!(in_days("30D"), Some((30, Applicability::Safe)));
        assert_eq!(in_days("1m"), Some((30, Applicability::Unsafe)));
        assert_eq!(in_days("36h"), Some((2, Applicability::Unsafe)));
        for none in ["0d", "+2", "d", "old", "99999999999w"] {
            assert_eq!(in_days(none), None, "{none}");
        }
    }
}
