//! `nixtune init`: the settings that fit a machine, as the file that holds them.

use std::path::Path;

use super::args::InitArgs;
use super::choices::{self, InputEnded};
use super::output::Output;
use super::{FAILED, place, request};
use crate::catalog::Catalog;
use crate::engine::{self, Decided};
use crate::facts::Os;
use crate::generate::{self, Generated, Settings, Sink};
use crate::report;
use crate::system::System;
use crate::tune::Days;

pub(super) fn run(args: &InitArgs, system: &dyn System, output: &mut Output) -> u8 {
    match settings(args, system, output) {
        Ok((table, made)) => place::put(&args.place, &table, &made, system, output),
        Err(Some(message)) => {
            output.complain(&message);
            FAILED
        }
        // Told already.
        Err(None) => FAILED,
    }
}

/// The table and the file; an error is a message, or `None` when it was told.
fn settings(
    args: &InitArgs,
    system: &dyn System,
    output: &mut Output,
) -> Result<(String, Generated), Option<String>> {
    let prints_file = args.place.output.as_deref() == Some(Path::new("-"));
    if args.interactive
        && let Some(message) = choices::refusal(prints_file, "`--retention` and `--cache`", output)
    {
        return Err(Some(message));
    }
    let catalog = request::catalog(system);
    let mut asked = request::subject(&args.subject);
    asked.usage = args.profile;
    asked.uses_records = !args.no_observations;
    let told = |error: engine::EngineError, output: &Output| {
        request::complain(&error, output);
        None
    };
    let catalog = match engine::known_caches(system, &catalog) {
        Ok(catalog) => catalog,
        Err(error) => return Err(told(error, output)),
    };
    let decided = match engine::decide(system, &catalog, &asked) {
        Ok(decided) => decided,
        Err(error) => return Err(told(error, output)),
    };
    let sink = decided.subject.sink;
    if !args.cache.is_empty() && sink == Sink::HomeManager {
        return Err(Some(
            "which caches are asked and trusted is decided by the system, not by a home; \
             give `--cache` with `--for darwin`, `nixos` or `nix-conf`"
                .to_owned(),
        ));
    }
    let mut wanted = Settings {
        explain: !args.place.no_explain,
        explicit: args.explicit,
        retention: args.retention.map(Days),
        caches: Vec::new(),
        spare_memory: false,
    };
    let mut urls = args.cache.clone();
    if args.interactive {
        urls = ask(&decided, &catalog, urls, &mut wanted, output).map_err(|InputEnded| {
            Some("standard input ended before all was answered; nothing was written".to_owned())
        })?;
    }
    if urls.is_empty() && sink == Sink::Flake {
        return Err(Some(
            "a flake's nixConfig is for caches: name one with `--cache URL`; the rest belongs into \
             the system"
                .to_owned(),
        ));
    }
    for url in &urls {
        match catalog.cache(url) {
            Some(cache) => wanted.caches.push(cache),
            None => {
                return Err(Some(format!(
                    "the keys of {url} are not known here; add it with the key that its owner \
                     publishes to [data.caches] in nixtune.toml"
                )));
            }
        }
    }
    let (rows, text) = generate::settings(&decided.subject, &wanted, &catalog)
        .map_err(|error| Some(error.to_string()))?;
    let table = report::init_table(&decided, &rows, output.style);
    let mut made = Generated::file(decided.path, text);
    made.next
        .push(generate::first_step(&decided.subject).to_owned());
    Ok((table, made))
}

/// Asks what no flag says; the addresses of the caches are left to be looked up.
fn ask(
    decided: &Decided,
    catalog: &Catalog,
    mut urls: Vec<String>,
    wanted: &mut Settings<'_>,
    output: &mut Output,
) -> Result<Vec<String>, InputEnded> {
    let subject = &decided.subject;
    let keeps_generations = match subject.sink {
        Sink::NixDarwin | Sink::Nixos => true,
        Sink::HomeManager => subject.os() == Some(Os::Linux),
        Sink::Determinate | Sink::NixConf | Sink::Flake => false,
    };
    if keeps_generations && wanted.retention.is_none() {
        wanted.retention = choices::ask_retention(subject, output)?;
    }
    if subject.sink != Sink::HomeManager && urls.is_empty() {
        urls = choices::ask_caches(subject, catalog, output)?;
    }
    Ok(urls)
}
