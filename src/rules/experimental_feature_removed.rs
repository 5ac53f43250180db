//! An experimental feature that is no longer one.

use super::list_entry::{Entry, entries, fits_every_machine};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{FeatureInfo, IMPLEMENTATIONS};
use crate::diagnostic::{Applicability, Confidence};
use crate::facts::{How, Implementation, Version};

declare_rule! {
    /// An experimental feature no longer exists.
    ///
    /// ## Why it matters
    ///
    /// A feature goes when what it unlocked has become part of Nix, or has been given up. Nix then
    /// warns about an "unknown experimental feature" at every command, and the check of NixOS,
    /// nix-darwin and home-manager turns the warning into a failed build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///     "repl-flake"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// While an older release is in use: each diagnostic names the releases. An element under a
    /// condition that nixtune cannot decide is not reported: the condition may be on the version. Without a known
    /// version only features that every implementation has dropped are reported, and the fix is
    /// not safe.
    ///
    /// ## Source
    ///
    /// `experimental-features.cc` in every release of Nix from 2.4 to 2.35 and of Determinate Nix,
    /// the feature list of Lix 2.90 to 2.95, and their release notes;
    /// DeterminateSystems/nix-installer#1048.
    pub EXPERIMENTAL_FEATURE_REMOVED {
        id: "experimental-feature-removed",
        since: "0.1.0",
        applies: "the releases that no longer know the feature",
        settings: &["experimental-features"],
        category: Deprecated,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for entry in entries(&cx.items("experimental-features")) {
        let Some(feature) = cx.catalog().feature(&entry.text) else {
            continue;
        };
        // A condition may well be the one on the version.
        if feature.setting != "experimental-features" || !entry.is_in_force() {
            continue;
        }
        if let Some(removal) = removal(cx, feature) {
            report(cx, &entry, feature, &removal, out);
        }
    }
}

/// Where and since when a feature is gone.
struct Removal {
    /// The implementations that dropped it and that the machine may use, with the first release
    /// without it.
    gone: Vec<(Implementation, Version)>,
    /// True when the machine's own release is known to be without it.
    certain: bool,
}

fn removal(cx: &RuleCx<'_>, feature: &FeatureInfo) -> Option<Removal> {
    let implementation = cx.target().implementation.as_ref();
    let target = cx.target();
    let version = target.version.as_ref().or(target.series.as_ref());
    let gone: Vec<_> = IMPLEMENTATIONS
        .into_iter()
        .filter(|one| implementation.is_none_or(|fact| fact.value == *one))
        .filter_map(|one| Some((one, feature.removed_in(one)?)))
        .collect();
    if gone.is_empty() {
        return None;
    }
    match (implementation, version) {
        (Some(implementation), Some(version)) => {
            let (_, since) = gone.first()?;
            (version.value >= *since).then(|| Removal {
                gone: gone.clone(),
                certain: implementation.how != How::Assumed && version.how != How::Assumed,
            })
        }
        _ => {
            // Without a release, only what no current release of any possible Nix has.
            let still = IMPLEMENTATIONS
                .into_iter()
                .filter(|one| implementation.is_none_or(|fact| fact.value == *one))
                .any(|one| feature.range(one).is_some_and(|range| range.is_current()));
            (!still && is_released(cx, &gone)).then_some(Removal {
                gone,
                certain: false,
            })
        }
    }
}

/// True when the releases without the feature are out, not only announced.
fn is_released(cx: &RuleCx<'_>, gone: &[(Implementation, Version)]) -> bool {
    gone.iter().all(|(implementation, since)| {
        cx.catalog()
            .newest(*implementation)
            .is_some_and(|newest| *since <= newest)
    })
}

fn report(
    cx: &RuleCx<'_>,
    entry: &Entry<'_>,
    feature: &FeatureInfo,
    removal: &Removal,
    out: &mut Sink<'_>,
) {
    let releases = removal
        .gone
        .iter()
        .map(|(implementation, version)| format!("{implementation} {version}"))
        .collect::<Vec<_>>()
        .join(" and ");
    let stable = removal
        .gone
        .iter()
        .any(|(implementation, _)| feature.stable_in(*implementation).is_some());
    let target = cx.target();
    let fits = fits_every_machine(cx, entry.definition, |machine| {
        machine.target.implementation == target.implementation
            && machine.target.version == target.version
            && machine.target.series == target.series
    });
    let mut report = out
        .report(
            entry.place,
            format!(
                "`experimental-features` lists `{}`, which is gone since {releases}",
                entry.text
            ),
        )
        .why(if stable {
            "what it unlocked needs no feature any more; nix warns about the unknown name, and \
             the module's check turns that into a failed build"
        } else {
            "nix warns about the unknown name, and the module's check turns that into a failed \
             build"
        })
        .help(match feature.replacement {
            Some(replacement) if cx.catalog().feature(replacement).is_some() => {
                format!("drop it: `{replacement}` covers it")
            }
            Some(replacement) => format!("drop it ({replacement})"),
            None => "drop it".to_owned(),
        })
        .confidence(if removal.certain {
            entry.confidence()
        } else {
            entry.confidence().min(Confidence::Likely)
        });
    if let Some(fact) = &target.implementation {
        report = report.fact("implementation", fact, fact.value);
    }
    if let Some(fact) = target.version.as_ref().or(target.series.as_ref()) {
        report = report.fact("version", fact, fact.value);
    }
    report.fix(
        if removal.certain && entry.is_in_place() && entry.unconditional && fits {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        },
        format!("drop `{}`", entry.text),
        entry.remove().into_iter().collect(),
    );
}
