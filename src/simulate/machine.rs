//! What jobs run on, how many at once, and which goes first.

use super::graph::Graph;
use crate::facts::{Implementation, Target, Version};
use crate::units::{Bytes, Threads};

/// What jobs run on.
#[derive(Clone, PartialEq, Debug)]
pub struct Machine {
    /// What `n` busy threads compute together, in threads of an idle machine, at `n - 1`. More
    /// threads than listed compute as much as the last.
    capacity: Vec<f64>,
    /// Threads that other programs keep busy.
    pub background_threads: f64,
    /// Memory for builds; `None` when it is not known, and nothing is said about it.
    pub memory: Option<Bytes>,
    /// Seconds that each job takes beside its own work, without keeping a thread busy: sandbox,
    /// hashing, registration.
    pub overhead_secs: f64,
    /// Bytes that all downloads get together in a second; `None` when [`Job::download`] does not
    /// count.
    ///
    /// [`Job::download`]: super::Job::download
    pub bandwidth_bytes_per_sec: Option<f64>,
}

impl Machine {
    /// A machine on which so many threads compute as much as each alone.
    pub fn with_threads(threads: Threads, memory: Option<Bytes>) -> Self {
        let threads = threads.0.max(1);
        Self {
            capacity: (1..=threads).map(f64::from).collect(),
            background_threads: 0.0,
            memory,
            overhead_secs: 0.0,
            bandwidth_bytes_per_sec: None,
        }
    }

    /// The same with a measured curve: what 1, 2, 3 … busy threads compute together. A curve that
    /// is empty or has anything but positive numbers changes nothing.
    #[must_use]
    pub fn with_capacity(self, curve: Vec<f64>) -> Self {
        let is_curve = curve.iter().all(|sum| sum.is_finite() && *sum > 0.0);
        if curve.is_empty() || !is_curve {
            return self;
        }
        Self {
            capacity: curve,
            ..self
        }
    }

    /// The same with the threads of another one.
    #[must_use]
    pub fn with_capacity_of(self, other: &Self) -> Self {
        Self {
            capacity: other.capacity.clone(),
            ..self
        }
    }

    /// Its hardware threads.
    pub fn threads(&self) -> u32 {
        u32::try_from(self.capacity.len()).unwrap_or(u32::MAX)
    }

    /// Whether so much memory is there; `None` when that is not known.
    pub fn fits(&self, memory: Bytes) -> Option<bool> {
        self.memory.map(|all| memory <= all)
    }

    /// The threads that `cores` stands for: 0 is all of them.
    pub fn threads_of(&self, cores: u32) -> u32 {
        if cores == 0 { self.threads() } else { cores }
    }

    /// What all threads compute together.
    pub(super) fn capacity(&self) -> f64 {
        self.capacity.iter().copied().fold(0.0, f64::max)
    }

    /// What each of `busy` threads of builds gets of a whole one.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number of threads, from 0 up"
    )]
    pub(super) fn share(&self, busy: f64) -> f64 {
        let all = busy + self.background_threads;
        if all <= 0.0 {
            return 1.0;
        }
        let at = |threads: usize| {
            let known = self.capacity.get(threads.wrapping_sub(1));
            known.or(self.capacity.last()).copied().unwrap_or(1.0)
        };
        // Between whole numbers of threads the curve is straight.
        let below = all.floor();
        let low = if below < 1.0 { 0.0 } else { at(below as usize) };
        let high = at(all.ceil() as usize);
        let total = low + (high - low) * (all - below);
        (total / all).clamp(1e-6, 1.0)
    }
}

/// How many jobs run at once, and on how many threads.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Slots {
    /// `max-jobs`; 0 counts as 1 where something can only be built on this machine.
    pub max_jobs: u32,
    /// `cores`; 0 for all threads.
    pub cores: u32,
    /// `max-substitution-jobs`; 0 counts as 1.
    pub max_substitution_jobs: u32,
}

/// Which of several ready jobs goes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// By name: Nix up to 2.34.
    Alphabetical,
    /// As good as any: Nix since 2.35, which sorts by addresses in memory. The number makes it the
    /// same each time.
    Arbitrary(u64),
    /// As they became ready: Lix since 2.92.
    Fifo,
    /// What most time depends on: no Nix does that.
    CriticalPath,
}

/// The first Nix that takes waiting builds as they lie in memory.
const ARBITRARY_SINCE: Version = Version::new(2, 35, 0);
/// The first Lix that gives out slots in the order of asking.
const FIFO_SINCE: Version = Version::new(2, 92, 0);
/// The Determinate Nix that is known to be built on Nix 2.35; its versions are its own.
const DETERMINATE_ARBITRARY_SINCE: Version = Version::new(3, 22, 0);

