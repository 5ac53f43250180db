//! `keep-outputs = true` with `keep-derivations = false`.

use super::{EVERY_NIX, RuleCx, Sink, declare_rule};

declare_rule! {
    /// Outputs are to be kept, but not the derivations that lead to them.
    ///
    /// ## Why it matters
    ///
    /// `keep-outputs` keeps the outputs of derivations that are in use. What makes a derivation
    /// "in use" for everything that is installed is `keep-derivations`, true by default. Without
    /// it, only derivations that are roots themselves count, and `keep-outputs` has next to no
    /// effect: what was built for a package is deleted as if the setting were off.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     keep-outputs = true;
    ///     keep-derivations = false;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     keep-outputs = false;
    ///     keep-derivations = false;
    ///   };
    /// }
    /// ```
    ///
    /// There is no fix: one of the two is not what was meant, and which one only the author
    /// knows.
    ///
    /// ## When not to act
    ///
    /// When you keep roots of derivations yourself, with `nix-instantiate --add-root`.
    ///
    /// ## Source
    ///
    /// Nix manual, `keep-outputs` and `keep-derivations`; `src/libstore/gc.cc`. Every version of
    /// Nix, Lix and Determinate Nix.
    pub KEEP_OUTPUTS_WITHOUT_DERIVATIONS {
        id: "keep-outputs-without-derivations",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["keep-outputs", "keep-derivations"],
        category: Reliability,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if !cx.reaches_daemon() {
        return; // an untrusted user's file cannot set them
    }
    let (Some(outputs), Some(derivations)) = (
        cx.setting("keep-outputs").known(),
        cx.setting("keep-derivations").known(),
    ) else {
        return;
    };
    let contradict = outputs.as_bool() == Some(true) && derivations.as_bool() == Some(false);
    let Some(place) = outputs.definition.place().filter(|_| contradict) else {
        return;
    };
    let explained = [outputs, derivations]
        .iter()
        .any(|effective| cx.reason_near(effective.definition.place()));
    if explained {
        return;
    }
    out.report(
        place,
        "`keep-outputs` `true` does next to nothing with `keep-derivations` `false`",
    )
    .confidence(
        cx.confidence_in(&outputs)
            .min(cx.confidence_in(&derivations)),
    )
    .label(derivations.definition.place(), "derivations are not kept")
    .why(
        "outputs are kept for the sake of derivations that are in use, and without \
         `keep-derivations` those are only the ones that are roots themselves",
    )
    .help("set `keep-derivations` to true, or take `keep-outputs` out");
}
