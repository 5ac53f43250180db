//! `nixtune analyze store`.

use owo_colors::Style as Paint;
use serde::Serialize;

use super::super::json::{Tool, printed};
use super::super::{Style, escape};
use super::chart::to_count;
use super::columns::{Side, columns};
use super::{VERSION, heading, millis, paragraph, time};
use crate::analyze::history::{Growth, GrowthSource};
use crate::analyze::store::{Chain, GenerationsRule, RootFinding, RootKind};
use crate::engine::analyze::{StoreReport, StoreSource};
use crate::units::Bytes;

/// The database is worth a rewrite when more than this share of it, and this many bytes, hold nothing.
const FREE_SHARE: f64 = 0.25;
const FREE_BYTES: u64 = 64 << 20;
/// So many weeks are drawn.
const WEEKS: usize = 26;
const WEEK_SECS: i64 = 7 * 24 * 60 * 60;

/// The columns of [`root_row`].
pub(super) const ROOT_HEADS: [(&str, Side); 4] = [
    ("only by it", Side::Right),
    ("with all it needs", Side::Right),
    ("kept by", Side::Left),
    ("path", Side::Left),
];

/// For people.
pub fn store(report: &StoreReport, style: Style) -> String {
    let found = &report.finding;
    let dir = escape::line(&report.store_dir);
    let mut out = format!("{}\n\n", heading(&dir, style));
    let share = |bytes: u64| percent(bytes, found.bytes);
    let mut rows = vec![
        row("all", found.paths, found.bytes, String::new()),
        row(
            "live",
            found.live_paths,
            found.live_bytes,
            share(found.live_bytes),
        ),
        row(
            "dead",
            found.dead_paths(),
            found.dead_bytes(),
            share(found.dead_bytes()),
        ),
    ];
    let gc = &report.gc;
    if gc.rule != GenerationsRule::None {
        rows.push(row("goes", gc.paths, gc.bytes, share(gc.bytes)));
    }
    out.push_str(&columns(
        [
            ("", Side::Left),
            ("paths", Side::Right),
            ("bytes", Side::Right),
            ("share", Side::Right),
        ],
        &rows,
        style,
    ));
    out.push('\n');
    for note in notes(report) {
        out.push_str(&paragraph(&escape::line(&note), style));
    }
    if !found.roots.is_empty() {
        out.push_str(&format!("\n{}\n\n", heading("Who keeps what", style)));
        let rows: Vec<[String; 4]> = found.roots.iter().map(root_row).collect();
        out.push_str(&columns(ROOT_HEADS, &rows, style));
    }
    if !found.largest.is_empty() {
        out.push_str(&format!("\n{}\n\n", heading("The largest paths", style)));
        for one in &found.largest {
            let size = Bytes(one.nar_size_bytes).to_string();
            out.push_str(&format!("  {size:>9}  {}\n", escape::line(name(&one.path))));
            let why = match &one.why {
                Some(chain) => chain_text(chain),
                None => "dead".to_owned(),
            };
            let why = format!("             {}\n", escape::line(&why));
            out.push_str(&style.paint(&why, Paint::new().dimmed()));
        }
    }
    if let Some(text) = weeks(report, style) {
        out.push_str(&text);
    }
    out.push_str(&format!("\n  read in {}\n", time(report.took)));
    out
}

pub(super) fn row(name: &str, paths: usize, bytes: u64, share: String) -> [String; 4] {
    [
        name.to_owned(),
        paths.to_string(),
        Bytes(bytes).to_string(),
        share,
    ]
}

#[expect(clippy::cast_precision_loss, reason = "for display only")]
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return String::new();
    }
    format!("{:.0} %", part as f64 / whole as f64 * 100.0)
}

/// The base name without the hash is what people recognize; with it they can look for it.
pub(super) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

