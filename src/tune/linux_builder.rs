//! `nix.linux-builder`: the size of the virtual machine that builds for Linux on a Mac.

use super::{Recommendation, UsedFact, core_facts, weakest};
use crate::facts::{Host, How, Os};
use crate::units::Bytes;

/// The virtual machine.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct LinuxBuilder {
    /// `virtualisation.cores`.
    pub cores: u32,
    /// `virtualisation.darwin-builder.memorySize`, which counts in MiB.
    pub memory: Bytes,
    /// `virtualisation.darwin-builder.diskSize`, which counts in MiB.
    pub disk: Bytes,
    /// `nix.linux-builder.maxJobs`: builds at once.
    pub max_jobs: u32,
    /// `nix.settings.cores` inside: threads for each build.
    pub cores_per_job: u32,
}

/// The smallest Mac, in GiB, that has room for the virtual machine beside itself.
const SMALLEST: u64 = 8;

/// The size that fits a Mac. `None` on another system, when its cores or its memory are not known, or when it has
/// less than 8 GiB.
///
/// With `P` performance cores (threads, when all cores are alike), `R` memory and `D` disk in GiB:
/// ```text
/// cores    = min(P, max(2, P / 2))
/// memory   = R / 4 within 4 … 16
/// disk     = 10 % D within 40 … 100, and at most D / 4; 40 when D is not known
/// max-jobs = max(1, min(cores, (memory - 1) / 2))
/// ```
pub fn linux_builder(host: &Host) -> Option<Recommendation<LinuxBuilder>> {
    if host
        .platform
        .as_ref()
        .is_some_and(|fact| fact.value.os != Os::Darwin)
    {
        return None;
    }
    let memory = host.memory.as_ref()?;
    let mut facts = core_facts(host);
    let performance = match host.performance_cores() {
        Some(cores) => cores,
        None => {
            let threads = host.threads.as_ref()?;
            facts.push(UsedFact::new("threads", threads));
            threads.value.0
        }
    };
    facts.push(UsedFact::new("memory", memory));
    let gib = memory.value.0 / Bytes::GIB;
    if gib < SMALLEST {
        return None;
    }
    let performance = performance.max(1);
    let cores = (performance / 2).max(2).min(performance);
    let vm_memory = (gib / 4).clamp(4, 16);
    let fed = u32::try_from((vm_memory - 1) / 2).unwrap_or(u32::MAX);
    let max_jobs = cores.min(fed).max(1);
    let size = host.store.as_ref().and_then(|disk| disk.size.as_ref());
    let disk = match size {
        Some(size) => {
            facts.push(UsedFact::new("store disk", size));
            let whole = size.value.0 / Bytes::GIB;
            (size.value.0 / 10 / Bytes::GIB)
                .clamp(40, 100)
                .min((whole / 4).max(1))
        }
        None => 40,
    };
    let known = weakest(&facts);
    Some(Recommendation {
        value: LinuxBuilder {
            cores,
            memory: Bytes::from_gib(vm_memory),
            disk: Bytes::from_gib(disk),
            max_jobs,
            cores_per_job: cores.checked_div(max_jobs).unwrap_or(1).max(1),
        },
        formula: format!(
            "half of {performance} performance cores are {cores}; a quarter of {} within 4 … 16 GiB \
             is {vm_memory} GiB, enough for {max_jobs} build{} of 2 GiB; {}",
            memory.value,
            if max_jobs == 1 { "" } else { "s" },
            match size {
                Some(size) => format!("10 % of {} within 40 … 100 GiB is {disk} GiB", size.value),
                None => "40 GiB of disk, because its size is not known".to_owned(),
            }
        ),
        parts: Vec::new(),
        bounds: "cores ≤ performance cores, memory ≤ half of the Mac's and ≥ 2 GiB × max-jobs + 1, \
                 disk ≤ a quarter of the Mac's, max-jobs × cores per job ≤ cores",
        source: "nixtune's; the default (1 core, 3 GiB, 20 GiB) is too small for many packages \
                 (DavSanchez/Nix-Relic#98), published machines have 4 … 6 cores, 8 … 32 GiB, 40 … 100 GiB",
        weakest: if size.is_none() { How::Assumed } else { known },
        facts,
        alternatives: Vec::new(),
    })
}
