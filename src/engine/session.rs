//! A run that can be repeated with other contents: planning lints what it is about to write.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::baseline;
use super::changed;
use super::chosen::Chosen;
use super::judge::{Asked, judge};
use super::known::{Found, Known};
use super::links::behind_link;
use super::notes::notes;
use super::observe::{Seen, observe};
use super::policy_of::declared_target;
use super::protect::Protector;
use super::{DroppedFix, EngineError, Look, Outcome, Request, Times, UsedPolicy};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Change, Diagnostic};
use crate::fix::{self, Protection, State, Verdict};
use crate::model::{self, LoadOptions, Loaded, Shelf, Workspace};
use crate::policy::{Baseline, BaselineKey, PolicyFile, Selection, UNUSED_SUPPRESSION};
use crate::rules::{self, KnownHosts};
use crate::system::{FileKind, Overlay, System, lexical};
use crate::text::{FileId, Position, SourceFile, TextEdit};

/// New contents of files, by path.
pub(super) type Texts = BTreeMap<PathBuf, String>;

/// Contents of files that stand in for what is on disk, by path.
pub(super) type Unsaved = BTreeMap<PathBuf, Arc<[u8]>>;

/// Everything of a run that stays the same when files change: what is asked, whose hardware
/// counts, which rules speak.
pub(super) struct Session<'s> {
    system: &'s dyn System,
    catalog: &'s Catalog,
    request: &'s Request,
    roots: Vec<PathBuf>,
    policy: Option<&'s PolicyFile>,
    chosen: Chosen<'s>,
    baseline: Option<Baseline>,
    known: Known<'s>,
    protector: Protector<'s>,
    /// Contents that stand in for what is on disk.
    unsaved: Unsaved,
    /// What was parsed stays parsed when fixes are tried.
    shelf: Arc<Shelf>,
    /// What was seen of this machine.
    seen: OnceLock<Seen>,
}

/// How a tree is read again.
struct Again<'f> {
    /// Only these are read, without a walk.
    files: &'f [PathBuf],
    /// What differs from the last time; everything else is taken from there.
    changed: Vec<PathBuf>,
    /// True when the next time shall begin where this one does.
    is_trial: bool,
}

impl<'s> Session<'s> {
    /// `named` are rules and categories whose fixes are asked for; the rules among them speak
    /// whatever is selected.
    pub fn new(
        system: &'s dyn System,
        catalog: &'s Catalog,
        request: &'s Request,
        policy: Option<&'s PolicyFile>,
        named: &[String],
    ) -> Result<Self, EngineError> {
        let flags = Selection::new(&request.select, &request.ignore, rules::ALL)?
            .with_preview(request.preview.then_some(true));
        let named: Vec<String> = named
            .iter()
            .filter(|word| rules::find(word).is_some())
            .cloned()
            .collect();
        let named = Selection::new(&named, &[], rules::ALL)?;
        let known = Known::new(system, policy, request);
        known.check_flag()?;
        let roots: Vec<PathBuf> = request
            .roots
            .iter()
            .map(|root| behind_link(system, root))
            .collect();
        Ok(Self {
            system,
            catalog,
            request,
            protector: Protector::new(system, request, &roots),
            roots,
            policy,
            baseline: baseline::read(system, request, policy)?,
            chosen: Chosen::new(policy, &flags, &named),
            known,
            unsaved: request
                .unsaved
                .iter()
                .map(|(path, content)| (path.clone(), content.as_slice().into()))
                .collect(),
            shelf: Arc::default(),
            seen: OnceLock::new(),
        })
    }

    /// Lints, and tries every fix in memory: a fix that cannot be written or fails its proof is
    /// left to a person.
    pub fn run(&self) -> Result<Outcome, EngineError> {
        let mut outcome = self.look()?;
        let files = asked_paths(&outcome);
        let mut state = outcome.take_state();
        let reload = |texts: &Texts| self.try_out(&files, texts);
        let begin = self.system.elapsed();
        let verdicts = fix::verdicts(&state, &reload, &|file| self.protection(file));
        outcome.times.fixes = self.system.elapsed().saturating_sub(begin);
        for (diagnostic, verdict) in state.diagnostics.iter_mut().zip(verdicts) {
            if let Some(Verdict::Failed(failure)) = &verdict {
                let file = state.workspace.file(diagnostic.place.file);
                outcome.dropped.push(DroppedFix {
                    rule: diagnostic.rule,
                    file: file.map_or_else(|| "".into(), |file| Arc::clone(file.name())),
                    position: file.map_or(Position { line: 1, column: 1 }, |file| {
                        file.position(diagnostic.place.span.start)
                    }),
                    failure: failure.clone(),
                });
            }
            outcome.edits.push(settle(diagnostic, verdict));
        }
        outcome.put_state(state);
        let selection = self.chosen.everywhere();
        baseline::settle(
            self.system,
            self.request,
            self.policy,
            self.baseline.clone(),
            selection,
            &mut outcome,
        );
        changed::settle(self.system, self.request, &mut outcome)?;
        Ok(outcome)
    }

