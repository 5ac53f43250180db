//! The grammars of Nix files and of `nix.conf`, behind our own names.

pub mod bounds;
mod comments;
mod error;
mod names;

pub use comments::{comment_body, comments_beside};
pub use error::SyntaxError;
pub use names::{is_plain_name, locate_in_literal, quote, words};
