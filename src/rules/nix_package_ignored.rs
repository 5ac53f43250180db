//! A Nix package that nobody installs.

use super::conflict::belong_together;
use super::list_entry::{fits_every_machine, is_written};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::facts::ModuleSystem;

declare_rule! {
    /// `nix.package` is set, but Nix is not managed.
    ///
    /// ## Why it matters
    ///
    /// With `nix.enable = false`, as Determinate Nix demands, nix-darwin neither installs
    /// `nix.package` nor starts its daemon. The version that the file names is not the one that
    /// runs: an update for the sake of a security fix changes nothing.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   # Determinate Nix manages the daemon
    ///   nix.enable = false;
    ///   nix.package = pkgs.nixVersions.latest;
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # Determinate Nix manages the daemon
    ///   nix.enable = false;
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When something else reads `config.nix.package`: it has no default while `nix.enable` is off.
    /// Such a configuration is not reported where the words stand in one of its files; modules of
    /// inputs may read it as well, and therefore the fix needs `--unsafe`.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` (from February 2025): `managedDefault`, and all uses
    /// of the package behind `nix.enable`.
    pub NIX_PACKAGE_IGNORED {
        id: "nix-package-ignored",
        since: "0.1.0",
        applies: "nix-darwin from February 2025",
        settings: &["nix.package", "nix.enable"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(disabled_by) = cx.nix_disabled_by() else {
        return;
    };
    if cx.target().system() != Some(ModuleSystem::NixDarwin) || is_read(cx) {
        return;
    }
    for definition in cx.option_definitions("nix.package") {
        let Some(place) = definition.place() else {
            continue;
        };
        let is_ignored_everywhere = fits_every_machine(cx, definition, |machine| {
            cx.workspace().view(machine).nix_disabled_by().is_some()
        });
        if !is_ignored_everywhere || !belong_together(cx, &[definition, disabled_by]) {
            continue;
        }
        let changes = if is_written(definition) {
            vec![Change::Remove {
                definition: definition.id,
            }]
        } else {
            Vec::new()
        };
        out.report(
            place,
            "`nix.package` is not used, because Nix is not managed",
        )
        .why("nix-darwin installs no Nix and starts no daemon while `nix.enable` is off")
        .help("take it out; the version is that of whoever manages Nix")
        .label(disabled_by.place(), "nix is not managed because of this")
        .confidence(cx.confidence(definition))
        .fix(Applicability::Unsafe, "take `nix.package` out", changes);
    }
}

/// True when a file of the machine reads the package for something else.
fn is_read(cx: &RuleCx<'_>) -> bool {
    const READING: [&str; 3] = ["config.nix.package", "cfg.package", "nix) package"];
    cx.machine()
        .files
        .iter()
        .filter_map(|id| cx.workspace().file(*id))
        .any(|file| READING.iter().any(|words| file.text().contains(words)))
}
