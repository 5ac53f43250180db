//! What runs and stores were like before: records, what they show about metrics and their targets,
//! since when it is otherwise, and how a store grows.
//!
//! Pure: lines of a history in, findings out. Who reads and writes them is `engine`.

mod change;
mod findings;
mod growth;
mod metric;
mod record;
mod targets;

pub use change::{Change, last_change};
pub use findings::{Choice, Followed, History, Series, examine};
pub use growth::{Growth, GrowthSource, growth, theil_sen};
pub use metric::Metric;
pub use record::{Commit, NixUsed, Record, Records, RunRecord, StoreRecord, VERSION};
pub use targets::{HELPS, Help, Targets, help};
