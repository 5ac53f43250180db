//! `nixtune simulate`: the curve over settings, what decides, and what to make of it.

use serde::Serialize;

use super::{Style, escape, json, wrap};
use crate::engine::{PresentSource, Simulation};
use crate::simulate::{
    Alone, Because, Builder, COMPILER, Comparison, Durations, JobKind, LEAST_GAIN, Prediction,
    SHARED, Slots, VALIDATED_ERROR, Verdict,
};

/// The version of the JSON document's shape.
const VERSION: u32 = 1;
/// Rows of the table when nobody asked for certain settings.
const MOST_ROWS: usize = 16;
/// A gain that shows as 0 %.
const UNSEEN: f64 = 0.005;
/// Jobs of the decisive chain that are shown.
const MOST_JOBS: usize = 10;

/// For people. `all` shows every setting, and else the best `cores` for each `max-jobs`.
pub fn simulation(simulation: &Simulation, all: bool, style: Style) -> String {
    let style = Style {
        width: style.width.min(80),
        ..style
    };
    let mut out = head(simulation, style);
    if !simulation.fleet.builders.is_empty() {
        out.push_str(&filled(&fleet(simulation), style));
    }
    out.push('\n');
    out.push_str(&table(simulation, all, style));
    out.push('\n');
    for paragraph in account(simulation)
        .into_iter()
        .chain(builders_worth(simulation))
    {
        out.push_str(&filled(&paragraph, style));
    }
    out.push_str(&chain(simulation, style));
    out.push('\n');
    for paragraph in verdict(simulation) {
        out.push_str(&filled(&paragraph, style));
    }
    if let Some(file) = &simulation.recorded {
        out.push_str(&format!(
            "Recorded in {}\n",
            escape::line(&file.to_string_lossy())
        ));
        let host = escape::line(&simulation.host);
        let who = format!("`nixtune init` and `nixtune lint --live` go by it on {host}.");
        out.push_str(&filled(&who, style));
    }
    out
}

fn filled(text: &str, style: Style) -> String {
    format!("{}\n", textwrap::fill(text, wrap::options(style.width)))
}

/// Seconds in words: `3.4 s`, `5 min 09 s`, `2 h 05 min`.
fn time(secs: f64) -> String {
    if secs < 99.95 {
        return format!("{secs:.1} s");
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds of a build, rounded"
    )]
    let secs = secs.round() as u64;
    if secs < 2 * 3600 {
        format!("{} min {:02} s", secs / 60, secs % 60)
    } else {
        format!("{} h {:02} min", secs / 3600, secs / 60 % 60)
    }
}

fn percent(fraction: f64) -> String {
    format!("{:.0} %", fraction * 100.0)
}

fn count(number: usize, one: &str) -> String {
    let many = if number == 1 { "" } else { "s" };
    format!("{number} {one}{many}")
}

fn head(simulation: &Simulation, style: Style) -> String {
    let jobs = simulation.graph.jobs();
    let downloads = jobs
        .iter()
        .filter(|job| job.kind == JobKind::Download)
        .count();
    let mut out = format!(
        "{} and {}, {} of one thread.",
        count(jobs.len() - downloads, "build"),
        count(downloads, "download"),
        time(simulation.graph.work_secs())
    );
    let threads = simulation.machine.threads();
    out.push_str(&format!(
        " On {} with {}",
        escape::line(&simulation.host),
        count(threads as usize, "thread")
    ));
    if let Some(memory) = simulation.machine.memory {
        out.push_str(&format!(" and {memory} for builds"));
    }
    let nix = simulation
        .nix
        .as_deref()
        .unwrap_or("a Nix that is not known");
    out.push_str(&format!(
        ", by {nix}; jobs are taken {}.",
        simulation.order.in_words()
    ));
    let mut out = filled(&out, style);
    let durations = match simulation.durations {
        Durations::Measured => "Durations were measured.".to_owned(),
        Durations::Profiled => format!(
            "Durations were measured in a run; that threads share {} of what is parallel is assumed, \
             and that each thread that compiles takes {COMPILER}.",
            percent(SHARED)
        ),
        Durations::Assumed if simulation.assumed.is_empty() => {
            "Durations are assumptions of whoever wrote the graph.".to_owned()
        }
        Durations::Assumed => {
            let classes = simulation.assumed.iter();
            let classes = classes.filter(|(_, _, count)| *count > 0);
            let classes: Vec<String> = classes
                .map(|(class, secs, count)| format!("{count} {} at {secs} s", class.name()))
                .collect();
            format!(
                "Durations are assumed by kind: {}; several threads share {} of what is parallel. \
                 Each thread that compiles is assumed to take {COMPILER}.",
                classes.join(", "),
                percent(SHARED)
            )
        }
    };
    out.push_str(&filled(&durations, style));
    out
}