pub(super) fn root_row(root: &RootFinding) -> [String; 4] {
    let first = root.names.first().map_or("", |(name, _)| name.as_str());
    let more = match root.names.len() {
        0 | 1 => String::new(),
        several => format!(" and {} more", several - 1),
    };
    [
        Bytes(root.only_here.bytes).to_string(),
        Bytes(root.closure_bytes).to_string(),
        escape::line(&format!("{first}{more}")).into_owned(),
        escape::line(name(&root.path)).into_owned(),
    ]
}

/// A root, and names of paths from it: the first, the one before the last.
fn chain_text(chain: &Chain) -> String {
    let names: Vec<&str> = chain
        .paths
        .iter()
        .map(|path| without_hash(name(path)))
        .collect();
    let way = match names.as_slice() {
        [] | [_] => String::new(),
        [first, between @ .., _] => match between.last() {
            None => format!(" → {first}"),
            Some(last) if between.len() == 1 => format!(" → {first} → {last}"),
            Some(last) => format!(" → {first} → … → {last}"),
        },
    };
    format!("kept by {}{way}", chain.root)
}

pub(super) fn without_hash(name: &str) -> &str {
    name.split_once('-').map_or(name, |(_, rest)| rest)
}

pub(super) fn notes(report: &StoreReport) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(disk) = &report.disk
        && let (Some(size), Some(free)) = (&disk.size, &disk.free)
    {
        notes.push(format!(
            "free on its disk: {} of {}; what is in use, {}, is the store's blocks and all else there",
            free.value,
            size.value,
            Bytes(size.value.0.saturating_sub(free.value.0))
        ));
    }
    if let Some(growth) = &report.growth {
        notes.push(growth_text(growth));
    }
    let gc = &report.gc;
    match gc.rule {
        GenerationsRule::None => {}
        GenerationsRule::AllOld => notes.push(format!(
            "a garbage collection that removes all old generations ({}) would free {}",
            gc.generations.len(),
            Bytes(gc.bytes)
        )),
        GenerationsRule::OlderThan(age) => notes.push(format!(
            "a garbage collection that removes generations older than {} days ({}) would free {}",
            age.days,
            gc.generations.len(),
            Bytes(gc.bytes)
        )),
    }
    let linked = &report.linked;
    if linked.saved_bytes > 0 {
        notes.push(format!(
            "links between equal files save {}",
            Bytes(linked.saved_bytes)
        ));
    }
    if let Some(could) = linked.could_save_bytes {
        notes.push(format!(
            "`nix store optimise` would save {} more ({} files compared)",
            Bytes(could),
            linked.compared_files
        ));
    }
    match &report.source {
        StoreSource::Database {
            bytes, free_bytes, ..
        } => {
            #[expect(clippy::cast_precision_loss, reason = "a share")]
            let share = *free_bytes as f64 / (*bytes).max(1) as f64;
            if share > FREE_SHARE && *free_bytes > FREE_BYTES {
                notes.push(format!(
                    "Nix's database holds {} of nothing in {}; `sqlite3 db.sqlite VACUUM` while no Nix \
                     runs makes it smaller and faster",
                    Bytes(*free_bytes),
                    Bytes(*bytes)
                ));
            }
        }
        StoreSource::Listing(why) => {
            notes.push(format!("listed by `nix path-info`: {why}"));
        }
    }
    for unseen in &report.unseen {
        notes.push(format!("not seen: {unseen}"));
    }
    notes
}

/// How a store grows, how that is known, and when its disk is full.
pub(super) fn growth_text(growth: &Growth) -> String {
    let per_week = growth.bytes_per_week();
    let amount = Bytes(to_count(per_week.abs()) as u64);
    let (sign, known, bound) = match growth.source {
        GrowthSource::Snapshots {
            days_with_one,
            days,
        } => (
            "",
            format!("by looks at it on {days_with_one} days of {days:.0}"),
            "in",
        ),
        GrowthSource::Registered { weeks } => (
            "at least ",
            format!(
                "by what came in {weeks} weeks and is still here; what went again is missing, so that it \
                 is too low until there are more looks"
            ),
            "in at most",
        ),
    };
    let grows = if per_week >= 0.0 { "grows" } else { "shrinks" };
    let full = growth.days_until_full.map_or_else(String::new, |days| {
        format!("; its disk is full {bound} {days:.0} days")
    });
    format!("{grows} by {sign}{amount} a week{full} ({known})")
}

