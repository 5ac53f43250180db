//! What was found out about a store.

use std::collections::BTreeMap;

use super::generations::GenerationsRule;
use super::graph::StoreGraph;
use super::live::{Edges, Exclusive, Keep, exclusive, live, parents};

/// What holds a root.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum RootKind {
    /// A generation of a profile, or its link.
    Profile,
    /// A link that somebody made elsewhere, such as `result`.
    Auto,
    /// Another link below `gcroots`.
    Other,
    /// A build or a command that goes on.
    Temporary,
    /// A running process.
    Process,
}

/// One root: somebody who keeps a path.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Root {
    /// The link, or who it is.
    pub name: String,
    /// What holds it.
    pub kind: RootKind,
    /// The store path.
    pub path: String,
}

/// A path that is kept, by all who keep it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RootFinding {
    /// The store path.
    pub path: String,
    /// Who keeps it.
    pub names: Vec<(String, RootKind)>,
    /// The size of it with all that it needs, in bytes.
    pub closure_bytes: u64,
    /// What would be dead without it.
    pub only_here: Exclusive,
}

/// How a path is reached: a root's name and the store paths from there, the path itself last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chain {
    /// Who keeps the first path.
    pub root: String,
    /// The paths.
    pub paths: Vec<String>,
}

/// One of the largest paths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LargePath {
    /// The store path.
    pub path: String,
    /// Its own size in bytes.
    pub nar_size_bytes: u64,
    /// Why it lives; `None` when it is dead.
    pub why: Option<Chain>,
}

/// What a garbage collection would free.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GcFinding {
    /// Which generations it removes.
    pub rule: GenerationsRule,
    /// The links of these generations.
    pub generations: Vec<String>,
    /// Paths that go, those that are dead now included.
    pub paths: usize,
    /// Their bytes.
    pub bytes: u64,
}

/// Files that are equal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Linked {
    /// What links save already, in bytes.
    pub saved_bytes: u64,
    /// What linking the others would save, in bytes; `None` when files were not compared.
    pub could_save_bytes: Option<u64>,
    /// How many files were compared.
    pub compared_files: usize,
}

/// A store.
#[derive(Clone, PartialEq, Debug)]
pub struct StoreFinding {
    /// Valid paths.
    pub paths: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Those that a root reaches.
    pub live_paths: usize,
    /// Their bytes.
    pub live_bytes: u64,
    /// Roots, those first that keep most.
    pub roots: Vec<RootFinding>,
    /// The largest paths.
    pub largest: Vec<LargePath>,
    /// Bytes of the paths that came in each week and are still here, by the week's first second.
    pub weeks: BTreeMap<i64, u64>,
}

impl StoreFinding {
    /// Paths that no root reaches.
    pub fn dead_paths(&self) -> usize {
        self.paths - self.live_paths
    }

    /// Their bytes.
    pub fn dead_bytes(&self) -> u64 {
        self.bytes - self.live_bytes
    }
}

const WEEK_SECS: i64 = 7 * 24 * 60 * 60;

