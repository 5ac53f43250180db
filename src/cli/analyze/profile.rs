//! `nixtune analyze profile`: where the time of a run goes.

use std::path::PathBuf;

use super::files;
use crate::analyze::evaluation::Evaluation;
use crate::analyze::log;
use crate::analyze::profile::Profile;
use crate::cli::FAILED;
use crate::cli::args::{ProfileArgs, ProfileFormat};
use crate::cli::output::Output;
use crate::engine::analyze::{self, AnalyzeError, Asked, Run, record_run};
use crate::report::Style;
use crate::report::analyze as report;
use crate::report::masked;
use crate::system::System;

pub(super) fn run(args: &ProfileArgs, system: &dyn System, output: &mut Output) -> u8 {
    if let Some(path) = &args.log {
        return match analyze::profile_log(system, path) {
            Ok(profile) => print(&profile, args, system, output).map_or(FAILED, |()| 0),
            Err(error) => {
                output.complain(&error.to_string());
                FAILED
            }
        };
    }
    let command = match command(args, system, output) {
        Ok(command) => command,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let evaluation = if args.eval || of_evaluation(args.format) {
        match evaluated(args, &command, system, output) {
            Ok(evaluation) => Some(evaluation),
            Err(AnalyzeError::Interrupted { code }) => return code,
            Err(error @ AnalyzeError::NotEvaluated { .. }) => {
                // Nix says it in several lines.
                let message = error.to_string();
                output.complain_as(&message, &format!("error: {}", report::shown(&message)));
                return FAILED;
            }
            Err(error) => {
                output.complain(&error.to_string());
                return FAILED;
            }
        }
    } else {
        None
    };
    if let Some(evaluation) = evaluation.as_ref().filter(|_| of_evaluation(args.format)) {
        return write_stacks(evaluation, args, system, output).map_or(FAILED, |()| 0);
    }
    let asked = Asked {
        command: &command,
        label: args.label.as_deref(),
        at_secs: system.clock_secs(),
    };
    match measured(args, &command, system, output) {
        Some(mut run) => {
            run.profile.evaluation = evaluation;
            if !args.no_record {
                let mask = |text: &str| masked(text).into_owned();
                if let Err(error) = record_run(system, &run, &asked, &mask) {
                    output.remark(&format!("the run was not recorded: {error}"));
                }
            }
            print(&run.profile, args, system, output).map_or(FAILED, |()| run.code)
        }
        None => FAILED,
    }
}

/// True for what is about evaluation alone: nothing is built for it.
fn of_evaluation(format: ProfileFormat) -> bool {
    matches!(format, ProfileFormat::Folded | ProfileFormat::Speedscope)
}

/// The command that was named, or the one that builds this machine's configuration, which is told.
fn command(
    args: &ProfileArgs,
    system: &dyn System,
    output: &Output,
) -> Result<Vec<String>, String> {
    if !args.command.is_empty() {
        return Ok(args.command.clone());
    }
    let paths = match args.path.as_slice() {
        [] => vec![PathBuf::from(".")],
        paths => paths.to_vec(),
    };
    let (outcome, _) = files::look(&paths, system, output)?;
    let command = analyze::default_command(system, &outcome, args.machine.as_deref());
    let command = command.map_err(|error| error.to_string())?;
    output.note_aside(&format!("runs: {}\n", report::shell_line(&command)));
    Ok(command)
}

fn evaluated(
    args: &ProfileArgs,
    command: &[String],
    system: &dyn System,
    output: &Output,
) -> Result<Evaluation, AnalyzeError> {
    let wants_stacks = of_evaluation(args.format) || args.format == ProfileFormat::Html;
    analyze::evaluate(system, command, wants_stacks, &mut |what| {
        output.note_aside(&format!("{what}\n"));
    })
}

/// Runs the command; `None` when that was not possible, which has been said then.
fn measured(
    args: &ProfileArgs,
    command: &[String],
    system: &dyn System,
    output: &Output,
) -> Option<Run> {
    let command = match analyze::instrumented(command) {
        Ok(command) => command,
        Err(error) => {
            output.complain(&error.to_string());
            return None;
        }
    };
    let mut narrator = report::Narrator::default();
    // Kept as it comes, so that a log is there also when nixtune is killed.
    let mut log_error = args
        .save_log
        .as_ref()
        .and_then(|path| system.save(path, b"").err());
    let ran = analyze::follow(system, &command, &mut |heard| {
        output.note_aside(&narrator.tell(heard.event, heard.line));
        if let Some(path) = args.save_log.as_ref().filter(|_| log_error.is_none()) {
            log_error = system
                .append(path, &log::stamped(heard.at_secs, heard.line))
                .err();
        }
    });
    if let Some(error) = log_error {
        output.complain(&format!("the log was not saved: {error}"));
    }
    match ran {
        Ok(run) => Some(run),
        Err(error) => {
            output.complain(&error.to_string());
            None
        }
    }
}

/// Reports where it was asked for; `None` when that was not possible, which has been said then.
fn print(
    profile: &Profile,
    args: &ProfileArgs,
    system: &dyn System,
    output: &mut Output,
) -> Option<()> {
    let style = match args.output {
        Some(_) => Style::PLAIN,
        None => output.style,
    };
    let text = match args.format {
        ProfileFormat::Human => Ok(report::profile(profile, style)),
        ProfileFormat::Json => Ok(report::profile_json(profile)),
        ProfileFormat::Trace => Ok(report::profile_trace(profile)),
        ProfileFormat::Html => report::profile_html(profile).map_err(|error| error.to_string()),
        ProfileFormat::Folded | ProfileFormat::Speedscope => Err(
            "a log holds no calls of functions; give the command after `--` instead of `--log`"
                .to_owned(),
        ),
    };
    put(text, args, system, output)
}

fn write_stacks(
    evaluation: &Evaluation,
    args: &ProfileArgs,
    system: &dyn System,
    output: &mut Output,
) -> Option<()> {
    let Some(stacks) = &evaluation.stacks else {
        output.complain(&AnalyzeError::NoStacks.to_string());
        return None;
    };
    let text = if args.format == ProfileFormat::Folded {
        stacks.folded()
    } else {
        stacks.speedscope(&report::shell_line(&evaluation.command))
    };
    put(Ok(text), args, system, output)
}

fn put(
    text: Result<String, String>,
    args: &ProfileArgs,
    system: &dyn System,
    output: &mut Output,
) -> Option<()> {
    let written = text.and_then(|text| match &args.output {
        Some(path) => system
            .save(path, text.as_bytes())
            .map_err(|error| error.to_string()),
        None if args.format == ProfileFormat::Human => {
            output.print(&text);
            Ok(())
        }
        None => {
            output.raw(&text);
            Ok(())
        }
    });
    written.map_err(|error| output.complain(&error)).ok()
}