/// What came in each week and is still here, as bars.
fn weeks(report: &StoreReport, style: Style) -> Option<String> {
    let weeks = &report.finding.weeks;
    let (last, _) = weeks.last_key_value()?;
    let (first, _) = weeks.first_key_value()?;
    if first == last {
        return None;
    }
    let shown: Vec<u64> = (0..WEEKS)
        .rev()
        .map(|back| last - WEEK_SECS * i64::try_from(back).unwrap_or(0))
        .skip_while(|week| week < first)
        .map(|week| weeks.get(&week).copied().unwrap_or(0))
        .collect();
    let most = shown.iter().copied().max().filter(|most| *most > 0)?;
    let signs: &[char] = if style.unicode {
        &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    } else {
        &['_', '.', '-', ':', '=', '+', '*', '#']
    };
    let line: String = shown
        .iter()
        .map(|bytes| {
            let step = bytes.saturating_mul(signs.len() as u64 - 1) / most;
            usize::try_from(step)
                .ok()
                .and_then(|step| signs.get(step))
                .copied()
                .unwrap_or(' ')
        })
        .collect();
    Some(format!(
        "\n{}\n\n  {line}  at most {} in a week\n",
        heading("What came in each week and is still here", style),
        Bytes(most)
    ))
}

/// For programs: one JSON document, newline at the end. Amounts are bytes.
pub fn store_json(report: &StoreReport) -> String {
    printed(&document(report))
}

/// The document for programs.
pub(super) fn document(report: &StoreReport) -> impl Serialize + '_ {
    let found = &report.finding;
    let disk = report.disk.as_ref();
    let (source, why, database) = match &report.source {
        StoreSource::Database {
            path,
            bytes,
            free_bytes,
        } => (
            "database",
            None,
            Some(DatabaseJson {
                path: path.display().to_string(),
                bytes: *bytes,
                free_bytes: *free_bytes,
            }),
        ),
        StoreSource::Listing(why) => ("path-info", Some(why.clone()), None),
    };
    let (rule, days) = match report.gc.rule {
        GenerationsRule::None => ("none", None),
        GenerationsRule::AllOld => ("all-old", None),
        GenerationsRule::OlderThan(age) => ("older-than", Some(age.days)),
    };
    Document {
        version: VERSION,
        tool: Tool::THIS,
        store_dir: &report.store_dir,
        source,
        source_why: why,
        database,
        paths: found.paths,
        bytes: found.bytes,
        live_paths: found.live_paths,
        live_bytes: found.live_bytes,
        dead_paths: found.dead_paths(),
        dead_bytes: found.dead_bytes(),
        disk_bytes: disk
            .and_then(|disk| disk.size.as_ref())
            .map(|fact| fact.value.0),
        disk_free_bytes: disk
            .and_then(|disk| disk.free.as_ref())
            .map(|fact| fact.value.0),
        growth: report.growth.as_ref().map(GrowthJson::of),
        roots: found
            .roots
            .iter()
            .map(|root| RootJson {
                path: &root.path,
                names: root
                    .names
                    .iter()
                    .map(|(name, kind)| NameJson {
                        name,
                        kind: kind_word(*kind),
                    })
                    .collect(),
                closure_bytes: root.closure_bytes,
                only_here_paths: root.only_here.paths,
                only_here_bytes: root.only_here.bytes,
            })
            .collect(),
        largest: found
            .largest
            .iter()
            .map(|one| LargeJson {
                path: &one.path,
                nar_bytes: one.nar_size_bytes,
                live: one.why.is_some(),
                kept_by: one.why.as_ref().map(|chain| chain.root.as_str()),
                way: one.why.as_ref().map_or(&[], |chain| &chain.paths),
            })
            .collect(),
        gc: GcJson {
            rule,
            days,
            generations: &report.gc.generations,
            freed_paths: report.gc.paths,
            freed_bytes: report.gc.bytes,
        },
        links_saved_bytes: report.linked.saved_bytes,
        links_could_save_bytes: report.linked.could_save_bytes,
        compared_files: report.linked.compared_files,
        weeks: found
            .weeks
            .iter()
            .map(|(from_secs, bytes)| WeekJson {
                from_secs: *from_secs,
                bytes: *bytes,
            })
            .collect(),
        unseen: &report.unseen,
        took_ms: millis(report.took),
    }
}

