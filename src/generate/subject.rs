//! Whom a file is generated for: a machine, what it is used for, and what reads the file.

use std::str::FromStr;

use crate::facts::{
    BuildSlotsSeen, Fact, Host, Implementation, ModuleSystem, Os, StoreDisk, Target,
};
use crate::tune::Profile;
use crate::units::{Bytes, Threads};

/// Where the settings go.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Sink {
    /// A module of nix-darwin.
    NixDarwin,
    /// A module of NixOS.
    Nixos,
    /// A module of home-manager: what the daemon takes from users that it does not trust.
    HomeManager,
    /// A module of nix-darwin where Determinate manages Nix.
    Determinate,
    /// Lines of a `nix.conf`.
    NixConf,
    /// `nixConfig` of a flake.
    Flake,
}

impl Sink {
    /// Every sink, in the order of lists.
    pub const ALL: [Self; 6] = [
        Self::NixDarwin,
        Self::Nixos,
        Self::HomeManager,
        Self::Determinate,
        Self::NixConf,
        Self::Flake,
    ];

    /// The word that `--for` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NixDarwin => "darwin",
            Self::Nixos => "nixos",
            Self::HomeManager => "home-manager",
            Self::Determinate => "determinate",
            Self::NixConf => "nix-conf",
            Self::Flake => "flake",
        }
    }

    /// What reads the file.
    pub const fn module_system(self) -> ModuleSystem {
        match self {
            Self::NixDarwin | Self::Determinate => ModuleSystem::NixDarwin,
            Self::Nixos => ModuleSystem::Nixos,
            Self::HomeManager => ModuleSystem::HomeManager,
            Self::NixConf => ModuleSystem::NixConf,
            Self::Flake => ModuleSystem::FlakeConfig,
        }
    }

    /// True for a module, which has a file of its own.
    pub const fn is_module(self) -> bool {
        !matches!(self, Self::NixConf | Self::Flake)
    }

    /// The operating system that it is for, where that follows.
    pub const fn os(self) -> Option<Os> {
        match self {
            Self::NixDarwin | Self::Determinate => Some(Os::Darwin),
            Self::Nixos => Some(Os::Linux),
            Self::HomeManager | Self::NixConf | Self::Flake => None,
        }
    }
}

/// What a machine is used for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Usage {
    /// Somebody works at it; the machine decides what that leaves for builds.
    Balanced,
    /// Builds take all of it.
    Fast,
    /// One build at a time.
    LowMemory,
    /// It builds and serves, unattended.
    Server,
    /// It builds for tests.
    Ci,
    /// Somebody works at it away from a socket: builds take half of what they otherwise would.
    LaptopBattery,
}

impl Usage {
    /// Every usage, in the order of lists.
    pub const ALL: [Self; 6] = [
        Self::Balanced,
        Self::Fast,
        Self::LowMemory,
        Self::Server,
        Self::Ci,
        Self::LaptopBattery,
    ];

    /// The word that `--profile` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Fast => "fast",
            Self::LowMemory => "low-memory",
            Self::Server => "server",
            Self::Ci => "ci",
            Self::LaptopBattery => "laptop-battery",
        }
    }

    /// How many builds and how much memory fit: `tune`'s word for it.
    pub fn build_profile(self, host: &Host) -> Profile {
        match self {
            Self::Balanced => Profile::of(host),
            Self::Fast | Self::Server => Profile::Server,
            Self::LowMemory => Profile::LowMemory,
            Self::Ci => Profile::Ci,
            Self::LaptopBattery => Profile::Battery,
        }
    }

    /// How disk and generations are kept: a fast laptop is still a laptop.
    pub fn upkeep_profile(self, host: &Host) -> Profile {
        match self {
            Self::Fast | Self::LaptopBattery => Profile::Interactive,
            other => other.build_profile(host),
        }
    }
}

impl FromStr for Usage {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|usage| usage.name() == text).ok_or(())
    }
}

/// A machine that files are generated for.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The hardware; what was not known is filled in with assumed facts.
    pub host: Host,
    /// The Nix.
    pub target: Target,
    /// Where the settings go.
    pub sink: Sink,
    /// What it is used for.
    pub usage: Usage,
    /// True when the configuration is a flake.
    pub has_flake: bool,
    /// True when its home-manager is known to be of before 2025-08-21, which calls `nix.gc.dates`
    /// by its former name.
    pub has_former_gc_dates: bool,
    /// What recorded simulations say about its build slots; `None` when there are none.
    pub build_slots: Option<BuildSlotsSeen>,
}

