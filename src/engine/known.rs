//! What is known about each machine's hardware and Nix, and where it comes from.
//!
//! Hardware comes from `--host`, else from `nixtune.toml`, else from this machine. This machine's
//! own facts count only for a machine of the same operating system, and only when it is the one
//! machine of that kind in the tree: what a laptop that runs the lint has says nothing about a Mac
//! or about a fleet of servers. Where NixOS does not run, as in most CI jobs, they say nothing about
//! a NixOS machine. Nothing is probed that no machine needs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{EngineError, Look, MachineReport, Request};
use crate::facts::profile::{self, Profile};
use crate::facts::{Host, ModuleSystem, Os, Target};
use crate::model::{Machine, Origin};
use crate::policy::{PolicyFile, TargetPolicy};
use crate::probe;
use crate::rules::KnownHosts;
use crate::system::System;

/// A profile is a page of text.
const PROFILE_LIMIT: u64 = 1 << 20;

/// Finds facts and remembers them.
pub(super) struct Known<'s> {
    system: &'s dyn System,
    policy: Option<&'s PolicyFile>,
    flag: Option<&'s Path>,
    /// What `--target` says.
    asked: &'s TargetPolicy,
    profiles: Mutex<BTreeMap<PathBuf, Arc<Profile>>>,
    probed_host: OnceLock<Arc<Host>>,
    probed_target: OnceLock<Target>,
    live: Option<&'s Look>,
    /// This machine's name on the network.
    own_name: OnceLock<Option<String>>,
}

/// What was found for one machine.
pub(super) struct Found {
    pub report: MachineReport,
    pub target: Target,
    /// True when it is the machine that nixtune runs on, as far as anybody knows.
    pub is_here: bool,
    /// Why the hardware is not known; empty when it is, or when nobody would ask.
    pub missing: String,
}

impl<'s> Known<'s> {
    pub fn new(
        system: &'s dyn System,
        policy: Option<&'s PolicyFile>,
        request: &'s Request,
    ) -> Self {
        Self {
            system,
            policy,
            flag: request.host.as_deref(),
            asked: &request.target,
            profiles: Mutex::default(),
            probed_host: OnceLock::new(),
            probed_target: OnceLock::new(),
            live: request.live.as_ref(),
            own_name: OnceLock::new(),
        }
    }

    /// Reads the profile that `--host` names, so that a mistake in it shows even when no machine
    /// asks for it.
    pub fn check_flag(&self) -> Result<(), EngineError> {
        match self.flag {
            Some(path) => self.profile(path).map(drop),
            None => Ok(()),
        }
    }

