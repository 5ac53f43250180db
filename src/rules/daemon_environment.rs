//! Folders in which the daemon builds, as configurations give them.

use super::RuleCx;
use crate::diagnostic::Confidence;
use crate::eval::Value;
use crate::facts::{How, Implementation, Version};
use crate::model::{Definition, Effective};
use crate::text::Place;

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

/// A folder in which builds may work.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkFolder {
    /// Its path.
    pub folder: String,
    /// The definition that says so; `None` for what Nix takes by itself.
    pub place: Option<Place>,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Where builds work before Nix 2.30, when nothing says otherwise.
const TEMPORARY: &str = "/tmp";
/// Where they work since (`src/libstore/include/nix/store/local-settings.hh`, `build-dir`).
const OF_NIX: &str = "/nix/var/nix/builds";

/// The folders in which builds work, as far as that is known: `build-dir`, else the daemon's
/// `TMPDIR`, else what Nix takes by itself.
pub fn work_folders(cx: &RuleCx<'_>) -> Vec<WorkFolder> {
    let setting = cx.setting("build-dir");
    if let Some(effective) = setting.known() {
        let folder = match &effective.value.value {
            Value::Str(text) => text.to_string(),
            Value::Path(path) => path.to_string_lossy().into_owned(),
            _ => return Vec::new(),
        };
        return vec![WorkFolder {
            folder,
            place: effective.definition.place(),
            confidence: cx.confidence_in(&effective),
        }];
    }
    if !setting.is_unset() || cx.may_be_set_elsewhere("build-dir") {
        return Vec::new();
    }
    let by_itself = |folder: &str, confidence| WorkFolder {
        folder: folder.to_owned(),
        place: None,
        confidence,
    };
    match own_build_dir(cx) {
        Some(OwnBuildDir::Surely) => vec![by_itself(OF_NIX, Confidence::Certain)],
        Some(OwnBuildDir::Perhaps) => Vec::new(),
        None => {
            let given = temp_dirs(cx);
            if given.is_empty() {
                return vec![by_itself(TEMPORARY, Confidence::Likely)];
            }
            given
                .into_iter()
                .map(|temp| WorkFolder {
                    folder: temp.folder,
                    place: temp.definition.place(),
                    confidence: temp.confidence,
                })
                .collect()
        }
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