    /// True when the baseline holds a diagnostic of this kind.
    pub fn is_known(&self, workspace: &Workspace, diagnostic: &Diagnostic) -> bool {
        self.baseline
            .as_ref()
            .is_some_and(|baseline| baseline.holds(&BaselineKey::new(workspace, diagnostic)))
    }

    /// Why a file may not be written; `None` when it may.
    pub fn protection(&self, file: &SourceFile) -> Option<Protection> {
        self.protector.of(file)
    }

    /// What was asked about, links followed.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Lints without trying fixes: what rules propose is taken at its word.
    pub fn look(&self) -> Result<Outcome, EngineError> {
        self.read(None, &BTreeMap::new())
    }

    /// As [`Session::look`], but of the same files as before, of which only the `changed` ones
    /// differ.
    pub fn look_again(
        &self,
        files: &[PathBuf],
        changed: Vec<PathBuf>,
    ) -> Result<Outcome, EngineError> {
        let again = Again {
            files,
            changed,
            is_trial: false,
        };
        self.read(Some(again), &BTreeMap::new())
    }

    /// The contents that stand in for what is on disk.
    pub fn unsaved(&mut self) -> &mut Unsaved {
        &mut self.unsaved
    }

    /// What was read so far.
    pub fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    /// Forgets what was read: files may have come or gone.
    pub fn forget(&mut self) {
        self.shelf = Arc::new(self.shelf.emptied());
    }

    /// What `files` say and what is reported about them with `texts` in place, which the next
    /// texts are made from.
    pub fn reload(&self, files: &[PathBuf], texts: &Texts) -> Option<State> {
        self.with_texts(files, texts, false)
    }

    /// The same for texts that are not gone on from: others are tried in the place of the same files.
    pub fn try_out(&self, files: &[PathBuf], texts: &Texts) -> Option<State> {
        self.with_texts(files, texts, true)
    }

    fn with_texts(&self, files: &[PathBuf], texts: &Texts, is_trial: bool) -> Option<State> {
        let changed = texts.keys().cloned().collect();
        let again = Again {
            files,
            changed,
            is_trial,
        };
        let mut outcome = self.read(Some(again), texts).ok()?;
        let mut state = outcome.take_state();
        // A comment that silenced what is mended is no longer needed: that is no new problem.
        state
            .diagnostics
            .retain(|diagnostic| diagnostic.rule != UNUSED_SUPPRESSION);
        Some(state)
    }

    /// What `--live` sees of this machine, looked at once; `None` when nobody asked, or when no
    /// configured machine is known to be this one.
    fn seen(&self, workspace: &Workspace, found: &[Found]) -> Result<Option<&Seen>, EngineError> {
        let Some(live) = &self.request.live else {
            return Ok(None);
        };
        if let Look::Told(observations) = live {
            let told = || Seen {
                observations: observations.as_ref().clone(),
                builders: KnownHosts::new(),
            };
            return Ok(Some(self.seen.get_or_init(told)));
        }
        if !found.iter().any(|found| found.is_here) {
            return match live {
                Look::Found | Look::Told(_) => Ok(None),
                Look::Named(name) => Err(EngineError::NoLook {
                    name: name.clone(),
                    names: workspace
                        .machines()
                        .iter()
                        .map(|machine| machine.name.to_string())
                        .collect(),
                }),
            };
        }
        let look = || observe(self.system, self.catalog, workspace, found);
        Ok(Some(self.seen.get_or_init(look)))
    }

    /// The folder that was asked for, as reports call it; the working directory for anything but
    /// one folder.
    fn root(&self, system: &dyn System) -> PathBuf {
        match self.roots.as_slice() {
            [only]
                if system
                    .metadata(only)
                    .is_ok_and(|found| found.kind == FileKind::Folder) =>
            {
                PathBuf::from(super::shown(system, &lexical(only)))
            }
            _ => PathBuf::from("."),
        }
    }

    /// Lints with the contents that are not saved, and over them `texts`; anew, or again.
    fn read(&self, again: Option<Again<'_>>, texts: &Texts) -> Result<Outcome, EngineError> {
        let mut overlay = Overlay::new(self.system);
        for (path, content) in &self.unsaved {
            overlay.replace(path, Arc::clone(content));
        }
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        let is_plain = self.unsaved.is_empty() && texts.is_empty();
        let system: &dyn System = if is_plain { self.system } else { &overlay };
        self.read_on(system, again)
    }