    /// What is known about `machine`, one of `alike` machines of the operating system here.
    pub fn of(&self, machine: &Machine, alike: usize) -> Result<Found, EngineError> {
        let declared = match (self.flag, self.policy) {
            (Some(path), _) => Some((path, "`--host` names it".to_owned())),
            (None, Some(policy)) => policy
                .host_of(&machine.name)
                .map(|path| (path, format!("{} names it", policy.name))),
            (None, None) => None,
        };
        let mut target = machine.target.clone();
        self.declare(&mut target, &machine.name);
        let mut report = MachineReport {
            name: Arc::clone(&machine.name),
            host: None,
            host_source: None,
            host_reason: "".into(),
        };
        let mut missing = String::new();
        match declared {
            Some((path, reason)) => {
                let profile = self.profile(path)?;
                let of_profile = os_of(&profile);
                if fits(target.os(), of_profile) {
                    fill(&mut target, &profile.target);
                    if let Some(host) = &profile.host {
                        report.host = Some(Arc::new(host.clone()));
                        report.host_source = Some(self.shown(path).into());
                        report.host_reason = reason.into();
                    } else {
                        missing = format!("{} has no [host]", self.shown(path));
                    }
                } else {
                    missing = format!(
                        "{} describes a {} machine",
                        self.shown(path),
                        of_profile.map_or("different", os_name)
                    );
                }
            }
            None if self.is_for_here(machine, alike) => {
                let host = self
                    .probed_host
                    .get_or_init(|| Arc::new(probe::host(self.system)));
                report.host = Some(Arc::clone(host));
                report.host_source = Some(host.name.as_str().into());
                report.host_reason = "it can only be the machine that nixtune runs on".into();
            }
            None if self.is_alike(machine) && alike > 1 => {
                "several machines are configured, and which of them is this one is not known"
                    .clone_into(&mut missing);
            }
            None => {
                "the hardware is not known".clone_into(&mut missing);
                report.host_reason =
                    "no profile is named for it, and it need not be the machine that nixtune runs on"
                        .into();
            }
        }
        if (target.implementation.is_none() || target.version.is_none() || target.nix_is_assumed())
            && self.is_for_here(machine, alike)
        {
            let installed = self
                .probed_target
                .get_or_init(|| probe::target(self.system))
                .clone();
            // Who says which Nix it is, without a release, does not mean the one that is here.
            // Neither does a user who takes it from a nixpkgs of his own.
            let is_chosen = target.implementation.is_some()
                && machine.target.system() == Some(ModuleSystem::HomeManager);
            if target.implementation.is_none() || (target.nix_is_assumed() && !is_chosen) {
                target.fill_nix(&installed);
            }
            target.platform = target.platform.or(installed.platform);
        }
        if report.host.is_none() && report.host_reason.is_empty() {
            report.host_reason = missing.as_str().into();
        }
        if machine.target.system() == Some(ModuleSystem::FlakeConfig) {
            // Nobody sizes builds in a flake's nixConfig; nothing is missed.
            missing.clear();
        }
        Ok(Found {
            report,
            target,
            is_here: matches!(self.live, Some(Look::Told(_))) || self.is_for_here(machine, alike),
            missing,
        })
    }

    /// What `nixtune.toml` says about the Nix of the one machine, unless `--target` does.
    fn declare(&self, target: &mut Target, machine: &str) {
        let Some(policy) = self.policy else { return };
        let said = policy.target_of(machine).as_target(&policy.name);
        let asked = self.asked;
        if asked.implementation.is_none() && asked.version.is_none() {
            if said.implementation.is_some() {
                target.implementation = said.implementation;
                // A version belongs to its implementation.
                target.version = None;
            }
            target.version = said.version.or(target.version.take());
        }
        if asked.platform.is_none() {
            target.platform = said.platform.or(target.platform.take());
        }
    }

    /// The hardware that profiles of `nixtune.toml` describe, by the name of the machine. A profile
    /// that cannot be read leaves its machine unknown here; where it is the subject of a run,
    /// [`Known::of`] says so.
    pub fn hosts(&self) -> KnownHosts {
        let machines = self.policy.iter().flat_map(|policy| &policy.machines);
        machines
            .filter_map(|(name, machine)| {
                let profile = self.profile(machine.host.as_deref()?).ok()?;
                Some((name.clone(), Arc::new(profile.host.clone()?)))
            })
            .collect()
    }

    /// How many of the machines have the operating system of this one.
    pub fn alike(&self, machines: &[Machine]) -> usize {
        machines
            .iter()
            .filter(|machine| self.is_alike(machine))
            .filter(|machine| {
                matches!(
                    machine.target.system(),
                    Some(ModuleSystem::NixDarwin | ModuleSystem::Nixos)
                )
            })
            .count()
    }

    /// True when the files can only be, or are, for the machine that nixtune runs on: it is the
    /// only one of its operating system, or they are its own `nix.conf`.
    fn is_for_here(&self, machine: &Machine, alike: usize) -> bool {
        match self.live {
            Some(Look::Named(name)) if machine.target.os().is_some() => {
                return *machine.name == **name && self.is_alike(machine);
            }
            Some(Look::Found) if alike > 1 && self.is_alike(machine) => {
                return self.has_own_name(machine);
            }
            _ => {}
        }
        if machine.target.os().is_some() {
            let possible = !is_nixos(machine) || self.runs_nixos();
            return alike <= 1 && possible && self.is_alike(machine);
        }
        machine.target.system() == Some(ModuleSystem::NixConf)
            && self.is_own_conf(Path::new(machine.name.as_ref()))
    }

