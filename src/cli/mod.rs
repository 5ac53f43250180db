//! The command line: the only place that prints.
//!
//! Exit codes: 0 when nothing is reported at or above `--fail-on`, 1 when something is (or, with
//! `apply --check`, when something would change), 2 when nixtune could not do all of its job.

#[cfg(feature = "analyze")]
mod analyze;
mod apply;
mod args;
mod choices;
mod completions;
mod explain;
mod generate;
mod host;
mod init;
mod init_policy;
mod interactive;
mod lint;
#[cfg(feature = "lsp")]
mod lsp;
mod man;
mod output;
mod place;
mod recall;
mod recovery;
mod request;
mod rules;
mod show;
#[cfg(feature = "analyze")]
mod simulate;
mod usage;
mod waiting;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use clap_complete::CompleteEnv;

use args::{Args, Command};
use output::Output;

use crate::system::Os;

/// The exit code for a job that could not be done.
const FAILED: u8 = 2;

/// Reads the arguments, runs the command and returns its exit code.
pub fn run() -> ExitCode {
    // A completion script asks what fits, and is answered instead of a run.
    CompleteEnv::with_factory(Args::command)
        .var(completions::VARIABLE)
        .complete();
    let system = Os;
    let arguments = Os::arguments();
    let args = match Args::try_parse_from(&arguments) {
        Ok(args) => args,
        Err(error) => return ExitCode::from(usage::answer(&error, &arguments, &system)),
    };
    let mut output = Output::new(&system, args.color)
        .quiet(args.quiet)
        .verbose(args.verbose)
        .document(args.command.document());
    if matches!(
        args.command,
        Command::Init(_) | Command::Generate(_) | Command::Host(_) | Command::Explain(_)
    ) {
        output.wait("looks at this machine and this folder");
    }
    let code = match &args.command {
        Command::Lint(lint) => lint::run(lint, &system, &mut output),
        Command::Apply(apply) => apply::run(apply, &system, &mut output),
        Command::Show(show) => show::run(show, &system, &mut output),
        Command::Explain(explain) => explain::run(explain, &system, &mut output),
        Command::Rules(rules) => rules::run(rules, &mut output),
        Command::Init(init) => init::run(init, &system, &mut output),
        Command::Generate(generate) => generate::run(generate, &system, &mut output),
        Command::InitPolicy(init) => init_policy::run(init, &system, &mut output),
        #[cfg(feature = "analyze")]
        Command::Analyze(analyze) => analyze::run(analyze, &system, &mut output),
        #[cfg(feature = "analyze")]
        Command::History(history) => analyze::history::run(history, &system, &mut output),
        #[cfg(feature = "analyze")]
        Command::Simulate(simulate) => simulate::run(simulate, &system, &mut output),
        Command::Host(host) => host::run(host, &system, &mut output),
        Command::Completions(completions) => completions::run(completions, &mut output),
        #[cfg(feature = "lsp")]
        Command::Lsp(_) => lsp::run(&system, &mut output),
        Command::Man(man) => man::run(man, &system, &mut output),
    };
    ExitCode::from(output.finish(code))
}
