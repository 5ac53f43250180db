//! The same files in other dress: nothing of it may matter to a fix.

use super::super::tabs;
use super::{Files, shapes::Place};

pub struct Variant {
    pub name: &'static str,
    /// `None` where it has no meaning for a place.
    pub dress: fn(&Place, &Files) -> Option<Files>,
}

pub const VARIANTS: [Variant; 12] = [
    Variant {
        name: "multi-line",
        dress: |_, files| Some(files.clone()),
    },
    Variant {
        name: "single-line",
        dress: |_, files| files.try_map(single_line),
    },
    Variant {
        name: "commented",
        dress: |_, files| files.try_map(|file, text| Some(formatted(file, &commented(text)))),
    },
    Variant {
        name: "commented inside",
        dress: |place, files| {
            let is_module = place.option != "nix.extraOptions" && is_nix(place.file);
            is_module.then(|| files.map(|_, text| commented_inside(text)))
        },
    },
    Variant {
        name: "CRLF",
        dress: |_, files| Some(files.map(|_, text| windows(text))),
    },
    Variant {
        name: "tabs",
        dress: |_, files| files.try_map(|file, text| is_nix(file).then(|| tabs(text))),
    },
    Variant {
        name: "unicode",
        dress: |_, files| Some(files.map(|_, text| format!("# ünï→ 🦀\n{text}\n# 終\n"))),
    },
    Variant {
        name: "in a list element",
        dress: |place, files| {
            (place.file == "x.nix").then(|| {
                files.map(|file, text| match file {
                    "x.nix" => formatted(
                        file,
                        &format!("{{\n  imports = [\n    (\n{text})\n  ];\n}}\n"),
                    ),
                    _ => text.to_owned(),
                })
            })
        },
    },
    Variant {
        name: "after an indented string",
        dress: |place, files| {
            (place.file == "x.nix").then(|| {
                files.map(|file, text| match file {
                    "x.nix" => formatted(file, &format!("{DECOY}{text}")),
                    _ => text.to_owned(),
                })
            })
        },
    },
    Variant {
        name: "alejandra",
        dress: |_, files| {
            files.try_map(|file, text| {
                is_nix(file).then(|| {
                    match alejandra::format::in_memory(file.to_owned(), text.to_owned()) {
                        (alejandra::format::Status::Error(error), _) => panic!("{error}\n{text}"),
                        (_, text) => text,
                    }
                })
            })
        },
    },
    Variant {
        name: "all at once",
        dress: |_, files| {
            files.try_map(|file, text| {
                let text = commented(text);
                let text = if is_nix(file) { tabs(&text) } else { text };
                Some(windows(&format!("# ünï→ 🦀\n{text}# 終\n")))
            })
        },
    },
    Variant {
        name: "four blanks, no line at the end",
        dress: |_, files| {
            files.try_map(|file, text| {
                is_nix(file).then(|| {
                    let lines: Vec<String> = text
                        .lines()
                        .map(|line| format!("{}{line}", " ".repeat(indent(line))))
                        .collect();
                    lines.join("\n")
                })
            })
        },
    },
];

/// A string that looks like what is changed.
const DECOY: &str = "let\n  decoy = ''\n    # no comment\n    nix.settings.max-jobs = 8;\n    max-jobs = 8\n    trusted-users = [ \"root\" \"me\" ] ''${x} ''' ''\\n ${toString 8} }\n  '';\nin\n";

fn is_nix(file: &str) -> bool {
    file.ends_with(".nix")
}

fn windows(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// As nixfmt writes it.
pub fn formatted(file: &str, text: &str) -> String {
    if is_nix(file) {
        nixfmt_rs::format(text).unwrap_or_else(|error| panic!("{error:?}\n{text}"))
    } else {
        text.to_owned()
    }
}

/// `None` for text with parts that need lines of their own.
fn single_line(file: &str, text: &str) -> Option<String> {
    let fits = is_nix(file) && !text.contains("''") && !text.contains('#');
    fits.then(|| {
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        format!("{}\n", lines.join(" "))
    })
}

/// Comments above and behind every statement and every element on a line of its own.
fn commented(text: &str) -> String {
    let mut out = String::new();
    let mut in_string = false;
    for (number, line) in text.lines().enumerate() {
        let body = line.trim();
        let blanks = " ".repeat(indent(line));
        let is_inside = in_string;
        if line.matches("''").count() % 2 == 1 && !body.starts_with('#') {
            in_string = !in_string;
        }
        // A comment in a string of words would be words.
        let is_line = is_inside && body.contains(" = ") && !body.starts_with('#');
        let is_conf = !text.contains('{') && body.contains(" = ");
        let is_statement = !is_inside
            && (body.contains(" = ") || body.ends_with(" =") || body.starts_with("inherit"));
        let is_element = !is_inside && body.starts_with('"') && body.ends_with('"');
        if is_statement || is_line || is_conf {
            out.push_str(&format!("{blanks}# note {number} above\n"));
        }
        out.push_str(line);
        let ends = !is_inside && !in_string && body.ends_with(';');
        if ends || is_element || is_conf || (is_line && in_string && !body.contains('#')) {
            out.push_str(&format!(" # note {number} behind"));
        }
        out.push('\n');
    }
    out
}

/// Comments before and behind the value, inside of its statement, and inside of lists.
fn commented_inside(text: &str) -> String {
    let mut out = text.to_owned();
    for value in [
        "= 8;",
        "= [ \"root\" \"me\" ];",
        "= \"nix-command flakes\";",
    ] {
        if let Some((before, after)) = out.split_once(value) {
            let inside = value
                .trim_matches(['=', ';', ' '])
                .replace("\" \"", "\" /* note three */ \"");
            out = format!("{before}= /* note one */ {inside} /* note two */;{after}");
        }
    }
    out
}
