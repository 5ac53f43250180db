//! The language server: what an editor is told and answered.

mod actions;
mod agree;
mod ask;
mod clients;
mod editor;
mod files;
mod life;
mod text;
mod trees;
mod typing;
