//! What is alive, and thanks to whom.

use super::graph::{StoreGraph, grouped};

/// What else lives with a live path, by the settings of the garbage collector.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Keep {
    /// `keep-derivations`: the derivation of a live path.
    pub derivations: bool,
    /// `keep-outputs`: the outputs of a live derivation.
    pub outputs: bool,
}

impl Default for Keep {
    /// As Nix does by itself.
    fn default() -> Self {
        Self {
            derivations: true,
            outputs: false,
        }
    }
}

/// From each path to those that live with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edges {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Edges {
    /// References and what the settings keep (`src/libstore/gc.cc`).
    pub fn new(graph: &StoreGraph, keep: Keep) -> Self {
        let mut pairs: Vec<(u32, u32)> = Vec::new();
        for (number, _) in (0_u32..).zip(graph.paths()) {
            pairs.extend(graph.references(number).iter().map(|to| (number, *to)));
        }
        if keep.derivations {
            for (derivation, output) in graph.outputs() {
                // Only the derivation that the path was really built from.
                let built_from = graph.path(*output).and_then(|info| info.deriver);
                if built_from == Some(*derivation) {
                    pairs.push((*output, *derivation));
                }
            }
        }
        if keep.outputs {
            pairs.extend(graph.outputs());
        }
        let (starts, targets) = grouped(graph.paths().len(), &pairs);
        Self { starts, targets }
    }

    fn of(&self, number: u32) -> &[u32] {
        let at = number as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => self
                .targets
                .get(*from as usize..*to as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    fn count(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// Which paths are alive when these are roots.
pub fn live(edges: &Edges, roots: impl IntoIterator<Item = u32>) -> Vec<bool> {
    let mut alive = vec![false; edges.count()];
    let mut open: Vec<u32> = roots.into_iter().collect();
    while let Some(number) = open.pop() {
        if let Some(slot @ false) = alive.get_mut(number as usize) {
            *slot = true;
            open.extend(edges.of(number));
        }
    }
    alive
}

/// What would be dead without a root.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Exclusive {
    /// How many paths.
    pub paths: usize,
    /// Their archives' bytes.
    pub bytes: u64,
}

/// For each root what lives by it alone: paths that no other root reaches.
pub fn exclusive(graph: &StoreGraph, edges: &Edges, roots: &[u32]) -> Vec<Exclusive> {
    const NOBODY: u32 = u32::MAX;
    const SEVERAL: u32 = u32::MAX - 1;
    let mut owner = vec![NOBODY; edges.count()];
    let mut open: Vec<u32> = Vec::new();
    for (index, root) in (0_u32..).zip(roots) {
        let mine = index.min(SEVERAL - 1);
        open.push(*root);
        // A path goes from nobody to one root and from there to several, so each is passed twice at
        // most.
        while let Some(number) = open.pop() {
            let Some(slot) = owner.get_mut(number as usize) else {
                continue;
            };
            let next = match *slot {
                NOBODY => mine,
                SEVERAL => continue,
                other if other == mine => continue,
                _ => SEVERAL,
            };
            *slot = next;
            open.extend(edges.of(number));
        }
    }
    let mut all = vec![Exclusive::default(); roots.len()];
    for (owner, info) in owner.iter().zip(graph.paths()) {
        if let Some(one) = all.get_mut(*owner as usize) {
            one.paths += 1;
            one.bytes += info.nar_size_bytes;
        }
    }
    all
}

/// For each live path the one by which a shortest way from a root comes to it; roots have themselves.
pub fn parents(edges: &Edges, roots: impl IntoIterator<Item = u32>) -> Vec<Option<u32>> {
    let mut parents: Vec<Option<u32>> = vec![None; edges.count()];
    let mut wave: Vec<u32> = Vec::new();
    for root in roots {
        if let Some(slot @ None) = parents.get_mut(root as usize) {
            *slot = Some(root);
            wave.push(root);
        }
    }
    while !wave.is_empty() {
        let mut next = Vec::new();
        for number in wave {
            for to in edges.of(number) {
                if let Some(slot @ None) = parents.get_mut(*to as usize) {
                    *slot = Some(number);
                    next.push(*to);
                }
            }
        }
        wave = next;
    }
    parents
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::graph::Builder;
    use super::*;

    pub fn graph(sizes: &[u64], references: &[(i64, i64)]) -> StoreGraph {
        let mut builder = Builder::default();
        for (row, size) in (0_i64..).zip(sizes) {
            builder.path(
                row,
                &format!("/s/{row}"),
                i64::try_from(*size).unwrap(),
                0,
                None,
            );
        }
        for (from, to) in references {
            builder.reference(*from, *to);
        }
        builder.finish()
    }

    #[test]
    fn what_two_roots_share_belongs_to_none_of_them() {
        // 0 and 1 are roots; 2 is shared, and so is 3 that only 2 needs; 4 is only 1's; 5 is dead.
        let graph = graph(
            &[1, 10, 100, 1000, 10_000, 7],
            &[(0, 2), (1, 2), (2, 3), (1, 4), (4, 4)],
        );
        let edges = Edges::new(&graph, Keep::default());
        let found = exclusive(&graph, &edges, &[0, 1]);
        assert_eq!(found[0], Exclusive { paths: 1, bytes: 1 });
        assert_eq!(
            found[1],
            Exclusive {
                paths: 2,
                bytes: 10_010
            }
        );
        assert_eq!(live(&edges, [0, 1]), [true, true, true, true, true, false]);
        assert_eq!(parents(&edges, [0, 1])[3], Some(2));
    }

    #[test]
    fn derivations_and_outputs_live_as_the_settings_say() {
        let mut builder = Builder::default();
        builder.path(10, "/s/out", 1, 0, Some("/s/a.drv"));
        builder.path(20, "/s/a.drv", 1, 0, None);
        builder.path(30, "/s/doc", 1, 0, Some("/s/gone.drv"));
        builder.output(20, "/s/out");
        builder.output(20, "/s/doc");
        let graph = builder.finish();
        let alive = |derivations, outputs, root| {
            let keep = Keep {
                derivations,
                outputs,
            };
            live(&Edges::new(&graph, keep), [root])
        };
        assert_eq!(alive(true, false, 0), [true, true, false]);
        assert_eq!(alive(false, false, 0), [true, false, false]);
        assert_eq!(alive(false, true, 1), [true, true, true]);
        // Built from another derivation that happens to make the same path.
        assert_eq!(alive(true, false, 2), [false, false, true]);
    }

    proptest! {
        #[test]
        fn exclusive_is_what_dies_with_the_root(
            references in proptest::collection::vec((0_i64..24, 0_i64..24), 0..60),
            roots in proptest::collection::btree_set(0_u32..24, 1..6),
        ) {
            let sizes: Vec<u64> = (0..24).map(|n| 1 << n).collect();
            let graph = graph(&sizes, &references);
            let edges = Edges::new(&graph, Keep::default());
            let roots: Vec<u32> = roots.into_iter().collect();
            let bytes = |alive: &[bool]| -> u64 {
                alive.iter().zip(&sizes).filter(|(alive, _)| **alive).map(|(_, size)| size).sum()
            };
            let all = bytes(&live(&edges, roots.iter().copied()));
            let found = exclusive(&graph, &edges, &roots);
            for (index, root) in roots.iter().enumerate() {
                let others = roots.iter().copied().filter(|other| other != root);
                prop_assert_eq!(found[index].bytes, all - bytes(&live(&edges, others)));
            }
        }
    }
}