/// The builders in words, and what is assumed of them.
fn fleet(simulation: &Simulation) -> String {
    let fleet = &simulation.fleet;
    let builders = fleet.builders.iter().map(|builder| {
        let name = escape::line(&builder.name);
        let jobs = count(builder.max_jobs as usize, "build");
        format!(
            "{name} ({jobs} at once, speed factor {})",
            builder.speed_factor
        )
    });
    let mut out = format!(
        "Nix may hand builds to {}.",
        builders.collect::<Vec<_>>().join(", ")
    );
    if !simulation.like_this.is_empty() {
        let names: Vec<_> = simulation
            .like_this
            .iter()
            .map(|it| escape::line(it))
            .collect();
        out.push_str(&format!(
            " The hardware of {} is not known and taken to be like this machine's.",
            names.join(", ")
        ));
    }
    let is_free = |builder: &&Builder| builder.link.bandwidth_bytes_per_sec.is_none();
    let names = fleet.builders.iter().filter(is_free);
    let names: Vec<_> = names.map(|it| escape::line(&it.name)).collect();
    if !names.is_empty() {
        out.push_str(&format!(
            " How fast the way to {} is, is not said: copying takes no time.",
            names.join(", ")
        ));
    }
    out
}

/// What part of the builds builders take, by their numbers.
fn remote_share(simulation: &Simulation, row: &Prediction) -> f64 {
    let jobs = simulation.graph.jobs().iter();
    let builds = jobs.filter(|job| job.kind == JobKind::Build).count();
    let remote: usize = row.remote_jobs.iter().sum();
    #[expect(clippy::cast_precision_loss, reason = "numbers of jobs")]
    let share = remote as f64 / builds.max(1) as f64;
    share
}

/// What builders did with the present settings, and what they are worth.
fn builders_worth(simulation: &Simulation) -> Vec<String> {
    let comparison = &simulation.comparison;
    let Some(alone) = &comparison.alone else {
        return Vec::new();
    };
    let schedule = &comparison.schedule;
    let used = simulation.fleet.builders.iter().zip(&schedule.builders);
    let shares = used.map(|(builder, used)| {
        format!(
            "{} takes {}, {} of its threads' time, and copies for {}",
            escape::line(&builder.name),
            count(used.jobs, "build"),
            time(used.work_secs),
            time(used.copying_secs)
        )
    });
    let mut first = format!("{}.", shares.collect::<Vec<_>>().join("; "));
    if schedule.polling_secs > 0.0 {
        first.push_str(&format!(
            " In {} builds wait although there is a slot: when all builders are busy, Nix only looks \
             again every 5 s.",
            time(schedule.polling_secs)
        ));
    }
    let worth = match alone {
        Alone::Impossible => {
            "Without builders not all of it can be built: this machine is of another system."
                .to_owned()
        }
        Alone::Possible {
            predictions,
            best,
            gain,
        } => match (
            best.and_then(|best| predictions.get(best)),
            comparison.best(),
        ) {
            (Some(alone), Some(with)) => {
                let both = format!(
                    "without them the best is {} with {}, with them {}",
                    setting(alone.slots),
                    time(alone.makespan_secs),
                    time(with.makespan_secs)
                );
                if *gain > comparison.required_gain {
                    format!("Builders are worth it: {both}, {} less.", percent(*gain))
                } else if *gain < 0.0 {
                    format!("Builders are not worth it: {both}. To do without: `--builders ''`.")
                } else {
                    format!("Whether builders are worth it is not sure: {both}.")
                }
            }
            _ => "Without builders no setting fits into memory.".to_owned(),
        },
    };
    vec![first, worth]
}

fn setting(slots: Slots) -> String {
    format!("max-jobs {}, cores {}", slots.max_jobs, slots.cores)
}

