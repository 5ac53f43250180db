//! `max-jobs` and `cores`: how many builds at once, and how many threads each.

use super::{Alternative, LOW_MEMORY, Profile, Recommendation, UsedFact, core_facts, weakest};
use crate::facts::{BuildSlotsSeen, Host};
use crate::units::{Bytes, Threads};

/// Builds at once and threads for each.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BuildSlots {
    /// `max-jobs`; at least 1.
    pub max_jobs: u32,
    /// `cores`; at least 1, so never the 0 that means all of them.
    pub cores: u32,
}

impl BuildSlots {
    /// Threads that are busy when every slot is.
    pub fn total(self) -> u64 {
        u64::from(self.max_jobs).saturating_mul(u64::from(self.cores))
    }
}

/// Memory that one build gets, from tiiuae/ghaf-infra; NixOS/infra's m1 machines give the same.
const PER_BUILD: u64 = 4 * Bytes::GIB;
/// A machine with at least this much memory for each thread has some to spare.
const RICH_PER_THREAD: u64 = 4 * Bytes::GIB;
/// Memory and threads of one very large build (browsers, compilers), from NixOS/infra's
/// `m2.large`.
const LARGE_BUILD: (u64, u32) = (12 * Bytes::GIB, 4);

/// Slots for a machine. `None` when its threads or its memory are not known.
///
/// Server and CI, with `T` threads and `R` bytes of memory (all divisions round down, `⌈⌉` up):
/// ```text
/// budget    = max(1, min(T / 2, ⌈R / 4 GiB⌉))
/// aggregate = min(T, 2 × budget)
/// fewest    = min(budget, max(4, ⌈budget / 3⌉))
/// cores     = max(1, aggregate / fewest)
/// max-jobs  = min(budget, aggregate / cores)
/// ```
/// Interactive: the same with `P + E / 2 - 1` threads, where P and E are the performance and the
/// efficiency cores (`T - 1` when all cores are alike, and nothing taken off below 4); with up to
/// 8 GiB as low memory. On battery: half of these threads.
/// Low memory: `max-jobs = 1`, `cores = max(2, (R - 3 GiB) / 2 GiB)`, at most the threads of an
/// interactive machine, and at most P up to 8 GiB.
pub fn build_slots(host: &Host, profile: Profile) -> Option<Recommendation<BuildSlots>> {
    let threads = host.threads.as_ref()?;
    let memory = host.memory.as_ref()?;
    let profile = within_memory(profile, memory.value);
    let mut facts = vec![
        UsedFact::new("threads", threads),
        UsedFact::new("memory", memory),
    ];
    if !matches!(profile, Profile::Server | Profile::Ci) {
        facts.extend(core_facts(host));
    }
    let mut for_builds = threads.value;
    let (value, formula) = match profile {
        Profile::LowMemory => low_memory(host, threads.value, memory.value),
        Profile::Interactive => {
            let (usable, words) = usable(host, threads.value);
            for_builds = usable;
            let (slots, formula) = divide(usable, memory.value);
            (slots, format!("{words}; {formula}"))
        }
        Profile::Battery => {
            let (usable, words) = usable(host, threads.value);
            let half = Threads((usable.0 / 2).max(1));
            for_builds = half;
            let (slots, formula) = divide(half, memory.value);
            let words = format!("{words}, half of them on purpose, away from a socket");
            (slots, format!("{words}; {formula}"))
        }
        Profile::Server | Profile::Ci => divide(threads.value, memory.value),
    };
    Some(Recommendation {
        value,
        formula,
        parts: Vec::new(),
        bounds: "1 ≤ max-jobs, 1 ≤ cores, max-jobs × cores ≤ threads",
        source: match profile {
            Profile::Server | Profile::Ci => {
                "tiiuae/ghaf-infra hosts/lib/nix-tuning.nix; the same values as NixOS/infra's m1 \
                 and ofborg-x86_64 machines"
            }
            Profile::Interactive | Profile::Battery => {
                "tiiuae/ghaf-infra hosts/lib/nix-tuning.nix; the share of efficiency cores and the \
                 core kept free are nixtune's"
            }
            Profile::LowMemory => "nixtune's; 3 GiB are left to the system",
        },
        weakest: weakest(&facts),
        facts,
        alternatives: alternatives(profile, for_builds, memory.value, value),
    })
}

