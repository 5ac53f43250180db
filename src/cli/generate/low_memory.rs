//! `nixtune generate low-memory`: settings for a machine that runs out of memory while it builds.

use crate::cli::args::LowMemoryArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine;
use crate::generate::{self, Generated, Settings, Usage};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &LowMemoryArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let mut asked = request::subject(&args.subject);
    asked.usage = Some(Usage::LowMemory);
    let decided = match engine::decide(system, &catalog, &asked) {
        Ok(decided) => decided,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let wanted = Settings {
        explain: !args.place.no_explain,
        explicit: false,
        retention: None,
        caches: Vec::new(),
        spare_memory: true,
    };
    match generate::settings(&decided.subject, &wanted, &catalog) {
        Ok((rows, text)) => {
            let table = report::init_table(&decided, &rows, output.style);
            let mut made = Generated::file(decided.path, text);
            made.next
                .push(generate::first_step(&decided.subject).to_owned());
            made.next.extend(generate::memory_steps(&decided.subject));
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}
