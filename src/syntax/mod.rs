//! The grammars of Nix files and of `nix.conf`, behind our own names.

mod names;

pub use names::{is_plain_name, locate_in_literal, quote, words};
