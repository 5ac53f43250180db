//! macOS: `sysctl`.

use std::collections::BTreeMap;

use super::{believable_memory, believable_threads};
use crate::facts::{CoreLevel, CoreRole, Fact, Host};
use crate::system::System;
use crate::units::Bytes;

/// By its full path: `/usr/sbin` is missing from the search path of Nix shells.
const SYSCTL: &str = "/usr/sbin/sysctl";

/// More levels than any chip has.
const MOST_LEVELS: u32 = 16;

/// Fills threads, core levels, memory and swap.
pub(super) fn fill(system: &dyn System, host: &mut Host) {
    let values = sysctl(
        system,
        &[
            "hw.logicalcpu",
            "hw.memsize",
            "hw.nperflevels",
            "vm.swapusage",
        ],
    );
    let number = |key: &str| values.get(key).and_then(|text| text.parse::<u64>().ok());
    host.threads = number("hw.logicalcpu")
        .and_then(believable_threads)
        .map(|threads| Fact::probed(threads, "hw.logicalcpu"));
    let reading = system.memory();
    host.memory = number("hw.memsize")
        .or(reading.total)
        .and_then(believable_memory)
        .map(|bytes| Fact::probed(bytes, "hw.memsize"));
    host.swap = reading
        .swap
        .map(Bytes)
        .or_else(|| swap_total(values.get("vm.swapusage")?))
        .map(|bytes| Fact::probed(bytes, "vm.swapusage"));
    if let Some(count) = number("hw.nperflevels").and_then(|count| u32::try_from(count).ok()) {
        host.core_levels = levels(system, count);
    }
}

/// True on Apple silicon, also when this program is translated.
pub(super) fn is_arm(system: &dyn System) -> bool {
    let values = sysctl(system, &["hw.optional.arm64"]);
    values
        .get("hw.optional.arm64")
        .is_some_and(|value| value == "1")
}

/// Keys that the system does not have are left out; sysctl reports them and goes on.
fn sysctl(system: &dyn System, keys: &[&str]) -> BTreeMap<String, String> {
    let Ok(ran) = system.run(SYSCTL, keys) else {
        return BTreeMap::new();
    };
    ran.text()
        .lines()
        .filter_map(|line| {
            let (key, value) = line.split_once(": ")?;
            Some((key.to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// The performance levels by name. Which level is the fast one, and how many there are, differs
/// between chips; only the name says what a level is for.
fn levels(system: &dyn System, count: u32) -> Vec<Fact<CoreLevel>> {
    if !(2..=MOST_LEVELS).contains(&count) {
        return Vec::new();
    }
    let keys: Vec<String> = (0..count)
        .flat_map(|level| {
            [
                format!("hw.perflevel{level}.name"),
                format!("hw.perflevel{level}.physicalcpu"),
            ]
        })
        .collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let values = sysctl(system, &keys);
    let levels: Option<Vec<_>> = (0..count)
        .map(|level| {
            let name = values.get(&format!("hw.perflevel{level}.name"))?.clone();
            let cores = values
                .get(&format!("hw.perflevel{level}.physicalcpu"))?
                .parse()
                .ok()?;
            let cores = believable_threads(cores)?.0;
            let role = if name.eq_ignore_ascii_case("efficiency") {
                CoreRole::Efficiency
            } else {
                CoreRole::Performance
            };
            let source = format!("hw.perflevel{level}");
            Some(Fact::probed(CoreLevel { name, role, cores }, source))
        })
        .collect();
    // One level that does not say what it is makes the sums wrong.
    levels.unwrap_or_default()
}

/// `total = 2048.00M  used = 1038.25M  free = 1009.75M  (encrypted)`.
fn swap_total(text: &str) -> Option<Bytes> {
    let rest = text.split_once("total = ")?.1;
    let mebibytes = rest.split_whitespace().next()?.strip_suffix('M')?;
    let (whole, part) = mebibytes.split_once('.').unwrap_or((mebibytes, "0"));
    let whole: u64 = whole.parse().ok()?;
    let hundredths: u64 = part.parse().ok().filter(|part| *part < 100)?;
    let bytes = whole.checked_mul(Bytes::MIB)?;
    bytes.checked_add(hundredths * Bytes::MIB / 100).map(Bytes)
}
