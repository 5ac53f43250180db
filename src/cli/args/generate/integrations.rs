//! The arguments of what is generated for git, CI and editors.

use std::path::PathBuf;

use clap::{Args as ClapArgs, ValueEnum};

use super::super::PlaceArgs;
use crate::generate::{Editor, HookStage, HookStyle, Provider};

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune generate ci                                  for who runs the repository's jobs
  nixtune generate ci --provider gitlab --output -
  nixtune generate ci --host hosts/runner.toml --runner self-hosted

nixtune is run from the flake's input of that name, where flake.lock has one, else from its own
flake: NIXTUNE at the top of the file says which. The runner's settings come from the profile, else
from what the service says about its runners.")]
pub(in crate::cli) struct CiArgs {
    /// Who runs the jobs.
    ///
    /// Found out by the repository's files and remote when it is not said.
    #[arg(long, value_enum, value_name = "WHO")]
    pub provider: Option<ProviderWord>,
    /// The runner's hardware.
    #[arg(long, value_name = "FILE")]
    pub host: Option<PathBuf>,
    /// What jobs ask for to get the runner [default: what the service calls its own].
    #[arg(long, value_name = "LABEL")]
    pub runner: Option<String>,
    /// The branch whose pushes are looked at [default: the remote's main branch].
    #[arg(long, value_name = "BRANCH")]
    pub branch: Option<String>,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Words of `--provider`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum ProviderWord {
    // GitHub Actions.
    Github,
    // GitLab CI.
    Gitlab,
    // Forgejo Actions.
    Forgejo,
}

impl From<ProviderWord> for Provider {
    fn from(word: ProviderWord) -> Self {
        match word {
            ProviderWord::Github => Self::Github,
            ProviderWord::Gitlab => Self::Gitlab,
            ProviderWord::Forgejo => Self::Forgejo,
        }
    }
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune generate editor --editor vscode              writes .vscode/tasks.json
  nixtune generate editor --editor neovim              a compiler among your own files
  nixtune generate editor --editor helix --output -    to merge by hand with what is there

Visual Studio Code shows what is reported in the text, Neovim in the quickfix list; Helix and Zed show
what nixtune prints.")]
pub(in crate::cli) struct EditorArgs {
    /// The editor.
    #[arg(long, value_enum, value_name = "EDITOR")]
    pub editor: EditorWord,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Words of `--editor`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum EditorWord {
    // Visual Studio Code.
    Vscode,
    // Neovim.
    Neovim,
    // Helix.
    Helix,
    // Zed.
    Zed,
}

impl From<EditorWord> for Editor {
    fn from(word: EditorWord) -> Self {
        match word {
            EditorWord::Vscode => Self::Vscode,
            EditorWord::Neovim => Self::Neovim,
            EditorWord::Helix => Self::Helix,
            EditorWord::Zed => Self::Zed,
        }
    }
}

#[derive(ClapArgs, Debug)]
#[command(after_long_help = "\
Examples:
  nixtune generate pre-commit                              a script among git's hooks
  nixtune generate pre-commit --stage pre-push             before a push instead of a commit
  nixtune generate pre-commit --style pre-commit           .pre-commit-config.yaml
  nixtune generate pre-commit --style lefthook             lefthook.yml
  nixtune generate pre-commit --style git-hooks.nix        a part of the flake, on standard output

git's hook lints the Nix files that are staged, as they are staged. It goes where git looks for it,
also in a work tree and with core.hooksPath; a hook that is there is not replaced without --force.")]
pub(in crate::cli) struct PreCommitArgs {
    /// Who runs the hook.
    #[arg(long, value_enum, value_name = "STYLE", default_value = "git-hook")]
    pub style: HookStyleWord,
    /// When it runs.
    #[arg(long, value_enum, value_name = "STAGE", default_value = "pre-commit")]
    pub stage: HookStageWord,
    #[command(flatten)]
    pub place: PlaceArgs,
}

/// Words of `--style`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum HookStyleWord {
    // git itself.
    GitHook,
    // pre-commit or prek.
    PreCommit,
    // lefthook.
    Lefthook,
    // A flake's.
    #[value(name = "git-hooks.nix")]
    GitHooksNix,
}

impl From<HookStyleWord> for HookStyle {
    fn from(word: HookStyleWord) -> Self {
        match word {
            HookStyleWord::GitHook => Self::GitHook,
            HookStyleWord::PreCommit => Self::PreCommit,
            HookStyleWord::Lefthook => Self::Lefthook,
            HookStyleWord::GitHooksNix => Self::GitHooksNix,
        }
    }
}

/// Words of `--stage`.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::cli) enum HookStageWord {
    // Before a commit.
    PreCommit,
    // Before a push.
    PrePush,
}

impl From<HookStageWord> for HookStage {
    fn from(word: HookStageWord) -> Self {
        match word {
            HookStageWord::PreCommit => Self::PreCommit,
            HookStageWord::PrePush => Self::PrePush,
        }
    }
}
