//! What changed since a revision, for reviews: only that is reported. Machines are read as a whole
//! all the same.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use super::{EngineError, Outcome, Request};
use crate::model::Workspace;
use crate::system::{FileKind, Program, System, SystemError};
use crate::text::{FileId, Place, SourceFile};

/// git answers at once, but for the first look at a large tree.
const GIT_TIME_LIMIT: Duration = Duration::from_secs(60);

/// No file of a configuration is larger.
const OUTPUT_LIMIT_BYTES: u64 = 64 << 20;

/// Git ran and did not know what to say.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangedError {
    /// The folder belongs to no repository.
    #[error(
        "{} belongs to no git repository, so that nothing is known about what changed; leave \
         `--changed-since` out", .0.display()
    )]
    NoRepository(PathBuf),
    /// The revision does not exist.
    #[error("git knows no revision `{0}`; in a shallow clone, fetch it first")]
    NoRevision(String),
    /// Something else.
    #[error("git could not tell what changed: {0}")]
    Git(String),
}

/// The lines of each file that changed.
type Changed = BTreeMap<FileId, Vec<RangeInclusive<u32>>>;

/// Takes what stands on lines that did not change since the revision, and has no part on one that
/// did, out of `outcome`.
pub(super) fn settle(
    system: &dyn System,
    request: &Request,
    outcome: &mut Outcome,
) -> Result<(), EngineError> {
    let Some(revision) = &request.changed_since else {
        return Ok(());
    };
    let changed = since(system, request, revision, &outcome.workspace)?;
    outcome.unchanged = outcome.leave_out(|workspace, diagnostic| {
        let is_changed = |place: Place| {
            let (Some(lines), Some(file)) = (changed.get(&place.file), workspace.file(place.file))
            else {
                return false;
            };
            let first = file.position(place.span.start).line;
            let last = file.position(place.span.end).line;
            let overlaps =
                |lines: &RangeInclusive<u32>| *lines.start() <= last && first <= *lines.end();
            lines.iter().any(overlaps)
        };
        let mut labels = diagnostic.labels.iter().map(|label| label.place);
        !is_changed(diagnostic.place) && !labels.any(is_changed)
    });
    Ok(())
}

fn since(
    system: &dyn System,
    request: &Request,
    revision: &str,
    workspace: &Workspace,
) -> Result<Changed, EngineError> {
    // One folder may be reached by several paths.
    let read: BTreeMap<PathBuf, &Arc<SourceFile>> = workspace
        .files()
        .iter()
        .filter_map(|file| Some((system.canonicalize(file.path()).ok()?, file)))
        .collect();
    let folder = folder_of(system, request);
    let git = Git { system, folder };
    let top = git.said(&["rev-parse", "--show-toplevel"])?;
    let Some(top) = top else {
        return Err(ChangedError::NoRepository(git.folder).into());
    };
    let top = PathBuf::from(top.trim_end_matches('\n'));
    let wanted = format!("{revision}^{{commit}}");
    let commit = [
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &wanted,
    ];
    let Some(commit) = git.said(&commit)? else {
        return Err(ChangedError::NoRevision(revision.to_owned()).into());
    };
    let commit = commit.trim().to_owned();
    // What came into the other branch since is not of this change.
    let base = git.said(&["merge-base", &commit, "HEAD"])?;
    let base = base.map_or(commit, |base| base.trim().to_owned());
    let git = Git {
        system,
        folder: top.clone(),
    };
    let tracked = [
        "diff",
        "--name-only",
        "-z",
        "--no-ext-diff",
        "--no-renames",
        &base,
        "--",
    ];
    let untracked = ["ls-files", "-z", "--others", "--exclude-standard"];
    let mut changed = Changed::new();
    for (command, is_new) in [(&tracked[..], false), (&untracked[..], true)] {
        let names = git
            .said(command)?
            .ok_or_else(|| ChangedError::Git(format!("`git {}` failed", command.join(" "))))?;
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            let path = system.canonicalize(&top.join(name)).ok();
            let Some(file) = path.and_then(|path| read.get(&path)) else {
                continue;
            };
            let old = match is_new {
                true => None,
                false => git.said(&["cat-file", "blob", &format!("{base}:{name}")])?,
            };
            let lines = match old {
                Some(old) => changed_lines(&old, file.text()),
                None => vec![1..=u32::MAX],
            };
            changed.insert(file.id(), lines);
        }
    }
    Ok(changed)
}

/// The folder in which git is asked.
fn folder_of(system: &dyn System, request: &Request) -> PathBuf {
    let root = request
        .roots
        .first()
        .map_or(Path::new("."), PathBuf::as_path);
    let is_folder = system
        .metadata(root)
        .is_ok_and(|found| found.kind == FileKind::Folder);
    match root.parent() {
        _ if is_folder => root.to_path_buf(),
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// git, asked in a folder.
pub(super) struct Git<'s> {
    /// Where it is run.
    pub system: &'s dyn System,
    /// The folder.
    pub folder: PathBuf,
}

impl Git<'_> {
    /// What git says; `None` when it ends with an error. Nothing that a repository's configuration
    /// names is run.
    pub fn said(&self, command: &[&str]) -> Result<Option<String>, EngineError> {
        let folder = self.folder.to_string_lossy();
        let mut arguments = vec!["-C", &*folder, "-c", "core.fsmonitor=false"];
        arguments.extend(["-c", "core.hooksPath=/dev/null"]);
        arguments.extend(command);
        let ran = self.system.run_program(&Program {
            environment: &[("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C")],
            time_limit: GIT_TIME_LIMIT,
            output_limit_bytes: OUTPUT_LIMIT_BYTES,
            ..Program::new("git", &arguments)
        });
        match ran {
            Ok(ran) if ran.succeeded() => Ok(Some(ran.text())),
            Ok(_) => Ok(None),
            Err(SystemError::NoProgram { .. }) => Err(ChangedError::Git(
                "it is not on the PATH; install git, or leave `--changed-since` out".to_owned(),
            )
            .into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The lines of `new` that are not those of `old`, and the neighbors of lines that went: what they
/// leave behind may be wrong without them.
fn changed_lines(old: &str, new: &str) -> Vec<RangeInclusive<u32>> {
    let diff = TextDiff::from_lines(old, new);
    let mut lines: Vec<RangeInclusive<u32>> = Vec::new();
    let mut next = 1_u32;
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => next += 1,
            ChangeTag::Insert => {
                lines.push(next..=next);
                next += 1;
            }
            ChangeTag::Delete => lines.push(next.saturating_sub(1)..=next),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_went_leave_their_neighbors() {
        assert_eq!(changed_lines("a\nb\nc\n", "a\nb\nc\n"), []);
        assert_eq!(changed_lines("a\nc\n", "a\nb\nc\n"), [2..=2]);
        assert_eq!(changed_lines("a\nb\nc\n", "a\nc\n"), [1..=2]);
    }
}