/// The rows to show: positions in the predictions.
fn rows(simulation: &Simulation, all: bool) -> Vec<&Prediction> {
    let comparison = &simulation.comparison;
    let best = comparison.best();
    let is_marked = |row: &Prediction| {
        row.slots == comparison.present.slots || best.is_some_and(|best| best.slots == row.slots)
    };
    if all {
        return comparison.predictions.iter().collect();
    }
    let mut shown: Vec<&Prediction> = Vec::new();
    for row in &comparison.predictions {
        let rival = shown
            .iter_mut()
            .find(|other| other.slots.max_jobs == row.slots.max_jobs && !is_marked(other));
        match rival {
            _ if is_marked(row) => shown.push(row),
            Some(rival) if is_better(row, rival) => *rival = row,
            Some(_) => {}
            None => shown.push(row),
        }
    }
    // Where a marked row stands already, another one for the same `max-jobs` says little.
    let marked: Vec<u32> = shown
        .iter()
        .filter(|row| is_marked(row))
        .map(|row| row.slots.max_jobs)
        .collect();
    shown.retain(|row| is_marked(row) || !marked.contains(&row.slots.max_jobs));
    while shown.len() > MOST_ROWS {
        // The largest numbers of jobs differ least.
        let Some(last) = shown.iter().rposition(|row| !is_marked(row)) else {
            break;
        };
        shown.remove(last);
    }
    shown
}

fn is_better(one: &Prediction, other: &Prediction) -> bool {
    let key = |row: &Prediction| (row.fits_memory == Some(false), row.makespan_secs);
    key(one) < key(other)
}

fn table(simulation: &Simulation, all: bool, style: Style) -> String {
    let comparison = &simulation.comparison;
    let rows = rows(simulation, all);
    let longest = rows.iter().map(|row| row.makespan_secs).fold(0.0, f64::max);
    let has_memory = rows.iter().any(|row| row.peak_memory.0 > 0);
    let memory_of = |row: &Prediction| {
        let mark = if row.fits_memory == Some(false) {
            "!"
        } else {
            " "
        };
        format!("{}{mark}", row.peak_memory)
    };
    let times: Vec<String> = rows.iter().map(|row| time(row.makespan_secs)).collect();
    let time_width = times.iter().map(String::len).max().unwrap_or(0).max(4);
    let memory_width = if has_memory {
        let widest = rows.iter().map(|row| memory_of(row).len()).max();
        widest.unwrap_or(0).max(6) + 2
    } else {
        0
    };
    let mark_width = rows.iter().map(|row| mark(row, comparison).len()).max();
    let alone = match &comparison.alone {
        Some(Alone::Possible { predictions, .. }) => predictions.as_slice(),
        _ => &[],
    };
    let alone_of = |row: &Prediction| {
        let mut all = alone.iter();
        let alone = all.find(|alone| alone.slots == row.slots);
        alone.map_or_else(String::new, |alone| time(alone.makespan_secs))
    };
    let has_builders = comparison.alone.is_some();
    let remote_width = if has_builders { 8 } else { 0 };
    let alone_width = if alone.is_empty() { 0 } else { 15 };
    let room = style.width.saturating_sub(
        8 + 7
            + 2
            + time_width
            + 2
            + memory_width
            + remote_width
            + alone_width
            + mark_width.unwrap_or(0),
    );
    let heading = format!(
        "{:>8}{:>7}  {:>time_width$}  {:room$}{:>alone_width$}{:>remote_width$}{:>memory_width$}",
        "max-jobs",
        "cores",
        "time",
        "",
        if alone.is_empty() { "" } else { "no builders" },
        if has_builders { "remote" } else { "" },
        if has_memory { "memory " } else { "" }
    );
    let heading = style.paint(heading.trim_end(), owo_colors::Style::new().dimmed());
    let mut out = format!("{heading}\n");
    for (row, time) in rows.iter().zip(&times) {
        let bar = bar(row.makespan_secs, longest, room, style);
        let memory = if has_memory {
            memory_of(row)
        } else {
            String::new()
        };
        let remote = if has_builders {
            percent(remote_share(simulation, row))
        } else {
            String::new()
        };
        let line = format!(
            "{:>8}{:>7}  {time:>time_width$}  {bar}{:>alone_width$}{remote:>remote_width$}{memory:>memory_width$}{}",
            row.slots.max_jobs,
            row.slots.cores,
            alone_of(row),
            mark(row, comparison)
        );
        let line = line.trim_end();
        if comparison
            .best()
            .is_some_and(|best| best.slots == row.slots)
        {
            out.push_str(&style.paint(line, owo_colors::Style::new().green()));
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    if rows.iter().any(|row| row.fits_memory == Some(false)) {
        out.push_str("! does not fit into memory\n");
    }
    out
}

/// What is said behind a row.
fn mark(row: &Prediction, comparison: &Comparison) -> &'static str {
    let is_best = comparison
        .best()
        .is_some_and(|best| best.slots == row.slots);
    match (is_best, row.slots == comparison.present.slots) {
        (true, true) => "  best, now",
        (true, false) => "  best",
        (false, true) => "  now",
        (false, false) => "",
    }
}

/// A bar of `secs` where `longest` fills `room` columns, padded to them.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a number of columns"
)]
fn bar(secs: f64, longest: f64, room: usize, style: Style) -> String {
    let part = if longest > 0.0 { secs / longest } else { 0.0 };
    let eighths = (part * room as f64 * 8.0).round() as usize;
    if !style.unicode {
        let columns = eighths.div_ceil(8).min(room);
        return format!("{:room$}", "#".repeat(columns));
    }
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let whole = eighths / 8;
    let end = PARTS.get(eighths % 8).copied().unwrap_or("");
    let used = whole + usize::from(!end.is_empty());
    format!(
        "{}{end}{}",
        "█".repeat(whole),
        " ".repeat(room.saturating_sub(used))
    )
}

