//! cache.nixos.org listed where the module system adds it anyway.

use super::list_entry::{entries, is_line, system_is_assumed};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::CacheUrl;
use crate::diagnostic::{Applicability, Confidence};
use crate::facts::ModuleSystem;
use crate::model::Priority;
use crate::text::Place;

declare_rule! {
    /// cache.nixos.org is listed although the module system adds it.
    ///
    /// ## Why it matters
    ///
    /// NixOS and nix-darwin put `https://cache.nixos.org/` behind whatever `nix.settings.substituters`
    /// lists. A copy of one's own is dropped when it is spelled exactly so; without the trailing
    /// slash Nix takes it for another cache and asks it again for every path that it lacks.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   environment.systemPackages = [ pkgs.git ];
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.substituters = [
    ///     "https://nix-community.cachix.org"
    ///     "https://cache.nixos.org"
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   environment.systemPackages = [ pkgs.git ];
    ///   system.defaults.dock.autohide = true;
    ///   nix.settings.substituters = [ "https://nix-community.cachix.org" ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the list is meant to stand on its own: with `lib.mkForce` the module's entry is gone,
    /// and nothing is reported. The same in home-manager, a `nix.conf`, Determinate's
    /// `customSettings` and a flake's `nixConfig`, where nothing is added. Nor is an entry with
    /// parameters (`?priority=10`), which has an effect.
    ///
    /// Without the entry cache.nixos.org moves to the end of the rendered line. That matters only
    /// among caches that announce the same priority; the fix is safe where it is last already.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` and NixOS `nixos/modules/config/nix.nix`
    /// (`mkAfter [ "https://cache.nixos.org/" ]`, NixOS 22.05 and nix-darwin of August 2022 on);
    /// Nix, `src/libstore/store-registration.cc`.
    pub DEFAULT_SUBSTITUTER_REDUNDANT {
        id: "default-substituter-redundant",
        since: "0.1.0",
        applies: "NixOS from 22.05, nix-darwin from August 2022",
        settings: &["substituters"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(system @ (ModuleSystem::NixDarwin | ModuleSystem::Nixos)) = cx.target().system()
    else {
        return;
    };
    let items = cx.items("substituters");
    let stands_alone = items.definitions.iter().any(|definition| {
        definition.priority < Priority::NORMAL
            || is_line(definition)
                && definition
                    .setting
                    .as_deref()
                    .is_some_and(|key| !key.starts_with("extra-"))
    });
    if stands_alone {
        return;
    }
    let all = entries(&items);
    let mut remaining = all.iter().peekable();
    while let Some(entry) = remaining.next() {
        let Some(url) = CacheUrl::parse(&entry.text) else {
            continue;
        };
        if !url.is_default_cache()
            || url.scheme != "https"
            || !url.query.is_empty()
            || entry
                .definition
                .option
                .names()
                .first()
                .is_none_or(|name| &**name != "nix")
        {
            continue;
        }
        if declares_the_option(cx, entry.place) {
            continue;
        }
        let exact = &*entry.text == "https://cache.nixos.org/";
        let last = remaining
            .peek()
            .is_none_or(|next| next.definition.id != entry.definition.id);
        let confidence = if cx.machine().complete {
            entry.confidence()
        } else {
            entry.confidence().min(Confidence::Likely)
        };
        out.report(
            entry.place,
            format!(
                "`substituters` lists {}, which {system} adds itself",
                entry.text
            ),
        )
        .why(if exact {
            "the module puts it behind the listed caches; nix drops the repetition"
        } else {
            "the module adds it with a trailing slash, and Nix takes the two spellings for two \
             caches: each path that is not there is asked for twice"
        })
        .help("drop it from the list")
        .confidence(confidence)
        .fix(
            if last && entry.is_in_place() && !system_is_assumed(cx) {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            },
            format!("drop {}", entry.text),
            entry.remove().into_iter().collect(),
        );
    }
}

/// True for the module that declares the option, and therefore has to add the default.
fn declares_the_option(cx: &RuleCx<'_>, place: Place) -> bool {
    cx.workspace().file(place.file).is_some_and(|file| {
        let text = file.text();
        text.contains("substituters = mkOption") || text.contains("substituters = lib.mkOption")
    })
}
