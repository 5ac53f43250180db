//! `nixtune completions`: scripts for shells. They ask nixtune itself what fits, so that rules,
//! settings and machines are those of this version and this folder.

use clap::CommandFactory;
use clap_complete::env::Shells;

use super::FAILED;
use super::args::{Args, CompletionsArgs, ShellWord};
use super::output::Output;

/// The variable by which a script asks.
pub(super) const VARIABLE: &str = "COMPLETE";

pub(super) fn run(args: &CompletionsArgs, output: &mut Output) -> u8 {
    let mut script = Vec::new();
    let name = "nixtune";
    let written = match args.shell.asks() {
        Some(shell) => match Shells::builtins().completer(shell) {
            Some(shell) => shell.write_registration(VARIABLE, name, name, name, &mut script),
            None => Ok(()),
        },
        None => {
            let mut command = Args::command();
            clap_complete::generate(
                clap_complete_nushell::Nushell,
                &mut command,
                name,
                &mut script,
            );
            Ok(())
        }
    };
    if let Err(error) = written {
        output.complain(&error.to_string());
        return FAILED;
    }
    output.raw(&String::from_utf8_lossy(&script));
    0
}

impl ShellWord {
    /// What the shell is called where scripts ask; `None` for one that cannot.
    fn asks(self) -> Option<&'static str> {
        Some(match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
            Self::Nushell => return None,
        })
    }
}
