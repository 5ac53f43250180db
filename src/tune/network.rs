//! `max-substitution-jobs` and `http-connections`: how much is fetched at once.

use std::fmt;

use super::{Profile, Recommendation, UsedFact, weakest};
use crate::facts::{Fact, Host, How};

/// The speed of the way to the caches, in 10⁶ bits per second.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct MegabitsPerSecond(pub u32);

impl fmt::Display for MegabitsPerSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} Mbit/s", self.0)
    }
}

/// From this speed on, more at once is faster.
const FAST: MegabitsPerSecond = MegabitsPerSecond(500);
/// The defaults of Nix since 2.16, and of Lix.
const DEFAULT_SUBSTITUTIONS: u32 = 16;
const DEFAULT_CONNECTIONS: u32 = 25;

/// Store paths fetched at once: 16, the default; 32 with 8 threads and 500 Mbit/s; twice the
/// threads within 64 … 128 on servers with that speed.
pub fn substitution(
    host: &Host,
    profile: Profile,
    speed: Option<&Fact<MegabitsPerSecond>>,
) -> Recommendation<u32> {
    let threads = host.threads.as_ref();
    let mut facts: Vec<_> = threads
        .map(|fact| UsedFact::new("threads", fact))
        .into_iter()
        .collect();
    facts.extend(speed.map(|fact| UsedFact::new("network", fact)));
    let (value, formula) = match (
        threads.map(|fact| fact.value.0),
        speed.map(|fact| fact.value),
    ) {
        (Some(threads), Some(speed)) if speed >= FAST && profile == Profile::Server => (
            threads.saturating_mul(2).clamp(64, 128),
            format!("2 × {threads} threads within 64 … 128, with {speed}"),
        ),
        (Some(threads), Some(speed)) if speed >= FAST && threads >= 8 => {
            (32, format!("{threads} threads and {speed} take 32"))
        }
        (_, speed) => {
            let why = match speed {
                None => "the network's speed is not known".to_owned(),
                Some(speed) => format!("{speed} and these threads are served by it"),
            };
            (DEFAULT_SUBSTITUTIONS, format!("the default, 16: {why}"))
        }
    };
    Recommendation {
        value,
        formula,
        parts: Vec::new(),
        bounds: "16 ≤ max-substitution-jobs ≤ 128",
        source: "the default since Nix 2.16; lovesegfault/nix-config uses 32 … 128",
        weakest: if speed.is_none() {
            How::Assumed
        } else {
            weakest(&facts)
        },
        facts,
        alternatives: Vec::new(),
    }
}

/// Connections at once: 25, the default; from 500 Mbit/s on speed / 16 within 32 … 64, on servers
/// within 64 … 128.
pub fn http_connections(
    profile: Profile,
    speed: Option<&Fact<MegabitsPerSecond>>,
) -> Recommendation<u32> {
    let (least, most) = if profile == Profile::Server {
        (64, 128)
    } else {
        (32, 64)
    };
    let (value, formula) = match speed.map(|fact| fact.value) {
        Some(speed) if speed >= FAST => (
            (speed.0 / 16).clamp(least, most),
            format!("{speed} / 16 within {least} … {most}"),
        ),
        Some(speed) => (
            DEFAULT_CONNECTIONS,
            format!("the default, 25, serves {speed}"),
        ),
        None => (
            DEFAULT_CONNECTIONS,
            "the default, 25: the network's speed is not known".to_owned(),
        ),
    };
    let facts: Vec<_> = speed
        .map(|fact| UsedFact::new("network", fact))
        .into_iter()
        .collect();
    Recommendation {
        value,
        formula,
        parts: Vec::new(),
        bounds: "25 ≤ http-connections ≤ 128; 0, without limit, never",
        source: "the default of all implementations; lovesegfault/nix-config uses 32 and, on servers, 128",
        weakest: if speed.is_none() {
            How::Assumed
        } else {
            weakest(&facts)
        },
        facts,
        alternatives: Vec::new(),
    }
}
