//! What rules report and what they propose to change.

mod change;

pub use change::{Applicability, Change, Fix, NewValue};

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::facts::How;
use crate::text::Place;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Probably wrong, slow or risky.
    Warning,
    /// Breaks evaluation, the rebuild or Nix itself, or loses data.
    Error,
}

impl Severity {
    /// One level less; `None` below [`Severity::Info`].
    pub const fn lowered(self) -> Option<Self> {
        match self {
            Self::Error => Some(Self::Warning),
            Self::Warning => Some(Self::Info),
            Self::Info => None,
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// How sure the evaluator is of the values that a diagnostic rests on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// One branch of an undecided condition.
    Possible,
    /// Under an undecided condition, or another file may still override it.
    Likely,
    /// Known and unconditional.
    Certain,
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        })
    }
}

/// Another place that matters, with a few words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there: lower case, no full stop.
    pub text: String,
}

/// A fact that a diagnostic used, ready to show.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct FactUsed {
    /// What it is: `threads`, `memory`, `version`.
    pub name: String,
    /// Its value in words.
    pub value: String,
    /// How it is known.
    pub how: How,
    /// Where it was read.
    pub source: String,
}

/// One report of a rule.
#[derive(Clone, PartialEq, Debug)]
pub struct Diagnostic {
    /// The rule's id; `syntax-error` and the like for what is no rule.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// The text to underline.
    pub place: Place,
    /// What is wrong: lower case, no full stop, settings in backticks with the values seen.
    pub message: String,
    /// Why it matters, a sentence or two.
    pub why: String,
    /// What to do, in the imperative; empty when the fix says it all.
    pub help: String,
    /// The implementations, versions, platforms or module systems that it holds for, in words;
    /// empty for what comes from no rule.
    pub applies: String,
    /// Other places.
    pub labels: Vec<Label>,
    /// Facts that it rests on.
    pub facts: Vec<FactUsed>,
    /// The machines that it holds for, by name, sorted.
    pub machines: Vec<Arc<str>>,
    /// How to mend it.
    pub fix: Option<Fix>,
}
