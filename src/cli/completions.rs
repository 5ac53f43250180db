//! `nixtune completions`: scripts for shells, from the same definitions as the arguments.

use clap::CommandFactory;

use super::args::{Args, CompletionsArgs};
use super::output::Output;

pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> u8 {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "nixtune", &mut script);
    output.raw(&String::from_utf8_lossy(&script));
    0
}
