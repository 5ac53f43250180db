//! The arguments of `nixtune simulate`.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::Format;
use crate::engine::MaxJobs;
use crate::policy::{TargetPolicy, suggestion};
use crate::simulate::{Class, MOST_SECS};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
A graph is a JSON file:
  {\"version\": 1, \"durations\": \"measured\", \"settings\": {\"max-jobs\": 4, \"cores\": 2},
   \"jobs\": [{\"name\": \"zlib.drv\", \"seconds\": 4, \"parallel_seconds\": 12, \"threads\": 8},
            {\"name\": \"hello.drv\", \"needs\": [\"zlib.drv\"], \"seconds\": 2.5}]}
A job may have `path`, `download`, `waiting_seconds`, `download_bytes`, `memory_bytes`,
`memory_per_thread_bytes`, `output_bytes`, `system`, `features` and `prefer_local`, too, the file
`builders` and `builders_use_substitutes`. Without `\"durations\": \"measured\"` nothing is claimed.

Examples:
  nixtune simulate --graph build.json
  nixtune simulate --graph build.json --max-jobs 1,2,4,8,auto --cores 1,4
  nixtune simulate --graph build.json --host hosts/server.toml --target lix@2.93
  nixtune simulate --drv $(nix-instantiate '<nixpkgs>' -A hello) --rebuild
  nixtune simulate --graph build.json --builders 'ssh://ci1 x86_64-linux - 8 2' --link 1000,5
  nixtune simulate --graph build.json --builders /etc/nix/machines --builder-host hosts/ci1.toml
  nixtune simulate --graph profile.json --record
  nixtune simulate --drv result.drv --assume 30 --assume fetch=2 --format json")]
pub(in crate::cli) struct SimulateArgs {
    /// The graph with its durations in this file, or what `nixtune analyze profile` measured.
    ///
    /// A profile is its `--format json`; what depends on what is then read from the derivations in
    /// the store.
    #[arg(long, value_name = "FILE", required_unless_present = "drv")]
    pub graph: Option<PathBuf>,
    /// This derivation with all that has to be built for it, with assumed durations.
    #[arg(long, value_name = "PATH", conflicts_with = "graph")]
    pub drv: Option<PathBuf>,
    /// Count what lies in the store already, too.
    #[arg(long, requires = "drv")]
    pub rebuild: bool,
    /// Seconds that derivations take on one thread: for all, or for a kind as in fetch=2.
    ///
    /// Kinds are `glue` (wrappers and generated files; 1), `fetch` (the hash is known before; 5),
    /// `parallel` (`enableParallelBuilding`; 60, of which 80 % are shared by threads) and `other`
    /// (10). May be given several times.
    #[arg(long, value_name = "[KIND=]SECS", value_parser = assumption, requires = "drv")]
    pub assume: Vec<Assumption>,
    /// For the hardware in this profile instead of this machine's.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
    /// As this Nix chooses what is built first: lix@2.93, cppnix@2.35 and the like.
    #[arg(long, value_name = "TARGET")]
    pub target: Option<TargetPolicy>,
    /// The settings to compare with, as in 4x2 [default: those in force].
    ///
    /// `max-jobs` and `cores`. When they are not said they come from the graph, else from Nix; for
    /// another machine's profile they are Nix's defaults, 1x0.
    #[arg(long, value_name = "JOBSxCORES", value_parser = pair)]
    pub present: Option<(MaxJobs, u32)>,
    /// Only these numbers of builds at once; `auto` is one for each thread.
    ///
    /// 0 leaves all to builders.
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = max_jobs)]
    pub max_jobs: Vec<MaxJobs>,
    /// Only these numbers of threads for each build; 0 is all.
    #[arg(long, value_name = "N", value_delimiter = ',')]
    pub cores: Vec<u32>,
    /// Downloads at once [default: 16].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true)]
    pub max_substitution_jobs: Option<u32>,
    /// What all downloads get together, in megabits per second.
    ///
    /// Without it each takes the seconds that the graph says.
    #[arg(long, value_name = "MBIT", value_parser = clap::value_parser!(u32).range(1..), hide_short_help = true)]
    pub bandwidth: Option<u32>,
    /// Threads that other programs keep busy meanwhile.
    #[arg(
        long,
        value_name = "THREADS",
        default_value_t = 0,
        hide_short_help = true
    )]
    pub background: u32,
    /// Machines that build for this one: a machines file, or its lines.
    ///
    /// As in nix.conf's `builders`: `ssh://ci1 x86_64-linux - 8 2 kvm`, several with semicolons,
    /// `@FILE` for a file. They count instead of those of the graph.
    #[arg(long, value_name = "FILE|LINES")]
    pub builders: Option<String>,
    /// The hardware of a builder, in a profile that is named like its host.
    ///
    /// Builders without one are taken to be like this machine, with threads that are faster by
    /// their speed factor. May be given several times.
    #[arg(
        long,
        value_name = "FILE",
        requires = "builders",
        hide_short_help = true
    )]
    pub builder_host: Vec<PathBuf>,
    /// The way to builders: megabits per second, and milliseconds from question to answer.
    ///
    /// Without it copying takes no time.
    #[arg(long, value_name = "MBIT[,MS]", value_parser = link, requires = "builders", hide_short_help = true)]
    pub link: Option<LinkArg>,
    /// Builders fetch what caches have themselves (`builders-use-substitutes`).
    #[arg(long, hide_short_help = true)]
    pub builders_use_substitutes: bool,
    /// Keep what came out, for `nixtune init` and `lint --live`.
    ///
    /// They go by it on the same machine with the same Nix.
    /// Only for durations that were measured. `max-jobs` and `cores` are then those with which all
    /// recorded builds together take least time, within the memory and the threads for builds, when
    /// that gains more than predictions may be off. `init --no-observations` leaves it out.
    #[arg(long)]
    pub record: bool,
    /// How to report.
    #[arg(long, value_enum, default_value_t = Format::Human, value_name = "FORMAT")]
    pub format: Format,
}

