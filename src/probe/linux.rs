//! Linux: `/proc` and `/sys`.

use std::collections::{BTreeMap, BTreeSet};

use super::cgroup::{self, Limit};
use super::{believable_memory, believable_threads, cpu_list, read};
use crate::facts::{CoreLevel, CoreRole, Fact, Host};
use crate::system::System;
use crate::units::{Bytes, Threads};

/// Fills threads, core levels, memory and swap.
pub(super) fn fill(system: &dyn System, host: &mut Host) {
    let limits = cgroup::limits(system);
    let online = read(system, "/sys/devices/system/cpu/online")
        .and_then(|text| cpu_list::parse(&text))
        .filter(|cpus| !cpus.is_empty());
    host.threads = threads(system, online.as_ref(), limits.millicpus);
    host.core_levels = match pmu_levels(system) {
        levels if levels.is_empty() => online
            .map(|cpus| capacity_levels(system, &cpus))
            .unwrap_or_default(),
        levels => levels,
    };
    let reading = system.memory();
    let meminfo = read(system, "/proc/meminfo").unwrap_or_default();
    host.memory = reading
        .total
        .or_else(|| meminfo_bytes(&meminfo, "MemTotal"))
        .and_then(believable_memory)
        .map(|bytes| Fact::probed(bytes, "/proc/meminfo MemTotal"));
    host.memory = limited(host.memory.take(), limits.memory, believable_memory);
    host.swap = reading
        .swap
        .or_else(|| meminfo_bytes(&meminfo, "SwapTotal"))
        .filter(|bytes| *bytes < 1 << 50)
        .map(|bytes| Fact::probed(Bytes(bytes), "/proc/meminfo SwapTotal"));
    host.swap = limited(host.swap.take(), limits.swap, |bytes| Some(Bytes(bytes)));
}

/// The lower of what the machine has and what the control group allows.
fn limited(
    fact: Option<Fact<Bytes>>,
    limit: Option<Limit>,
    believable: impl Fn(u64) -> Option<Bytes>,
) -> Option<Fact<Bytes>> {
    let Some(limit) = limit else { return fact };
    // No limit at all is written as a huge number in version 1, so a limit alone says little.
    let (Some(known), Some(allowed)) = (&fact, believable(limit.amount)) else {
        return fact;
    };
    if allowed < known.value {
        Some(Fact::probed(allowed, limit.source))
    } else {
        fact
    }
}

fn meminfo_bytes(text: &str, key: &str) -> Option<u64> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(':'))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(Bytes::KIB)
}

/// Processors that this process may run on, limited by the group's quota. A part of a processor
/// counts as one, as `cores = 0` counts it in Nix.
fn threads(
    system: &dyn System,
    online: Option<&BTreeSet<u32>>,
    quota: Option<Limit>,
) -> Option<Fact<Threads>> {
    let allowed = read(system, "/proc/self/status").and_then(|text| {
        let list = text
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
        cpu_list::parse(list)
    });
    let (count, source) = match (allowed, online) {
        // The list of allowed processors may name some that could be plugged in later.
        (Some(allowed), Some(online)) if !allowed.is_disjoint(online) => (
            allowed.intersection(online).count(),
            "/proc/self/status Cpus_allowed_list",
        ),
        (Some(allowed), None) => (allowed.len(), "/proc/self/status Cpus_allowed_list"),
        (_, Some(online)) => (online.len(), "/sys/devices/system/cpu/online"),
        (None, None) => (
            read(system, "/proc/cpuinfo")?
                .lines()
                .filter(|line| {
                    line.split(':')
                        .next()
                        .is_some_and(|key| key.trim() == "processor")
                })
                .count(),
            "/proc/cpuinfo",
        ),
    };
    let threads = believable_threads(count as u64)?;
    let quota = quota.and_then(|limit| {
        let whole = believable_threads(limit.amount.div_ceil(1000))?;
        Some((whole, limit.source))
    });
    Some(match quota {
        Some((whole, file)) if whole < threads => Fact::probed(whole, file),
        _ => Fact::probed(threads, source),
    })
}

/// Hybrid Intel processors: the kernel lists the processors of each performance-counter unit.
fn pmu_levels(system: &dyn System) -> Vec<Fact<CoreLevel>> {
    let units = [
        ("cpu_core", "Performance", CoreRole::Performance),
        ("cpu_atom", "Efficiency", CoreRole::Efficiency),
        ("cpu_lowpower", "Low power", CoreRole::Efficiency),
    ];
    let levels: Vec<_> = units
        .into_iter()
        .filter_map(|(unit, name, role)| {
            let file = format!("/sys/devices/{unit}/cpus");
            let cpus = cpu_list::parse(&read(system, &file)?)?;
            level(system, name, role, &cpus, file)
        })
        .collect();
    // One unit alone is what a machine with equal cores has.
    if levels.len() < 2 { Vec::new() } else { levels }
}

/// ARM and others: each processor's capacity relative to the strongest, which has 1024.
///
/// A level counts as efficient when its capacity is at most 60 % of the strongest. Between the
/// strong kinds of one chip, and between the favored and the other cores of one kind, lies less
/// (Cortex-X and Cortex-A7xx: 80 to 95 %); between strong and efficient cores lies more
/// (Cortex-A5xx: 15 to 45 %, Apple's: 40 to 50 %).
fn capacity_levels(system: &dyn System, cpus: &BTreeSet<u32>) -> Vec<Fact<CoreLevel>> {
    let mut by_capacity: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
    for cpu in cpus {
        let file = format!("/sys/devices/system/cpu/cpu{cpu}/cpu_capacity");
        let Some(capacity) = read(system, file).and_then(|text| text.trim().parse().ok()) else {
            // Not every processor says it, so nothing can be compared.
            return Vec::new();
        };
        by_capacity.entry(capacity).or_default().insert(*cpu);
    }
    let Some(best) = by_capacity.keys().next_back().copied() else {
        return Vec::new();
    };
    let is_efficient = |capacity: u64| capacity.saturating_mul(10) <= best.saturating_mul(6);
    if !by_capacity.keys().any(|capacity| is_efficient(*capacity)) {
        return Vec::new();
    }
    by_capacity
        .iter()
        .rev()
        .filter_map(|(capacity, cpus)| {
            let role = if is_efficient(*capacity) {
                CoreRole::Efficiency
            } else {
                CoreRole::Performance
            };
            let source = "/sys/devices/system/cpu/cpu*/cpu_capacity".to_owned();
            level(system, &format!("capacity {capacity}"), role, cpus, source)
        })
        .collect()
}

fn level(
    system: &dyn System,
    name: &str,
    role: CoreRole,
    cpus: &BTreeSet<u32>,
    source: String,
) -> Option<Fact<CoreLevel>> {
    // Two threads of one core name each other; a core is counted by its first thread.
    let cores: BTreeSet<u32> = cpus
        .iter()
        .map(|cpu| {
            let file = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
            read(system, file)
                .and_then(|text| cpu_list::parse(&text)?.first().copied())
                .unwrap_or(*cpu)
        })
        .collect();
    let cores = u32::try_from(cores.len()).ok().filter(|cores| *cores > 0)?;
    Some(Fact::probed(
        CoreLevel {
            name: name.to_owned(),
            role,
            cores,
        },
        source,
    ))
}