/// Where the time goes with the present settings.
fn account(simulation: &Simulation) -> Vec<String> {
    let comparison = &simulation.comparison;
    let schedule = &comparison.schedule;
    let secs = comparison.present.makespan_secs;
    let share = |part: f64| percent(if secs > 0.0 { part / secs } else { 0.0 });
    let who = match simulation.present_source {
        PresentSource::Said => "",
        PresentSource::File => ", with which it was measured,",
        PresentSource::Nix => ", as this machine is set,",
        PresentSource::Defaults => ", Nix's defaults,",
    };
    let mut out = vec![format!(
        "With {}{who} builds wait for a slot in {} ({}), slots for other jobs in {} ({}); the \
         machine is used to {}. The longest chain takes {}{}, however many slots there are.",
        setting(comparison.present.slots),
        time(schedule.slot_bound_secs),
        share(schedule.slot_bound_secs),
        time(schedule.dependency_bound_secs),
        share(schedule.dependency_bound_secs),
        percent(comparison.present.utilization),
        time(comparison.critical_secs),
        if comparison.alone.is_some() {
            " here"
        } else {
            ""
        },
    )];
    if let Some((low, high)) = comparison.present.range_secs
        && high > low * 1.01
    {
        out.push(format!(
            "As the order is not known, eight of ten builds take from {} to {}.",
            time(low),
            time(high)
        ));
    }
    let lost = comparison.lost_to_order_secs();
    if secs > 0.0 && lost / secs >= 0.01 {
        out.push(format!(
            "{} ({}) are lost to the order in which Nix takes builds: what most depends on could be \
             built first, by a command of its own.",
            time(lost),
            share(lost)
        ));
    }
    out
}

/// The jobs that decide the end, the longest of them when there are many.
fn chain(simulation: &Simulation, style: Style) -> String {
    let schedule = &simulation.comparison.schedule;
    let of = |id: &crate::simulate::JobId| {
        let span = schedule.spans.get(id.0 as usize).copied()?;
        Some((*id, simulation.graph.job(*id)?, span))
    };
    let mut jobs: Vec<_> = schedule.decisive.iter().filter_map(of).collect();
    let all = jobs.len();
    if all > MOST_JOBS {
        let secs =
            |(_, _, span): &(_, _, crate::simulate::JobSpan)| span.end_secs - span.start_secs;
        jobs.sort_by(|one, other| secs(other).total_cmp(&secs(one)));
        jobs.truncate(MOST_JOBS);
        jobs.sort_by(|(_, _, one), (_, _, other)| one.start_secs.total_cmp(&other.start_secs));
    }
    let mut out = if all > jobs.len() {
        format!(
            "\nThese decide the end, the {} longest of {all}:\n",
            jobs.len()
        )
    } else {
        "\nThese decide the end:\n".to_owned()
    };
    for (_, job, span) in jobs {
        let why = match span.after {
            None => "from the start",
            Some((_, Because::Need)) => "needs the one before",
            Some((_, Because::Slot)) => "waited for its slot",
        };
        let took = time(span.end_secs - span.start_secs);
        let room = style.width.saturating_sub(12 + 2 + 22);
        let name = escape::line(&job.name);
        out.push_str(&format!("{took:>12}  {name:room$}  {why}\n"));
    }
    out
}

