//! Partial evaluation of Nix expressions. Pure, bounded, and knows no setting.

mod value;

pub use value::{Step, Traced, Value, Via, Why};
