//! Mount tables: Linux's `/proc/self/mountinfo` and the output of macOS's `mount`.

use std::path::{Path, PathBuf};

/// One mounted file system.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mount {
    /// The folder of the file system that is mounted.
    pub(super) root: PathBuf,
    /// Where it is mounted.
    pub(super) point: PathBuf,
    /// `ext4`, `apfs`, `cgroup2` …
    pub(super) kind: String,
    /// The options of the file system itself, comma-separated.
    pub(super) options: String,
}

/// Reads `/proc/self/mountinfo` (proc_pid_mountinfo(5)); lines of another shape are skipped.
pub(super) fn linux(text: &str) -> Vec<Mount> {
    text.lines()
        .filter_map(|line| {
            let (front, back) = line.split_once(" - ")?;
            let mut front = front.split(' ').skip(3);
            let (root, point) = (front.next()?, front.next()?);
            let mut back = back.split(' ');
            Some(Mount {
                root: PathBuf::from(unescape(root)),
                point: PathBuf::from(unescape(point)),
                kind: back.next()?.to_owned(),
                options: back.nth(1).unwrap_or("").to_owned(),
            })
        })
        .collect()
}

/// Reads lines like `/dev/disk3s7 on /nix (apfs, local, journaled)`.
pub(super) fn darwin(text: &str) -> Vec<Mount> {
    text.lines()
        .filter_map(|line| {
            let (_, rest) = line.split_once(" on ")?;
            let (point, flags) = rest.rsplit_once(" (")?;
            let flags = flags.strip_suffix(')')?;
            let (kind, options) = flags.split_once(", ").unwrap_or((flags, ""));
            Some(Mount {
                root: PathBuf::from("/"),
                point: PathBuf::from(point),
                kind: kind.to_owned(),
                options: options.to_owned(),
            })
        })
        .collect()
}

/// The mount that holds a path: the deepest, and of several at one place the last.
pub(super) fn holding<'a>(mounts: &'a [Mount], path: &Path) -> Option<&'a Mount> {
    mounts
        .iter()
        .filter(|mount| path.starts_with(&mount.point))
        .max_by_key(|mount| mount.point.components().count())
}

/// `\040` and the like are bytes in octal.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let byte = after
            .get(..3)
            .and_then(|digits| u8::from_str_radix(digits, 8).ok())
            .filter(u8::is_ascii);
        match (byte, after.get(3..)) {
            (Some(byte), Some(tail)) => {
                out.push(char::from(byte));
                rest = tail;
            }
            _ => {
                out.push('\\');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deepest_and_last_mount_holds_a_path() {
        let mounts = linux(
            "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n\
             30 22 0:30 /@nix /nix rw,noatime shared:2 - btrfs /dev/sdb rw,ssd,subvol=/@nix\n\
             31 30 0:30 /@nix/store /nix/store ro,noatime shared:2 - btrfs /dev/sdb rw,ssd\n\
             40 22 0:40 / /mnt/my\\040disk rw - xfs /dev/sdc rw\n\
             nonsense\n",
        );
        let kind = |path: &str| holding(&mounts, Path::new(path)).unwrap().kind.as_str();
        assert_eq!(kind("/nix/store"), "btrfs");
        assert_eq!(kind("/nixos"), "ext4");
        assert_eq!(kind("/mnt/my disk/x"), "xfs");
        assert_eq!(mounts[1].root, Path::new("/@nix"));
        assert_eq!(mounts[1].options, "rw,ssd,subvol=/@nix");
        assert_eq!(unescape("a\\"), "a\\");
        assert_eq!(unescape("\\09é\\777"), "\\09é\\777");
    }
}
