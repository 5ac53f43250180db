//! A Linux builder that is configured and switched off.

use super::linux_builder::linux_builders;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::model::{Definition, Form};

declare_rule! {
    /// The Linux builder is configured, but switched off.
    ///
    /// ## Why it matters
    ///
    /// With `nix.linux-builder.enable` off nothing of the rest has an effect, and more than that:
    /// each activation deletes the builder's working directory, with the disk image and everything
    /// that was built in it. A `workingDirectory` of one's own is deleted as well, whatever else
    /// lies there, which is a warning.
    ///
    /// It speaks of a switch that is written as `false`, not of one that is computed.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.linux-builder = {
    ///     enable = false;
    ///     maxJobs = 4;
    ///     config.virtualisation.cores = 4;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     maxJobs = 4;
    ///     config.virtualisation.cores = 4;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When it is off for a while and what it holds can go. A comment that gives a reason lowers the
    /// severity by one level.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/linux-builder.nix`, since 2025-04-01: `rm -rf` of
    /// `workingDirectory` in an activation script while the builder is off.
    pub LINUX_BUILDER_OFF_BUT_CONFIGURED {
        id: "linux-builder-off-but-configured",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.enable", "nix.linux-builder.workingDirectory"],
        category: Reliability,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for builder in linux_builders(cx) {
        let enable = builder.enable.definition;
        let is_written = enable.form == Form::Binding && enable.value.is_literal_in_place();
        // Determinate's module deletes nothing.
        if builder.is_on || !is_written || !enable.option.is("nix.linux-builder.enable") {
            continue;
        }
        let directory = builder.option("workingDirectory").known();
        let beside = [
            "maxJobs",
            "speedFactor",
            "supportedFeatures",
            "systems",
            "ephemeral",
        ]
        .iter()
        .find_map(|name| builder.option(name).known())
        .map(|known| known.definition)
        .or_else(|| builder.config().next());
        let own = directory.map(|known| known.definition);
        let Some(other) = own.or(beside) else {
            continue;
        };
        let severity = if own.is_some() {
            Severity::Warning
        } else {
            Severity::Info
        };
        let (Some(severity), Some(place)) = (cx.eased(severity, enable), enable.place()) else {
            continue;
        };
        let deleted = directory
            .and_then(|known| known.as_text())
            .unwrap_or_else(|| "/var/lib/linux-builder".into());
        out.report(
            place,
            format!(
                "the Linux builder is configured, but off: each activation deletes `{deleted}`"
            ),
        )
        .severity(severity)
        .confidence(cx.confidence(enable))
        .label(Definition::place(other), "without effect")
        .why(
            "while the builder is off, nix-darwin removes its working directory with everything \
             in it, the disk image included",
        )
        .help("switch it on, or take its options out when it is not needed any more");
    }
}