/// With little memory every use is [`Profile::LowMemory`], but for servers.
fn within_memory(profile: Profile, memory: Bytes) -> Profile {
    match profile {
        Profile::Interactive | Profile::Battery if memory <= LOW_MEMORY => Profile::LowMemory,
        other => other,
    }
}

/// The same with what recorded simulations of measured builds say instead of the formula, where that
/// keeps its bounds ([`fits_build_slots`]). The formula's value is then an alternative.
pub fn build_slots_seen(
    host: &Host,
    profile: Profile,
    seen: Option<&BuildSlotsSeen>,
) -> Option<Recommendation<BuildSlots>> {
    let found = build_slots(host, profile)?;
    let Some(seen) = seen else {
        return Some(found);
    };
    let value = BuildSlots {
        max_jobs: seen.max_jobs,
        cores: seen.cores,
    };
    if value == found.value || !fits_build_slots(host, profile, value) {
        return Some(found);
    }
    let runs = if seen.runs == 1 { "run" } else { "runs" };
    let mut alternatives = found.alternatives;
    alternatives.retain(|other| other.value != value);
    alternatives.push(Alternative {
        value: found.value,
        when: "by the hardware alone",
    });
    Some(Recommendation {
        value,
        formula: format!(
            "simulated from {} {runs} recorded on this machine until {}: the least time; {} × {} by \
             the hardware alone",
            seen.runs, seen.day, found.value.max_jobs, found.value.cores
        ),
        source: "simulations of measured builds, which `nixtune simulate --record` keeps",
        alternatives,
        ..found
    })
}

/// Whether slots keep what [`build_slots`] promises: no more builds than memory allows, at 4 GiB
/// each, and together no more threads than builds may take. With low memory there is one build.
/// False when the threads or the memory are not known.
pub fn fits_build_slots(host: &Host, profile: Profile, slots: BuildSlots) -> bool {
    let (Some(threads), Some(memory)) = (host.threads.as_ref(), host.memory.as_ref()) else {
        return false;
    };
    let profile = within_memory(profile, memory.value);
    let for_builds = match profile {
        Profile::Server | Profile::Ci => threads.value,
        Profile::Interactive | Profile::LowMemory => usable(host, threads.value).0,
        Profile::Battery => Threads((usable(host, threads.value).0.0 / 2).max(1)),
    };
    let fed = match profile {
        Profile::LowMemory => 1,
        _ => memory.value.0.div_ceil(PER_BUILD),
    };
    slots.max_jobs > 0
        && slots.cores > 0
        && u64::from(slots.max_jobs) <= fed
        && slots.total() <= u64::from(for_builds.0)
}

/// Threads that builds may take while somebody works at the machine. An efficiency core counts
/// half, and one core stays free where there are at least four.
fn usable(host: &Host, threads: Threads) -> (Threads, String) {
    let (count, words) = match (host.performance_cores(), host.efficiency_cores()) {
        (Some(performance), Some(efficiency)) => (
            performance.saturating_add(efficiency / 2),
            format!("{performance} performance cores + {efficiency} efficiency cores / 2"),
        ),
        _ => (threads.0, threads.to_string()),
    };
    let (spared, kept) = if count >= 4 {
        (1, " - 1 kept free")
    } else {
        (0, "")
    };
    let usable = Threads((count - spared).clamp(1, threads.0.max(1)));
    (usable, format!("{words}{kept} = {usable} for builds"))
}

