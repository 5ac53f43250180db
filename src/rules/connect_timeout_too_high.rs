//! `connect-timeout` of minutes, or without end.

use super::connect_timeout::{mending, timeouts};
use super::{RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};

declare_rule! {
    /// Nix waits for minutes for a cache that does not answer.
    ///
    /// ## Why it matters
    ///
    /// A cache that is switched off, behind a VPN that is down or in another network often does not
    /// refuse the connection, it just stays silent. Every command then stands still for
    /// `connect-timeout` seconds, several times. 0 sets no limit of Nix's own: the library that
    /// downloads gives up after five minutes.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     connect-timeout = 300;
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
    /// Behind a satellite line or a proxy that is that slow. A comment that gives the reason silences
    /// the rule.
    ///
    /// ## Source
    ///
    /// Nix manual, `connect-timeout`; `src/libstore/filetransfer.cc` hands it to libcurl, whose
    /// `CURLOPT_CONNECTTIMEOUT` reads 0 as 300 seconds; NixOS/nix#93. The default was 0 up to Nix
    /// 2.28 and is 15 now. Not reported for Lix, which waits by two settings of its own.
    pub CONNECT_TIMEOUT_TOO_HIGH {
        id: "connect-timeout-too-high",
        since: "0.1.0",
        applies: "Nix, Determinate Nix",
        settings: &["connect-timeout"],
        category: Performance,
        severity: Info,
        options: &[RuleOption {
            name: "most-secs",
            default: 60,
            docs: "More seconds than this are reported.",
        }],
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let most = cx.limit("most-secs");
    for (found, secs) in timeouts(cx) {
        if secs != 0 && secs <= most || cx.eased(Severity::Info, found.definition()).is_none() {
            continue;
        }
        let message = if secs == 0 {
            "`connect-timeout` `0` sets no limit: five minutes pass for each try".to_owned()
        } else {
            format!("`connect-timeout` `{secs}` waits {secs} seconds for each try")
        };
        let report = out
            .report(found.place, message)
            .confidence(found.confidence)
            .why(
                "a cache that is off or out of reach stays silent, and every command stands still \
                 as long",
            )
            .help("leave the default of recent releases, 15 seconds");
        if let Some((title, changes)) = mending(cx, &found) {
            report.fix(Applicability::Unsafe, title, changes);
        }
    }
}
