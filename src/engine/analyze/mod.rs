//! The order of things in an analysis: what is read, run and kept.

mod caches;
mod effective;
mod overview;
mod roots;
mod store;

pub use caches::{
    CachesError, CachesReport, CachesRequest, ClosureReport, Progress, analyze_caches,
};
pub use effective::{
    Effective, EffectiveError, effective_of_files, effective_of_nix, gc_options_of_files,
};
pub use overview::{Generations, Overview, overview};
pub use store::{StoreError, StoreReport, StoreRequest, StoreSource, analyze_store};
