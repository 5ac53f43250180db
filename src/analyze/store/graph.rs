//! Paths of a store and what refers to what.

use rustc_hash::FxHashMap;

/// One valid path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PathInfo {
    /// The whole path.
    pub path: Box<str>,
    /// The length of its archive in bytes; on the disk it takes about as much.
    pub nar_size_bytes: u64,
    /// When it came into the store, in seconds since the beginning of 1970.
    pub registered_secs: i64,
    /// The derivation that it was built from, if that is valid as well.
    pub deriver: Option<u32>,
}

/// All valid paths by number, with their references.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StoreGraph {
    paths: Vec<PathInfo>,
    numbers: FxHashMap<Box<str>, u32>,
    /// What a path refers to: `targets[starts[n]..starts[n + 1]]`, itself left out.
    starts: Vec<u32>,
    targets: Vec<u32>,
    /// Derivations with their outputs, as far as those are valid.
    outputs: Vec<(u32, u32)>,
}

impl StoreGraph {
    /// All paths, by number.
    pub fn paths(&self) -> &[PathInfo] {
        &self.paths
    }

    /// The number of a path; `None` when it is not valid.
    pub fn number(&self, path: &str) -> Option<u32> {
        self.numbers.get(path).copied()
    }

    /// A path by its number.
    pub fn path(&self, number: u32) -> Option<&PathInfo> {
        self.paths.get(number as usize)
    }

    /// What a path refers to, itself left out.
    pub fn references(&self, number: u32) -> &[u32] {
        let at = number as usize;
        let range = |from: &u32, to: &u32| *from as usize..*to as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(from), Some(to)) => self.targets.get(range(from, to)).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Derivations with their valid outputs.
    pub fn outputs(&self) -> &[(u32, u32)] {
        &self.outputs
    }
}

/// Makes a graph of rows in any order.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    paths: Vec<PathInfo>,
    /// By the row's own number.
    rows: FxHashMap<i64, u32>,
    derivers: Vec<(u32, Box<str>)>,
    references: Vec<(i64, i64)>,
    outputs: Vec<(i64, Box<str>)>,
}

impl Builder {
    /// Adds a path; `row` is what references call it. Negative sizes count as nothing.
    pub fn path(
        &mut self,
        row: i64,
        path: &str,
        nar_size: i64,
        registered_secs: i64,
        deriver: Option<&str>,
    ) {
        let Ok(number) = u32::try_from(self.paths.len()) else {
            return;
        };
        self.rows.insert(row, number);
        self.paths.push(PathInfo {
            path: path.into(),
            nar_size_bytes: u64::try_from(nar_size).unwrap_or(0),
            registered_secs,
            deriver: None,
        });
        if let Some(deriver) = deriver.filter(|text| !text.is_empty()) {
            self.derivers.push((number, deriver.into()));
        }
    }

    /// Adds a reference between two rows.
    pub fn reference(&mut self, referrer: i64, reference: i64) {
        self.references.push((referrer, reference));
    }

    /// Adds an output of the derivation in a row.
    pub fn output(&mut self, derivation: i64, path: &str) {
        self.outputs.push((derivation, path.into()));
    }

    /// The graph. References and outputs of rows that are not there are left out.
    pub fn finish(self) -> StoreGraph {
        let mut paths = self.paths;
        let numbers: FxHashMap<Box<str>, u32> = (0_u32..)
            .zip(&paths)
            .map(|(number, info)| (info.path.clone(), number))
            .collect();
        for (number, deriver) in self.derivers {
            if let Some(info) = paths.get_mut(number as usize) {
                info.deriver = numbers.get(&deriver).copied();
            }
        }
        let known: Vec<(u32, u32)> = self
            .references
            .into_iter()
            .filter_map(|(from, to)| Some((*self.rows.get(&from)?, *self.rows.get(&to)?)))
            .filter(|(from, to)| from != to)
            .collect();
        let (starts, targets) = grouped(paths.len(), &known);
        let outputs = self
            .outputs
            .into_iter()
            .filter_map(|(row, path)| Some((*self.rows.get(&row)?, *numbers.get(&path)?)))
            .collect();
        StoreGraph {
            paths,
            numbers,
            starts,
            targets,
            outputs,
        }
    }
}

/// Pairs by their first number: where those of each begin, and the second numbers.
pub(super) fn grouped(count: usize, pairs: &[(u32, u32)]) -> (Vec<u32>, Vec<u32>) {
    let mut starts = vec![0_u32; count + 1];
    for (from, _) in pairs {
        if let Some(slot) = starts.get_mut(*from as usize + 1) {
            *slot += 1;
        }
    }
    let mut sum = 0;
    for slot in &mut starts {
        sum += *slot;
        *slot = sum;
    }
    let mut next = starts.clone();
    let mut targets = vec![0_u32; pairs.len()];
    for (from, to) in pairs {
        if let Some(at) = next.get_mut(*from as usize) {
            if let Some(slot) = targets.get_mut(*at as usize) {
                *slot = *to;
            }
            *at += 1;
        }
    }
    (starts, targets)
}
