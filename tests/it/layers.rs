//! The house's order: which module may import which, and who may touch the outside.

use std::fs;
use std::path::{Path, PathBuf};

/// Modules by level. A module imports only lower levels, or its own level where
/// `NEIGHBOURS_MAY_IMPORT` says so.
const LEVELS: [&[&str]; 11] = [
    &["text", "units", "system"],
    &["syntax", "catalog", "facts"],
    &["eval", "probe", "tune"],
    &["model"],
    &["diagnostic"],
    &["rules", "generate", "analyze", "simulate"],
    &["fix", "policy"],
    &["engine"],
    &["report"],
    &["lsp"],
    &["cli"],
];

/// Levels whose modules are free to use each other.
const NEIGHBOURS_MAY_IMPORT: [usize; 3] = [0, 1, 2];

fn level_of(module: &str) -> Option<usize> {
    LEVELS.iter().position(|level| level.contains(&module))
}

fn sources() -> Vec<(PathBuf, String)> {
    fn visit(dir: &Path, out: &mut Vec<(PathBuf, String)>) {
        let mut entries: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                visit(&path, out);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                out.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut out = Vec::new();
    visit(&root, &mut out);
    for (path, _) in &mut out {
        *path = path.strip_prefix(&root).unwrap().to_path_buf();
    }
    out
}

/// The top module that a file belongs to: `rules` for `rules/declare.rs`, `units` for `units.rs`.
fn module_of(path: &Path) -> String {
    let first = path.iter().next().unwrap().to_str().unwrap();
    first.strip_suffix(".rs").unwrap_or(first).to_owned()
}

/// Lines with the comments taken out, numbered from 1.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or("")))
}

fn names_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).map(move |(at, _)| {
        let rest = &line[at + prefix.len()..];
        let end = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        &rest[..end]
    })
}

#[test]
fn modules_import_only_lower_levels() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if module == "lib" || module == "main" {
            continue;
        }
        let level = level_of(&module)
            .unwrap_or_else(|| panic!("{module} has no level; add it to the table"));
        for (number, line) in code_lines(&text) {
            for name in names_after(line, "crate::") {
                if name == module {
                    continue;
                }
                let Some(other) = level_of(name) else {
                    continue;
                };
                let allowed =
                    other < level || (other == level && NEIGHBOURS_MAY_IMPORT.contains(&level));
                if !allowed {
                    wrong.push(format!(
                        "{}:{number}: {module} imports {name}",
                        path.display()
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_door_opens_to_the_system() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if path == Path::new("system/os.rs") || path.starts_with("system/os") {
            continue;
        }
        for (number, line) in code_lines(&text) {
            let opens = [
                "std::fs",
                "std::env",
                "std::process",
                "File::open",
                "tempfile::",
                "rustix::",
                "signal_hook::",
            ]
            .iter()
            .any(|door| line.contains(door))
                && !line.contains("std::process::ExitCode");
            if opens {
                wrong.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_cli_prints() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let module = module_of(&path);
        if module == "cli" {
            continue;
        }
        for (number, line) in code_lines(&text) {
            let prints = [
                "println!",
                "print!",
                "eprintln!",
                "eprint!",
                "stdout()",
                "stderr()",
            ]
            .iter()
            .any(|macro_name| line.contains(macro_name));
            if prints {
                wrong.push(format!("{}:{number}: {}", path.display(), line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn miette_stays_at_the_edge() {
    for (path, text) in sources() {
        let module = module_of(&path);
        if module != "report" && module != "cli" {
            assert!(
                !text.contains("miette::"),
                "{} names miette",
                path.display()
            );
        }
    }
}

#[test]
fn every_file_says_what_it_is_for() {
    for (path, text) in sources() {
        assert!(
            text.starts_with("//!"),
            "{} opens without `//!`",
            path.display()
        );
    }
}
