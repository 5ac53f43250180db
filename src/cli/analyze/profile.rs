//! `nixtune analyze profile`: where the time of a run goes.

use crate::analyze::log;
use crate::analyze::profile::Profile;
use crate::cli::FAILED;
use crate::cli::args::{ProfileArgs, ProfileFormat};
use crate::cli::output::Output;
use crate::engine::analyze::{self, Run};
use crate::report::analyze as report;
use crate::system::System;

pub(super) fn run(args: &ProfileArgs, system: &dyn System, output: &mut Output) -> u8 {
    if let Some(path) = &args.log {
        return match analyze::profile_log(system, path) {
            Ok(profile) => {
                print(&profile, args.format, output);
                0
            }
            Err(error) => {
                output.complain(&error.to_string());
                FAILED
            }
        };
    }
    match measured(args, system, output) {
        Some(run) => {
            print(&run.profile, args.format, output);
            run.code
        }
        None => FAILED,
    }
}

/// Runs the command; `None` when that was not possible, which has been said then.
fn measured(args: &ProfileArgs, system: &dyn System, output: &Output) -> Option<Run> {
    let command = match analyze::instrumented(&args.command) {
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

fn print(profile: &Profile, format: ProfileFormat, output: &mut Output) {
    match format {
        ProfileFormat::Human => {
            let text = report::profile(profile, output.style);
            output.print(&text);
        }
        ProfileFormat::Json => output.raw(&report::profile_json(profile)),
        ProfileFormat::Trace => output.raw(&report::profile_trace(profile)),
    }
}
