//! `nixtune init`: the settings that fit a machine, as the file that holds them.

use super::args::InitArgs;
use super::output::Output;
use super::{FAILED, place, request};
use crate::engine;
use crate::generate::{self, Generated, Settings, Sink};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &InitArgs, system: &dyn System, output: &mut Output) -> u8 {
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
    if !args.cache.is_empty() && decided.subject.sink == Sink::HomeManager {
        output.complain(
            "which caches are asked and trusted is decided by the system, not by a home; \
             give `--cache` with `--for darwin`, `nixos` or `nix-conf`",
        );
        return FAILED;
    }
    if args.cache.is_empty() && decided.subject.sink == Sink::Flake {
        output.complain(
            "a flake's nixConfig is for caches: name one with `--cache URL`; the rest belongs into \
             the system",
        );
        return FAILED;
    }
    let mut caches = Vec::new();
    for url in &args.cache {
        match catalog.cache(url) {
            Some(cache) => caches.push(cache),
            None => {
                output.complain(&format!(
                    "the keys of {url} are not known here; add it to the file with the key that its owner publishes"
                ));
                return FAILED;
            }
        }
    }
    let wanted = Settings {
        explain: !args.place.no_explain,
        explicit: args.explicit,
        retention: args.retention.map(crate::tune::Days),
        caches,
    };
    let (rows, text) = match generate::settings(&decided.subject, &wanted, &catalog) {
        Ok(found) => found,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    let table = report::init_table(&decided, &rows, output.style);
    let made = Generated::file(decided.path, text);
    place::put(&args.place, &table, &made, system, output)
}
