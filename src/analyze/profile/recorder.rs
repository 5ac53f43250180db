//! Takes events as they come and keeps what counts.

use std::collections::{BTreeMap, VecDeque};

use rustc_hash::FxHashMap;

use super::attribution::{self, Kind, Span};
use super::graph::{self, Graph};
use super::import::{self, Worker};
use super::{
    Build, CacheUse, EndQuality, FORMAT_VERSION, HitRate, Lines, Phase, Profile, Substitution, ends,
};
use crate::analyze::log::{Activity, Event, Field, Moment, Outcome, plain_text};

/// More error messages say nothing new.
const MOST_ERRORS: usize = 20;

/// No build has more; a log that says so is no log of a build.
const MOST_PHASES: usize = 1000;

/// Builds, transfers and what lies between them.
#[derive(Debug, Default)]
pub struct Recorder {
    open: FxHashMap<u64, Open>,
    /// Begun builds, in their order.
    pub(super) builds: Vec<Begun>,
    substitutions: Vec<Taken>,
    spans: Vec<Span>,
    workers: Vec<Worker>,
    queries: BTreeMap<String, Vec<(Moment, Moment)>>,
    /// Derivations done and failed, as each worker counts them.
    counts: FxHashMap<u64, (u64, u64)>,
    /// Moments at which a build ended that has not been found yet.
    pub(super) unclaimed: VecDeque<EndMark>,
    fetches: u64,
    evaluated_files: u64,
    errors: Vec<String>,
    lines: Lines,
    last: Moment,
}

/// A counter said that a build ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct EndMark {
    pub moment: Moment,
    pub failed: bool,
}

/// A build, as far as it is known.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub derivation: String,
    pub machine: Option<String>,
    pub start: Moment,
    pub end: Option<Moment>,
    pub quality: EndQuality,
    pub failed: bool,
    pub phases: Vec<(String, Moment)>,
    pub log_lines: u64,
    /// The last sign of life.
    pub heard: Moment,
}

#[derive(Clone, Debug)]
struct Taken {
    path: String,
    cache: String,
    start: Moment,
    end: Option<Moment>,
    download: Option<u64>,
    nar: Option<u64>,
}

#[derive(Clone, Debug)]
struct Open {
    activity: Activity,
    start: Moment,
    parent: Option<u64>,
    /// The place among builds or substitutions.
    place: Option<usize>,
    /// The address that is fetched or asked.
    address: String,
    /// The last count of progress.
    progress: u64,
}

impl Recorder {
    /// Takes the next event.
    pub fn take(&mut self, moment: Moment, event: &Event) {
        self.last = moment;
        self.lines.total += 1;
        match event {
            Event::Plain => return,
            Event::Broken => {
                self.lines.broken += 1;
                return;
            }
            Event::Start {
                id,
                activity,
                text,
                fields,
                parent,
            } => {
                self.start(*id, *activity, text, fields, *parent);
            }
            Event::Stop { id } => self.stop(*id),
            Event::Result {
                id,
                outcome,
                fields,
            } => self.result(*id, *outcome, fields),
            Event::Message { level, text } => {
                if *level == 0 && self.errors.len() < MOST_ERRORS {
                    self.errors.push(plain_text(text));
                }
                if text.starts_with("evaluating file") {
                    self.evaluated_files += 1;
                    self.spans.push(Span::point(Kind::Evaluation, moment));
                    self.merge_evaluation();
                }
            }
        }
        self.lines.events += 1;
    }

    /// Counts lines that lost their ends.
    pub fn count_cut(&mut self, lines: u64) {
        self.lines.cut = lines;
    }

    /// The derivations that were built, for the caller to read.
    pub fn derivations(&self) -> impl Iterator<Item = &str> {
        self.builds.iter().map(|build| build.derivation.as_str())
    }

    /// Two files in a row are one time of evaluation: thousands of files are not worth keeping.
    fn merge_evaluation(&mut self) {
        let [.., before, last] = self.spans.as_mut_slice() else {
            return;
        };
        if before.kind == Kind::Evaluation && last.kind == Kind::Evaluation {
            before.end = last.end;
            self.spans.pop();
        }
    }

