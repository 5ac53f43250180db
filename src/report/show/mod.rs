//! What `nixtune show` prints: what reaches Nix on each machine, from where, and what does not.

mod brief;
mod detail;
mod json;
mod names;
mod options;
mod table;
mod words;

use super::{Style, escape, redact};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostic;
use crate::engine::Outcome;
use crate::facts::ModuleSystem;
use crate::model::{Machine, MachineView, Rendered, Text};
use crate::policy::SYNTAX_ERROR;

pub use brief::values_markdown;
pub use names::{Asked, ShowError};

/// What is shown: some machines, and of them everything or a few names.
pub struct Show<'o> {
    outcome: &'o Outcome,
    catalog: &'o Catalog,
    machines: Vec<One<'o>>,
    asked: Vec<Asked>,
}

/// One machine with its file.
struct One<'o> {
    machine: &'o Machine,
    view: MachineView<'o>,
    rendered: Rendered<'o>,
}

/// The file of one machine, as text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NixConf {
    /// The lines.
    pub text: String,
    /// True when a secret in it is masked.
    pub masked: bool,
}

impl<'o> Show<'o> {
    /// Looks up what is asked for: settings, options and sets of options by `names`, all of them
    /// when there are none, on the machine called `machine` or on all.
    ///
    /// # Errors
    /// When nothing has one of the names.
    pub fn new(
        outcome: &'o Outcome,
        catalog: &'o Catalog,
        names: &[String],
        machine: Option<&str>,
    ) -> Result<Self, ShowError> {
        let workspace = &outcome.workspace;
        let machines = names::machines(workspace.machines(), machine)?
            .into_iter()
            .map(|machine| {
                let view = workspace.view(machine);
                One {
                    machine,
                    view,
                    rendered: view.rendered(catalog),
                }
            })
            .collect();
        let asked = names
            .iter()
            .map(|name| names::asked(name, catalog, workspace))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            outcome,
            catalog,
            machines,
            asked,
        })
    }

    /// Files that are left out because they cannot be read.
    pub fn unreadable(&self) -> impl Iterator<Item = &'o Diagnostic> {
        self.outcome
            .diagnostics
            .iter()
            .filter(|found| found.rule == SYNTAX_ERROR)
    }

    /// For people.
    pub fn human(&self, style: Style) -> String {
        if self.machines.is_empty() {
            return format!(
                "nothing to show: {} seen, none configures Nix\n",
                super::summary::count(self.outcome.seen, "file")
            );
        }
        let mut blocks = Vec::new();
        for one in &self.machines {
            if self.asked.is_empty() {
                blocks.push(table::machine(self, one, style));
            }
            for asked in &self.asked {
                blocks.push(detail::asked(self, one, asked, style));
            }
        }
        blocks.join("\n")
    }

    /// For programs: one JSON document, newline at the end.
    pub fn json(&self) -> String {
        json::document(self)
    }

    /// The file of the one machine.
    ///
    /// # Errors
    /// When there are several machines, or none.
    pub fn nix_conf(&self) -> Result<NixConf, ShowError> {
        match self.machines.as_slice() {
            [one] => Ok(nix_conf(one)),
            [] => Err(ShowError::NoMachine),
            several => Err(ShowError::Several(names::list(
                several.iter().map(|one| one.machine.name.as_ref()),
            ))),
        }
    }
}

fn nix_conf(one: &One<'_>) -> NixConf {
    let rendered = &one.rendered;
    let mut text = String::new();
    if let Some(by) = rendered.disabled_by {
        let system = words::system(one.machine);
        text.push_str(&format!(
            "# {system} writes no nix.conf: {}\n",
            words::switch(by)
        ));
    }
    if one.machine.target.system() == Some(ModuleSystem::FlakeConfig) {
        text.push_str("# nixConfig of a flake: Nix asks before it takes most of these\n");
    }
    for open in &rendered.open {
        // Includes stand in the file themselves.
        if open.option != "include" {
            text.push_str(&format!("# {} = <unknown: {}>\n", open.option, open.why));
        }
    }
    let mut includes = rendered.includes.iter().peekable();
    for (index, line) in rendered.lines.iter().enumerate() {
        while let Some((_, include)) = includes.next_if(|(before, _)| *before <= index) {
            text.push_str(&format!("{include}\n"));
        }
        text.push_str(&words::line(&line.key, &line.text));
        text.push('\n');
    }
    for (_, include) in includes {
        text.push_str(&format!("{include}\n"));
    }
    let masked = redact::has_secret(&text);
    let text = redact::mask(&text)
        .lines()
        .map(|line| format!("{}\n", escape::line(line)))
        .collect();
    NixConf { text, masked }
}

/// True when the text is known.
fn is_known(text: &Text) -> bool {
    matches!(text, Text::Known(_))
}
