//! Settings of a module that writes no `nix.conf`.

use std::collections::BTreeMap;

use super::determinate_custom_setting_refused::refused_keys;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Confidence, Severity};
use crate::facts::ModuleSystem;
use crate::model::{Definition, MachineView, OptionPath};
use crate::text::{FileId, Place};

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
    /// What is lost this way is reported once for each file, and no other rule on settings speaks
    /// of it.
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
    /// information. A set that the configuration itself reads (`config.nix.buildMachines`), to
    /// write a file of its own from it, is not reported.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/default.nix` (since 7 February 2025) and its
    /// `modules/system/checks.nix`; Determinate `modules/nix-darwin/config/config.nix`. Seen in
    /// nix-darwin#1298, nix-darwin#1415 and baleen37/dotfiles#1446.
    pub SETTINGS_UNDER_DISABLED_NIX {
        id: "settings-under-disabled-nix",
        since: "0.1.0",
        applies: "nix-darwin from February 2025, home-manager",
        settings: &["nix.enable", "nix.settings", "nix.extraOptions"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

/// Options besides the settings that are dropped as well (nix-darwin).
const DROPPED: [&str; 6] = [
    "nix.registry",
    "nix.buildMachines",
    "nix.distributedBuilds",
    "nix.daemonProcessType",
    "nix.daemonIOLowPriority",
    "nix.extraOptions",
];

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(disabled_by) = cx.nix_disabled_by() else {
        return;
    };
    let determinate = determinate_set(cx);
    let mut files: BTreeMap<FileId, Lost<'_>> = BTreeMap::new();
    for definition in cx.all_definitions() {
        let Some(place) = definition.place() else {
            continue;
        };
        if let Some(set) = dropped_set(definition).filter(|set| !is_read(cx, set)) {
            files
                .entry(place.file)
                .or_default()
                .entry(set)
                .or_default()
                .push(definition);
        }
    }
    for lost in files.values_mut() {
        // The text counts by its lines, when they are known.
        if let Some(text) = lost.get_mut("nix.extraOptions")
            && text.iter().any(|definition| definition.setting.is_some())
        {
            text.retain(|definition| definition.setting.is_some());
        }
        report(cx, disabled_by, determinate, lost, out);
    }
}

/// What is lost in one file, by the option set that it is lost with.
type Lost<'a> = BTreeMap<&'static str, Vec<&'a Definition>>;

/// True when the configuration reads the set itself, to write a file of its own from it.
fn is_read(cx: &RuleCx<'_>, set: &str) -> bool {
    let reading = format!("config.{set}");
    cx.machine()
        .files
        .iter()
        .filter_map(|id| cx.workspace().file(*id))
        .any(|file| file.text().contains(&reading))
}

/// The option set that the definition is lost with.
fn dropped_set(definition: &Definition) -> Option<&'static str> {
    if MachineView::is_module_setting(definition) {
        let settings = OptionPath::dotted("nix.settings");
        return Some(if definition.option.starts_with(&settings) {
            "nix.settings"
        } else {
            "nix.extraOptions"
        });
    }
    DROPPED
        .into_iter()
        .find(|path| definition.option.starts_with(&OptionPath::dotted(path)))
}

fn report(
    cx: &RuleCx<'_>,
    disabled_by: &Definition,
    determinate: Option<&str>,
    lost: &Lost<'_>,
    out: &mut Sink<'_>,
) {
    let all: Vec<&Definition> = lost.values().flatten().copied().collect();
    let mut places: Vec<Place> = lost
        .values()
        .filter_map(|definitions| definitions.iter().filter_map(|d| d.place()).min())
        .collect();
    places.sort_unstable();
    let Some((place, others)) = places.split_first() else {
        return;
    };
    // On another machine that reads the same lines they may well count.
    let used_elsewhere = all.iter().any(|definition| {
        cx.workspace()
            .machines_of(definition.id)
            .any(|machine| cx.workspace().view(machine).nix_disabled_by().is_none())
    });
    let sets: Vec<String> = lost.keys().map(|set| format!("`{set}`")).collect();
    let switch = if disabled_by.option.is("nix.enable") {
        "`nix.enable` is `false`".to_owned()
    } else {
        format!("Determinate's module (`{}`) is in use", disabled_by.option)
    };
    let confidence = all
        .iter()
        .map(|definition| cx.confidence(definition))
        .max()
        .unwrap_or(Confidence::Likely);
    let mut report = out
        .report(
            *place,
            format!(
                "{} {} dropped, because {switch}",
                sets.join(", "),
                if sets.len() == 1 { "is" } else { "are" }
            ),
        )
        .severity(if used_elsewhere {
            Severity::Info
        } else {
            Severity::Warning
        })
        .confidence(confidence.max(Confidence::Likely))
        .why(match all.len() {
            1 => {
                "the module accepts the definition and writes it nowhere; Nix never sees the value"
                    .to_owned()
            }
            several => format!(
                "the module accepts {several} definitions and writes them nowhere; Nix never sees \
                 the values"
            ),
        });
    for other in others {
        report = report.label(Some(*other), "dropped too");
    }
    let report = report.label(
        disabled_by.place(),
        "no `nix.conf` is written because of this",
    );
    let settings = lost.get("nix.settings").filter(|_| !used_elsewhere);
    let changes = match (determinate, settings) {
        (Some(target), Some(settings)) => moved(cx, settings, target),
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
    let title = format!(
        "move `nix.settings` to `{}`",
        determinate.unwrap_or_default()
    );
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
fn moved(cx: &RuleCx<'_>, lost: &[&Definition], target: &str) -> Vec<Change> {
    let refused = refused_keys(cx);
    let target = OptionPath::dotted(target);
    let fits = lost.iter().all(|definition| {
        definition.stands_alone()
            && definition.option.parent().is("nix.settings")
            && !refused.contains(&definition.option.leaf())
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
