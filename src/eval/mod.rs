//! Partial evaluation of Nix expressions. Pure, bounded, and knows no setting.
//!
//! [`Evaluator`] computes lazily with [`runtime`] values; [`Traced`] is what leaves it.

mod builtins;
mod evaluator;
mod extract;
mod operators;
mod prelude;
pub mod runtime;
mod value;

pub use evaluator::{Coercion, Evaluator, Files, PRELUDE, failure, normalize, one_of};
pub use prelude::Prelude;
pub use value::{Step, Traced, Value, Via, Why};
