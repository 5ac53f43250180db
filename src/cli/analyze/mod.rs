//! `nixtune analyze`: where the time and the disk go, each kind by its own subcommand.

mod verify;

use super::args::{Analysis, AnalyzeArgs};
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &AnalyzeArgs, system: &dyn System, output: &mut Output) -> u8 {
    match &args.analysis {
        Analysis::Verify(args) => verify::run(args, system, output),
    }
}
