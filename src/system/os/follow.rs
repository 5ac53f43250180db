//! Programs that the user named: run as a shell would run them, and listened to.

use std::fs;
use std::io::{ErrorKind, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;

use super::obstacle::obstacle;
use super::signals;
use crate::system::{Followed, SystemError};

/// How often memory and signals are looked at.
const TURN: Duration = Duration::from_millis(50);
/// The same at first: many programs end soon.
const FIRST_TURN: Duration = Duration::from_millis(5);
const FIRST: Duration = Duration::from_secs(1);

/// Runs a program and hands over what it writes to standard error.
pub(super) fn follow(
    program: &str,
    arguments: &[&str],
    heard: &mut dyn FnMut(Duration, &[u8]),
) -> Result<Followed, SystemError> {
    // A person who presses Ctrl-C means the program: it gets the signal, cleans up, and ends. Here it
    // would lose what was measured.
    let held = signals::hold();
    let started = Instant::now();
    let spawned = Command::new(program)
        .args(arguments)
        .stderr(Stdio::piped())
        .spawn();
    let mut child = spawned.map_err(|error| match error.kind() {
        ErrorKind::NotFound => SystemError::NoProgram {
            program: program.to_owned(),
        },
        _ => obstacle(Path::new(program), &error),
    })?;
    let (sender, pieces) = mpsc::channel();
    if let Some(mut pipe) = child.stderr.take() {
        thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            loop {
                match pipe.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => {
                        let piece = buffer.get(..read).unwrap_or_default().to_vec();
                        if sender.send((started.elapsed(), piece)).is_err() {
                            break;
                        }
                    }
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => break,
                }
            }
        });
    } else {
        drop(sender);
    }
    let mut memory = Memory::default();
    let mut interrupted = false;
    let mut ended = None;
    loop {
        let is_first = started.elapsed() < FIRST;
        let piece = pieces.recv_timeout(if is_first { FIRST_TURN } else { TURN });
        if ended.is_none() {
            memory.look(child.id());
        }
        let came = held.take();
        if came != 0 {
            interrupted = true;
            hand_on(&child, came);
        }
        match piece {
            Ok((at, bytes)) => heard(at, &bytes),
            // What it started in the background may keep the pipe open for ever.
            Err(RecvTimeoutError::Timeout) if ended.is_some() => break,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if ended.is_none() {
            let status = child.try_wait();
            let status = status.map_err(|error| obstacle(Path::new(program), &error))?;
            ended = status.map(|status| (status, started.elapsed()));
        }
    }
    let (status, elapsed) = match ended {
        Some(ended) => ended,
        None => {
            let status = child.wait();
            let status = status.map_err(|error| obstacle(Path::new(program), &error))?;
            (status, started.elapsed())
        }
    };
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    Ok(Followed {
        code: code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1),
        elapsed,
        peak_memory_bytes: memory.own,
        peak_tree_bytes: memory.tree,
        interrupted: interrupted || held.take() != 0,
    })
}

/// Hands a signal on to the program, unless it has got it already. A second one does no harm.
fn hand_on(child: &Child, number: usize) {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let signal = i32::try_from(number).ok().and_then(Signal::from_named_raw);
    if let (Some(process), Some(signal)) = (process, signal)
        && (signal == Signal::TERM || !is_in_front())
    {
        // It may have ended by itself just now.
        let _ = kill_process(process, signal);
    }
}

/// Whether this process belongs to those that the terminal sends SIGINT and SIGHUP to: then the program
/// does, too.
fn is_in_front() -> bool {
    let terminal = fs::File::open("/dev/tty");
    terminal.is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
}

/// The most memory that was seen.
#[derive(Default)]
struct Memory {
    own: Option<u64>,
    tree: Option<u64>,
    looked: Option<Instant>,
}

impl Memory {
    /// How often processes are looked at: each look reads a few small files for each of them.
    const PAUSE: Duration = Duration::from_millis(200);
    /// A tree that is larger is counted so far.
    const MOST_PROCESSES: usize = 4096;

    fn look(&mut self, process: u32) {
        self.own = self.own.max(status(process, "VmHWM:"));
        if self
            .looked
            .is_some_and(|looked| looked.elapsed() < Self::PAUSE)
        {
            return;
        }
        self.looked = Some(Instant::now());
        self.tree = self.tree.max(tree(process, Self::MOST_PROCESSES));
    }
}

/// The resident sets of a process and all that come from it, as Linux tells them.
fn tree(root: u32, most: usize) -> Option<u64> {
    let mut open = vec![root];
    let mut seen = 0;
    let mut total: Option<u64> = None;
    while let Some(process) = open.pop() {
        seen += 1;
        if seen > most {
            break;
        }
        // Processes end while they are looked at.
        if let Some(bytes) = status(process, "VmRSS:") {
            total = Some(total.unwrap_or(0).saturating_add(bytes));
        }
        for thread in fs::read_dir(format!("/proc/{process}/task"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            open.extend(
                children
                    .split_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
    }
    total
}

/// A size in a process's status, in bytes.
fn status(process: u32, key: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(script: &str) -> (String, u8) {
        let mut out = Vec::new();
        let end = follow("sh", &["-c", script], &mut |_, bytes| {
            out.extend_from_slice(bytes)
        });
        (String::from_utf8(out).unwrap(), end.unwrap().code)
    }

    #[test]
    fn what_it_writes_and_its_exit_code_are_handed_over() {
        assert_eq!(heard("echo one >&2; exit 7"), ("one\n".to_owned(), 7));
        assert_eq!(heard("kill -TERM $$"), (String::new(), 143));
    }

    #[test]
    fn what_it_leaves_in_the_background_is_not_waited_for() {
        assert_eq!(heard("sleep 60 & echo one >&2").0, "one\n");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = follow("no-such-program", &[], &mut |_, _| ()).unwrap_err();
        assert_eq!(error.to_string(), "no-such-program: not found");
    }
}
