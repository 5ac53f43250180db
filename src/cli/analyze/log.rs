//! `nixtune analyze log`: what went wrong in a build log.

use crate::cli::FAILED;
use crate::cli::args::{Format, LogArgs};
use crate::cli::output::Output;
use crate::engine::analyze;
use crate::report::analyze as report;
use crate::system::System;

/// The exit code when a symptom was seen.
const SEEN: u8 = 1;

pub(super) fn run(args: &LogArgs, system: &dyn System, output: &mut Output) -> u8 {
    match analyze::diagnose(system, &args.file) {
        Ok(seen) => {
            match args.format {
                Format::Human => {
                    let text = report::symptoms(&seen, output.style);
                    output.print(&text);
                }
                Format::Json => output.raw(&report::symptoms_json(&seen)),
            }
            if seen.is_empty() { 0 } else { SEEN }
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}
