//! What spares memory around the settings: where builds go when it is short, and who gives way.

use serde::Serialize;

use super::{Row, Sink, Subject};
use crate::catalog::Catalog;
use crate::facts::{Implementation, Os, Version};
use crate::tune;
use crate::units::Bytes;

/// What the templates know about it.
#[derive(Serialize)]
pub(super) struct Memory {
    /// From here on builds are slowed down and swapped out, as systemd writes it: `5G`.
    high: String,
    high_comment: Vec<String>,
    /// Percent of the memory that compressed swap may hold; `None` leaves the module's half.
    zram_percent: Option<u8>,
    /// Builds lie below `/tmp`.
    builds_in_tmp: bool,
    /// Somebody works at the machine.
    gives_way: bool,
    explain: bool,
}

/// The system and whoever works at it keep this much, as in the number of builds.
const SYSTEM: Bytes = Bytes::from_gib(3);

/// What reaches the daemon and the machine itself, with rows for what is written. `None` where the
/// file decides about neither.
pub(super) fn memory(
    subject: &Subject,
    explain: bool,
    catalog: &Catalog,
    rows: &mut Vec<Row>,
) -> Option<Memory> {
    let (high, reason) = high(subject)?;
    let row = Row {
        assumed: subject
            .host
            .memory
            .as_ref()
            .is_some_and(|fact| fact.how == crate::facts::How::Assumed),
        ..Row::plain("MemoryHigh of nix-daemon.service", &high, reason)
    };
    let memory = Memory {
        high_comment: row.comment(explain),
        high,
        zram_percent: (subject.host.memory.as_ref()?.value <= tune::LOW_MEMORY).then_some(100),
        builds_in_tmp: builds_in_tmp(subject, catalog),
        gives_way: tune::Profile::of(&subject.host) != tune::Profile::Server,
        explain,
    };
    match subject.sink {
        Sink::Nixos => {
            let zram = match memory.zram_percent {
                Some(percent) => format!("{percent} % of the memory"),
                None => "half of the memory".to_owned(),
            };
            let reason = "what a build needs for a moment is compressed instead of refused";
            rows.push(Row::plain("zramSwap", &zram, reason.to_owned()));
            rows.push(row);
            if memory.builds_in_tmp {
                let reason = "builds lie there, and would take memory twice";
                rows.push(Row::plain("boot.tmp.useTmpfs", "false", reason.to_owned()));
            }
        }
        Sink::NixDarwin => {
            let reason = "builds let others read and write first, swap included";
            rows.push(Row::plain(
                "nix.daemonIOLowPriority",
                "true",
                reason.to_owned(),
            ));
        }
        _ => {}
    }
    Some(memory)
}

/// `MemoryHigh` for the daemon, and how it comes about.
fn high(subject: &Subject) -> Option<(String, String)> {
    let memory = subject.host.memory.as_ref()?.value;
    let rest = memory.0.saturating_sub(SYSTEM.0);
    let (high, reason) = if rest >= memory.0 / 2 {
        (rest, format!("{memory} - 3 GiB for the system"))
    } else {
        (memory.0 / 2, format!("half of {memory}"))
    };
    let mebibytes = high >> 20;
    let text = if mebibytes % 1024 == 0 {
        format!("{}G", mebibytes >> 10)
    } else {
        format!("{mebibytes}M")
    };
    let reason = format!("{reason}; beyond it builds are slowed down and swapped out");
    Some((text, reason))
}

/// How many paths are fetched at once by a small machine whose Nix is known to keep much of each
/// in memory.
pub(super) fn few_downloads(subject: &Subject, catalog: &Catalog) -> Option<(String, Row)> {
    /// `download-buffer-size`; smaller ones stall downloads in the releases that have it.
    const LARGE_BUFFER: &str = "67108864";
    const JOBS: &str = "4";
    let is_small = subject.host.memory.as_ref()?.value <= tune::LOW_MEMORY;
    let known = subject.target.version.as_ref();
    let buffer = catalog.setting("download-buffer-size")?;
    if !is_small || known.is_none() || buffer.default_for(&subject.target) != Some(LARGE_BUFFER) {
        return None;
    }
    let reason = "because this Nix keeps up to 64 MiB of each download in memory (1 MiB from 2.33 \
                  on): 256 MiB instead of 1 GiB with the default of 16";
    let row = Row::plain("max-substitution-jobs", JOBS, reason.to_owned());
    Some((JOBS.to_owned(), row))
}

/// False for releases that are known to build in a folder of Nix's own.
fn builds_in_tmp(subject: &Subject, catalog: &Catalog) -> bool {
    const OWN_FOLDER: Version = Version::new(2, 30, 0);
    let target = &subject.target;
    let Some(version) = &target.version else {
        return true;
    };
    match target.implementation.as_ref().map(|made| made.value) {
        Some(Implementation::Cppnix) => version.value < OWN_FOLDER,
        // Another default than none is a folder of its own.
        Some(Implementation::Lix) => catalog
            .setting("build-dir")
            .is_none_or(|setting| setting.default_for(target).is_some()),
        Some(Implementation::Determinate) | None => true,
    }
}

/// What is left to do by hand, where the file cannot say it.
pub fn memory_steps(subject: &Subject) -> Vec<String> {
    let mut steps = Vec::new();
    if subject.sink == Sink::NixConf
        && subject.os() == Some(Os::Linux)
        && let Some((high, reason)) = high(subject)
    {
        steps.push(format!(
            "where systemd runs the daemon, `sudo systemctl edit nix-daemon` takes these lines \
             ({reason}):\n  [Service]\n  MemoryHigh={high}\n  OOMPolicy=continue\n  OOMScoreAdjust=250"
        ));
        steps.push(
            "give the machine compressed swap: the package zram-generator of most distributions"
                .to_owned(),
        );
    }
    steps.push(
        "evaluating takes memory of its own, 1 GiB and more for a whole system, which no setting \
         limits: evaluate one machine at a time, before the large build and not beside it"
            .to_owned(),
    );
    steps.push(
        "a browser or a compiler can take more than the machine has, whatever the settings: build \
         them on another machine (nix.buildMachines), or take them from a cache"
            .to_owned(),
    );
    steps
}
