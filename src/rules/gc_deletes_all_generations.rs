//! Scheduled collections that leave no generation to go back to.

use super::gc_arguments::{GcArguments, OLDER_THAN, are_split, with_word};
use super::store_upkeep::{scheduled, turned_on};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Effective, OptionPath, Setting};
use crate::tune;

declare_rule! {
    /// A scheduled garbage collection deletes every old generation.
    ///
    /// ## Why it matters
    ///
    /// `nix-collect-garbage -d` deletes all generations but the current one, whatever their age.
    /// In a timer that means: after an upgrade that turns out bad the day after, there is nothing
    /// left to roll back to, and no older entry in the boot menu.
    ///
    /// `nh clean` without `--keep` and `--keep-since` does the same: it keeps one generation, and
    /// removes the roots of development shells and of `result` links, however young they are.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "-d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.gc = {
    ///     automatic = true;
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// The fix keeps what is younger than a recommended age. It is unsafe, because the store
    /// holds more then.
    ///
    /// ## When not to act
    ///
    /// On machines that are thrown away rather than rolled back: build agents, images. A comment that
    /// gives a reason lowers the severity by one level.
    ///
    /// ## Source
    ///
    /// `nix-collect-garbage(1)`; `src/nix/nix-collect-garbage` in Nix and Lix, where an age wins
    /// over `-d` if both are given. nh: `crates/nh-clean/src/args.rs`, `--keep` is 1 and
    /// `--keep-since` 0 hours by default; NixOS `nixos/modules/programs/nh.nix` and home-manager
    /// `modules/programs/nh.nix` pass nothing else.
    pub GC_DELETES_ALL_GENERATIONS {
        id: "gc-deletes-all-generations",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.gc.options", "programs.nh.clean.extraArgs"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for effective in cx.option("nix.gc.options").candidates() {
        if let Value::Str(text) = &effective.value.value {
            by_nix(cx, &effective, text, out);
        }
    }
    // nix-darwin has no such options.
    if cx.target().system() != Some(ModuleSystem::NixDarwin) {
        by_nh(cx, out);
    }
}

/// `nix-collect-garbage -d`.
fn by_nix(cx: &RuleCx<'_>, effective: &Effective<'_>, text: &str, out: &mut Sink<'_>) {
    let Some(scheduled) = scheduled(cx) else {
        return;
    };
    let arguments = GcArguments::read(text);
    let (Some(flag), None) = (arguments.all, arguments.age) else {
        return;
    };
    let definition = effective.definition;
    let (Some(place), Some(severity)) =
        (definition.place(), cx.eased(Severity::Warning, definition))
    else {
        return;
    };
    let retention = tune::gc_retention(cx.host());
    let instead = format!("{OLDER_THAN} {}", retention.value);
    let report = out
        .report(
            place,
            format!(
                "`nix.gc.options` `{}` deletes every old generation",
                text.get(flag.clone()).unwrap_or("-d")
            ),
        )
        .severity(severity)
        .confidence(scheduled.min(cx.confidence_in(effective)))
        .why(
            "the job deletes all generations but the current one, so after a bad upgrade there may \
             be none left to roll back to",
        )
        .recommended_from(&retention);
    if !are_split(cx) || !effective.is_whole() {
        report.help("keep what is younger than some days");
        return;
    }
    let title = format!("write `{instead}`");
    report.help(title.clone()).fix(
        Applicability::Unsafe,
        title,
        vec![Change::Set {
            definition: definition.id,
            value: NewValue::Str(with_word(text, &flag, &instead)),
        }],
    );
}

/// `nh clean` with its defaults.
fn by_nh(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    const OPTION: &str = "programs.nh.clean.extraArgs";
    let Some(enabled) = turned_on(cx, "programs.nh.clean.enable") else {
        return;
    };
    let (set, confidence) = match cx.option(OPTION) {
        Setting::Unset { .. } if cx.option_may_be_set_elsewhere(OPTION) => return,
        Setting::Unset { assured: true } => (None, Confidence::Certain),
        // The two are written together by almost everyone.
        Setting::Unset { assured: false } => (None, Confidence::Possible),
        Setting::Known(effective) => match &effective.value.value {
            Value::Str(text) if keeps_nothing(text) => {
                (Some(effective), cx.confidence_in(&effective))
            }
            _ => return,
        },
        Setting::OneOf(_) | Setting::Unknown { .. } => return,
    };
    let definition = set.map_or(enabled.definition, |effective| effective.definition);
    let (Some(place), Some(severity)) =
        (definition.place(), cx.eased(Severity::Warning, definition))
    else {
        return;
    };
    let retention = tune::gc_retention(cx.host());
    // One word: home-manager hands all of them over as one on macOS.
    let instead = format!("--keep-since={}", retention.value);
    let title = format!("set `{OPTION}` to `{instead}`");
    let report = out
        .report(
            place,
            "`nh clean` keeps a single generation, and no development shell",
        )
        .severity(if confidence == Confidence::Possible {
            Severity::Info
        } else {
            severity
        })
        .confidence(confidence.min(cx.confidence_in(&enabled)))
        .why(
            "`--keep` is 1 and `--keep-since` 0 hours by default, so after a bad upgrade there may \
             be nothing left to roll back to",
        )
        .help(title.clone())
        .recommended_from(&retention);
    let change = match set {
        None => Change::Insert {
            near: definition.id,
            option: OptionPath::dotted(OPTION),
            value: NewValue::Str(instead),
            comment: None,
        },
        Some(effective) if effective.is_whole() => {
            let old = effective.value.value.as_str().unwrap_or("").trim_end();
            Change::Set {
                definition: definition.id,
                value: NewValue::Str(format!("{old} {instead}").trim_start().to_owned()),
            }
        }
        Some(_) => return,
    };
    report.fix(
        if confidence == Confidence::Possible {
            Applicability::Manual
        } else {
            Applicability::Unsafe
        },
        title,
        vec![change],
    );
}

/// True for arguments of `nh clean` that neither keep more than it does by itself nor keep it from
/// deleting.
fn keeps_nothing(text: &str) -> bool {
    text.split_whitespace().all(|word| {
        let keeps = ["-k", "-K", "--keep", "--dry", "-n", "--help", "-h"];
        !keeps.iter().any(|flag| word.starts_with(flag)) && !word.contains(['$', '`', '"', '\''])
    })
}
