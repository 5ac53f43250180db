//! What stays as it is of answers of which most changes all the time.
//!
//! A run that is traced sees nothing else of them: so nothing that it says can rest on the rest.

use std::path::Path;

use super::{DiskReading, Ran, System, SystemError};

/// Files of Linux (`Documentation/filesystems/proc.rst`) with the beginnings of lines that only change
/// with the machine, or with what the process may use of it.
const LINES: [(&str, &[&str]); 3] = [
    ("/proc/meminfo", &["MemTotal:", "SwapTotal:"]),
    ("/proc/self/status", &["Cpus_allowed"]),
    ("/proc/cpuinfo", &["processor"]),
];

/// A key of `sysctl` of macOS: `total = 2048.00M  used = 1038.25M  free = 1009.75M  (encrypted)`.
const SWAP: &[u8] = b"vm.swapusage: ";

/// The steady part of a file that the kernel makes, as [`System::read`] gives the whole.
///
/// # Errors
/// As for [`System::read`].
pub(super) fn read(system: &dyn System, path: &Path, limit: u64) -> Result<Vec<u8>, SystemError> {
    Ok(of_file(path, system.read(path, limit)?))
}

fn of_file(path: &Path, mut content: Vec<u8>) -> Vec<u8> {
    if let Some((_, beginnings)) = LINES.iter().find(|(file, _)| path == Path::new(file)) {
        let mut steady = Vec::new();
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            if beginnings.iter().any(|it| line.starts_with(it.as_bytes())) {
                steady.extend_from_slice(line);
            }
        }
        content = steady;
    }
    content
}

/// How large a disk is, without what is free.
pub(super) fn of_disk(reading: DiskReading) -> DiskReading {
    DiskReading {
        free: None,
        inodes: None,
        ..reading
    }
}

/// The steady part of what a program says.
pub(super) fn of_program(mut ran: Ran) -> Ran {
    let used = b" used = ";
    let mut steady = Vec::new();
    for line in ran.stdout.split_inclusive(|byte| *byte == b'\n') {
        let end = line
            .windows(used.len())
            .position(|window| line.starts_with(SWAP) && window == used);
        match end.and_then(|end| line.get(..end)) {
            Some(part) => {
                steady.extend_from_slice(part);
                steady.push(b'\n');
            }
            None => steady.extend_from_slice(line),
        }
    }
    ran.stdout = steady;
    ran
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_memory_only_its_size_stays() {
        let text = "MemTotal: 5 kB\nMemFree: 3 kB\nSwapTotal: 1 kB\nSwapFree: 1 kB";
        let steady = of_file(Path::new("/proc/meminfo"), text.into());
        assert_eq!(steady, b"MemTotal: 5 kB\nSwapTotal: 1 kB\n");
        let other = of_file(Path::new("/proc/mounts"), text.into());
        assert_eq!(other, text.as_bytes());
    }

    #[test]
    fn of_swap_only_its_size_stays() {
        let text =
            "hw.memsize: 8\nvm.swapusage: total = 2048.00M  used = 1.00M  free = 9.75M\nb: 1";
        let ran = Ran {
            code: Some(0),
            stdout: text.into(),
            stderr: Vec::new(),
        };
        assert_eq!(
            of_program(ran).text(),
            "hw.memsize: 8\nvm.swapusage: total = 2048.00M \nb: 1"
        );
    }
}
