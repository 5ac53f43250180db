//! Questions and answers, as a bar on a terminal.

use indicatif::ProgressBar;

use crate::cli::output::Output;
use crate::engine::analyze::Progress;

/// Shows how many of the questions are answered.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// On standard error, if that is a terminal.
    pub fn new(output: &Output) -> Self {
        Self(output.bar())
    }

    /// Takes it away.
    pub fn end(self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn more(&self, questions: usize) {
        self.0.inc_length(questions as u64);
    }

    fn answered(&self) {
        self.0.inc(1);
    }
}
