//! Graphs as real derivations, built by real Nix in a store of their own; for the tests and for
//! `benches/simulation.rs`.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use nixtune::simulate::{Graph, Job, JobId};

/// A Nix with a store that goes away with it.
pub struct Nix {
    bin: PathBuf,
    home: tempfile::TempDir,
    /// Turns of the shell's loop that keep a thread busy for a second.
    turns_per_sec: f64,
}

/// What a real build took.
#[derive(Debug)]
pub struct Built {
    /// From the start of Nix to its end.
    pub secs: f64,
    /// Names of derivations in the order in which Nix began them.
    pub started: Vec<String>,
    /// Their paths.
    pub paths: Vec<String>,
    /// The hosts of the builders that built them; `None` for this machine.
    pub hosts: Vec<Option<String>>,
}

/// A builder that is this machine itself, with a store of its own.
#[derive(Clone, Copy, Debug)]
pub struct RealBuilder {
    /// What Nix calls it.
    pub host: &'static str,
    /// Builds at once.
    pub max_jobs: u32,
    /// How fast it is said to be.
    pub speed_factor: u32,
}

/// Stands for `ssh` on the PATH: it runs what is asked for with the state of the builder, and with
/// the builder's store where the sender has its own, so that both have the same paths.
const SSH: &str = r#"#!/bin/sh
host=$1
for argument; do
  case $argument in
    # No connection is there that could be shared.
    -O) exit 255 ;;
    *"echo started"*) echo started ;;
  esac
done
while [ $# -gt 0 ]; do
  case $1 in nix-store*) break ;; esac
  shift
done
export NIX_STATE_DIR="@HOME@/$host/state" NIX_LOG_DIR="@HOME@/$host/log"
unshare --mount true 2>/dev/null && own= || own=--map-root-user
exec unshare --mount $own sh -c 'mount --bind "$1" "$2" && shift 2 && exec sh -c "$*"' \
  sh "@HOME@/$host/store" "@HOME@/store" "$@"
"#;

const LOOP: &str = "work() { i=0; while [ $i -lt $1 ]; do i=$((i+1)); done; }";