const fn kind_word(kind: RootKind) -> &'static str {
    match kind {
        RootKind::Profile => "profile",
        RootKind::Auto => "auto",
        RootKind::Other => "gcroot",
        RootKind::Temporary => "temporary",
        RootKind::Process => "process",
    }
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    tool: Tool,
    store_dir: &'a str,
    source: &'static str,
    source_why: Option<String>,
    database: Option<DatabaseJson>,
    paths: usize,
    bytes: u64,
    live_paths: usize,
    live_bytes: u64,
    dead_paths: usize,
    dead_bytes: u64,
    disk_bytes: Option<u64>,
    disk_free_bytes: Option<u64>,
    growth: Option<GrowthJson>,
    roots: Vec<RootJson<'a>>,
    largest: Vec<LargeJson<'a>>,
    gc: GcJson<'a>,
    links_saved_bytes: u64,
    links_could_save_bytes: Option<u64>,
    compared_files: usize,
    weeks: Vec<WeekJson>,
    unseen: &'a [String],
    took_ms: f64,
}

/// How a store grows.
#[derive(Serialize)]
pub(super) struct GrowthJson {
    bytes_per_day: f64,
    /// `snapshots`, or `registered`: what came in and is still here, which is too low.
    source: &'static str,
    days_with_snapshot: Option<usize>,
    weeks: Option<usize>,
    days_until_full: Option<f64>,
}

impl GrowthJson {
    pub(super) fn of(growth: &Growth) -> Self {
        let (source, days_with_snapshot, weeks) = match growth.source {
            GrowthSource::Snapshots { days_with_one, .. } => {
                ("snapshots", Some(days_with_one), None)
            }
            GrowthSource::Registered { weeks } => ("registered", None, Some(weeks)),
        };
        Self {
            bytes_per_day: growth.bytes_per_day,
            source,
            days_with_snapshot,
            weeks,
            days_until_full: growth.days_until_full,
        }
    }
}

#[derive(Serialize)]
struct DatabaseJson {
    path: String,
    bytes: u64,
    free_bytes: u64,
}

#[derive(Serialize)]
struct RootJson<'a> {
    path: &'a str,
    names: Vec<NameJson<'a>>,
    closure_bytes: u64,
    only_here_paths: usize,
    only_here_bytes: u64,
}

#[derive(Serialize)]
struct NameJson<'a> {
    name: &'a str,
    kind: &'static str,
}

#[derive(Serialize)]
struct LargeJson<'a> {
    path: &'a str,
    nar_bytes: u64,
    live: bool,
    kept_by: Option<&'a str>,
    way: &'a [String],
}

#[derive(Serialize)]
struct GcJson<'a> {
    rule: &'static str,
    days: Option<u64>,
    generations: &'a [String],
    freed_paths: usize,
    freed_bytes: u64,
}

#[derive(Serialize)]
struct WeekJson {
    from_secs: i64,
    bytes: u64,
}
