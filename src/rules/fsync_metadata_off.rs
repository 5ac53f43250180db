//! `fsync-metadata = false`.

use super::plain_value::switched;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Applicability;

declare_rule! {
    /// The database of the store is not written through to the disk.
    ///
    /// ## Why it matters
    ///
    /// What is in `/nix/store` counts only as far as Nix's database says so. With
    /// `fsync-metadata = false` changes to it are left to the system's cache: after a power failure
    /// or a crash of the kernel the database may be damaged, and then no Nix command works until it
    /// is restored by hand. The setting gains little, because the database is small.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     fsync-metadata = false;
    ///     auto-optimise-store = false;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     auto-optimise-store = false;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Where the whole store is thrown away after a crash anyway: a container, a machine for tests
    /// with its store in memory.
    ///
    /// ## Source
    ///
    /// Nix manual, `fsync-metadata`; `src/libstore/local-store.cc` sets SQLite's `synchronous` to
    /// `off` for it, and SQLite's documentation says what that risks. True by default in every
    /// release of Nix, Lix and Determinate Nix.
    pub FSYNC_METADATA_OFF {
        id: "fsync-metadata-off",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["fsync-metadata"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    for found in switched(cx, "fsync-metadata", false) {
        out.report(
            found.place,
            "`fsync-metadata` `false` risks the database of the store",
        )
        .confidence(found.confidence)
        .why(
            "after a power failure the database may be damaged, and no Nix command works until it \
             is restored",
        )
        .help("take it out")
        .fix(
            Applicability::Unsafe,
            "take `fsync-metadata` out",
            found.removal(),
        );
    }
}
