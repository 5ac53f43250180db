//! `nixtune show`: what reaches Nix, and from where.

use super::args::{Format, ShowArgs, SourceArgs};
use super::output::Output;
use super::{FAILED, recovery, request};
use crate::engine;
use crate::report::{self, Show};
use crate::system::System;

pub(super) fn run(args: &ShowArgs, system: &dyn System, output: &mut Output) -> u8 {
    let source = SourceArgs {
        paths: args.path.clone(),
        host: args.host.clone(),
        target: args.target.clone(),
        stdin_filename: args.stdin_filename.clone(),
    };
    let request = match request::request(&source) {
        Ok(request) => request,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    recovery::mention(system, output);
    output.wait("reads the configuration");
    let catalog = request::catalog(system);
    let outcome = match engine::look(system, &catalog, &request) {
        Ok(outcome) => outcome,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    output.account(&outcome);
    output.times(&outcome.times);
    let show = match Show::new(&outcome, &catalog, &args.names, args.machine.as_deref()) {
        Ok(show) => show,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    if args.nix_conf {
        match show.nix_conf() {
            Ok(file) => {
                output.print(&file.text);
                if file.masked {
                    output.note("note: secrets are masked\n");
                }
            }
            Err(error) => {
                output.complain(&error.to_string());
                return FAILED;
            }
        }
    } else {
        match args.format {
            Format::Human => {
                let text = show.human(output.style);
                output.print(&text);
            }
            Format::Json => output.raw(&show.json()),
        }
    }
    let mut whole = outcome.problems.is_empty();
    for found in show.unreadable() {
        whole = false;
        output.note(&report::diagnostic(found, &outcome, output.error_style()));
    }
    output.note(&report::problems(&outcome, output.error_style()));
    if whole { 0 } else { FAILED }
}
