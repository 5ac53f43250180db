//! Caches of a flake's `nixConfig` that its systems trust in another spelling.

use super::list_entry::{Entry, entries};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::CacheUrl;
use crate::diagnostic::Applicability;
use crate::facts::ModuleSystem;
use crate::model::{Machine, Origin};

declare_rule! {
    /// A cache of the flake is trusted by its systems under another spelling only.
    ///
    /// ## Why it matters
    ///
    /// What a flake's `nixConfig` asks for counts only if the system lists the same cache in
    /// `substituters` or `trusted-substituters`, and the daemon compares the text. With another
    /// scheme, a parameter or a trailing slash more it is another cache: "ignoring untrusted
    /// substituter", and everything is built.
    ///
    /// Reported where a flake builds systems itself, their lists are known as a whole, nobody but root
    /// is trusted, and all of them differ from its `nixConfig`. A slash that only the system has is no
    /// difference.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    ///   nixConfig.extra-substituters = [ "https://cache.acme.example/" ];
    ///   outputs =
    ///     { nixpkgs, ... }:
    ///     {
    ///       nixosConfigurations.box = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [ { nix.settings.substituters = [ "https://cache.acme.example" ]; } ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    ///   nixConfig.extra-substituters = [ "https://cache.acme.example" ];
    ///   outputs =
    ///     { nixpkgs, ... }:
    ///     {
    ///       nixosConfigurations.box = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [ { nix.settings.substituters = [ "https://cache.acme.example" ]; } ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// The fix takes over the system's spelling. It is unsafe, because the cache is then used.
    ///
    /// ## When not to act
    ///
    /// When other machines, with other lists, use the same flake.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/daemon.cc` (`setSubstituters`): texts up to 2.33, store references with
    /// their parameters from 2.34 on. Lix and Determinate Nix do the same.
    pub TRUSTED_SUBSTITUTER_MISMATCH {
        id: "trusted-substituter-mismatch",
        since: "0.1.0",
        applies: "flakes",
        settings: &["substituters", "trusted-substituters"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let systems = systems_of(cx);
    if systems.is_empty() {
        return;
    }
    let mut trusted: Vec<Vec<String>> = Vec::new();
    for system in systems {
        match trusted_caches(cx, system) {
            Some(caches) => trusted.push(caches),
            None => return,
        }
    }
    for entry in entries(&cx.items("substituters")) {
        let spellings: Vec<&str> = trusted
            .iter()
            .filter_map(|caches| other_spelling(&entry.text, caches))
            .collect();
        let [spelling, others @ ..] = spellings.as_slice() else {
            continue;
        };
        if spellings.len() < trusted.len() {
            continue;
        }
        let one = others.iter().all(|other| other == spelling);
        out.report(
            entry.place,
            format!(
                "`substituters` lists {}, which the system trusts as {spelling} only",
                entry.text
            ),
        )
        .confidence(entry.confidence())
        .why(
            "the daemon compares the text, so that for users whom it does not trust this cache is \
             ignored and everything is built",
        )
        .help("write it as the system does")
        .fix(
            Applicability::Unsafe,
            format!("write it as {spelling}"),
            entry
                .replace(*spelling)
                .filter(|_| one)
                .into_iter()
                .collect(),
        );
    }
}

/// The systems that a flake builds itself, whose daemons decide about its `nixConfig`.
fn systems_of<'a>(cx: &RuleCx<'a>) -> Vec<&'a Machine> {
    let Origin::FlakeConfig(own) = &cx.machine().origin else {
        return Vec::new();
    };
    let machines = cx.workspace().machines().iter();
    machines
        .filter(|other| {
            matches!(&other.origin, Origin::Flake { flake, user: None, .. } if flake == own)
        })
        // A home of its own is on a machine that is not known.
        .filter(|other| other.target.system() != Some(ModuleSystem::HomeManager))
        .collect()
}

/// The caches that anyone may use there; `None` when they are not known as a whole, or when the
/// daemon trusts somebody and takes any cache from them.
fn trusted_caches(cx: &RuleCx<'_>, system: &Machine) -> Option<Vec<String>> {
    let view = cx.workspace().view(system).reaching_nix();
    if view.nix_disabled_by().is_some() {
        return None;
    }
    let users = view.items(cx.catalog(), "trusted-users");
    let only_root = |entry: &Entry<'_>| &*entry.text == "root";
    if !users.complete || !entries(&users).iter().all(only_root) {
        return None;
    }
    let mut caches = vec!["https://cache.nixos.org/".to_owned()];
    for setting in ["substituters", "trusted-substituters"] {
        let items = view.items(cx.catalog(), setting);
        if !items.complete {
            return None;
        }
        caches.extend(entries(&items).iter().map(|entry| entry.text.to_string()));
    }
    Some(caches)
}

/// How `caches` spell the same cache, when none of them is spelled as the daemon wants it.
fn other_spelling<'c>(text: &str, caches: &'c [String]) -> Option<&'c str> {
    let slashed = format!("{text}/");
    let accepted = caches
        .iter()
        .any(|cache| cache == text || !text.ends_with('/') && *cache == slashed);
    if accepted {
        return None;
    }
    let wanted = CacheUrl::parse(text)?;
    caches.iter().map(String::as_str).find(|cache| {
        CacheUrl::parse(cache).is_some_and(|cache| {
            cache.is_http()
                && wanted.is_http()
                && (&cache.host, &cache.path) == (&wanted.host, &wanted.path)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_compared_as_the_daemon_does() {
        let caches = ["https://cache.nixos.org/", "https://a.example?priority=10"]
            .map(str::to_owned)
            .to_vec();
        for accepted in [
            "https://cache.nixos.org/",
            "https://cache.nixos.org",
            "https://a.example?priority=10",
            "https://b.example",
        ] {
            assert_eq!(other_spelling(accepted, &caches), None, "{accepted}");
        }
        for (text, spelling) in [
            ("http://cache.nixos.org", "https://cache.nixos.org/"),
            ("https://a.example", "https://a.example?priority=10"),
            (
                "https://A.example?priority=10",
                "https://a.example?priority=10",
            ),
        ] {
            assert_eq!(other_spelling(text, &caches), Some(spelling), "{text}");
        }
    }
}
