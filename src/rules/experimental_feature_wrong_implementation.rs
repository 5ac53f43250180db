//! An experimental feature of another implementation.

use super::given::{implementation, nix_is_declared, same_nix_everywhere, with_nix};
use super::list_entry::entries;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::IMPLEMENTATIONS;
use crate::diagnostic::{Applicability, Change, Confidence};

declare_rule! {
    /// An experimental feature belongs to another implementation of Nix.
    ///
    /// ## Why it matters
    ///
    /// The implementations have features of their own, and call some by other names: the pipe
    /// operators are `pipe-operators` in Nix and `pipe-operator` in Lix. A name that is not known
    /// switches nothing on; Nix warns about it at every command, and the check of NixOS, nix-darwin
    /// and home-manager turns the warning into a failed build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.lix;
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///     "pipe-operators"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.lix;
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///     "pipe-operator"
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When another implementation reads the same list. Without a known implementation nothing is
    /// reported, and under a condition that nixtune cannot decide neither. The fix writes the name
    /// that the implementation has, and is safe when every machine that reads the list says that it
    /// uses this implementation; taking a feature out is not safe.
    ///
    /// ## Source
    ///
    /// `experimental-features.cc` in every release of Nix from 2.4 to 2.35 and of Determinate Nix,
    /// the feature list of Lix 2.90 to 2.95.
    pub EXPERIMENTAL_FEATURE_WRONG_IMPLEMENTATION {
        id: "experimental-feature-wrong-implementation",
        since: "0.1.0",
        applies: "the implementations that lack the feature",
        settings: &["experimental-features"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Safe, Unsafe),
    }
}

/// Names of one feature in different implementations.
const SAME: [(&str, &str); 1] = [("pipe-operators", "pipe-operator")];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(own) = implementation(cx) else {
        return;
    };
    let all = entries(&cx.items("experimental-features"));
    for entry in &all {
        let Some(feature) = cx.catalog().feature(&entry.text) else {
            continue;
        };
        // A name that a release knew and lost is another rule's.
        if feature.setting != "experimental-features"
            || feature.range(own).is_some()
            || feature.is_always_on(own)
            || !entry.is_in_force()
        {
            continue;
        }
        let others: Vec<String> = IMPLEMENTATIONS
            .into_iter()
            .filter(|one| feature.range(*one).is_some())
            .map(|one| one.to_string())
            .collect();
        // What nobody has any more is another rule's as well.
        if others.is_empty() {
            continue;
        }
        let twin = SAME.into_iter().find_map(|(one, other)| {
            let twin = match &*entry.text {
                text if text == one => other,
                text if text == other => one,
                _ => return None,
            };
            let known = cx.catalog().feature(twin)?.range(own)?;
            known.is_current().then_some(twin)
        });
        let is_listed = |name: &str| all.iter().any(|entry| &*entry.text == name);
        let report = out
            .report(
                entry.place,
                format!(
                    "`experimental-features` lists `{}`, a feature of {}, and this is {own}",
                    entry.text,
                    others.join(" and ")
                ),
            )
            .why(
                "the name switches nothing on; nix warns about it, and the module's check turns \
                 that into a failed build",
            )
            .help(match twin {
                Some(twin) => format!("write `{twin}`"),
                None => "drop it".to_owned(),
            })
            .confidence(if cx.target().nix_is_assumed() {
                entry.confidence().min(Confidence::Likely)
            } else {
                entry.confidence()
            })
            .applies(own.to_string());
        let report = with_nix(cx, report);
        let sure = nix_is_declared(cx)
            && entry.is_in_place()
            && entry.unconditional
            && same_nix_everywhere(cx, entry.definition);
        let (applicability, title, change): (_, _, Option<Change>) = match twin {
            Some(twin) if !is_listed(twin) => (
                if sure {
                    Applicability::Safe
                } else {
                    Applicability::Unsafe
                },
                format!("write `{twin}`"),
                entry.replace(twin),
            ),
            _ => (
                Applicability::Unsafe,
                format!("drop `{}`", entry.text),
                entry.remove(),
            ),
        };
        report.fix(applicability, title, change.into_iter().collect());
    }
}
