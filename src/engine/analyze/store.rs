//! Reading a store: Nix's database, the roots, and on request the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{history, roots};
use crate::analyze::history::{Growth, growth};
use crate::analyze::store::{
    Builder, GcFinding, Generation, GenerationsRule, Keep, Linked, ListingFault, Root, RootKind,
    StoreFinding, StoreGraph, examine, freed_by, read_listing, removed,
};
use crate::facts::{OldRoot, StoreDisk};
use crate::probe;
use crate::system::{DatabaseError, Program, System, SystemError};

mod links;

/// The shape of the tables that is known; it is that of every release since 2.3.
const SCHEMA: &[u8] = b"10";
/// `nix path-info --all --json` may take and print so much.
const LISTING_TIME: Duration = Duration::from_secs(600);
const LONGEST_LISTING_BYTES: u64 = 2 << 30;

const PATHS: &str = "SELECT id, path, narSize, registrationTime, deriver FROM ValidPaths";
const REFERENCES: &str = "SELECT referrer, reference FROM Refs";
const OUTPUTS: &str = "SELECT drv, path FROM DerivationOutputs";
const PAGES: &str = "SELECT page_count, freelist_count, page_size \
                     FROM pragma_page_count, pragma_freelist_count, pragma_page_size";

/// Younger links may still be of use to those who made them.
const OLD_DAYS: u64 = 30;
/// So many roots, those that keep most, are looked at.
const MOST_OLD_ROOTS: usize = 500;

/// What is asked about a store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StoreRequest {
    /// What the garbage collector keeps.
    pub keep: Keep,
    /// Which generations a garbage collection removes first.
    pub rule: GenerationsRule,
    /// How many roots and large paths are named.
    pub most: usize,
    /// Whether to compare the content of files that are not linked yet.
    pub duplicates: bool,
}

/// Where rows come from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum StoreSource {
    /// Nix's database.
    Database {
        /// The file.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
        /// How many of these bytes hold nothing.
        free_bytes: u64,
    },
    /// `nix path-info`, and why the database was not read.
    Listing(String),
}

/// What was found out.
#[derive(Clone, PartialEq, Debug)]
pub struct StoreReport {
    /// The store's folder.
    pub store_dir: String,
    /// Where rows come from.
    pub source: StoreSource,
    /// The store.
    pub finding: StoreFinding,
    /// Generations of profiles.
    pub generations: Vec<Generation>,
    /// What a garbage collection frees.
    pub gc: GcFinding,
    /// The file system that it lies on; `None` when it does not answer.
    pub disk: Option<StoreDisk>,
    /// Files that are linked, or could be.
    pub linked: Linked,
    /// What keeps the answer from being complete, in words.
    pub unseen: Vec<String>,
    /// How it grows; `None` when nothing tells yet.
    pub growth: Option<Growth>,
    /// How long reading and counting took.
    pub took: Duration,
}

/// Why there is no answer.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum StoreError {
    /// No store here.
    #[error("{}: no store is there; NIX_STORE_DIR names another one", .0.display())]
    NoStore(PathBuf),
    /// Another program keeps the database for itself.
    #[error("{0}")]
    Locked(String),
    /// Neither the database nor Nix answers.
    #[error("{database}; and instead of it {listing}")]
    Unreadable {
        /// What is wrong with the database.
        database: String,
        /// What is wrong with what Nix lists.
        listing: String,
    },
}

/// Looks at the store of this machine.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn analyze_store(
    system: &dyn System,
    request: StoreRequest,
) -> Result<StoreReport, StoreError> {
    let started = system.elapsed();
    let store = probe::store_folder(system);
    if system.metadata(&store).is_err() {
        return Err(StoreError::NoStore(store));
    }
    let store_dir = store.to_string_lossy().into_owned();
    let state = probe::state_folder(system);
    let (graph, source) = read(system, &store_dir, &state)?;
    let mut found = roots::find(system, &store_dir, &state);
    // Processes name all kinds of paths; only valid ones count.
    found
        .roots
        .retain(|root| graph.number(&root.path).is_some());
    let finding = examine(&graph, &found.roots, request.keep, request.most);
    let generations: Vec<_> = found
        .generations
        .iter()
        .map(|(one, _)| one.clone())
        .collect();
    let now = system.clock_secs().unwrap_or(0);
    let links: BTreeSet<String> = removed(&generations, request.rule, now)
        .into_iter()
        .filter_map(|index| found.generations.get(index))
        .map(|(_, link)| link.clone())
        .collect();
    let (paths, bytes) = freed_by(&graph, &found.roots, request.keep, |root: &Root| {
        links.contains(&root.name)
    });
    let mut unseen = found.unseen;
    let linked = match links::linked(system, &store, request.duplicates) {
        Ok(linked) => linked,
        Err(error) => {
            unseen.push(error.to_string());
            Linked::default()
        }
    };
    let mut report = StoreReport {
        store_dir,
        source,
        finding,
        generations,
        gc: GcFinding {
            rule: request.rule,
            generations: links.into_iter().collect(),
            paths,
            bytes,
        },
        disk: probe::store_disk(system),
        linked,
        unseen,
        growth: None,
        took: system.elapsed().saturating_sub(started),
    };
    report.growth = growth_of(system, &report);
    Ok(report)
}

/// How a store grew up to now: by the looks at it that were recorded, and this one, else by what came in.
fn growth_of(system: &dyn System, report: &StoreReport) -> Option<Growth> {
    let now = history::store_record(system, report);
    // A history that cannot be read says so where it is asked for.
    let records = history::read_history(system).unwrap_or_default();
    let before = records
        .stores
        .iter()
        .filter(|one| (&one.host, &one.store_dir) == (&now.host, &now.store_dir))
        .filter(|one| one.at_secs <= now.at_secs);
    growth(
        before.chain([&now]),
        &report.finding.weeks,
        now.at_secs,
        now.free_bytes,
    )
}

