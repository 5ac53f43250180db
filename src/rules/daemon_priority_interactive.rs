//! A daemon that builds at the priority of the programs that somebody works with.

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::facts::ModuleSystem;
use crate::model::{Form, OptionPath};
use crate::tune::Profile;

declare_rule! {
    /// Builds have the same priority as the programs that somebody works with.
    ///
    /// ## Why it matters
    ///
    /// Builds of the daemon compete with everything else for processor and disk. On a machine that
    /// somebody works at while it builds, video stutters and the editor waits. In the idle class of the
    /// scheduler a build takes what is left over, and on an unused machine that is
    /// everything.
    ///
    /// A matter of taste, so it speaks only when asked for, on machines that a host profile shows
    /// to be interactive, and where a file sets how much is built at once.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.max-jobs = 4;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.max-jobs = 4;
    ///   nix.daemonCPUSchedPolicy = "idle";
    ///   nix.daemonIOSchedClass = "idle";
    /// }
    /// ```
    ///
    /// The fix is unsafe: builds take longer when something else keeps the machine busy.
    ///
    /// ## When not to act
    ///
    /// When builds must end in time although the machine is busy.
    ///
    /// ## Source
    ///
    /// NixOS `nixos/modules/services/system/nix-daemon.nix` recommends `idle` for such machines;
    /// nix-darwin `modules/nix/default.nix` (`daemonProcessType`). nix-community/srvos takes
    /// `idle` on desktops and `batch` on servers.
    pub DAEMON_PRIORITY_INTERACTIVE {
        id: "daemon-priority-interactive",
        since: "0.1.0",
        applies: "NixOS, nix-darwin",
        settings: &["nix.daemonCPUSchedPolicy", "nix.daemonIOSchedClass", "nix.daemonProcessType"],
        category: Performance,
        severity: Info,
        needs_host: true,
        stage: OptIn,
        fixes: Always(Unsafe, Manual),
    }
}

/// The options that lower the priority, with the value that does.
fn options(system: ModuleSystem) -> &'static [(&'static str, &'static str)] {
    match system {
        ModuleSystem::Nixos => &[
            ("nix.daemonCPUSchedPolicy", "idle"),
            ("nix.daemonIOSchedClass", "idle"),
        ],
        ModuleSystem::NixDarwin => &[("nix.daemonProcessType", "Background")],
        _ => &[],
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let interactive = cx
        .host()
        .is_some_and(|host| matches!(Profile::of(host), Profile::Interactive | Profile::LowMemory));
    let Some(system) = cx.target().system().filter(|_| interactive) else {
        return;
    };
    let options = options(system);
    let unset = |(path, _): &(&str, &str)| {
        cx.option(path).is_unset() && !cx.option_may_be_set_elsewhere(path)
    };
    if options.is_empty() || !options.iter().all(unset) || cx.nix_disabled_by().is_some() {
        return;
    }
    // Other spellings of the same: the daemon's own unit, its scheduling in launchd.
    if !cx.option("nix.daemonIOLowPriority").is_unset() {
        return;
    }
    let near = ["max-jobs", "cores"]
        .iter()
        .filter_map(|name| cx.setting(name).known())
        .map(|effective| effective.definition)
        .find(|definition| definition.form == Form::Binding);
    let (Some(near), Some(host)) = (near, cx.host()) else {
        return;
    };
    let (Some(place), Some(severity)) = (near.place(), cx.eased(Severity::Info, near)) else {
        return;
    };
    let assured = cx.machine().complete;
    let changes: Vec<Change> = options
        .iter()
        .map(|(path, value)| Change::Insert {
            near: near.id,
            option: OptionPath::dotted(path),
            value: NewValue::Str((*value).to_owned()),
            comment: None,
        })
        .collect();
    let shown: Vec<String> = options
        .iter()
        .map(|(path, value)| format!("`{path}` to `{value}`"))
        .collect();
    let title = format!("set {}", shown.join(" and "));
    let mut report = out
        .report(
            place,
            "builds have the same priority as the programs that somebody works with",
        )
        .severity(severity)
        .confidence(if assured {
            Confidence::Likely
        } else {
            Confidence::Possible
        })
        .why("builds take processor and disk from whatever is used at the same time")
        .help(title.clone());
    if let Some(threads) = &host.threads {
        report = report.fact("threads", threads, threads.value.0);
    }
    report.fix(
        if assured {
            Applicability::Unsafe
        } else {
            Applicability::Manual
        },
        title,
        changes,
    );
}
