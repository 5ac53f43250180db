//! `nixtune apply`: the diff that mends what is wrong, and the writing of it.

use super::args::{ApplyArgs, VerifyWay};
use super::output::Output;
use super::waiting::Waiting;
use super::{FAILED, recovery, request};
use crate::catalog::Catalog;
use crate::diagnostic::Applicability;
use crate::engine::{self, Plan, Verify, Wanted};
use crate::report::{self, FileDiff};
use crate::system::System;

/// The exit code of `--check` when something would change.
const WOULD_CHANGE: u8 = 1;

pub(super) fn run(args: &ApplyArgs, system: &dyn System, output: &mut Output) -> u8 {
    if !recovery::undo(system, output) {
        return FAILED;
    }
    let request = match request::request(&args.source) {
        Ok(request) => request,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let wanted = Wanted {
        least: if args.r#unsafe {
            Applicability::Unsafe
        } else {
            Applicability::Safe
        },
        rules: args.rule.clone(),
        verify: args.verify.map(|VerifyWay::Nix| Verify::Nix),
    };
    let waiting = args
        .verify
        .map(|VerifyWay::Nix| Waiting::new("Nix evaluates the machines that change"));
    let plan = match engine::plan(system, &Catalog::embedded(), &request, &wanted) {
        Ok(plan) => plan,
        Err(error) => {
            drop(waiting);
            request::complain(&error, output);
            return FAILED;
        }
    };
    drop(waiting);
    let done = if args.write {
        write(args, system, &plan, output)
    } else {
        show(&plan, output);
        true
    };
    output.note(&report::notes(&plan.before, output.error_style()));
    output.note(&report::problems(&plan.before, output.error_style()));
    if !done || !plan.before.problems.is_empty() {
        FAILED
    } else if args.check && !plan.files.is_empty() {
        WOULD_CHANGE
    } else {
        0
    }
}

fn show(plan: &Plan, output: &mut Output) {
    let mut masked = false;
    for file in &plan.files {
        let diff = report::unified(
            &FileDiff {
                name: &file.name,
                before: &file.before,
                after: &file.after,
            },
            output.style,
        );
        masked |= diff.masked;
        output.raw(&diff.text);
    }
    if masked {
        output.note(
            "note: secrets in the diff are masked, so it is for reading; --write makes the changes\n",
        );
    }
    output.note(&report::plan_summary(plan, false, output.error_style()));
}

/// False when nothing was written.
fn write(args: &ApplyArgs, system: &dyn System, plan: &Plan, output: &mut Output) -> bool {
    if request::reads_stdin(&args.source) {
        // Standard input has no file to write; the result goes where the input came from.
        let text = plan.files.first().map(|file| &file.after).or_else(|| {
            plan.before
                .workspace
                .files()
                .first()
                .map(|file| file.text())
        });
        if let Some(text) = text {
            output.raw(text);
        }
        return true;
    }
    match engine::write(system, plan) {
        Ok(written) => {
            output.note(&report::write_warnings(&written, output.error_style()));
            output.print(&report::plan_summary(plan, true, output.style));
            true
        }
        Err(error) => {
            output.complain(&error.to_string());
            false
        }
    }
}
