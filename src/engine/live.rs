//! A configuration that is being edited: read once, and after each change again, as far as the
//! change reaches.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::judge::syntax_error;
use super::policy_of::{read_policy, with_own_caches};
use super::session::{Session, Texts, asked_paths};
use super::{EngineError, Outcome, Request};
use crate::catalog::Catalog;
use crate::diagnostic::{Applicability, Diagnostic};
use crate::fix::{self, PlanOptions, TextPlace, Verdict};
use crate::model::{FilePart, Workspace};
use crate::policy::{PolicyFile, SYNTAX_ERROR};
use crate::syntax::{parse, same_code};
use crate::system::{System, lexical};
use crate::text::{FileFormat, FileId, Shift, SourceFile, Span};

/// Longest file whose part in the tree is looked at, in bytes; as long as files may be.
const LARGEST_FILE: u64 = 64 << 20;

/// What a [`Live`] configuration goes by and that stays while it lives.
#[derive(Debug)]
pub struct LivePolicy<'c> {
    policy: Option<PolicyFile>,
    catalog: Cow<'c, Catalog>,
}

impl<'c> LivePolicy<'c> {
    /// Reads the `nixtune.toml` that counts for `request`.
    ///
    /// # Errors
    /// Mistakes in it.
    pub fn read(
        system: &dyn System,
        catalog: &'c Catalog,
        request: &Request,
    ) -> Result<Self, EngineError> {
        let policy = read_policy(system, request)?;
        let catalog = with_own_caches(catalog, policy.as_ref());
        Ok(Self { policy, catalog })
    }

    /// The file; `None` when there is none.
    pub fn file(&self) -> Option<&PolicyFile> {
        self.policy.as_ref()
    }

    /// What Nix knows, with the caches that the file names.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }
}

/// A configuration that is being edited.
///
/// A file that does not parse while someone types says nothing for that time: what was read of it
/// before counts on, and what is reported moves with the text. An edit of blanks and comments
/// waits for [`Live::settle`] in the same way.
pub struct Live<'s> {
    system: &'s dyn System,
    session: Session<'s>,
    here: PathBuf,
    /// What files hold since they were looked at last; `None` for what the disk holds.
    pending: BTreeMap<PathBuf, Option<Arc<str>>>,
    /// Texts that are shown while an earlier one counts.
    drafts: BTreeMap<PathBuf, Draft>,
    /// Files that changed since they were read last.
    changed: BTreeSet<PathBuf>,
    /// The part of files that changed, when they were read last.
    parts: BTreeMap<PathBuf, FilePart>,
    /// Files came or went, or play another part: the tree is walked again.
    is_stale: bool,
    /// What was found, without what the baseline holds back.
    outcome: Outcome,
    /// By diagnostic of the outcome: the baseline holds it back.
    known: Vec<bool>,
}

/// A text that is shown while an earlier one counts.
struct Draft {
    text: Arc<str>,
    /// From the text that counts to this one.
    shift: Shift,
    /// False for one that cannot count; it only waits otherwise.
    parses: bool,
    /// What is wrong with it; empty for a file that is only read along.
    errors: Vec<Diagnostic>,
}

/// What became of changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refreshed {
    /// There were none.
    Nothing,
    /// What is reported has moved with the text, and may change when it settles.
    Drafts,
    /// Everything was found anew.
    Everything,
}

/// A file as it is shown.
pub struct Shown<'l> {
    /// What it holds.
    pub text: &'l Arc<str>,
    shift: Option<Shift>,
}

impl Shown<'_> {
    /// Where a part of the text that counts is in the one that is shown; `None` for what is being
    /// edited.
    pub fn span(&self, span: Span) -> Option<Span> {
        match &self.shift {
            None => Some(span),
            Some(shift) => shift.span(span),
        }
    }
}

impl<'s> Live<'s> {
    /// Of what `request` names; `policy` was read for it. Nothing is read before the first
    /// [`Live::refresh`].
    ///
    /// # Errors
    /// Mistakes in a profile or in the request.
    pub fn new(
        system: &'s dyn System,
        request: &'s Request,
        policy: &'s LivePolicy<'_>,
    ) -> Result<Self, EngineError> {
        let session = Session::new(
            system,
            &policy.catalog,
            request,
            policy.policy.as_ref(),
            &[],
        )?;
        Ok(Self {
            system,
            session,
            here: system.current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            pending: BTreeMap::new(),
            drafts: BTreeMap::new(),
            changed: BTreeSet::new(),
            parts: BTreeMap::new(),
            is_stale: true,
            outcome: Outcome::default(),
            known: Vec::new(),
        })
    }

    /// Lets `text` stand in for what the file holds; `None` lets the file speak for itself again.
    /// Counts with the next [`Live::refresh`].
    pub fn edit(&mut self, path: &Path, text: Option<&Arc<str>>) {
        let path = lexical(&self.here.join(path));
        self.pending.insert(path, text.cloned());
    }

