//! Questions on a real terminal.

use expectrl::ControlCode;

use super::*;
use crate::terminal::Terminal;

const QUESTION: &str = "make this fix? [y,n,a,s,q,?] ";

fn start(folder: &Path, arguments: &[&str]) -> Terminal {
    Terminal::of(apply(folder, &[&["--interactive"], arguments].concat()))
}

fn tree() -> tempfile::TempDir {
    let folder = folder();
    write(folder.path(), "m.nix", MODULE);
    folder
}

/// The module with only some lines (from 1) mended.
fn with_lines(lines: &[usize]) -> String {
    MODULE
        .lines()
        .zip(MENDED.lines())
        .enumerate()
        .map(|(index, (old, new))| {
            let line = if lines.contains(&(index + 1)) {
                new
            } else {
                old
            };
            format!("{line}\n")
        })
        .collect()
}

#[test]
fn each_fix_is_shown_and_only_accepted_ones_are_written() {
    let folder = tree();
    let mut terminal = start(folder.path(), &["--color", "never"]);
    let first = terminal.until(QUESTION);
    for part in [
        "warning[deprecated-setting-alias]: `gc-keep-outputs` is a deprecated alias",
        "m.nix:3:5",
        "why: ",
        "fix: rename it to `keep-outputs` (safe)",
        "-    gc-keep-outputs = false; # kept small",
        "+    keep-outputs = false; # kept small",
    ] {
        assert!(first.contains(part), "{part}: {first}");
    }
    terminal.answer("y");
    let second = terminal.until(QUESTION);
    assert!(second.contains("m.nix:4:5"), "{second}");
    // On top of what was accepted.
    assert!(second.contains("     keep-outputs = false;"), "{second}");
    terminal.answer("n");
    assert!(terminal.until(QUESTION).contains("m.nix:6:"));
    terminal.answer("YES");
    let summary = terminal.until("write 2 fixes to 1 file? [y/n] ");
    assert!(summary.contains("accepted m.nix:3: rename it"), "{summary}");
    assert_eq!(read(folder.path(), "m.nix"), MODULE);
    terminal.answer("y");
    let (rest, code) = terminal.end();
    assert!(rest.contains("made 2 fixes in 1 file"), "{rest}");
    assert_eq!(code, 0);
    assert_eq!(read(folder.path(), "m.nix"), with_lines(&[3, 6]));
}

#[test]
fn all_skip_and_quit() {
    for (answers, lines) in [
        (&["a"][..], &[3, 4, 6][..]),
        (&["n", "a"], &[4, 6]),
        (&["s", "y"], &[6]),
        (&["y", "q"], &[3]),
        (&["y", "s", "y"], &[3, 6]),
        (&["", "?", "what", "y", "q"], &[3]),
        (&["n", "n", "n"], &[]),
        (&["q"], &[]),
    ] {
        let folder = tree();
        let mut terminal = start(folder.path(), &["--write"]);
        for answer in answers {
            terminal.until(QUESTION);
            terminal.answer(answer);
        }
        let (rest, code) = terminal.end();
        assert_eq!(code, 0, "{answers:?}: {rest}");
        assert_eq!(
            read(folder.path(), "m.nix"),
            with_lines(lines),
            "{answers:?}: {rest}"
        );
        assert_eq!(
            rest.contains("stopped; what was accepted before stays accepted"),
            answers.contains(&"q"),
            "{rest}"
        );
        if lines.is_empty() {
            assert!(rest.contains("nothing to change"), "{rest}");
        }
    }
}

#[test]
fn help_explains_every_answer() {
    let folder = tree();
    let mut terminal = start(folder.path(), &[]);
    terminal.until(QUESTION);
    terminal.answer("?");
    let help = terminal.until(QUESTION);
    for letter in ["y", "n", "a", "s", "q", "?"] {
        assert!(help.contains(&format!("  {letter}  ")), "{help}");
    }
    terminal.answer("q");
    assert_eq!(terminal.end().1, 0);
}

#[test]
fn nothing_is_written_without_a_last_yes() {
    let folder = tree();
    let mut terminal = start(folder.path(), &[]);
    terminal.until(QUESTION);
    terminal.answer("a");
    terminal.until("write 3 fixes to 1 file? [y/n] ");
    terminal.answer("perhaps");
    terminal.until("write 3 fixes to 1 file? [y/n] ");
    terminal.answer("n");
    let (rest, code) = terminal.end();
    assert!(rest.contains("nothing was written"), "{rest}");
    assert_eq!(code, 0);
    assert_eq!(read(folder.path(), "m.nix"), MODULE);
}

