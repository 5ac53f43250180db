//! What this machine is: facts read through [`System`], each with the place it was read from.
//!
//! A fact that cannot be read, or whose value no machine can have, is left out. Nothing here
//! fails.

mod cgroup;
mod cpu_list;
mod darwin;
mod linux;
mod mounts;
mod nix;
mod seen;
mod store;

pub use nix::parse_version;
pub use seen::{determinate_daemon, file_system, has_kvm, nix as installed_nix};
pub use store::{state_folder, store_disk, store_folder};

use std::path::Path;

use crate::facts::{Arch, Fact, Host, Os, Platform, Target};
use crate::system::System;
use crate::units::{Bytes, Threads};

/// The hardware of this machine.
pub fn host(system: &dyn System) -> Host {
    let platform = platform(system);
    let mut host = Host {
        platform,
        store: store::store_disk(system),
        ..Host::unknown("this machine")
    };
    match system.platform().0 {
        "linux" => linux::fill(system, &mut host),
        "macos" => darwin::fill(system, &mut host),
        _ => {}
    }
    host
}

/// The Nix of this machine. The module system stays open: it depends on the files, not on the
/// machine.
pub fn target(system: &dyn System) -> Target {
    let installed = nix::installed(system);
    Target {
        implementation: installed
            .as_ref()
            .map(|(found, source)| Fact::probed(found.implementation, source.clone())),
        version: installed
            .as_ref()
            .map(|(found, source)| Fact::probed(found.version, source.clone())),
        platform: platform(system),
        series: None,
        module_system: None,
    }
}

/// The name of this machine on the network; `None` when it does not say.
pub fn host_name(system: &dyn System) -> Option<String> {
    const LONGEST_BYTES: u64 = 1 << 10;
    let bytes = match system.platform().0 {
        "linux" => {
            let file = Path::new("/proc/sys/kernel/hostname");
            system.read(file, LONGEST_BYTES).ok()?
        }
        _ => system.run("/bin/hostname", &["-s"]).ok()?.stdout,
    };
    let name = String::from_utf8(bytes).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn platform(system: &dyn System) -> Option<Fact<Platform>> {
    let (os, arch) = system.platform();
    let os = match os {
        "linux" => Os::Linux,
        "macos" => Os::Darwin,
        _ => return None,
    };
    let arch = match arch {
        "aarch64" => Some(Arch::Aarch64),
        "x86_64" => Some(Arch::X86_64),
        _ => None,
    };
    if os == Os::Darwin && arch == Some(Arch::X86_64) && darwin::is_arm(system) {
        let arch = Some(Arch::Aarch64);
        return Some(Fact::probed(Platform { os, arch }, "hw.optional.arm64"));
    }
    let platform = Platform { os, arch };
    Some(Fact::probed(platform, "the platform this program runs on"))
}

/// The text of a small file of the system; `None` when it cannot be had.
fn read(system: &dyn System, path: impl AsRef<Path>) -> Option<String> {
    const LIMIT: u64 = 4 << 20;
    let bytes = system.read(path.as_ref(), LIMIT).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Drops counts that no machine has.
fn believable_threads(count: u64) -> Option<Threads> {
    let most = crate::facts::profile::MOST_THREADS;
    let count = u32::try_from(count).ok()?;
    (1..=most).contains(&count).then_some(Threads(count))
}

/// Drops amounts of memory that no machine has: under 16 MiB, or from 2⁵⁰ bytes up.
fn believable_memory(bytes: u64) -> Option<Bytes> {
    (16 * Bytes::MIB..1 << 50)
        .contains(&bytes)
        .then_some(Bytes(bytes))
}
