//! A setting of another implementation.

use super::given::{implementation, report_unknown_here};
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::IMPLEMENTATIONS;
use crate::facts::Implementation;
use crate::model::{Condition, Definition};

declare_rule! {
    /// A setting exists, but not in the implementation of Nix that is in use.
    ///
    /// ## Why it matters
    ///
    /// Nix, Lix and Determinate Nix have gone apart: each has settings that the others do not know.
    /// An unknown setting has no effect and gives a warning at every command; NixOS, nix-darwin and
    /// home-manager turn the warning into a failed build.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.latest;
    ///   nix.settings.eval-cores = 0;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// { pkgs, ... }:
    /// {
    ///   nix.package = pkgs.nixVersions.latest;
    ///   nix.settings.cores = 0;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When another implementation reads the same file. The implementation is known from
    /// `nix.package`, from the modules of Lix and Determinate Nix, from a profile or `--target`;
    /// without it nothing is reported, and under a condition that nixtune cannot decide neither.
    /// The fix takes the setting out and is not safe: another machine may want it.
    ///
    /// ## Source
    ///
    /// Every setting of Nix 2.3 to 2.35, Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22, read from
    /// their sources.
    pub SETTING_NOT_IN_IMPLEMENTATION {
        id: "setting-not-in-implementation",
        since: "0.1.0",
        applies: "the implementations that lack the setting",
        settings: &[],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(own) = implementation(cx) else {
        return;
    };
    for definition in super::given::names(cx)
        .into_iter()
        .flat_map(|name| cx.definitions(name))
    {
        if let Some(key) = definition.setting.as_deref() {
            look(cx, definition, key, own, out);
        }
    }
}

fn look(
    cx: &RuleCx<'_>,
    definition: &Definition,
    key: &str,
    own: Implementation,
    out: &mut Sink<'_>,
) {
    // `download-buffer-size` on Lix is told by the rule on that setting.
    if definition.condition != Condition::Always || key == "download-buffer-size" {
        return;
    }
    let knows = |one: Implementation| {
        let mut uses = cx.catalog().uses(key);
        uses.any(|used| used.range(key, one).is_some())
    };
    let others: Vec<String> = IMPLEMENTATIONS
        .into_iter()
        .filter(|one| *one != own && knows(*one))
        .map(|one| one.to_string())
        .collect();
    if knows(own) || others.is_empty() {
        return;
    }
    let message = format!(
        "`{key}` is a setting of {}, and this is {own}",
        others.join(" and ")
    );
    let help = "take it out, or set it only where that implementation is in use";
    report_unknown_here(cx, definition, (message, help), own.to_string(), out);
}
