//! `min-free` and `max-free`: when a build starts to collect garbage, and when it stops.

use super::{Profile, Recommendation, UsedFact, weakest};
use crate::facts::Host;
use crate::units::Bytes;

/// The two thresholds.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct FreeSpace {
    /// With less free than this, collecting starts.
    pub min_free: Bytes,
    /// With this much free it stops.
    pub max_free: Bytes,
}

/// The least distance between the two: with less, the next builds start collecting again.
const GAP: u64 = 5;
/// On a smaller disk, in GiB, both thresholds and their distance do not fit.
const SMALLEST: u64 = 12;

/// Thresholds for the likely use of a machine.
pub fn free_space(host: &Host) -> Option<Recommendation<FreeSpace>> {
    free_space_for(host, Profile::of(host))
}

/// Thresholds for a machine. `None` when the size of the store's file system is not known, or
/// under 12 GiB.
///
/// With `D` as the size, in whole GiB rounded down:
/// ```text
///             min-free              max-free
/// server, CI  10 % D in 20 … 160    30 % D in 80 … 512
/// others       5 % D in  2 …  64    15 % D in 10 … 256
/// ```
/// never more than a quarter and two thirds of the disk, and always 5 GiB apart.
pub fn free_space_for(host: &Host, profile: Profile) -> Option<Recommendation<FreeSpace>> {
    let size = host.store.as_ref()?.size.as_ref()?;
    let disk = size.value.0 / Bytes::GIB;
    if disk < SMALLEST {
        return None;
    }
    let unattended = matches!(profile, Profile::Server | Profile::Ci);
    let (low, high) = if unattended {
        ((10, 20, 160), (30, 80, 512))
    } else {
        ((5, 2, 64), (15, 10, 256))
    };
    let share = |(percent, least, most): (u64, u64, u64)| {
        (size.value.0 / 100 * percent / Bytes::GIB).clamp(least, most)
    };
    let min = share(low).min(disk / 4);
    let max = share(high).min(disk.saturating_mul(2) / 3).max(min + GAP);
    let facts = vec![UsedFact::new("store disk", size)];
    let disk = size.value;
    let for_min = format!(
        "{} % of {disk} within {} … {} GiB is {min} GiB",
        low.0, low.1, low.2
    );
    let for_max = format!(
        "{} % within {} … {} GiB is {max} GiB",
        high.0, high.1, high.2
    );
    Some(Recommendation {
        value: FreeSpace {
            min_free: Bytes::from_gib(min),
            max_free: Bytes::from_gib(max),
        },
        formula: format!("{for_min}, and {for_max}"),
        parts: vec![("min-free", for_min), ("max-free", for_max)],
        bounds: "min-free ≤ a quarter of the disk, min-free + 5 GiB ≤ max-free ≤ two thirds of it",
        source: if unattended {
            "tiiuae/ghaf-infra hosts/lib/nix-tuning.nix"
        } else {
            "nixtune's, between the values of published laptops (5/20 GiB) and of tiiuae/ghaf-infra's servers"
        },
        weakest: weakest(&facts),
        facts,
        alternatives: Vec::new(),
    })
}
