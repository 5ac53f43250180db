//! A `nixConfig` among a flake's outputs.

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::facts::ModuleSystem;
use crate::model::{Definition, OptionPath};

declare_rule! {
    /// `nixConfig` stands in the outputs of a flake.
    ///
    /// ## Why it matters
    ///
    /// Nix reads `nixConfig` beside `inputs` and `outputs`, before it evaluates any of them. In the
    /// set that `outputs` returns it is an output like any other: nothing is set, and nobody is
    /// asked.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   outputs = _: {
    ///     nixConfig.extra-substituters = [ "https://nix-community.cachix.org" ];
    ///     packages = { };
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nixConfig.extra-substituters = [ "https://nix-community.cachix.org" ];
    ///   outputs = _: {
    ///     packages = { };
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When it is an output on purpose, for another flake to read. A flake that has a `nixConfig` at
    /// the top as well is not reported. A value that is moved up must be written out: nothing is
    /// evaluated there.
    ///
    /// ## Source
    ///
    /// Nix `src/libflake/flake.cc` (2.4 to 2.23 `src/libexpr/flake/flake.cc`), `getFlake` and
    /// `readFlake`; tried with 2.8 and 2.34.
    pub FLAKE_NIXCONFIG_NOT_TOPLEVEL {
        id: "flake-nixconfig-not-toplevel",
        since: "0.1.0",
        applies: "flakes, from Nix 2.4",
        settings: &["nixConfig"],
        category: Correctness,
        severity: Warning,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::FlakeConfig) {
        return;
    }
    let misplaced = OptionPath::dotted("outputs.nixConfig");
    let flake = cx.machine().files.first();
    let first = cx
        .all_definitions()
        .filter(|definition| definition.option.starts_with(&misplaced))
        .filter_map(Definition::place)
        // What another file makes is hardly meant for this one.
        .filter(|place| flake == Some(&place.file))
        .min();
    let Some(place) = first else { return };
    out.report(place, "`nixConfig` is an output here, and sets nothing")
        .why("nix reads it beside `inputs` and `outputs` only")
        .help("move it out of `outputs`, with its values written out")
        .confidence(Confidence::Likely);
}
