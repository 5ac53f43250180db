//! `nixtune generate editor`: what an editor can do with nixtune beside its language server.

use serde::Serialize;

use super::matcher::CONCISE;
use super::template::{TemplateError, render};
use super::{Generated, GeneratedFile};

/// An editor.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Editor {
    /// Visual Studio Code: tasks with a problem matcher.
    Vscode,
    /// Neovim: a compiler, which fills the quickfix list.
    Neovim,
    /// Helix: keys that run nixtune and show what it prints.
    Helix,
    /// Zed: tasks that print in its terminal.
    Zed,
}

#[derive(Serialize)]
struct Values {
    explain: bool,
    concise: &'static str,
}

/// The editor's file. Its path is that in the project's folder; for Neovim, whose compilers lie
/// among the user's own files, in Neovim's configuration folder.
///
/// # Errors
/// A template that does not render, which the tests rule out.
pub fn editor(editor: Editor, explain: bool) -> Result<Generated, TemplateError> {
    let (template, path, next) = match editor {
        Editor::Vscode => (
            "editor/tasks.json.j2",
            ".vscode/tasks.json",
            "\"Tasks: Run Task\" has them; reports go to Problems",
        ),
        Editor::Neovim => (
            "editor/nixtune.lua.j2",
            "compiler/nixtune.lua",
            "`:compiler nixtune`, then `:make`; reports go to the quickfix list",
        ),
        Editor::Helix => (
            "editor/config.toml.j2",
            ".helix/config.toml",
            "`:config-reload`, then `space n l`",
        ),
        Editor::Zed => (
            "editor/zed-tasks.json.j2",
            ".zed/tasks.json",
            "\"task: spawn\" has them",
        ),
    };
    let values = Values {
        explain,
        concise: CONCISE,
    };
    Ok(Generated {
        files: vec![GeneratedFile {
            path: Some(path.into()),
            text: render(template, &values)?,
        }],
        next: vec![next.to_owned()],
    })
}