fn divide(threads: Threads, memory: Bytes) -> (BuildSlots, String) {
    let fed = u32::try_from(memory.0.div_ceil(PER_BUILD)).unwrap_or(u32::MAX);
    let budget = (threads.0 / 2).min(fed).max(1);
    let aggregate = threads.0.min(budget.saturating_mul(2)).max(1);
    let fewest = budget.div_ceil(3).max(4).min(budget);
    // Neither divisor is zero: `fewest` and `cores` are at least one.
    let cores = aggregate.checked_div(fewest).unwrap_or(1).max(1);
    let max_jobs = aggregate.checked_div(cores).unwrap_or(1).min(budget).max(1);
    let limit = if fed < threads.0 / 2 {
        format!("{memory} / 4 GiB")
    } else {
        format!("{threads} / 2")
    };
    let slots = BuildSlots { max_jobs, cores };
    let formula = format!(
        "{limit} allow {}; {max_jobs} × {cores} = {}",
        builds(budget),
        Threads(max_jobs.saturating_mul(cores)),
    );
    (slots, formula)
}

/// One build, with as many threads as memory feeds: 3 GiB are the system's, and a compiler takes up
/// to 2 GiB (ClickHouse's limit for one).
fn low_memory(host: &Host, threads: Threads, memory: Bytes) -> (BuildSlots, String) {
    const SYSTEM: u64 = 3 * Bytes::GIB;
    const PER_THREAD: u64 = 2 * Bytes::GIB;
    const LEAST: u32 = 2;
    let fed = memory.0.saturating_sub(SYSTEM) / PER_THREAD;
    let fed = u32::try_from(fed).unwrap_or(u32::MAX).max(LEAST);
    if memory <= LOW_MEMORY {
        // More than one would not fit, whatever the threads.
        let most = host.performance_cores().unwrap_or(threads.0).min(threads.0);
        let cores = most.min(fed).max(1);
        let formula = format!(
            "({memory} - 3 GiB) / 3 GiB allow {}, with {cores} core{}",
            builds(1),
            if cores == 1 { "" } else { "s each" },
        );
        return (BuildSlots { max_jobs: 1, cores }, formula);
    }
    let (most, words) = usable(host, threads);
    let cores = most.0.min(fed).max(1);
    let formula = format!(
        "one build at a time, because memory runs short; ({memory} - 3 GiB) / 2 GiB feed {}, and \
         there are {words}",
        Threads(fed),
    );
    (BuildSlots { max_jobs: 1, cores }, formula)
}

fn builds(count: u32) -> String {
    if count == 1 {
        "1 build at once".to_owned()
    } else {
        format!("{count} builds at once")
    }
}

/// What twin machines with the same hardware are given elsewhere (NixOS/infra: 48 × 2 and
/// 4 × 24).
fn alternatives(
    profile: Profile,
    threads: Threads,
    memory: Bytes,
    value: BuildSlots,
) -> Vec<Alternative<BuildSlots>> {
    let mut out: Vec<Alternative<BuildSlots>> = Vec::new();
    let mut add = |max_jobs: u32, cores: u32, when: &'static str| {
        let slots = BuildSlots { max_jobs, cores };
        let known = slots == value || out.iter().any(|other| other.value == slots);
        if max_jobs > 0 && cores > 0 && !known {
            out.push(Alternative { value: slots, when });
        }
    };
    let rich = memory.0 / RICH_PER_THREAD >= u64::from(threads.0);
    if rich && threads.0 >= 8 {
        add(threads.0 / 2, 2, "for many small builds");
        add(4, threads.0 / 4, "for few large builds");
    }
    let (large_memory, large_threads) = LARGE_BUILD;
    let large = u32::try_from(memory.0 / large_memory).unwrap_or(u32::MAX);
    let large = large.min(threads.0 / large_threads);
    if profile != Profile::LowMemory {
        add(
            large,
            large_threads,
            "for very large packages such as browsers and compilers",
        );
    }
    out
}
