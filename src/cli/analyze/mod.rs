//! `nixtune analyze`: where the time and the disk go, each kind by its own subcommand.

use super::args::AnalyzeArgs;
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &AnalyzeArgs, _system: &dyn System, _output: &mut Output) -> u8 {
    match args.analysis {}
}
