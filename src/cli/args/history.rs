//! The arguments of `nixtune history`.

use clap::Args as ClapArgs;

use super::Format;
use crate::analyze::store::Age;

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
`nixtune analyze profile` records each run of a command, `nixtune analyze store` what the store holds, in
`$XDG_STATE_HOME/nixtune/history.jsonl`. `[targets]` in nixtune.toml says what metrics should be.

Examples:
  nixtune history                            the last runs, metrics and what they were before
  nixtune history --since 30d --most 100
  nixtune history --label switch             runs that were recorded with `--label switch`
  nixtune history --fail-on-target           for CI
  nixtune history --format json

A metric is the median of the last five runs of a command; of several commands that ran in the last 30
days the one that is farthest from the target counts.

Exit codes: 0 done, 1 with `--fail-on-target` when a target is missed, 2 the history cannot be read.")]
pub(in crate::cli) struct HistoryArgs {
    /// Tell so many runs.
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub most: usize,
    /// Only runs that are not older, as in 30d.
    #[arg(long, value_name = "DAYS")]
    pub since: Option<Age>,
    /// Only runs with this label, or of this command.
    #[arg(long, value_name = "LABEL")]
    pub label: Option<String>,
    /// Exit with 1 when a target is missed.
    #[arg(long)]
    pub fail_on_target: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}
