//! Whom to generate for: what can be found out is not asked.

use std::path::{Path, PathBuf};

#[cfg(feature = "analyze")]
use super::recorded;
use super::{EngineError, Request, known};
use crate::catalog::Catalog;
use crate::facts::{Fact, Host, Implementation, ModuleSystem, Os, Target};
use crate::generate::{BuildHost, GenerateError, Sink, Subject, Usage, read_fleet};
use crate::model;
use crate::policy::TargetPolicy;
use crate::probe;
use crate::system::System;

/// What is said about the machine; the rest is found out.
#[derive(Clone, Debug, Default)]
pub struct InitRequest {
    /// A hardware profile; `None` measures this machine.
    pub host: Option<PathBuf>,
    /// Where the settings go.
    pub sink: Option<Sink>,
    /// What the machine is used for.
    pub usage: Option<Usage>,
    /// The Nix, as far as it is said.
    pub target: TargetPolicy,
    /// Go by what simulations were recorded of the machine.
    pub uses_records: bool,
}

/// What was found out.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The machine.
    pub subject: Subject,
    /// Why its settings go where they go, as part of a sentence.
    pub because: String,
    /// Where the file belongs, from the working directory; `None` for what is part of another
    /// file.
    pub path: Option<PathBuf>,
    /// Where modules of its kind lie, from the working directory; empty for the directory itself.
    pub folder: PathBuf,
}

/// Finds out for whom to generate.
///
/// # Errors
/// A profile that cannot be used, and hardware that no build runs on.
pub fn decide(
    system: &dyn System,
    catalog: &Catalog,
    request: &InitRequest,
) -> Result<Decided, EngineError> {
    let (host, mut target) = match &request.host {
        None => (probe::host(system), probe::target(system)),
        Some(file) => {
            let profile = known::read_profile(system, file)?;
            let mut host = profile
                .host
                .unwrap_or_else(|| Host::unknown(file.display().to_string()));
            if let Some(name) = file.file_stem() {
                host.name = name.to_string_lossy().into_owned();
            }
            (host, profile.target)
        }
    };
    let said = request.target.as_target("--target");
    if said.implementation.is_some() || said.version.is_some() {
        target.implementation = said.implementation;
        target.version = said.version;
    }
    target.platform = said.platform.or(target.platform);
    let os = host
        .platform
        .as_ref()
        .map(|platform| platform.value.os)
        .or_else(|| target.os());
    let around = Around::look(system, catalog, os);
    let (sink, because) = match request.sink {
        Some(sink) => (sink, format!("`--for {}` says so", sink.name())),
        None => around.sink(system, &target, os),
    };
    let usage = request.usage.unwrap_or(Usage::Balanced);
    let mut subject = Subject::new(&host, &target, sink, usage).map_err(GenerateError::from)?;
    subject.has_flake = around.has_flake;
    subject.has_former_gc_dates = subject.sink == Sink::HomeManager && has_former_gc_dates(system);
    #[cfg(feature = "analyze")]
    if request.uses_records {
        let profile = usage.build_profile(&host);
        subject.build_slots = recorded::build_slots(system, &host, &target, profile);
    }
    let folder = folder(system, subject.sink);
    Ok(Decided {
        path: path(&subject, &folder),
        subject,
        because,
        folder,
    })
}

/// A lock file is far below this.
const LOCK_LIMIT: u64 = 16 << 20;

/// True when the lock file beside has a home-manager of before 2025-08-21, when `nix.gc.frequency`
/// became `nix.gc.dates`: by its branch, else by its age.
fn has_former_gc_dates(system: &dyn System) -> bool {
    /// home-manager 6911d3e7f, in seconds since 1970.
    const RENAMED: i64 = 1_755_810_213;
    const FIRST_RELEASE: &str = "release-25.11";
    let node = || -> Option<(Option<String>, Option<i64>)> {
        let bytes = system.read(Path::new("flake.lock"), LOCK_LIMIT).ok()?;
        let lock: serde_json::Value = serde_json::from_slice(&bytes).ok()?;
        let nodes = lock.get("nodes")?;
        let inputs = nodes.get(lock.get("root")?.as_str()?)?.get("inputs")?;
        let node = inputs.as_object()?.values().find_map(|name| {
            let node = nodes.get(name.as_str()?)?;
            let is_it = node.pointer("/locked/repo")?.as_str()? == "home-manager";
            is_it.then_some(node)
        })?;
        let branch = node.pointer("/original/ref").and_then(|it| it.as_str());
        let age = node.pointer("/locked/lastModified");
        Some((branch.map(str::to_owned), age.and_then(|it| it.as_i64())))
    };
    match node() {
        Some((Some(branch), _)) if branch.starts_with("release-") => *branch < *FIRST_RELEASE,
        Some((_, Some(age))) => age < RENAMED,
        _ => false,
    }
}

/// A list of hosts is a page of text.
const FLEET_LIMIT: u64 = 1 << 20;

