//! Limits that control groups of version 1 and 2 put on this process.
//!
//! Formats: the kernel's admin guide, cgroup-v1 and cgroup-v2.

use std::path::{Component, Path, PathBuf};

use super::mounts::{self, Mount};
use super::read;
use crate::system::System;

/// The lowest limit on the way from this process's group to the root, with the file it is in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Limit {
    /// Processors in thousandths, or bytes.
    pub(super) amount: u64,
    /// The file that says so.
    pub(super) source: String,
}

/// All limits that were found; `None` where there is none.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Limits {
    /// Processor time, in thousandths of a processor.
    pub(super) millicpus: Option<Limit>,
    /// Memory in bytes.
    pub(super) memory: Option<Limit>,
    /// Swap in bytes; version 2 only.
    pub(super) swap: Option<Limit>,
}

/// The limits of this process.
pub(super) fn limits(system: &dyn System) -> Limits {
    let mut limits = Limits::default();
    let Some(groups) = read(system, "/proc/self/cgroup") else {
        return limits;
    };
    let mounts = mounts::linux(&read(system, "/proc/self/mountinfo").unwrap_or_default());
    for line in groups.lines() {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
            continue;
        };
        if controllers.is_empty() {
            for folder in folders(&mounts, group, "/sys/fs/cgroup", |mount| {
                mount.kind == "cgroup2"
            }) {
                lower(&mut limits.millicpus, quota_v2(system, &folder));
                lower(
                    &mut limits.memory,
                    number(system, folder.join("memory.max")),
                );
                lower(
                    &mut limits.swap,
                    number(system, folder.join("memory.swap.max")),
                );
            }
            continue;
        }
        for controller in controllers.split(',') {
            let usual = format!("/sys/fs/cgroup/{controllers}");
            let folders = folders(&mounts, group, &usual, |mount| {
                mount.kind == "cgroup" && mount.options.split(',').any(|name| name == controller)
            });
            for folder in folders {
                match controller {
                    "cpu" => lower(&mut limits.millicpus, quota_v1(system, &folder)),
                    "memory" => {
                        let limit = number(system, folder.join("memory.limit_in_bytes"));
                        lower(&mut limits.memory, limit);
                    }
                    _ => {}
                }
            }
        }
    }
    limits
}

fn lower(best: &mut Option<Limit>, found: Option<Limit>) {
    if let Some(found) = found
        && best.as_ref().is_none_or(|best| found.amount < best.amount)
    {
        *best = Some(found);
    }
}

/// The folders of a group and of the groups above it, as far as they can be seen from here.
fn folders(
    mounts: &[Mount],
    group: &str,
    usual: &str,
    is_right: impl Fn(&Mount) -> bool,
) -> Vec<PathBuf> {
    let group = Path::new(group);
    let (root, point) = match mounts.iter().find(|mount| is_right(mount)) {
        Some(mount) => (mount.root.as_path(), mount.point.as_path()),
        None => (Path::new("/"), Path::new(usual)),
    };
    // Inside a container the group's path may lie outside of what is mounted; then the mount
    // point itself is the group.
    let below = group.strip_prefix(root).unwrap_or(Path::new(""));
    let below: PathBuf = if below
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        below.to_path_buf()
    } else {
        PathBuf::new()
    };
    // A group deeper than this is no accident of real life.
    const DEEPEST: usize = 64;
    below
        .ancestors()
        .take(DEEPEST)
        .map(|part| {
            if part.as_os_str().is_empty() {
                point.to_path_buf()
            } else {
                point.join(part)
            }
        })
        .collect()
}

/// A file with one number; `max` and anything else is no limit.
fn number(system: &dyn System, path: PathBuf) -> Option<Limit> {
    let amount = read(system, &path)?.trim().parse().ok()?;
    Some(Limit {
        amount,
        source: path.display().to_string(),
    })
}

/// `cpu.max`: `QUOTA PERIOD` in microseconds, or `max PERIOD`.
fn quota_v2(system: &dyn System, folder: &Path) -> Option<Limit> {
    let path = folder.join("cpu.max");
    let text = read(system, &path)?;
    let mut words = text.split_whitespace();
    let quota = words.next()?.parse().ok()?;
    let period = words.next()?.parse().ok()?;
    share(quota, period, &path)
}

/// `cpu.cfs_quota_us`, -1 for none, and `cpu.cfs_period_us`.
fn quota_v1(system: &dyn System, folder: &Path) -> Option<Limit> {
    let path = folder.join("cpu.cfs_quota_us");
    let quota = read(system, &path)?.trim().parse().ok()?;
    let period = read(system, folder.join("cpu.cfs_period_us"))?
        .trim()
        .parse()
        .ok()?;
    share(quota, period, &path)
}

fn share(quota: u64, period: u64, path: &Path) -> Option<Limit> {
    if quota == 0 {
        return None;
    }
    let amount = quota.checked_mul(1000)?.checked_div(period)?;
    Some(Limit {
        amount,
        source: path.display().to_string(),
    })
}
