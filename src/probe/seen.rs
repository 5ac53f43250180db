//! What a look at the running machine shows besides its hardware.

use std::path::Path;

use super::store::kind;
use crate::facts::{FileSystemSeen, NixSeen};
use crate::system::System;

/// The file system that holds a folder, or would hold it once it is made. `None` when it does not
/// answer.
pub fn file_system(system: &dyn System, folder: &Path) -> Option<FileSystemSeen> {
    let (path, reading) = folder
        .ancestors()
        .find_map(|path| Some((path, system.disk(path)?)))?;
    let believable = (1..1 << 60).contains(&reading.size)
        && reading.free.is_none_or(|free| free <= reading.size);
    let (inodes, free_inodes) = reading.inodes.unzip();
    Some(FileSystemSeen {
        kind: kind(system, path).map(|(kind, _)| kind),
        size_bytes: believable.then_some(reading.size),
        free_bytes: reading.free.filter(|_| believable),
        inodes,
        free_inodes,
    })
}

/// Whether the kernel offers virtual machines: Nix takes `kvm` among its system features by itself
/// when it may open the device (`src/libstore/globals.cc`, `getDefaultSystemFeatures`). `None` where
/// the system has no such device.
pub fn has_kvm(system: &dyn System) -> Option<bool> {
    let is_linux = system.platform().0 == "linux";
    is_linux.then(|| system.metadata(Path::new("/dev/kvm")).is_ok())
}

/// What shows that Determinate's daemon manages this machine: the program for which nix-darwin looks
/// before it activates (`modules/system/checks.nix`), or its launchd job. Empty when nothing does.
pub fn determinate_daemon(system: &dyn System) -> String {
    const MARKS: [&str; 2] = [
        "/usr/local/bin/determinate-nixd",
        "/Library/LaunchDaemons/systems.determinate.nix-daemon.plist",
    ];
    let found = MARKS
        .iter()
        .find(|mark| system.metadata(Path::new(mark)).is_ok());
    found.map_or_else(String::new, |mark| (*mark).to_owned())
}

/// The Nix that is installed.
pub fn nix(system: &dyn System) -> Option<NixSeen> {
    let (installed, _) = super::nix::installed(system)?;
    Some(NixSeen {
        implementation: installed.implementation,
        version: installed.version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    #[test]
    fn a_folder_that_is_not_there_yet_would_lie_on_the_file_system_above() {
        let system = Memory::new()
            .with_disk("/", 100, 40)
            .with_inodes("/", 1000, 10)
            .with_disk("/tmp", 8, 8)
            .file(
                "/proc/self/mountinfo",
                "22 1 0:1 / / rw - ext4 /dev/a rw\n23 22 0:2 / /tmp rw - tmpfs tmpfs rw\n",
            );
        let root = file_system(&system, Path::new("/nix/var/nix/builds")).unwrap();
        assert_eq!(root.kind.as_deref(), Some("ext4"));
        assert_eq!((root.inodes, root.free_inodes), (Some(1000), Some(10)));
        let tmp = file_system(&system, Path::new("/tmp")).unwrap();
        assert_eq!(
            (tmp.kind.as_deref(), tmp.size_bytes),
            (Some("tmpfs"), Some(8))
        );
        assert_eq!(tmp.inodes, None);
    }

    #[test]
    fn marks_of_a_daemon_are_named() {
        assert_eq!(determinate_daemon(&Memory::new()), "");
        let system = Memory::new().file("/usr/local/bin/determinate-nixd", "");
        assert_eq!(
            determinate_daemon(&system),
            "/usr/local/bin/determinate-nixd"
        );
    }
}
