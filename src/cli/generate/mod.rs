//! `nixtune generate`: what belongs around the settings, each kind by its own subcommand.

mod builders;
mod cache;
mod low_memory;

use super::args::{GenerateArgs, Kind};
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &GenerateArgs, system: &dyn System, output: &mut Output) -> u8 {
    match &args.kind {
        Kind::Builders(args) => builders::run(args, system, output),
        Kind::Cache(args) => cache::run(args, system, output),
        Kind::LowMemory(args) => low_memory::run(args, system, output),
    }
}
