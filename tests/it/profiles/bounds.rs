//! What a log may cost: memory goes by what was built, not by how much was written, and time by its
//! length.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Instant;

use nixtune::analyze::log::{Moment, read_event};
use nixtune::analyze::profile::{EndQuality, Graph, Recorder};

/// Builds whose stops come at the end of the run, as those of Nix 2.29 to 2.33 do.
fn late(builds: usize) -> String {
    let mut log = String::from(
        "@nix {\"action\":\"start\",\"id\":1,\"level\":0,\"text\":\"\",\"type\":104}\n",
    );
    for number in 0..builds {
        writeln!(
            log,
            "@nix {{\"action\":\"start\",\"id\":{},\"level\":3,\"text\":\"\",\"type\":105,\"fields\":[\"/nix/store/{number}.drv\",\"\",1,1]}}",
            number + 10
        )
        .unwrap();
    }
    for done in 1..=builds {
        writeln!(
            log,
            "@nix {{\"action\":\"result\",\"id\":1,\"type\":105,\"fields\":[{done},{builds},1,0]}}"
        )
        .unwrap();
    }
    for number in (0..builds).rev() {
        writeln!(log, "@nix {{\"action\":\"stop\",\"id\":{}}}", number + 10).unwrap();
    }
    log
}

#[test]
fn ends_of_very_many_builds_are_inferred_soon() {
    const BUILDS: usize = 50_000;
    let log = late(BUILDS);
    let begin = Instant::now();
    let mut recorder = Recorder::default();
    for (number, line) in (0_u32..).zip(log.lines()) {
        let moment = Moment {
            at: f64::from(number) / 4.0,
            line: number.into(),
        };
        recorder.take(moment, &read_event(line.as_bytes()));
    }
    let profile = recorder.finish(&Graph::default(), true, None);
    let inferred = profile
        .builds
        .iter()
        .filter(|build| build.end_quality == EndQuality::Inferred);
    assert!(inferred.count() > BUILDS - 100);
    // Every pair of builds and ends would take minutes.
    assert!(begin.elapsed().as_secs() < 40, "{:?}", begin.elapsed());
}

/// A log of `lines` lines of progress and output around the same 400 builds.
#[cfg(target_os = "linux")]
fn write_log(file: &Path, lines: usize) {
    let mut out = BufWriter::new(fs::File::create(file).unwrap());
    writeln!(
        out,
        "0.000001 @nix {{\"action\":\"start\",\"id\":1,\"level\":0,\"text\":\"\",\"type\":104}}"
    )
    .unwrap();
    for number in 0..400 {
        writeln!(
            out,
            "0.100000 @nix {{\"action\":\"start\",\"id\":{},\"level\":3,\"text\":\"\",\"type\":105,\"fields\":[\"/nix/store/{number}.drv\",\"\",1,1]}}",
            number + 10
        )
        .unwrap();
    }
    for line in 0..lines {
        let id = line % 400 + 10;
        let secs = line as f64 / 1e4;
        match line % 4 {
            0 => writeln!(out, "{secs:.6} @nix {{\"action\":\"result\",\"id\":{id},\"type\":101,\"fields\":[\"cc -c a-file-with-a-long-name-{line}.c\"]}}"),
            1 => writeln!(out, "{secs:.6} @nix {{\"action\":\"msg\",\"level\":4,\"msg\":\"evaluating file '/nix/store/{line}.nix'\"}}"),
            2 => writeln!(out, "{secs:.6} @nix {{\"action\":\"result\",\"id\":{id},\"type\":104,\"fields\":[\"phase-{line}\"]}}"),
            _ => writeln!(out, "{secs:.6} @nix {{\"action\":\"result\",\"id\":{id},\"type\":105,\"fields\":[{line},{lines},0,0]}}"),
        }
        .unwrap();
    }
    out.flush().unwrap();
}

/// The most memory that a report of a log takes. The report is longer than a pipe: when its first byte
/// is there, the log has been read and nixtune waits.
#[cfg(target_os = "linux")]
fn peak_bytes(folder: &Path, log: &str) -> u64 {
    use std::io::Read as _;
    use std::process::Stdio;
    let mut child = crate::cli::nixtune(folder)
        .args(["analyze", "profile", "--format", "json", "--log", log])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut [0]).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .unwrap();
    let peak: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
    let mut rest = Vec::new();
    stdout.read_to_end(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(rest.len() > 1 << 17);
    peak * 1024
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_log() {
    let folder = tempfile::tempdir().unwrap();
    // Beyond the most phases that are kept of a build.
    for (name, lines) in [("short.log", 1_700_000 / 4), ("long.log", 1_700_000)] {
        write_log(&folder.path().join(name), lines);
    }
    let short = peak_bytes(folder.path(), "short.log");
    let long = peak_bytes(folder.path(), "long.log");
    let length = fs::metadata(folder.path().join("long.log")).unwrap().len();
    assert!(length > 100 << 20, "{length}");
    assert!(long < short + short / 2 + (24 << 20), "{short} {long}");
}