impl Nix {
    /// The Nix whose programs lie in `bin`.
    pub fn new(bin: &Path) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("conf")).unwrap();
        std::fs::write(
            home.path().join("conf/nix.conf"),
            "build-users-group =\nsandbox = false\nsubstitute = false\nkeep-build-log = false\n",
        )
        .unwrap();
        Self {
            bin: bin.to_owned(),
            home,
            turns_per_sec: 0.0,
        }
    }

    /// Measures how fast the shell's loop is in seconds of a thread, however busy the machine is.
    /// Without it no graph can be built that keeps threads busy. Gives the part of a thread that
    /// the loop got.
    pub fn measure_loop(&mut self) -> f64 {
        const TURNS: u32 = 1_000_000;
        let start = Instant::now();
        let script = format!("{LOOP}; work {TURNS}; times");
        let ran = Command::new("/bin/sh").args(["-c", &script]).output();
        let wall = start.elapsed().as_secs_f64();
        let text = String::from_utf8(ran.unwrap().stdout).unwrap();
        // `0m0.123456s 0m0.004000s`: of the shell itself, user and system.
        let secs: f64 = text
            .lines()
            .next()
            .unwrap()
            .split_whitespace()
            .map(|word| {
                let (minutes, secs) = word.trim_end_matches('s').split_once('m').unwrap();
                minutes.parse::<f64>().unwrap() * 60.0 + secs.parse::<f64>().unwrap()
            })
            .sum();
        self.turns_per_sec = f64::from(TURNS) / secs;
        (secs / wall).min(1.0)
    }

    /// Writes the derivations of a graph, without building any. `tag` makes them others than those
    /// of another tag; their names stay the same. The last job is what is requested.
    pub fn instantiate(&self, graph: &Graph, tag: &str) -> PathBuf {
        let mut text = String::from(
            "let job = name: script: needs: derivation { inherit name needs;\n\
             system = builtins.currentSystem; builder = \"/bin/sh\"; args = [ \"-c\" script ];\n",
        );
        writeln!(text, "tag = {tag:?}; }};").unwrap();
        for (index, job) in graph.jobs().iter().enumerate() {
            let needs: Vec<String> = job.needs.iter().map(|id| format!("j{}", id.0)).collect();
            let name = job.name.trim_end_matches(".drv");
            let script = self.script(job);
            let needs = needs.join(" ");
            writeln!(text, "j{index} = job {name:?} ''{script}'' [ {needs} ];").unwrap();
        }
        writeln!(text, "in j{}", graph.jobs().len() - 1).unwrap();
        let file = self.home.path().join(format!("{tag}.nix"));
        std::fs::write(&file, text).unwrap();
        let output = self.run("nix-instantiate", &[file.to_str().unwrap()]);
        PathBuf::from(String::from_utf8(output.stdout).unwrap().trim())
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn script(&self, job: &Job) -> String {
        let turns = |secs: f64| (secs * self.turns_per_sec).round() as u64;
        let mut script = format!("PATH=/usr/bin:/bin; {LOOP}; ");
        if job.waiting_secs > 0.0 {
            write!(script, "sleep {:.3}; ", job.waiting_secs).unwrap();
        }
        if job.serial_secs > 0.0 {
            write!(script, "work {}; ", turns(job.serial_secs)).unwrap();
        }
        if job.parallel_secs > 0.0 {
            write!(
                script,
                "n=$NIX_BUILD_CORES; [ $n -le {width} ] || n={width}; k=0; \
                 while [ $k -lt $n ]; do work $(({turns} / n)) & k=$((k+1)); done; wait; ",
                width = job.width,
                turns = turns(job.parallel_secs)
            )
            .unwrap();
        }
        script.push_str("echo > $out");
        script
    }

    /// Makes builders, and gives them as the setting `builders`.
    pub fn make_builders(&self, builders: &[RealBuilder]) -> String {
        let home = self.home.path();
        std::fs::create_dir_all(home.join("bin")).unwrap();
        let ssh = home.join("bin/ssh");
        std::fs::write(&ssh, SSH.replace("@HOME@", home.to_str().unwrap())).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&ssh, mode).unwrap();
        let lines = builders.iter().map(|it| {
            std::fs::create_dir_all(home.join(it.host).join("store")).unwrap();
            let (host, jobs, factor) = (it.host, it.max_jobs, it.speed_factor);
            format!("ssh://{host} - - {jobs} {factor}")
        });
        lines.collect::<Vec<_>>().join("; ")
    }

    /// Builds what was instantiated.
    pub fn build(&self, derivation: &Path, max_jobs: u32, cores: u32) -> Built {
        self.build_with(derivation, max_jobs, cores, "")
    }

    /// The same with these builders.
    pub fn build_with(
        &self,
        derivation: &Path,
        max_jobs: u32,
        cores: u32,
        builders: &str,
    ) -> Built {
        let start = Instant::now();
        let output = self.run(
            "nix-store",
            &[
                "--realise",
                derivation.to_str().unwrap(),
                "--max-jobs",
                &max_jobs.to_string(),
                "--cores",
                &cores.to_string(),
                "--builders",
                builders,
            ],
        );
        let secs = start.elapsed().as_secs_f64();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let begun = said
            .lines()
            .filter_map(|line| line.strip_prefix("building '"));
        let (paths, hosts): (Vec<String>, Vec<Option<String>>) = begun
            .filter_map(|line| {
                let (path, rest) = line.split_once('\'')?;
                let host = rest.strip_prefix(" on 'ssh://");
                let host = host.and_then(|host| Some(host.split('\'').next()?.to_owned()));
                Some((path.to_owned(), host))
            })
            .unzip();
        let name = |path: &String| {
            let (_, base) = path.rsplit_once('/')?;
            Some(base.split_once('-')?.1.to_owned())
        };
        Built {
            secs,
            started: paths.iter().filter_map(name).collect(),
            paths,
            hosts,
        }
    }

    /// What starting and ending a build takes, and what each derivation takes beside its work:
    /// from chains of one and of nine that do nothing but sleep. Of several, the medians.
    pub fn measure_overhead(&self, tag: &str) -> (Duration, Duration) {
        let mut once = Vec::new();
        let mut each = Vec::new();
        for round in 0..5 {
            let [short, long] = [1u32, 9].map(|count| {
                let jobs = (0..count).map(|index| {
                    let needs = index.checked_sub(1).map(JobId).into_iter().collect();
                    let mut job = Job::build(format!("chain-{index}.drv"), needs, 0.0);
                    job.waiting_secs = 0.05;
                    job
                });
                let graph = Graph::new(jobs.collect()).unwrap();
                let path = self.instantiate(&graph, &format!("{tag}-{count}-{round}"));
                self.build(&path, 1, 1).secs - 0.05 * f64::from(count)
            });
            let overhead = ((long - short) / 8.0).max(0.0);
            each.push(overhead);
            once.push((short - overhead).max(0.0));
        }
        let median = |mut all: Vec<f64>| {
            all.sort_by(f64::total_cmp);
            Duration::from_secs_f64(all[all.len() / 2])
        };
        (median(once), median(each))
    }

    /// A folder of its own.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What makes a program use this Nix and its store.
    pub fn environment(&self) -> Vec<(&'static str, OsString)> {
        let parts = [
            ("NIX_STORE_DIR", "store"),
            ("NIX_STATE_DIR", "state"),
            ("NIX_LOG_DIR", "log"),
            ("NIX_CONF_DIR", "conf"),
            ("HOME", "home"),
        ];
        let mut environment: Vec<_> = parts
            .map(|(name, part)| (name, self.home.path().join(part).into()))
            .into();
        let mut path = self.home.path().join("bin").into_os_string();
        path.push(":");
        path.push(self.bin.as_os_str());
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        environment.push(("PATH", path));
        environment
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let output = Command::new(self.bin.join(program))
            .args(arguments)
            .env_clear()
            .envs(self.environment())
            .output()
            .unwrap_or_else(|error| panic!("{}/{program}: {error}", self.bin.display()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {said}");
        output
    }
}

/// Numbers that are the same each time (SplitMix64, Steele et al. 2014).
pub struct Random(pub u64);

impl Random {
    /// A number from 0 up to, and not with, `below`.
    pub fn below(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        u32::try_from(z >> 32).unwrap() % below.max(1)
    }
}

/// A random graph of `count` jobs and one that needs all of them; `work` says what each does.
/// Names are in no order.
pub fn random_graph(
    count: u32,
    random: &mut Random,
    work: &mut dyn FnMut(&mut Random, &mut Job),
) -> Graph {
    let mut jobs = Vec::new();
    let mut wanted: Vec<bool> = Vec::new();
    for index in 0..count {
        let most = random.below(4).min(index);
        let needs: Vec<JobId> = (0..most).map(|_| JobId(random.below(index))).collect();
        for need in &needs {
            wanted[need.0 as usize] = true;
        }
        wanted.push(false);
        let letters: String = (0..3)
            .map(|_| char::from(b'a' + u8::try_from(random.below(26)).unwrap()))
            .collect();
        let mut job = Job::build(format!("{letters}-{index}.drv"), needs, 0.0);
        work(random, &mut job);
        jobs.push(job);
    }
    let rest = (0u32..).zip(&wanted).filter(|(_, wanted)| !**wanted);
    let needs = rest.map(|(index, _)| JobId(index)).collect();
    jobs.push(Job::build("top.drv", needs, 0.0));
    Graph::new(jobs).unwrap()
}
