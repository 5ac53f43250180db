//! `nixtune analyze report`: everything about a machine in one document.
//!
//! The document is made once, of sections; Markdown and HTML are two ways to write it. The HTML needs
//! nothing else: no network, no script.

use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;

use super::columns::Side;
use super::history::{HistoryJson, RUN_HEADS, amount, change_text, drawn, run_rows, target_text};
use super::overview::{Line, lines};
use super::{VERSION, caches, history, moment, overview, store};
use crate::analyze::history::help;
use crate::engine::analyze::{CachesReport, Overview, StoreReport};
use crate::report::formats::markdown::plain;
use crate::report::json::{Tool, printed};
use crate::report::{Style, escape, redact};
use crate::units::Bytes;

/// The template of nixtune itself does not render.
#[derive(Debug, thiserror::Error)]
#[error("the page cannot be made: {0}; this is a mistake of nixtune, please report it")]
pub struct ReviewError(#[from] minijinja::Error);

/// A part of the document.
#[derive(Serialize)]
struct Section {
    title: &'static str,
    blocks: Vec<Block>,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Block {
    Text(String),
    /// Items with code in backticks.
    #[serde(serialize_with = "parts_of_items")]
    List(Vec<String>),
    Table(Table),
}

#[derive(Serialize)]
struct Table {
    heads: Vec<Head>,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Head {
    name: &'static str,
    right: bool,
}

#[derive(Serialize)]
struct Row {
    cells: Vec<String>,
    /// Misses a target.
    bad: bool,
}

#[derive(Serialize)]
struct Part<'t> {
    text: &'t str,
    code: bool,
}

fn parts_of_items<S: serde::Serializer>(items: &[String], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(items.iter().map(|item| {
        let parts = item.split('`').enumerate();
        parts
            .map(|(index, text)| Part {
                text,
                code: index % 2 == 1,
            })
            .collect::<Vec<_>>()
    }))
}

fn table<const N: usize>(heads: [(&'static str, Side); N], rows: Vec<[String; N]>) -> Block {
    let rows = rows.into_iter().map(|cells| Row {
        cells: cells.into(),
        bad: false,
    });
    Block::Table(Table {
        heads: heads_of(&heads),
        rows: rows.collect(),
    })
}

fn heads_of(heads: &[(&'static str, Side)]) -> Vec<Head> {
    let heads = heads.iter().map(|(name, side)| Head {
        name,
        right: *side == Side::Right,
    });
    heads.collect()
}

/// What to do about a target that is missed.
#[derive(Serialize)]
struct Next {
    /// What is missed, with its value and target.
    missed: String,
    /// What to do.
    help: String,
    /// What says more.
    command: String,
    settings: Vec<String>,
    rules: Vec<&'static str>,
}

fn nexts(lines: &[Line]) -> Vec<Next> {
    let missed = lines.iter().filter(|line| line.is_missed());
    missed
        .map(|line| {
            let target = line.target.as_ref().map_or("", |(_, target)| target);
            let value = redact::mask(&line.value).into_owned();
            let missed = format!("{}: {value}, target {target}", line.name);
            match (line.key.and_then(help), line.name) {
                (Some(help), _) => Next {
                    missed,
                    help: help.words.to_owned(),
                    command: help.command.to_owned(),
                    settings: help.settings.iter().map(|it| (*it).to_owned()).collect(),
                    rules: help.rules.to_vec(),
                },
                (None, "cache") => Next {
                    missed,
                    help: "mend or drop the cache".to_owned(),
                    command: "nixtune analyze cache".to_owned(),
                    settings: vec!["substituters".to_owned(), "trusted-public-keys".to_owned()],
                    rules: vec!["dead-substituter", "substituter-without-key"],
                },
                (None, setting) => Next {
                    missed,
                    help: format!(
                        "set `{setting}` to {target} if builds are what this machine is for"
                    ),
                    command: format!("nixtune explain {setting}"),
                    settings: vec![setting.to_owned()],
                    rules: Vec::new(),
                },
            }
        })
        .collect()
}

impl Next {
    fn text(&self) -> String {
        let mut text = format!("{}. Help: {}; `{}`", self.missed, self.help, self.command);
        if !self.settings.is_empty() {
            text.push_str(&format!("; settings: `{}`", self.settings.join("`, `")));
        }
        if !self.rules.is_empty() {
            text.push_str(&format!("; rules: `{}`", self.rules.join("`, `")));
        }
        escape::line(&text).into_owned()
    }
}

fn sections(found: &Overview) -> Vec<Section> {
    let lines = lines(found);
    let mut sections = vec![glance(&lines)];
    let next: Vec<String> = nexts(&lines).iter().map(Next::text).collect();
    sections.push(Section {
        title: "What to do next",
        blocks: vec![if next.is_empty() {
            Block::Text("Every target is met.".to_owned())
        } else {
            Block::List(next)
        }],
    });
    sections.extend(runs(found));
    sections.extend(found.store.as_ref().ok().map(store_section));
    if let Some(Ok(report)) = &found.caches {
        sections.push(caches_section(report));
    }
    sections
}

fn glance(lines: &[Line]) -> Section {
    let heads = [
        ("", Side::Left),
        ("what", Side::Left),
        ("now", Side::Left),
        ("target", Side::Left),
    ];
    let rows = lines.iter().map(|line| {
        let (mark, target) = match &line.target {
            None => ("", ""),
            Some((true, target)) => ("met", target.as_str()),
            Some((false, target)) => ("missed", target.as_str()),
        };
        let value = redact::mask(&line.value);
        let cells = [mark, line.name, &value, target];
        Row {
            cells: cells.map(|cell| escape::line(cell).into_owned()).into(),
            bad: line.is_missed(),
        }
    });
    Section {
        title: "At a glance",
        blocks: vec![Block::Table(Table {
            heads: heads_of(&heads),
            rows: rows.collect(),
        })],
    }
}

fn runs(found: &Overview) -> Vec<Section> {
    let Ok(history) = &found.history else {
        return Vec::new();
    };
    let mut blocks = Vec::new();
    match history.runs.last() {
        None => blocks.push(Block::Text("No run is recorded.".to_owned())),
        Some(last) => {
            blocks.push(table(RUN_HEADS, run_rows(&history.runs)));
            let wall = last.wall_secs.unwrap_or(0.0);
            let shares = last.shares_secs.iter().map(|(kind, secs)| {
                let percent = if wall > 0.0 { secs / wall * 100.0 } else { 0.0 };
                [
                    escape::line(kind).into_owned(),
                    super::chart::duration(*secs),
                    format!("{percent:.0} %"),
                ]
            });
            blocks.push(Block::Text(
                "Where the time of the last one went:".to_owned(),
            ));
            let heads = [
                ("what", Side::Left),
                ("time", Side::Right),
                ("share", Side::Right),
            ];
            blocks.push(table(heads, shares.collect()));
        }
    }
    let mut sections = vec![Section {
        title: "Last runs",
        blocks,
    }];
    if !history.followed.is_empty() {
        let rows = history.followed.iter().map(|one| Row {
            cells: vec![
                one.metric.words().to_owned(),
                amount(one.metric, one.current),
                target_text(one).unwrap_or_default(),
                drawn(one, Style::PLAIN).0,
                escape::line(&redact::mask(&one.name)).into_owned(),
            ],
            bad: one.met == Some(false),
        });
        let heads = [
            ("metric", Side::Left),
            ("now", Side::Right),
            ("target", Side::Left),
            ("over time", Side::Left),
            ("run", Side::Left),
        ];
        let mut blocks = vec![Block::Table(Table {
            heads: heads_of(&heads),
            rows: rows.collect(),
        })];
        let changes: Vec<String> = history
            .changes
            .iter()
            .map(|series| escape::line(&redact::mask(&change_text(series))).into_owned())
            .collect();
        if !changes.is_empty() {
            blocks.push(Block::List(changes));
        }
        sections.push(Section {
            title: "Metrics and since when they are so",
            blocks,
        });
    }
    sections
}

fn store_section(report: &StoreReport) -> Section {
    let found = &report.finding;
    let row = |name: &str, paths: usize, bytes: u64| {
        [
            name.to_owned(),
            paths.to_string(),
            Bytes(bytes).to_string(),
            store::percent(bytes, found.bytes),
        ]
    };
    let rows = vec![
        row("all", found.paths, found.bytes),
        row("live", found.live_paths, found.live_bytes),
        row("dead", found.dead_paths(), found.dead_bytes()),
    ];
    let heads = [
        ("", Side::Left),
        ("paths", Side::Right),
        ("bytes", Side::Right),
        ("share", Side::Right),
    ];
    let mut blocks = vec![table(heads, rows)];
    let notes = store::notes(report);
    if !notes.is_empty() {
        let notes = notes.iter().map(|note| escape::line(note).into_owned());
        blocks.push(Block::List(notes.collect()));
    }
    if !found.roots.is_empty() {
        blocks.push(Block::Text("Who keeps what:".to_owned()));
        blocks.push(table(
            store::ROOT_HEADS,
            found.roots.iter().map(store::root_row).collect(),
        ));
    }
    if !found.largest.is_empty() {
        let rows = found.largest.iter().map(|one| {
            let why = one.why.as_ref().map_or("dead", |chain| chain.root.as_str());
            [
                Bytes(one.nar_size_bytes).to_string(),
                escape::line(store::name(&one.path)).into_owned(),
                escape::line(why).into_owned(),
            ]
        });
        blocks.push(Block::Text("The largest paths:".to_owned()));
        let heads = [
            ("bytes", Side::Right),
            ("path", Side::Left),
            ("kept by", Side::Left),
        ];
        blocks.push(table(heads, rows.collect()));
    }
    Section {
        title: "The store",
        blocks,
    }
}

fn caches_section(report: &CachesReport) -> Section {
    let found = &report.finding;
    let rows = found.caches.iter();
    let rows = rows.map(|cache| caches::row(cache, found.parallel));
    let mut blocks = vec![table(caches::HEADS, rows.collect())];
    let problems: Vec<String> = found
        .caches
        .iter()
        .flat_map(|cache| {
            let problems = cache.problems().into_iter();
            problems.map(|problem| format!("{}: {problem}", caches::url(&cache.url)))
        })
        .map(|problem| escape::line(&redact::mask(&problem)).into_owned())
        .collect();
    if !problems.is_empty() {
        blocks.push(Block::List(problems));
    }
    Section {
        title: "Caches",
        blocks,
    }
}

fn title(found: &Overview) -> String {
    format!("Nix on {}", escape::line(&found.host.name))
}

fn subtitle(at_secs: Option<u64>) -> String {
    let at = at_secs.map_or_else(String::new, |secs| format!("{} UTC, ", moment(secs)));
    format!("{at}by nixtune {}", env!("CARGO_PKG_VERSION"))
}

/// As Markdown; `at_secs` is when, in seconds since the beginning of 1970.
pub fn review_markdown(found: &Overview, at_secs: Option<u64>) -> String {
    let mut out = format!(
        "# {}\n\n{}\n",
        plain(&title(found)),
        plain(&subtitle(at_secs))
    );
    for section in sections(found) {
        out.push_str(&format!("\n## {}\n", section.title));
        for block in section.blocks {
            out.push('\n');
            match block {
                Block::Text(text) => out.push_str(&format!("{}\n", plain(&text))),
                Block::List(items) => {
                    for item in items {
                        out.push_str(&format!("- {}\n", plain(&item)));
                    }
                }
                Block::Table(table) => markdown_table(&table, &mut out),
            }
        }
    }
    out
}

fn markdown_table(table: &Table, out: &mut String) {
    let mut row = |cells: &mut dyn Iterator<Item = String>| {
        out.push('|');
        for cell in cells {
            out.push_str(&format!(" {cell} |"));
        }
        out.push('\n');
    };
    row(&mut table.heads.iter().map(|head| plain(head.name)));
    let line = |head: &Head| if head.right { "--:" } else { "---" }.to_owned();
    row(&mut table.heads.iter().map(line));
    for one in &table.rows {
        row(&mut one.cells.iter().map(|cell| plain(cell)));
    }
}

/// As a page that needs nothing else.
///
/// # Errors
/// The template does not render, which is a mistake of nixtune.
pub fn review_html(found: &Overview, at_secs: Option<u64>) -> Result<String, ReviewError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.add_template("review.html", include_str!("review.html.j2"))?;
    let mut page = environment.get_template("review.html")?.render(context! {
        title => title(found),
        subtitle => subtitle(at_secs),
        sections => sections(found),
    })?;
    page.push('\n');
    Ok(page)
}

/// For programs: one JSON document, newline at the end. What is not known is `null`.
pub fn review_json(found: &Overview, at_secs: Option<u64>) -> String {
    let lines = lines(found);
    let caches = found
        .caches
        .as_ref()
        .and_then(|caches| caches.as_ref().ok());
    printed(&Document {
        version: VERSION,
        tool: Tool::THIS,
        at_secs,
        overview: overview::document(found, &lines),
        next: nexts(&lines),
        history: found.history.as_ref().ok().map(HistoryJson::of),
        store: found.store.as_ref().ok().map(store::document),
        caches: caches.map(caches::document),
    })
}

#[derive(Serialize)]
struct Document<'a, O: Serialize, S: Serialize, C: Serialize> {
    version: u32,
    tool: Tool,
    at_secs: Option<u64>,
    overview: O,
    next: Vec<Next>,
    history: Option<history::HistoryJson<'a>>,
    store: Option<S>,
    caches: Option<C>,
}
