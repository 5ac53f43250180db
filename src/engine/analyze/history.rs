//! The history of runs and stores: where it lies, what is added to it, and what it is held against.
//!
//! `$XDG_STATE_HOME/nixtune/history.jsonl` gets a line for each run and each look at the store. A file
//! that has become full steps aside; the one that stepped aside before goes. Reading takes the ends of
//! both, so that no file is too large for it.

use std::path::{Path, PathBuf};

use super::described::describe;
use super::{Run, StoreReport, effective_of_nix};
use crate::analyze::history::{Commit, NixUsed, Record, Records, RunRecord, StoreRecord, Targets};
use crate::catalog::Catalog;
use crate::engine::changed::Git;
use crate::engine::policy_of::read_policy;
use crate::engine::{EngineError, Request, git_index, protect};
use crate::probe;
use crate::system::{FileKind, System, SystemError};

/// A full file: some ten thousand runs.
const FULL_BYTES: u64 = 8 << 20;
/// So much is read of the end of each file: a line more than a full one has.
const READ_BYTES: u64 = FULL_BYTES + (1 << 20);
/// References of git are far below this.
const REFERENCE_LIMIT: u64 = 16 << 20;
/// Settings that decide how long a run takes.
const SETTINGS: [&str; 7] = [
    "max-jobs",
    "cores",
    "max-substitution-jobs",
    "http-connections",
    "download-buffer-size",
    "min-free",
    "max-free",
];

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// There is no folder for what programs keep.
    #[error("neither XDG_STATE_HOME nor HOME names a folder to keep it in")]
    NoPlace,
    /// The file cannot be written.
    #[error(transparent)]
    System(#[from] SystemError),
}

/// What the user asked for when a run began.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The command, as it was given.
    pub command: &'a [String],
    /// What the user calls it.
    pub label: Option<&'a str>,
    /// When it began, in seconds since the beginning of 1970; `None` where no clock tells.
    pub at_secs: Option<u64>,
}

/// The file of the history; `None` where there is no place for it.
pub fn history_file(system: &dyn System) -> Option<PathBuf> {
    Some(system.state_home()?.join("nixtune").join("history.jsonl"))
}