fn verdict(simulation: &Simulation) -> Vec<String> {
    let comparison = &simulation.comparison;
    let Some(best) = comparison.best() else {
        return vec![
            "None of these settings fits into memory: look at smaller ones, or build what is \
             largest alone, with `--max-jobs 1`."
                .to_owned(),
        ];
    };
    let (now, then) = (comparison.present.slots, best.slots);
    let required = percent(comparison.required_gain);
    let sure = format!(
        "Predictions were {} off on average where they were compared with real builds, so a gain \
         is claimed from {required} on.",
        percent(VALIDATED_ERROR)
    );
    let proof = format!(
        "To prove it:\n  nixtune analyze verify --setting max-jobs={} --setting cores={} -- COMMAND",
        then.max_jobs, then.cores
    );
    let assumed = match simulation.durations {
        Durations::Measured | Durations::Profiled => "",
        Durations::Assumed => "If it were as assumed: ",
    };
    let faster = format!(
        "{} takes {} less: {} and not {}.",
        setting(then),
        percent(comparison.gain),
        time(best.makespan_secs),
        time(comparison.present.makespan_secs)
    );
    match comparison.verdict {
        Verdict::Keep if now == then || comparison.gain < UNSEEN => vec![format!(
            "Keep {}: nothing that was looked at is faster.",
            setting(now)
        )],
        Verdict::Keep if comparison.gain < LEAST_GAIN => vec![format!(
            "Keep {}: {} would gain {}, which is not worth a change.",
            setting(now),
            setting(then),
            percent(comparison.gain)
        )],
        Verdict::Keep => vec![
            format!(
                "Keep {}: what {} gains is not sure.",
                setting(now),
                setting(then)
            ),
            faster,
            sure,
            proof,
        ],
        Verdict::Change => vec![faster, sure, proof],
        Verdict::Hint => vec![
            format!("If it were as assumed: {faster}"),
            match simulation.durations {
                Durations::Profiled => {
                    "That is a hint and no claim, because how much threads share was not measured."
                }
                _ => "That is a hint and no claim, because no duration was measured.",
            }
            .to_owned(),
            proof,
        ],
        Verdict::Memory => vec![format!(
            "{assumed}{} wants {} at once, which is more than there is for builds. {} fits with {} and takes {}.",
            setting(now),
            comparison.present.peak_memory,
            setting(then),
            best.peak_memory,
            time(best.makespan_secs)
        )],
        Verdict::NoneFits => Vec::new(),
    }
}

/// For programs: one JSON document, newline at the end.
pub fn simulation_json(simulation: &Simulation) -> String {
    let comparison = &simulation.comparison;
    let schedule = &comparison.schedule;
    let decisive = schedule.decisive.iter().filter_map(|id| {
        let span = schedule.spans.get(id.0 as usize)?;
        Some(JobJson {
            name: &simulation.graph.job(*id)?.name,
            start_secs: span.start_secs,
            end_secs: span.end_secs,
            because: span.after.map(|(_, why)| match why {
                Because::Need => "need",
                Because::Slot => "slot",
            }),
        })
    });
    let document = Document {
        version: VERSION,
        tool: json::Tool::THIS,
        host: &simulation.host,
        threads: simulation.machine.threads(),
        memory_for_builds_bytes: simulation.machine.memory.map(|memory| memory.0),
        nix: simulation.nix.as_deref(),
        order: simulation.order.name(),
        durations: simulation.durations,
        jobs: simulation.graph.jobs().len(),
        work_secs: simulation.graph.work_secs(),
        critical_secs: comparison.critical_secs,
        present: PresentJson {
            prediction: PredictionJson::new(&comparison.present),
            source: match simulation.present_source {
                PresentSource::Said => "arguments",
                PresentSource::File => "file",
                PresentSource::Nix => "nix",
                PresentSource::Defaults => "defaults",
            },
            slot_bound_secs: schedule.slot_bound_secs,
            dependency_bound_secs: schedule.dependency_bound_secs,
            lost_to_order_secs: comparison.lost_to_order_secs(),
            decisive: decisive.collect(),
        },
        predictions: comparison
            .predictions
            .iter()
            .map(PredictionJson::new)
            .collect(),
        best: comparison.best().map(PredictionJson::new),
        gain: comparison.gain,
        required_gain: comparison.required_gain,
        validated_error: VALIDATED_ERROR,
        verdict: comparison.verdict.name(),
        builders: simulation
            .fleet
            .builders
            .iter()
            .zip(&schedule.builders)
            .map(|(builder, used)| BuilderJson {
                name: &builder.name,
                max_jobs: builder.max_jobs,
                speed_factor: builder.speed_factor,
                threads: builder.machine.threads(),
                hardware_is_known: !simulation.like_this.contains(&builder.name),
                jobs: used.jobs,
                work_secs: used.work_secs,
                copying_secs: used.copying_secs,
                peak_memory_bytes: used.peak_memory.0,
            })
            .collect(),
        polling_secs: schedule.polling_secs,
        recorded: simulation
            .recorded
            .as_ref()
            .map(|file| file.to_string_lossy()),
        without_builders: comparison.alone.as_ref().map(|alone| match alone {
            Alone::Impossible => AloneJson::default(),
            Alone::Possible {
                predictions,
                best,
                gain,
            } => AloneJson {
                predictions: predictions.iter().map(PredictionJson::new).collect(),
                best: best
                    .and_then(|best| predictions.get(best))
                    .map(PredictionJson::new),
                gain_of_builders: Some(*gain),
            },
        }),
    };
    json::printed(&document)
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: json::Tool,
    host: &'a str,
    threads: u32,
    memory_for_builds_bytes: Option<u64>,
    nix: Option<&'a str>,
    order: &'static str,
    durations: Durations,
    jobs: usize,
    work_secs: f64,
    critical_secs: f64,
    present: PresentJson<'a>,
    predictions: Vec<PredictionJson>,
    best: Option<PredictionJson>,
    gain: f64,
    required_gain: f64,
    validated_error: f64,
    verdict: &'static str,
    builders: Vec<BuilderJson<'a>>,
    polling_secs: f64,
    recorded: Option<std::borrow::Cow<'a, str>>,
    without_builders: Option<AloneJson>,
}

