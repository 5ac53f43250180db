//! The fifth stage of the proof: real Nix evaluates the machines before and after, and agrees.
//!
//! This runs the code of the configuration, as a rebuild does, so that it happens only where it
//! was asked for.

mod compare;
mod conf;
mod declared;
mod nix;
mod question;
mod trees;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

#[cfg(feature = "analyze")]
pub(super) use conf::show as shown_settings;
#[cfg(feature = "analyze")]
pub(super) use nix::output as nix_output;

use compare::Difference;
use declared::{declared, expected, setting_name, with_former_names};
use nix::NoAnswer;
use question::{Answer, FlakeMachine, Question, Subject};
use trees::{Texts, Trees, flake_over, real};

use crate::catalog::Catalog;
use crate::fix::{Evaluation, State, Trial};
use crate::model::{Machine, OptionPath, Origin, Workspace};
use crate::system::System;

/// The installed Nix, asked about the machines of one run.
pub(super) struct NixEvaluation<'s> {
    system: &'s dyn System,
    catalog: &'s Catalog,
    /// Contents that the request brings.
    unsaved: Texts,
    work: Mutex<Work>,
    /// Why nothing can be evaluated.
    given_up: OnceLock<String>,
}

#[derive(Default)]
struct Work {
    trees: Trees,
    /// The state after one round is the one before the next.
    answered: Vec<(Texts, Question, Result<Vec<Answer>, NoAnswer>)>,
}

/// A machine that a changed file reaches.
#[derive(Clone)]
struct Reached<'t> {
    before: (&'t Workspace, &'t Machine),
    /// `None` when nothing is left of it that nixtune reads.
    after: Option<(&'t Workspace, &'t Machine)>,
    declared: BTreeSet<OptionPath>,
}

/// Machines of one call of Nix, in the order of the answers.
struct Group<'t> {
    question: Question,
    root: PathBuf,
    machines: Vec<Reached<'t>>,
}

/// Why a trial ends.
enum End {
    /// The fixes are not confirmed.
    Wrong(String),
    /// Nothing can be evaluated.
    Impossible(String),
}

impl<'s> NixEvaluation<'s> {
    /// Nothing is evaluated yet. `unsaved` are contents that stand in for what is on disk.
    pub fn new(
        system: &'s dyn System,
        catalog: &'s Catalog,
        unsaved: &[(PathBuf, Vec<u8>)],
    ) -> Self {
        Self {
            system,
            catalog,
            unsaved: unsaved
                .iter()
                .map(|(path, bytes)| (path.clone(), String::from_utf8_lossy(bytes).into_owned()))
                .collect(),
            work: Mutex::default(),
            given_up: OnceLock::new(),
        }
    }

    /// Why nothing could be evaluated, if so.
    pub fn reason(&self) -> Option<&str> {
        self.given_up.get().map(String::as_str)
    }

    fn examine(&self, trial: &Trial<'_>) -> Result<(), End> {
        let reached = reached(trial);
        if reached.is_empty() {
            return Err(End::Wrong(
                "no machine that Nix could evaluate reads the changed files".to_owned(),
            ));
        }
        let (confs, machines): (Vec<_>, Vec<_>) = reached
            .into_iter()
            .partition(|one| matches!(one.before.1.origin, Origin::Conf(_)));
        for conf in &confs {
            self.examine_conf(conf, trial)?;
        }
        for group in self.groups(machines)? {
            if !self.is_seen_by_flake(&group, trial)? {
                self.examine_group(&group, trial)?;
            }
        }
        Ok(())
    }

    /// Examines loose modules as parts of the machines of the flake that they lie in, where
    /// nixtune could not read these as a whole; false when they are in none.
    fn is_seen_by_flake(&self, group: &Group<'_>, trial: &Trial<'_>) -> Result<bool, End> {
        let Subject::Modules { modules, .. } = &group.question.subject else {
            return Ok(false);
        };
        let Some(flake) = modules
            .first()
            .and_then(|module| flake_over(self.system, module))
        else {
            return Ok(false);
        };
        let whole = Group {
            question: group.question.of_flake(flake),
            root: group.root.clone(),
            machines: group.machines.clone(),
        };
        self.examine_group(&whole, trial)
    }

