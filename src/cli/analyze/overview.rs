//! `nixtune analyze` without more: the machine at a glance.

use super::bar::Bar;
use crate::cli::FAILED;
use crate::cli::args::{Format, OverviewArgs};
use crate::cli::output::Output;
use crate::cli::request;
use crate::engine::analyze::{overview, targets};
use crate::report;
use crate::system::System;

/// So many roots, large paths and runs fit on one screen.
const NAMED: usize = 3;

pub(super) fn run(args: &OverviewArgs, system: &dyn System, output: &mut Output) -> u8 {
    let targets = match targets(system) {
        Ok(targets) => targets,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let bar = Bar::new(output);
    let found = overview(system, targets, args.offline, NAMED, &bar);
    bar.end();
    let met = match args.format {
        Format::Human => {
            let (text, met) = report::analyze::overview(&found, output.style);
            output.print(&text);
            met
        }
        Format::Json => {
            let (text, met) = report::analyze::overview_json(&found);
            output.raw(&text);
            met
        }
    };
    u8::from(!met)
}
