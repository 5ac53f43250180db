//! What went wrong in a build log.

use std::path::Path;

use super::AnalyzeError;
use super::profile::each_line;
use crate::analyze::log::Clock;
use crate::analyze::symptoms::{Diagnosis, Seen};
use crate::system::System;

/// Looks for symptoms in a log: plain text or events, packed with gzip or not.
///
/// # Errors
/// It cannot be read.
pub fn diagnose(system: &dyn System, path: &Path) -> Result<Vec<Seen>, AnalyzeError> {
    let mut diagnosis = Diagnosis::default();
    let mut clock = Clock::default();
    each_line(system, path, &mut |line| diagnosis.take(clock.read(line).1))?;
    Ok(diagnosis.finish())
}
