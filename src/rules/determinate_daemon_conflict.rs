//! Two owners of one Nix.

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::facts::ModuleSystem;
use crate::model::{Definition, Setting};

declare_rule! {
    /// nix-darwin manages Nix on a machine on which Determinate's daemon does.
    ///
    /// ## Why it matters
    ///
    /// Determinate Nix has a daemon of its own that installs, configures and updates Nix. nix-darwin
    /// looks for it before it activates, and ends with "Determinate detected, aborting activation" as
    /// long as `nix.enable` is on, which it is by default: nothing of the new generation is activated.
    ///
    /// It speaks with `--live` only. In files it shows where Determinate's own module is imported;
    /// `settings-under-disabled-nix` and `option-requires-nix-enable` speak then.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # /usr/local/bin/determinate-nixd is there
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.enable = false;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When Determinate Nix is about to be uninstalled.
    ///
    /// ## Source
    ///
    /// nix-darwin, `modules/system/checks.nix` (`determinate`).
    pub DETERMINATE_DAEMON_CONFLICT {
        id: "determinate-daemon-conflict",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.enable"],
        category: Correctness,
        severity: Error,
        live: Only,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let daemon = cx
        .observations()
        .and_then(|seen| seen.determinate_daemon.as_deref());
    let Some(daemon) = daemon.filter(|mark| !mark.is_empty()) else {
        return;
    };
    if cx.target().system() != Some(ModuleSystem::NixDarwin) || cx.nix_disabled_by().is_some() {
        return;
    }
    let (by, confidence) = match cx.option("nix.enable") {
        Setting::Known(effective) if effective.as_bool() == Some(true) => {
            (Some(effective.definition), cx.confidence_in(&effective))
        }
        Setting::Unset { assured: true } => (None, Confidence::Certain),
        // A file that was not read may turn it off.
        Setting::Unset { assured: false } if !cx.option_may_be_set_elsewhere("nix.enable") => {
            (None, Confidence::Likely)
        }
        _ => return,
    };
    let first = || cx.all_definitions().next();
    let Some(place) = by.or_else(first).and_then(Definition::place) else {
        return;
    };
    out.report(
        place,
        "nix-darwin manages Nix here, and so does Determinate's daemon",
    )
    .confidence(confidence)
    .why(format!(
        "{daemon} is there, and nix-darwin aborts each activation as long as `nix.enable` is on"
    ))
    .help(
        "set `nix.enable = false` and move settings to Determinate's module or to \
         /etc/nix/nix.custom.conf, or uninstall Determinate Nix",
    );
}
