//! `nixtune generate aliases`: short commands for rebuilding, looking and cleaning up.
//!
//! One text of functions serves bash, zsh and the script of the home-manager module; fish has its
//! own. What the tools accept was looked up in their sources, the oldest releases included.

use serde::Serialize;

use super::template::{TemplateError, render};
use super::{Row, Sink, Subject};
use crate::facts::How;
use crate::tune::{self, Days};

/// What reads the commands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Shell {
    /// A module of home-manager: a script, and aliases for it in every shell.
    HomeManager,
    /// A file for zsh.
    Zsh,
    /// A file for bash.
    Bash,
    /// A file for fish.
    Fish,
}

impl Shell {
    /// Every shell, in the order of lists.
    pub const ALL: [Self; 4] = [Self::HomeManager, Self::Zsh, Self::Bash, Self::Fish];

    /// The word that `--shell` takes; for a shell, the name of its program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::HomeManager => "home-manager",
            Self::Zsh => "zsh",
            Self::Bash => "bash",
            Self::Fish => "fish",
        }
    }

    /// How its file is called.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::HomeManager => "nix-aliases.nix",
            Self::Zsh => "nix-aliases.zsh",
            Self::Bash => "nix-aliases.bash",
            Self::Fish => "nix-aliases.fish",
        }
    }
}

/// What rebuilds the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RebuildTool {
    /// nix-darwin's.
    DarwinRebuild,
    /// NixOS'.
    NixosRebuild,
    /// That of a home that stands alone.
    HomeManager,
}

impl RebuildTool {
    /// Every tool.
    pub const ALL: [Self; 3] = [Self::DarwinRebuild, Self::NixosRebuild, Self::HomeManager];

    /// What rebuilds the configurations that settings of `sink` are part of; `None` where no
    /// module system is.
    pub const fn of(sink: Sink) -> Option<Self> {
        match sink {
            Sink::NixDarwin | Sink::Determinate => Some(Self::DarwinRebuild),
            Sink::Nixos => Some(Self::NixosRebuild),
            Sink::HomeManager => Some(Self::HomeManager),
            Sink::NixConf | Sink::Flake => None,
        }
    }

    /// Its program.
    pub const fn program(self) -> &'static str {
        match self {
            Self::DarwinRebuild => "darwin-rebuild",
            Self::NixosRebuild => "nixos-rebuild",
            Self::HomeManager => "home-manager",
        }
    }

    /// The folder where it looks for a configuration when none is named.
    pub const fn usual_folder(self) -> &'static str {
        match self {
            Self::DarwinRebuild => "/etc/nix-darwin",
            Self::NixosRebuild => "/etc/nixos",
            Self::HomeManager => "$HOME/.config/home-manager",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::DarwinRebuild => "darwin",
            Self::NixosRebuild => "nixos",
            Self::HomeManager => "home-manager",
        }
    }

    /// What nh calls it, and its option for the name of a configuration.
    const fn in_nh(self) -> (&'static str, &'static str) {
        match self {
            Self::DarwinRebuild => ("darwin", "--hostname"),
            Self::NixosRebuild => ("os", "--hostname"),
            Self::HomeManager => ("home", "--configuration"),
        }
    }
}

/// A flake in a folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FlakeFolder {
    /// The absolute path.
    pub folder: String,
    /// The name of the configuration; `None` leaves it to the tool, which goes by the host's or
    /// the user's.
    pub name: Option<String>,
}

/// What is wanted.
#[derive(Clone, Debug)]
pub struct Aliases {
    /// What reads the commands.
    pub shell: Shell,
    /// What rebuilds.
    pub tool: RebuildTool,
    /// The configuration; `None` for one that is no flake.
    pub flake: Option<FlakeFolder>,
    /// The user's home folder, written as `$HOME`.
    pub home: Option<String>,
    /// Rebuild through nh; it needs a flake.
    pub has_nh: bool,
    /// Show builds through nom. `Some(false)` keeps nh from it; `None` leaves that to nh.
    pub nom: Option<bool>,
    /// How long generations are kept; `None` leaves it to the recommendation.
    pub retention: Option<Days>,
    /// Where the file will lie, for the line that reads it at the start of the shell.
    pub path: String,
    /// Write the reasons in comments.
    pub explain: bool,
}

