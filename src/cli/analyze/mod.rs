//! `nixtune analyze`: where the time and the disk go, each kind by its own subcommand.

mod log;
mod profile;

use super::args::{Analysis, AnalyzeArgs};
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &AnalyzeArgs, system: &dyn System, output: &mut Output) -> u8 {
    match &args.analysis {
        Analysis::Log(args) => log::run(args, system, output),
        Analysis::Profile(args) => profile::run(args, system, output),
    }
}
