//! A list of caches without cache.nixos.org where nothing adds it.

use super::list_entry::{entries, is_written, system_is_assumed, value_place};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{CacheUrl, Spelling};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::eval::Value;
use crate::facts::ModuleSystem;
use crate::model::{Definition, OptionPath, Priority};

declare_rule! {
    /// `substituters` leaves out cache.nixos.org where nothing adds it.
    ///
    /// ## Why it matters
    ///
    /// The plain key replaces the default, which is `https://cache.nixos.org/`. NixOS and nix-darwin
    /// add it to `nix.settings.substituters`; home-manager, Determinate's `customSettings` and a
    /// `nix.conf` do not. With the caches of some projects alone, all of nixpkgs is built from
    /// source.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org" ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   home.stateVersion = "26.05";
    ///   nix.settings.extra-substituters = [ "https://nix-community.cachix.org" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When one of the caches is a mirror of cache.nixos.org. Only caches that are known to be none,
    /// and those of cachix.org, are reported; with another one in the list nothing is said, nor
    /// about a list under `mkForce`. The fix adds a cache and needs `--unsafe`.
    ///
    /// ## Source
    ///
    /// Nix, default of `substituters` and `src/libutil/configuration.cc`; home-manager
    /// `modules/misc/nix/default.nix` has no defaults; catppuccin/nix#739.
    pub HM_SUBSTITUTERS_DROP_DEFAULT {
        id: "hm-substituters-drop-default",
        since: "0.1.0",
        applies: "home-manager, Determinate's customSettings, nix.conf",
        settings: &["substituters"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let adds_none = match cx.target().system() {
        Some(ModuleSystem::HomeManager | ModuleSystem::NixConf) => true,
        // Its own file; what stands under `nix` is not written then.
        Some(ModuleSystem::NixDarwin) => cx.nix_disabled_by().is_some(),
        _ => false,
    };
    if !adds_none || system_is_assumed(cx) || cx.may_be_set_elsewhere("substituters") {
        return;
    }
    let items = cx.items("substituters");
    let plain: Vec<&Definition> = items
        .definitions
        .iter()
        .copied()
        .filter(|definition| is_plain(cx, definition))
        .collect();
    // The linux-builder of Determinate's module adds the default itself.
    let builder = cx
        .option("determinateNix.nixosVmBasedLinuxBuilder.enable")
        .is_unset();
    let (Some(first), true) = (plain.first(), builder) else {
        return;
    };
    let forced = plain
        .iter()
        .any(|definition| definition.priority < Priority::NORMAL);
    let caches = entries(&items);
    let all_known = items
        .definitions
        .iter()
        .all(|definition| match &definition.value.value {
            Value::List(items) => items.iter().all(|item| item.value.as_str().is_some()),
            value => value.as_str().is_some(),
        })
        && !caches.is_empty();
    let other = caches.iter().all(|entry| is_other_cache(cx, &entry.text));
    let included = cx.rendered().includes.len();
    if forced || !all_known || !other || included > 0 {
        return;
    }
    let Some(place) = value_place(first) else {
        return;
    };
    let severity = match cx.eased(Severity::Warning, first) {
        Some(severity) => severity,
        None => return,
    };
    let confidence = if cx.machine().complete {
        cx.confidence(first)
    } else {
        cx.confidence(first).min(Confidence::Likely)
    };
    out.report(
        place,
        "`substituters` leaves out cache.nixos.org, which nothing adds here",
    )
    .severity(severity)
    .why("the plain key replaces the default, so that all of nixpkgs is built from source")
    .help("write `extra-substituters`, or list https://cache.nixos.org, too")
    .confidence(confidence)
    .fix(
        Applicability::Unsafe,
        "rename it to `extra-substituters`",
        appended(cx, &plain),
    );
}

fn is_plain(cx: &RuleCx<'_>, definition: &Definition) -> bool {
    definition
        .setting
        .as_deref()
        .and_then(|key| cx.catalog().resolve_for(key, cx.target()))
        .is_some_and(|resolved| resolved.spelling != Spelling::Append)
}

/// True for a cache of which it is known that it is no copy of cache.nixos.org.
fn is_other_cache(cx: &RuleCx<'_>, text: &str) -> bool {
    let Some(url) = CacheUrl::parse(text) else {
        return false;
    };
    if url.is_default_cache() {
        return false;
    }
    if let Some(cache) = cx.catalog().cache(text) {
        // Mirrors have no key of their own.
        return cache
            .public_keys
            .iter()
            .any(|key| !key.starts_with("cache.nixos.org-"));
    }
    url.host.ends_with(".cachix.org")
}

/// All plain definitions under the appending key; nothing when one cannot be renamed, or when the
/// appending key is given as well.
fn appended(cx: &RuleCx<'_>, plain: &[&Definition]) -> Vec<Change> {
    let fits = plain.iter().all(|definition| {
        is_written(definition)
            && definition.setting.as_deref() == Some("substituters")
            && definition.option.leaf() == "substituters"
            && cx
                .workspace()
                .machines_of(definition.id)
                .all(|machine| machine.target.system() == cx.target().system())
    });
    if !fits || cx.definitions("substituters").len() > plain.len() {
        return Vec::new();
    }
    plain
        .iter()
        .map(|definition| Change::Rename {
            definition: definition.id,
            to: match definition.option.names() {
                [_] => OptionPath::new(["extra-substituters"]),
                _ => definition.option.parent().join("extra-substituters"),
            },
        })
        .collect()
}