#[test]
fn ctrl_c_and_the_end_of_input_leave_everything_as_it_was() {
    for control in [ControlCode::EndOfText, ControlCode::EndOfTransmission] {
        let folder = tree();
        let mut terminal = start(folder.path(), &["--write"]);
        terminal.until(QUESTION);
        terminal.answer("y");
        terminal.until(QUESTION);
        terminal.press(control);
        let (rest, code) = terminal.end();
        if control == ControlCode::EndOfText {
            assert_eq!(code, 130, "{rest}");
        } else {
            assert_eq!(code, 2, "{rest}");
            assert!(rest.contains("nothing was written"), "{rest}");
        }
        assert_eq!(read(folder.path(), "m.nix"), MODULE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn colors_are_used_unless_they_are_not_wanted() {
    let shown = |change: &dyn Fn(&mut Command)| {
        let folder = tree();
        let mut command = apply(folder.path(), &["--interactive"]);
        change(&mut command);
        let mut terminal = Terminal::of(command);
        let shown = terminal.until(QUESTION);
        terminal.answer("q");
        terminal.end();
        shown
    };
    assert!(shown(&|_| {}).contains("\u{1b}[31m-    gc-keep-outputs"));
    for change in [
        &(|command: &mut Command| {
            command.env("NO_COLOR", "1");
        }) as &dyn Fn(&mut Command),
        &|command| {
            command.args(["--color", "never"]);
        },
    ] {
        let plain = shown(change);
        assert!(plain.contains("\n-    gc-keep-outputs"), "{plain}");
        assert!(!plain.contains('\u{1b}'), "{plain}");
    }
}

#[test]
fn a_resized_window_is_filled_anew() {
    let folder = tree();
    let mut terminal = start(folder.path(), &["--color", "never"]);
    let widest = |text: &str| {
        text.lines()
            .filter(|line| line.trim_start().starts_with("why") || line.starts_with("         "))
            .map(|line| line.trim_end().chars().count())
            .max()
            .unwrap()
    };
    let wide = widest(&terminal.until(QUESTION));
    assert!((61..=80).contains(&wide), "{wide}");
    terminal.resize(50, 24);
    terminal.answer("n");
    let narrow = widest(&terminal.until(QUESTION));
    assert!(narrow <= 50, "{narrow}");
    terminal.answer("q");
    terminal.end();
}

#[test]
fn control_characters_of_files_do_not_reach_the_terminal() {
    let folder = folder();
    let text = MODULE.replace("# kept small", "# \u{1b}]0;title\u{7} \u{202e}");
    write(folder.path(), "m.nix", &text);
    let mut terminal = start(folder.path(), &["--color", "never"]);
    let shown = terminal.until(QUESTION);
    assert!(!shown.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{shown}");
    terminal.answer("q");
    terminal.end();
}

#[test]
fn unsafe_fixes_are_asked_about_only_when_they_are_allowed() {
    let text = "{\n  nix.settings.build-use-sandbox = true;\n}\n";
    let asks = |arguments: &[&str]| {
        let folder = folder();
        write(folder.path(), "m.nix", text);
        let command = apply(folder.path(), &[&["--interactive"], arguments].concat());
        let mut terminal = Terminal::of(command);
        if arguments.is_empty() {
            let (rest, code) = terminal.end();
            assert_eq!(code, 0);
            return rest;
        }
        let shown = terminal.until(QUESTION);
        terminal.answer("q");
        terminal.end();
        shown
    };
    let refused = asks(&[]);
    assert!(refused.contains("1 more with `--unsafe`"), "{refused}");
    let asked = asks(&["--unsafe"]);
    assert!(asked.contains("(unsafe)"), "{asked}");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let folder = tree();
    let refused = said(apply(folder.path(), &["--interactive"]));
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("asks on a terminal"),
        "{}",
        refused.stderr
    );
    for arguments in [
        &["--interactive", "--check"][..],
        &["--interactive", "--diff"],
        &["--interactive", "--format", "json"],
        &["--interactive", "-"],
        &["--safe", "--unsafe"],
        &["--diff", "--write"],
        &["--diff", "--format", "json"],
        &["-", "--write", "--format", "json"],
    ] {
        let refused = said(apply(folder.path(), arguments));
        assert_eq!(refused.code, 2, "{arguments:?}");
        assert!(refused.stderr.starts_with("error: "), "{arguments:?}");
        // Programs that ask for JSON are told in it.
        let is_json = arguments.contains(&"json");
        assert_eq!(
            refused.stdout.contains("\"error\": {"),
            is_json,
            "{arguments:?}"
        );
        assert!(is_json || refused.stdout.is_empty(), "{arguments:?}");
    }
    assert_eq!(read(folder.path(), "m.nix"), MODULE);
}
