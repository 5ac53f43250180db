//! `nixtune generate pre-commit`: lints what is about to be committed or pushed.

use serde::Serialize;

use super::template::{TemplateError, render};
use super::{Generated, GeneratedFile, NIXTUNE_FLAKE};

/// Who runs the hook.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HookStyle {
    /// git itself: a script among its hooks.
    GitHook,
    /// pre-commit or prek: `.pre-commit-config.yaml`.
    PreCommit,
    /// lefthook: `lefthook.yml`.
    Lefthook,
    /// git-hooks.nix: a part of the flake.
    GitHooksNix,
}

/// When it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum HookStage {
    /// Before a commit.
    PreCommit,
    /// Before a push.
    PrePush,
}

impl HookStage {
    /// git's name for it, which is that of the hook's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PrePush => "pre-push",
        }
    }
}

/// What the hook shall be like.
#[derive(Clone, Copy, Debug)]
pub struct Hook {
    /// Who runs it.
    pub style: HookStyle,
    /// When.
    pub stage: HookStage,
    /// True when the flake is built with flake-parts.
    pub has_flake_parts: bool,
    /// Write why it is as it is.
    pub explain: bool,
}

/// The names of files that nixtune reads without being asked, as a regular expression of Python's.
pub const HOOK_FILES: &str = r"\.nix$|(^|/)nix(\.custom)?\.conf$";

#[derive(Serialize)]
struct Values {
    stage: &'static str,
    flake_parts: bool,
    explain: bool,
    files: &'static str,
    nixtune: &'static str,
}

/// The hook's file, without a path: where it goes depends on the repository.
///
/// # Errors
/// A template that does not render, which the tests rule out.
pub fn pre_commit(hook: &Hook) -> Result<Generated, TemplateError> {
    let values = Values {
        stage: hook.stage.name(),
        flake_parts: hook.has_flake_parts,
        explain: hook.explain,
        files: HOOK_FILES,
        nixtune: NIXTUNE_FLAKE,
    };
    let (template, next) = match hook.style {
        HookStyle::GitHook => ("pre-commit/git-hook.j2", None),
        HookStyle::PreCommit => {
            let install = match hook.stage {
                HookStage::PreCommit => "`pre-commit install` lets git run it",
                HookStage::PrePush => "`pre-commit install --hook-type pre-push` lets git run it",
            };
            ("pre-commit/pre-commit-config.yaml.j2", Some(install))
        }
        HookStyle::Lefthook => (
            "pre-commit/lefthook.yml.j2",
            Some("`lefthook install` lets git run it"),
        ),
        HookStyle::GitHooksNix => ("pre-commit/git-hooks.nix.j2", None),
    };
    Ok(Generated {
        files: vec![GeneratedFile {
            path: None,
            text: render(template, &values)?,
        }],
        next: next.into_iter().map(str::to_owned).collect(),
    })
}
