//! The host of a cache without `https://`.

use super::list_entry::entries;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Severity};
use crate::facts::{Implementation, Version};

declare_rule! {
    /// A substituter is a bare host name.
    ///
    /// ## Why it matters
    ///
    /// A substituter is the URL of a store. `cache.example.org` without `https://` is none: Nix
    /// warns that it does not know how to open the store and goes on without the cache, and from
    /// 2.34 on the word is fatal for every command.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.extra-substituters = [ "nix-community.cachix.org" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.extra-substituters = [ "https://nix-community.cachix.org" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// `daemon`, `auto`, `local` and paths are stores and not reported. The fix adds `https://`. It
    /// makes a cache count that did not, so it is not safe.
    ///
    /// ## Source
    ///
    /// Nix, `StoreReference::parse` in `src/libstore/store-reference.cc`; tried with Nix 2.8
    /// and 2.34, where the setting itself is read so.
    pub SUBSTITUTER_WITHOUT_SCHEME {
        id: "substituter-without-scheme",
        since: "0.1.0",
        applies: "every Nix; fatal from Nix 2.34 and Determinate Nix 3.19",
        settings: &["substituters", "trusted-substituters"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for name in ["substituters", "trusted-substituters"] {
        for entry in entries(&cx.items(name)) {
            if !is_bare_host(&entry.text) {
                continue;
            }
            let has_port = entry.text.contains(':');
            let url = format!("https://{}", entry.text);
            out.report(
                entry.place,
                format!("`{name}` lists `{}`, which is no URL", entry.text),
            )
            .severity(if is_fatal(cx) == Some(false) {
                Severity::Warning
            } else {
                Severity::Error
            })
            .confidence(entry.confidence())
            .why(match is_fatal(cx) {
                Some(true) => "nix cannot read the setting: every nix command fails",
                Some(false) => {
                    "nix does not know how to open such a store and does without the cache"
                }
                None => {
                    "nix does not know how to open such a store; from 2.34 on every nix command \
                     fails"
                }
            })
            .help(if has_port {
                "write the whole URL, with `https://` or, within a network of your own, `http://`"
                    .to_owned()
            } else {
                format!("write `{url}`")
            })
            .fix(
                Applicability::Unsafe,
                "put `https://` before it",
                // What answers on a port of its own may well speak plain HTTP.
                entry
                    .replace(url)
                    .filter(|_| !has_port)
                    .into_iter()
                    .collect(),
            );
        }
    }
}

/// Whether the release in use refuses the word; `None` when it is not known.
fn is_fatal(cx: &RuleCx<'_>) -> Option<bool> {
    let target = cx.target();
    let implementation = target.implementation.as_ref()?.value;
    if implementation == Implementation::Lix {
        return Some(false);
    }
    let version = target.version.as_ref().or(target.series.as_ref())?.value;
    Some(match implementation {
        Implementation::Determinate => version >= Version::new(3, 19, 0),
        _ => version >= Version::new(2, 34, 0),
    })
}

/// True for `cache.example.org` with or without a port and a query: dots, no scheme, no path.
fn is_bare_host(text: &str) -> bool {
    let host = text.split('?').next().unwrap_or(text);
    let (host, port) = match host.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (host, None),
    };
    let labels: Vec<&str> = host.split('.').collect();
    let is_label = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    labels.len() >= 2
        && labels.iter().all(is_label)
        && port
            .is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::is_bare_host;

    #[test]
    fn hosts_are_told_from_stores() {
        for host in [
            "cache.nixos.org",
            "a-b.cachix.org?priority=10",
            "10.0.0.1:5000",
        ] {
            assert!(is_bare_host(host), "{host}");
        }
        for store in [
            "https://cache.nixos.org",
            "daemon",
            "auto",
            "/nix/cache",
            "./cache",
            "cache.nixos.org/x",
            "ssh-ng://host.example",
            "host:x",
        ] {
            assert!(!is_bare_host(store), "{store}");
        }
    }
}
