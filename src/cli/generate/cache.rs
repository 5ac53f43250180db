//! `nixtune generate cache`: a binary cache of one's own.

use std::path::Path;

use crate::cli::args::CacheArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::{self, EngineError, InitRequest};
use crate::generate::{self, Cache, CacheServer, GenerateError, Generated, Row, Server, Sink};
use crate::report;
use crate::system::System;

/// A key is a line.
const KEY_LIMIT: u64 = 1 << 12;

pub(super) fn run(args: &CacheArgs, system: &dyn System, output: &mut Output) -> u8 {
    let made = if args.server.is_some() || args.upload.is_some() {
        serve(args)
    } else {
        ask(args, system)
    };
    match made {
        Ok((head, rows, made)) => {
            let table = report::values_table(&head, &rows, output.style);
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            request::complain(&error, output);
            FAILED
        }
    }
}

type Made = (String, Vec<Row>, Generated);

/// For a machine that asks the cache.
fn ask(args: &CacheArgs, system: &dyn System) -> Result<Made, EngineError> {
    let catalog = request::catalog(system);
    let catalog = engine::known_caches(system, &catalog)?;
    let (sink, because) = match args.r#for {
        Some(word) => {
            let sink = Sink::from(word);
            (sink, format!("`--for {}` says so", sink.name()))
        }
        None => {
            let decided = engine::decide(system, &catalog, &InitRequest::default())?;
            (decided.subject.sink, decided.because)
        }
    };
    let mut keys = args.key.clone();
    if let Some(file) = &args.key_file {
        keys.extend(keys_of(file, system)?);
    }
    let wanted = Cache {
        explain: !args.place.no_explain,
        url: args.url.clone(),
        keys,
        on_demand: args.trusted,
    };
    let (rows, mut made) = generate::cache(sink, &wanted, &catalog)?;
    if let (true, Some(first)) = (sink.is_module(), made.files.first_mut()) {
        first.path = Some(engine::module_path(system, sink, "nix-cache.nix"));
    }
    let head = format!("for those who ask it; {} because {because}", sink.name());
    Ok((head, rows, made))
}

fn keys_of(file: &Path, system: &dyn System) -> Result<Vec<String>, EngineError> {
    let bytes = system.read(file, KEY_LIMIT)?;
    let text = String::from_utf8(bytes).map_err(|_| EngineError::NotText(file.to_path_buf()))?;
    let keys: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    if keys.is_empty() {
        let message = format!("{}: holds no key", file.display());
        return Err(GenerateError::Nothing(message).into());
    }
    Ok(keys)
}

/// For the machine that serves the cache, and those that fill it.
fn serve(args: &CacheArgs) -> Result<Made, EngineError> {
    let server = args.server.map(Server::from);
    let secret_key_file = generate::key_path(&args.secret_key_file).map_err(|why| {
        GenerateError::Nothing(format!("`--secret-key-file` cannot be this: {why}"))
    })?;
    let wanted = CacheServer {
        explain: !args.place.no_explain,
        url: args.url.clone(),
        server,
        upload: match (&args.upload, server) {
            (None, Some(Server::S3)) => Some(args.url.clone()),
            (upload, _) => upload.clone(),
        },
        secret_key_file,
        email: args.email.clone(),
    };
    let (rows, made) = generate::cache_server(args.r#for.map(Sink::from), &wanted)?;
    let head = match server {
        Some(_) => "for the machine that serves it",
        None => "for the machines that fill it",
    };
    Ok((head.to_owned(), rows, made))
}
