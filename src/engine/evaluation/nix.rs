//! The installed Nix: how it is called, and what it says when it cannot do what it is asked.

use std::path::Path;
use std::time::Duration;

use crate::system::{Program, Ran, System, SystemError};

/// Evaluating a fleet takes minutes; what takes longer does not end.
const TIME_LIMIT: Duration = Duration::from_secs(15 * 60);
const OUTPUT_LIMIT_BYTES: u64 = 64 << 20;

/// Of an error message so many lines and characters are shown.
const MOST_LINES: usize = 4;
const MOST_CHARS: usize = 500;

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::engine) enum NoAnswer {
    /// Nix could not be asked, or did not answer.
    Unasked(String),
    /// Nix says no; its own words.
    Refused(String),
}

impl NoAnswer {
    /// The same about a tree instead of its copy.
    pub fn about(self, copy: &Path, tree: &Path) -> Self {
        let told = |text: String| text.replace(&*copy.to_string_lossy(), &tree.to_string_lossy());
        match self {
            Self::Unasked(text) => Self::Unasked(told(text)),
            Self::Refused(text) => Self::Refused(told(text)),
        }
    }

    pub fn text(&self) -> &str {
        match self {
            Self::Unasked(text) | Self::Refused(text) => text,
        }
    }
}

impl From<SystemError> for NoAnswer {
    fn from(error: SystemError) -> Self {
        Self::Unasked(match error {
            SystemError::NoProgram { .. } => {
                "`nix` is not on the PATH; install Nix, or run again without `--verify`".to_owned()
            }
            other => other.to_string(),
        })
    }
}

/// What Nix prints for `arguments`.
pub(in crate::engine) fn output(
    system: &dyn System,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<String, NoAnswer> {
    let mut all = vec!["--extra-experimental-features", "nix-command flakes"];
    all.extend(arguments);
    let ran = system.run_program(&Program {
        environment,
        time_limit: TIME_LIMIT,
        output_limit_bytes: OUTPUT_LIMIT_BYTES,
        ..Program::new("nix", &all)
    })?;
    if !ran.succeeded() {
        return Err(NoAnswer::Refused(message(&ran)));
    }
    if ran.stdout.len() as u64 >= OUTPUT_LIMIT_BYTES {
        return Err(NoAnswer::Unasked("Nix says more than 64 MiB".to_owned()));
    }
    Ok(ran.text())
}

/// The value of an expression, as JSON. Nothing is fetched, built or locked for it. Without
/// `search_path` evaluation is pure, as it is for flakes.
pub(super) fn evaluate(
    system: &dyn System,
    expression: &str,
    search_path: bool,
) -> Result<serde_json::Value, NoAnswer> {
    let mut arguments = vec![
        "eval",
        "--json",
        "--offline",
        "--no-write-lock-file",
        "--option",
        "allow-import-from-derivation",
        "false",
        "--option",
        "accept-flake-config",
        "false",
    ];
    if search_path {
        arguments.push("--impure");
    }
    arguments.extend(["--expr", expression]);
    let text = output(system, &arguments, &[])?;
    serde_json::from_str(&text)
        .map_err(|error| NoAnswer::Unasked(format!("what Nix answers is no JSON: {error}")))
}

/// The hash of a folder, by which a flake there can be named in pure evaluation.
pub(super) fn hash(system: &dyn System, folder: &Path) -> Result<String, NoAnswer> {
    let folder = folder.to_string_lossy();
    let text = output(system, &["hash", "path", &folder], &[])?;
    Ok(text.trim().to_owned())
}

/// The lines of an error message that say what is wrong. New releases print the way there first
/// and the error last; old ones print the error and then the way.
fn message(ran: &Ran) -> String {
    let text = ran.error_text();
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let says = |line: &&str| {
        line.strip_prefix("error:")
            .is_some_and(|rest| !rest.trim().is_empty())
    };
    let Some(start) = lines.iter().rposition(says) else {
        let code = ran.code.map_or_else(
            || "a signal ended it".to_owned(),
            |code| format!("exit code {code}"),
        );
        let last = lines.iter().rev().find(|line| !line.is_empty());
        return last.map_or(code, |line| bounded(line));
    };
    let said: Vec<&str> = lines
        .iter()
        .skip(start)
        .take_while(|line| !line.is_empty() && !line.starts_with("at "))
        .filter(|line| {
            !["(use '--show-trace'", "Try '"]
                .iter()
                .any(|hint| line.starts_with(hint))
        })
        .take(MOST_LINES)
        .copied()
        .collect();
    bounded(said.join(" ").trim_start_matches("error:").trim())
}

fn bounded(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or(text)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_found_before_and_behind_the_way_there() {
        let said = |stderr: &str| {
            message(&Ran {
                code: Some(1),
                stderr: stderr.as_bytes().to_vec(),
                ..Ran::default()
            })
        };
        let old = "warning: x\nerror: too many\n       of them\n\n       at /a:1:2:\n\n  1| a\n(use '--show-trace' to show detailed location information)\n";
        let new = "error:\n       … while calling\n         at /a:1:2:\n\n       error: too many\n       of them\n";
        assert_eq!(said(old), "too many of them");
        assert_eq!(said(new), "too many of them");
        assert_eq!(said(""), "exit code 1");
        assert_eq!(
            said(&format!("error: {}", "ä".repeat(900))).chars().count(),
            MOST_CHARS + 1
        );
    }
}