    fn start(
        &mut self,
        id: u64,
        activity: Activity,
        text: &str,
        fields: &[Field],
        parent: Option<u64>,
    ) {
        let moment = self.last;
        let field = |index: usize| {
            let text = fields.get(index).and_then(Field::text);
            text.unwrap_or_default().to_owned()
        };
        let mut address = String::new();
        let mut place = None;
        match activity {
            Activity::Build => {
                place = Some(self.builds.len());
                self.builds.push(Begun {
                    derivation: field(0),
                    machine: Some(field(1)).filter(|machine| !machine.is_empty()),
                    start: moment,
                    end: None,
                    quality: EndQuality::Open,
                    failed: false,
                    phases: Vec::new(),
                    log_lines: 0,
                    heard: moment,
                });
            }
            Activity::Substitute => {
                place = Some(self.substitutions.len());
                self.substitutions.push(Taken {
                    path: field(0),
                    cache: cache_name(&field(1)),
                    start: moment,
                    end: None,
                    download: None,
                    nar: None,
                });
            }
            Activity::QueryPathInfo => address = cache_name(&field(1)),
            Activity::FileTransfer => address = field(0),
            Activity::Unknown if text.starts_with("querying info") => address = text.to_owned(),
            _ => {}
        }
        let open = Open {
            activity,
            start: moment,
            parent,
            place,
            address,
            progress: 0,
        };
        self.open.insert(id, open);
    }

    fn stop(&mut self, id: u64) {
        let Some(open) = self.open.remove(&id) else {
            return;
        };
        self.close(id, &open);
    }

    fn close(&mut self, id: u64, open: &Open) {
        let end = self.last;
        let kind = match open.activity {
            Activity::Build => {
                if let Some(place) = open.place {
                    self.end_of_build(place);
                }
                return;
            }
            Activity::Substitute => {
                if let Some(taken) = open
                    .place
                    .and_then(|place| self.substitutions.get_mut(place))
                {
                    taken.end = Some(end);
                }
                return;
            }
            Activity::QueryPathInfo => {
                let asked = self.queries.entry(open.address.clone()).or_default();
                asked.push((open.start, end));
                Kind::Query
            }
            Activity::CopyPath => {
                if let Some(taken) = self.ancestor(open.parent) {
                    taken.nar = Some(open.progress).filter(|bytes| *bytes > 0);
                }
                return;
            }
            Activity::FileTransfer if open.address.contains(".narinfo") => Kind::Query,
            Activity::FileTransfer if open.address.contains("/nar/") => {
                let bytes = Some(open.progress).filter(|bytes| *bytes > 0);
                if let Some(taken) = self.ancestor(open.parent) {
                    taken.download = bytes;
                }
                return;
            }
            Activity::FileTransfer if open.address.ends_with("/nix-cache-info") => Kind::Query,
            Activity::FileTransfer | Activity::FetchTree => {
                self.fetches += 1;
                Kind::Fetch
            }
            Activity::PostBuildHook => Kind::Hook,
            Activity::BuildWaiting => Kind::Waiting,
            Activity::Realise => {
                self.workers.push(Worker::new(id, open.start, end));
                Kind::Realise
            }
            Activity::OptimiseStore => Kind::Optimise,
            Activity::Unknown if !open.address.is_empty() => Kind::Query,
            _ => return,
        };
        self.spans.push(Span {
            kind,
            start: open.start,
            end,
        });
    }

    /// The substitution that an activity is a part of. Before Nix 2.18 nothing tells; then it is the
    /// last one that has not ended.
    fn ancestor(&mut self, parent: Option<u64>) -> Option<&mut Taken> {
        const DEEPEST: usize = 8;
        let mut id = parent;
        for _ in 0..DEEPEST {
            let Some(number) = id else { break };
            let open = self.open.get(&number)?;
            if open.activity == Activity::Substitute {
                return self.substitutions.get_mut(open.place?);
            }
            id = open.parent;
        }
        if parent.is_some() {
            return None;
        }
        self.substitutions
            .iter_mut()
            .rev()
            .find(|taken| taken.end.is_none())
    }

    /// A build stopped. It ended when the counter changed, if that was just now: Nix 2.29 to 2.33
    /// tell the stop of most builds at the end of the run.
    fn end_of_build(&mut self, place: usize) {
        let now = self.last;
        let fresh = self.unclaimed.back().copied();
        let Some(mark) = fresh.filter(|mark| ends::is_same_moment(mark.moment, now)) else {
            return;
        };
        self.unclaimed.pop_back();
        if let Some(build) = self.builds.get_mut(place) {
            build.end = Some(mark.moment);
            build.quality = EndQuality::Exact;
            build.failed = mark.failed;
        }
    }

