//! What an earlier run said, said again as long as everything that it looked at is as it was.
//!
//! A run of `lint` is a function of its arguments, its output's looks and the answers of the system.
//! The first two are in the name of a file in `$XDG_CACHE_HOME/nixtune/lint`, the answers in the file,
//! with what was said. A file that cannot be read, was made by another program or is damaged is no file.

use std::fmt::{Debug, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::output::{Output, Said};
use crate::catalog::Month;
use crate::system::{System, Trace};

/// So many different runs are kept: of a few trees, in several formats.
const MOST_FILES: usize = 64;

/// What takes more is not kept.
const MOST_BYTES: u64 = 32 << 20;

/// The bytes of a check sum at the beginning of a file.
const SUM_BYTES: usize = size_of::<u64>();

/// The place of what a run says.
pub(super) struct Recall {
    file: PathBuf,
}

/// What is in the file, behind the check sum.
#[derive(Serialize, Deserialize)]
struct Kept {
    trace: Trace,
    said: Vec<Said>,
    code: u8,
}

impl Recall {
    /// For a run with `arguments`; `None` where there is no place, or where it is not known which
    /// program this is.
    pub fn new(arguments: &impl Debug, system: &dyn System, output: &Output) -> Option<Self> {
        let program = system.own_program()?;
        let stamp = system.stamp(&program).ok()?;
        let mut hash = Sha256::new();
        // The catalog ages by the month.
        let month = system.now_secs().and_then(Month::of_unix_secs);
        let here = system.current_dir().ok()?;
        let looks = output.looks();
        hash.update(format!(
            "{program:?} {:?} {:?} {month:?} {here:?} {looks} {arguments:?}",
            stamp.identity, stamp.changed
        ));
        let mut name = String::new();
        for byte in hash.finalize() {
            write!(name, "{byte:02x}").ok()?;
        }
        let caches = system.cache_home()?;
        // A home that is not there is not made: in a build of Nix nobody shall have one.
        system.metadata(caches.parent()?).ok()?;
        let file = caches.join("nixtune/lint").join(name);
        Some(Self { file })
    }

    /// Says what the last such run said, and returns its exit code; `None` when there was none, or
    /// something may be different now.
    pub fn say(&self, system: &dyn System, output: &mut Output) -> Option<u8> {
        let bytes = system.read(&self.file, MOST_BYTES).ok()?;
        let (sum, content) = bytes.split_at_checked(SUM_BYTES)?;
        if sum != sum_of(content) {
            return None;
        }
        let kept: Kept = postcard::from_bytes(content).ok()?;
        if !kept.trace.holds(system) {
            return None;
        }
        for said in &kept.said {
            output.say(said);
        }
        Some(kept.code)
    }

    /// Keeps what a run said for the next one. What cannot be kept is found out again.
    pub fn keep(&self, trace: Trace, said: Vec<Said>, code: u8, system: &dyn System) {
        let kept = Kept { trace, said, code };
        let Ok(mut bytes) = postcard::to_extend(&kept, vec![0; SUM_BYTES]) else {
            return;
        };
        if let Some((sum, content)) = bytes.split_at_mut_checked(SUM_BYTES)
            && (content.len() as u64) < MOST_BYTES
        {
            sum.copy_from_slice(&sum_of(content));
            let _ = system.keep(&self.file, &bytes, MOST_FILES);
        }
    }
}

fn sum_of(content: &[u8]) -> [u8; SUM_BYTES] {
    let mut hasher = DefaultHasher::new();
    content.hash(&mut hasher);
    hasher.finish().to_le_bytes()
}