/// What was recorded; nothing when nothing was.
///
/// # Errors
/// A file is there and cannot be read.
pub fn read_history(system: &dyn System) -> Result<Records, SystemError> {
    let mut records = Records::default();
    let Some(file) = history_file(system) else {
        return Ok(records);
    };
    let older = file.with_extension("jsonl.1");
    for path in [older, file] {
        match system.end_of(&path, READ_BYTES) {
            Ok(bytes) => records.take(&bytes, bytes.len() as u64 >= READ_BYTES),
            Err(SystemError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(records.sorted())
}

/// Adds a run. `mask` takes secrets out of a text.
///
/// # Errors
/// There is no place for it, or it cannot be written.
pub fn record_run(
    system: &dyn System,
    run: &Run,
    asked: &Asked<'_>,
    mask: &dyn Fn(&str) -> String,
) -> Result<(), RecordError> {
    let described = describe(asked.command, &Catalog::embedded());
    let folder = folder(system, described.place.as_deref());
    let target = probe::target(system);
    let mut settings =
        effective_of_nix(system).map_or_else(|_| Default::default(), |it| it.numbers);
    settings.extend(described.settings);
    settings.retain(|name, _| SETTINGS.contains(&name.as_str()));
    let record = RunRecord {
        at_secs: asked.at_secs.unwrap_or(0),
        host: probe::host_name(system).unwrap_or_default(),
        label: asked.label.map(mask),
        command: mask(&described.words),
        commit: commit(system, &folder),
        folder: mask(&folder.to_string_lossy()),
        nix: target
            .implementation
            .as_ref()
            .map(|implementation| NixUsed {
                implementation: implementation.value.name().to_owned(),
                version: target
                    .version
                    .as_ref()
                    .map_or_else(String::new, |version| version.value.to_string()),
            }),
        settings,
        exit_code: run.code,
        ..RunRecord::of_profile(&run.profile)
    };
    add(system, &Record::Run(Box::new(record)))
}

/// Adds what a store held.
///
/// # Errors
/// As for [`record_run`].
pub fn record_store(system: &dyn System, report: &StoreReport) -> Result<(), RecordError> {
    add(system, &Record::Store(store_record(system, report)))
}

/// What a store holds now, as a record.
pub(super) fn store_record(system: &dyn System, report: &StoreReport) -> StoreRecord {
    let disk = report.disk.as_ref();
    let size = disk.and_then(|disk| disk.size.as_ref());
    let free = disk.and_then(|disk| disk.free.as_ref());
    StoreRecord {
        at_secs: system.clock_secs().unwrap_or(0),
        host: probe::host_name(system).unwrap_or_default(),
        store_dir: report.store_dir.clone(),
        paths: report.finding.paths as u64,
        live_bytes: report.finding.live_bytes,
        dead_bytes: report.finding.dead_bytes(),
        free_bytes: free.map(|free| free.value.0),
        disk_used_bytes: size
            .zip(free)
            .map(|(size, free)| size.value.0.saturating_sub(free.value.0)),
    }
}

fn add(system: &dyn System, record: &Record) -> Result<(), RecordError> {
    let file = history_file(system).ok_or(RecordError::NoPlace)?;
    if let Some(folder) = file.parent() {
        system.create_folder(folder)?;
    }
    Ok(system.append_line(&file, &record.line(), FULL_BYTES)?)
}

/// What metrics are held against: by the `nixtune.toml` of the working directory or the user.
///
/// # Errors
/// It cannot be read, or has mistakes.
pub fn targets(system: &dyn System) -> Result<Targets, EngineError> {
    let request = Request {
        roots: vec![PathBuf::from(".")],
        ..Request::default()
    };
    let policy = read_policy(system, &request)?;
    let said = policy.iter().flat_map(|policy| &policy.targets);
    Ok(said.fold(Targets::default(), |targets, (name, value)| {
        targets.with(name, *value)
    }))
}

/// The folder of the configuration that a command names, or the working directory.
fn folder(system: &dyn System, place: Option<&str>) -> PathBuf {
    let here = protect::real(system, Path::new("."));
    let Some(place) = place else { return here };
    let named = protect::real(system, Path::new(place));
    match system.metadata(&named).map(|found| found.kind) {
        Ok(FileKind::Folder) => named,
        Ok(_) => named.parent().map_or(here, Path::to_path_buf),
        Err(_) => here,
    }
}

/// What the repository around a folder stands at; `None` without one, or before its first commit.
fn commit(system: &dyn System, folder: &Path) -> Option<Commit> {
    let root = protect::repository(system, folder)?;
    let git = git_index::git_folder(system, &root)?;
    let id = head(system, &git)?;
    let asked = Git {
        system,
        folder: root,
    };
    // Only git knows its filters; without it that stays open.
    let status = asked.said(&["status", "--porcelain", "--untracked-files=no"]);
    Some(Commit {
        id,
        is_dirty: status.ok().flatten().map(|changes| !changes.is_empty()),
    })
}

/// The commit that is checked out, of a `.git` folder or that of a further work tree.
fn head(system: &dyn System, git: &Path) -> Option<String> {
    let text = |path: &Path| {
        let bytes = system.read(path, REFERENCE_LIMIT).ok()?;
        String::from_utf8(bytes).ok()
    };
    let head = text(&git.join("HEAD"))?;
    let head = head.trim();
    let is_commit = |id: &str| id.len() >= 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let Some(reference) = head.strip_prefix("ref: ") else {
        return is_commit(head).then(|| head.to_owned());
    };
    let shared = match text(&git.join("commondir")) {
        Some(named) => git.join(named.trim()),
        None => git.to_path_buf(),
    };
    let loose = text(&shared.join(reference)).map(|id| id.trim().to_owned());
    let packed = || {
        let packed = text(&shared.join("packed-refs"))?;
        packed.lines().find_map(|line| {
            let (id, name) = line.split_once(' ')?;
            (name == reference).then(|| id.to_owned())
        })
    };
    loose.or_else(packed).filter(|id| is_commit(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    #[test]
    fn the_commit_is_found_loose_packed_detached_and_in_work_trees() {
        let other = ID.replace('0', "f");
        let system = Memory::new()
            .file("/a/.git/HEAD", "ref: refs/heads/main\n")
            .file("/a/.git/refs/heads/main", format!("{ID}\n"))
            .file(
                "/a/.git/packed-refs",
                format!("# pack-refs\n{other} refs/heads/main\n{other} refs/heads/side\n"),
            )
            .file("/a/.git/worktrees/w/HEAD", "ref: refs/heads/side\n")
            .file("/a/.git/worktrees/w/commondir", "../..\n")
            .file("/w/.git", "gitdir: /a/.git/worktrees/w\n")
            .file("/d/.git/HEAD", format!("{ID}\n"))
            .file("/new/.git/HEAD", "ref: refs/heads/main\n")
            .file("/a/hosts/x.nix", "{ }");
        let id = |folder: &str| commit(&system, Path::new(folder)).map(|commit| commit.id);
        assert_eq!(id("/a/hosts").as_deref(), Some(ID));
        assert_eq!(id("/w"), Some(other));
        assert_eq!(id("/d").as_deref(), Some(ID));
        assert_eq!(id("/new"), None);
        assert_eq!(id("/none"), None);
        assert_eq!(
            folder(&system, Some("/a/hosts/x.nix")),
            Path::new("/a/hosts")
        );
        assert_eq!(folder(&system, Some("/gone")), Path::new("/"));
    }

    #[test]
    fn both_files_are_read_and_targets_come_from_the_policy() {
        let system = Memory::new()
            .env("HOME", "/home/u")
            .file(
                "/home/u/.local/state/nixtune/history.jsonl.1",
                "{\"version\":1,\"kind\":\"run\",\"at_secs\":1}\n",
            )
            .file("/nixtune.toml", "[targets]\nevaluation_secs = 2.5\n");
        add(&system, &Record::Run(Box::default())).unwrap();
        let records = read_history(&system).unwrap();
        let times: Vec<u64> = records.runs.iter().map(|run| run.at_secs).collect();
        assert_eq!(times, [0, 1]);
        let targets = targets(&system).unwrap();
        assert_eq!(targets.evaluation_secs, 2.5);
        assert_eq!(targets.small_rebuild_secs, 30.0);
        let nowhere = Memory::new();
        assert!(matches!(
            add(&nowhere, &Record::Run(Box::default())),
            Err(RecordError::NoPlace)
        ));
        assert_eq!(read_history(&nowhere).unwrap(), Records::default());
    }
}
