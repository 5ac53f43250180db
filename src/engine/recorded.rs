//! Simulations that were recorded on this machine, and what they say about its build slots.

use std::path::{Path, PathBuf};

use crate::facts::{BuildSlotsSeen, Host, Target};
use crate::simulate::{RecordedGain, SimulationRecord, best_of_records, gain_of_records};
use crate::system::{System, SystemError};
use crate::tune::{self, Profile};

/// A full file: thousands of simulations, each of some kilobytes.
const FULL_BYTES: u64 = 8 << 20;

/// The file that holds them: `simulations.jsonl` in nixtune's state folder. `None` without a home.
fn file(system: &dyn System) -> Option<PathBuf> {
    Some(system.state_home()?.join("nixtune/simulations.jsonl"))
}

/// Adds a record, and says where; `None` when there is no place for it.
///
/// # Errors
/// A folder or a file that may not be written.
pub(super) fn add(
    system: &dyn System,
    record: &SimulationRecord,
) -> Result<Option<PathBuf>, SystemError> {
    let Some(file) = file(system) else {
        return Ok(None);
    };
    // What can be written can be read, and a record has no keys but names.
    let Ok(line) = serde_json::to_string(record) else {
        return Ok(None);
    };
    system.create_folder(file.parent().unwrap_or(Path::new("/")))?;
    system.append_line(&file, &line, FULL_BYTES)?;
    Ok(Some(file))
}

/// The records of the same host with the same Nix.
fn records(system: &dyn System, host: &Host, target: &Target) -> Option<Vec<SimulationRecord>> {
    let bytes = system.end_of(&file(system)?, 2 * FULL_BYTES).ok()?;
    let threads = host.threads.as_ref()?.value.0;
    let nix = target.nix_in_words();
    let mut records = SimulationRecord::read(&String::from_utf8_lossy(&bytes));
    records.retain(|record| {
        record.host == host.name && record.threads == threads && record.nix == nix
    });
    Some(records)
}

/// What other build slots gain over the present ones by these records; threads are never 0. `None` when
/// none tells.
pub(super) fn gain(
    system: &dyn System,
    host: &Host,
    target: &Target,
    present: (u32, u32),
    other: (u32, u32),
) -> Option<RecordedGain> {
    gain_of_records(&records(system, host, target)?, present, other)
}

/// What the records of the same host with the same Nix say, within the bounds that `tune` keeps;
/// `None` when there are none, and when what they gain over `tune`'s own value is not sure.
pub(super) fn build_slots(
    system: &dyn System,
    host: &Host,
    target: &Target,
    profile: Profile,
) -> Option<BuildSlotsSeen> {
    let records = records(system, host, target)?;
    let formula = tune::build_slots(host, profile)?.value;
    best_of_records(
        &records,
        (formula.max_jobs, formula.cores),
        |max_jobs, cores| {
            let slots = tune::BuildSlots { max_jobs, cores };
            tune::fits_build_slots(host, profile, slots)
        },
    )
}
