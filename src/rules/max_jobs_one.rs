//! One build at a time on a machine that has room for several.

use super::build_machines::builders;
use super::build_slots::{Complaint, Loaded};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;

declare_rule! {
    /// `max-jobs` is 1 on a machine that has room for several builds.
    ///
    /// ## Why it matters
    ///
    /// Most packages are small and use one thread for most of their build: unpacking, configuring,
    /// linking, installing. With one build at a time the other threads wait for that. 1 is what Nix
    /// itself does when `nix.conf` says nothing; NixOS, nix-darwin and the Determinate installer
    /// raise it to `auto`.
    ///
    /// It speaks of machines with at least 4 threads on which more than one build fits. A comment
    /// beside the setting silences it, as do remote builders.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     max-jobs = 1;
    ///     cores = 0;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     cores = 2;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When builds must not run side by side, for their memory or for the sake of someone at the
    /// machine. Say so in a comment.
    ///
    /// ## Source
    ///
    /// Nix manual, `max-jobs` and "Tuning Cores and Jobs"; DeterminateSystems/nix-installer#627.
    /// The formula is that of `build-slots-oversubscribed`.
    pub MAX_JOBS_ONE {
        id: "max-jobs-one",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs", "cores"],
        category: Performance,
        severity: Info,
        needs_host: true,
        fixes: Always(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(loaded) = Loaded::find(cx) else {
        return;
    };
    let Some(definition) = loaded.slots.definition() else {
        return;
    };
    let place = definition.place();
    let is_explained = cx.comment_near(place).is_some() || has_builders(cx);
    let (Complaint::OneJob, Some(place), false) = (loaded.complaint, place, is_explained) else {
        return;
    };
    let report = out
        .report(
            place,
            format!(
                "{} runs one build at a time on {}",
                loaded.slots.in_words(),
                loaded.threads.value
            ),
        )
        .severity(Severity::Info)
        .why(
            "few builds use all threads all the time; while one unpacks or links, the rest of the \
             machine waits",
        );
    loaded.advise(cx, report);
}

/// True when builds may go elsewhere, so that few of them here are meant.
pub(super) fn has_builders(cx: &RuleCx<'_>) -> bool {
    !cx.setting("builders").is_unset() || !builders(cx).is_empty()
}
