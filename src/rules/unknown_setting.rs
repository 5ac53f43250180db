//! A key that no Nix knows.

use super::darwin_auto_optimise_unsafe::may_be_refused;
use super::list_entry::{beside, is_written, name_place, system_is_assumed};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{GateWhen, SettingInfo};
use crate::diagnostic::{Applicability, Change, Confidence};
use crate::facts::{ModuleSystem, Os};
use crate::model::{Condition, Definition};

declare_rule! {
    /// A setting has a name that no release of Nix, Lix or Determinate Nix knows.
    ///
    /// ## Why it matters
    ///
    /// Nix only warns about an unknown name, and in a flake's `nixConfig` it does not even warn.
    /// The value has no effect. NixOS, nix-darwin and home-manager turn the warning into a failed
    /// build; a plain `nix.conf`, Determinate's `customSettings` and `nixConfig` are not checked by
    /// anything.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     max-job = 4;
    ///     keep_outputs = true;
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     keep-outputs = true;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When a plugin defines the setting, or a release that is younger than nixtune's catalog.
    /// Names are case sensitive, and `extra-` works with lists only. A name that only some
    /// implementation or release knows is not reported here; one that the machine's operating
    /// system lacks is.
    ///
    /// ## Source
    ///
    /// Every setting of Nix 2.3 to 2.35, Lix 2.90 to 2.95 and Determinate Nix 3.0 to 3.22, on Linux
    /// and macOS, read from their sources and compared with Nix 2.8 and 2.34;
    /// numtide/system-manager#261.
    pub UNKNOWN_SETTING {
        id: "unknown-setting",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &[],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let plugins = !cx.definitions("plugin-files").is_empty();
    for definition in cx.all_definitions() {
        let Some(key) = definition.setting.as_deref() else {
            continue;
        };
        match cx.catalog().resolve(key) {
            // A line of its own, which a rule of its own tells.
            None if matches!(key, "include" | "!include") => {}
            None => unknown(cx, definition, key, plugins, out),
            Some(resolved) => wrong_system(cx, definition, key, resolved.setting, out),
        }
    }
}

fn unknown(cx: &RuleCx<'_>, definition: &Definition, key: &str, plugins: bool, out: &mut Sink<'_>) {
    let Some(place) = name_place(definition) else {
        return;
    };
    let former = former_name(key);
    let nearest = if former.is_some() {
        None
    } else {
        cx.catalog().nearest_setting(key)
    };
    let not_a_list = key
        .strip_prefix("extra-")
        .and_then(|bare| cx.catalog().resolve(bare))
        .map(|resolved| resolved.setting);
    let why = match cx.target().system() {
        Some(ModuleSystem::FlakeConfig) => "the value has no effect, and nix says nothing about it",
        Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::HomeManager)
            if definition
                .option
                .names()
                .first()
                .is_some_and(|name| &**name == "nix") =>
        {
            "the value has no effect; the module checks the file that it writes and fails the build"
        }
        _ => "the value has no effect; nix only warns",
    };
    let refused = nearest.is_some_and(|nearest| may_be_refused(cx, nearest, definition));
    let help = match (former, not_a_list, nearest) {
        (Some(former), ..) => former.to_owned(),
        (_, Some(setting), _) => {
            format!("write `{}`: `extra-` works with lists only", setting.name)
        }
        (_, _, Some(nearest)) if refused => format!(
            "take it out: `{nearest}` is meant, which nix-darwin refuses for releases of Nix that \
             damage the store with it; `nix.optimise.automatic` does the same on a schedule"
        ),
        (_, _, Some(nearest)) => format!("did you mean `{nearest}`?"),
        _ => "take it out, or check the name in the manual of the release that you use".to_owned(),
    };
    let close = nearest.is_some_and(|nearest| is_one_step(key, nearest));
    let confidence = if plugins {
        Confidence::Possible
    } else if close || not_a_list.is_some() || former.is_some() {
        cx.confidence(definition)
    } else {
        cx.confidence(definition).min(Confidence::Likely)
    };
    let (applicability, changes) = match nearest.filter(|_| not_a_list.is_none() && !refused) {
        Some(nearest) if close && is_written(definition) => {
            (Applicability::Unsafe, rename(cx, definition, nearest))
        }
        _ => (Applicability::Manual, Vec::new()),
    };
    out.report(
        place,
        match not_a_list {
            Some(setting) => format!(
                "there is no `{key}`, because `{}` is not a list",
                setting.name
            ),
            None => format!(
                "`{key}` is no setting of Nix, Lix or Determinate Nix as of {}",
                cx.catalog().as_of()
            ),
        },
    )
    .why(why)
    .help(help)
    .confidence(confidence)
    .fix(
        applicability,
        nearest.map_or(String::new(), |nearest| format!("rename it to `{nearest}`")),
        changes,
    );
}

