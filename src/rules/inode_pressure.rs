//! A file system that can hold few more files.

use super::store_upkeep::spot;
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};

declare_rule! {
    /// The file system of the store can hold few more files.
    ///
    /// ## Why it matters
    ///
    /// ext4 has a fixed number of inodes, made with the file system, and a store has very many small
    /// files. When the inodes are used up, builds fail with "No space left on device" while gigabytes
    /// are free, and `min-free`, which counts bytes, starts no collection.
    ///
    /// It speaks with `--live` only. btrfs, ZFS and APFS make inodes as they need them and are not
    /// reported.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # 92 % of the inodes are used
    ///   nix.settings.min-free = 5368709120;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # 40 % of the inodes are used
    ///   nix.settings.min-free = 5368709120;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the file system is about to be made anew, with more inodes or of another kind.
    ///
    /// ## Source
    ///
    /// statvfs(3) (`f_files`, `f_favail`); mke2fs(8), `-i`: the number cannot be changed later.
    /// NixOS/nix#5508. Links between equal files share an inode (`nix store optimise`).
    pub INODE_PRESSURE {
        id: "inode-pressure",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "auto-optimise-store"],
        category: Reliability,
        severity: Warning,
        live: Only,
        options: &[RuleOption {
            name: "most-percent",
            default: 85,
            docs: "More used inodes than this are reported, in percent.",
        }],
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let store = cx.observations().and_then(|seen| seen.store.as_ref());
    let Some((all, free)) = store.and_then(|store| store.inodes.zip(store.free_inodes)) else {
        return;
    };
    if all == 0 || !cx.reaches_daemon() {
        return;
    }
    let used_percent = all.saturating_sub(free).saturating_mul(100) / all;
    if used_percent <= cx.limit("most-percent") {
        return;
    }
    let Some(place) = spot(cx) else { return };
    out.report(
        place,
        format!("{used_percent} % of the inodes of the store's file system are used: {free} are left"),
    )
    .why(
        "without an inode no file can be made, however many bytes are free, and `min-free` counts \
         bytes only",
    )
    .help(
        "collect garbage, and link equal files with `nix store optimise`: they share an inode then; \
         the number of inodes of an ext4 file system cannot be raised",
    );
}