    /// Machines of one flake are evaluated together.
    fn groups<'t>(&self, machines: Vec<Reached<'t>>) -> Result<Vec<Group<'t>>, End> {
        let mut groups: Vec<Group<'t>> = Vec::new();
        for one in machines {
            let both: Vec<_> = [Some(one.before), one.after]
                .into_iter()
                .flatten()
                .collect();
            let Some(mut subject) = Subject::of(one.before.1) else {
                continue;
            };
            let files = self.files(&subject, one.before);
            let root = self.root_of(&files, one.before.1)?;
            subject.resolve(&|path| real(self.system, path));
            let question = Question::new(subject, &both);
            let joined = groups
                .iter_mut()
                .find_map(|group| group.question.join(&question).then_some(group));
            match joined {
                Some(group) => group.machines.push(one),
                None => groups.push(Group {
                    question,
                    root,
                    machines: vec![one],
                }),
            }
        }
        Ok(groups)
    }

    fn root_of(&self, files: &[PathBuf], machine: &Machine) -> Result<PathBuf, End> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        match work.trees.root_of(self.system, files) {
            Ok(Some(root)) => Ok(root),
            Ok(None) => Err(no_folder(machine)),
            Err(error) => Err(End::Impossible(error.text().to_owned())),
        }
    }

    /// The files of a machine, without links, the one that stands for it first.
    fn files(&self, subject: &Subject, machine: (&Workspace, &Machine)) -> Vec<PathBuf> {
        let (workspace, machine) = machine;
        let own = machine.files.iter().filter_map(|id| workspace.file(*id));
        std::iter::once(subject.file())
            .chain(own.map(|file| file.path()))
            .map(|path| real(self.system, path))
            .collect()
    }

    /// Looks at one group: false when nothing in it changes.
    fn examine_group(&self, group: &Group<'_>, trial: &Trial<'_>) -> Result<bool, End> {
        let narrow = self.narrowed(group, trial);
        let group = narrow.as_ref().unwrap_or(group);
        let before = self
            .ask(group, trial.texts_before)
            .map_err(|error| End::Impossible(self.first_to_fail(group, trial, &error)))?;
        let after = self
            .ask(group, trial.texts_after)
            .map_err(|error| match error {
                NoAnswer::Unasked(text) => End::Impossible(text),
                NoAnswer::Refused(text) => End::Wrong(format!(
                    "{} does not evaluate any more: {text}",
                    names(&group.machines)
                )),
            })?;
        let is_whole = group.question.is_about_all();
        if before.len() != after.len() || !is_whole && before.len() != group.machines.len() {
            return Err(End::Wrong(format!(
                "the machines of {} are others",
                names(&group.machines)
            )));
        }
        let mut changes = false;
        for (index, (before, after)) in before.iter().zip(&after).enumerate() {
            let position = if is_whole { 0 } else { index };
            let Some(one) = group.machines.get(position) else {
                continue;
            };
            if before == after && is_whole {
                continue;
            }
            changes = true;
            if let Some(found) = self.difference(group, one, before, after) {
                return Err(self.told(group, trial, one, after, found));
            }
        }
        Ok(changes)
    }

    /// A group with less to ask for, where all of it cannot be evaluated as it is.
    fn narrowed<'t>(&self, group: &Group<'t>, trial: &Trial<'_>) -> Option<Group<'t>> {
        let Err(NoAnswer::Refused(_)) = self.ask(group, trial.texts_before) else {
            return None;
        };
        let narrow = Group {
            question: group.question.narrowed(),
            root: group.root.clone(),
            machines: group.machines.clone(),
        };
        self.ask(&narrow, trial.texts_before).ok().map(|_| narrow)
    }

    /// A difference in words, those of Nix among them.
    fn told(
        &self,
        group: &Group<'_>,
        trial: &Trial<'_>,
        one: &Reached<'_>,
        after: &Answer,
        found: Difference,
    ) -> End {
        let machine = after.machine.as_ref().map(|(set, name)| FlakeMachine {
            set: set.as_str().into(),
            name: name.as_str().into(),
            user: match &one.before.1.origin {
                Origin::Flake { user, .. } => user.clone(),
                _ => None,
            },
        });
        let name = match (&machine, &one.before.1.origin) {
            (Some(machine), Origin::Modules(_)) => &machine.name,
            _ => &one.before.1.name,
        };
        let mut text = format!("in {name}, {}", found.text);
        if let Some(path) = found.fails {
            let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
            let words = self
                .copy(&mut work.trees, &group.root, trial.texts_after)
                .ok()
                .and_then(|copy| {
                    let question = &group.question;
                    question.why(self.system, &group.root, &copy, machine, &path)
                });
            if let Some(words) = words {
                text.push_str(&format!(": {words}"));
            }
        }
        if found.as_before {
            End::Impossible(text)
        } else {
            End::Wrong(text)
        }
    }

    fn difference(
        &self,
        group: &Group<'_>,
        one: &Reached<'_>,
        before: &Answer,
        after: &Answer,
    ) -> Option<Difference> {
        let question = &group.question;
        let system = one.before.1.target.system();
        let may_change = with_former_names(self.catalog, system, &one.declared);
        for path in &one.declared {
            let old = compare::value_at(question, before, path);
            let new = compare::value_at(question, after, path);
            if new.is_some_and(compare::fails) {
                let as_before = old.is_some_and(compare::fails);
                // Options that are no more fail for everyone who asks; what counts is that no
                // file sets them.
                if as_before && !is_defined(one.after, path) {
                    continue;
                }
                return Some(if as_before {
                    Difference {
                        as_before,
                        fails: Some(path.clone()),
                        ..Difference::new(format!("Nix has no value for `{path}` as it is"))
                    }
                } else {
                    Difference::failing(path)
                });
            }
            // Nixtune knows a module, not what the machines that use it make of it.
            if question.is_about_all() && old == new {
                continue;
            }
            let known = one
                .after
                .and_then(|(workspace, machine)| expected(workspace.view(machine), path));
            if let Some(known) = known
                && !new.is_some_and(|new| known.is_in(new))
            {
                let new = new.map_or_else(|| "nothing".to_owned(), compare::shown);
                return Some(Difference::new(format!(
                    "Nix says {new} for `{path}`, not {}",
                    known.shown()
                )));
            }
        }
        compare::undeclared(question, before, after, &may_change)
    }

    /// What Nix says about a group with these contents.
    fn ask(&self, group: &Group<'_>, texts: &Texts) -> Result<Vec<Answer>, NoAnswer> {
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let known = work
            .answered
            .iter()
            .find(|(of, question, _)| of == texts && *question == group.question);
        if let Some((_, _, answer)) = known {
            return answer.clone();
        }
        let answer = self
            .copy(&mut work.trees, &group.root, texts)
            .and_then(|copy| group.question.ask(self.system, &group.root, &copy));
        work.answered
            .push((texts.clone(), group.question.clone(), answer.clone()));
        answer
    }

    fn copy(&self, trees: &mut Trees, root: &Path, texts: &Texts) -> Result<PathBuf, NoAnswer> {
        let mut all = self.unsaved.clone();
        all.extend(
            texts
                .iter()
                .map(|(path, text)| (path.clone(), text.clone())),
        );
        trees.with_texts(self.system, root, &all)
    }

    /// Why a group cannot be evaluated as it is, by the first machine that is to blame.
    fn first_to_fail(&self, group: &Group<'_>, trial: &Trial<'_>, error: &NoAnswer) -> String {
        let NoAnswer::Refused(text) = error else {
            return error.text().to_owned();
        };
        let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
        let copy = self.copy(&mut work.trees, &group.root, trial.texts_before);
        let several = group.machines.len() > 1;
        if let Some(copy) = copy.ok().filter(|_| several) {
            for (question, one) in group.question.alone().iter().zip(&group.machines) {
                if let Err(error) = question.ask(self.system, &group.root, &copy) {
                    let name = &one.before.1.name;
                    return format!("Nix cannot evaluate {name} as it is: {}", error.text());
                }
            }
        }
        format!(
            "Nix cannot evaluate {} as it is: {text}",
            names(&group.machines)
        )
    }

    fn examine_conf(&self, one: &Reached<'_>, trial: &Trial<'_>) -> Result<(), End> {
        let machine = one.before.1;
        let Origin::Conf(path) = &machine.origin else {
            return Ok(());
        };
        let path = real(self.system, path);
        let root = self.root_of(std::slice::from_ref(&path), machine)?;
        let read = |texts: &Texts| {
            let mut work = self.work.lock().unwrap_or_else(PoisonError::into_inner);
            let copy = self.copy(&mut work.trees, &root, texts)?;
            let file = copy.join(path.strip_prefix(&root).unwrap_or(&path));
            let apart = copy.parent().unwrap_or(&copy).to_path_buf();
            conf::read(self.system, &file, &apart).map_err(|error| error.about(&copy, &root))
        };
        let before = read(trial.texts_before).map_err(|error| {
            End::Impossible(match error {
                NoAnswer::Unasked(text) => text,
                NoAnswer::Refused(text) => {
                    format!("Nix cannot read {} as it is: {text}", machine.name)
                }
            })
        })?;
        let after = read(trial.texts_after).map_err(|error| match error {
            NoAnswer::Unasked(text) => End::Impossible(text),
            NoAnswer::Refused(text) => {
                End::Wrong(format!("Nix cannot read {} any more: {text}", machine.name))
            }
        })?;
        let mut settings: BTreeSet<Arc<str>> = BTreeSet::new();
        for path in &one.declared {
            settings.insert(setting_name(self.catalog, path.leaf()));
        }
        let view = one
            .after
            .map(|(workspace, machine)| workspace.view(machine));
        match conf::wrong(self.catalog, &before, &after, &settings, view) {
            Some(text) => Err(End::Wrong(format!("in {}, {text}", machine.name))),
            None => Ok(()),
        }
    }
}

