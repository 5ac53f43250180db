//! Stamps of files, and when they can be trusted.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::obstacle::obstacle;
use crate::system::{Stamp, SystemError};

/// Linux notes times with the clock of its last tick, which comes every 1 to 10 ms.
const TICK: Duration = Duration::from_millis(50);

/// File systems that count whole seconds note them as such; FAT counts in twos.
const WHOLE_SECONDS: Duration = Duration::from_secs(2);

pub(super) fn stamp(path: &Path) -> Result<Stamp, SystemError> {
    let metadata = fs::metadata(path).map_err(|error| obstacle(path, &error))?;
    let changed = (metadata.ctime(), metadata.ctime_nsec());
    Ok(Stamp {
        identity: (metadata.dev(), metadata.ino()),
        size: metadata.len(),
        modified: (metadata.mtime(), metadata.mtime_nsec()),
        changed,
        is_settled: is_settled(changed, SystemTime::now()),
    })
}

fn is_settled(changed: (i64, i64), now: SystemTime) -> bool {
    let (secs, nanos) = changed;
    let (Ok(secs), Ok(nanos)) = (u64::try_from(secs), u32::try_from(nanos)) else {
        // Before 1970 nothing is changed now.
        return true;
    };
    let grain = if nanos == 0 { WHOLE_SECONDS } else { TICK };
    (UNIX_EPOCH + Duration::new(secs, nanos)) + grain < now
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_just_changed_may_change_again_within_the_same_tick() {
        let now = UNIX_EPOCH + Duration::from_millis(1_800_000_000_500);
        assert!(is_settled((1_800_000_000, 400_000_000), now));
        assert!(!is_settled((1_800_000_000, 499_000_000), now));
        // A file system of whole seconds.
        assert!(!is_settled((1_799_999_999, 0), now));
        assert!(is_settled((1_799_999_997, 0), now));
        // A clock that was set back.
        assert!(!is_settled((1_900_000_000, 1), now));
        assert!(is_settled((-1, 5), now));
    }
}
