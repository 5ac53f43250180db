//! Analyses, as people and programs read them.
