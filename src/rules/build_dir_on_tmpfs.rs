//! Builds that work in memory.

use super::daemon_environment::work_folders;
use super::store_upkeep::spot;
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::units::Bytes;

declare_rule! {
    /// Builds work on a file system in memory that is small.
    ///
    /// ## Why it matters
    ///
    /// A source tree is unpacked and compiled in the folder in which builds work. On a `tmpfs` that
    /// takes memory from the compilers, and a large build (a browser, a kernel with its modules, LLVM)
    /// ends with "No space left on device" while the disk has plenty.
    ///
    /// It speaks with `--live` only, because whether `/tmp` is in memory shows on the machine.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # a tmpfs of 4 GiB
    ///   nix.settings.build-dir = "/scratch";
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # on the disk
    ///   nix.settings.build-dir = "/var/lib/nix-builds";
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When only small things are built here. A comment that gives a reason silences the rule.
    ///
    /// ## Source
    ///
    /// NixOS/nix#11477 and #12609: `/tmp` in memory is why Nix 2.30 has builds work below
    /// `/nix/var/nix/builds`. tmpfs(5): half of the memory by default.
    pub BUILD_DIR_ON_TMPFS {
        id: "build-dir-on-tmpfs",
        since: "0.1.0",
        applies: "Linux",
        settings: &["build-dir"],
        category: Reliability,
        severity: Warning,
        live: Only,
        options: &[RuleOption {
            name: "least-gib",
            default: 8,
            docs: "A smaller file system in memory is reported, in GiB.",
        }],
        fixes: Never,
    }
}

/// File systems whose files are in memory.
const IN_MEMORY: [&str; 2] = ["tmpfs", "ramfs"];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(observations) = cx.observations() else {
        return;
    };
    if !cx.reaches_daemon() {
        return;
    }
    let least_bytes = cx.limit("least-gib").saturating_mul(Bytes::GIB);
    for work in work_folders(cx) {
        let Some(seen) = observations.work_folders.get(&work.folder) else {
            continue;
        };
        let kind = seen.kind.as_deref().unwrap_or_default();
        let Some(size_bytes) = seen.size_bytes.filter(|bytes| *bytes < least_bytes) else {
            continue;
        };
        let place = work.place.or_else(|| spot(cx));
        let (true, Some(place), false) =
            (IN_MEMORY.contains(&kind), place, cx.reason_near(work.place))
        else {
            continue;
        };
        out.report(
            place,
            format!(
                "builds work in `{}`, a {kind} of {}",
                work.folder,
                Bytes(size_bytes)
            ),
        )
        .confidence(work.confidence)
        .why(
            "what they unpack and compile takes memory from the compilers, and a large build ends \
             with \"No space left on device\"",
        )
        .help("set `build-dir` to a folder on the disk that only root can write");
    }
}
