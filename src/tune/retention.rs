//! `--delete-older-than`: how long old generations are kept.

use std::fmt;

use super::{Alternative, Profile, Recommendation, UsedFact, weakest};
use crate::facts::{Host, How};
use crate::units::Bytes;

/// Whole days, the only unit that `--delete-older-than` takes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Days(pub u32);

impl fmt::Display for Days {
    /// As `--delete-older-than` takes it: `30d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}d", self.0)
    }
}

/// A smaller disk, where somebody works, keeps generations for a shorter time.
const ROOMY: Bytes = Bytes::from_gib(400);

/// Retention for the likely use of a machine; for an interactive one when the host is not known.
pub fn gc_retention(host: Option<&Host>) -> Recommendation<Days> {
    gc_retention_for(host, host.map_or(Profile::Interactive, Profile::of))
}

/// Retention: 30 days for machines that somebody works at (14 when the store's disk has under
/// 400 GiB), 14 on servers, 1 on CI. A roll-back after a holiday stays possible, and a fortnight
/// covers a release's first fixes.
pub fn gc_retention_for(host: Option<&Host>, profile: Profile) -> Recommendation<Days> {
    let size = host
        .and_then(|host| host.store.as_ref())
        .and_then(|disk| disk.size.as_ref());
    let is_interactive = !matches!(profile, Profile::Server | Profile::Ci);
    let (value, other, formula) = match (profile, size) {
        (Profile::Ci, _) => (
            1,
            7,
            "a day, because what CI builds is rarely used later".to_owned(),
        ),
        (Profile::Server, _) => (14, 7, "servers keep 7 to 14 days".to_owned()),
        (_, Some(size)) if size.value < ROOMY => (
            14,
            30,
            format!(
                "14 to 30 days; the disk of {} takes the shorter",
                size.value
            ),
        ),
        (_, Some(size)) => (
            30,
            14,
            format!("14 to 30 days; the disk of {} takes the longer", size.value),
        ),
        (_, None) => (
            30,
            14,
            "14 to 30 days; the size of the disk is not known".to_owned(),
        ),
    };
    let facts: Vec<_> = size
        .filter(|_| is_interactive)
        .map(|fact| UsedFact::new("store disk", fact))
        .into_iter()
        .collect();
    Recommendation {
        value: Days(value),
        formula,
        parts: Vec::new(),
        bounds: "1 ≤ days ≤ 30",
        source: "nix-community/infra keeps 14 days, Mic92/dotfiles 10, NixOS/infra's builders 24 hours",
        weakest: if is_interactive && size.is_none() {
            How::Assumed
        } else {
            weakest(&facts)
        },
        facts,
        alternatives: vec![Alternative {
            value: Days(other),
            when: if other < value {
                "when the disk fills sooner"
            } else {
                "when there is room for it"
            },
        }],
    }
}
