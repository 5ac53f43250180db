//! What proves changed texts beyond themselves: reading the files again, and whoever evaluates them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::verify::{Reload, State};
use crate::diagnostic::Fix;

/// What the fixes of one round change.
#[derive(Clone, Copy)]
pub struct Trial<'t> {
    /// What was said before.
    pub before: &'t State,
    /// The contents that `before` was read with, by path, where they differ from the start.
    pub texts_before: &'t BTreeMap<PathBuf, String>,
    /// What is said with the fixes made.
    pub after: &'t State,
    /// The contents that `after` was read with, those of `texts_before` included.
    pub texts_after: &'t BTreeMap<PathBuf, String>,
    /// The fixes.
    pub fixes: &'t [&'t Fix],
}

/// Someone who evaluates configurations and can tell whether a proof of nixtune's own holds there.
pub trait Evaluation: Sync {
    /// Whether the files evaluate to what the fixes declare, and to nothing else.
    ///
    /// # Errors
    /// What differs.
    fn confirm(&self, trial: &Trial<'_>) -> Result<(), String>;

    /// True once it turned out that nothing can be evaluated: then no fix can be confirmed, and
    /// none is looked at any more.
    fn has_given_up(&self) -> bool;
}

/// [`Evaluation::confirm`] for the new contents of a round, with the state before and after.
pub(super) type Confirm<'c> =
    dyn Fn(&State, &BTreeMap<PathBuf, String>, &State, &[&Fix]) -> Result<(), String> + Sync + 'c;

/// What proves changed texts beyond themselves.
#[derive(Clone, Copy)]
pub(super) struct Proofs<'p> {
    pub reload: &'p Reload<'p>,
    /// Nix, where it is asked.
    pub confirm: Option<&'p Confirm<'p>>,
    /// Whose [`Evaluation::has_given_up`] ends the search for the fixes to blame.
    pub evaluation: Option<&'p dyn Evaluation>,
}

impl<'p> Proofs<'p> {
    /// The same without whoever confirms.
    pub fn of_nixtune(&self) -> Proofs<'p> {
        Proofs {
            reload: self.reload,
            confirm: None,
            evaluation: None,
        }
    }

    /// True when no further fix can be proven.
    pub fn are_over(&self) -> bool {
        self.evaluation
            .is_some_and(|evaluation| evaluation.has_given_up())
    }
}
