//! Binary caches: what they answer, whether it can be believed, what it costs to ask them.
//!
//! Pure: answers in, findings out. Who asks is `engine`.

mod cache_info;
pub mod closure;
mod fields;
mod findings;
mod narinfo;
mod signature;
mod store_path;

pub use cache_info::{CacheManifest, DEFAULT_PRIORITY, ManifestFault};
pub use fields::LONGEST_ANSWER_BYTES;
pub use findings::{
    COUNTED_PATHS, CacheFinding, CachesFinding, PrioritySource, Reach, Signing, count_overlap,
    in_asking_order, median,
};
pub use narinfo::{NarInfo, NarInfoFault};
pub use signature::{TrustedKeys, Verdict};
pub use store_path::{base_name, base_name_parts, hash_part};
