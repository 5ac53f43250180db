//! nixtune: linter and fixer for the configuration of Nix itself.
//!
//! The modules are layers; each imports only lower ones (`tests/it/layers.rs` holds the table).
//! `ARCHITECTURE.md` walks through the house.

// Tests slice text whose borders they know.
#![cfg_attr(test, allow(clippy::string_slice))]

// Level 0: text, quantities, the door to the system.
pub mod system;
pub mod text;
pub mod units;
// Level 1: what files look like, what Nix knows, what is known about hardware and target.
pub mod catalog;
pub mod facts;
pub mod syntax;
// Level 2: evaluation.
pub mod eval;
pub mod probe;
pub mod tune;
// Level 3: what the files say.
pub mod model;
// Level 4: what can be said about them.
pub mod diagnostic;
// Level 5: what is said, and why; what runs, caches and the store tell.
#[cfg(feature = "analyze")]
pub mod analyze;
pub mod rules;
#[cfg(feature = "analyze")]
pub mod simulate;
// Level 6: what is mended, and what the user wants reported.
pub mod fix;
pub mod generate;
pub mod policy;
// Level 7: the order of things.
pub mod engine;
// Level 8: what people and programs read.
pub mod report;
// Level 9: what editors talk to.
#[cfg(feature = "lsp")]
pub mod lsp;
// Level 10: the command line.
pub mod cli;