/// The machines that builds are sent to: those of a list, then those that only have a profile.
///
/// # Errors
/// A list or a profile that cannot be read or has mistakes.
pub fn fleet(
    system: &dyn System,
    list: Option<&Path>,
    profiles: &[PathBuf],
) -> Result<Vec<BuildHost>, EngineError> {
    let mut hosts = Vec::new();
    if let Some(file) = list {
        let shown = super::shown(system, file);
        let bytes = system.read(file, FLEET_LIMIT)?;
        let text =
            String::from_utf8(bytes).map_err(|_| EngineError::NotText(shown.clone().into()))?;
        hosts = read_fleet(&text, &shown)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        for host in &mut hosts {
            host.profile = host.profile.as_ref().map(|profile| folder.join(profile));
        }
    }
    for file in profiles {
        let host = BuildHost::of_profile(file).map_err(GenerateError::Nothing)?;
        hosts.push(host);
    }
    for host in &mut hosts {
        if let Some(file) = &host.profile {
            let profile = known::read_profile(system, file)?;
            host.target = profile.target;
            host.hardware = profile.host.map(|hardware| Host {
                name: host.name.clone(),
                ..hardware
            });
        }
    }
    Ok(hosts)
}

/// The configuration that the working directory holds.
struct Around {
    has_flake: bool,
    /// What its machines are, those of the wanted operating system first.
    systems: Vec<(ModuleSystem, bool)>,
}

impl Around {
    fn look(system: &dyn System, catalog: &Catalog, os: Option<Os>) -> Self {
        let has_flake = system.metadata(Path::new("flake.nix")).is_ok();
        let request = Request {
            roots: vec![PathBuf::from(".")],
            ..Request::default()
        };
        // Whoever has no settings yet is here for them: what a flake names counts without any.
        let mut machines = if has_flake {
            model::flake_targets(system, &request.roots, catalog)
        } else {
            Vec::new()
        };
        // A folder that cannot be read as a configuration says nothing.
        if machines.is_empty()
            && let Ok(outcome) = super::look(system, catalog, &request)
        {
            let found = outcome.workspace.machines().iter();
            machines.extend(found.map(|machine| machine.target.clone()));
        }
        let mut systems: Vec<_> = machines
            .iter()
            .filter_map(|target| {
                let is_determinate = target
                    .implementation
                    .as_ref()
                    .is_some_and(|made| made.value == Implementation::Determinate);
                let fits = os.is_none() || target.os().is_none() || target.os() == os;
                fits.then_some((target.system()?, is_determinate))
            })
            .collect();
        // A system comes before the homes on it.
        systems.sort_by_key(|(system, _)| match system {
            ModuleSystem::NixDarwin | ModuleSystem::Nixos => 0,
            ModuleSystem::HomeManager => 1,
            ModuleSystem::NixConf | ModuleSystem::FlakeConfig => 2,
        });
        Self { has_flake, systems }
    }

    fn sink(&self, system: &dyn System, target: &Target, os: Option<Os>) -> (Sink, String) {
        let here = "the configuration in this folder";
        match self.systems.first() {
            Some((ModuleSystem::NixDarwin, true)) => {
                return (
                    Sink::Determinate,
                    format!("{here} has Determinate's module"),
                );
            }
            Some((ModuleSystem::NixDarwin, false)) => {
                return (Sink::NixDarwin, format!("{here} is nix-darwin's"));
            }
            Some((ModuleSystem::Nixos, _)) => return (Sink::Nixos, format!("{here} is NixOS'")),
            Some((ModuleSystem::HomeManager, _)) => {
                return (Sink::HomeManager, format!("{here} is home-manager's"));
            }
            Some((ModuleSystem::NixConf | ModuleSystem::FlakeConfig, _)) | None => {}
        }
        let exists = |path: &str| system.metadata(Path::new(path)).is_ok();
        if exists("/etc/NIXOS") || exists("/etc/nixos") {
            return (Sink::Nixos, "this machine runs NixOS".to_owned());
        }
        let is_determinate = target
            .implementation
            .as_ref()
            .is_some_and(|made: &Fact<_>| made.value == Implementation::Determinate);
        if os == Some(Os::Darwin) && exists("/run/current-system/darwin-version") && !is_determinate
        {
            return (Sink::NixDarwin, "this machine runs nix-darwin".to_owned());
        }
        (Sink::NixConf, "no module system was found here".to_owned())
    }
}

/// The folder that modules for `sink` lie in, where there is one.
fn folder(system: &dyn System, sink: Sink) -> PathBuf {
    let folders: &[&str] = match sink {
        Sink::NixDarwin | Sink::Determinate => &["darwin", "modules/darwin"],
        Sink::Nixos => &["nixos", "modules/nixos"],
        Sink::HomeManager => &[
            "home",
            "home-manager",
            "modules/home",
            "modules/home-manager",
        ],
        Sink::NixConf | Sink::Flake => &[],
    };
    let is_there = |folder: &&&str| system.metadata(Path::new(folder)).is_ok();
    let found = folders.iter().find(is_there);
    found.map(PathBuf::from).unwrap_or_default()
}

/// Where a module for `sink` belongs, from the working directory.
pub fn module_path(system: &dyn System, sink: Sink, file: &str) -> PathBuf {
    folder(system, sink).join(file)
}

/// Where the file belongs.
fn path(subject: &Subject, folder: &Path) -> Option<PathBuf> {
    let file = match subject.sink {
        Sink::NixConf if subject.is_determinate() => "nix.custom.conf",
        Sink::NixConf => "nix.conf",
        Sink::Flake => return None,
        _ => "nix-settings.nix",
    };
    Some(folder.join(file))
}
