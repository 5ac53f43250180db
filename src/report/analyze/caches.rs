//! `nixtune analyze cache`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::json::{Tool, printed};
use super::super::{Style, escape, redact};
use super::columns::{Side, columns};
use super::{VERSION, heading, millis, paragraph, time};
use crate::analyze::cache::closure::{Cause, FetchedPath};
use crate::analyze::cache::{COUNTED_PATHS, CacheFinding, PrioritySource, Reach, Signing, Verdict};
use crate::engine::analyze::{CachesReport, ClosureReport};
use crate::units::Bytes;

/// So many paths of each group are named.
const NAMED_PATHS: usize = 5;

/// The columns of [`row`].
pub(super) const HEADS: [(&str, Side); 8] = [
    ("cache", Side::Left),
    ("priority", Side::Right),
    ("answer", Side::Right),
    ("protocol", Side::Left),
    ("has", Side::Right),
    ("only here", Side::Right),
    ("signed by", Side::Left),
    ("cost", Side::Right),
];

/// For people.
pub fn caches(report: &CachesReport, style: Style) -> String {
    let found = &report.finding;
    let mut out = format!(
        "{}\n\n",
        heading(
            &format!("Caches in the order of asking, {}", found.source),
            style
        )
    );
    let rows: Vec<[String; 8]> = found
        .caches
        .iter()
        .map(|cache| row(cache, found.parallel))
        .collect();
    out.push_str(&columns(HEADS, &rows, style));
    out.push_str(&format!(
        "\n{}",
        paragraph(
            &format!(
                "cost: what it takes to learn of {COUNTED_PATHS} paths that it does not have them, \
                 with {} questions at a time (http-connections)",
                found.parallel
            ),
            style
        )
    ));
    let mut remarks = Vec::new();
    for cache in &found.caches {
        for problem in cache.problems() {
            remarks.push(format!("{}: {problem}", url(&cache.url)));
        }
        if let Reach::NotAsked(why) = &cache.reach {
            remarks.push(format!("{}: {why}", url(&cache.url)));
        }
        if cache.reach == Reach::Reached && cache.priority().1 == PrioritySource::Default {
            remarks.push(format!(
                "{}: says no priority, so that it is asked before all others; `?priority=50` behind \
                 its address puts it in its place",
                url(&cache.url)
            ));
        }
        if cache.asked > 0
            && cache.only_here == 0
            && cache.had_before == cache.has
            && found.caches.len() > 1
        {
            remarks.push(format!(
                "{}: has nothing of {} paths of this store that a cache before it has not; without it \
                 every {COUNTED_PATHS} paths that no cache has take {} less",
                url(&cache.url),
                cache.asked,
                cache.cost(found.parallel).map_or_else(|| "-".to_owned(), time)
            ));
        }
    }
    for name in &found.unusable_keys {
        remarks.push(format!(
            "trusted-public-keys: `{name}` is no Ed25519 public key"
        ));
    }
    for name in &found.unused_keys {
        remarks.push(format!(
            "trusted-public-keys: `{name}` signed nothing of what these caches were asked for"
        ));
    }
    if !remarks.is_empty() {
        out.push_str(&format!("\n{}\n", heading("Worth a look", style)));
        for remark in remarks {
            out.push_str(&paragraph(&safe(&remark), style));
        }
    }
    if let Some(closure) = &report.closure {
        out.push_str(&closure_text(report, closure, style));
    }
    out
}

/// Masked and on one line.
fn safe(text: &str) -> String {
    escape::line(&redact::mask(text)).into_owned()
}

/// An address without its password.
pub(super) fn url(text: &str) -> String {
    safe(text)
}

pub(super) fn row(cache: &CacheFinding, parallel: u64) -> [String; 8] {
    let dash = || "-".to_owned();
    let known = cache.manifest.is_some();
    [
        url(&cache.url),
        if known || cache.url_priority.is_some() {
            cache.priority().0.to_string()
        } else {
            dash()
        },
        match &cache.reach {
            Reach::Failed(_) => "none".to_owned(),
            _ => cache.latency.map_or_else(dash, time),
        },
        match (cache.protocol, &cache.reach) {
            (Some(protocol), _) => protocol.to_string(),
            (None, Reach::Reached) => "folder".to_owned(),
            (None, _) => dash(),
        },
        if cache.asked > 0 {
            format!("{}/{}", cache.has, cache.asked)
        } else {
            dash()
        },
        if cache.asked > 0 {
            cache.only_here.to_string()
        } else {
            dash()
        },
        signed_by(&cache.signing),
        cache.cost(parallel).map_or_else(dash, time),
    ]
}