/// The commands, in the order of the table.
const NAMES: [&str; 8] = [
    "rebuild",
    "rebuild-fast",
    "rebuild-check",
    "update",
    "cleanup",
    "perf-analyze",
    "perf-profile",
    "perf-optimize",
];

/// The rows that are shown and the text of the file.
///
/// # Errors
/// A template that does not render, which the tests rule out.
pub fn aliases(subject: &Subject, wanted: &Aliases) -> Result<(Vec<Row>, String), TemplateError> {
    let profile = subject.usage.upkeep_profile(&subject.host);
    let recommended = tune::gc_retention_for(Some(&subject.host), profile);
    let days = wanted.retention.unwrap_or(recommended.value);
    let lines = Lines::new(wanted);
    let folder = match &wanted.flake {
        Some(flake) => flake.folder.as_str(),
        None => wanted.tool.usual_folder(),
    };
    let values = Commands {
        tool: wanted.tool.word(),
        program: wanted.tool.program(),
        folder: lines.speech.path(folder, wanted.home.as_deref()),
        is_flake: wanted.flake.is_some(),
        nh: wanted.has_nh,
        monitored: wanted.nom == Some(true) && !wanted.has_nh,
        channel: match wanted.tool {
            RebuildTool::HomeManager => "nix-channel",
            _ => "_nix_as_root nix-channel",
        },
        days: days.0,
        summary: summary(wanted, folder),
        switch: lines.switch(),
        build: lines.build(true),
        plain_build: lines.build(false),
        evaluate: lines.evaluate(),
        nh_switch: lines.nh("switch"),
        nh_build: lines.nh("build"),
    };
    let text = match wanted.shell {
        Shell::Fish => reasoned(wanted, render("aliases/fish.fish.j2", &values)?),
        shell => {
            let commands = reasoned(wanted, render("aliases/commands.sh.j2", &values)?);
            let mut inputs = vec!["pkgs.nvd"];
            if wanted.has_nh {
                inputs.push("pkgs.nh");
            }
            if values.monitored {
                inputs.push("pkgs.nix-output-monitor");
            }
            let around = Around {
                summary: &values.summary,
                shell: shell.name(),
                startup: match shell {
                    Shell::Zsh => "~/.zshrc",
                    _ => "~/.bashrc",
                },
                source: Speech::Posix.path(&wanted.path, wanted.home.as_deref()),
                names: NAMES,
                commands: &commands,
                inputs,
            };
            let template = match shell {
                Shell::HomeManager => "aliases/home-manager.nix.j2",
                _ => "aliases/bash.sh.j2",
            };
            render(template, &around)?
        }
    };
    Ok((rows(wanted, days, &recommended), text))
}

/// What the templates of the commands know.
#[derive(Serialize)]
struct Commands {
    tool: &'static str,
    program: &'static str,
    folder: String,
    is_flake: bool,
    nh: bool,
    monitored: bool,
    channel: &'static str,
    days: u32,
    summary: String,
    switch: String,
    build: String,
    plain_build: String,
    evaluate: String,
    nh_switch: String,
    nh_build: String,
}

/// What the templates around the commands know.
#[derive(Serialize)]
struct Around<'a> {
    summary: &'a str,
    shell: &'static str,
    startup: &'static str,
    source: String,
    names: [&'static str; 8],
    commands: &'a str,
    inputs: Vec<&'static str>,
}

/// How words are quoted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Speech {
    /// bash and zsh.
    Posix,
    Fish,
}

impl Speech {
    /// A word that stands for exactly `text`.
    fn word(self, text: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%".contains(c);
        if !text.is_empty() && text.chars().all(is_plain) {
            return text.to_owned();
        }
        self.quoted(text)
    }

    /// The same, always in quotes.
    pub(super) fn quoted(self, text: &str) -> String {
        match self {
            // shellcheck takes single quotes around a `$` for a mistake, and the module's build fails.
            Self::Posix if text.contains(['$', '`']) => {
                let mut quoted = String::from("\"");
                for c in text.chars() {
                    if "$`\\\"".contains(c) {
                        quoted.push('\\');
                    }
                    quoted.push(c);
                }
                quoted + "\""
            }
            Self::Posix => format!("'{}'", text.replace('\'', r"'\''")),
            Self::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        }
    }

