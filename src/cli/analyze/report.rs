//! `nixtune analyze report`: everything in one document.

use super::bar::Bar;
use crate::cli::args::{ReportArgs, ReviewFormat};
use crate::cli::output::Output;
use crate::cli::{FAILED, request};
use crate::engine::analyze::{overview, targets};
use crate::report::analyze as report;
use crate::system::System;

pub(super) fn run(args: &ReportArgs, system: &dyn System, output: &mut Output) -> u8 {
    let targets = match targets(system) {
        Ok(targets) => targets,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let bar = Bar::new(output);
    let found = overview(system, targets, args.offline, args.most, &bar);
    bar.end();
    let at_secs = system.now_secs();
    let text = match args.format() {
        ReviewFormat::Markdown => Ok(report::review_markdown(&found, at_secs)),
        ReviewFormat::Html => report::review_html(&found, at_secs),
        ReviewFormat::Json => Ok(report::review_json(&found, at_secs)),
    };
    let written = text
        .map_err(|error| error.to_string())
        .and_then(|text| match &args.output {
            None => {
                output.raw(&text);
                Ok(())
            }
            Some(path) => system
                .save(path, text.as_bytes())
                .map_err(|error| error.to_string()),
        });
    match written {
        Ok(()) => 0,
        Err(message) => {
            output.complain(&message);
            FAILED
        }
    }
}
