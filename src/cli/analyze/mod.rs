//! `nixtune analyze`: where the time and the disk go, each kind by its own subcommand.

mod bar;
mod cache;
mod files;
pub(super) mod history;
mod log;
mod optimize;
mod overview;
mod profile;
mod report;
mod store;
mod verify;

use super::args::{Analysis, AnalyzeArgs};
use super::output::Output;
use crate::system::System;

pub(super) fn run(args: &AnalyzeArgs, system: &dyn System, output: &mut Output) -> u8 {
    match &args.analysis {
        None => overview::run(&args.overview, system, output),
        Some(Analysis::Cache(args)) => cache::run(args, system, output),
        Some(Analysis::Store(args)) => store::run(args, system, output),
        Some(Analysis::Log(args)) => log::run(args, system, output),
        Some(Analysis::Profile(args)) => profile::run(args, system, output),
        Some(Analysis::Optimize(args)) => optimize::run(args, system, output),
        Some(Analysis::Report(args)) => report::run(args, system, output),
        Some(Analysis::Verify(args)) => verify::run(args, system, output),
    }
}
