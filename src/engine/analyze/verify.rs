//! Runs a command with and without settings, in turns, and compares.

use std::time::Duration;

use crate::analyze::verify::{Proof, Side, judge, order};
use crate::system::{Program, Ran, System, SystemError};

/// What is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyRequest {
    /// Settings of `nix.conf` with their values.
    pub settings: Vec<(String, String)>,
    /// The command: a program and its arguments.
    pub command: Vec<String>,
    /// Runs of each; at least [`LEAST_RUNS`].
    ///
    /// [`LEAST_RUNS`]: crate::analyze::verify::LEAST_RUNS
    pub pairs: usize,
    /// Runs before that do not count.
    pub warm_ups: usize,
}

/// A run that ended.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct TimedRun {
    /// With the settings or without; `None` for one that does not count.
    pub side: Option<Side>,
    /// From its start to its end.
    pub secs: f64,
}

/// All runs, and what they prove.
#[derive(Clone, PartialEq, Debug)]
pub struct Verification {
    /// Those that count, in their order.
    pub runs: Vec<TimedRun>,
    /// What they prove.
    pub proof: Proof,
}

/// Why nothing was compared.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// There is no command.
    #[error("no command was given; write it after `--`")]
    NoCommand,
    /// It could not be run.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A run failed.
    #[error("run {number} of `{command}` {ending}{said}; nothing was compared")]
    Failed {
        /// From 1, runs that do not count among them.
        number: usize,
        /// The program.
        command: String,
        /// How it ended.
        ending: String,
        /// Its last words.
        said: String,
    },
    /// Nix does not do what is to be compared.
    #[error(
        "Nix does not apply `{setting}`: {said}; see `nixtune explain {setting}`. Nothing was \
         compared"
    )]
    NotApplied {
        /// The setting.
        setting: String,
        /// What Nix said.
        said: String,
    },
    /// Runs without a time.
    #[error("runs were too few or took no time; nothing can be compared")]
    NoTimes,
}

/// A run may take this long.
const TIME_LIMIT: Duration = Duration::from_secs(24 * 3600);
/// What is kept of its output, to find warnings and last words.
const OUTPUT_LIMIT_BYTES: u64 = 16 << 20;

/// Makes all runs and tells each as it ends.
///
/// The settings are given in `NIX_CONFIG`, behind what it holds already. `NIXTUNE_RUN` numbers the
/// runs from 0, warm-ups included, for commands that have to do something new each time.
///
/// # Errors
/// A command that cannot be run or fails, and settings that Nix says it ignores.
pub fn verify(
    system: &dyn System,
    request: &VerifyRequest,
    tell: &mut dyn FnMut(TimedRun),
) -> Result<Verification, VerifyError> {
    let Some((name, arguments)) = request.command.split_first() else {
        return Err(VerifyError::NoCommand);
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let before = system.env("NIX_CONFIG").unwrap_or_default();
    let lines = request.settings.iter();
    let lines: Vec<String> = lines
        .map(|(key, value)| format!("{key} = {value}"))
        .collect();
    let with_settings = format!("{before}\n{}\n", lines.join("\n"));
    let warm_ups = std::iter::repeat_n(None, request.warm_ups);
    let sides = warm_ups.chain(order(request.pairs).into_iter().map(Some));
    let mut runs = Vec::new();
    for (index, side) in sides.enumerate() {
        let number = index.to_string();
        let mut environment = vec![("NIXTUNE_RUN", number.as_str())];
        if side == Some(Side::Other) {
            environment.push(("NIX_CONFIG", &with_settings));
        }
        let start = system.elapsed();
        let ran = system.run_program(&Program {
            name,
            arguments: &arguments,
            environment: &environment,
            time_limit: TIME_LIMIT,
            output_limit_bytes: OUTPUT_LIMIT_BYTES,
        })?;
        let secs = system.elapsed().saturating_sub(start).as_secs_f64();
        if !ran.succeeded() {
            return Err(failed(index + 1, name, &ran));
        }
        if side == Some(Side::Other) {
            refused(&request.settings, &ran)?;
        }
        let run = TimedRun { side, secs };
        tell(run);
        if side.is_some() {
            runs.push(run);
        }
    }
    let of = |wanted: Side| -> Vec<f64> {
        let runs = runs.iter().filter(|run| run.side == Some(wanted));
        runs.map(|run| run.secs).collect()
    };
    let proof = judge(&of(Side::Present), &of(Side::Other)).ok_or(VerifyError::NoTimes)?;
    Ok(Verification { runs, proof })
}

fn failed(number: usize, command: &str, ran: &Ran) -> VerifyError {
    let said = ran.error_text();
    let last = said.lines().rev().find(|line| !line.trim().is_empty());
    VerifyError::Failed {
        number,
        command: command.to_owned(),
        ending: match ran.code {
            Some(code) => format!("ended with {code}"),
            None => "was ended by a signal".to_owned(),
        },
        said: last.map_or_else(String::new, |line| format!(": {}", line.trim())),
    }
}

/// Finds what Nix says of settings that it does not apply: of a client that is not trusted, and
/// those that it does not know.
fn refused(settings: &[(String, String)], ran: &Ran) -> Result<(), VerifyError> {
    let said = ran.error_text();
    for (setting, _) in settings {
        let quoted = format!("'{setting}'");
        let line = said.lines().find(|line| {
            line.contains(&quoted)
                && ["ignoring", "unknown setting", "restricted setting"]
                    .iter()
                    .any(|words| line.contains(words))
        });
        if let Some(line) = line {
            return Err(VerifyError::NotApplied {
                setting: setting.clone(),
                said: line.trim().to_owned(),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    fn request() -> VerifyRequest {
        VerifyRequest {
            settings: vec![("max-jobs".to_owned(), "4".to_owned())],
            command: vec!["nix".to_owned(), "build".to_owned()],
            pairs: 3,
            warm_ups: 0,
        }
    }

    fn error(code: i32, stderr: &str) -> String {
        let ran = Ran {
            code: Some(code),
            stderr: stderr.as_bytes().to_vec(),
            ..Ran::default()
        };
        let system = Memory::new().program_ending("nix build", ran);
        let error = verify(&system, &request(), &mut |_| {}).unwrap_err();
        error.to_string()
    }

    #[test]
    fn what_fails_is_not_compared() {
        let failed = error(1, "building\nerror: no\n\n");
        assert_eq!(
            failed,
            "run 1 of `nix` ended with 1: error: no; nothing was compared"
        );
    }

    #[test]
    fn what_nix_ignores_is_not_compared() {
        let warning = "warning: ignoring the client-specified setting 'max-jobs', because it is a \
                       restricted setting and you are not a trusted user";
        assert!(error(0, warning).contains("does not apply `max-jobs`"));
        assert!(error(0, "warning: unknown setting 'max-jobs'").contains("does not apply"));
        // A machine without a clock has no times.
        assert!(error(0, "warning: unknown setting 'cores'").contains("too few"));
    }
}
