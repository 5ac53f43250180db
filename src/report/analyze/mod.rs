//! Analyses, as people and programs read them.

mod chart;
mod narration;
mod profile;
mod symptoms;

pub use narration::Narrator;
pub use profile::{profile, profile_json, profile_trace};
pub use symptoms::{symptoms, symptoms_json};
