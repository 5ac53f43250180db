//! The order of things in an analysis: what is read, run and kept.
