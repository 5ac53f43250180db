//! The virtual machine that builds for Linux on a Mac.

use serde::Serialize;

use super::super::template::nix_list;
use super::super::{Row, Sink, Subject};
use super::{BuildersError, COLUMNS};
use crate::facts::{Arch, How};
use crate::tune;
use crate::units::Bytes;

/// Blanks before an option of the virtual machine.
const GUEST_INDENT: usize = 4;

/// What is wanted of the virtual machine.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct GuestWishes {
    /// Its disk begins anew with each start.
    pub is_ephemeral: bool,
    /// It emulates the other architecture.
    pub emulates: bool,
}

#[derive(Serialize)]
pub(super) struct Guest {
    set: &'static str,
    cores: u32,
    memory_gib: u64,
    disk_gib: u64,
    max_jobs: u32,
    cores_per_job: u32,
    comment: Vec<String>,
    is_ephemeral: bool,
    /// The other architecture, when it is emulated.
    emulated: Option<&'static str>,
    systems_nix: String,
    own_system: &'static str,
}

/// The machine that fits the subject, with its row.
pub(super) fn guest(
    subject: &Subject,
    wishes: GuestWishes,
    explain: bool,
    rows: &mut Vec<Row>,
) -> Result<Guest, BuildersError> {
    let set = match subject.sink {
        Sink::NixDarwin => "nix.linux-builder",
        Sink::Determinate => "determinateNix.nixosVmBasedLinuxBuilder",
        _ => return Err(BuildersError::NoMac),
    };
    let host = &subject.host;
    let found = tune::linux_builder(host).ok_or_else(|| {
        let memory = host.memory.as_ref().map(|fact| fact.value);
        match memory {
            Some(memory) if memory < Bytes::from_gib(8) => BuildersError::SmallMac {
                host: host.name.clone(),
                memory,
            },
            _ => BuildersError::NotMac(host.name.clone()),
        }
    })?;
    let size = found.value;
    let row = Row {
        name: set.to_owned(),
        value: format!("{} cores, {}, {}", size.cores, size.memory, size.disk),
        reason: found.formula.clone(),
        source: found.source,
        assumed: found.weakest == How::Assumed,
    };
    let comment = row.comment_within(explain, COLUMNS);
    rows.push(row);
    let arch = host.platform.as_ref().and_then(|fact| fact.value.arch);
    let (own_system, other) = match arch {
        Some(Arch::X86_64) => ("x86_64-linux", "aarch64-linux"),
        Some(Arch::Aarch64) | None => ("aarch64-linux", "x86_64-linux"),
    };
    let systems = [own_system.to_owned(), other.to_owned()];
    Ok(Guest {
        set,
        cores: size.cores,
        memory_gib: size.memory.0 / Bytes::GIB,
        disk_gib: size.disk.0 / Bytes::GIB,
        max_jobs: size.max_jobs,
        cores_per_job: size.cores_per_job,
        comment,
        is_ephemeral: wishes.is_ephemeral,
        emulated: wishes.emulates.then_some(other),
        systems_nix: nix_list("systems", &systems, GUEST_INDENT),
        own_system,
    })
}
