//! Linting: from a request to an outcome.

use super::policy_of::{read_policy, with_own_caches};
use super::session::Session;
use super::{EngineError, Outcome, Request};
use crate::catalog::Catalog;
use crate::system::System;

/// Lints what `request` names.
///
/// # Errors
/// When the run cannot start: mistakes in `nixtune.toml`, in a profile or in the request. What
/// goes wrong with single files is a problem in the outcome.
pub fn lint(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
) -> Result<Outcome, EngineError> {
    let policy = read_policy(system, request)?;
    let catalog = with_own_caches(catalog, policy.as_ref());
    Session::new(system, &catalog, request, policy.as_ref(), &[])?.run()
}

/// Reads what `request` names, without trying fixes: for reports about what files say.
///
/// # Errors
/// As [`lint`].
pub fn look(
    system: &dyn System,
    catalog: &Catalog,
    request: &Request,
) -> Result<Outcome, EngineError> {
    let policy = read_policy(system, request)?;
    let catalog = with_own_caches(catalog, policy.as_ref());
    Session::new(system, &catalog, request, policy.as_ref(), &[])?.look()
}
