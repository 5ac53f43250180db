//! `http-connections` far from what a line needs.

use super::plain_value::{found, newest_default};
use super::{EVERY_NIX, RuleCx, RuleOption, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::tune::Profile;

declare_rule! {
    /// Nix may open very few or very many connections at once.
    ///
    /// ## Why it matters
    ///
    /// `http-connections` limits the connections to all caches together; 0 means no limit, and the
    /// default is 25. With one or two, every small path waits for the one before it. Without a
    /// limit, or with several hundred, a large rebuild opens as many as there are files: routers at
    /// home run out of entries in their tables, and caches answer with "too many requests", after
    /// which Nix waits and tries again.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     http-connections = 0;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     http-connections = 50;
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// The fix takes the line out, so that the default counts; unsafe, because it may have been
    /// measured.
    ///
    /// ## When not to act
    ///
    /// On a server with a fast line to a cache of its own. With a host profile of a server high
    /// numbers are not reported. A comment that gives the reason lowers the severity.
    ///
    /// ## Source
    ///
    /// Nix manual, `http-connections` (25 in every release since 2.3, in Lix and Determinate Nix);
    /// `src/libstore/filetransfer.cc`; NixOS/nixpkgs#9453.
    pub HTTP_CONNECTIONS_EXTREME {
        id: "http-connections-extreme",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["http-connections"],
        category: Performance,
        severity: Info,
        options: &[
            RuleOption {
                name: "least-connections",
                default: 5,
                docs: "Fewer connections than this are reported.",
            },
            RuleOption {
                name: "most-connections",
                default: 128,
                docs: "More connections than this are reported.",
            },
        ],
        fixes: Sometimes(Unsafe),
    }
}

const SETTING: &str = "http-connections";

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return;
    }
    let (least, most) = (cx.limit("least-connections"), cx.limit("most-connections"));
    let Some(default) = newest_default(cx, SETTING) else {
        return;
    };
    let serves = cx
        .host()
        .is_some_and(|host| Profile::of(host) == Profile::Server);
    for found in found(cx, SETTING, |value| value.as_amount().is_some()) {
        let Some(connections) = found.value.as_amount() else {
            continue;
        };
        let unlimited = connections == 0;
        let few = !unlimited && connections < least;
        let many = (unlimited || connections > most) && !serves;
        if !few && !many {
            continue;
        }
        let severity = if few {
            Severity::Warning
        } else {
            Severity::Info
        };
        let Some(severity) = cx.eased(severity, found.definition()) else {
            continue;
        };
        let message = if unlimited {
            format!("`http-connections` `0` sets no limit; the default is {default}")
        } else {
            format!("`http-connections` `{connections}` is far from the default, {default}")
        };
        out.report(found.place, message)
            .severity(severity)
            .confidence(found.confidence)
            .why(if few {
                "it limits the connections to all caches together, so that small paths wait for \
                 each other"
            } else {
                "a large rebuild opens so many connections that routers and caches slow them down \
                 or refuse them"
            })
            .help("take the line out; up to 64 may help on a fast line")
            .fix(
                Applicability::Unsafe,
                "take `http-connections` out",
                found.removal(),
            );
    }
}
