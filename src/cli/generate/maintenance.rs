//! `nixtune generate maintenance`: garbage collection and store optimization on a schedule.

use std::path::Path;

use crate::cli::args::MaintenanceArgs;
use crate::cli::choices::{self, InputEnded};
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::{self, Decided};
use crate::generate::{self, Maintenance, Sink};
use crate::report;
use crate::system::System;
use crate::tune::Days;

pub(super) fn run(args: &MaintenanceArgs, system: &dyn System, output: &mut Output) -> u8 {
    let prints_file = args.place.output.as_deref() == Some(Path::new("-"));
    if args.interactive
        && let Some(message) =
            choices::refusal(prints_file, "`--schedule` and `--retention`", output)
    {
        output.complain(&message);
        return FAILED;
    }
    let catalog = request::catalog(system);
    let mut asked = request::subject(&args.subject);
    asked.usage = args.profile;
    let decided = match engine::decide(system, &catalog, &asked) {
        Ok(decided) => decided,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let mut wanted = Maintenance {
        explain: !args.place.no_explain,
        schedule: args.schedule.map(Into::into),
        retention: args.retention.map(Days),
    };
    if args.interactive && ask(&decided, &mut wanted, output).is_err() {
        output.complain("standard input ended before all was answered; nothing was written");
        return FAILED;
    }
    match generate::maintenance(&decided.subject, &wanted) {
        Ok((rows, mut made)) => {
            let table = report::init_table(&decided, &rows, output.style);
            for file in &mut made.files {
                file.path = file.path.take().map(|path| decided.folder.join(path));
            }
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// Asks what no flag says.
fn ask(decided: &Decided, wanted: &mut Maintenance, output: &mut Output) -> Result<(), InputEnded> {
    let subject = &decided.subject;
    // Refused later, with its reason.
    if subject.sink == Sink::Flake {
        return Ok(());
    }
    if wanted.schedule.is_none() {
        wanted.schedule = choices::ask_schedule(subject, output)?;
    }
    if wanted.retention.is_none() {
        wanted.retention = choices::ask_retention(subject, output)?;
    }
    Ok(())
}