/// Looks at a store. `most` bounds the lists of the largest.
pub fn examine(graph: &StoreGraph, roots: &[Root], keep: Keep, most: usize) -> StoreFinding {
    let edges = Edges::new(graph, keep);
    let mut by_path: BTreeMap<u32, Vec<(String, RootKind)>> = BTreeMap::new();
    for root in roots {
        if let Some(number) = graph.number(&root.path) {
            let names = by_path.entry(number).or_default();
            names.push((root.name.clone(), root.kind));
        }
    }
    let numbers: Vec<u32> = by_path.keys().copied().collect();
    let alive = live(&edges, numbers.iter().copied());
    let sum = |wanted: bool| -> (usize, u64) {
        alive
            .iter()
            .zip(graph.paths())
            .filter(|(alive, _)| **alive || !wanted)
            .fold((0, 0), |(count, bytes), (_, info)| {
                (count + 1, bytes + info.nar_size_bytes)
            })
    };
    let (paths, bytes) = sum(false);
    let (live_paths, live_bytes) = sum(true);
    let mut kept: Vec<(u32, Exclusive)> = numbers
        .iter()
        .copied()
        .zip(exclusive(graph, &edges, &numbers))
        .collect();
    kept.sort_by_key(|(number, only)| (std::cmp::Reverse(only.bytes), *number));
    let references = Edges::new(
        graph,
        Keep {
            derivations: false,
            outputs: false,
        },
    );
    let roots = kept
        .into_iter()
        .take(most)
        .filter_map(|(number, only_here)| {
            let mut names = by_path.get(&number).cloned().unwrap_or_default();
            names.sort();
            Some(RootFinding {
                path: graph.path(number)?.path.to_string(),
                names,
                closure_bytes: bytes_of(graph, &live(&references, [number])),
                only_here,
            })
        })
        .collect();
    let parents = parents(&edges, numbers.iter().copied());
    let mut order: Vec<u32> = (0_u32..).zip(graph.paths()).map(|(n, _)| n).collect();
    let size = |number: &u32| graph.path(*number).map_or(0, |info| info.nar_size_bytes);
    let by_size = |a: &u32, b: &u32| size(b).cmp(&size(a)).then(a.cmp(b));
    if order.len() > most {
        order.select_nth_unstable_by(most, by_size);
        order.truncate(most);
    }
    order.sort_unstable_by(by_size);
    let largest = order
        .into_iter()
        .filter_map(|number| {
            let info = graph.path(number)?;
            Some(LargePath {
                path: info.path.to_string(),
                nar_size_bytes: info.nar_size_bytes,
                why: chain(graph, &parents, &by_path, number),
            })
        })
        .collect();
    let mut weeks = BTreeMap::new();
    for info in graph.paths() {
        let week = info.registered_secs.div_euclid(WEEK_SECS) * WEEK_SECS;
        *weeks.entry(week).or_insert(0) += info.nar_size_bytes;
    }
    StoreFinding {
        paths,
        bytes,
        live_paths,
        live_bytes,
        roots,
        largest,
        weeks,
    }
}

/// What goes when these roots go as well: paths and bytes, those that are dead already included.
pub fn freed_by(
    graph: &StoreGraph,
    roots: &[Root],
    keep: Keep,
    goes: impl Fn(&Root) -> bool,
) -> (usize, u64) {
    let edges = Edges::new(graph, keep);
    let stays = roots.iter().filter(|root| !goes(root));
    let alive = live(&edges, stays.filter_map(|root| graph.number(&root.path)));
    let count = alive.iter().filter(|alive| !**alive).count();
    let all: u64 = graph.paths().iter().map(|info| info.nar_size_bytes).sum();
    (count, all - bytes_of(graph, &alive))
}

fn bytes_of(graph: &StoreGraph, alive: &[bool]) -> u64 {
    alive
        .iter()
        .zip(graph.paths())
        .filter(|(alive, _)| **alive)
        .map(|(_, info)| info.nar_size_bytes)
        .sum()
}

fn chain(
    graph: &StoreGraph,
    parents: &[Option<u32>],
    roots: &BTreeMap<u32, Vec<(String, RootKind)>>,
    number: u32,
) -> Option<Chain> {
    let mut at = number;
    let mut paths = Vec::new();
    loop {
        paths.push(graph.path(at)?.path.to_string());
        let parent = (*parents.get(at as usize)?)?;
        if parent == at {
            break;
        }
        at = parent;
    }
    paths.reverse();
    Some(Chain {
        root: roots.get(&at)?.first()?.0.clone(),
        paths,
    })
}

#[cfg(test)]
mod tests {
    use super::super::live::tests::graph;
    use super::*;

    #[test]
    fn the_largest_paths_say_why_they_live() {
        let graph = graph(&[1, 50, 900, 70], &[(0, 1), (1, 2)]);
        let root = |name: &str, path: &str| Root {
            name: name.to_owned(),
            kind: RootKind::Auto,
            path: path.to_owned(),
        };
        let roots = [root("/home/u/result", "/s/0"), root("/gone", "/s/none")];
        let found = examine(&graph, &roots, Keep::default(), 2);
        assert_eq!((found.bytes, found.live_bytes), (1021, 951));
        assert_eq!((found.dead_paths(), found.dead_bytes()), (1, 70));
        let largest = &found.largest[0];
        assert_eq!(largest.nar_size_bytes, 900);
        let why = largest.why.as_ref().unwrap();
        assert_eq!(why.root, "/home/u/result");
        assert_eq!(why.paths, ["/s/0", "/s/1", "/s/2"]);
        assert_eq!(found.largest[1].path, "/s/3");
        assert_eq!(found.largest[1].why, None);
        assert_eq!(found.roots[0].only_here.bytes, 951);
        assert_eq!(found.roots[0].closure_bytes, 951);
        let freed = freed_by(&graph, &roots, Keep::default(), |root| {
            root.name == "/home/u/result"
        });
        assert_eq!(freed, (4, 1021));
    }
}
