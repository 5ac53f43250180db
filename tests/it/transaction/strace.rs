//! Runs of the binary in which the system does something at one chosen call.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use rustix::process::{Pid, Signal};

use crate::cli::run;

/// Calls that change files, make changes last, or keep others out; under every name that a C
/// library may choose.
const CALLS: &str = "?open,openat,write,fsync,?rename,?renameat,renameat2,?link,linkat,?unlink,unlinkat,\
                     ?mkdir,mkdirat,?chmod,fchmod,fchmodat,?chown,fchown,fchownat,flock,ftruncate";

/// One call of a run: the n-th of its name.
#[derive(Clone, Debug)]
pub struct Call {
    pub name: String,
    pub nth: usize,
    /// As strace shows it.
    pub line: String,
}

/// What a traced run left.
pub struct Traced {
    pub output: Output,
    pub log: String,
}

/// A command under strace. Only its main thread is traced: it is the one that writes.
fn strace(command: &Command, arguments: &[&str]) -> Command {
    let mut strace = Command::new("strace");
    strace
        .args(arguments)
        .arg("-e")
        .arg(format!("trace={CALLS}"))
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear()
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", std::env::var_os("PATH").unwrap())
        .current_dir(command.get_current_dir().unwrap());
    strace
}

/// Runs a command while strace keeps a log, with what it is to inject.
pub fn run_injected(command: &Command, log: &Path, injections: &[&str]) -> Traced {
    let injections = injections
        .iter()
        .map(|injection| format!("inject={injection}"));
    let injections: Vec<_> = injections.collect();
    let mut arguments = vec!["-o", log.to_str().unwrap()];
    for injection in &injections {
        arguments.extend(["-e", injection]);
    }
    let output = run(strace(command, &arguments), b"");
    let log = fs::read_to_string(log)
        .unwrap_or_else(|error| panic!("strace did not run ({error}); tests/set-up installs it"));
    Traced { output, log }
}

/// Runs a command in which `effect` (`signal=SIGKILL`, `error=EIO`) happens at `call`.
pub fn run_with(command: &Command, log: &Path, call: &Call, effect: &str) -> Traced {
    run_injected(command, log, &[&at(call, effect)])
}

/// The injection of `effect` at a call.
pub fn at(call: &Call, effect: &str) -> String {
    format!("{}:{effect}:when={}", call.name, call.nth)
}

/// A command on its way under strace.
pub struct Running {
    strace: Child,
    /// What the process and strace say on standard error.
    said: ChildStderr,
    heard: Vec<u8>,
}

/// Starts a command, with what is to be injected.
pub fn start(command: &Command, injections: &[&str]) -> Running {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "echo process=$$. >&2; exec \"$@\"", "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(
            command
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(command.get_current_dir().unwrap());
    let injections: Vec<_> = injections
        .iter()
        .flat_map(|injection| ["-e".to_owned(), format!("inject={injection}")])
        .collect();
    let arguments: Vec<_> = injections.iter().map(String::as_str).collect();
    // With the paths of opened files.
    let mut child = strace(&shell, &[&["-y"][..], &arguments].concat())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    Running {
        said: child.stderr.take().unwrap(),
        strace: child,
        heard: Vec::new(),
    }
}

/// Starts a command and waits until it has stopped at `call`, which must not be one that a shell
/// makes: it starts the command.
pub fn stop_at(command: &Command, call: &Call) -> Running {
    let mut running = start(command, &[&at(call, "signal=SIGSTOP")]);
    running.wait_for("stopped by SIGSTOP");
    running
}

impl Running {
    /// Waits until the process, or strace about it, has said this.
    pub fn wait_for(&mut self, words: &str) {
        while !self.heard.ends_with(words.as_bytes()) {
            let mut byte = [0];
            self.said.read_exact(&mut byte).unwrap_or_else(|error| {
                let heard = String::from_utf8_lossy(&self.heard);
                panic!("{error} before `{words}`: {heard}")
            });
            self.heard.extend(byte);
        }
    }

    /// Lets a stopped process go on. strace tells of the stop before it is one for good, so that
    /// the first signal may be lost.
    pub fn go_on(&self) {
        let heard = String::from_utf8_lossy(&self.heard);
        let (_, rest) = heard.split_once("process=").unwrap();
        let id = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
        let process = Pid::from_raw(id.parse().unwrap()).unwrap();
        let is_stopped = || {
            let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
            let state = stat.rsplit(')').next().unwrap_or_default();
            state.trim_start().starts_with(['t', 'T'])
        };
        loop {
            // It may have ended in the meantime.
            let told = rustix::process::kill_process(process, Signal::CONT);
            std::thread::yield_now();
            if told.is_err() || !is_stopped() {
                return;
            }
        }
    }

    /// Waits for the end; gives the exit code and all that was said.
    pub fn end(mut self) -> (Option<i32>, String) {
        self.said.read_to_end(&mut self.heard).unwrap();
        let code = self.strace.wait().unwrap().code();
        (code, String::from_utf8_lossy(&self.heard).into_owned())
    }
}

/// The calls of a command from the first lock on, up to a call that contains `end`.
pub fn calls(command: &Command, log: &Path, end: &str) -> Vec<Call> {
    let log = run_injected(command, log, &[]).log;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut calls: Vec<Call> = Vec::new();
    for line in log.lines() {
        let Some((name, _)) = line.split_once('(') else {
            continue;
        };
        let nth = counts.entry(name.to_owned()).or_default();
        *nth += 1;
        if calls.is_empty() && name != "flock" {
            continue;
        }
        if line.contains(end) {
            return calls;
        }
        calls.push(Call {
            name: name.to_owned(),
            nth: *nth,
            line: line.to_owned(),
        });
    }
    panic!("no call contains {end}:\n{log}");
}

/// Calls `check` with every item, on as many threads as there are processors.
pub fn for_each<T: Sync>(items: &[T], check: impl Fn(&T) + Sync) {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(item) =
                    items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    check(item);
                }
            });
        }
    });
}
