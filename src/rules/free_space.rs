//! `min-free` and `max-free`, the thresholds of the collection that Nix starts by itself during
//! builds, as they will be on the machine.

use super::declare::as_comment;
use super::{Report, RuleCx};
use crate::diagnostic::{Applicability, Change};
use crate::facts::{Fact, Host};
use crate::model::{Definition, Effective, Setting};
use crate::tune::{self, FreeSpace, Recommendation};
use crate::units::Bytes;

/// One threshold that a file sets to a known amount.
#[derive(Clone, Copy, Debug)]
pub(super) struct Threshold<'a> {
    /// The amount.
    pub bytes: Bytes,
    /// The definition that gives it.
    pub set: Effective<'a>,
}

/// The threshold `name`; `None` unless a file sets it to one known amount.
pub(super) fn threshold<'a>(cx: &RuleCx<'a>, name: &str) -> Option<Threshold<'a>> {
    let set = cx.setting(name).known()?;
    Some(Threshold {
        bytes: Bytes(set.as_amount()?),
        set,
    })
}

/// The host with the size of the store's disk, and the thresholds that fit it.
pub(super) struct Disk<'a> {
    /// The size.
    pub size: &'a Fact<Bytes>,
    /// What fits.
    pub recommended: Recommendation<FreeSpace>,
}

impl<'a> Disk<'a> {
    /// `None` when the size of the disk is not known.
    pub fn of(host: Option<&'a Host>) -> Option<Self> {
        let host = host?;
        Some(Self {
            size: host.store.as_ref()?.size.as_ref()?,
            recommended: tune::free_space(host)?,
        })
    }
}

/// From here on the lower threshold is enough on any disk: the least that a server gets from
/// tiiuae/ghaf-infra's formula.
const AMPLE: Bytes = Bytes::from_gib(20);

/// A share of the disk, one of so many, below which the lower threshold is too small.
const SHARE: u64 = 50;

/// True when `min-free` is too small to save a build from a full disk: below 1 GiB, or below 2 % of
/// the disk.
pub(super) fn is_too_small(min: Bytes, disk: Option<&Disk<'_>>) -> bool {
    // A disk so small that the formula itself stays below the share is not to blame.
    let enough = min >= AMPLE || disk.is_some_and(|disk| min >= disk.recommended.value.min_free);
    !enough && (min.0 < Bytes::GIB || disk.is_some_and(|disk| is_below_share(min, disk)))
}

/// True when the lower threshold is below 2 % of the disk.
pub(super) fn is_below_share(min: Bytes, disk: &Disk<'_>) -> bool {
    min < Bytes(disk.size.value.0 / SHARE)
}

/// The change that gives a threshold's definition another amount.
pub(super) fn set(cx: &RuleCx<'_>, threshold: &Threshold<'_>, bytes: Bytes) -> Change {
    let definition = threshold.set.definition;
    let name = definition.setting.as_deref().unwrap_or("min-free");
    Change::Set {
        definition: definition.id,
        value: cx.amount(name, bytes),
    }
}

/// The fix that sets `min` to what fits the disk, and with it `max` where it has to follow. A line
/// that several machines read is left to a person.
pub(super) fn refit(
    cx: &RuleCx<'_>,
    report: Report<'_>,
    disk: &Disk<'_>,
    min: &Threshold<'_>,
    max: Option<&Threshold<'_>>,
) {
    let fit = disk.recommended.value;
    let mut title = format!("set `min-free` to {}", fit.min_free);
    let mut changes = vec![set(cx, min, fit.min_free)];
    let mut shared = is_shared(cx, min);
    if let Some(max) = max {
        title = format!("{title} and `max-free` to {}", fit.max_free);
        changes.push(set(cx, max, fit.max_free));
        shared |= is_shared(cx, max);
    }
    report
        .help(format!("{title}: {}", disk.recommended.formula))
        .fix(
            if shared {
                Applicability::Manual
            } else {
                Applicability::Unsafe
            },
            title,
            changes,
        );
}

/// The change that adds the threshold `name`, with the formula beside it.
pub(super) fn insert(
    cx: &RuleCx<'_>,
    near: &Definition,
    name: &'static str,
    bytes: Bytes,
    recommended: &Recommendation<FreeSpace>,
) -> Change {
    let formula = recommended.parts.iter().find(|(part, _)| *part == name);
    let what = match name {
        "min-free" => "collect garbage below this",
        _ => "collect until this much is free",
    };
    Change::Insert {
        near: near.id,
        option: near.sibling_setting(name),
        value: cx.amount(name, bytes),
        comment: formula.map(|(_, formula)| as_comment(&format!("{what}: {formula}"))),
    }
}

/// True when the definition is read by several machines, whose disks may differ.
pub(super) fn is_shared(cx: &RuleCx<'_>, threshold: &Threshold<'_>) -> bool {
    let id = threshold.set.definition.id;
    cx.workspace().machines_of(id).count() > 1
}

/// True when the setting is not set by any file that was read.
pub(super) fn is_unset(cx: &RuleCx<'_>, name: &str) -> bool {
    matches!(cx.setting(name), Setting::Unset { .. })
}
