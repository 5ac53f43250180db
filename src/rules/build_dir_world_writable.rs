//! `build-dir` where anybody may write.

use super::daemon_environment::{OwnBuildDir, own_build_dir, world_writable};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::{Implementation, ModuleSystem, Os};

declare_rule! {
    /// Builds are to run in a folder that everybody may write into, which Nix refuses.
    ///
    /// ## Why it matters
    ///
    /// Since 2.30 Nix looks at `build-dir` and all folders above it before each build, and ends
    /// with an error when one of them is writable for all or is a symbolic link: an account of
    /// the machine could reach into a build there. `/tmp`, `/var/tmp` and `/dev/shm` are such folders
    /// on every Linux, so with `build-dir` in one of them nothing can be built at all.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.build-dir = "/tmp/nix-builds";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.build-dir = "/scratch/nix-builds";
    /// }
    /// ```
    ///
    /// The fix takes the line out, so that builds run in `/nix/var/nix/builds`. It is unsafe,
    /// because another disk may have been meant. To build in memory, mount a `tmpfs` of its own
    /// with mode 0755.
    ///
    /// ## When not to act
    ///
    /// Always act, unless builds do not run as users of their own (`build-users-group` empty).
    ///
    /// ## Source
    ///
    /// Nix `src/libstore/unix/build`, `checkNotWorldWritable`; tried with Nix 2.34 and a folder
    /// below `/tmp`. The message: NixOS/nix#13701. Nix 2.22 to 2.29 have no such check.
    pub BUILD_DIR_WORLD_WRITABLE {
        id: "build-dir-world-writable",
        since: "0.1.0",
        applies: "Nix since 2.30, on Linux",
        settings: &["build-dir"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe, Manual),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let lix = cx
        .target()
        .implementation
        .as_ref()
        .is_some_and(|fact| fact.value == Implementation::Lix);
    // Whether Lix looks, and what macOS makes of its links, is not known.
    if lix || cx.os() != Some(Os::Linux) || !cx.reaches_daemon() {
        return;
    }
    let Some(own) = own_build_dir(cx) else {
        return;
    };
    // Then builds have no users of their own, and nothing is looked at.
    if !cx.setting("build-users-group").is_unset() || !cx.option("nix.daemonUser").is_unset() {
        return;
    }
    let Some(effective) = cx.setting("build-dir").known() else {
        return;
    };
    let Some(text) = effective.as_text() else {
        return;
    };
    let (Some(folder), Some(place)) = (world_writable(&text), effective.definition.place()) else {
        return;
    };
    let definition = effective.definition;
    // A `nix.conf` may be for an installation of a single user, who builds as himself.
    let as_root = cx.target().system() == Some(ModuleSystem::Nixos);
    let sure = own == OwnBuildDir::Surely && as_root;
    let mut report = out
        .report(
            place,
            if *text == *folder {
                format!("`build-dir` is `{folder}`, which everybody may write into")
            } else {
                format!("`build-dir` `{text}` is in `{folder}`, which everybody may write into")
            },
        )
        .severity(if sure {
            Severity::Error
        } else {
            Severity::Warning
        })
        .confidence(if sure {
            cx.confidence_in(&effective)
        } else if own == OwnBuildDir::Surely {
            Confidence::Likely
        } else {
            Confidence::Possible
        })
        .why("since 2.30 Nix refuses to build in such a folder, so that every build fails")
        .help("take it out, or name a folder that only root can write");
    if let Some(fact) = &cx.target().version {
        report = report.fact("version", fact, fact.value);
    }
    if definition.stands_alone() {
        report.fix(
            if sure {
                Applicability::Unsafe
            } else {
                Applicability::Manual
            },
            "take `build-dir` out",
            vec![Change::Remove {
                definition: definition.id,
            }],
        );
    }
}