#[derive(Serialize)]
struct BuilderJson<'a> {
    name: &'a str,
    max_jobs: u32,
    speed_factor: f32,
    threads: u32,
    hardware_is_known: bool,
    jobs: usize,
    work_secs: f64,
    copying_secs: f64,
    peak_memory_bytes: u64,
}

/// Empty when not all of it can be built without builders.
#[derive(Serialize, Default)]
struct AloneJson {
    predictions: Vec<PredictionJson>,
    best: Option<PredictionJson>,
    gain_of_builders: Option<f64>,
}

#[derive(Serialize)]
struct PresentJson<'a> {
    #[serde(flatten)]
    prediction: PredictionJson,
    source: &'static str,
    slot_bound_secs: f64,
    dependency_bound_secs: f64,
    lost_to_order_secs: f64,
    decisive: Vec<JobJson<'a>>,
}

#[derive(Serialize)]
struct JobJson<'a> {
    name: &'a str,
    start_secs: f64,
    end_secs: f64,
    because: Option<&'static str>,
}

#[derive(Serialize)]
struct PredictionJson {
    max_jobs: u32,
    cores: u32,
    makespan_secs: f64,
    range_secs: Option<(f64, f64)>,
    utilization: f64,
    peak_memory_bytes: u64,
    fits_memory: Option<bool>,
    remote_jobs: usize,
}

impl PredictionJson {
    fn new(prediction: &Prediction) -> Self {
        Self {
            max_jobs: prediction.slots.max_jobs,
            cores: prediction.slots.cores,
            makespan_secs: prediction.makespan_secs,
            range_secs: prediction.range_secs,
            utilization: prediction.utilization,
            peak_memory_bytes: prediction.peak_memory.0,
            fits_memory: prediction.fits_memory,
            remote_jobs: prediction.remote_jobs.iter().sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_exact_as_they_are_long() {
        let shown = [0.04, 99.9, 99.96, 3599.4, 7199.0, 7200.0, 90_061.0].map(time);
        assert_eq!(
            shown,
            [
                "0.0 s",
                "99.9 s",
                "1 min 40 s",
                "59 min 59 s",
                "119 min 59 s",
                "2 h 00 min",
                "25 h 01 min"
            ]
        );
    }

    #[test]
    fn bars_fill_their_columns_and_no_more() {
        assert_eq!(bar(1.0, 2.0, 4, Style::PLAIN), "██  ");
        assert_eq!(bar(2.0, 2.0, 4, Style::PLAIN), "████");
        assert_eq!(bar(1.25, 2.0, 4, Style::PLAIN), "██▌ ");
        assert_eq!(bar(0.0, 0.0, 4, Style::PLAIN), "    ");
        let plain = Style {
            unicode: false,
            ..Style::PLAIN
        };
        assert_eq!(bar(1.25, 2.0, 4, plain), "### ");
    }
}