    fn result(&mut self, id: u64, outcome: Outcome, fields: &[Field]) {
        let moment = self.last;
        let Some(open) = self.open.get_mut(&id) else {
            return;
        };
        let number = |index: usize| fields.get(index).and_then(Field::number).unwrap_or(0);
        match (open.activity, outcome) {
            (Activity::Build, Outcome::LogLine | Outcome::Phase) => {
                let Some(build) = open.place.and_then(|place| self.builds.get_mut(place)) else {
                    return;
                };
                build.heard = moment;
                if outcome == Outcome::LogLine {
                    build.log_lines += 1;
                } else if let Some(name) = fields.first().and_then(Field::text)
                    && build.phases.len() < MOST_PHASES
                {
                    build.phases.push((name.to_owned(), moment));
                }
            }
            (Activity::Builds, Outcome::Progress) => {
                let (done, failed) = (number(0), number(3));
                let before = self.counts.insert(id, (done, failed)).unwrap_or_default();
                // Counters of a broken log may jump; no run ends more builds than it began.
                let most = self.builds.len() as u64;
                for _ in 0..done.saturating_sub(before.0).min(most) {
                    self.unclaimed.push_back(EndMark {
                        moment,
                        failed: false,
                    });
                }
                for _ in 0..failed.saturating_sub(before.1).min(most) {
                    self.unclaimed.push_back(EndMark {
                        moment,
                        failed: true,
                    });
                }
            }
            (_, Outcome::Progress) => open.progress = open.progress.max(number(0)),
            _ => {}
        }
    }

    /// Makes a profile. `end_secs` is when the command ended; `None` for a saved log, which ends with its last
    /// line. `is_timed` says whether moments are seconds.
    pub fn finish(mut self, graph: &Graph, is_timed: bool, end_secs: Option<f64>) -> Profile {
        // What is open when a log is cut was going on until then.
        let open: Vec<(u64, Open)> = self.open.drain().collect();
        for (id, open) in open {
            if !matches!(open.activity, Activity::Build | Activity::Substitute) {
                self.close(id, &open);
            }
        }
        ends::infer(&mut self, graph);
        let end = end_secs.unwrap_or(self.last.at).max(self.last.at);
        let secs = |moment: Moment| is_timed.then_some(moment.at);
        let caches = self.caches(is_timed);
        let builds = self.finished_builds(graph, is_timed);
        let substitutions: Vec<Substitution> = self
            .substitutions
            .iter()
            .map(|taken| Substitution {
                path: taken.path.clone(),
                cache: taken.cache.clone(),
                start_secs: secs(taken.start),
                end_secs: taken.end.and_then(secs),
                download_bytes: taken.download,
                nar_bytes: taken.nar,
            })
            .collect();
        let import_from_derivation = is_timed.then(|| {
            let begun = self.builds.iter().map(|build| build.start);
            import::of_workers(&self.workers, &self.spans, begun)
        });
        let (shares, activities) = if is_timed {
            let activities = attribution::activities(&self.spans, end);
            for build in &self.builds {
                let until = build.end.unwrap_or(self.last);
                self.spans.push(Span {
                    kind: Kind::Build,
                    start: build.start,
                    end: until,
                });
            }
            for taken in &self.substitutions {
                let until = taken.end.unwrap_or(self.last);
                self.spans.push(Span {
                    kind: Kind::Substitution,
                    start: taken.start,
                    end: until,
                });
            }
            (attribution::shares(&self.spans, end), activities)
        } else {
            (Vec::new(), Vec::new())
        };
        Profile {
            version: FORMAT_VERSION,
            is_timed,
            wall_secs: is_timed.then_some(end),
            shares,
            activities,
            hit_rate: hit_rate(&builds, &substitutions),
            parallelism: graph::parallelism(&builds, graph),
            critical_path: graph::critical_path(&builds, &substitutions, graph),
            builds,
            substitutions,
            caches,
            fetches: self.fetches,
            import_from_derivation,
            evaluated_files: self.evaluated_files,
            peak_memory_bytes: None,
            peak_tree_bytes: None,
            settings: None,
            is_interrupted: false,
            evaluation: None,
            errors: self.errors,
            lines: self.lines,
        }
    }