    /// Sorts what is pending: into texts that count, and drafts.
    fn sort_pending(&mut self) {
        for (path, text) in std::mem::take(&mut self.pending) {
            self.drafts.remove(&path);
            if let Some(text) = &text
                && let Some(file) = self.file_at(&path)
                && !self.is_stale
                && !self.changed.contains(&path)
            {
                if file.text() == text {
                    continue;
                }
                if let Some(draft) = self.draft(&file, text) {
                    self.drafts.insert(path, draft);
                    continue;
                }
            }
            self.take(path, text);
        }
    }

    /// Lets a text count with the next reading.
    fn take(&mut self, path: PathBuf, text: Option<Arc<str>>) {
        self.note_part(&path);
        let unsaved = self.session.unsaved();
        match text {
            Some(text) => drop(unsaved.insert(path.clone(), text.into())),
            None => drop(unsaved.remove(&path)),
        }
        self.changed.insert(path);
    }

    /// The file at a path, if it was read.
    fn file_at(&self, path: &Path) -> Option<Arc<SourceFile>> {
        let mut files = self.outcome.workspace.files().iter();
        files
            .find(|file| lexical(&self.here.join(file.path())) == path)
            .cloned()
    }

    /// `text` as a draft of a file; `None` when it counts at once.
    fn draft(&self, file: &SourceFile, text: &Arc<str>) -> Option<Draft> {
        if file.format() != FileFormat::Nix || self.is_broken(file.id()) {
            return None;
        }
        let new = SourceFile::new(
            file.id(),
            file.path(),
            Arc::clone(file.name()),
            file.format(),
            Arc::clone(text),
        );
        let parsed = parse(&new);
        let errors: Vec<Diagnostic> = match &parsed.ast {
            Some(_) => Vec::new(),
            None if !self.outcome.asked.contains(&file.id()) => Vec::new(),
            None => {
                let errors = parsed.errors.iter();
                errors.map(|error| syntax_error(file.id(), error)).collect()
            }
        };
        let waits = parsed.ast.is_none()
            || same_code(file.text(), text) && marks(file.text()).eq(marks(text));
        waits.then(|| Draft {
            text: Arc::clone(text),
            shift: Shift::between(file.text(), text),
            parses: parsed.ast.is_some(),
            errors,
        })
    }

    /// True for a file that did not parse when it was read.
    fn is_broken(&self, file: FileId) -> bool {
        let mut all = self.outcome.diagnostics.iter();
        all.any(|found| found.place.file == file && found.rule == SYNTAX_ERROR)
    }

    /// A file of the workspace as it is shown.
    pub fn shown<'l>(&'l self, file: &'l SourceFile) -> Shown<'l> {
        let path = lexical(&self.here.join(file.path()));
        match self.drafts.get(&path) {
            Some(draft) => Shown {
                text: &draft.text,
                shift: Some(draft.shift),
            },
            None => Shown {
                text: file.text(),
                shift: None,
            },
        }
    }

    /// True while another text of a file is shown than the one that counts.
    pub fn is_draft(&self, file: &SourceFile) -> bool {
        self.shown(file).shift.is_some()
    }

    /// Lets drafts count that only wait, and reads what changed. As [`Live::refresh`] otherwise.
    ///
    /// # Errors
    /// As [`Live::refresh`].
    pub fn settle(&mut self) -> Result<Refreshed, EngineError> {
        let had_pending = !self.pending.is_empty();
        self.sort_pending();
        let waiting: Vec<PathBuf> = self
            .drafts
            .iter()
            .filter(|(_, draft)| draft.parses)
            .map(|(path, _)| path.clone())
            .collect();
        for path in waiting {
            if let Some(draft) = self.drafts.remove(&path) {
                self.take(path, Some(draft.text));
            }
        }
        let refreshed = self.refresh()?;
        // What was sorted here is no longer pending there.
        Ok(if refreshed == Refreshed::Nothing && had_pending {
            Refreshed::Drafts
        } else {
            refreshed
        })
    }

    /// True when [`Live::settle`] would find something to do.
    pub fn is_unsettled(&self) -> bool {
        !self.pending.is_empty() || self.drafts.values().any(|draft| draft.parses)
    }

    /// Says that a file was written by someone else.
    pub fn touch(&mut self, path: &Path) {
        let path = lexical(&self.here.join(path));
        // What it held before is gone; its part is taken from what was read.
        if !self.parts.contains_key(&path) {
            self.is_stale |= !self.is_asked(&path);
        }
        self.changed.insert(path);
    }

    /// Says that files came or went.
    pub fn forget(&mut self) {
        self.is_stale = true;
    }

    /// Remembers what a file is to the tree, before it changes.
    fn note_part(&mut self, path: &Path) {
        if !self.parts.contains_key(path) {
            let part = if self.is_asked(path) {
                FilePart::Speaks
            } else {
                self.part_now(path)
            };
            self.parts.insert(path.to_path_buf(), part);
        }
    }

    fn is_asked(&self, path: &Path) -> bool {
        let mut asked = self.outcome.asked.iter();
        asked.any(|id| {
            let file = self.outcome.workspace.file(*id);
            file.is_some_and(|file| lexical(&self.here.join(file.path())) == path)
        })
    }