    /// A path, which may begin with `$HOME` or lie in `home`.
    pub(super) fn path(self, path: &str, home: Option<&str>) -> String {
        match below_home(path, home) {
            Some("") => "\"$HOME\"".to_owned(),
            Some(rest) => format!("\"$HOME\"{}", self.word(rest)),
            None => self.word(path),
        }
    }
}

/// What follows the home folder in a path: empty, or with a slash in front.
fn below_home<'a>(path: &'a str, home: Option<&str>) -> Option<&'a str> {
    let home = home.filter(|home| home.len() > 1);
    path.strip_prefix("$HOME")
        .or_else(|| path.strip_prefix(home?))
        .filter(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The lines that run the tools.
struct Lines<'a> {
    wanted: &'a Aliases,
    speech: Speech,
}

impl<'a> Lines<'a> {
    fn new(wanted: &'a Aliases) -> Self {
        let speech = match wanted.shell {
            Shell::Fish => Speech::Fish,
            Shell::HomeManager | Shell::Zsh | Shell::Bash => Speech::Posix,
        };
        Self { wanted, speech }
    }

    fn monitored(&self) -> &'static str {
        match self.wanted.nom == Some(true) && !self.wanted.has_nh {
            true => "_nix_monitored ",
            false => "",
        }
    }

    fn variable(&self) -> &'static str {
        match self.speech {
            Speech::Posix => "\"$_nix_configuration\"",
            Speech::Fish => "$_nix_configuration",
        }
    }

    /// ` --flake FOLDER#NAME`, or nothing: the tools find what is no flake by themselves.
    fn flake(&self) -> String {
        let Some(flake) = &self.wanted.flake else {
            return String::new();
        };
        let name = flake.name.as_ref().map_or_else(String::new, |name| {
            // `#` is a pattern to zsh.
            self.speech.quoted(&format!("#{name}"))
        });
        format!(" --flake {}{name}", self.variable())
    }

    fn switch(&self) -> String {
        let steadily = match self.speech {
            Speech::Posix => "",
            Speech::Fish => "_nix_steadily ",
        };
        if self.wanted.has_nh {
            return format!("{steadily}nh {}", self.nh("switch"));
        }
        let tool = match self.wanted.tool {
            RebuildTool::DarwinRebuild => "_nix_darwin_rebuild",
            RebuildTool::NixosRebuild => "_nix_as_root nixos-rebuild",
            RebuildTool::HomeManager => "home-manager",
        };
        let steadily = match self.wanted.tool {
            RebuildTool::HomeManager => steadily,
            // Their functions are.
            RebuildTool::DarwinRebuild | RebuildTool::NixosRebuild => "",
        };
        let monitored = self.monitored();
        format!("{monitored}{steadily}{tool} switch{}", self.flake())
    }

    /// Builds in the folder that is at hand, where the tools leave a link to the result.
    fn build(&self, is_monitored: bool) -> String {
        let program = self.wanted.tool.program();
        let monitored = if is_monitored { self.monitored() } else { "" };
        format!(
            "{monitored}{}{program} build{}",
            self.within(),
            self.flake()
        )
    }

    /// Evaluates, and builds nothing.
    fn evaluate(&self) -> String {
        let how = match (self.wanted.tool, &self.wanted.flake) {
            (RebuildTool::DarwinRebuild, _) => "darwin-rebuild build --dry-run",
            (RebuildTool::NixosRebuild, _) => "nixos-rebuild dry-build",
            (RebuildTool::HomeManager, Some(_)) => "home-manager build --dry-run",
            (RebuildTool::HomeManager, None) => "home-manager instantiate",
        };
        format!("{}{how}{}", self.within(), self.flake())
    }

    fn within(&self) -> &'static str {
        match self.speech {
            // The function is in that folder.
            Speech::Posix => "",
            Speech::Fish => "_nix_in $folder ",
        }
    }

    /// The words after `nh`.
    fn nh(&self, action: &str) -> String {
        let (kind, name_option) = self.wanted.tool.in_nh();
        let mut line = format!("{kind} {action} {}", self.variable());
        let name = self.wanted.flake.as_ref().and_then(|it| it.name.as_ref());
        if let Some(name) = name {
            line.push_str(&format!(" {name_option} {}", self.speech.word(name)));
        }
        if self.wanted.nom == Some(false) {
            line.push_str(" --no-nom");
        }
        line
    }
}

