//! `nixtune init`: the settings that fit a machine, as the file that holds them.

use std::path::Path;

use super::args::InitArgs;
use super::output::Output;
use super::{FAILED, request};
use crate::engine::{self, InitRequest};
use crate::generate::{self, Settings, Sink};
use crate::report::{self, DiffUse, FileDiff};
use crate::system::System;

/// A settings module is far below this.
const FILE_LIMIT: u64 = 16 << 20;

pub(super) fn run(args: &InitArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let asked = InitRequest {
        host: args.host.clone(),
        sink: args.r#for.map(Into::into),
        usage: args.profile,
        target: args.target.clone().unwrap_or_default(),
    };
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
        explain: !args.no_explain,
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
    let path = args.output.clone().or_else(|| decided.path.clone());
    let table = report::init_table(&decided, &rows, output.style);
    match path.filter(|path| path != Path::new("-")) {
        None => {
            output.note(&table);
            output.raw(&text);
            0
        }
        Some(path) => {
            output.print(&table);
            put(args, &path, &text, system, output)
        }
    }
}

/// Shows the difference, or writes the file.
fn put(args: &InitArgs, path: &Path, text: &str, system: &dyn System, output: &mut Output) -> u8 {
    let exists = system.metadata(path).is_ok();
    if args.diff {
        let before = match exists.then(|| system.read(path, FILE_LIMIT)).transpose() {
            Ok(bytes) => String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned(),
            Err(error) => {
                output.complain(&error.to_string());
                return FAILED;
            }
        };
        let name = path.to_string_lossy();
        let file = FileDiff {
            name: &name,
            before: &before,
            after: text,
        };
        let diff = report::unified(&file, output.style, DiffUse::Reading);
        output.print(&diff.text);
        return 0;
    }
    if exists && !args.force {
        output.complain(&format!(
            "{} is there already; `--force` replaces it, `--diff` shows the difference",
            path.display()
        ));
        return FAILED;
    }
    if let Err(error) = system.save(path, text.as_bytes()) {
        output.complain(&error.to_string());
        return FAILED;
    }
    output.note(&format!("wrote {}\n", path.display()));
    0
}
