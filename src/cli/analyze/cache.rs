//! `nixtune analyze cache`: what the caches answer.

use std::io::Read;
use std::time::Duration;

use super::bar::Bar;
use crate::cli::FAILED;
use crate::cli::args::{AnalyzeCacheArgs, Format};
use crate::cli::output::Output;
use crate::engine::analyze::{
    CachesRequest, Effective, analyze_caches, effective_of_files, effective_of_nix,
};
use crate::report;
use crate::system::{FetchLimits, System};

/// The longest list of paths on standard input, in bytes.
const LONGEST_LIST: u64 = 64 << 20;
/// A connection that does not come about sooner will not.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

pub(super) fn run(args: &AnalyzeCacheArgs, system: &dyn System, output: &mut Output) -> u8 {
    let effective = match effective(args, system, output) {
        Ok(effective) => effective,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let closure = match closure(args) {
        Ok(closure) => closure,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    let whole = Duration::from_secs(args.timeout);
    let request = CachesRequest {
        effective,
        sample: args.sample,
        closure,
        cold: args.cold,
        limits: FetchLimits {
            connect: whole.min(CONNECT_LIMIT),
            whole,
            ..FetchLimits::default()
        },
    };
    let bar = Bar::new(output);
    let found = analyze_caches(system, &request, &bar);
    bar.end();
    match found {
        Ok(found) => {
            match args.format {
                Format::Human => {
                    let text = report::analyze::caches(&found, output.style);
                    output.print(&text);
                }
                Format::Json => output.raw(&report::analyze::caches_json(&found)),
            }
            u8::from(found.finding.has_problems())
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// The settings that count: of files, of the installed Nix, or only what the arguments say.
fn effective(
    args: &AnalyzeCacheArgs,
    system: &dyn System,
    output: &Output,
) -> Result<Effective, String> {
    let mut effective = if args.path.is_empty() {
        effective_of_nix(system).map_err(|error| error.to_string())?
    } else {
        let (outcome, catalog) = super::files::look(&args.path, system, output)?;
        effective_of_files(&outcome, &catalog, args.machine.as_deref())
            .map_err(|error| error.to_string())?
    };
    if !args.caches.is_empty() {
        effective.substituters.clone_from(&args.caches);
        effective.source = "as they were named".to_owned();
    }
    effective
        .trusted_public_keys
        .extend(args.key.iter().cloned());
    Ok(effective)
}

/// What the closure is of, standard input read.
fn closure(args: &AnalyzeCacheArgs) -> Result<Vec<String>, String> {
    let mut all = Vec::new();
    for word in &args.closure {
        if word != "-" {
            all.push(word.clone());
            continue;
        }
        let mut text = String::new();
        std::io::stdin()
            .lock()
            .take(LONGEST_LIST)
            .read_to_string(&mut text)
            .map_err(|error| format!("standard input: {error}"))?;
        let before = all.len();
        all.extend(
            text.lines()
                .map(str::trim)
                .filter(|line| !line.is_empty())
                .map(str::to_owned),
        );
        if all.len() == before {
            return Err("standard input: names no paths".to_owned());
        }
    }
    Ok(all)
}