fn summary(wanted: &Aliases, folder: &str) -> String {
    let tool = match wanted.tool {
        RebuildTool::DarwinRebuild => "nix-darwin",
        RebuildTool::NixosRebuild => "NixOS",
        RebuildTool::HomeManager => "home-manager",
    };
    let from = match &wanted.flake {
        Some(_) => match below_home(folder, wanted.home.as_deref()) {
            Some(rest) => format!("the flake in ~{rest}"),
            None => format!("the flake in {folder}"),
        },
        None => "its channels".to_owned(),
    };
    format!("Short commands for {tool}, rebuilt from {from}.")
}

/// The text without its reasons, unless they are wanted.
fn reasoned(wanted: &Aliases, text: String) -> String {
    if wanted.explain {
        return text;
    }
    // The head of a file says what it is for.
    let mut is_head = wanted.shell == Shell::Fish;
    text.split_inclusive('\n')
        .filter(|line| {
            is_head &= line.starts_with('#');
            is_head || !line.trim_start().starts_with("# ")
        })
        .collect()
}

fn rows(wanted: &Aliases, days: Days, recommended: &tune::Recommendation<Days>) -> Vec<Row> {
    let run = |action: &str| match wanted.has_nh {
        true => format!("nh {} {action}", wanted.tool.in_nh().0),
        false => format!("{} {action}", wanted.tool.program()),
    };
    let fast = match (wanted.tool, wanted.has_nh, wanted.flake.is_some()) {
        (_, true, _) => "for a change of the configuration alone: without the network",
        (RebuildTool::NixosRebuild, _, true) => {
            "for a change of the configuration alone: without the network, and without an evaluation \
             that looks for a newer nixos-rebuild"
        }
        (RebuildTool::NixosRebuild, _, false) => {
            "without an evaluation that looks for a newer nixos-rebuild"
        }
        _ => "for a change of the configuration alone: without asking a cache",
    };
    let retention = match wanted.retention {
        Some(_) => "asked for".to_owned(),
        None => recommended.formula.clone(),
    };
    let updated = match wanted.flake {
        Some(_) => "the inputs, then a rebuild; flake.lock is put back when that fails",
        None => "the channels, then a rebuild; they are rolled back when that fails",
    };
    let row = |name: &str, value: String, reason: &str| Row {
        name: name.to_owned(),
        value,
        reason: reason.to_owned(),
        source: "",
        assumed: false,
    };
    vec![
        row(
            "rebuild",
            run("switch"),
            "builds the configuration and makes it the running one",
        ),
        row("rebuild-fast", run("switch"), fast),
        row(
            "rebuild-check",
            run("build"),
            "builds, activates nothing, and shows what would change",
        ),
        row("update", "nix flake update".to_owned(), updated),
        Row {
            source: recommended.source,
            assumed: wanted.retention.is_none() && recommended.weakest == How::Assumed,
            ..row(
                "cleanup",
                format!("older than {} days", days.0),
                &format!("generations: {retention}"),
            )
        },
        row(
            "perf-analyze",
            "nixtune lint".to_owned(),
            "and what this machine is, and what fills the store",
        ),
        row(
            "perf-profile",
            format!("{} build", wanted.tool.program()),
            "the evaluation timed, then the build",
        ),
        row(
            "perf-optimize",
            "nixtune apply".to_owned(),
            "shows better settings, then links equal files of the store",
        ),
    ]
    .into_iter()
    .map(|mut row| {
        if row.name == "update" && wanted.flake.is_none() {
            row.value = "nix-channel --update".to_owned();
        }
        row
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_as_the_shell_reads_them() {
        assert_eq!(Speech::Posix.word("/a/b-c.d"), "/a/b-c.d");
        assert_eq!(Speech::Posix.word("it's"), r"'it'\''s'");
        assert_eq!(Speech::Posix.word(r#"$a"\"#), r#""\$a\"\\""#);
        assert_eq!(Speech::Fish.word(r"it's\"), r"'it\'s\\'");
        let home = Some("/home/me");
        assert_eq!(Speech::Posix.path("/home/me/a b", home), "\"$HOME\"'/a b'");
        assert_eq!(Speech::Posix.path("/home/mean/x", home), "/home/mean/x");
        assert_eq!(Speech::Posix.path("/home/me", home), "\"$HOME\"");
        assert_eq!(
            Speech::Posix.path("$HOME/.config", None),
            "\"$HOME\"/.config"
        );
    }
}
