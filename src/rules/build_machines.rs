//! Remote builders as rules see them: which ones there are, and whether they are used at all.

use super::RuleCx;
use super::list_entry::system_is_assumed;
use crate::diagnostic::{Change, Confidence, NewValue};
use crate::facts::{Host, ModuleSystem};
use crate::model::{Builder, Builders, Condition, Definition, Effective, OptionPath, Setting};

/// Options that turn distributed builds on by themselves.
const LINUX_BUILDER: &str = "nix.linux-builder.enable";
const DISTRIBUTED_BUILDS: &str = "nix.distributedBuilds";

/// The change that switches distributed builds on: at the definition that switches them off, or
/// beside `near`.
pub(super) fn switching_on(off: Option<&Definition>, near: &Definition) -> Change {
    let value = NewValue::Bool(true);
    match off {
        Some(off) => Change::Set {
            definition: off.id,
            value,
        },
        None => Change::Insert {
            near: near.id,
            option: OptionPath::dotted(DISTRIBUTED_BUILDS),
            value,
            comment: None,
        },
    }
}

/// Whether the module system lets Nix use builders.
#[derive(Clone, Copy, Debug)]
pub(super) enum Distribution<'a> {
    /// It does; by this definition.
    On(&'a Definition),
    /// It writes an empty `builders`; by this definition, or because nothing is said.
    Off(Option<&'a Definition>),
    /// Not known, or not for the module system to decide.
    Unknown,
}

/// Whether nix-darwin or NixOS lets Nix use builders.
pub(super) fn distribution<'a>(cx: &RuleCx<'a>) -> Distribution<'a> {
    let system = cx.target().system();
    let decides = matches!(system, Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos));
    if !decides || cx.nix_disabled_by().is_some() {
        return Distribution::Unknown;
    }
    if system == Some(ModuleSystem::NixDarwin) {
        match switch(cx, LINUX_BUILDER) {
            Switch::Set(true, by) => return Distribution::On(by),
            Switch::Unknown => return Distribution::Unknown,
            Switch::Set(false, _) | Switch::Unset => {}
        }
    }
    match switch(cx, DISTRIBUTED_BUILDS) {
        Switch::Set(true, by) => Distribution::On(by),
        Switch::Set(false, by) => Distribution::Off(Some(by)),
        Switch::Unset => Distribution::Off(None),
        Switch::Unknown => Distribution::Unknown,
    }
}

/// A boolean option of a module.
#[derive(Clone, Copy, Debug)]
pub(super) enum Switch<'a> {
    /// Set whatever happens, by this definition.
    Set(bool, &'a Definition),
    /// Certainly not set.
    Unset,
    /// Not known.
    Unknown,
}

/// The boolean option `path`.
pub(super) fn switch<'a>(cx: &RuleCx<'a>, path: &str) -> Switch<'a> {
    match cx.option(path) {
        Setting::Known(effective) if is_settled(cx, &effective) => effective
            .as_bool()
            .map_or(Switch::Unknown, |on| Switch::Set(on, effective.definition)),
        Setting::Unset { assured: true } => Switch::Unset,
        _ => Switch::Unknown,
    }
}

/// True when nothing can change the value: it is unconditional, and a weak one meets no stronger
/// one because every file of the machine was read and every set of options is known.
pub(super) fn is_settled(cx: &RuleCx<'_>, effective: &Effective<'_>) -> bool {
    let definition = effective.definition;
    let always = definition.condition == Condition::Always && effective.is_whole();
    let is_open = || {
        cx.machine().holes.iter().any(|hole| {
            definition.option.starts_with(&hole.path) || hole.path.is("nix.extraOptions")
        })
    };
    effective.unconditional || (always && cx.machine().complete && !is_open())
}

/// The builders that Nix may be told to use: none while the module system switches them off.
pub fn builders<'a>(cx: &RuleCx<'a>) -> Vec<Builder<'a>> {
    if matches!(distribution(cx), Distribution::Off(_)) {
        return Vec::new();
    }
    let mut list = cx.build_machines().list;
    list.extend(cx.builder_lines().list);
    list
}

/// True unless there certainly is no builder.
pub(super) fn may_have_builders(cx: &RuleCx<'_>) -> bool {
    let is_none = |builders: &Builders<'_>| builders.is_empty();
    match cx.setting("builders") {
        // A line, `nix.conf` or a stronger definition decides.
        Setting::Known(_) => !is_none(&cx.builder_lines()),
        Setting::OneOf(_) | Setting::Unknown { .. } => true,
        Setting::Unset { .. } => {
            cx.may_be_set_elsewhere("builders") || !matches!(distribution(cx), Distribution::Off(_))
        }
    }
}

/// True when a file of the tree does something of its own with the list of machines, or with the
/// file that they are written to.
pub(super) fn list_is_read_elsewhere(cx: &RuleCx<'_>) -> bool {
    const READERS: [&str; 5] = [
        "config.nix.buildMachines",
        "cfg.buildMachines",
        "nix/machines",
        "services.hydra",
        "buildMachinesFiles",
    ];
    cx.workspace()
        .files()
        .iter()
        .any(|file| READERS.iter().any(|reader| file.text().contains(reader)))
}

/// How sure a diagnostic about a builder can be.
pub(super) fn confidence(cx: &RuleCx<'_>, builder: &Builder<'_>) -> Confidence {
    let own = if builder.unconditional {
        cx.confidence(builder.definition)
    } else {
        Confidence::Likely
    };
    if system_is_assumed(cx) {
        own.min(Confidence::Likely)
    } else {
        own
    }
}

/// The hardware of a builder, where a saved profile describes the machine of that name.
pub(super) fn host_of<'a>(cx: &RuleCx<'a>, builder: &Builder<'_>) -> Option<&'a Host> {
    cx.known_host(builder.host.known()?)
}
