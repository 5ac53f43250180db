//! `connect-timeout` of a few seconds.

use super::connect_timeout::{mending, own_default, timeouts};
use super::plain_value::switched;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// A cache that does not answer within a few seconds counts as gone.
    ///
    /// ## Why it matters
    ///
    /// Looking up the name, connecting and the handshake of TLS all have to be done within
    /// `connect-timeout`. On a mobile line, a VPN, or with an IPv6 way that leads nowhere this
    /// takes more than four seconds now and then. Nix then tries again and fails; with `fallback`
    /// it gives the cache up for a minute and builds what it could have fetched.
    ///
    /// 5 seconds were the default of a few releases, and turned out to be too short; it is 15 now.
    /// Where 15 is the default, 5 to 14 are worth a word unless `fallback` is on as well.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     connect-timeout = 2;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     connect-timeout = 15;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// On a machine whose only slow cache is one in its own network that is often off. A comment that
    /// gives the reason lowers the severity.
    ///
    /// ## Source
    ///
    /// NixOS/nix#13985; `maybeDisable` in `src/libstore/http-binary-cache-store.cc`;
    /// `src/libstore/include/nix/store/filetransfer.hh` of the releases: 0 up to 2.28, 5 in 2.29 to
    /// 2.31.1, 15 from 2.30.4, 2.31.2 and 2.32 on; Determinate Nix from 3.11.3 on. Not reported for
    /// Lix, which waits by two settings of its own.
    pub CONNECT_TIMEOUT_TOO_LOW {
        id: "connect-timeout-too-low",
        since: "0.1.0",
        applies: "Nix, Determinate Nix",
        settings: &["connect-timeout"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// Below this many seconds a slow line alone is enough.
const SHORT_SECS: u64 = 5;

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for (found, secs) in timeouts(cx) {
        let default = own_default(cx);
        let severity = match default {
            _ if secs == 0 => continue,
            _ if secs < SHORT_SECS => Severity::Warning,
            Some(default) if secs < default && switched(cx, "fallback", true).is_empty() => {
                Severity::Info
            }
            _ => continue,
        };
        let Some(severity) = cx.eased(severity, found.definition()) else {
            continue;
        };
        let mut report = out
            .report(
                found.place,
                match default {
                    Some(default) => format!(
                        "`connect-timeout` `{secs}` is shorter than the default of {default} seconds"
                    ),
                    None => format!("`connect-timeout` `{secs}` gives a cache {secs} s to answer"),
                },
            )
            .severity(severity)
            .confidence(found.confidence)
            .why(
                "a slow lookup or handshake takes longer now and then, and the cache is then given up",
            )
            .help("leave the default of recent releases, 15 seconds");
        if let Some(fact) = &cx.target().version
            && default.is_some()
        {
            report = report.fact("version", fact, fact.value);
        }
        if let Some((title, changes)) = mending(cx, &found) {
            report.fix(Applicability::Unsafe, title, changes);
        }
    }
}