fn signed_by(signing: &Signing) -> String {
    match signing {
        Signing::Judged { verdict, .. } => match verdict {
            Verdict::Verified { key } => safe(key),
            Verdict::Forged { key } => format!("{}: wrong", safe(key)),
            Verdict::OtherKeys { names } => format!("{}: not trusted", safe(&names.join(", "))),
            Verdict::ContentAddressed => "its content".to_owned(),
            Verdict::Unsigned => "nobody".to_owned(),
        },
        Signing::NotNeeded => "not needed".to_owned(),
        Signing::NothingThere => "not known".to_owned(),
        Signing::Corrupt { .. } => "no narinfo".to_owned(),
    }
}

fn bytes_of<'a>(paths: impl Iterator<Item = &'a FetchedPath>) -> (u64, u64) {
    paths.fold((0, 0), |(download, unpacked), one| {
        (
            download + one.download_bytes.unwrap_or(one.nar_bytes),
            unpacked + one.nar_bytes,
        )
    })
}

fn closure_text(report: &CachesReport, found: &ClosureReport, style: Style) -> String {
    let closure = &found.closure;
    let title = if found.cold {
        "What the closure needs, the store taken for empty"
    } else {
        "What the closure needs"
    };
    let mut out = format!("\n{}\n\n", heading(title, style));
    let mut rows = Vec::new();
    for (index, cache) in report.finding.caches.iter().enumerate() {
        let paths = || closure.fetched.iter().filter(move |one| one.cache == index);
        let count = paths().count();
        if count > 0 {
            let (download, unpacked) = bytes_of(paths());
            rows.push([
                format!("fetched from {}", url(&cache.url)),
                count.to_string(),
                Bytes(download).to_string(),
                Bytes(unpacked).to_string(),
            ]);
        }
    }
    let mut counted = |what: String, count: usize| {
        if count > 0 {
            rows.push([what, count.to_string(), String::new(), String::new()]);
        }
    };
    counted("here, and in a cache".to_owned(), closure.present.len());
    for (what, paths) in groups(closure) {
        for (cause, paths) in paths {
            counted(format!("{what}: {}", cause.words()), paths.len());
        }
    }
    if rows.is_empty() {
        out.push_str("  nothing: all of it is here\n");
    }
    out.push_str(&columns(
        [
            ("", Side::Left),
            ("paths", Side::Right),
            ("download", Side::Right),
            ("unpacked", Side::Right),
        ],
        &rows,
        style,
    ));
    for (what, causes) in groups(closure) {
        for (cause, paths) in causes {
            out.push_str(&format!(
                "\n{}\n",
                heading(&format!("{what}: {}", cause.words()), style)
            ));
            for path in paths.iter().take(NAMED_PATHS) {
                out.push_str(&format!("  {}\n", escape::line(path)));
            }
            if paths.len() > NAMED_PATHS {
                out.push_str(&format!(
                    "  … and {} more (--format json has them all)\n",
                    paths.len() - NAMED_PATHS
                ));
            }
        }
    }
    out.push_str(&format!(
        "\n  {} questions in {}\n",
        found.questions,
        time(found.took)
    ));
    out
}

type Group<'a> = (&'static str, BTreeMap<Cause, Vec<&'a str>>);

/// What is not fetched, by cause.
fn groups(closure: &crate::analyze::cache::closure::Closure) -> [Group<'_>; 3] {
    let grouped = |all: &'static str, paths| (all, by_cause(paths));
    [
        grouped("built", &closure.built),
        grouped("only here", &closure.local_only),
        grouped("nowhere", &closure.missing),
    ]
}

fn by_cause(paths: &[(String, Cause)]) -> BTreeMap<Cause, Vec<&str>> {
    let mut all: BTreeMap<Cause, Vec<&str>> = BTreeMap::new();
    for (path, cause) in paths {
        all.entry(*cause).or_default().push(path);
    }
    all
}

/// For programs: one JSON document, newline at the end. Times are milliseconds, amounts bytes; what is
/// not known is `null`.
pub fn caches_json(report: &CachesReport) -> String {
    printed(&document(report))
}

/// The document for programs.
pub(super) fn document(report: &CachesReport) -> impl Serialize + '_ {
    let found = &report.finding;
    Document {
        version: VERSION,
        tool: Tool::THIS,
        source: &found.source,
        http_connections: found.parallel,
        caches: found
            .caches
            .iter()
            .map(|cache| cache_json(cache, found.parallel))
            .collect(),
        unusable_keys: &found.unusable_keys,
        unused_keys: &found.unused_keys,
        closure: report
            .closure
            .as_ref()
            .map(|closure| closure_json(report, closure)),
    }
}

