//! What runs of Nix, its caches and its store tell about themselves: bytes and facts in, findings
//! out. Pure: no files, no clock, no network.

pub mod cache;
pub mod evaluation;
pub mod history;
pub mod log;
pub mod profile;
pub mod store;
pub mod symptoms;
pub mod verify;
