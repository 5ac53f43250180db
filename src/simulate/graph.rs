//! What is to be built: jobs, what each needs, and how much work it is.

use std::sync::Arc;

use super::fleet::Requirements;
use crate::units::Bytes;

/// Position of a job in its graph.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct JobId(pub u32);

impl JobId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a job does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum JobKind {
    /// It is fetched from a cache: `max-substitution-jobs` of these run at once.
    Download,
    /// It is built: `max-jobs` of these run at once.
    Build,
}

/// One derivation or one path to fetch.
#[derive(Clone, PartialEq, Debug)]
pub struct Job {
    /// The name by which Nix puts it in order: `hello-2.12.drv`.
    pub name: Arc<str>,
    /// Its path in the store, which decides between equal names; empty when it is not known.
    pub path: Arc<str>,
    /// What it does.
    pub kind: JobKind,
    /// The jobs that have to end before it starts.
    pub needs: Vec<JobId>,
    /// Seconds in which it keeps no thread busy: it waits for the network, a disk or a clock.
    pub waiting_secs: f64,
    /// Seconds of one thread that nothing can share: unpacking, configuring, linking.
    pub serial_secs: f64,
    /// Seconds of one thread that several may share.
    pub parallel_secs: f64,
    /// How many threads can share that part at most; at least 1.
    pub width: u32,
    /// Bytes to fetch, for a machine whose bandwidth is known.
    pub download: Bytes,
    /// Memory at its largest, whatever the number of threads.
    pub memory: Bytes,
    /// Memory that each thread adds.
    pub memory_per_thread: Bytes,
    /// Bytes of what it makes, to be copied to and from builders.
    pub output: Bytes,
    /// What it asks of the machine that builds it; `None` when that is nothing.
    pub requirements: Option<Arc<Requirements>>,
}

/// Longer than this no job may take: a century.
pub const MOST_SECS: f64 = 3_155_760_000.0;

impl Job {
    /// A build that keeps one thread busy for `secs`.
    pub fn build(name: impl Into<Arc<str>>, needs: Vec<JobId>, secs: f64) -> Self {
        Self {
            name: name.into(),
            path: Arc::from(""),
            kind: JobKind::Build,
            needs,
            waiting_secs: 0.0,
            serial_secs: secs,
            parallel_secs: 0.0,
            width: 1,
            download: Bytes(0),
            memory: Bytes(0),
            memory_per_thread: Bytes(0),
            output: Bytes(0),
            requirements: None,
        }
    }

    /// A path that takes `secs` to fetch, however many others are fetched.
    pub fn download(name: impl Into<Arc<str>>, secs: f64) -> Self {
        Self {
            kind: JobKind::Download,
            waiting_secs: secs,
            ..Self::build(name, Vec::new(), 0.0)
        }
    }

    /// Seconds that it takes alone with so many threads on an idle machine, without the time to
    /// transfer [`Job::download`].
    pub fn alone_secs(&self, threads: u32) -> f64 {
        let threads = self.width.min(threads).max(1);
        self.waiting_secs + self.serial_secs + self.parallel_secs / f64::from(threads)
    }

    /// Memory that it takes with so many threads.
    pub fn memory_with(&self, threads: u32) -> Bytes {
        let threads = self.width.min(threads).max(1);
        let more = self.memory_per_thread.0.saturating_mul(threads.into());
        Bytes(self.memory.0.saturating_add(more))
    }
}

/// Why jobs are no graph.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GraphError {
    /// A job needs one that is not there.
    #[error("`{job}` needs a job that is not in the graph")]
    Missing {
        /// The job that needs it.
        job: Arc<str>,
    },
    /// Jobs need each other.
    #[error("`{job}` needs itself, directly or through others")]
    Cycle {
        /// One of them.
        job: Arc<str>,
    },
    /// A duration that is none.
    #[error("`{job}` takes {secs} s; a duration is a number from 0 to a century")]
    Duration {
        /// The job.
        job: Arc<str>,
        /// What it takes.
        secs: String,
    },
}

/// Jobs without cycles.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Graph {
    jobs: Vec<Job>,
    /// For each job, those that need it.
    needed_by: Vec<Vec<JobId>>,
    /// Each job after all that it needs.
    order: Vec<JobId>,
    /// How far each job is from what nothing needs: Nix reaches goals in this order.
    depth: Vec<u32>,
}

impl Graph {
    /// Checks that `jobs` are a graph: each [`JobId`] in `needs` is a position in `jobs`.
    ///
    /// # Errors
    /// Jobs that are missing, need themselves, or take a time that is no duration.
    pub fn new(mut jobs: Vec<Job>) -> Result<Self, GraphError> {
        let mut needed_by = vec![Vec::new(); jobs.len()];
        let mut open: Vec<usize> = Vec::with_capacity(jobs.len());
        for (id, job) in (0u32..).map(JobId).zip(&mut jobs) {
            for secs in [job.waiting_secs, job.serial_secs, job.parallel_secs] {
                if !(0.0..=MOST_SECS).contains(&secs) {
                    return Err(GraphError::Duration {
                        job: Arc::clone(&job.name),
                        secs: secs.to_string(),
                    });
                }
            }
            job.needs.sort_unstable();
            job.needs.dedup();
            open.push(job.needs.len());
            for need in &job.needs {
                match needed_by.get_mut(need.index()) {
                    Some(list) => list.push(id),
                    None => {
                        return Err(GraphError::Missing {
                            job: Arc::clone(&job.name),
                        });
                    }
                }
            }
        }
        let order = order_of(&jobs, &needed_by, open)?;
        let depth = depths(&jobs, &needed_by, &order);
        Ok(Self {
            jobs,
            needed_by,
            order,
            depth,
        })
    }

