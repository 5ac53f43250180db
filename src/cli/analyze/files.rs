//! Files that are read for an analysis, instead of or beside what the installed Nix says.

use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::cli::args::SourceArgs;
use crate::cli::output::Output;
use crate::cli::request;
use crate::engine::{self, Outcome};
use crate::system::System;

/// Reads the files below `paths`.
pub(super) fn look(
    paths: &[PathBuf],
    system: &dyn System,
    output: &Output,
) -> Result<(Outcome, Catalog), String> {
    output.wait("reads the configuration");
    let request = request::request(&SourceArgs {
        paths: paths.to_vec(),
        host: None,
        target: None,
        stdin_filename: None,
    })?;
    let catalog = request::catalog(system);
    let outcome = engine::look(system, &catalog, &request).map_err(|error| error.to_string())?;
    Ok((outcome, catalog))
}