/// The rename, unless the right name is set as well.
fn rename(cx: &RuleCx<'_>, definition: &Definition, nearest: &str) -> Vec<Change> {
    let option = beside(definition, nearest);
    let taken = cx
        .all_definitions()
        .any(|other| other.setting.as_deref() == Some(nearest));
    if taken {
        return Vec::new();
    }
    vec![Change::Rename {
        definition: definition.id,
        to: option,
    }]
}

/// A name that exists, but not on this machine's operating system.
fn wrong_system(
    cx: &RuleCx<'_>,
    definition: &Definition,
    key: &str,
    setting: &SettingInfo,
    out: &mut Sink<'_>,
) {
    let Some(os) = cx.os() else { return };
    let assumed = system_is_assumed(cx);
    // A condition may be the guard for the other system.
    if setting.known_on(os) || assumed || definition.condition != Condition::Always {
        return;
    }
    // Settings behind an experimental feature are another rule's.
    if is_gated(cx, setting) {
        return;
    }
    let Some(place) = name_place(definition) else {
        return;
    };
    let (here, there) = match os {
        Os::Darwin => ("macOS", "Linux"),
        Os::Linux => ("Linux", "macOS"),
    };
    out.report(
        place,
        format!("`{key}` exists on {there} only, and this is {here}"),
    )
    .why("nix on this system does not know the name: it warns, and the module's check of the file fails")
    .help("take it out, or put it under a condition on the platform")
    .confidence(cx.confidence(definition));
}

/// True when the setting stands behind an experimental feature.
pub(super) fn is_gated(cx: &RuleCx<'_>, setting: &SettingInfo) -> bool {
    setting
        .gate(cx.target())
        .flatten()
        .is_some_and(|gate| matches!(gate.when, GateWhen::OnSet | GateWhen::OnUse))
        || setting.name == "use-cgroups"
}

/// True when one insertion, deletion, replacement or swap leads from one name to the other,
/// apart from case and underscores.
fn is_one_step(key: &str, nearest: &str) -> bool {
    let folded = key.to_ascii_lowercase().replace('_', "-");
    let run_together = |name: &str| name.replace('-', "");
    // `autoOptimiseStore`, as the module system called it once.
    let same = run_together(&folded) == run_together(nearest);
    same || strsim::damerau_levenshtein(&folded, nearest) <= 1
}

/// Names of Nix 1.x that nothing has known since 2.0, with what to do.
fn former_name(key: &str) -> Option<&'static str> {
    Some(match key {
        "signed-binary-caches" => "write `require-sigs = true`, which is the default",
        "use-binary-caches" => "write `substitute`",
        "use-ssh-substituter" | "ssh-substituter-hosts" => {
            "list an `ssh://` or `ssh-ng://` URL in `substituters`"
        }
        "build-cache-failure" | "force-manifest" | "log-servers" | "verify-https-binary-caches" => {
            "take it out: nix has had nothing like it since 2.0"
        }
        _ => return None,
    })
}
