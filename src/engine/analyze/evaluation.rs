//! What an evaluation costs: Nix evaluates what a command would build, without its evaluation cache
//! and with it, and says what it counted.

use std::collections::VecDeque;
use std::path::Path;

use super::AnalyzeError;
use super::command::program;
use super::effective::effective_of_nix;
use crate::analyze::evaluation::{
    CallTrace, Evaluation, EvaluationRun, Stacks, StatisticsReader, evaluation_findings, is_cached,
};
use crate::analyze::log::{Splitter, plain_text};
use crate::system::{System, SystemError};

/// Of a failed evaluation so many last lines are told.
const MOST_LINES: usize = 12;

/// A stack at each thousandth of a second; a prime number, so that nothing keeps in step with it.
const SHORT_FREQUENCY_HERTZ: &str = "997";
/// Evaluations that take longer have enough samples at Nix's own frequency.
const SHORT_SECS: f64 = 5.0;

/// More is no profile of an evaluation.
const PROFILE_LIMIT_BYTES: u64 = 1 << 30;

/// Evaluates what `command` would build two or three times and, if `wants_stacks`, once more to see
/// where the time goes. `tell` is told what comes next.
///
/// # Errors
/// The command builds nothing that is evaluated, or evaluation fails.
pub fn evaluate(
    system: &dyn System,
    command: &[String],
    wants_stacks: bool,
    tell: &mut dyn FnMut(&str),
) -> Result<Evaluation, AnalyzeError> {
    const NO_CACHE: [&str; 3] = ["--option", "eval-cache", "false"];
    let evaluator = Evaluator::new(system, command)?;
    tell("evaluates without the evaluation cache");
    let cold = evaluator.run(&NO_CACHE, None)?;
    tell("evaluates again");
    let mut warm = evaluator.run(&[], None)?;
    // What was not in the cache is now, if it can be.
    if is_cached(&cold, &warm) == Some(false) && evaluator.may_be_cached() {
        tell("evaluates once more, with what the last time left in the cache");
        warm = evaluator.run(&[], None)?;
    }
    let stacks = if wants_stacks {
        tell("evaluates with a profiler");
        evaluator.stacks(cold.wall_secs, &NO_CACHE)?
    } else {
        None
    };
    let mut evaluation = Evaluation {
        command: evaluator.command,
        is_cached: is_cached(&cold, &warm),
        cold,
        warm,
        findings: Vec::new(),
        stacks,
    };
    evaluation.findings = evaluation_findings(&evaluation);
    Ok(evaluation)
}

struct Evaluator<'s> {
    system: &'s dyn System,
    /// What evaluates and does not build.
    command: Vec<String>,
    /// The place of the program that runs Nix.
    program: usize,
    /// Where options go.
    options: usize,
}

impl<'s> Evaluator<'s> {
    fn new(system: &'s dyn System, command: &[String]) -> Result<Self, AnalyzeError> {
        let command = evaluating(command)?;
        let (program, is_nix) = program(&command).unwrap_or((0, true));
        let options = if is_nix { program + 1 } else { command.len() };
        Ok(Self {
            system,
            command,
            program,
            options,
        })
    }

    /// Only flakes are cached.
    fn may_be_cached(&self) -> bool {
        let is_file = |word: &String| ["-f", "--file", "--expr", "-E"].contains(&word.as_str());
        let name = self.command.get(self.program).map_or("", String::as_str);
        !name.ends_with("nix-instantiate") && !self.command.iter().any(is_file)
    }

