//! Folders in which the daemon builds, as configurations give them.

use super::RuleCx;
use crate::diagnostic::Confidence;
use crate::eval::Value;
use crate::facts::{How, Implementation, Version};
use crate::model::{Definition, Effective};

/// Whether the Nix in use builds in a folder below its own state, whatever `TMPDIR` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum OwnBuildDir {
    /// It does.
    Surely,
    /// Its release is not known.
    Perhaps,
}

/// The release of Nix that stopped building in `TMPDIR`
/// (`doc/manual/source/release-notes/rl-2.30.md`). Some patch releases before it may, too.
const SINCE: Version = Version::new(2, 30, 0);

/// `None` for releases that may build in `TMPDIR`.
pub(super) fn own_build_dir(cx: &RuleCx<'_>) -> Option<OwnBuildDir> {
    let target = cx.target();
    let implementation = target.implementation.as_ref().map(|fact| fact.value);
    let own = match (implementation, &target.version) {
        (Some(Implementation::Cppnix), Some(version)) => version.value >= SINCE,
        // Another default than none is a folder of its own.
        (Some(Implementation::Lix), Some(_)) => cx
            .catalog()
            .setting("build-dir")?
            .default_for(target)
            .is_none(),
        _ => return Some(OwnBuildDir::Perhaps),
    };
    // What nobody said may be another release.
    let is_assumed = [
        target.implementation.as_ref().map(|fact| fact.how),
        target.version.as_ref().map(|fact| fact.how),
    ]
    .contains(&Some(How::Assumed));
    match (own, is_assumed) {
        (true, false) => Some(OwnBuildDir::Surely),
        (true, true) => Some(OwnBuildDir::Perhaps),
        (false, _) => None,
    }
}

/// A folder that a file gives to the daemon as `TMPDIR`.
pub(super) struct TempDir<'a> {
    /// The option.
    pub option: &'static str,
    /// Its definition.
    pub definition: &'a Definition,
    /// The folder.
    pub folder: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What gives the daemon's environment: NixOS's unit, the modules' own set, nix-darwin's option.
const OPTIONS: [&str; 3] = [
    "systemd.services.nix-daemon.environment",
    "nix.envVars",
    "services.nix-daemon.tempDir",
];

/// The folders that files give to the daemon as `TMPDIR`, as far as they are known.
pub(super) fn temp_dirs<'a>(cx: &RuleCx<'a>) -> Vec<TempDir<'a>> {
    let of = |option: &'static str| {
        cx.option(option)
            .candidates()
            .into_iter()
            .filter_map(move |effective| {
                Some(TempDir {
                    option,
                    definition: effective.definition,
                    folder: folder(&effective)?,
                    confidence: cx.confidence_in(&effective),
                })
            })
    };
    OPTIONS.into_iter().flat_map(of).collect()
}

fn folder(effective: &Effective<'_>) -> Option<String> {
    let value = match &effective.value.value {
        Value::Attrs(attrs) => &attrs.get("TMPDIR")?.value,
        value => value,
    };
    match value {
        Value::Str(text) if text.starts_with('/') => Some(text.to_string()),
        Value::Path(path) => path.to_str().map(str::to_owned),
        _ => None,
    }
}

/// Folders of every Linux that anybody may write into.
const WORLD_WRITABLE: [&str; 3] = ["/tmp", "/var/tmp", "/dev/shm"];

/// The folder among the parents of `path`, or `path` itself, that anybody may write into.
pub(super) fn world_writable(path: &str) -> Option<&'static str> {
    WORLD_WRITABLE.into_iter().find(|folder| {
        path.strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_within_are_as_open_as_the_outer_one() {
        assert_eq!(world_writable("/tmp"), Some("/tmp"));
        assert_eq!(world_writable("/var/tmp/nix"), Some("/var/tmp"));
        assert_eq!(world_writable("/tmpfs/nix"), None);
        assert_eq!(world_writable("/nix/tmp"), None);
    }
}
