//! What a file may look like before the parser sees it.
//!
//! The parser's recursion is bounded for some constructs only, and its tokenizer and its node
//! cache take quadratic time on others. One linear pass over the text bounds both, so that no
//! input overflows the stack or stalls. It reports the bytes that Nix reads differently, too.
//!
//! `scan` reads the tokens as the parser's tokenizer does, `levels` counts how deep the parser's
//! tree becomes.

mod levels;
mod scan;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuildError};

use self::scan::Scan;
use super::SyntaxError;
use crate::text::Span;

/// How deep a tree may become. The parser and everything that walks its trees recurses once
/// per level, on threads with a large stack. A chain of a binary operator is one level a term.
pub const MAX_DEPTH: u32 = 6_000;

/// The stack on which [`MAX_DEPTH`] levels are safe for everything that recurses once per level.
/// The memory is only reserved.
pub const STACK_BYTES: usize = 256 << 20;

/// Worker threads with [`STACK_BYTES`] of stack each; 0 lets the system choose how many. They
/// stay for the next who asks: starting and ending them costs more than a small tree.
///
/// # Errors
/// The system grants no threads.
pub fn workers(threads: usize) -> Result<Arc<ThreadPool>, ThreadPoolBuildError> {
    static POOLS: Mutex<BTreeMap<usize, Arc<ThreadPool>>> = Mutex::new(BTreeMap::new());
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(pool) = pools.get(&threads) {
        return Ok(Arc::clone(pool));
    }
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .stack_size(STACK_BYTES)
        .thread_name(|index| format!("nixtune-{index}"))
        .build()?;
    let pool = Arc::new(pool);
    pools.insert(threads, Arc::clone(&pool));
    Ok(pool)
}

/// Runs `work` on a worker thread with large stacks, and what it does in parallel on others of
/// that kind; on this thread when the system grants none.
pub fn on_workers<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    match workers(0) {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}

/// Runs `work` on a thread with [`STACK_BYTES`] of stack and waits for it; on this thread when
/// the system grants no other.
pub fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let mut done = None;
    let joined = std::thread::scope(|scope| {
        let (work, done) = (&mut work, &mut done);
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, move || *done = work.take().map(|work| work()))
            .map(std::thread::ScopedJoinHandle::join)
    });
    if let Ok(Err(panic)) = joined {
        std::panic::resume_unwind(panic);
    }
    match done.or_else(|| work.take().map(|work| work())) {
        Some(done) => done,
        None => unreachable!("the work is done once, there or here"),
    }
}

/// Steps of quadratic work that every file may cost.
const BASE_BUDGET: u64 = 40_000_000;

/// Steps of quadratic work that each byte adds, so that the bound stays linear in the size.
const BUDGET_PER_BYTE: u64 = 64;

/// Refuses text that the parser could not read within bounds, and bytes that it reads
/// differently from Nix.
///
/// # Errors
/// The first such place.
pub fn check(text: &str) -> Result<(), SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError::new(
            Span::empty(0),
            "the file is larger than 4 GiB, too large to be read",
        ));
    }
    Scan::new(text).run()
}

#[cfg(test)]
mod tests;