    fn read_on(
        &self,
        system: &dyn System,
        again: Option<Again<'_>>,
    ) -> Result<Outcome, EngineError> {
        let (request, policy, catalog) = (self.request, self.policy, self.catalog);
        let mut options = LoadOptions {
            target: declared_target(request, policy),
            shelf: Arc::clone(&self.shelf),
            ..LoadOptions::default()
        };
        if let Some(again) = again {
            options.files = Some(again.files.to_vec());
            options.changed = again.changed;
            options.is_trial = again.is_trial;
        }
        let begin = system.elapsed();
        let loaded = model::load(system, &self.roots, catalog, &options);
        let Loaded {
            mut workspace,
            asked,
            syntax_errors,
            problems,
            unread,
            seen,
        } = loaded;

        let read = system.elapsed();
        let alike = self.known.alike(workspace.machines());
        let mut found = Vec::new();
        for index in 0..workspace.machines().len() {
            let Some(machine) = workspace.machines().get(index) else {
                continue;
            };
            let one = self.known.of(machine, alike)?;
            workspace.set_target(index, one.target.clone());
            found.push(one);
        }

        let mut hosts = self.known.hosts();
        let live = self.seen(&workspace, &found)?;
        // What somebody wrote about a builder goes before what it said.
        for (name, host) in live.into_iter().flat_map(|seen| &seen.builders) {
            hosts
                .entry(name.clone())
                .or_insert_with(|| Arc::clone(host));
        }
        let asked_about = Asked {
            workspace: &workspace,
            files: &asked,
            syntax_errors: &syntax_errors,
            found: &found,
            hosts: &hosts,
            observations: live.map(|seen| &seen.observations),
        };
        let by_file = self.chosen.by_file(system, &workspace);
        let (mut diagnostics, suppressed) =
            judge(&asked_about, catalog, &by_file, self.chosen.options());
        if policy.and_then(|policy| policy.insert_comments) == Some(false) {
            without_comments(&mut diagnostics);
        }

        let selection = self.chosen.everywhere();
        let notes = notes(&found, selection, rules::ALL, request, (seen, &unread));
        Ok(Outcome {
            machines: found.into_iter().map(|found| found.report).collect(),
            root: self.root(system),
            workspace,
            diagnostics,
            edits: Vec::new(),
            dropped: Vec::new(),
            suppressed,
            baseline: None,
            unchanged: 0,
            problems,
            notes,
            asked,
            seen,
            policy: policy.map(|policy| UsedPolicy {
                name: Arc::clone(&policy.name),
                is_users: policy.is_users,
            }),
            times: Times {
                read: read.saturating_sub(begin),
                judge: system.elapsed().saturating_sub(read),
                fixes: Duration::ZERO,
            },
            fail_on: request
                .fail_on
                .or_else(|| policy.and_then(|policy| policy.fail_on))
                .unwrap_or_default(),
        })
    }
}

/// Takes the comments out of what fixes insert.
fn without_comments(diagnostics: &mut [Diagnostic]) {
    let fixes = diagnostics.iter_mut().filter_map(|it| it.fix.as_mut());
    for change in fixes.flat_map(|fix| &mut fix.changes) {
        if let Change::Insert { comment, .. } = change {
            *comment = None;
        }
    }
}

/// The files that were asked about.
pub(super) fn asked_paths(outcome: &Outcome) -> Vec<PathBuf> {
    outcome
        .asked
        .iter()
        .filter_map(|id| outcome.workspace.file(*id))
        .map(|file| file.path().to_path_buf())
        .collect()
}

/// Lowers a fix to what its trial showed, and gives its edits.
fn settle(diagnostic: &mut Diagnostic, verdict: Option<Verdict>) -> Vec<(FileId, TextEdit)> {
    let Some(fix) = &mut diagnostic.fix else {
        return Vec::new();
    };
    let reason = match verdict.map(Verdict::edits) {
        None => return Vec::new(),
        Some(Ok(edits)) => {
            return edits
                .iter()
                .flat_map(|(file, edits)| edits.iter().map(|edit| (*file, edit.clone())))
                .collect();
        }
        Some(Err(reason)) => reason,
    };
    if fix.applicability > Applicability::Manual {
        fix.applicability = Applicability::Manual;
        if !diagnostic.help.is_empty() {
            diagnostic.help.push('\n');
        }
        diagnostic.help.push_str(&format!("by hand: {reason}"));
    }
    Vec::new()
}