/// The order of a Nix. One of which the version is not known is taken for one that sorts by name, as
/// most do.
pub fn order_of(target: &Target) -> Order {
    let version = target.version.as_ref().or(target.series.as_ref());
    let since = |first: Version| version.is_some_and(|version| version.value >= first);
    match target.implementation.as_ref().map(|fact| fact.value) {
        Some(Implementation::Lix) if since(FIFO_SINCE) => Order::Fifo,
        Some(Implementation::Determinate) if since(DETERMINATE_ARBITRARY_SINCE) => {
            Order::Arbitrary(0)
        }
        Some(Implementation::Cppnix) | None if since(ARBITRARY_SINCE) => Order::Arbitrary(0),
        _ => Order::Alphabetical,
    }
}

/// The first Nix in which speed factors have fractions.
const FRACTIONS_SINCE: Version = Version::new(2, 20, 0);

/// Whether a Nix compares the loads of builders as whole numbers ([`Fleet::has_whole_loads`]). Lix does
/// in all releases; one of which the version is not known is taken for a newer one.
///
/// [`Fleet::has_whole_loads`]: super::Fleet::has_whole_loads
pub fn has_whole_loads(target: &Target) -> bool {
    let version = target.version.as_ref().or(target.series.as_ref());
    match target.implementation.as_ref().map(|fact| fact.value) {
        Some(Implementation::Lix) => true,
        Some(Implementation::Determinate) => false,
        Some(Implementation::Cppnix) | None => {
            version.is_some_and(|version| version.value < FRACTIONS_SINCE)
        }
    }
}

impl Order {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alphabetical => "alphabetical",
            Self::Arbitrary(_) => "arbitrary",
            Self::Fifo => "fifo",
            Self::CriticalPath => "critical-path",
        }
    }

    /// In words, as the end of "jobs are taken …".
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Alphabetical => "by name, as Nix does up to 2.34",
            Self::Arbitrary(_) => "in no order that is known, as Nix does since 2.35",
            Self::Fifo => "as they become ready, as Lix does since 2.92",
            Self::CriticalPath => "by what most time depends on, as no Nix does",
        }
    }

    /// What each job is chosen by: the smallest goes first.
    pub(super) fn ranks(self, graph: &Graph, threads: u32) -> Vec<u64> {
        let jobs = graph.jobs();
        let count = jobs.len();
        let mut by_rank: Vec<usize> = (0..count).collect();
        // Nix compares `name$path` (`DerivationGoal::key`).
        let by_name = |all: &mut Vec<usize>| {
            all.sort_by_cached_key(|index| {
                let job = jobs.get(*index);
                job.map(|job| format!("{}${}", job.name, job.path))
            });
        };
        match self {
            Self::Alphabetical | Self::Fifo => by_name(&mut by_rank),
            Self::Arbitrary(seed) => by_rank.sort_by_key(|index| mixed(seed ^ *index as u64)),
            Self::CriticalPath => {
                let tails = graph.tails_secs(threads);
                let tail = |index: &usize| tails.get(*index).copied().unwrap_or(0.0);
                by_name(&mut by_rank);
                by_rank.sort_by(|one, other| tail(other).total_cmp(&tail(one)));
            }
        }
        let mut ranks = vec![0; count];
        for (rank, index) in (0u64..).zip(by_rank) {
            if let Some(slot) = ranks.get_mut(index) {
                *slot = rank;
            }
        }
        ranks
    }
}

/// Spreads numbers evenly (the finalizer of SplitMix64, Steele et al. 2014).
fn mixed(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Fact;

    #[test]
    fn threads_share_what_there_is() {
        let machine = Machine::with_threads(Threads(2), None);
        assert_eq!(machine.share(1.0), 1.0);
        assert_eq!(machine.share(2.0), 1.0);
        assert_eq!(machine.share(4.0), 0.5);
        let busy = Machine {
            background_threads: 1.0,
            ..machine.clone()
        };
        assert_eq!(busy.share(1.0), 1.0);
        assert_eq!(busy.share(3.0), 0.5);
        let curved = machine.clone().with_capacity(vec![1.0, 1.5]);
        assert_eq!(curved.share(2.0), 0.75);
        assert_eq!(curved.share(3.0), 0.5);
        assert_eq!(machine.clone().with_capacity(vec![1.0, 0.0]), machine);
    }

    #[test]
    fn the_order_follows_the_nix() {
        let order = |implementation, version: &str| {
            order_of(&Target {
                implementation: Some(Fact::probed(implementation, "test")),
                version: Some(Fact::probed(version.parse().unwrap(), "test")),
                ..Target::default()
            })
        };
        use Implementation::{Cppnix, Determinate, Lix};
        assert_eq!(order(Cppnix, "2.3.16"), Order::Alphabetical);
        assert_eq!(order(Cppnix, "2.34.8"), Order::Alphabetical);
        assert_eq!(order(Cppnix, "2.35.0"), Order::Arbitrary(0));
        assert_eq!(order(Lix, "2.91.1"), Order::Alphabetical);
        assert_eq!(order(Lix, "2.92.0"), Order::Fifo);
        assert_eq!(order(Determinate, "3.8.4"), Order::Alphabetical);
        assert_eq!(order(Determinate, "3.22.2"), Order::Arbitrary(0));
        assert_eq!(order_of(&Target::default()), Order::Alphabetical);
        assert!(!has_whole_loads(&Target::default()));
    }
}
