//! What real shells propose, and the manual pages.

use std::path::Path;
use std::process::Command;

use expectrl::ControlCode;

use crate::cli::nixtune;
use crate::terminal::Terminal;

/// A folder with two machines.
fn machines() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let flake = "{ outputs = { self, nixpkgs }: { nixosConfigurations = {\n\
         hazel = nixpkgs.lib.nixosSystem { modules = [ { nix.settings.cores = 2; } ]; };\n\
         rowan = nixpkgs.lib.nixosSystem { modules = [ { nix.settings.cores = 3; } ]; };\n\
         }; }; }\n";
    std::fs::write(folder.path().join("flake.nix"), flake).unwrap();
    folder
}

/// A shell that finds the binary under test by its name, in `folder`.
fn command(program: &str, folder: &Path) -> Command {
    let binary = Path::new(env!("CARGO_BIN_EXE_nixtune"));
    let path = format!(
        "{}:{}",
        binary.parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .env("PATH", path)
        .env("HOME", folder)
        .env_remove("COMPLETE");
    command
}

/// What a shell prints in a folder with two machines.
fn shell(program: &str, script: &str) -> String {
    let folder = machines();
    let output = command(program, folder.path())
        .args(["-c", script])
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}; tests/set-up installs it"));
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What fish proposes for a line.
fn fish(line: &str) -> Vec<String> {
    let script = format!("nixtune completions fish | source; complete -C '{line}'");
    let words = shell("fish", &script);
    let words = words.lines().map(|line| line.split('\t').next().unwrap());
    words.map(str::to_owned).collect()
}

/// What bash proposes for a line.
fn bash(line: &str) -> Vec<String> {
    let script = format!(
        "source <(nixtune completions bash)\n\
         COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9\n\
         read -ra COMP_WORDS <<<\"$COMP_LINE\"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')\n\
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
         [[ $(complete -p nixtune) =~ -F\\ ([^ ]+) ]]\n\
         \"${{BASH_REMATCH[1]}}\" nixtune \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\" || true\n\
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    shell("bash", &script).lines().map(str::to_owned).collect()
}

#[test]
fn shells_propose_rules_settings_and_machines() {
    for propose in [fish, bash] {
        assert_eq!(propose("nixtune lint --select gc-a"), ["gc-absent"]);
        assert_eq!(propose("nixtune show --machine "), ["hazel", "rowan"]);
        let pages = propose("nixtune explain max-jobs");
        assert!(pages.contains(&"max-jobs".to_owned()), "{pages:?}");
        assert!(pages.contains(&"max-jobs-one".to_owned()), "{pages:?}");
        let commands = propose("nixtune ap");
        assert_eq!(commands, ["apply"]);
    }
}

/// zsh's editor tells the terminal that it takes pasted text, which is when it takes anything.
const READY: &str = "\u{1b}[?2004h";

/// zsh completes on a terminal only: it is typed to.
#[test]
fn zsh_completes_rules_settings_and_machines() {
    let folder = machines();
    let mut zsh = command("zsh", folder.path());
    // Neither the user's nor the system's files.
    zsh.args(["--no-rcs", "--interactive"]);
    let mut terminal = Terminal::of(zsh);
    terminal.until(READY);
    terminal.answer(
        "autoload -Uz compinit; compinit -u -d \"$HOME/dump\"; source <(nixtune completions zsh)",
    );
    for (typed, completed) in [
        ("nixtune ap", "nixtune apply"),
        (
            "nixtune lint --select gc-a",
            "nixtune lint --select gc-absent",
        ),
        ("nixtune show --machine h", "nixtune show --machine hazel"),
        (
            "nixtune explain min-free-un",
            "nixtune explain min-free-unset",
        ),
    ] {
        terminal.until(READY);
        terminal.send(&format!("{typed}\t"));
        // The line that it became is printed instead of run.
        terminal.press(ControlCode::StartOfHeading);
        terminal.answer("print -r -- ");
        terminal.until(&format!("\n{completed}"));
    }
    terminal.until(READY);
    // Two fit: both are listed.
    terminal.send("nixtune show --machine \t");
    terminal.until("hazel");
    terminal.until("rowan");
    // The line is taken back. An interruption would be lost while the list is drawn.
    terminal.press(ControlCode::NegativeAcknowledge);
    terminal.answer("exit 0");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn every_shell_has_a_script() {
    let folder = tempfile::tempdir().unwrap();
    for word in ["bash", "elvish", "fish", "nushell", "powershell", "zsh"] {
        let output = nixtune(folder.path())
            .args(["completions", word])
            .output()
            .unwrap();
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() && script.contains("nixtune"),
            "{word}"
        );
    }
}

#[test]
fn every_command_has_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man1");
    for _ in 0..2 {
        let mut command = nixtune(folder.path());
        let output = command
            .arg("man")
            .arg("--output")
            .arg(&pages)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let help = nixtune(folder.path()).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .map(|line| line.split_whitespace().next().unwrap())
        .filter(|name| *name != "help");
    let mut count = 0;
    for name in commands {
        let page = std::fs::read_to_string(pages.join(format!("nixtune-{name}.1"))).unwrap();
        let title = format!(".TH NIXTUNE-{} 1", name.to_uppercase());
        assert!(page.contains(&title), "{page}");
        count += 1;
    }
    assert!(count > 8, "{count}");
    let none = nixtune(folder.path())
        .args(["man", "lnit"])
        .output()
        .unwrap();
    assert_eq!(none.status.code(), Some(2));
}
