//! A run of Nix, heard as it happens or read from a log.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};
use std::path::Path;

use super::AnalyzeError;
use super::effective::settings_of_run;
use crate::analyze::log::{self, Clock, Event, Moment, Splitter, read_event};
use crate::analyze::profile::{Graph, Profile, Recorder};
use crate::syntax::Derivation;
use crate::system::System;

/// Far more than any derivation has.
const DERIVATION_LIMIT: u64 = 8 << 20;

/// A run that was heard.
#[derive(Debug)]
pub struct Run {
    /// Where its time went.
    pub profile: Profile,
    /// The exit code of the command.
    pub code: u8,
}

/// A line of a run, when it comes.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'l> {
    /// Seconds since the command was started.
    pub at_secs: f64,
    /// The line without its line break.
    pub line: &'l [u8],
    /// What it says.
    pub event: &'l Event,
}

/// Runs a command that reports events, hands over its lines as they come, and makes a profile.
///
/// # Errors
/// The command could not be started.
pub fn follow(
    system: &dyn System,
    command: &[String],
    heard: &mut dyn FnMut(&Heard<'_>),
) -> Result<Run, AnalyzeError> {
    let mut recorder = Recorder::default();
    let mut splitter = Splitter::default();
    let mut lines = 0;
    let mut take = |at_secs: f64, line: &[u8]| {
        let event = read_event(line);
        let moment = Moment {
            at: at_secs,
            line: lines,
        };
        lines += 1;
        recorder.take(moment, &event);
        heard(&Heard {
            at_secs,
            line,
            event: &event,
        });
    };
    let (program, arguments) =
        command
            .split_first()
            .ok_or_else(|| AnalyzeError::UnknownCommand {
                command: String::new(),
            })?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let end = system.follow(program, &arguments, &mut |at, bytes| {
        splitter.push(bytes, &mut |line| take(at.as_secs_f64(), line));
    })?;
    let elapsed = end.elapsed.as_secs_f64();
    splitter.finish(&mut |line| take(elapsed, line));
    recorder.count_cut(splitter.cut_lines());
    let graph = graph(system, &recorder);
    let mut profile = recorder.finish(&graph, true, Some(elapsed));
    profile.peak_memory_bytes = end.peak_memory_bytes;
    profile.peak_tree_bytes = end.peak_tree_bytes;
    profile.is_interrupted = end.interrupted;
    profile.settings = settings_of_run(system, command);
    Ok(Run {
        profile,
        code: end.code,
    })
}

/// Makes a profile of a saved log, packed with gzip or not.
///
/// # Errors
/// It cannot be read, or there is no event in it.
pub fn profile_log(system: &dyn System, path: &Path) -> Result<Profile, AnalyzeError> {
    let mut recorder = Recorder::default();
    let mut clock = Clock::default();
    let mut lines = 0_u64;
    let mut has_events = false;
    let cut = each_line(system, path, &mut |line| {
        let (moment, line) = clock.read(line);
        let event = read_event(line);
        lines += 1;
        has_events |= !matches!(event, Event::Plain | Event::Broken);
        recorder.take(moment, &event);
    })?;
    if !has_events {
        return Err(AnalyzeError::NoEvents {
            path: path.to_path_buf(),
            lines,
        });
    }
    recorder.count_cut(cut);
    let graph = graph(system, &recorder);
    Ok(recorder.finish(&graph, clock.is_stamped(), None))
}

/// Hands over every line of a log, and says how many lost their ends.
pub(super) fn each_line(
    system: &dyn System,
    path: &Path,
    take: &mut dyn FnMut(&[u8]),
) -> Result<u64, AnalyzeError> {
    let unreadable = |error: std::io::Error| AnalyzeError::Unreadable {
        path: path.to_path_buf(),
        message: error.to_string(),
    };
    let mut log = log::unpacked(system.open(path)?).map_err(unreadable)?;
    let mut splitter = Splitter::default();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match log.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => splitter.push(buffer.get(..read).unwrap_or_default(), take),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // A packed log that was cut: what came before is worth having.
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(unreadable(error)),
        }
    }
    splitter.finish(take);
    Ok(splitter.cut_lines())
}

/// The derivations that were built and what they are built from, as far as they lie here.
fn graph(system: &dyn System, recorder: &Recorder) -> Graph {
    let mut graph = Graph::default();
    let mut inputs = BTreeSet::new();
    let mut buffer = Vec::new();
    let mut read = |graph: &mut Graph, path: &str| {
        // A log may name any file.
        if graph.knows(path) || !path.ends_with(".drv") {
            return;
        }
        match system.read(Path::new(path), DERIVATION_LIMIT) {
            Ok(content) => buffer = content,
            Err(_) => return,
        }
        if let Ok(derivation) = Derivation::parse(&buffer) {
            graph.add(path.to_owned(), &derivation);
        }
    };
    for path in recorder.derivations() {
        read(&mut graph, path);
        inputs.extend(graph.inputs(path).iter().cloned());
    }
    for path in inputs {
        read(&mut graph, &path);
    }
    graph
}
