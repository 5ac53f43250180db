//! The store: what it holds, what keeps it there, and what could go.
//!
//! Pure: rows, listings and roots in, findings out. Who reads them is `engine`.

mod findings;
mod generations;
mod graph;
mod listing;
mod live;

pub use findings::{
    Chain, GcFinding, LargePath, Linked, Root, RootFinding, RootKind, StoreFinding, examine,
    freed_by,
};
pub use generations::{Age, Generation, GenerationsRule, generation_name, removed};
pub use graph::{Builder, PathInfo, StoreGraph};
pub use listing::{ListingFault, read_listing};
pub use live::{Edges, Exclusive, Keep, exclusive, live, parents};
