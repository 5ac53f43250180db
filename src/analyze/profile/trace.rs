//! A profile as trace events, which Perfetto and Chrome show on a timeline.

use serde_json::{Value as Json, json};

use super::{Lanes, Profile};

/// One JSON document in the trace event format: `traceEvents` with complete events (`X`), times in
/// microseconds. What ran at the same time lies on different lines.
pub fn trace_json(profile: &Profile) -> String {
    let mut events = vec![
        name("process_name", 1, None, "builds"),
        name("process_name", 2, None, "substitutions"),
    ];
    let mut lanes = Lanes::default();
    for build in &profile.builds {
        let (Some(start), Some(duration)) = (build.start_secs, build.duration_secs()) else {
            continue;
        };
        let lane = lanes.take(start, start + duration) + 1;
        events.push(complete(
            &build.name,
            (1, lane),
            start,
            duration,
            &json!({
                "derivation": build.derivation,
                "machine": build.machine,
                "end": build.end_quality,
                "waited_secs": build.waited_secs,
            }),
        ));
        for phase in &build.phases {
            if let (Some(at), Some(secs)) = (phase.start_secs, phase.duration_secs) {
                events.push(complete(&phase.name, (1, lane), at, secs, &json!({})));
            }
        }
    }
    let mut lanes = Lanes::default();
    for taken in &profile.substitutions {
        let (Some(start), Some(end)) = (taken.start_secs, taken.end_secs) else {
            continue;
        };
        let lane = lanes.take(start, end) + 1;
        let path = super::recorder::store_name(&taken.path);
        events.push(complete(
            path,
            (2, lane),
            start,
            end - start,
            &json!({
                "path": taken.path,
                "cache": taken.cache,
                "download_bytes": taken.download_bytes,
            }),
        ));
    }
    let mut out = json!({ "displayTimeUnit": "ms", "traceEvents": events }).to_string();
    out.push('\n');
    out
}

fn complete(name: &str, place: (u64, usize), start: f64, secs: f64, details: &Json) -> Json {
    const MICROS: f64 = 1e6;
    json!({
        "name": name, "ph": "X", "pid": place.0, "tid": place.1,
        "ts": (start * MICROS).round(), "dur": (secs * MICROS).round(), "args": details,
    })
}

fn name(kind: &str, process: u64, thread: Option<u64>, name: &str) -> Json {
    json!({ "name": kind, "ph": "M", "pid": process, "tid": thread.unwrap_or(0), "args": { "name": name } })
}
