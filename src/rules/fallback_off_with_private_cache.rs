//! A cache of one's own without `fallback`.

use super::list_entry::{Entry, entries};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{CacheUrl, Network};
use crate::diagnostic::{Applicability, Change, Confidence, NewValue};
use crate::model::Setting;

declare_rule! {
    /// Builds fail whenever a cache of one's own is out of reach.
    ///
    /// ## Why it matters
    ///
    /// A cache at home, in a VPN or on this machine is off now and then, and a laptop leaves its
    /// network. When Nix cannot reach a cache that it knows, the command fails ("unable to
    /// download"), although it could ask the next one or build. With `fallback = true` it says so
    /// and goes on.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     substituters = [ "http://nas.lan:5000" ];
    ///     fallback = false;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     substituters = [ "http://nas.lan:5000" ];
    ///     fallback = true;
    ///   };
    /// }
    /// ```
    ///
    /// The fix is unsafe: what a cache does not deliver is then built here, which can take hours.
    ///
    /// ## When not to act
    ///
    /// On a machine that is too small to build, where failing is better.
    ///
    /// ## Source
    ///
    /// Nix manual, `fallback` (false by default); `querySubstitutablePathInfos` in
    /// `src/libstore/store-api.cc` (from 2.35 `misc.cc`); NixOS/nix#6901, NixOS/nix#7188. Every
    /// version of Nix, Lix and Determinate Nix; tried with Nix 2.8 and 2.34: a cache whose
    /// `nix-cache-info` is known from before makes the build fail. Only addresses that tell that
    /// they are private are reported.
    pub FALLBACK_OFF_WITH_PRIVATE_CACHE {
        id: "fallback-off-with-private-cache",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["substituters", "fallback"],
        category: Reliability,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return; // what a user's file leaves out, the system's may say
    }
    let off = match cx.setting("fallback") {
        Setting::Unset { .. } if cx.may_be_set_elsewhere("fallback") => return,
        Setting::Unset { assured } => Off {
            set: None,
            confidence: if assured {
                Confidence::Certain
            } else {
                Confidence::Likely
            },
        },
        Setting::Known(value) if value.as_bool() == Some(false) => Off {
            set: Some(value.definition),
            confidence: cx.confidence(value.definition),
        },
        _ => return,
    };
    let all = entries(&cx.items("substituters"));
    let private = |entry: &&Entry<'_>| {
        CacheUrl::parse(&entry.text).is_some_and(|url| {
            url.scheme != "file" && url.scheme != "s3" && url.network() != Network::Public
        })
    };
    let Some(entry) = all.iter().find(private) else {
        return;
    };
    let host = CacheUrl::parse(&entry.text).map_or(String::new(), |url| url.host_name().to_owned());
    let change = match off.set {
        Some(set) => set.stands_alone().then_some(Change::Set {
            definition: set.id,
            value: NewValue::Bool(true),
        }),
        None => Some(Change::Insert {
            near: entry.definition.id,
            option: entry.definition.sibling_setting("fallback"),
            value: NewValue::Bool(true),
            comment: None,
        }),
    };
    let state = match off.set {
        Some(_) => "`fallback` is `false`",
        None => "`fallback` is not set",
    };
    out.report(
        entry.place,
        format!("{state}, so that builds fail while {host} is out of reach"),
    )
    .confidence(off.confidence.min(entry.confidence()))
    .why(
        "a cache of one's own is off or out of reach now and then, and without `fallback` Nix \
         stops there instead of building",
    )
    .help("set `fallback` to `true`")
    .label(off.set.and_then(|set| set.place()), "off here")
    .fix(
        Applicability::Unsafe,
        "set `fallback` to `true`",
        change.into_iter().collect(),
    );
}

/// That `fallback` is off.
struct Off<'a> {
    /// The definition that says so; `None` for the default.
    set: Option<&'a crate::model::Definition>,
    confidence: Confidence,
}
