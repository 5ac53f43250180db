//! `narinfo-cache-negative-ttl = 0`.

use super::plain_value::found;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, NewValue, Severity};

declare_rule! {
    /// That a cache lacks a path is forgotten at once.
    ///
    /// ## Why it matters
    ///
    /// Nix remembers for an hour that a cache does not have a path. With
    /// `narinfo-cache-negative-ttl = 0` it asks every cache again, in every command, for every path
    /// that only exists here: the whole system, each home, each shell. The wish behind it is mostly
    /// to see what was pushed a moment ago, and a minute does for that.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     narinfo-cache-negative-ttl = 0;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     narinfo-cache-negative-ttl = 60;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Where something is pushed and fetched within seconds, on a build server for instance. A
    /// comment that gives the reason silences the rule. For one command,
    /// `--option narinfo-cache-negative-ttl 0` is enough.
    ///
    /// ## Source
    ///
    /// Nix manual, `narinfo-cache-negative-ttl` (3600 in every release);
    /// `src/libstore/nar-info-disk-cache.cc`; NixOS/nix#4028.
    pub NEGATIVE_TTL_ZERO {
        id: "negative-ttl-zero",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["narinfo-cache-negative-ttl"],
        category: Performance,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

/// Short enough to see what was pushed a moment ago, long enough for one rebuild.
const SHORT_SECS: i64 = 60;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    for found in found(cx, "narinfo-cache-negative-ttl", |value| {
        value.as_amount() == Some(0)
    }) {
        if cx.eased(Severity::Info, found.definition()).is_none() {
            continue;
        }
        out.report(
            found.place,
            "`narinfo-cache-negative-ttl` `0` forgets at once what a cache lacks",
        )
        .confidence(found.confidence)
        .why(
            "every command asks every cache again for each path that only this machine builds, its \
             own system among them",
        )
        .help("give it a minute, or take the line out: the default is an hour")
        .fix(
            Applicability::Unsafe,
            format!("set `narinfo-cache-negative-ttl` to {SHORT_SECS}"),
            found.setting_to(NewValue::Int(SHORT_SECS)),
        );
    }
}
