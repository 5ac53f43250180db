//! Other programs: run without a shell, without input, and never for long.

use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::obstacle::obstacle;
use crate::system::{Program, Ran, SystemError};

/// Runs a program and ends it when it takes longer than it may.
pub(super) fn run(program: &Program<'_>) -> Result<Ran, SystemError> {
    let limit = program.time_limit;
    let failed = |error: io::Error| match error.kind() {
        ErrorKind::NotFound => SystemError::NoProgram {
            program: program.name.to_owned(),
        },
        _ => obstacle(Path::new(program.name), &error),
    };
    let started = Instant::now();
    let mut child = Command::new(program.name)
        .args(program.arguments)
        .env("LC_ALL", "C")
        .envs(program.environment.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let most_bytes = program.output_limit_bytes;
    let stdout = child.stdout.take().map(|pipe| drain(pipe, most_bytes));
    let stderr = child.stderr.take().map(|pipe| drain(pipe, most_bytes));
    // The pipes close when the program ends, so waiting for them is waiting for it.
    let receive = |pipe: Option<mpsc::Receiver<Vec<u8>>>| match pipe {
        Some(pipe) => pipe
            .recv_timeout(limit.saturating_sub(started.elapsed()))
            .ok(),
        None => Some(Vec::new()),
    };
    let outputs = (receive(stdout), receive(stderr));
    while started.elapsed() < limit {
        if let Some(status) = child.try_wait().map_err(failed)? {
            let (Some(stdout), Some(stderr)) = outputs else {
                break;
            };
            return Ok(Ran {
                code: status.code(),
                stdout,
                stderr,
            });
        }
        thread::sleep(Duration::from_millis(1));
    }
    // It may have ended by itself just now; then there is nothing to end.
    let _ = child.kill();
    let _ = child.wait();
    Err(SystemError::TooSlow {
        program: program.name.to_owned(),
        seconds: limit.as_secs(),
    })
}

/// Reads a pipe in its own thread, so that a full one never stops the program.
fn drain(pipe: impl Read + Send + 'static, most_bytes: u64) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut output = Vec::new();
        // What was read before an error is still worth having.
        let _ = pipe.take(most_bytes).read_to_end(&mut output);
        // Nobody listens any more after a timeout.
        let _ = sender.send(output);
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let program = Program {
            time_limit: Duration::from_millis(20),
            ..Program::new("sh", &["-c", "exec sleep 60"])
        };
        let error = run(&program).unwrap_err();
        assert!(matches!(error, SystemError::TooSlow { .. }), "{error}");
    }
}
