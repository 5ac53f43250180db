//! Settings of a module that writes no `nix.conf`.

use std::collections::BTreeMap;

use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::ModuleSystem;
use crate::model::{Definition, MachineView, OptionPath};
use crate::text::FileId;

declare_rule! {
    /// Settings are given although the module writes no `nix.conf`.
    ///
    /// ## Why it matters
    ///
    /// With `nix.enable = false` nix-darwin leaves Nix alone, as Determinate Nix demands, and
    /// home-manager does the same. `nix.settings`, `nix.extraOptions`, `nix.registry`,
    /// `nix.buildMachines` and the options of the daemon are still accepted, and then dropped
    /// without a word: none of the values ever reaches Nix. Determinate's own nix-darwin module
    /// switches `nix.enable` off by itself.
    ///
    /// What is lost this way is reported once for each set of options and file, and no other rule
    /// on settings speaks of it.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # Determinate Nix manages the daemon
    ///   nix.enable = false;
    ///   nix.gc.automatic = false; # the module is nix-darwin's
    ///   nix.settings = {
    ///     max-jobs = 4;
    ///     trusted-users = [ "root" ];
    ///   };
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   # Determinate Nix manages the daemon
    ///   nix.enable = false;
    ///   determinateNix.customSettings = {
    ///     max-jobs = 4;
    ///     trusted-users = [ "root" ];
    ///   };
    ///   system.defaults.dock.autohide = true;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the file is shared with machines on which Nix is managed; then the diagnostic is only
    /// information.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` (since 7 February 2025) and its
    /// `modules/system/checks.nix`; Determinate `modules/nix-darwin/config/config.nix`. Seen in
    /// nix-darwin#1298, nix-darwin#1415 and baleen37/dotfiles#1446.
    pub SETTINGS_UNDER_DISABLED_NIX {
        id: "settings-under-disabled-nix",
        since: "0.1.0",
        settings: &["nix.enable", "nix.settings", "nix.extraOptions"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes,
    }
}

/// Options besides the settings that are dropped as well (nix-darwin).
const DROPPED: [&str; 8] = [
    "nix.registry",
    "nix.buildMachines",
    "nix.distributedBuilds",
    "nix.daemonProcessType",
    "nix.daemonIOLowPriority",
    "nix.extraOptions",
    "nix.package",
    "nix.checkConfig",
];

/// Keys that Determinate's module refuses (its assertion list).
const REFUSED: [&str; 6] = [
    "bash-prompt-prefix",
    "external-builders",
    "extra-nix-path",
    "netrc-file",
    "ssl-cert-file",
    "upgrade-nix-store-path-url",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(disabled_by) = cx.nix_disabled_by() else {
        return;
    };
    let determinate = determinate_set(cx);
    let mut groups: BTreeMap<(FileId, String), Vec<&Definition>> = BTreeMap::new();
    for definition in cx.all_definitions() {
        let Some(place) = definition.place() else {
            continue;
        };
        if let Some(set) = dropped_set(definition) {
            groups
                .entry((place.file, set))
                .or_default()
                .push(definition);
        }
    }
    for ((_, set), lost) in &mut groups {
        // The text counts by its lines, when it is known.
        if lost.iter().any(|definition| definition.setting.is_some()) {
            lost.retain(|definition| definition.setting.is_some());
        }
        report(cx, disabled_by, determinate, set, lost, out);
    }
}

/// The option set that the definition is lost with.
fn dropped_set(definition: &Definition) -> Option<String> {
    if MachineView::is_module_setting(definition) {
        let settings = OptionPath::dotted("nix.settings");
        let set = if definition.option.starts_with(&settings) {
            "nix.settings".to_owned()
        } else {
            "nix.extraOptions".to_owned()
        };
        return Some(set);
    }
    // A package or a check that is not used does no harm.
    let path = DROPPED
        .iter()
        .copied()
        .find(|path| definition.option.starts_with(&OptionPath::dotted(path)))?;
    (!["nix.package", "nix.checkConfig"].contains(&path)).then(|| path.to_owned())
}

fn report(
    cx: &RuleCx<'_>,
    disabled_by: &Definition,
    determinate: Option<&str>,
    set: &str,
    lost: &[&Definition],
    out: &mut Sink<'_>,
) {
    let Some(first) = lost.first() else {
        return;
    };
    let Some(place) = first.place() else {
        return;
    };
    // On another machine that reads the same lines they may well count.
    let used_elsewhere = lost.iter().any(|definition| {
        cx.workspace()
            .machines_of(definition.id)
            .any(|machine| cx.workspace().view(machine).nix_disabled_by().is_none())
    });
    let count = match lost.len() {
        1 => "one definition".to_owned(),
        several => format!("{several} definitions"),
    };
    let switch = if disabled_by.option.is("nix.enable") {
        "`nix.enable` is `false`".to_owned()
    } else {
        format!("Determinate's module (`{}`) is in use", disabled_by.option)
    };
    let conditional = lost
        .iter()
        .map(|definition| cx.confidence(definition))
        .max()
        .unwrap_or(Confidence::Likely);
    let report = out
        .report(place, format!("`{set}` is dropped here, because {switch}"))
        .severity(if used_elsewhere {
            Severity::Info
        } else {
            Severity::Warning
        })
        .confidence(conditional.max(Confidence::Likely))
        .label(
            disabled_by.place(),
            "no `nix.conf` is written because of this",
        )
        .why(format!(
            "the module accepts {count} and writes none of it anywhere; Nix never sees the {}",
            if lost.len() == 1 { "value" } else { "values" }
        ));
    let changes = match determinate {
        Some(target) if set == "nix.settings" && !used_elsewhere => moved(lost, target),
        _ => Vec::new(),
    };
    let help = match (determinate, cx.target().system()) {
        (Some(target), _) => format!("move what is needed to `{target}`"),
        (None, Some(ModuleSystem::HomeManager)) => {
            "set `nix.enable` to `true`, or take the settings out".to_owned()
        }
        (None, _) => "put what is needed into `/etc/nix/nix.custom.conf`, or import Determinate's \
                      module and use `determinateNix.customSettings`"
            .to_owned(),
    };
    let title = format!("move `{set}` to `{}`", determinate.unwrap_or_default());
    report.help(help).fix(Applicability::Unsafe, title, changes);
}

/// Where Determinate's module takes settings, when the machine uses it.
fn determinate_set(cx: &RuleCx<'_>) -> Option<&'static str> {
    [
        ("determinateNix", "determinateNix.customSettings"),
        ("determinate-nix", "determinate-nix.customSettings"),
    ]
    .into_iter()
    .find(|(set, _)| {
        let path = OptionPath::dotted(set);
        cx.all_definitions()
            .any(|definition| definition.option.starts_with(&path))
    })
    .map(|(_, settings)| settings)
}

/// All of the definitions under their new name; nothing when one of them cannot go there.
fn moved(lost: &[&Definition], target: &str) -> Vec<Change> {
    let target = OptionPath::dotted(target);
    let fits = lost.iter().all(|definition| {
        definition.stands_alone()
            && definition.option.parent().is("nix.settings")
            && !REFUSED.contains(&definition.option.leaf())
    });
    if !fits {
        return Vec::new();
    }
    lost.iter()
        .map(|definition| Change::Rename {
            definition: definition.id,
            to: target.join(definition.option.leaf()),
        })
        .collect()
}