/// Hardware that no build runs on.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SubjectError {
    /// No thread.
    #[error("{0} has 0 threads, and no build runs on that; correct its profile")]
    NoThreads(String),
    /// Too little memory to evaluate a configuration.
    #[error(
        "{host} has {memory} of memory, and evaluating a configuration alone takes about {LEAST_MEMORY}; \
         build for it on another machine"
    )]
    TooLittleMemory {
        /// The machine.
        host: String,
        /// Its memory.
        memory: Bytes,
    },
    /// A profile of another operating system.
    #[error("{host} runs {found}, and `--for {sink}` is for {wanted}", found = os_name(*.found), wanted = os_name(*.wanted))]
    OtherSystem {
        /// The machine.
        host: String,
        /// What it runs.
        found: Os,
        /// The word of `--for`.
        sink: &'static str,
        /// What that needs.
        wanted: Os,
    },
}

fn os_name(os: Os) -> &'static str {
    match os {
        Os::Darwin => "macOS",
        Os::Linux => "Linux",
    }
}

/// Less memory than this does not evaluate a configuration.
const LEAST_MEMORY: Bytes = Bytes::from_gib(1);

/// What stands in for hardware that is not known: a small machine, so that nothing is too much.
const ASSUMED_THREADS: Threads = Threads(4);
const ASSUMED_MEMORY: Bytes = Bytes::from_gib(8);
const ASSUMED_DISK: Bytes = Bytes::from_gib(256);

/// A host that builds can run on, with threads and memory assumed where they are not known.
///
/// # Errors
/// Hardware that no build runs on.
pub(super) fn buildable(host: &Host) -> Result<Host, SubjectError> {
    let mut host = host.clone();
    if host.threads.as_ref().is_some_and(|fact| fact.value.0 == 0) {
        return Err(SubjectError::NoThreads(host.name));
    }
    if let Some(memory) = host.memory.as_ref().filter(|it| it.value < LEAST_MEMORY) {
        return Err(SubjectError::TooLittleMemory {
            memory: memory.value,
            host: host.name,
        });
    }
    assume(&mut host.threads, ASSUMED_THREADS);
    assume(&mut host.memory, ASSUMED_MEMORY);
    Ok(host)
}

fn assume<T>(fact: &mut Option<Fact<T>>, value: T) {
    fact.get_or_insert_with(|| Fact::assumed(value, "nixtune, for want of a measurement"));
}

/// Hardware in words: `12 threads, 36 GiB of memory, a disk of 926 GiB`.
pub(super) fn hardware(host: &Host) -> String {
    let mut parts = Vec::new();
    parts.extend(host.threads.as_ref().map(|it| it.value.to_string()));
    let memory = host.memory.as_ref();
    parts.extend(memory.map(|it| format!("{} of memory", it.value)));
    let disk = host.store.as_ref().and_then(|disk| disk.size.as_ref());
    parts.extend(disk.map(|it| format!("a disk of {}", it.value)));
    parts.join(", ")
}

impl Subject {
    /// A subject whose hardware is `host`, as far as it is known.
    ///
    /// # Errors
    /// Hardware that no build runs on, or of another operating system than `sink` is for.
    pub fn new(
        host: &Host,
        target: &Target,
        sink: Sink,
        usage: Usage,
    ) -> Result<Self, SubjectError> {
        let mut host = buildable(host)?;
        // It becomes part of comments.
        host.name = host.name.replace(char::is_control, " ");
        let found = host.platform.as_ref().map(|platform| platform.value.os);
        if let (Some(found), Some(wanted)) = (found, sink.os())
            && found != wanted
        {
            return Err(SubjectError::OtherSystem {
                host: host.name,
                found,
                sink: sink.name(),
                wanted,
            });
        }
        let disk = host.store.get_or_insert(StoreDisk {
            size: None,
            free: None,
            kind: None,
        });
        assume(&mut disk.size, ASSUMED_DISK);
        let mut target = target.clone();
        target.module_system = Some(Fact::declared(sink.module_system(), "--for"));
        if sink == Sink::Determinate {
            target.implementation = Some(Fact::declared(Implementation::Determinate, "--for"));
        }
        target.platform = target.platform.or(host.platform.clone());
        Ok(Self {
            host,
            target,
            sink,
            usage,
            has_flake: false,
            has_former_gc_dates: false,
            build_slots: None,
        })
    }

    /// The operating system, as far as it is known.
    pub fn os(&self) -> Option<Os> {
        self.sink.os().or_else(|| self.target.os())
    }

    /// True when Determinate made the Nix.
    pub fn is_determinate(&self) -> bool {
        let made = self.target.implementation.as_ref();
        made.is_some_and(|made| made.value == Implementation::Determinate)
    }

    /// What its home-manager calls the schedule of garbage collection.
    pub fn gc_dates_name(&self) -> &'static str {
        if self.has_former_gc_dates {
            "frequency"
        } else {
            "dates"
        }
    }

    /// The hardware in words: `12 threads, 36 GiB of memory, a disk of 926 GiB`.
    pub fn hardware(&self) -> String {
        hardware(&self.host)
    }
}
