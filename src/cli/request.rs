//! From arguments to a request, and from errors to messages.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::args::{LiveArgs, SourceArgs, SubjectArgs};
use super::output::Output;
use crate::catalog::{Catalog, Month};
use crate::engine::{EngineError, InitRequest, Look, Request};
use crate::report;
use crate::system::System;

/// The name of standard input when no other is given.
const STDIN_NAME: &str = "stdin.nix";

/// More than this is no configuration.
const STDIN_LIMIT: u64 = 64 << 20;

/// The catalog, which knows what month it is.
pub(super) fn catalog(system: &dyn System) -> Catalog {
    Catalog::embedded().used_in(system.now_secs().and_then(Month::of_unix_secs))
}

/// Whom to generate for; the use is the caller's to say.
pub(super) fn subject(args: &SubjectArgs) -> InitRequest {
    InitRequest {
        host: args.host.clone(),
        sink: args.r#for.map(Into::into),
        usage: None,
        target: args.target.clone().unwrap_or_default(),
        uses_records: false,
    }
}

/// Reads standard input when `-` is among the paths.
///
/// # Errors
/// A message for the user.
pub(super) fn request(args: &SourceArgs) -> Result<Request, String> {
    let mut request = Request {
        host: args.host.clone(),
        target: args.target.clone().unwrap_or_default(),
        ..Request::default()
    };
    if !reads_stdin(args) {
        if args.stdin_filename.is_some() {
            return Err("`--stdin-filename` names standard input: give `-` as the path".to_owned());
        }
        request.roots.clone_from(&args.paths);
        return Ok(request);
    }
    if args.paths.len() > 1 {
        return Err("`-` stands alone: standard input and other paths cannot be mixed".to_owned());
    }
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(STDIN_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("standard input: {error}"))?;
    if bytes.len() as u64 > STDIN_LIMIT {
        return Err("standard input: is longer than 64 MiB".to_owned());
    }
    let name = stdin_name(args);
    request.roots.push(name.clone());
    request.unsaved.push((name, bytes));
    Ok(request)
}

/// What `--live` says: nothing stands behind it, or the name of a machine.
pub(super) fn live(args: &LiveArgs) -> Option<Look> {
    args.live.as_deref().map(|name| match name {
        "" => Look::Found,
        name => Look::Named(name.to_owned()),
    })
}

/// True when `-` is among the paths.
pub(super) fn reads_stdin(args: &SourceArgs) -> bool {
    args.paths.iter().any(|path| path == Path::new("-"))
}

fn stdin_name(args: &SourceArgs) -> PathBuf {
    args.stdin_filename
        .clone()
        .unwrap_or_else(|| PathBuf::from(STDIN_NAME))
}

/// Tells why a run could not start.
pub(super) fn complain(error: &EngineError, output: &Output) {
    match error {
        EngineError::Policy(error) => {
            let text = report::policy_error(error, output.error_style());
            output.complain_as(&error.to_string(), &text);
        }
        other => output.complain(&other.to_string()),
    }
}