    fn part_now(&mut self, path: &Path) -> FilePart {
        let is_nix = path.extension().is_some_and(|ending| ending == "nix");
        let is_named = self.session.roots().iter().any(|root| root == path);
        if !is_nix || is_named {
            return FilePart::Speaks;
        }
        if let Some(content) = self.session.unsaved().get(path) {
            let content = Arc::clone(content);
            return self.session.shelf().part(&content);
        }
        match self.system.read(path, LARGEST_FILE) {
            Ok(bytes) => self.session.shelf().part(&bytes),
            Err(_) => FilePart::Silent,
        }
    }

    /// Reads what changed, or everything at first.
    ///
    /// # Errors
    /// As [`super::lint`]; what was found before stays.
    pub fn refresh(&mut self) -> Result<Refreshed, EngineError> {
        let had_pending = !self.pending.is_empty();
        self.sort_pending();
        let changed: Vec<PathBuf> = self.changed.iter().cloned().collect();
        for path in &changed {
            let part = self.part_now(path);
            let before = self.parts.insert(path.clone(), part);
            self.is_stale |= before.is_some_and(|before| before != part);
        }
        let outcome = if self.is_stale {
            self.session.forget();
            self.session.look()?
        } else if changed.is_empty() {
            return Ok(if had_pending {
                Refreshed::Drafts
            } else {
                Refreshed::Nothing
            });
        } else {
            let files = asked_paths(&self.outcome);
            self.session.look_again(&files, changed)?
        };
        self.is_stale = false;
        self.changed.clear();
        let known = outcome.diagnostics.iter();
        self.known = known
            .map(|diagnostic| self.session.is_known(&outcome.workspace, diagnostic))
            .collect();
        self.outcome = outcome;
        Ok(Refreshed::Everything)
    }

    /// What was found last, fixes taken at their word, also what the baseline holds back.
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// What is reported, sorted by file, place and rule, without what the baseline holds back.
    /// Places are those of the texts that count: [`Live::shown`] says where they are now.
    pub fn reported(&self) -> impl Iterator<Item = &Diagnostic> {
        let all = self.outcome.diagnostics.iter().zip(&self.known);
        all.filter(|(_, is_known)| !**is_known)
            .map(|(diagnostic, _)| diagnostic)
    }

    /// Why drafts do not parse. Places are those of the texts that are shown.
    pub fn draft_errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.drafts.values().flat_map(|draft| &draft.errors)
    }

    /// Tries the fixes of what is reported at a place, each as if it were made alone.
    pub fn try_fixes(&mut self, file: FileId, span: Span) -> Vec<(Diagnostic, Verdict)> {
        let wanted = |diagnostic: &Diagnostic| {
            diagnostic.place.file == file && diagnostic.place.span.touches(span)
        };
        let files = asked_paths(&self.outcome);
        let state = self.outcome.take_state();
        let reload = |texts: &Texts| self.session.try_out(&files, texts);
        let guard = |file: &SourceFile| self.session.protection(file);
        let verdicts = fix::verdicts_of(&state, &wanted, &reload, &guard);
        let all = state.diagnostics.iter().zip(&self.known).zip(verdicts);
        let tried = all
            .filter(|((_, is_known), _)| !**is_known)
            .filter_map(|((diagnostic, _), verdict)| Some((diagnostic.clone(), verdict?)))
            .collect();
        self.outcome.put_state(state);
        tried
    }

    /// True when a diagnostic is no longer reported with `text` in a file, and nothing else is new:
    /// a comment silences it.
    pub fn silences(&self, diagnostic: &Diagnostic, path: &Path, text: &str) -> bool {
        let files = asked_paths(&self.outcome);
        let texts = Texts::from([(path.to_path_buf(), text.to_owned())]);
        let Some(after) = self.session.try_out(&files, &texts) else {
            return false;
        };
        let before = &self.outcome.diagnostics;
        let of_rule =
            |all: &[Diagnostic]| all.iter().filter(|it| it.rule == diagnostic.rule).count();
        after.diagnostics.len() < before.len() && of_rule(&after.diagnostics) < of_rule(before)
    }

    /// Plans all fixes of what is reported in a file, down to `least`.
    pub fn plan_file(&mut self, file: FileId, least: Applicability) -> fix::Plan {
        let files = asked_paths(&self.outcome);
        let state = self.outcome.take_state();
        let place = state.workspace.file(file).map(|file| TextPlace {
            path: file.path().to_path_buf(),
            span: Span::new(0, u32::try_from(file.text().len()).unwrap_or(u32::MAX)),
        });
        let places: Vec<TextPlace> = place.into_iter().collect();
        let reload = |texts: &Texts| self.session.reload(&files, texts);
        let plan = fix::plan(
            &state,
            &PlanOptions {
                least,
                choose: &|workspace: &Workspace, diagnostic: &Diagnostic| {
                    !self.session.is_known(workspace, diagnostic)
                },
                places: Some(&places),
                evaluation: None,
                guard: &|file| self.session.protection(file),
            },
            &reload,
        );
        self.outcome.put_state(state);
        plan
    }
}

/// Lines that speak to nixtune: what a comment allows is part of what a text says.
fn marks(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter(|line| line.contains("nixtune:"))
}