/// Seconds for a kind of derivations, or for all.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::cli) struct Assumption {
    /// `None` for all.
    pub class: Option<Class>,
    pub secs: f64,
}

fn assumption(text: &str) -> Result<Assumption, String> {
    let (class, secs) = match text.split_once('=') {
        None => (None, text),
        Some((word, secs)) => {
            let class = Class::ALL.into_iter().find(|class| class.name() == word);
            let class = class.ok_or_else(|| {
                let words = Class::ALL.map(Class::name);
                format!("unknown kind; {}", suggestion(word, words))
            })?;
            (Some(class), secs)
        }
    };
    let secs: Option<f64> = secs.parse().ok();
    match secs.filter(|secs| (0.0..=MOST_SECS).contains(secs)) {
        Some(secs) => Ok(Assumption { class, secs }),
        None => Err("give seconds, as in 30 or fetch=2.5".to_owned()),
    }
}

/// The way to builders.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(in crate::cli) struct LinkArg {
    pub megabits: f64,
    pub latency_millis: f64,
}

fn link(text: &str) -> Result<LinkArg, String> {
    let (megabits, millis) = text.split_once(',').unwrap_or((text, "0"));
    let number = |text: &str| text.trim().parse::<f64>().ok().filter(|it| it.is_finite());
    match (number(megabits), number(millis)) {
        (Some(megabits), Some(latency_millis)) if megabits > 0.0 && latency_millis >= 0.0 => {
            Ok(LinkArg {
                megabits,
                latency_millis,
            })
        }
        _ => Err("give megabits per second and milliseconds, as in 1000,5".to_owned()),
    }
}

fn max_jobs(text: &str) -> Result<MaxJobs, String> {
    match text.parse() {
        _ if text == "auto" => Ok(MaxJobs::Auto),
        Ok(count) => Ok(MaxJobs::Count(count)),
        Err(_) => Err("give a number of builds, or auto".to_owned()),
    }
}

fn pair(text: &str) -> Result<(MaxJobs, u32), String> {
    let wrong = || "give max-jobs and cores, as in 4x2".to_owned();
    let (jobs, cores) = text.split_once(['x', '×']).ok_or_else(wrong)?;
    Ok((max_jobs(jobs)?, cores.parse().map_err(|_| wrong())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_settings() {
        assert_eq!(pair("4x2"), Ok((MaxJobs::Count(4), 2)));
        assert_eq!(pair("auto×0"), Ok((MaxJobs::Auto, 0)));
        assert!(pair("4").is_err() && pair("-1x1").is_err() && pair("4x").is_err());
        let far = LinkArg {
            megabits: 100.0,
            latency_millis: 20.0,
        };
        assert_eq!(link("100,20"), Ok(far));
        assert_eq!(link("1000").map(|it| it.latency_millis), Ok(0.0));
        assert!(link("0").is_err() && link("fast").is_err() && link("1,-1").is_err());
        let all = Assumption {
            class: None,
            secs: 2.5,
        };
        assert_eq!(assumption("2.5"), Ok(all));
        let fetch = assumption("fetch=0").unwrap();
        assert_eq!(fetch.class, Some(Class::Fetch));
        assert!(assumption("fetsch=1").unwrap_err().contains("fetch"));
        assert!(assumption("fetch=-1").is_err() && assumption("NaN").is_err());
    }
}
