//! A package of Nix that nixpkgs no longer has.

use super::list_entry::value_place;
use super::nix_package::named;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Confidence, Severity};
use crate::facts::Fact;
use crate::model::Condition;

declare_rule! {
    /// `nix.package` names a package that nixpkgs has removed or renamed.
    ///
    /// ## Why it matters
    ///
    /// nixpkgs drops old releases of Nix and the names that pointed to them. Evaluating such a name
    /// fails; a renamed one warns until it goes.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixUnstable;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.latest;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// On a nixpkgs that still has it: each diagnostic names the release that dropped it. There is
    /// no fix, because another release of Nix is a choice.
    ///
    /// ## Source
    ///
    /// nixpkgs, `pkgs/top-level/aliases.nix`, `pkgs/tools/package-management/nix/default.nix` and
    /// `…/lix/default.nix`; the changes that removed a name, where they are known; the date of the
    /// data is part of each diagnostic.
    pub DEPRECATED_PACKAGE_ATTR {
        id: "deprecated-package-attr",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager",
        settings: &["nix.package"],
        category: Deprecated,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for (definition, attr) in named(cx) {
        let (Some(old), Some(place)) = (cx.catalog().package_attr(&attr), value_place(definition))
        else {
            continue;
        };
        // A condition may be the one on the release.
        if definition.condition != Condition::Always {
            continue;
        }
        let (message, severity, release) = match (old.gone_in, old.renamed_in) {
            (Some(gone), _) => (
                format!("`pkgs.{attr}` is gone from nixpkgs since {gone}"),
                Severity::Warning,
                gone,
            ),
            (None, Some(renamed)) => (
                format!("`pkgs.{attr}` goes by another name since nixpkgs {renamed}"),
                Severity::Info,
                renamed,
            ),
            (None, None) => continue,
        };
        let source = format!("{}, as of {}", old.source, cx.catalog().releases_as_of());
        out.report(place, message)
            .severity(severity)
            .confidence(cx.confidence(definition).min(Confidence::Likely))
            .applies(format!("nixpkgs {release} and later"))
            .why(if old.gone_in.is_some() {
                "evaluating it fails"
            } else {
                "it warns at every evaluation until it is removed"
            })
            .help(format!("use `pkgs.{}`", old.r#use))
            .fact("nixpkgs release", &Fact::declared((), source), release);
    }
}
