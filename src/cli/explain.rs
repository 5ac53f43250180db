//! `nixtune explain`: the page of a rule, a setting or an option.

use super::FAILED;
use super::args::ExplainArgs;
use super::output::Output;
use super::request;
use crate::system::System;
use crate::{engine, probe, report, rules};

pub(super) fn run(args: &ExplainArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let host = match &args.host {
        // A rule's page is the same on every machine.
        None if rules::find(&args.name).is_some() => None,
        None => Some(probe::host(system)),
        Some(file) => match engine::read_profile(system, file) {
            Ok(profile) => profile.host,
            Err(error) => {
                output.complain(&error.to_string());
                return FAILED;
            }
        },
    };
    match report::explain(
        &args.name,
        &catalog,
        rules::ALL,
        host.as_ref(),
        output.style,
    ) {
        Ok(page) => {
            output.print(&page);
            0
        }
        Err(unknown) => {
            output.complain(&unknown.to_string());
            FAILED
        }
    }
}
