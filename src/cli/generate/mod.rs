//! `nixtune generate`: what belongs around the settings, each kind by its own subcommand.

mod aliases;
mod builders;
mod cache;
mod ci;
mod editor;
mod low_memory;
mod maintenance;
mod monitor;
mod pre_commit;

use super::args::{GenerateArgs, Kind};
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &GenerateArgs, system: &dyn System, output: &mut Output) -> u8 {
    match &args.kind {
        Kind::Aliases(args) => aliases::run(args, system, output),
        Kind::Builders(args) => builders::run(args, system, output),
        Kind::Cache(args) => cache::run(args, system, output),
        Kind::Ci(args) => ci::run(args, system, output),
        Kind::Editor(args) => editor::run(args, system, output),
        Kind::LowMemory(args) => low_memory::run(args, system, output),
        Kind::Maintenance(args) => maintenance::run(args, system, output),
        Kind::Monitor(args) => monitor::run(args, system, output),
        Kind::PreCommit(args) => pre_commit::run(args, system, output),
    }
}
