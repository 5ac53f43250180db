//! The picture in the README: what a terminal shows when nixtune lints and mends an example.
//! `NIXTUNE_BLESS=1 cargo test --test it docs::capture` makes it again.

use std::fs;
use std::process::Command;

use anstyle::{Color, RgbColor};
use anstyle_svg::{Palette, Term};

use super::{is_blessed, root};
use crate::cli::nixtune;
use crate::terminal::Terminal;

/// Where it lies.
const FILE: &str = "docs/capture.svg";

/// What is typed, as it is shown and as it is run.
const COMMANDS: [&str; 2] = [
    "nixtune lint examples/darwin --select build-slots-oversubscribed",
    "nixtune apply examples/darwin --rule build-slots-oversubscribed --unsafe",
];

/// A page on GitHub shows this many at their own size.
const COLUMNS: u16 = 92;

const fn rgb(value: u32) -> RgbColor {
    let [_, red, green, blue] = value.to_be_bytes();
    RgbColor(red, green, blue)
}

const BACKGROUND: RgbColor = rgb(0x161b22);
const TEXT: RgbColor = rgb(0xd7dde4);

/// The sixteen colors of the terminal, light enough for the dark background.
const PALETTE: Palette = Palette([
    rgb(0x484f58),
    rgb(0xff7b72),
    rgb(0x56d364),
    rgb(0xe3b341),
    rgb(0x79c0ff),
    rgb(0xd2a8ff),
    rgb(0x56d4dd),
    TEXT,
    rgb(0x8b949e),
    rgb(0xffa198),
    rgb(0x7ee787),
    rgb(0xf2cc60),
    rgb(0xa5d6ff),
    rgb(0xe2c5ff),
    rgb(0xb3f0ff),
    rgb(0xffffff),
]);

/// What a terminal of that many columns shows of a command.
fn shown(line: &str) -> String {
    let binary = nixtune(&root());
    let words = line.strip_prefix("nixtune ").unwrap();
    let mut shell = Command::new("sh");
    shell
        // It begins when the terminal has its size.
        .args(["-c", "read -r begin; exec \"$0\" \"$@\""])
        .arg(binary.get_program())
        .args(words.split(' '))
        .current_dir(root())
        .env_clear();
    for (name, value) in binary.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    let mut terminal = Terminal::of(shell);
    terminal.resize(COLUMNS, 50);
    terminal.answer("");
    let (text, code) = terminal.end();
    assert!(code < 2, "{line}: {text}");
    // The terminal shows the answer, too.
    let text = text.trim_start_matches(['\r', '\n']).replace("\r\n", "\n");
    assert!(text.contains('\u{1b}'), "{line}: no colors");
    format!(
        "\u{1b}[1;32m$\u{1b}[0m \u{1b}[1m{line}\u{1b}[0m\n{}\n",
        text.trim_end()
    )
}

fn capture() -> String {
    let session = COMMANDS.map(shown).join("\n");
    let svg = Term::new()
        .palette(PALETTE)
        .fg_color(Color::Rgb(TEXT))
        .bg_color(Color::Rgb(BACKGROUND))
        .render_svg(session.trim_end());
    // A picture that may shrink where the page is narrow.
    let size = regex::Regex::new(r#"<svg width="(\d+)px" height="(\d+)px""#).unwrap();
    assert!(size.is_match(&svg));
    let sized = size.replace(&svg, r#"<svg width="$1" height="$2" viewBox="0 0 $1 $2""#);
    // What is dimmed must be legible, too.
    let text = sized.replace(".dimmed { opacity: 0.4; }", ".dimmed { opacity: 0.65; }");
    let lines: Vec<_> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[test]
fn the_picture_in_the_readme_is_what_a_terminal_shows() {
    let file = root().join(FILE);
    let found = capture();
    if is_blessed() {
        fs::write(file, found).unwrap();
        return;
    }
    assert!(
        fs::read_to_string(file).unwrap_or_default() == found,
        "{FILE} is stale; NIXTUNE_BLESS=1 cargo test --test it docs::capture makes it again"
    );
}
