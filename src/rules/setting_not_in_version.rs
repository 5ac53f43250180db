//! A setting of another release.

use super::given::{implementation, report_unknown_here};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{Spelling, VersionRange};
use crate::facts::{Implementation, Version};
use crate::model::{Condition, Definition};

declare_rule! {
    /// A setting is newer, or older, than the release of Nix that is in use.
    ///
    /// ## Why it matters
    ///
    /// Settings come and go. One that the release in use does not know has no effect and gives a
    /// warning at every command; NixOS, nix-darwin and home-manager turn the warning into a failed
    /// build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.nix_2_28;
    ///   nix.settings.narinfo-cache-meta-ttl = 3600;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.nix_2_28;
    ///   nix.settings.narinfo-cache-positive-ttl = 3600;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When another release reads the same file. The release is known from `nix.package`, from the
    /// nixpkgs of a flake, from a profile or `--target`; without it nothing is reported, and under
    /// a condition that nixtune cannot decide neither. Where only the series is known, nothing is
    /// said unless all of its releases agree. The fix takes the setting out and is not safe.
    ///
    /// ## Source
    ///
    /// Every setting of Nix 2.3 to 2.35, Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22, read from
    /// their sources and compared with Nix 2.8 and 2.34.
    pub SETTING_NOT_IN_VERSION {
        id: "setting-not-in-version",
        since: "0.1.0",
        applies: "the releases that lack the setting",
        settings: &[],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(own) = implementation(cx) else {
        return;
    };
    let target = cx.target();
    if target.version.is_none() && target.series.is_none() {
        return;
    }
    for definition in super::given::names(cx)
        .into_iter()
        .flat_map(|name| cx.definitions(name))
    {
        if let Some(key) = definition.setting.as_deref() {
            look(cx, definition, key, own, out);
        }
    }
}

/// Whether the release in use is in a range; `None` when releases of its series differ.
fn holds(cx: &RuleCx<'_>, range: &VersionRange) -> Option<bool> {
    let target = cx.target();
    match (&target.version, &target.series) {
        (Some(version), _) => Some(range.contains(version.value)),
        (None, Some(series)) => range.contains_series(series.value),
        (None, None) => None,
    }
}

fn look(
    cx: &RuleCx<'_>,
    definition: &Definition,
    key: &str,
    own: Implementation,
    out: &mut Sink<'_>,
) {
    if definition.condition != Condition::Always {
        return;
    }
    let ranges: Vec<(Spelling, &VersionRange)> = cx
        .catalog()
        .uses(key)
        .filter_map(|used| Some((used.spelling, used.range(key, own)?)))
        .collect();
    // Old names have a rule of their own, and so have those of other implementations.
    let is_alias = ranges
        .iter()
        .any(|(spelling, _)| *spelling == Spelling::Alias);
    if ranges.is_empty() || is_alias {
        return;
    }
    let lacks = ranges
        .iter()
        .all(|(_, range)| holds(cx, range) == Some(false));
    let Some((_, range)) = ranges.first().filter(|_| lacks) else {
        return;
    };
    let target = cx.target();
    let in_use = target.version.as_ref().or(target.series.as_ref());
    let Some(in_use) = in_use.map(|fact| fact.value) else {
        return;
    };
    let this = target.nix_in_words().unwrap_or_default();
    let words = in_words(own, range, in_use);
    let message = format!("`{key}` {words}, and this is {this}");
    let help = "take it out, or use a release that knows it";
    report_unknown_here(cx, definition, (message, help), this, out);
}

fn in_words(own: Implementation, range: &VersionRange, in_use: Version) -> String {
    match (range.since, range.removed_in()) {
        (Some(since), _) if since > in_use => format!("came with {own} {since}"),
        (_, Some(gone)) => format!("is gone since {own} {gone}"),
        (Some(since), None) => format!("came with {own} {since}, by backports to older series"),
        (None, None) => format!("is not in every release of {own}"),
    }
}
