//! Partial evaluation of Nix expressions. Pure, bounded, and knows no setting.
//!
//! [`Evaluator`] computes lazily with [`runtime`] values; [`Traced`] is what leaves it.

mod branches;
mod builtins;
mod calls;
mod choices;
mod evaluator;
mod extract;
mod members;
mod operators;
mod posix;
mod prelude;
pub mod runtime;
mod sameness;
mod sets;
mod strings;
mod value;

pub use builtins::builtins;
pub use choices::one_of;
pub use evaluator::{Evaluator, Files, ModuleImport, PRELUDE, failure};
pub use operators::is_same;
pub use prelude::Prelude;
pub use strings::{Coercion, normalize};
pub use value::{Step, Traced, Value, Via, Why};