    fn run(
        &self,
        options: &[&str],
        trace: Option<&mut CallTrace>,
    ) -> Result<EvaluationRun, AnalyzeError> {
        let mut words: Vec<&str> = self.command.iter().map(String::as_str).collect();
        words.splice(self.options..self.options, options.iter().copied());
        // Right before Nix: `sudo` would not let it through.
        words.splice(self.program..self.program, ["env", "NIX_SHOW_STATS=1"]);
        // What Nix prints about the result is nobody's report.
        let shell = ["-c", r#"exec "$@" >&2"#, "sh"];
        let arguments: Vec<&str> = shell.into_iter().chain(words).collect();
        let mut splitter = Splitter::default();
        let mut statistics = StatisticsReader::default();
        let mut last: VecDeque<String> = VecDeque::new();
        let mut trace = trace;
        let mut take = |line: &[u8]| {
            if trace.as_mut().is_some_and(|trace| trace.take(line)) || statistics.take(line) {
                return;
            }
            if last.len() == MOST_LINES {
                last.pop_front();
            }
            last.push_back(plain_text(&String::from_utf8_lossy(line)));
        };
        let end = self.system.follow("sh", &arguments, &mut |_, bytes| {
            splitter.push(bytes, &mut take);
        })?;
        splitter.finish(&mut take);
        if end.interrupted {
            return Err(AnalyzeError::Interrupted { code: end.code });
        }
        if end.code != 0 {
            return Err(AnalyzeError::NotEvaluated {
                command: self.command.join(" "),
                message: Vec::from(last).join("\n"),
            });
        }
        Ok(EvaluationRun {
            wall_secs: end.elapsed.as_secs_f64(),
            peak_memory_bytes: end.peak_memory_bytes,
            statistics: statistics.finish(),
        })
    }

    /// Where the time goes: by Nix's own sampling since 2.30, by its trace of calls before. `None` when it
    /// was over before the first look.
    fn stacks(&self, cold_secs: f64, no_cache: &[&str]) -> Result<Option<Stacks>, AnalyzeError> {
        let mut options = no_cache.to_vec();
        let has_profiler = effective_of_nix(self.system)
            .is_ok_and(|settings| settings.numbers.contains_key("eval-profiler-frequency"));
        if !has_profiler {
            let mut trace = CallTrace::default();
            options.extend(["--option", "trace-function-calls", "true"]);
            self.run(&options, Some(&mut trace))?;
            return Ok(trace.finish());
        }
        let folder = self.system.temporary_folder()?;
        let file = folder.path().join("stacks");
        let name = file.to_string_lossy().into_owned();
        options.extend(["--option", "eval-profiler", "flamegraph"]);
        options.extend(["--option", "eval-profile-file", &name]);
        if cold_secs < SHORT_SECS {
            options.extend(["--option", "eval-profiler-frequency", SHORT_FREQUENCY_HERTZ]);
        }
        self.run(&options, None)?;
        let folded = match self.system.read(&file, PROFILE_LIMIT_BYTES) {
            Ok(folded) => folded,
            Err(SystemError::Missing { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let stacks = Stacks::read_folded(&String::from_utf8_lossy(&folded));
        Ok((stacks.total() > 0).then_some(stacks))
    }
}

/// The command that evaluates what `command` builds, and builds nothing.
fn evaluating(command: &[String]) -> Result<Vec<String>, AnalyzeError> {
    let unknown = || AnalyzeError::NotEvaluable {
        command: command.join(" "),
    };
    let (index, _) = program(command).ok_or_else(unknown)?;
    let (front, rest) = command.split_at_checked(index).ok_or_else(unknown)?;
    let (path, arguments) = rest.split_first().ok_or_else(unknown)?;
    let path = Path::new(path);
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    // One of the same folder.
    let beside = |name: &str| path.with_file_name(name).to_string_lossy().into_owned();
    let mut out = front.to_vec();
    match name {
        "nix" => {
            out.push(path.to_string_lossy().into_owned());
            let verb = arguments
                .iter()
                .position(|word| word == "build" || word == "eval");
            let (verb, before, after) = verb
                .and_then(|verb| {
                    Some((
                        arguments.get(verb)?,
                        arguments.get(..verb)?,
                        arguments.get(verb + 1..)?,
                    ))
                })
                .ok_or_else(unknown)?;
            out.extend(without_reports(before));
            if verb == "eval" {
                out.push(verb.clone());
                out.extend(without_reports(after));
            } else {
                out.extend(["path-info".to_owned(), "--derivation".to_owned()]);
                let flags = [
                    "--no-link",
                    "--print-out-paths",
                    "--json",
                    "--rebuild",
                    "--dry-run",
                ];
                out.extend(without(
                    &without_reports(after),
                    &flags,
                    &["--out-link", "-o", "--profile"],
                ));
            }
        }
        "nix-build" => {
            out.push(beside("nix-instantiate"));
            let flags = ["--no-out-link", "--no-link", "--dry-run", "--check"];
            out.extend(without(
                &without_reports(arguments),
                &flags,
                &["--out-link", "-o"],
            ));
        }
        "nix-instantiate" => {
            out.push(path.to_string_lossy().into_owned());
            out.extend(without_reports(arguments));
        }
        "nixos-rebuild" => {
            out.push(path.to_string_lossy().into_owned());
            const ACTIONS: [&str; 6] = [
                "switch",
                "boot",
                "test",
                "build",
                "dry-activate",
                "build-vm",
            ];
            let mut has_action = false;
            for word in without_reports(arguments) {
                let is_action = ACTIONS.contains(&word.as_str()) && !has_action;
                has_action |= is_action || word == "dry-build";
                out.push(if is_action {
                    "dry-build".to_owned()
                } else {
                    word
                });
            }
            if !has_action {
                return Err(unknown());
            }
        }
        "darwin-rebuild" | "home-manager" => {
            out.push(path.to_string_lossy().into_owned());
            let mut has_action = false;
            for word in without_reports(arguments) {
                let is_action = ["switch", "build", "check", "activate"].contains(&word.as_str())
                    && !has_action;
                has_action |= is_action;
                out.push(if is_action { "build".to_owned() } else { word });
            }
            if !has_action {
                return Err(unknown());
            }
            out.push("--dry-run".to_owned());
        }
        _ => return Err(unknown()),
    }
    Ok(out)
}

/// Without what asks for events: here nobody listens to them.
fn without_reports(words: &[String]) -> Vec<String> {
    without(words, &[], &["--log-format"])
}

/// Words without these flags, and without those that have a value, with it.
fn without(words: &[String], flags: &[&str], valued: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if valued.contains(&word.as_str()) {
            words.next();
        } else if !flags.contains(&word.as_str()) {
            out.push(word.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str) -> String {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        match evaluating(&words) {
            Ok(words) => words.join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_would_be_built_is_evaluated() {
        for (command, expected) in [
            (
                "nix build .#x --no-link -o out -j 4",
                "nix path-info --derivation .#x -j 4",
            ),
            (
                "sudo /n/bin/nix --option a b build -f x.nix y",
                "sudo /n/bin/nix --option a b path-info --derivation -f x.nix y",
            ),
            ("nix eval .#a --json", "nix eval .#a --json"),
            (
                "/n/bin/nix-build x.nix -A a --no-out-link",
                "/n/bin/nix-instantiate x.nix -A a",
            ),
            (
                "nixos-rebuild switch --flake .#build",
                "nixos-rebuild dry-build --flake .#build",
            ),
            (
                "home-manager switch --flake .",
                "home-manager build --flake . --dry-run",
            ),
        ] {
            assert_eq!(line(command), expected);
        }
        assert!(line("nix run .#x").starts_with("`nix run .#x`: nothing is known"));
    }
}
