//! What a run found out.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::diagnostic::{Diagnostic, Severity};
use crate::facts::Host;
use crate::fix::{Failure, State};
use crate::model::{Problem, Workspace};
use crate::policy::{BaselineEntry, FailOn};
use crate::text::{FileId, Position, TextEdit};

/// Everything that a lint run found out. Diagnostics are sorted by file, place and rule.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The folder that was linted, as reports call it; `.` for anything but one folder.
    pub root: PathBuf,
    /// What was read.
    pub workspace: Workspace,
    /// What is known about each machine of the workspace, in its order.
    pub machines: Vec<MachineReport>,
    /// What is reported.
    pub diagnostics: Vec<Diagnostic>,
    /// For each diagnostic the differences of text that its fix stands for, file by file, each in
    /// the file's order. Empty where there is no fix, or none that can be written.
    pub edits: Vec<Vec<(FileId, TextEdit)>>,
    /// Fixes that failed their proof: mistakes of nixtune.
    pub dropped: Vec<DroppedFix>,
    /// What comments silence.
    pub suppressed: Vec<Suppressed>,
    /// The baseline that counted, or that is to be written.
    pub baseline: Option<BaselineReport>,
    /// How many diagnostics stand on lines that did not change, and are left out for that.
    pub unchanged: usize,
    /// What nixtune could not do; never empty on exit code 2.
    pub problems: Vec<Problem>,
    /// What a reader should know although nothing is wrong.
    pub notes: Vec<Note>,
    /// The files that were asked about: those that speak of Nix settings, or were named.
    pub asked: BTreeSet<FileId>,
    /// How many Nix files and `nix.conf` files were seen.
    pub seen: usize,
    /// What makes the run fail.
    pub fail_on: FailOn,
    /// The `nixtune.toml` that counted; `None` when there is none.
    pub policy: Option<UsedPolicy>,
    /// How long it took.
    pub times: Times,
}

/// A `nixtune.toml` that counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsedPolicy {
    /// How reports call it.
    pub name: Arc<str>,
    /// True for the user's or the system's, which counts where no folder has one.
    pub is_users: bool,
}

/// How long the stages of a run took.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Times {
    /// Finding files, reading and evaluating them.
    pub read: Duration,
    /// Judging the machines.
    pub judge: Duration,
    /// Trying or planning fixes.
    pub fixes: Duration,
}

/// One machine with the hardware that its rules were given.
#[derive(Clone, Debug)]
pub struct MachineReport {
    /// The machine's name.
    pub name: Arc<str>,
    /// The hardware; `None` when it is not known.
    pub host: Option<Arc<Host>>,
    /// How the hardware is called: the profile's path, or "this machine".
    pub host_source: Option<Arc<str>>,
    /// Why this hardware counts, or why it is not known, in a sentence without full stop.
    pub host_reason: Arc<str>,
}

/// A diagnostic that a comment silences.
#[derive(Clone, Debug)]
pub struct Suppressed {
    /// What would have been reported.
    pub diagnostic: Diagnostic,
    /// The comment's reason; may be empty.
    pub reason: String,
}

/// What a baseline did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaselineReport {
    /// Where it lies.
    pub path: PathBuf,
    /// How reports call it.
    pub name: Arc<str>,
    /// How many diagnostics it held back.
    pub known: usize,
    /// Entries that stand for nothing that is still reported, in files that were looked at.
    pub stale: Vec<BaselineEntry>,
}

/// A fix that failed its proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DroppedFix {
    /// The rule that proposed it.
    pub rule: &'static str,
    /// The file of the diagnostic, as reports call it.
    pub file: Arc<str>,
    /// Where the diagnostic stands.
    pub position: Position,
    /// Where the proof failed, and what was found there.
    pub failure: Failure,
}

/// Something left out, and what would bring it in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The machines that it is about; empty when it is about the whole run.
    pub machines: Vec<Arc<str>>,
    /// The rules that were left out; empty when it is not about rules.
    pub rules: Vec<&'static str>,
    /// One sentence without full stop.
    pub message: String,
}

impl Outcome {
    /// True when something is reported that makes the run fail.
    pub fn fails(&self) -> bool {
        self.diagnostics
            .iter()
            .any(|diagnostic| self.fail_on.fails(diagnostic.severity))
    }

    /// The exit code: 2 when nixtune could not do all of its job, 1 when something is reported
    /// that makes the run fail, 0 otherwise.
    pub fn exit_code(&self) -> u8 {
        if self.problems.is_empty() {
            u8::from(self.fails())
        } else {
            2
        }
    }

    /// Leaves out diagnostics, with their edits; gives how many.
    pub(super) fn leave_out(
        &mut self,
        mut unwanted: impl FnMut(&Workspace, &Diagnostic) -> bool,
    ) -> usize {
        let mut edits = std::mem::take(&mut self.edits).into_iter();
        let before = self.diagnostics.len();
        self.diagnostics.retain(|diagnostic| {
            let edits = edits.next().unwrap_or_default();
            let is_kept = !unwanted(&self.workspace, diagnostic);
            if is_kept {
                self.edits.push(edits);
            }
            is_kept
        });
        before - self.diagnostics.len()
    }

    /// How many diagnostics have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.severity == severity)
            .count()
    }

    /// Lends workspace and diagnostics to a proof; [`Outcome::put_state`] brings them back.
    pub(super) fn take_state(&mut self) -> State {
        State {
            workspace: std::mem::take(&mut self.workspace),
            diagnostics: std::mem::take(&mut self.diagnostics),
        }
    }

    pub(super) fn put_state(&mut self, state: State) {
        self.workspace = state.workspace;
        self.diagnostics = state.diagnostics;
    }
}
