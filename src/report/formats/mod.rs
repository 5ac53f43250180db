//! The report in the words of other programs: CI services, review bots, code scanners.
//!
//! Files are named from the working directory, as those programs expect that run in a checkout.

mod checkstyle;
mod concise;
mod finding;
mod github;
mod gitlab;
mod jsonl;
mod junit;
pub(super) mod markdown;
mod rdjson;
mod sarif;
mod xml;

pub use checkstyle::checkstyle;
pub use concise::concise;
pub(super) use finding::line;
pub use github::github;
pub use gitlab::gitlab;
pub use jsonl::jsonl;
pub use junit::junit;
pub use markdown::markdown;
pub use rdjson::rdjson;
pub use sarif::sarif;
