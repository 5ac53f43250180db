//! `nixtune generate builders`: the machines that builds are sent to.

use crate::cli::args::BuildersArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::{self, Decided, EngineError};
use crate::generate::{self, BuildHost, Builders, GuestWishes};
use crate::system::System;
use crate::{probe, report};

pub(super) fn run(args: &BuildersArgs, system: &dyn System, output: &mut Output) -> u8 {
    let user = flag("--user", args.user.as_deref(), generate::user_word);
    let key = flag("--key", args.key.as_deref(), generate::key_path);
    let (user, key) = match (user, key) {
        (Ok(user), Ok(key)) => (user, key),
        (Err(message), _) | (_, Err(message)) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let (decided, mut hosts) = match found(args, system) {
        Ok(found) => found,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    for host in &mut hosts {
        host.user = host.user.take().or_else(|| user.clone());
        host.key = host.key.take().or_else(|| key.clone());
    }
    let wanted = Builders {
        explain: !args.place.no_explain,
        here: names_of_sender(args, system),
        linux_builder: args.linux_builder.then_some(GuestWishes {
            is_ephemeral: args.ephemeral,
            emulates: args.emulate,
        }),
    };
    let (rows, mut made) = match generate::builders(&decided.subject, &hosts, &wanted) {
        Ok(found) => found,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    let sink = decided.subject.sink;
    if let (true, Some(first)) = (sink.is_module(), made.files.first_mut()) {
        first.path = Some(engine::module_path(system, sink, "nix-builders.nix"));
    }
    let table = report::init_table(&decided, &rows, output.style);
    place::put(&args.place, &table, &made, system, output)
}

fn flag(
    name: &str,
    value: Option<&str>,
    check: fn(&str) -> Result<String, String>,
) -> Result<Option<String>, String> {
    value
        .map(|value| check(value).map_err(|why| format!("`{name}` cannot be this: {why}")))
        .transpose()
}

fn found(
    args: &BuildersArgs,
    system: &dyn System,
) -> Result<(Decided, Vec<BuildHost>), EngineError> {
    let catalog = request::catalog(system);
    let decided = engine::decide(system, &catalog, &request::subject(&args.subject))?;
    let hosts = engine::fleet(system, args.hosts.as_deref(), &args.profiles)?;
    Ok((decided, hosts))
}

/// How the machine is called that sends the builds.
fn names_of_sender(args: &BuildersArgs, system: &dyn System) -> Vec<String> {
    match &args.subject.host {
        Some(file) => file
            .file_stem()
            .map(|name| name.to_string_lossy().into_owned())
            .into_iter()
            .collect(),
        None => {
            let mut names: Vec<String> = probe::host_name(system).into_iter().collect();
            // `build01.example.org` is called `build01` as well.
            if let Some((label, _)) = names.first().and_then(|name| name.split_once('.')) {
                let label = label.to_owned();
                names.push(label);
            }
            names
        }
    }
}
