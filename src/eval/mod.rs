//! Partial evaluation of Nix expressions. Pure, bounded, and knows no setting.
//!
//! [`Evaluator`] computes lazily with [`runtime`] values; [`Traced`] is what leaves it.

mod builtins;
mod calls;
mod evaluator;
mod extract;
mod operators;
mod prelude;
pub mod runtime;
mod sets;
mod strings;
mod value;

pub use evaluator::{Evaluator, Files, PRELUDE, failure, one_of};
pub use operators::is_same;
pub use prelude::Prelude;
pub use strings::{Coercion, normalize};
pub use value::{Step, Traced, Value, Via, Why};
