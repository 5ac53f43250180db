//! `nixtune analyze store`: what the store holds.

use crate::analyze::store::{GenerationsRule, Keep};
use crate::cli::FAILED;
use crate::cli::args::{AnalyzeStoreArgs, CollectedArgs, Format};
use crate::cli::output::Output;
use crate::engine::analyze::{
    StoreRequest, analyze_store, effective_of_files, effective_of_nix, gc_options_of_files,
    record_store,
};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &AnalyzeStoreArgs, system: &dyn System, output: &mut Output) -> u8 {
    let (keep, rule) = match settings(&args.collected, system, output) {
        Ok(settings) => settings,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    output.wait("reads the store");
    let found = analyze_store(
        system,
        StoreRequest {
            keep,
            rule,
            most: args.most,
            duplicates: args.duplicates,
        },
    );
    match found {
        Ok(found) => {
            if !args.no_record
                && let Err(error) = record_store(system, &found)
            {
                output.remark(&format!("what the store holds was not recorded: {error}"));
            }
            match args.format {
                Format::Human => {
                    let text = report::analyze::store(&found, output.style);
                    output.print(&text);
                }
                Format::Json => output.raw(&report::analyze::store_json(&found)),
            }
            0
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// What the collector keeps and removes: by files, by the installed Nix, or as Nix does by itself.
pub(super) fn settings(
    args: &CollectedArgs,
    system: &dyn System,
    output: &Output,
) -> Result<(Keep, GenerationsRule), String> {
    let rule = args
        .older_than
        .map_or(GenerationsRule::None, GenerationsRule::OlderThan);
    if args.path.is_empty() {
        let keep = effective_of_nix(system).map_or(Keep::default(), |effective| effective.keep);
        return Ok((keep, rule));
    }
    let (outcome, catalog) = super::files::look(&args.path, system, output)?;
    let machine = args.machine.as_deref();
    let effective =
        effective_of_files(&outcome, &catalog, machine).map_err(|error| error.to_string())?;
    let options = gc_options_of_files(&outcome, machine).map_err(|error| error.to_string())?;
    let rule =
        GenerationsRule::parse(&options).map_err(|error| format!("nix.gc.options: {error}"))?;
    Ok((effective.keep, rule))
}
