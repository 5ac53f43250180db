//! From intended changes to text that is proven to be right.
//!
//! [`lower`] turns the changes of a fix into edits of files; it refuses where no honest edit
//! exists, and where a [`Guard`] says that the file may not be written. [`verdicts`] proves each
//! fix in memory before it is shown as applicable, [`plan`] makes fixes together, round by round,
//! until nothing is left to do, and [`plan_by_asking`] makes one after the other.

mod batch;
mod changes;
mod draft;
mod entry;
mod evaluation;
mod generated;
mod imports;
mod insert;
mod interactive;
mod lines;
mod list;
mod lower;
mod origin;
mod plain;
mod plan;
mod protection;
mod remove;
mod rename;
mod render;
mod set;
mod sharing;
mod spot;
mod tree;
mod twins;
mod uses;
mod values;
mod verify;

pub use evaluation::{Evaluation, Trial};
pub use generated::generated;
pub use interactive::{Answer, Offer, plan_by_asking};
pub use lower::lower;
pub use plan::{
    AppliedFix, LeftFix, Plan, PlanOptions, PlannedFile, TextPlace, Verdict, WhyLeft, plan,
    verdicts, verdicts_of,
};
pub use protection::{Guard, Protection, unguarded};
pub use twins::include_twins;
pub use verify::{Failure, Reload, Scene, Stage, State};

use std::sync::Arc;

/// Why no honest edit exists for a fix. It is shown with this reason and never written.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// No text stands for the definition alone.
    #[error("the value is made by code, so no text stands for it alone")]
    Computed,
    /// The definition's text could not be found where it was read.
    #[error("the text of the definition could not be found")]
    NotFound,
    /// The file is not Nix any more, or never was.
    #[error("the file has syntax errors")]
    NoSyntax,
    /// The new option has a definition here.
    #[error("`{0}` is defined here already")]
    Exists(String),
    /// A set that would have to take the new option is an expression.
    #[error("`{0}` is no plain set, so nothing can be added to it")]
    NotASet(String),
    /// The set around the definition says a part of its path only, and the new option is of
    /// another part.
    #[error("`{option}` has no place in a set that stands for `{set}` alone")]
    NoPlace {
        /// What the set stands for where it is used.
        set: String,
        /// The new option.
        option: String,
    },
    /// The new place lies outside of an expression that decides when the definition counts.
    #[error("the definition stands under a condition or wrapper that the new place has not")]
    Wrapped,
    /// A string with comments in it would go.
    #[error("the text holds comments, which have no other place")]
    HoldsComments,
    /// The value uses names that the new place does not know.
    #[error("the value uses names that the new place does not know")]
    Scoped,
    /// Text that other values are made from, too.
    #[error("the text is used in other places, too")]
    Shared,
    /// An element of a list that no text stands for.
    #[error("the element does not stand in a list by itself")]
    NotAnElement,
    /// Something cannot be added to this list.
    #[error("the list is no text that can be extended")]
    NotAList,
    /// `nix.conf` cannot hold the value.
    #[error("a line of `nix.conf` cannot hold the new value")]
    NotInConf,
    /// A `nix.conf` cannot hold the option.
    #[error("a `nix.conf` cannot hold the option `{0}`")]
    OptionNotInConf(String),
    /// A flake's `nixConfig` holds settings, a module holds options.
    #[error("`{0}` cannot be defined in this file")]
    OtherKindOfFile(String),
    /// The option is written in several statements.
    #[error("the option is written in several statements")]
    Scattered,
    /// Another option's value is made from the one that would change.
    #[error("`{option}` of {machine} would change with it")]
    Follows {
        /// The other option.
        option: String,
        /// The machine in which it changes.
        machine: String,
    },
    /// What it changes has hidden from another rule what that rule would not accept.
    #[error("`{rule}` would be reported then: {message}")]
    Uncovers {
        /// The other rule; the same one where it would speak of another definition.
        rule: &'static str,
        /// What it would say.
        message: String,
    },
    /// Loose modules that stand for one machine would contradict each other.
    #[error("the modules of {0} would contradict each other")]
    Apart(String),
    /// It would change a file that is only read.
    #[error("`{file}` {why}")]
    Protected {
        /// The file, as reports call it.
        file: Arc<str>,
        /// Why it may not be written.
        why: Protection,
    },
    /// Two changes of the fix want the same text.
    #[error("its changes contradict each other")]
    Conflict,
}

impl From<crate::text::EditError> for Refusal {
    fn from(_: crate::text::EditError) -> Self {
        Self::Conflict
    }
}
