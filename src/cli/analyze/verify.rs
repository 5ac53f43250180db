//! `nixtune analyze verify`: whether a setting makes a command faster.

use crate::analyze::verify::Verdict;
use crate::cli::FAILED;
use crate::cli::args::{Format, VerifyArgs};
use crate::cli::output::Output;
use crate::engine::analyze::{VerifyRequest, verify_setting};
use crate::report::analyze as report;
use crate::system::System;

/// The exit code when the setting is not proven to be faster.
const NOT_PROVEN: u8 = 1;

pub(super) fn run(args: &VerifyArgs, system: &dyn System, output: &mut Output) -> u8 {
    let request = VerifyRequest {
        settings: args.setting.clone(),
        command: args.command.clone(),
        pairs: args.pairs.into(),
        warm_ups: args.warm_ups.into(),
    };
    let found = verify_setting(system, &request, &mut |run| {
        output.note_aside(&report::timed_run(run));
    });
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    match args.format {
        Format::Human => {
            let text = report::verification(&found, &request.settings, output.style);
            output.print(&text);
        }
        Format::Json => output.raw(&report::verification_json(
            &found,
            &request.settings,
            &request.command,
        )),
    }
    match found.proof.verdict {
        Verdict::Faster => 0,
        Verdict::Slower | Verdict::NotProven => NOT_PROVEN,
    }
}
