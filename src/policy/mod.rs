//! What the user wants reported: `nixtune.toml`, flags, and suppression comments.
//!
//! Three layers decide in this order: flags, the file, a rule's own declaration.

mod baseline;
mod file;
mod initial;
mod keys;
mod schema;
mod selection;
mod suppression;
mod target;

pub use baseline::{Baseline, BaselineEntry, BaselineError, BaselineKey};
pub use file::{MachinePolicy, PathPolicy, PolicyError, PolicyFile, PolicyProblem};
pub use initial::initial;
pub use schema::{SCHEMA_URL, schema};
pub use selection::{FailOn, Selection, SelectorError, UnknownWord};
pub use suppression::{Allowed, Suppression, SuppressionProblem, Suppressions};
pub use target::{TargetError, TargetPolicy};

use std::path::{Path, PathBuf};

use crate::system::{FileKind, System, lexical};

/// The file's name; looked for in the folder of the linted path and in each folder above it.
pub const FILE_NAME: &str = "nixtune.toml";

/// Diagnostics that come from no rule. They can be ignored and suppressed like rules.
pub const BUILTIN_IDS: [&str; 4] = [
    SYNTAX_ERROR,
    INVALID_SUPPRESSION,
    UNUSED_SUPPRESSION,
    SUPPRESSION_WITHOUT_REASON,
];

/// A file that cannot be parsed.
pub const SYNTAX_ERROR: &str = "syntax-error";

/// A suppression comment that names no rule, or one that does not exist.
pub const INVALID_SUPPRESSION: &str = "invalid-suppression";

/// A suppression comment that silences nothing.
pub const UNUSED_SUPPRESSION: &str = "unused-suppression";

/// A suppression comment that does not say why.
pub const SUPPRESSION_WITHOUT_REASON: &str = "suppression-without-reason";

/// What a diagnostic that comes from no rule is about; `None` for other ids.
pub fn builtin_page(id: &str) -> Option<&'static str> {
    Some(match id {
        SYNTAX_ERROR => {
            "A file cannot be parsed.\n\nNix would refuse it with the same words or others. Nothing \
             else is said about the file. It is an error, and reported whatever is selected; only \
             `--ignore syntax-error` silences it."
        }
        INVALID_SUPPRESSION => {
            "A suppression comment has no effect.\n\nIt names no rule, a rule that does not exist, \
             or stands where it cannot speak for anything. Write `# nixtune: allow(rule-id) \
             reason` above or behind what is meant, or `# nixtune: allow-file(rule-id) reason` \
             above the first line of code."
        }
        UNUSED_SUPPRESSION => {
            "A suppression comment silences nothing.\n\nWhat it was written for has been mended, \
             or is reported elsewhere. Take the rule out of the comment, so that the comment does \
             not hide the next problem. Nothing is said about rules that are not selected or need \
             hardware that is not known."
        }
        SUPPRESSION_WITHOUT_REASON => {
            "A suppression comment does not say why.\n\nWhoever reads it next cannot know whether \
             it is still needed. Write the reason behind the closing parenthesis."
        }
        _ => return None,
    })
}

/// The nearest `nixtune.toml`: in `start` or its folder, or in a folder above. `None` when there
/// is none.
pub fn discover(system: &dyn System, start: &Path) -> Option<PathBuf> {
    let absolute = system.canonicalize(start).ok().or_else(|| {
        // Unsaved contents have a name but no file; their folder counts.
        Some(lexical(&system.current_dir().ok()?.join(start)))
    })?;
    absolute
        .ancestors()
        .map(|folder| folder.join(FILE_NAME))
        .find(|path| {
            system
                .metadata(path)
                .is_ok_and(|found| matches!(found.kind, FileKind::File | FileKind::Link))
        })
}

/// The `nixtune.toml` of the user or of the system, for what has none of its own:
/// `$XDG_CONFIG_HOME/nixtune`, then the folders of `$XDG_CONFIG_DIRS`. `None` when there is none.
pub fn of_user(system: &dyn System) -> Option<PathBuf> {
    let dirs = system.env("XDG_CONFIG_DIRS");
    let dirs = dirs.as_deref().unwrap_or("/etc/xdg");
    let dirs = dirs.split(':').map(PathBuf::from);
    system
        .config_home()
        .into_iter()
        .chain(dirs.filter(|folder| folder.is_absolute()))
        .map(|folder| folder.join("nixtune").join(FILE_NAME))
        .find(|path| system.metadata(path).is_ok())
}

/// The one of `known` that `word` most likely stands for: at most a third of its letters apart.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(word, name), name))
        .filter(|(distance, name)| *distance * 3 <= name.len().max(word.len()))
        .min()
        .map(|(_, name)| name)
}

/// "did you mean" for a word that is not known, or the words that are.
pub fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<_> = known.into_iter().collect();
            if names.len() > 12 {
                "`nixtune rules` lists the names".to_owned()
            } else {
                format!("known here: `{}`", names.join("`, `"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    #[test]
    fn the_users_file_comes_before_the_systems() {
        let system = Memory::new()
            .env("HOME", "/home/a")
            .file("/etc/xdg/nixtune/nixtune.toml", "");
        let found = |system: &Memory| of_user(system).map(|path| path.display().to_string());
        assert_eq!(found(&system).unwrap(), "/etc/xdg/nixtune/nixtune.toml");
        let system = system.file("/home/a/.config/nixtune/nixtune.toml", "");
        assert_eq!(
            found(&system).unwrap(),
            "/home/a/.config/nixtune/nixtune.toml"
        );
        let system = system
            .env("XDG_CONFIG_HOME", "/c")
            .env("XDG_CONFIG_DIRS", "d:/e");
        assert_eq!(found(&system), None);
        let system = system.file("/e/nixtune/nixtune.toml", "");
        assert_eq!(found(&system).unwrap(), "/e/nixtune/nixtune.toml");
    }

    #[test]
    fn the_nearest_file_above_the_path_counts() {
        let system = Memory::new()
            .file("/w/nixtune.toml", "")
            .file("/w/a/nixtune.toml", "")
            .file("/w/a/b/x.nix", "{ }")
            .file("/w/c/y.nix", "{ }");
        let found = |path: &str| discover(&system, Path::new(path));
        assert_eq!(found("/w/a/b/x.nix"), Some("/w/a/nixtune.toml".into()));
        assert_eq!(found("/w/c"), Some("/w/nixtune.toml".into()));
        assert_eq!(
            found("/w/a/b/unsaved.nix"),
            Some("/w/a/nixtune.toml".into())
        );
        assert_eq!(found("/"), None);
    }
}
