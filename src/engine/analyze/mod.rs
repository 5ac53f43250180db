//! The order of things in an analysis: what is read, run and kept.

mod caches;
mod effective;

pub use caches::{
    CachesError, CachesReport, CachesRequest, ClosureReport, Progress, analyze_caches,
};
pub use effective::{Effective, EffectiveError, effective_of_files, effective_of_nix};
