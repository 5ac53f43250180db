//! An option of another module system.

use super::list_entry::{is_written, name_place};
use super::schedule::Schedule;
use super::{RuleCx, Sink, declare_rule};
use crate::catalog::{OptionInfo, OptionStatus};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::facts::{How, ModuleSystem};
use crate::model::{Condition, Definition, OptionPath};

declare_rule! {
    /// An option exists in another module system only.
    ///
    /// ## Why it matters
    ///
    /// nix-darwin, NixOS and home-manager share most names under `nix`, but not all: launchd
    /// schedules are `interval`, systemd ones are `dates`. An option of the other system is an
    /// evaluation error, and `mkIf` does not hide it, because the module system looks at the
    /// names first.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.gc = {
    ///     automatic = true;
    ///     dates = "weekly";
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   system.defaults.dock.autohide = true;
    ///   nix.gc = {
    ///     automatic = true;
    ///     interval = {
    ///       Weekday = 1;
    ///       Hour = 0;
    ///       Minute = 0;
    ///     };
    ///     options = "--delete-older-than 30d";
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the file is also imported by the other system under a guard that nixtune does not see.
    /// A definition under a condition that it cannot decide is not reported.
    ///
    /// ## Source
    ///
    /// The option lists of nix-darwin (June 2026), NixOS and home-manager (August 2026), in
    /// nixtune's catalog; NixOS/nixpkgs#115699, nix-darwin/nix-darwin#746 and #490.
    pub OPTION_WRONG_PLATFORM {
        id: "option-wrong-platform",
        since: "0.1.0",
        applies: "nix-darwin, NixOS, home-manager",
        settings: &["nix.gc.dates", "nix.gc.interval", "nix.optimise.dates", "nix.optimise.interval"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(fact) = &cx.target().module_system else {
        return;
    };
    let system = fact.value;
    if !matches!(
        system,
        ModuleSystem::NixDarwin | ModuleSystem::Nixos | ModuleSystem::HomeManager
    ) {
        return;
    }
    // What only the path suggests may also be a home-manager module in a folder for Macs.
    let maybe_home = fact.how == How::Assumed
        && !cx
            .all_definitions()
            .any(|definition| is_system_wide(cx, definition));
    let mut reported: Vec<(String, Option<crate::text::FileId>)> = Vec::new();
    for definition in cx.all_definitions() {
        if definition.condition != Condition::Always {
            continue;
        }
        let Some(foreign) = foreign_option(cx, system, &definition.option) else {
            continue;
        };
        if maybe_home && is_known_to_home_manager(cx, &foreign.path) {
            continue;
        }
        let Some(place) = name_place(definition) else {
            continue;
        };
        // An option that is a set may come as one definition for each of its attributes.
        let key = (foreign.path.clone(), Some(place.file));
        if reported.contains(&key) {
            continue;
        }
        reported.push(key);
        report(cx, system, definition, &foreign, place, out);
    }
}

/// True for what only a whole system sets: options that home-manager does not have, and who may
/// use the daemon.
fn is_system_wide(cx: &RuleCx<'_>, definition: &Definition) -> bool {
    match definition.setting.as_deref() {
        Some(key) => matches!(key, "trusted-users" | "allowed-users" | "build-users-group"),
        None => {
            let path = dotted(&definition.option, definition.option.names().len());
            let systems = cx.catalog().systems_with(&path);
            !systems.is_empty() && !systems.contains(&ModuleSystem::HomeManager)
        }
    }
}

fn is_known_to_home_manager(cx: &RuleCx<'_>, path: &str) -> bool {
    cx.catalog()
        .option(ModuleSystem::HomeManager, path)
        .is_some()
}

/// The first `length` names of a path, with dots.
fn dotted(path: &OptionPath, length: usize) -> String {
    path.names()
        .iter()
        .take(length)
        .map(AsRef::as_ref)
        .collect::<Vec<_>>()
        .join(".")
}

/// What is known about an option that the machine's system does not have.
struct Foreign {
    /// The option's path without what stands below it, or the set that it lies in when that is
    /// foreign as a whole.
    path: String,
    /// Who has it.
    owner: ModuleSystem,
    /// What the machine's own system says about it: the option that does the job there.
    instead: Option<String>,
}

fn foreign_option(cx: &RuleCx<'_>, system: ModuleSystem, path: &OptionPath) -> Option<Foreign> {
    let names = path.names();
    let in_scope = matches!(names.first().map(AsRef::as_ref), Some("nix"))
        || path.starts_with(&OptionPath::dotted("services.nix-daemon"));
    // Values below these are the user's own names.
    let free = [
        "nix.settings",
        "nix.registry",
        "nix.buildMachines",
        "nix.envVars",
    ]
    .iter()
    .any(|set| path.starts_with(&OptionPath::dotted(set)) && !path.is(set));
    if !in_scope || free {
        return None;
    }
    for length in (2..=names.len()).rev() {
        let prefix = dotted(path, length);
        let own = cx.catalog().option(system, &prefix);
        let instead = match own.map(|option| &option.status) {
            Some(OptionStatus::Current | OptionStatus::Renamed { .. }) => return None,
            Some(OptionStatus::Removed { to }) => to.map(str::to_owned),
            None => None,
        };
        let mut owners = others(system)
            .into_iter()
            .filter_map(|other| cx.catalog().option(other, &prefix))
            .filter(|option| !option.determinate);
        let current = owners.clone().find(|option| option.is_current());
        let owner = match (current, own) {
            (Some(option), _) => option,
            // An old name of another system that this one never had.
            (None, None) => match owners.find(|option| is_renamed(option)) {
                Some(option) => option,
                None => continue,
            },
            (None, Some(_)) => return None,
        };
        let instead = instead.or_else(|| counterpart(cx, system, &prefix, owner));
        return Some(Foreign {
            path: foreign_set(cx, system, path).unwrap_or(prefix),
            owner: owner.system,
            instead,
        });
    }
    None
}

/// The set of options that a path lies in, when this system has none of it.
fn foreign_set(cx: &RuleCx<'_>, system: ModuleSystem, path: &OptionPath) -> Option<String> {
    let [first, second, _, ..] = path.names() else {
        return None;
    };
    let set = format!("{first}.{second}");
    let below = format!("{set}.");
    let has_some = cx
        .catalog()
        .options(system)
        .any(|option| option.path == set || option.path.starts_with(&below));
    (!has_some).then_some(set)
}

const fn others(system: ModuleSystem) -> [ModuleSystem; 2] {
    match system {
        ModuleSystem::NixDarwin => [ModuleSystem::Nixos, ModuleSystem::HomeManager],
        ModuleSystem::Nixos => [ModuleSystem::NixDarwin, ModuleSystem::HomeManager],
        _ => [ModuleSystem::Nixos, ModuleSystem::NixDarwin],
    }
}

fn is_renamed(option: &OptionInfo) -> bool {
    matches!(option.status, OptionStatus::Renamed { .. })
}

/// The option of `system` that does what `path` does elsewhere.
fn counterpart(
    cx: &RuleCx<'_>,
    system: ModuleSystem,
    path: &str,
    owner: &OptionInfo,
) -> Option<String> {
    let candidate = match path {
        "nix.gc.interval" => "nix.gc.dates",
        "nix.optimise.interval" => "nix.optimise.dates",
        "nix.daemonProcessType" => "nix.daemonCPUSchedPolicy",
        "nix.daemonIOLowPriority" => "nix.daemonIOSchedClass",
        _ => match owner.status {
            OptionStatus::Renamed { to } => to,
            _ => return None,
        },
    };
    let exists = cx
        .catalog()
        .option(system, candidate)
        .is_some_and(OptionInfo::is_current)
        || candidate.starts_with("nix.settings.");
    exists.then(|| candidate.to_owned())
}

fn report(
    cx: &RuleCx<'_>,
    system: ModuleSystem,
    definition: &Definition,
    foreign: &Foreign,
    place: crate::text::Place,
    out: &mut Sink<'_>,
) {
    let help = match &foreign.instead {
        Some(instead) => format!("use `{instead}`"),
        None => format!("take it out; {system} has nothing like it"),
    };
    let (title, changes) = mending(cx, definition, foreign);
    out.report(
        place,
        format!(
            "`{}` belongs to {}, not to {system}",
            foreign.path, foreign.owner
        ),
    )
    .why("the module system refuses it, so that the configuration does not evaluate")
    .help(help)
    .confidence(cx.confidence(definition))
    .fix(Applicability::Unsafe, title, changes);
}

/// The changes that keep what was meant; none when that is not clear.
fn mending(cx: &RuleCx<'_>, definition: &Definition, foreign: &Foreign) -> (String, Vec<Change>) {
    let nothing = (String::new(), Vec::new());
    if !definition.option.is(&foreign.path) || !is_written(definition) {
        return nothing;
    }
    let remove = (
        format!("take `{}` out", foreign.path),
        vec![Change::Remove {
            definition: definition.id,
        }],
    );
    let Some(instead) = &foreign.instead else {
        // A refinement of a schedule has no counterpart; everything else is for its author.
        return match definition.option.leaf() {
            "persistent" | "randomizedDelaySec" => remove,
            _ => nothing,
        };
    };
    if !cx.option_definitions(instead).is_empty() {
        return remove;
    }
    let Some(value) = translated(&foreign.path, instead, &definition.value.value) else {
        return nothing;
    };
    let mut changes = vec![Change::Rename {
        definition: definition.id,
        to: OptionPath::dotted(instead),
    }];
    if let Translated::To(value) = value {
        changes.push(Change::Set {
            definition: definition.id,
            value,
        });
    }
    (format!("use `{instead}`"), changes)
}

enum Translated {
    /// The value fits as it is.
    AsItIs,
    /// It has another form there.
    To(NewValue),
}

fn translated(from: &str, to: &str, value: &Value) -> Option<Translated> {
    match (from, to) {
        ("nix.gc.dates" | "nix.optimise.dates", "nix.gc.interval" | "nix.optimise.interval") => {
            let text = match value {
                Value::Str(text) => text,
                Value::List(items) => match items.as_slice() {
                    [only] => match &only.value {
                        Value::Str(text) => text,
                        _ => return None,
                    },
                    _ => return None,
                },
                _ => return None,
            };
            Some(Translated::To(Schedule::from_systemd(text)?.to_launchd()))
        }
        ("nix.gc.interval", "nix.gc.dates") => Some(Translated::To(NewValue::Str(
            Schedule::from_launchd(value)?.to_systemd()?,
        ))),
        ("nix.optimise.interval", "nix.optimise.dates") => Some(Translated::To(NewValue::List(
            vec![NewValue::Str(Schedule::from_launchd(value)?.to_systemd()?)],
        ))),
        ("nix.gc.frequency", "nix.gc.dates") | ("nix.systemFeatures", _) => {
            Some(Translated::AsItIs)
        }
        _ => None,
    }
}