    /// All jobs, by [`JobId`].
    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// One job.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(id.index())
    }

    /// The jobs that need one.
    pub(super) fn needed_by(&self, id: JobId) -> &[JobId] {
        self.needed_by.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// How far a job is from what nothing needs.
    pub(super) fn depth(&self, id: JobId) -> u32 {
        self.depth.get(id.index()).copied().unwrap_or(0)
    }

    /// Seconds from the start of each job to the end of everything that waits for it, when nothing
    /// ever waits for a slot.
    pub fn tails_secs(&self, threads: u32) -> Vec<f64> {
        let mut tails = vec![0.0; self.jobs.len()];
        for id in self.order.iter().rev() {
            let after = self.needed_by(*id).iter();
            let longest = after
                .filter_map(|id| tails.get(id.index()).copied())
                .fold(0.0, f64::max);
            let own = self.job(*id).map_or(0.0, |job| job.alone_secs(threads));
            if let Some(slot) = tails.get_mut(id.index()) {
                *slot = own + longest;
            }
        }
        tails
    }

    /// Seconds of the longest chain, with so many threads for each job: no number of slots builds
    /// it faster.
    pub fn critical_secs(&self, threads: u32) -> f64 {
        self.tails_secs(threads).into_iter().fold(0.0, f64::max)
    }

    /// Seconds of one thread that all jobs keep busy together.
    pub fn work_secs(&self) -> f64 {
        let jobs = self.jobs.iter();
        jobs.map(|job| job.serial_secs + job.parallel_secs).sum()
    }
}

/// Each job after all that it needs.
fn order_of(
    jobs: &[Job],
    needed_by: &[Vec<JobId>],
    mut open: Vec<usize>,
) -> Result<Vec<JobId>, GraphError> {
    let mut order: Vec<JobId> = (0u32..)
        .zip(&open)
        .filter(|(_, open)| **open == 0)
        .map(|(id, _)| JobId(id))
        .collect();
    let mut next = 0;
    while let Some(id) = order.get(next).copied() {
        next += 1;
        for dependent in needed_by.get(id.index()).into_iter().flatten() {
            if let Some(open) = open.get_mut(dependent.index()) {
                *open -= 1;
                if *open == 0 {
                    order.push(*dependent);
                }
            }
        }
    }
    if order.len() == jobs.len() {
        return Ok(order);
    }
    let stuck = jobs.iter().zip(&open).find(|(_, open)| **open > 0);
    Err(GraphError::Cycle {
        job: stuck.map_or_else(|| "".into(), |(job, _)| Arc::clone(&job.name)),
    })
}

/// The shortest way from a job that nothing needs down to each.
fn depths(jobs: &[Job], needed_by: &[Vec<JobId>], order: &[JobId]) -> Vec<u32> {
    let mut depth = vec![0; jobs.len()];
    for id in order.iter().rev() {
        let above = needed_by.get(id.index()).into_iter().flatten();
        let nearest = above
            .filter_map(|above| depth.get(above.index()).copied())
            .min();
        if let (Some(slot), Some(nearest)) = (depth.get_mut(id.index()), nearest) {
            *slot = nearest + 1u32;
        }
    }
    depth
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(numbers: &[u32]) -> Vec<JobId> {
        numbers.iter().copied().map(JobId).collect()
    }

    #[test]
    fn the_longest_chain_and_all_work() {
        let graph = Graph::new(vec![
            Job::build("a", vec![], 3.0),
            Job::build("b", vec![], 1.0),
            Job::build("c", ids(&[0, 1, 0]), 2.0),
        ])
        .unwrap();
        assert_eq!(graph.critical_secs(1), 5.0);
        assert_eq!(graph.work_secs(), 6.0);
        assert_eq!(graph.tails_secs(1), [5.0, 3.0, 2.0]);
        assert_eq!([0, 1, 2].map(|id| graph.depth(JobId(id))), [1, 1, 0]);
    }

    #[test]
    fn threads_shorten_only_what_can_be_shared() {
        let mut job = Job::build("a", vec![], 1.0);
        job.parallel_secs = 8.0;
        job.waiting_secs = 0.5;
        job.width = 4;
        assert_eq!(job.alone_secs(1), 9.5);
        assert_eq!(job.alone_secs(2), 5.5);
        assert_eq!(job.alone_secs(16), 3.5);
    }

    #[test]
    fn what_is_no_graph_is_refused() {
        let error = |jobs| Graph::new(jobs).unwrap_err().to_string();
        let missing = error(vec![Job::build("a", ids(&[7]), 1.0)]);
        assert!(missing.contains("not in the graph"), "{missing}");
        let cycle = error(vec![
            Job::build("a", ids(&[1]), 1.0),
            Job::build("b", ids(&[0]), 1.0),
        ]);
        assert!(cycle.contains("itself"), "{cycle}");
        for secs in [f64::INFINITY, f64::NAN, -1.0, 1e300] {
            let endless = error(vec![Job::build("a", vec![], secs)]);
            assert!(endless.contains("a duration is"), "{endless}");
        }
    }
}
