//! `nixtune history`: what runs were like before.

use crate::analyze::history::{Choice, examine};
use crate::cli::FAILED;
use crate::cli::args::{Format, HistoryArgs};
use crate::cli::output::Output;
use crate::cli::request;
use crate::engine::analyze::{read_history, targets};
use crate::report;
use crate::system::System;

const DAY_SECS: u64 = 24 * 60 * 60;

pub(in crate::cli) fn run(args: &HistoryArgs, system: &dyn System, output: &mut Output) -> u8 {
    let targets = match targets(system) {
        Ok(targets) => targets,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let records = match read_history(system) {
        Ok(records) => records,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    let since_secs = args.since.map(|age| {
        let now = system.clock_secs().unwrap_or(0);
        now.saturating_sub(age.days.saturating_mul(DAY_SECS))
    });
    let choice = Choice {
        most: args.most,
        since_secs,
        label: args.label.clone(),
    };
    let found = examine(&records, &targets, &choice);
    match args.format {
        Format::Human => {
            let text = report::analyze::history(&found, output.style);
            output.print(&text);
        }
        Format::Json => output.raw(&report::analyze::history_json(&found)),
    }
    u8::from(args.fail_on_target && found.misses_a_target())
}
