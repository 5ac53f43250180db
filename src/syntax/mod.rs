//! The grammars of Nix files and of `nix.conf`, behind our own names.

pub mod ast;
pub mod bounds;
mod comments;
mod conf;
mod cursor;
mod derivation;
mod duplicates;
mod error;
pub mod hash;
mod indented;
mod literal;
mod lower;
pub mod machines;
mod names;
mod parse;
mod statements;
mod style;
mod written_out;

pub use comments::{comment_body, comments_beside, same_code};
pub use conf::{ConfLine, ConfStatement, conf_lines, conf_value};
pub use cursor::{Cursor, CursorRole, cursor};
pub use derivation::{Derivation, DerivationError, DerivationOutput};
pub use duplicates::{Duplicate, duplicates, static_name, static_string};
pub use error::SyntaxError;
pub use literal::{CODE, ESCAPE, is_string_literal, text_of_literals, unescaped};
pub use names::{base64_digits, is_plain_name, locate_in_literal, quote, words};
pub use parse::{BYTE_ORDER_MARK, Parsed, parse};
pub use statements::reach_of_line;
pub use style::Style;
pub use written_out::worked_out;
