//! The file system that holds the store.

use std::path::{Path, PathBuf};

use super::{mounts, read};
use crate::facts::{Fact, How, StoreDisk};
use crate::system::System;
use crate::units::Bytes;

/// Where the store is, by the variable that Nix itself obeys.
pub fn store_folder(system: &dyn System) -> PathBuf {
    match system.env("NIX_STORE_DIR") {
        Some(path) if Path::new(&path).is_absolute() => PathBuf::from(path),
        _ => PathBuf::from("/nix/store"),
    }
}

/// Where Nix keeps its database, profiles and roots, by the variable that Nix itself obeys.
pub fn state_folder(system: &dyn System) -> PathBuf {
    match system.env("NIX_STATE_DIR") {
        Some(path) if Path::new(&path).is_absolute() => PathBuf::from(path),
        _ => PathBuf::from("/nix/var/nix"),
    }
}

/// The file system that holds the store. `None` when no file system answers.
pub fn store_disk(system: &dyn System) -> Option<StoreDisk> {
    let store = store_folder(system);
    // Where there is no store yet, it would come to lie on the file system of the nearest folder.
    let (path, reading) = store
        .ancestors()
        .find_map(|path| Some((path, system.disk(path)?)))?;
    let (how, place) = if path == store {
        (How::Probed, store.display().to_string())
    } else {
        let (store, path) = (store.display(), path.display());
        (
            How::Assumed,
            format!("{path}, because {store} is not there"),
        )
    };
    let fact = |bytes: u64| Fact {
        value: Bytes(bytes),
        how,
        source: format!("statvfs {place}"),
    };
    let believable = reading.size > 0 && reading.size < 1 << 60;
    let kind = kind(system, path).map(|(value, source)| Fact { value, how, source });
    if !believable && kind.is_none() {
        return None;
    }
    Some(StoreDisk {
        size: believable.then(|| fact(reading.size)),
        free: reading
            .free
            .filter(|free| believable && *free <= reading.size)
            .map(fact),
        kind,
    })
}

pub(super) fn kind(system: &dyn System, path: &Path) -> Option<(String, String)> {
    let real = system.canonicalize(path).ok()?;
    let (mounts, source) = match system.platform().0 {
        "linux" => (
            mounts::linux(&read(system, "/proc/self/mountinfo")?),
            "/proc/self/mountinfo",
        ),
        "macos" => (
            mounts::darwin(&system.run("/sbin/mount", &[]).ok()?.text()),
            "mount",
        ),
        _ => return None,
    };
    let mount = mounts::holding(&mounts, &real)?;
    Some((mount.kind.clone(), source.to_owned()))
}
