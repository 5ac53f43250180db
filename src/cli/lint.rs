//! `nixtune lint`: report what is wrong.

use super::args::{Format, LintArgs};
use super::output::Output;
use super::{FAILED, recovery, request};
use crate::engine::{self, Outcome};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &LintArgs, system: &dyn System, output: &mut Output) -> u8 {
    let mut request = match request::request(&args.source) {
        Ok(request) => request,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    request.select.clone_from(&args.select);
    request.ignore.clone_from(&args.ignore);
    request.preview = args.preview;
    request.baseline.clone_from(&args.baseline);
    request.write_baseline = args.write_baseline;
    request.fail_on = args.fail_on;
    recovery::mention(system, output);
    let catalog = request::catalog(system);
    match engine::lint(system, &catalog, &request) {
        Ok(outcome) if args.write_baseline => write_baseline(&outcome, system, output),
        Ok(outcome) => {
            show(&outcome, args, output);
            let code = outcome.exit_code();
            // The process ends here; freeing a tree's worth of files piece by piece takes longer
            // than the system does.
            std::mem::forget(outcome);
            code
        }
        Err(error) => {
            request::complain(&error, output);
            FAILED
        }
    }
}

/// Writes what is reported to the baseline. What could not be read is a problem all the same: what
/// is wrong there would be reported as new later.
fn write_baseline(outcome: &Outcome, system: &dyn System, output: &mut Output) -> u8 {
    let Some(report) = &outcome.baseline else {
        return FAILED;
    };
    let baseline = engine::baseline_of(system, outcome, report::has_secret);
    if let Err(error) = system.save(&report.path, baseline.render().as_bytes()) {
        output.complain(&error.to_string());
        return FAILED;
    }
    let count = outcome.diagnostics.len();
    let noun = if count == 1 {
        "diagnostic"
    } else {
        "diagnostics"
    };
    output.note(&format!(
        "{count} {noun} written to {}; later runs with this baseline report what is new\n",
        report.name
    ));
    output.note(&report::problems(outcome, output.error_style()));
    if outcome.problems.is_empty() {
        0
    } else {
        FAILED
    }
}

fn show(outcome: &Outcome, args: &LintArgs, output: &mut Output) {
    match args.format {
        Format::Json => output.raw(&report::json(outcome)),
        Format::Human => {
            if args.statistics {
                output.print(&report::statistics(outcome));
            } else {
                for text in report::stream(outcome, output.style) {
                    if output.is_closed() {
                        break;
                    }
                    output.print(&text);
                }
            }
            let summary = report::summary(outcome, output.style);
            output.print(&summary);
            output.note(&report::notes(outcome, output.error_style()));
        }
    }
    output.note(&report::problems(outcome, output.error_style()));
    output.note(&report::dropped(
        &outcome.dropped,
        "note",
        output.error_style(),
    ));
}