impl Evaluation for NixEvaluation<'_> {
    fn confirm(&self, trial: &Trial<'_>) -> Result<(), String> {
        if let Some(reason) = self.given_up.get() {
            return Err(reason.clone());
        }
        match self.examine(trial) {
            Ok(()) => Ok(()),
            Err(End::Wrong(text)) => Err(text),
            Err(End::Impossible(text)) => Err(self.given_up.get_or_init(|| text).clone()),
        }
    }

    fn has_given_up(&self) -> bool {
        self.given_up.get().is_some()
    }
}

/// The machines that read a file whose content changes.
fn reached<'t>(trial: &Trial<'t>) -> Vec<Reached<'t>> {
    let changed: BTreeSet<&Path> = trial
        .texts_after
        .iter()
        .filter(|(path, text)| trial.texts_before.get(*path) != Some(*text))
        .map(|(path, _)| path.as_path())
        .collect();
    let reads = |state: &State, machine: &Machine| {
        machine
            .files
            .iter()
            .filter_map(|id| state.workspace.file(*id))
            .any(|file| changed.contains(file.path()))
    };
    let (before, after) = (trial.before, trial.after);
    let mut later: Vec<&Machine> = after.workspace.machines().iter().collect();
    before
        .workspace
        .machines()
        .iter()
        .filter_map(|machine| {
            let found = later.iter().position(|other| other.name == machine.name);
            let other = found.map(|index| later.remove(index));
            let is_reached =
                reads(before, machine) || other.is_some_and(|other| reads(after, other));
            is_reached.then(|| Reached {
                before: (&before.workspace, machine),
                after: other.map(|other| (&after.workspace, other)),
                declared: declared(&before.workspace, machine, trial.fixes),
            })
        })
        .collect()
}

fn is_defined(machine: Option<(&Workspace, &Machine)>, path: &OptionPath) -> bool {
    machine.is_some_and(|(workspace, machine)| {
        let mut definitions = workspace.view(machine).definitions();
        definitions.any(|definition| definition.option.starts_with(path))
    })
}

fn names(machines: &[Reached<'_>]) -> String {
    const MOST: usize = 5;
    let mut names: Vec<&str> = machines
        .iter()
        .map(|one| &*one.before.1.name)
        .take(MOST)
        .collect();
    if machines.len() > MOST {
        names.push("…");
    }
    names.join(", ")
}

fn no_folder(machine: &Machine) -> End {
    End::Impossible(format!("the files of {} lie in no folder", machine.name))
}
