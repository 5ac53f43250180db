//! Why a file cannot be read as Nix.

use crate::text::Span;

/// A place that is no Nix, with what is wrong there.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// Where; byte offsets of the text that was checked.
    pub span: Span,
    /// What is wrong and what to do: lower case, no final full stop.
    pub message: String,
}

impl SyntaxError {
    /// An error at `span`.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
        }
    }
}
