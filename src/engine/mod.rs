//! Linting, planning and writing: the only place that knows the order of things.

#[cfg(feature = "analyze")]
pub mod analyze;
mod baseline;
mod changed;
mod chosen;
mod evaluation;
mod generate;
mod git_config;
mod git_index;
mod join;
mod judge;
mod known;
mod links;
mod lint;
mod live;
mod notes;
mod observe;
mod outcome;
mod patch;
mod places;
mod plan;
mod policy_of;
mod protect;
mod rebuild;
#[cfg(feature = "analyze")]
mod recorded;
mod repository;
mod request;
mod session;
#[cfg(feature = "analyze")]
mod simulate;

pub use baseline::baseline_of;
pub use changed::ChangedError;
pub use generate::{Decided, InitRequest, decide, fleet, module_path};
pub use known::read_profile;
pub use links::LeavingLink;
pub use lint::{lint, look};
pub use live::{Live, LivePolicy, Refreshed, Shown};
pub use outcome::{
    BaselineReport, DroppedFix, MachineReport, Note, Outcome, Suppressed, Times, UsedPolicy,
};
pub use patch::{PatchError, PatchNames, looks_like_patch, patch_names, save_patch};
pub use places::{AskedPlace, PlaceError};
pub use plan::{Plan, Verify, Wanted, plan, plan_by_asking, write};
pub use policy_of::known_caches;
pub use rebuild::{FlakeError, absolute, flake_found, flake_said, is_on_path};
pub use repository::{FlakeFacts, HookError, Repository};
pub use request::{EngineError, Look, Request};
#[cfg(feature = "analyze")]
pub use simulate::{
    BuildersRequest, GraphSource, MaxJobs, PresentSource, SimulateError, SimulateRequest,
    Simulation, simulate,
};

use std::path::Path;

use crate::system::System;

/// A path as reports call it: from the working directory where it lies below that.
fn shown(system: &dyn System, path: &Path) -> String {
    let shown = match system.current_dir() {
        Ok(here) => path.strip_prefix(&here).unwrap_or(path).to_path_buf(),
        Err(_) => path.to_path_buf(),
    };
    shown.to_string_lossy().into_owned()
}
