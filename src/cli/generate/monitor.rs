//! `nixtune generate monitor`: records metrics of Nix and its store daily.

use crate::cli::args::MonitorArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine;
use crate::generate::{self, Monitor, Sink};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &MonitorArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let decided = match engine::decide(system, &catalog, &request::subject(&args.subject)) {
        Ok(decided) => decided,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let sink = decided.subject.sink;
    if sink == Sink::Flake {
        output.complain(
            "`--for flake`: a flake's nixConfig starts nothing; give `--for darwin`, `nixos`, \
             `home-manager` or `nix-conf`",
        );
        return FAILED;
    }
    let flake = match &args.flake {
        Some(said) => match engine::flake_said(system, said) {
            Ok(flake) => Some(flake),
            Err(error) => {
                output.complain(&error.to_string());
                return FAILED;
            }
        },
        None => None,
    };
    if sink == Sink::NixConf && flake.as_ref().is_some_and(|it| it.name.is_none()) {
        output.complain(
            "`--flake`: what to evaluate is not known without a module system; name a derivation, \
             as in `--flake .#packages.x86_64-linux.default`",
        );
        return FAILED;
    }
    let wanted = Monitor {
        flake,
        home: system
            .home()
            .map(|home| home.to_string_lossy().into_owned()),
        explain: !args.place.no_explain,
    };
    let module = engine::module_path(system, sink, "nixtune-monitor.nix");
    match generate::monitor(&decided.subject, &wanted, Some(module)) {
        Ok((rows, made)) => {
            let table = report::init_table(&decided, &rows, output.style);
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}
