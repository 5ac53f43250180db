//! `max-jobs` × `cores` against the hardware threads.

use super::build_slots::{Amount, Complaint, Loaded, Slots};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;

declare_rule! {
    /// Builds may use far more threads than the machine has.
    ///
    /// ## Why it matters
    ///
    /// Nix runs up to `max-jobs` builds at once and tells each of them to use `cores` threads, so
    /// up to `max-jobs` × `cores` threads are busy together. `auto` and `0` both stand for all
    /// hardware threads: on 12 threads they allow 144. Beyond what the hardware can run, builds
    /// only take turns: caches go cold, each build takes longer, all of them hold their memory at
    /// the same time, and the desktop stutters.
    ///
    /// Up to twice the hardware threads is silent, because builds wait for disk and network and
    /// few of them use all their threads all the time. More than twice is worth a word, more than
    /// four times, or less than 2 GiB of memory for each build, a warning.
    ///
    /// Without a host (`--host`, or nixtune running on the machine itself) only an explicit
    /// `auto` with an explicit `0` is mentioned, because that is the square of the thread count
    /// on any machine.
    ///
    /// It speaks only when a file sets `max-jobs` or `cores`. What the other one is then, the
    /// module decides: nix-darwin and NixOS set `max-jobs` to `auto`, plain Nix to 1; `cores` is
    /// 0. `ram-per-job-low`, `efficiency-cores-counted`, `max-jobs-one` and
    /// `build-slots-underused` look at the same two settings and keep silent where this rule
    /// speaks; all recommend the same values.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     max-jobs = "auto"; # one build per thread …
    ///     cores = 0; # … and every build on all of them
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     cores = 3;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// On a build server for many small packages that hardly use a second thread each, many jobs
    /// with all cores can be right; measure it. A comment that gives a reason lowers the severity
    /// by one level.
    ///
    /// ## Source
    ///
    /// Nix manual, "Tuning Cores and Jobs", whose table calls 24 jobs with all 24 cores very
    /// likely oversold; NixOS/nixpkgs#198668. Defaults: nix-darwin `modules/nix/default.nix`,
    /// NixOS `nixos/modules/config/nix.nix`. The formula follows ghaf-infra's
    /// `hosts/lib/nix-tuning.nix` and gives the values that NixOS/infra chose for its Macs.
    /// Holds for every version of Nix, Lix and Determinate Nix.
    pub BUILD_SLOTS_OVERSUBSCRIBED {
        id: "build-slots-oversubscribed",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs", "cores"],
        category: Performance,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.host().is_some_and(|host| host.threads.is_some()) {
        measured(cx, out);
    } else {
        squared(cx, out);
    }
}

fn measured(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(loaded) = Loaded::find(cx) else {
        return;
    };
    let Complaint::Oversubscribed(severity) = loaded.complaint else {
        return;
    };
    let Some(definition) = loaded.slots.definition() else {
        return;
    };
    let (Some(severity), Some(place)) = (cx.eased(severity, definition), definition.place()) else {
        return;
    };
    let threads = loaded.threads.value;
    let memory = loaded.memory_per_build().map_or(String::new(), |memory| {
        format!(", with {memory} of memory for each build")
    });
    let report = out
        .report(
            place,
            format!(
                "{} allows {} busy threads on {}",
                loaded.slots.in_words(),
                loaded.total(),
                threads.0
            ),
        )
        .severity(severity)
        .why(format!(
            "up to {} at once, each on up to {}{memory}; what the hardware cannot run only takes \
             turns",
            count(loaded.slots.jobs.amount.on(threads), "build"),
            count(loaded.slots.cores.amount.on(threads), "thread"),
        ));
    loaded.advise(cx, report);
}

fn count(number: u64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `auto` × `0` on a machine that is not known.
fn squared(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(slots) = Slots::read(cx) else {
        return;
    };
    let both_set = slots.jobs.set.is_some() && slots.cores.set.is_some();
    if !both_set || slots.jobs.amount != Amount::All || slots.cores.amount != Amount::All {
        return;
    }
    let Some(definition) = slots.definition() else {
        return;
    };
    let (Some(severity), Some(place)) = (cx.eased(Severity::Info, definition), definition.place())
    else {
        return;
    };
    out.report(
        place,
        format!(
            "{} allows the square of the machine's threads",
            slots.in_words()
        ),
    )
    .severity(severity)
    .confidence(slots.confidence(cx))
    .label(
        slots.other().and_then(crate::model::Definition::place),
        "times this",
    )
    .why(
        "one build per hardware thread and each on all threads: 64 busy threads on 8, 144 on 12, \
         whatever the machine",
    )
    .help(
        "give both a number whose product is about the number of threads; with a host profile \
         (`--host`) nixtune says which",
    );
}