/// Links that nobody made as a generation of a profile, such as `result`, and that are older than
/// [`OLD_DAYS`], with what only they keep; those first that keep most.
///
/// # Errors
/// There is no store, or it cannot be read.
pub(in crate::engine) fn old_roots(
    system: &dyn System,
    keep: Keep,
) -> Result<Vec<OldRoot>, StoreError> {
    let store = probe::store_folder(system);
    if system.metadata(&store).is_err() {
        return Err(StoreError::NoStore(store));
    }
    let store_dir = store.to_string_lossy().into_owned();
    let state = probe::state_folder(system);
    let (graph, _) = read(system, &store_dir, &state)?;
    let found = roots::find(system, &store_dir, &state);
    let finding = examine(&graph, &found.roots, keep, MOST_OLD_ROOTS);
    let now_secs = system.clock_secs().unwrap_or(0);
    let age_days = |link: &str| {
        let inode = system.inode(Path::new(link)).ok()?;
        let made_secs = u64::try_from(inode.modified_secs).ok()?;
        Some(now_secs.checked_sub(made_secs)? / (24 * 60 * 60))
    };
    let old = finding.roots.into_iter().filter_map(|root| {
        // All who keep a path have to be such links, and the youngest says how old it is.
        let ages: Option<Vec<(u64, String)>> = root
            .names
            .into_iter()
            .map(|(link, kind)| (kind == RootKind::Auto).then(|| Some((age_days(&link)?, link)))?)
            .collect();
        let (age_days, link) = ages?.into_iter().min()?;
        (age_days >= OLD_DAYS).then_some(OldRoot {
            link,
            age_days,
            only_bytes: root.only_here.bytes,
        })
    });
    Ok(old.collect())
}

fn read(
    system: &dyn System,
    store: &str,
    state: &Path,
) -> Result<(StoreGraph, StoreSource), StoreError> {
    let why = match from_database(system, &state.join("db")) {
        Ok(found) => return Ok(found),
        // Nix would wait as well, and for as long as it takes.
        Err(Unread::Locked(why)) => return Err(StoreError::Locked(why)),
        Err(Unread::Other(why)) => why,
    };
    match from_listing(system, store) {
        Ok(graph) => Ok((graph, StoreSource::Listing(why))),
        Err(listing) => Err(StoreError::Unreadable {
            database: why,
            listing,
        }),
    }
}

/// Why the database was not read.
enum Unread {
    Locked(String),
    Other(String),
}

fn from_database(system: &dyn System, folder: &Path) -> Result<(StoreGraph, StoreSource), Unread> {
    let schema = folder.join("schema");
    let version = system
        .read(&schema, 64)
        .map_err(|error| Unread::Other(error.to_string()))?;
    if version.trim_ascii() != SCHEMA {
        return Err(Unread::Other(format!(
            "{}: the database has another shape than the known one",
            schema.display()
        )));
    }
    let path = folder.join("db.sqlite");
    let mut builder = Builder::default();
    let mut pages = [0_u64; 3];
    let said: Result<(), DatabaseError> = system.query(
        &path,
        &[PATHS, REFERENCES, OUTPUTS, PAGES],
        &mut |statement, cells| match (statement, cells) {
            (0, [id, path, size, time, deriver]) => {
                if let (Some(id), Some(path)) = (id.integer(), path.text()) {
                    builder.path(
                        id,
                        path,
                        size.integer().unwrap_or(0),
                        time.integer().unwrap_or(0),
                        deriver.text(),
                    );
                }
            }
            (1, [from, to]) => {
                if let (Some(from), Some(to)) = (from.integer(), to.integer()) {
                    builder.reference(from, to);
                }
            }
            (2, [derivation, path]) => {
                if let (Some(derivation), Some(path)) = (derivation.integer(), path.text()) {
                    builder.output(derivation, path);
                }
            }
            (_, [all, free, size]) => {
                pages = [all, free, size].map(|cell| {
                    cell.integer()
                        .and_then(|n| u64::try_from(n).ok())
                        .unwrap_or(0)
                });
            }
            _ => {}
        },
    );
    said.map_err(|error| match error {
        DatabaseError::Locked { .. } => Unread::Locked(error.to_string()),
        other => Unread::Other(other.to_string()),
    })?;
    let [all, free, size] = pages;
    let source = StoreSource::Database {
        path,
        bytes: all.saturating_mul(size),
        free_bytes: free.saturating_mul(size),
    };
    Ok((builder.finish(), source))
}

fn from_listing(system: &dyn System, store: &str) -> Result<StoreGraph, String> {
    let arguments = [
        "--extra-experimental-features",
        "nix-command",
        "path-info",
        "--all",
        "--json",
    ];
    let ran = system
        .run_program(&Program {
            time_limit: LISTING_TIME,
            output_limit_bytes: LONGEST_LISTING_BYTES,
            ..Program::new("nix", &arguments)
        })
        .map_err(|error: SystemError| error.to_string())?;
    if !ran.succeeded() {
        let said = ran.error_text();
        let line = said.lines().rfind(|line| line.contains("error:"));
        return Err(format!(
            "`nix path-info` fails: {}",
            line.unwrap_or("it does not say why").trim()
        ));
    }
    read_listing(&ran.stdout, store).map_err(|fault: ListingFault| fault.to_string())
}