    fn finished_builds(&self, graph: &Graph, is_timed: bool) -> Vec<Build> {
        let secs = |moment: Moment| is_timed.then_some(moment.at);
        let mut builds = Vec::with_capacity(self.builds.len());
        for begun in &self.builds {
            let mut phases = Vec::with_capacity(begun.phases.len());
            for (index, (name, start)) in begun.phases.iter().enumerate() {
                let next = begun.phases.get(index + 1).map(|(_, start)| *start);
                let until = next.or(begun.end);
                phases.push(Phase {
                    name: name.clone(),
                    start_secs: secs(*start),
                    duration_secs: until
                        .filter(|_| is_timed)
                        .map(|until| (until.at - start.at).max(0.0)),
                });
            }
            builds.push(Build {
                name: store_name(&begun.derivation).to_owned(),
                derivation: begun.derivation.clone(),
                machine: begun.machine.clone(),
                start_secs: secs(begun.start),
                end_secs: begun.end.and_then(secs),
                end_quality: begun.quality,
                has_succeeded: !begun.failed && begun.end.is_some(),
                phases,
                waited_secs: None,
                is_local_only: graph.is_local_only(&begun.derivation),
                log_lines: begun.log_lines,
            });
        }
        if is_timed {
            let first = self.spans.iter().filter(|span| span.kind == Kind::Realise);
            let first = first
                .map(|span| span.start.at)
                .fold(f64::INFINITY, f64::min);
            graph::waits(&mut builds, &self.substitution_ends(), graph, first);
        }
        builds
    }

    /// When paths had come, by path.
    fn substitution_ends(&self) -> FxHashMap<&str, f64> {
        let ends = self.substitutions.iter();
        ends.filter_map(|taken| Some((taken.path.as_str(), taken.end?.at)))
            .collect()
    }

    fn caches(&self, is_timed: bool) -> Vec<CacheUse> {
        let mut caches: BTreeMap<&str, CacheUse> = BTreeMap::new();
        let mut transfers: BTreeMap<&str, Vec<(Moment, Moment)>> = BTreeMap::new();
        for (cache, asked) in &self.queries {
            let used = caches.entry(cache).or_default();
            used.queries = asked.len() as u64;
            used.query_secs = is_timed.then(|| attribution::union_secs(asked));
        }
        for taken in &self.substitutions {
            let used = caches.entry(&taken.cache).or_default();
            used.paths += u64::from(taken.end.is_some());
            used.bytes += taken.download.or(taken.nar).unwrap_or(0);
            let until = taken.end.unwrap_or(self.last);
            transfers
                .entry(&taken.cache)
                .or_default()
                .push((taken.start, until));
        }
        for (cache, times) in transfers {
            if let Some(used) = caches.get_mut(cache) {
                used.busy_secs = is_timed.then(|| attribution::union_secs(&times));
            }
        }
        caches
            .into_iter()
            .map(|(cache, used)| CacheUse {
                cache: cache.to_owned(),
                ..used
            })
            .collect()
    }
}

fn hit_rate(builds: &[Build], substitutions: &[Substitution]) -> Option<HitRate> {
    let substituted = substitutions.len() as u64;
    let mut missed: Vec<&Build> = builds
        .iter()
        .filter(|build| build.is_local_only != Some(true))
        .collect();
    let built = missed.len() as u64;
    let local_only = builds.len() as u64 - built;
    if substituted + built == 0 {
        return None;
    }
    missed.sort_by(|one, other| {
        let duration = |build: &Build| build.duration_secs().unwrap_or(0.0);
        duration(other).total_cmp(&duration(one))
    });
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let rate = substituted as f64 / (substituted + built) as f64;
    Some(HitRate {
        substituted,
        built,
        local_only,
        rate,
        missed: missed.iter().map(|build| build.name.clone()).collect(),
    })
}

/// A cache's address as it is written in `substituters`; passwords are taken out by reports.
fn cache_name(address: &str) -> String {
    address.trim_end_matches('/').to_owned()
}

/// `/nix/store/HASH-hello-2.12.drv` is called `hello-2.12`.
pub fn store_name(path: &str) -> &str {
    let base = path.rsplit('/').next().unwrap_or(path);
    let name = base.strip_suffix(".drv").unwrap_or(base);
    match name.split_once('-') {
        Some((hash, name)) if hash.len() == 32 => name,
        _ => name,
    }
}