    /// True when a machine, or the one that a user's configuration is for (`user@machine`), has this
    /// machine's name on the network.
    fn has_own_name(&self, machine: &Machine) -> bool {
        let own = self.own_name.get_or_init(|| probe::host_name(self.system));
        let Some(own) = own else { return false };
        let label = own.split('.').next().unwrap_or(own);
        let name = machine.name.rsplit('@').next().unwrap_or_default();
        name.eq_ignore_ascii_case(own) || name.eq_ignore_ascii_case(label)
    }

    /// True when the files are for the operating system that nixtune runs on.
    fn is_alike(&self, machine: &Machine) -> bool {
        let here = match self.system.platform().0 {
            "linux" => Os::Linux,
            "macos" => Os::Darwin,
            _ => return false,
        };
        machine.target.os() == Some(here)
    }

    /// True when nixtune runs on NixOS: what `switch-to-configuration` asks before it does anything.
    fn runs_nixos(&self) -> bool {
        let exists = |path: &str| self.system.metadata(Path::new(path)).is_ok();
        let release = self
            .system
            .read(Path::new("/etc/os-release"), PROFILE_LIMIT);
        exists("/etc/NIXOS")
            || release.is_ok_and(|bytes| {
                let text = String::from_utf8_lossy(&bytes);
                text.lines()
                    .any(|line| matches!(line.trim_end(), "ID=nixos" | "ID=\"nixos\""))
            })
    }

    /// True for the `nix.conf` that Nix on this machine reads, whatever links lead there.
    fn is_own_conf(&self, path: &Path) -> bool {
        let Ok(real) = self.system.canonicalize(path) else {
            return false;
        };
        let own = [
            Some(PathBuf::from("/etc/nix/nix.conf")),
            Some(PathBuf::from("/etc/nix/nix.custom.conf")),
            self.system
                .config_home()
                .map(|home| home.join("nix/nix.conf")),
        ];
        own.iter()
            .flatten()
            .any(|file| self.system.canonicalize(file).is_ok_and(|own| own == real))
    }

    fn profile(&self, path: &Path) -> Result<Arc<Profile>, EngineError> {
        let profiles = || self.profiles.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = profiles().get(path) {
            return Ok(Arc::clone(known));
        }
        let profile = Arc::new(read_profile(self.system, path)?);
        profiles().insert(path.to_path_buf(), Arc::clone(&profile));
        Ok(profile)
    }

    /// A path as reports call it: from the working directory where it lies below that.
    fn shown(&self, path: &Path) -> String {
        super::shown(self.system, path)
    }
}

/// Reads a hardware profile.
///
/// # Errors
/// When it cannot be read, or has mistakes.
pub fn read_profile(system: &dyn System, path: &Path) -> Result<Profile, EngineError> {
    let shown = super::shown(system, path);
    let bytes = system.read(path, PROFILE_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| EngineError::NotText(PathBuf::from(&shown)))?;
    Ok(profile::read(&text, &shown)?)
}

/// True for a NixOS machine, and for a user's configuration that is part of one.
fn is_nixos(machine: &Machine) -> bool {
    let part_of = matches!(
        &machine.origin,
        Origin::Flake { set, user: Some(_), .. } if *set == "nixosConfigurations"
    );
    part_of || machine.target.system() == Some(ModuleSystem::Nixos)
}

fn os_name(os: Os) -> &'static str {
    match os {
        Os::Darwin => "macOS",
        Os::Linux => "Linux",
    }
}

fn os_of(profile: &Profile) -> Option<Os> {
    let host = profile
        .host
        .as_ref()
        .and_then(|host| host.platform.as_ref());
    host.map(|fact| fact.value.os)
        .or_else(|| profile.target.os())
}

/// False only when both are known and differ.
fn fits(machine: Option<Os>, profile: Option<Os>) -> bool {
    match (machine, profile) {
        (Some(machine), Some(profile)) => machine == profile,
        _ => true,
    }
}

fn fill(target: &mut Target, weaker: &Target) {
    target.fill_nix(weaker);
    if target.platform.is_none() {
        target.platform.clone_from(&weaker.platform);
    }
    if target.module_system.is_none() {
        target.module_system.clone_from(&weaker.module_system);
    }
}
