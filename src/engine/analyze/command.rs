//! Commands that run Nix, told to report events.

use std::path::Path;

use super::AnalyzeError;

/// Programs that hand `--log-format` on to Nix, wherever it stands among their arguments.
const WRAPPERS: [&str; 3] = ["nixos-rebuild", "darwin-rebuild", "home-manager"];

/// What makes Nix report events, and evaluation among them.
const ASKS: [&str; 3] = ["--log-format", "internal-json", "-v"];

/// The command with the arguments that make it report events. A command that has a `--log-format`
/// already stays as it is.
///
/// # Errors
/// None of its words is a program that takes them.
pub fn instrumented(command: &[String]) -> Result<Vec<String>, AnalyzeError> {
    let mut out = command.to_vec();
    if command.iter().any(|word| word == "--log-format") {
        return Ok(out);
    }
    let Some((index, is_nix)) = program(command) else {
        return Err(AnalyzeError::UnknownCommand {
            command: command.first().cloned().unwrap_or_default(),
        });
    };
    // Behind its name Nix takes them with every subcommand; behind `--` it would take none.
    let at = if is_nix { index + 1 } else { out.len() };
    out.splice(at..at, ASKS.map(str::to_owned));
    Ok(out)
}

/// Where a command names the program that runs Nix, and whether that is one of Nix's own; `sudo`, `env`
/// and `time` may stand in front.
pub(super) fn program(command: &[String]) -> Option<(usize, bool)> {
    command.iter().enumerate().find_map(|(index, word)| {
        let name = Path::new(word).file_name()?.to_str()?;
        let is_nix = name == "nix" || name.starts_with("nix-");
        (is_nix || WRAPPERS.contains(&name)).then_some((index, is_nix))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(command: &str) -> String {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        match instrumented(&words) {
            Ok(words) => words.join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn nix_is_asked_for_events_wherever_it_stands() {
        assert_eq!(
            line("nix build .#x -- y"),
            "nix --log-format internal-json -v build .#x -- y"
        );
        assert_eq!(
            line("sudo /run/current-system/sw/bin/nixos-rebuild switch"),
            "sudo /run/current-system/sw/bin/nixos-rebuild switch --log-format internal-json -v"
        );
        assert_eq!(
            line("env A=1 nix-build x.nix"),
            "env A=1 nix-build --log-format internal-json -v x.nix"
        );
        let asked = "nix build --log-format internal-json";
        assert_eq!(line(asked), asked);
        assert!(line("make all").starts_with("`make`: not known to run Nix"));
    }
}
