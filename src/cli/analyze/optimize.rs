//! `nixtune analyze optimize`: what frees space, done when somebody says so.

use super::store::settings;
use crate::cli::args::{Format, OptimizeArgs};
use crate::cli::output::Output;
use crate::cli::{FAILED, interactive};
use crate::engine::analyze::{OptimizeRequest, carry_out, plan_optimize};
use crate::report::analyze as report;
use crate::system::System;

pub(super) fn run(args: &OptimizeArgs, system: &dyn System, output: &mut Output) -> u8 {
    let (keep, rule) = match settings(&args.collected, system, output) {
        Ok(settings) => settings,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let request = OptimizeRequest {
        keep,
        rule,
        optimise: !args.no_optimise,
    };
    output.wait("reads the store");
    let plan = match plan_optimize(system, request) {
        Ok(plan) => plan,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    let is_json = args.format == Format::Json;
    if !is_json {
        output.print(&report::optimize_plan(&plan, output.style));
    }
    let wanted = args.yes || (!is_json && !plan.steps.is_empty() && asked(output));
    if !wanted || plan.steps.is_empty() {
        if is_json {
            output.raw(&report::optimize_json(&plan, None));
        } else if !plan.steps.is_empty() {
            output.print_aside("\n  nothing was done; `--yes` does it without asking\n");
        }
        return 0;
    }
    // Who interrupts shall hear what was done, also between two steps.
    let held = system.hold_signals();
    let done = carry_out(system, request, &plan, &mut |bytes| {
        output.note_aside(&String::from_utf8_lossy(bytes));
    });
    if is_json {
        output.raw(&report::optimize_json(&plan, Some(&done)));
    } else {
        output.print(&report::optimize_done(&plan, &done, output.style));
    }
    drop(held);
    if done.succeeded() { 0 } else { FAILED }
}

fn asked(output: &mut Output) -> bool {
    output.can_ask()
        && interactive::confirm("\ndo it? [y,n] ", "do the steps", output) == Some(true)
}
