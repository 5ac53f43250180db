//! `TMPDIR` for the daemon, which no longer decides where builds run.

use super::daemon_environment::{OwnBuildDir, own_build_dir, temp_dirs, world_writable};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue, Severity};
use crate::facts::Os;
use crate::model::OptionPath;

declare_rule! {
    /// The daemon's `TMPDIR` does not decide where builds run.
    ///
    /// ## Why it matters
    ///
    /// Until Nix 2.29 the daemon built below its `TMPDIR`, and a roomy folder there was the cure
    /// for a small `/tmp`. Since 2.30 it builds in `/nix/var/nix/builds`, or where `build-dir`
    /// says. The old line reads as if it still did its work, while the builds fill the disk that
    /// it was meant to spare.
    ///
    /// Silent where `build-dir` is set. Where the release is not known it is only worth a word.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   systemd.services.nix-daemon.environment.TMPDIR = "/scratch/nix";
    ///   nix.settings.build-dir = "/scratch/nix";
    /// }
    /// ```
    ///
    /// The fix sets `build-dir` to the same folder and leaves the variable, which other programs
    /// of the daemon read. It is unsafe: the folder must belong to root, and neither it nor a folder
    /// above it may be writable for all. For `/tmp` and its like there is no fix, because Nix
    /// refuses to build there.
    ///
    /// ## When not to act
    ///
    /// When the variable is meant for something else than builds.
    ///
    /// ## Source
    ///
    /// Nix release notes 2.30, "`build-dir` no longer defaults to `$TMPDIR`". Lix since 2.91.2,
    /// 2.92.2 and 2.93.1. A disk that filled because of it: olafkfreund/nixos_config#1643.
    pub TMPDIR_INERT {
        id: "tmpdir-inert",
        since: "0.1.0",
        applies: "Nix since 2.30, Lix since 2.93.1",
        settings: &["build-dir", "nix.envVars", "services.nix-daemon.tempDir"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(own) = own_build_dir(cx) else {
        return;
    };
    let temps = temp_dirs(cx);
    let silent = temps.is_empty()
        || !cx.setting("build-dir").is_unset()
        || cx.may_be_set_elsewhere("build-dir")
        || cx.nix_disabled_by().is_some();
    if silent {
        return;
    }
    let assured = cx.setting("build-dir").is_certainly_unset();
    for temp in temps {
        let definition = temp.definition;
        let Some(place) = definition.place() else {
            continue;
        };
        let sure = match own {
            OwnBuildDir::Surely if assured => temp.confidence,
            OwnBuildDir::Surely => temp.confidence.min(Confidence::Likely),
            OwnBuildDir::Perhaps => Confidence::Possible,
        };
        let mut report = out
            .report(
                place,
                format!(
                    "`TMPDIR` `{}` in `{}` does not decide where builds run",
                    temp.folder, temp.option
                ),
            )
            .severity(if own == OwnBuildDir::Surely {
                Severity::Warning
            } else {
                Severity::Info
            })
            .confidence(sure)
            .why("since Nix 2.30, and Lix 2.93.1, the daemon builds in a folder of its own below `/nix/var/nix`, \
                 unless `build-dir` names another");
        if let Some(fact) = &cx.target().version {
            report = report.fact("version", fact, fact.value);
        }
        if world_writable(&temp.folder).is_some() {
            report.help("set `build-dir` to a folder that only root can write");
            continue;
        }
        let title = format!("set `build-dir` to `{}`", temp.folder);
        report.help(title.clone()).fix(
            // What the folder is like, no file says.
            if own == OwnBuildDir::Surely && cx.os() == Some(Os::Linux) {
                Applicability::Unsafe
            } else {
                Applicability::Manual
            },
            title,
            vec![Change::Insert {
                near: definition.id,
                option: OptionPath::dotted("nix.settings.build-dir"),
                value: NewValue::Str(temp.folder),
                comment: None,
            }],
        );
    }
}
