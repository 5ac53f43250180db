//! The grammars of Nix files and of `nix.conf`, behind our own names.

mod comments;
mod names;

pub use comments::{comment_body, comments_beside};
pub use names::{is_plain_name, locate_in_literal, quote, words};
