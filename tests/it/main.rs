//! The one test binary: each module is one kind of evidence.

// A test that meets the unexpected shall fail at once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic
)]

mod across_files;
mod analyze;
mod apply;
mod bad_input;
mod changed_since;
mod cli;
mod command_line;
mod completions;
mod docs;
mod engine;
mod eval;
mod fix;
mod formats;
mod formatters;
mod generate;
mod history;
mod hosts;
mod layers;
#[cfg(feature = "lsp")]
mod lsp;
mod machines;
mod model;
mod oracle;
mod packaging;
mod precision;
mod prelude;
mod probe;
#[cfg(feature = "analyze")]
mod profiles;
mod recall;
mod rules;
mod scope;
mod simulate;
#[cfg(feature = "analyze")]
mod stores;
mod system;
mod terminal;
#[cfg(feature = "analyze")]
mod timeline;
mod together;
mod transaction;
mod verify;
mod watch;
mod which_nix;
