//! `nixtune apply`: the diff that mends what is wrong, and the writing of it.

use std::path::Path;

use super::args::{ApplyArgs, Format, VerifyWay};
use super::interactive::{self, Asked};
use super::output::Output;
use super::{FAILED, recovery, request};
use crate::diagnostic::Applicability;
use crate::engine::{self, DroppedFix, Plan, Request, Verify, Wanted};
use crate::model::Problem;
use crate::report::{self, DiffUse, FileDiff, PlanEnd, Style};
use crate::system::{System, SystemError, lexical};

/// The exit code of `--check` when something would change.
const WOULD_CHANGE: u8 = 1;

pub(super) fn run(args: &ApplyArgs, system: &dyn System, output: &mut Output) -> u8 {
    if let Err(message) = check(args, output) {
        output.complain(&message);
        return FAILED;
    }
    if !recovery::undo(system, output) {
        return FAILED;
    }
    let mut request = match request::request(&args.source) {
        Ok(request) => request,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    request.live = request::live(&args.live);
    let wanted = Wanted {
        least: if args.r#unsafe {
            Applicability::Unsafe
        } else {
            Applicability::Safe
        },
        rules: args.rule.clone(),
        places: args.at.clone(),
        verify: args.verify.map(|VerifyWay::Nix| Verify::Nix),
    };
    output.wait(match args.verify {
        Some(VerifyWay::Nix) => "Nix evaluates the machines that change",
        None => "plans and proves fixes",
    });
    let catalog = request::catalog(system);
    let planned = if args.interactive {
        interactive::plan(system, &catalog, &request, &wanted, output)
    } else {
        engine::plan(system, &catalog, &request, &wanted).map(|plan| (plan, Asked::default()))
    };
    let (plan, asked) = match planned {
        Ok(planned) => planned,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    output.account(&plan.before);
    output.times(&plan.before.times);
    let done = if asked.input_ended {
        output.complain("standard input ended before all was answered; nothing was written");
        false
    } else if args.interactive {
        finish_asking(args, system, &plan, asked, output)
    } else {
        finish(args, system, &plan, &request, output)
    };
    let style = output.error_style();
    if args.format == Format::Human {
        output.note_aside(&report::plan_left(&plan, style));
        output.note_aside(&report::notes(&plan.before, style));
    }
    output.note(&report::problems(&plan.before, style));
    let dropped: Vec<DroppedFix> = plan.dropped().collect();
    output.note(&report::dropped(&dropped, "internal error", style));
    if !done || !plan.is_whole() {
        FAILED
    } else if args.check && !plan.files.is_empty() {
        WOULD_CHANGE
    } else {
        0
    }
}

/// What the definitions of the arguments cannot say.
fn check(args: &ApplyArgs, output: &Output) -> Result<(), String> {
    let reads_stdin = request::reads_stdin(&args.source);
    let is_json = args.format == Format::Json;
    if args.interactive {
        if is_json {
            return Err(
                "`--interactive` shows fixes to people; `--format json` cannot be used with it"
                    .to_owned(),
            );
        }
        if reads_stdin {
            return Err("`--interactive` reads answers from standard input; give the file as a path instead of `-`".to_owned());
        }
        if !output.can_ask() {
            return Err("`--interactive` asks on a terminal, and standard input and output are not one; choose with `--rule` and `--at` instead".to_owned());
        }
    }
    if is_json && reads_stdin && args.write {
        return Err("`-` with `--write` prints the new text; `--format json` prints a document in its place: leave out one of them".to_owned());
    }
    if is_json && args.diff.as_deref() == Some(Path::new("-")) {
        return Err("`--diff` and `--format json` both print on standard output; write `--diff=FILE`, or leave out one of them".to_owned());
    }
    Ok(())
}

/// Shows or writes a plan. False when something that was asked for was not done.
fn finish(
    args: &ApplyArgs,
    system: &dyn System,
    plan: &Plan,
    request: &Request,
    output: &mut Output,
) -> bool {
    let mut done = true;
    let mut further = Vec::new();
    match &args.diff {
        Some(file) if file != Path::new("-") => done = save_diff(file, system, plan, output),
        diff => {
            if diff.is_some() {
                hint_at_file(request, system, output);
            }
            if !args.write && args.format == Format::Human {
                show(plan, system, output);
            }
        }
    }
    let mut written = false;
    if args.write {
        if request::reads_stdin(&args.source) {
            // Standard input has no file to write; the result goes where the input came from.
            print_text(plan, request, output);
            return done;
        }
        match engine::write(system, plan) {
            Ok(found) => {
                output.note(&report::write_warnings(&found, output.error_style()));
                written = true;
            }
            Err(error) => {
                further.push(problem(&error));
                output.complain(&error.to_string());
                done = false;
            }
        }
    }
    match args.format {
        Format::Json => output.raw(&report::plan_json(plan, written, &further)),
        Format::Human if written => {
            output.print_aside(&report::plan_summary(plan, PlanEnd::Written, output.style));
        }
        Format::Human if !args.write => {
            output.note_aside(&report::plan_summary(
                plan,
                PlanEnd::Shown,
                output.error_style(),
            ));
        }
        Format::Human => {}
    }
    done
}

/// Writes what was accepted, after a last question unless `--write` answers it.
fn finish_asking(
    args: &ApplyArgs,
    system: &dyn System,
    plan: &Plan,
    asked: Asked,
    output: &mut Output,
) -> bool {
    if asked.has_quit {
        output.print("stopped; what was accepted before stays accepted\n");
    }
    if plan.files.is_empty() {
        output.print(&report::plan_summary(plan, PlanEnd::Accepted, output.style));
        return true;
    }
    if !args.write {
        output.print(&report::plan_summary(plan, PlanEnd::Accepted, output.style));
        match interactive::confirm(&report::write_question(plan), "write the files", output) {
            Some(true) => {}
            Some(false) => {
                output.print("nothing was written\n");
                return true;
            }
            None => {
                output
                    .complain("standard input ended before all was answered; nothing was written");
                return false;
            }
        }
    }
    match engine::write(system, plan) {
        Ok(written) => {
            output.note(&report::write_warnings(&written, output.error_style()));
            output.print_aside(&report::plan_summary(plan, PlanEnd::Written, output.style));
            true
        }
        Err(error) => {
            output.complain(&error.to_string());
            false
        }
    }
}

/// The diff of a plan, and whether it speaks of secrets. Tells where to apply it when that is not
/// the working directory.
fn diff(
    plan: &Plan,
    system: &dyn System,
    style: Style,
    what_for: DiffUse,
    output: &Output,
) -> (String, bool) {
    let names = engine::patch_names(system, &plan.files);
    let mut text = String::new();
    let mut holds_secrets = false;
    for (file, name) in plan.files.iter().zip(&names.names) {
        let one = report::unified(
            &FileDiff {
                name,
                before: &file.before,
                after: &file.after,
            },
            style,
            what_for,
        );
        holds_secrets |= one.holds_secrets;
        text.push_str(&one.text);
    }
    if let Some(folder) = names.folder {
        output.remark(&format!(
            "the diff counts from {folder}: apply it with `git -C {folder} apply` or `patch -p1 -d {folder}`",
            folder = folder.display()
        ));
    }
    (text, holds_secrets)
}

fn show(plan: &Plan, system: &dyn System, output: &mut Output) {
    let what_for = if output.is_terminal() {
        DiffUse::Reading
    } else {
        DiffUse::Piping
    };
    let (text, holds_secrets) = diff(plan, system, output.style, what_for, output);
    output.raw(&text);
    if holds_secrets {
        output.remark(
            "secrets in the diff are masked, so it is for reading; `--write` makes the changes, `--diff=FILE` writes a diff that can be applied",
        );
    }
}

/// Writes the diff to a file that the user named.
fn save_diff(file: &Path, system: &dyn System, plan: &Plan, output: &Output) -> bool {
    let (text, holds_secrets) = diff(plan, system, Style::PLAIN, DiffUse::Applying, output);
    match engine::save_patch(system, file, &text, holds_secrets) {
        Ok(()) => {
            let file = file.display();
            if holds_secrets {
                output.remark(&format!(
                    "{file} holds secrets as they stand in the files, so only you may read it; remove it when it was applied"
                ));
            }
            true
        }
        Err(error) => {
            output.complain(&error.to_string());
            false
        }
    }
}

/// `--diff out.patch` names a file to read, not one to write.
fn hint_at_file(request: &Request, system: &dyn System, output: &Output) {
    for root in &request.roots {
        if request.unsaved.is_empty() && engine::looks_like_patch(system, root) {
            output.remark(&format!(
                "`--diff={root}` writes the diff to that file; `--diff {root}` reads it",
                root = root.display()
            ));
        }
    }
}

/// Standard input with its fixes made.
fn print_text(plan: &Plan, request: &Request, output: &mut Output) {
    // Nothing but the input changes: see `fix::Protection::NotInput`.
    let text = plan.files.first().map(|file| &file.after).or_else(|| {
        let input = request.roots.first().map(|root| lexical(root))?;
        let files = plan.before.workspace.files();
        let file = files.iter().find(|file| lexical(file.path()) == input)?;
        Some(file.text())
    });
    if let Some(text) = text {
        output.raw(text);
    }
}

fn problem(error: &SystemError) -> Problem {
    Problem {
        file: error.path().to_string_lossy().into(),
        message: error.to_string(),
    }
}
