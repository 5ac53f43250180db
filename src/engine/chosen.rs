//! Which rules speak about which file: the policy, laid over by flags and narrowed by paths.

use std::path::{Path, PathBuf};

use crate::model::Workspace;
use crate::policy::{PolicyFile, Selection};
use crate::rules::RuleOptions;
use crate::system::{System, lexical};
use crate::text::FileId;

/// What counts for every file, and what for single ones.
pub(super) struct Chosen<'p> {
    everywhere: Selection,
    policy: Option<&'p PolicyFile>,
    options: RuleOptions,
}

impl<'p> Chosen<'p> {
    /// What `policy` says with `flags` laid over it. Rules that `named` selects speak as well,
    /// whatever is said about them: a fix of theirs is asked for.
    pub fn new(policy: Option<&'p PolicyFile>, flags: &Selection, named: &Selection) -> Self {
        Self {
            everywhere: policy
                .map(|policy| policy.selection.clone())
                .unwrap_or_default()
                .overlaid(flags)
                .narrowed(named),
            policy,
            options: policy
                .map(|policy| policy.options.clone())
                .unwrap_or_default(),
        }
    }

    /// What counts where no path says otherwise.
    pub fn everywhere(&self) -> &Selection {
        &self.everywhere
    }

    /// The numbers that rules go by.
    pub fn options(&self) -> &RuleOptions {
        &self.options
    }

    /// What counts for the files of `workspace`.
    pub fn by_file(&self, system: &dyn System, workspace: &Workspace) -> ByFile<'_> {
        let policy = self.policy.filter(|policy| !policy.paths.is_empty());
        let narrowed = policy.map_or_else(Vec::new, |policy| {
            workspace
                .files()
                .iter()
                .map(|file| policy.selection_at(&self.everywhere, &absolute(system, file.path())))
                .collect()
        });
        ByFile {
            everywhere: &self.everywhere,
            narrowed,
        }
    }
}

/// The selection of each file of a workspace.
pub(super) struct ByFile<'c> {
    everywhere: &'c Selection,
    /// By number of file; empty when no path says anything.
    narrowed: Vec<Selection>,
}

impl ByFile<'_> {
    /// What counts for a file.
    pub fn of(&self, file: FileId) -> &Selection {
        self.narrowed
            .get(file.0 as usize)
            .unwrap_or(self.everywhere)
    }

    /// True when the rule speaks about some file.
    pub fn is_on_somewhere(&self, id: &str) -> bool {
        if self.narrowed.is_empty() {
            return self.everywhere.is_on(id);
        }
        self.narrowed.iter().any(|selection| selection.is_on(id))
    }
}

/// Where a file lies, links followed; unsaved contents have a name but no file.
fn absolute(system: &dyn System, path: &Path) -> PathBuf {
    system.canonicalize(path).unwrap_or_else(|_| {
        system
            .current_dir()
            .map_or_else(|_| path.to_path_buf(), |here| lexical(&here.join(path)))
    })
}