fn cache_json(cache: &CacheFinding, parallel: u64) -> CacheJson {
    let (priority, source) = cache.priority();
    let known = cache.manifest.is_some() || cache.url_priority.is_some();
    let (reach, why) = match &cache.reach {
        Reach::Reached => ("reached", None),
        Reach::NotAsked(why) => ("not-asked", Some(redact::mask(why).into_owned())),
        Reach::Failed(why) => ("failed", Some(redact::mask(why).into_owned())),
    };
    let (signing, path, key_names) = match &cache.signing {
        Signing::NotNeeded => ("not-needed", None, Vec::new()),
        Signing::NothingThere => ("nothing-there", None, Vec::new()),
        Signing::Corrupt { path, .. } => ("corrupt", Some(path.clone()), Vec::new()),
        Signing::Judged { path, verdict } => {
            let (word, names) = match verdict {
                Verdict::Verified { key } => ("verified", vec![key.clone()]),
                Verdict::Forged { key } => ("wrong-signature", vec![key.clone()]),
                Verdict::OtherKeys { names } => ("untrusted-key", names.clone()),
                Verdict::ContentAddressed => ("content-addressed", Vec::new()),
                Verdict::Unsigned => ("unsigned", Vec::new()),
            };
            (word, Some(path.clone()), names)
        }
    };
    let manifest = cache.manifest.as_ref();
    CacheJson {
        url: redact::mask(&cache.url).into_owned(),
        reach,
        why,
        protocol: cache.protocol.map(|protocol| protocol.to_string()),
        latency_ms: cache.latency.map(millis),
        first_answer_ms: cache.first_answer.map(millis),
        priority: known.then_some(priority),
        priority_source: match source {
            PrioritySource::Url => "url",
            PrioritySource::Manifest => "nix-cache-info",
            PrioritySource::Default => "default",
        },
        store_dir: manifest.and_then(|manifest| manifest.store_dir.clone()),
        store_dir_matches: cache.matches_store(),
        want_mass_query: manifest.and_then(|manifest| manifest.want_mass_query),
        signing: SigningJson {
            verdict: signing,
            path,
            key_names,
        },
        asked_paths: cache.asked,
        has_paths: cache.has,
        only_here_paths: cache.only_here,
        had_before_paths: cache.had_before,
        unanswered: cache.unanswered,
        cost_ms: cache.cost(parallel).map(millis),
        problems: cache
            .problems()
            .iter()
            .map(|problem| redact::mask(problem).into_owned())
            .collect(),
    }
}

fn closure_json(report: &CachesReport, found: &ClosureReport) -> ClosureJson {
    let closure = &found.closure;
    let (download_bytes, nar_bytes) = bytes_of(closure.fetched.iter());
    let caused = |paths: &[(String, Cause)]| -> Vec<CausedJson> {
        paths
            .iter()
            .map(|(path, cause)| CausedJson {
                path: path.clone(),
                cause: cause.id(),
            })
            .collect()
    };
    ClosureJson {
        cold: found.cold,
        questions: found.questions,
        took_ms: millis(found.took),
        download_bytes,
        nar_bytes,
        fetched: closure
            .fetched
            .iter()
            .map(|one| FetchedJson {
                path: one.path.clone(),
                cache: report
                    .finding
                    .caches
                    .get(one.cache)
                    .map(|cache| redact::mask(&cache.url).into_owned()),
                download_bytes: one.download_bytes,
                nar_bytes: one.nar_bytes,
            })
            .collect(),
        built: caused(&closure.built),
        local_only: caused(&closure.local_only),
        missing: caused(&closure.missing),
        present: closure.present.clone(),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    source: &'a str,
    http_connections: u64,
    caches: Vec<CacheJson>,
    unusable_keys: &'a [String],
    unused_keys: &'a [String],
    closure: Option<ClosureJson>,
}

#[derive(Serialize)]
struct CacheJson {
    url: String,
    reach: &'static str,
    why: Option<String>,
    protocol: Option<String>,
    latency_ms: Option<f64>,
    first_answer_ms: Option<f64>,
    priority: Option<u64>,
    priority_source: &'static str,
    store_dir: Option<String>,
    store_dir_matches: Option<bool>,
    want_mass_query: Option<bool>,
    signing: SigningJson,
    asked_paths: usize,
    has_paths: usize,
    only_here_paths: usize,
    had_before_paths: usize,
    unanswered: usize,
    cost_ms: Option<f64>,
    problems: Vec<String>,
}

#[derive(Serialize)]
struct SigningJson {
    verdict: &'static str,
    path: Option<String>,
    key_names: Vec<String>,
}

#[derive(Serialize)]
struct ClosureJson {
    cold: bool,
    questions: usize,
    took_ms: f64,
    download_bytes: u64,
    nar_bytes: u64,
    fetched: Vec<FetchedJson>,
    built: Vec<CausedJson>,
    local_only: Vec<CausedJson>,
    missing: Vec<CausedJson>,
    present: Vec<String>,
}

#[derive(Serialize)]
struct FetchedJson {
    path: String,
    cache: Option<String>,
    download_bytes: Option<u64>,
    nar_bytes: u64,
}

#[derive(Serialize)]
struct CausedJson {
    path: String,
    cause: &'static str,
}
