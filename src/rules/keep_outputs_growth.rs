//! `keep-outputs = true`.

use super::free_space::Disk;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::model::Setting;
use crate::units::Bytes;

declare_rule! {
    /// Build-time dependencies of everything in use are kept for good.
    ///
    /// ## Why it matters
    ///
    /// With `keep-outputs = true` and `keep-derivations = true` (its default) garbage collection
    /// keeps not only what a generation uses, but also everything that would be needed to build
    /// it again: compilers, sources, test tools, of every package of every generation. Age-based
    /// collection and `min-free` then free little. It does not make rebuilds faster: an output
    /// that is needed is in use and kept anyway.
    ///
    /// It was once the advice for direnv. nix-direnv has long made a garbage-collection root for
    /// each environment and does not need it.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     keep-outputs = true; # for nix-direnv
    ///     keep-derivations = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     keep-outputs = false;
    ///     keep-derivations = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When you work off-line, or bisect and rebuild the same closures again and again, and have
    /// the disk for it. A comment that gives such a reason silences the rule. With a disk below
    /// 512 GiB (from a host) the advice becomes a warning.
    ///
    /// ## Source
    ///
    /// Nix manual, `keep-outputs` and `keep-derivations`; `src/libstore/gc.cc`. That direnv does
    /// not need it: nix-community/nix-direnv#368. Every version of Nix, Lix and Determinate Nix.
    pub KEEP_OUTPUTS_GROWTH {
        id: "keep-outputs-growth",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["keep-outputs"],
        category: Reliability,
        severity: Info,
        fixes: Never,
    }
}

/// Below this size the kept outputs are felt.
const SMALL_DISK: Bytes = Bytes::from_gib(512);

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return; // an untrusted user's file cannot set it
    }
    let Some(effective) = cx.setting("keep-outputs").known() else {
        return;
    };
    let definition = effective.definition;
    let Some(place) = definition
        .place()
        .filter(|_| effective.as_bool() == Some(true))
    else {
        return;
    };
    let derivations = cx.setting("keep-derivations");
    let kept = match derivations {
        Setting::Unset { .. } => true,
        Setting::Known(effective) => effective.as_bool() == Some(true),
        _ => false,
    };
    if !kept {
        return;
    }
    let comment = cx.comment_near(Some(place)).unwrap_or_default();
    let for_direnv = comment.to_lowercase().contains("direnv");
    if !for_direnv && cx.reason_near(Some(place)) {
        return;
    }
    let disk = Disk::of(cx.host());
    let small = disk
        .as_ref()
        .filter(|disk| disk.size.value < SMALL_DISK)
        .map(|disk| disk.size.value);
    let mut report = out
        .report(
            place,
            "`keep-outputs` `true` keeps the build-time dependencies of everything in use",
        )
        .severity(if small.is_some() {
            Severity::Warning
        } else {
            Severity::Info
        })
        .confidence(cx.confidence(definition))
        .why(match small {
            Some(size) => format!(
                "garbage collection then frees little, and the disk has {size}; rebuilds are no \
                 faster for it"
            ),
            None => "garbage collection then frees little; rebuilds are no faster for it, because \
                     an output that is in use is kept anyway"
                .to_owned(),
        })
        .help(if for_direnv {
            "take it out: nix-direnv makes roots of its own and does not need it"
        } else {
            "take it out, unless you rebuild the same closures off-line"
        });
    if let Some(disk) = &disk {
        report = report.recommended_from(&disk.recommended);
    }
    report.label(
        derivations
            .known()
            .and_then(|effective| effective.definition.place()),
        "together with this",
    );
}
