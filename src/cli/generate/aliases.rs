//! `nixtune generate aliases`: short commands for rebuilding, looking and cleaning up.

use std::path::{Path, PathBuf};

use crate::cli::args::{AliasesArgs, ProgramWord};
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::{self, Decided};
use crate::generate::{self, Aliases, FlakeFolder, Generated, RebuildTool, Shell, Sink};
use crate::report;
use crate::system::System;
use crate::tune::Days;

pub(super) fn run(args: &AliasesArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let decided = match engine::decide(system, &catalog, &request::subject(&args.subject)) {
        Ok(decided) => decided,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let (wanted, file) = match wanted(args, &decided, system) {
        Ok(found) => found,
        Err(message) => {
            output.complain(&message);
            return FAILED;
        }
    };
    match generate::aliases(&decided.subject, &wanted) {
        Ok((rows, text)) => {
            let table = report::init_table(&decided, &rows, output.style);
            let made = Generated {
                next: vec![next(&wanted)],
                ..Generated::file(Some(file), text)
            };
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// What is wanted, and where the file belongs.
///
/// # Errors
/// A message for the user.
fn wanted(
    args: &AliasesArgs,
    decided: &Decided,
    system: &dyn System,
) -> Result<(Aliases, PathBuf), String> {
    let shell = shell(args, system)?;
    let sink = decided.subject.sink;
    let Some(tool) = RebuildTool::of(sink) else {
        return Err(match args.subject.r#for {
            None => "no configuration was found here that could be rebuilt; say which one with \
                     `--for darwin`, `nixos` or `home-manager`"
                .to_owned(),
            Some(_) => format!(
                "`--for {}`: nothing rebuilds that; give `--for darwin`, `nixos` or `home-manager`",
                sink.name()
            ),
        });
    };
    let is_here = args.subject.host.is_none();
    let flake = flake(args, tool, is_here, system)?;
    for word in &args.with {
        if args.without.contains(word) {
            let name = program(*word);
            return Err(format!(
                "`--with {name}` and `--without {name}` contradict each other"
            ));
        }
    }
    let has_nh = said(args, ProgramWord::Nh, is_here, system) == Some(true);
    if flake.is_none() && args.with.contains(&ProgramWord::Nh) {
        return Err(
            "`--with nh`: nh is for flakes, and this configuration is none; name it with `--flake`"
                .to_owned(),
        );
    }
    let file = match shell {
        Shell::HomeManager => engine::module_path(system, Sink::HomeManager, shell.file_name()),
        shell => PathBuf::from(shell.file_name()),
    };
    let path = match args.place.output.as_deref() {
        Some(output) if output == Path::new("-") => format!("$HOME/.config/{}", shell.file_name()),
        Some(output) => engine::absolute(system, output),
        None => engine::absolute(system, &file),
    };
    if path.chars().any(char::is_control) {
        return Err("`--output` holds a line break or another control character".to_owned());
    }
    let wanted = Aliases {
        shell,
        tool,
        has_nh: has_nh && flake.is_some(),
        flake,
        home: system
            .home()
            .map(|home| home.to_string_lossy().into_owned()),
        nom: said(args, ProgramWord::Nom, is_here, system),
        retention: args.retention.map(Days),
        path,
        explain: !args.place.no_explain,
    };
    Ok((wanted, file))
}

fn shell(args: &AliasesArgs, system: &dyn System) -> Result<Shell, String> {
    if let Some(word) = args.shell {
        return Ok(word.into());
    }
    let used = system.env("SHELL").unwrap_or_default();
    let name = Path::new(&used).file_name().unwrap_or_default();
    Shell::ALL
        .into_iter()
        .find(|shell| *shell != Shell::HomeManager && name == shell.name())
        .ok_or_else(|| {
            "the shell that you use is not known here; say which one with `--shell zsh`, `bash`, \
             `fish` or `home-manager`"
                .to_owned()
        })
}

fn flake(
    args: &AliasesArgs,
    tool: RebuildTool,
    is_here: bool,
    system: &dyn System,
) -> Result<Option<FlakeFolder>, String> {
    if args.flake.no_flake {
        return Ok(None);
    }
    match &args.flake.flake {
        Some(said) => engine::flake_said(system, said).map(Some),
        None => engine::flake_found(system, Some(tool), is_here),
    }
    .map_err(|error| error.to_string())
}

/// Whether to go through a program: as it is said, else if it is on the PATH; `None` when nothing is
/// said and it is not, or this is not the machine.
fn said(args: &AliasesArgs, word: ProgramWord, is_here: bool, system: &dyn System) -> Option<bool> {
    if args.without.contains(&word) {
        return Some(false);
    }
    let is_there = || is_here && engine::is_on_path(system, program(word));
    (args.with.contains(&word) || is_there()).then_some(true)
}

fn program(word: ProgramWord) -> &'static str {
    match word {
        ProgramWord::Nh => "nh",
        ProgramWord::Nom => "nom",
    }
}

fn next(wanted: &Aliases) -> String {
    match wanted.shell {
        Shell::HomeManager => "import it in your home's configuration".to_owned(),
        Shell::Zsh => "read it in ~/.zshrc; its head has the line".to_owned(),
        Shell::Bash => "read it in ~/.bashrc; its head has the line".to_owned(),
        Shell::Fish => "move it to ~/.config/fish/conf.d".to_owned(),
    }
}
