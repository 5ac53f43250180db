//! Values that fit a machine: pure functions from facts to recommendations, each with the
//! arithmetic that led to it.
//!
//! Every recommendation says on which facts it rests and how well the weakest of them is known. A
//! function returns `None` when a fact that it needs is not known: nothing is guessed.

mod build_slots;
mod free_space;
mod linux_builder;
mod network;
mod retention;
mod speed_factor;

pub use build_slots::{BuildSlots, build_slots, build_slots_seen, fits_build_slots};
pub use free_space::{FreeSpace, free_space, free_space_for};
pub use linux_builder::{LinuxBuilder, linux_builder};
pub use network::{MegabitsPerSecond, http_connections, substitution};
pub use retention::{Days, gc_retention, gc_retention_for};
pub use speed_factor::{least_builder, speed_factor};

use std::fmt;

use crate::facts::{Fact, Host, How, Os};
use crate::units::Bytes;

/// What a machine is used for, as far as it changes what fits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Profile {
    /// Somebody works at it while it builds.
    Interactive,
    /// It builds and serves, unattended.
    Server,
    /// It builds for tests, and what it builds is soon of no use.
    Ci,
    /// Somebody works at it away from a socket.
    Battery,
    /// So little memory that one build at a time is enough.
    LowMemory,
}

/// Up to this much memory, a machine that somebody works at gets [`Profile::LowMemory`].
pub const LOW_MEMORY: Bytes = Bytes::from_gib(8);

/// From this many equal threads on, a Linux machine is taken for a server.
const SERVER_THREADS: u32 = 32;

impl Profile {
    /// The likely use. Machines that do not look like a server are taken as interactive, which
    /// is the more careful side.
    pub fn of(host: &Host) -> Self {
        let runs_linux = host
            .platform
            .as_ref()
            .is_some_and(|fact| fact.value.os == Os::Linux);
        let many = host
            .threads
            .as_ref()
            .is_some_and(|fact| fact.value.0 >= SERVER_THREADS);
        if host
            .memory
            .as_ref()
            .is_some_and(|fact| fact.value <= LOW_MEMORY)
        {
            Self::LowMemory
        } else if runs_linux && many && host.core_levels.is_empty() {
            Self::Server
        } else {
            Self::Interactive
        }
    }
}

/// A value that fits, and why.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Recommendation<T> {
    /// The value.
    pub value: T,
    /// The arithmetic with this machine's numbers, as part of a sentence.
    pub formula: String,
    /// The same for each setting, where the value gives several.
    pub parts: Vec<(&'static str, String)>,
    /// The limits that the value keeps, in words.
    pub bounds: &'static str,
    /// Where the formula comes from.
    pub source: &'static str,
    /// How the least certain of the facts is known; probed when no fact was needed.
    pub weakest: How,
    /// The facts that were used.
    pub facts: Vec<UsedFact>,
    /// Other values that fit other habits.
    pub alternatives: Vec<Alternative<T>>,
}

/// A value that fits when things are different.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Alternative<T> {
    /// The value.
    pub value: T,
    /// When to take it, as part of a sentence: `for many small builds`.
    pub when: &'static str,
}

/// A fact that went into a recommendation, ready to show.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedFact {
    /// What it is: `threads`, `memory`.
    pub name: &'static str,
    /// Its value in words.
    pub value: String,
    /// How it is known.
    pub how: How,
    /// Where it was read.
    pub source: String,
}

impl UsedFact {
    fn new<T: fmt::Display>(name: &'static str, fact: &Fact<T>) -> Self {
        Self {
            name,
            value: fact.value.to_string(),
            how: fact.how,
            source: fact.source.clone(),
        }
    }
}

fn weakest(facts: &[UsedFact]) -> How {
    facts
        .iter()
        .map(|fact| fact.how)
        .min()
        .unwrap_or(How::Probed)
}

/// The core levels as used facts; empty when they are not known.
fn core_facts(host: &Host) -> Vec<UsedFact> {
    host.core_levels
        .iter()
        .map(|level| UsedFact {
            name: "cores",
            value: format!("{} {}", level.value.cores, level.value.name),
            how: level.how,
            source: level.source.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
