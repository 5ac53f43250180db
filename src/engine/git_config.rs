//! What git is told by its configuration files: the value of one key.
//!
//! Syntax: git, `Documentation/config.adoc`. Files that `include.path` names are read, those of
//! `includeIf` are not.

use std::path::{Path, PathBuf};

use crate::system::System;

/// More is no configuration of git.
const LIMIT: u64 = 1 << 20;

/// git itself follows ten.
const MOST_INCLUDES: usize = 10;

/// A value, and the file that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Said {
    pub value: String,
    pub file: PathBuf,
}

/// The last value of `section.key` in `file` and what it includes; `None` also for a file that is
/// missing or cannot be read.
pub(super) fn value(system: &dyn System, file: &Path, section: &str, key: &str) -> Option<Said> {
    value_within(system, file, (section, key), MOST_INCLUDES)
}

fn value_within(
    system: &dyn System,
    file: &Path,
    wanted: (&str, &str),
    includes: usize,
) -> Option<Said> {
    let bytes = system.read(file, LIMIT).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut found = None;
    for (section, key, value) in entries(&text) {
        if section.eq_ignore_ascii_case(wanted.0) && key.eq_ignore_ascii_case(wanted.1) {
            found = Some(Said {
                value,
                file: file.to_path_buf(),
            });
        } else if section.eq_ignore_ascii_case("include")
            && key.eq_ignore_ascii_case("path")
            && includes > 0
        {
            let below = file.parent().unwrap_or(Path::new(""));
            let included = below.join(home_path(system, &value));
            found = value_within(system, &included, wanted, includes - 1).or(found);
        }
    }
    found
}

/// A path as git reads it: `~/` is the user's home folder.
pub(super) fn home_path(system: &dyn System, value: &str) -> PathBuf {
    match (value.strip_prefix("~/"), system.home()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(value),
    }
}

/// Section, key and value of each entry. Sections with a subsection have both in their name, so
/// that `[include "x"]` is no `[include]`.
fn entries(text: &str) -> Vec<(String, String, String)> {
    let mut out = Vec::new();
    let mut section = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if let Some(rest) = line.strip_prefix('[') {
            let Some((name, rest)) = rest.split_once(']') else {
                continue;
            };
            section = name.trim().to_owned();
            line = rest.trim_start().to_owned();
        }
        // A backslash at the end takes the next line along.
        while line.ends_with('\\') && !line.ends_with("\\\\") {
            line.pop();
            match lines.next() {
                Some(next) => line.push_str(next),
                None => break,
            }
        }
        let key: String = line
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-')
            .collect();
        if key.is_empty() {
            continue;
        }
        let rest = line.get(key.len()..).unwrap_or("").trim_start();
        let value = match rest.strip_prefix('=') {
            Some(value) => unquoted(value),
            // A key alone is true.
            None => "true".to_owned(),
        };
        out.push((section.clone(), key, value));
    }
    out
}

/// A value without its quotes, comment and blanks around.
fn unquoted(text: &str) -> String {
    let mut out = String::new();
    // Blanks at the end count only within quotes.
    let mut kept = 0;
    let mut is_quoted = false;
    let mut chars = text.trim_start().chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                is_quoted = !is_quoted;
                kept = out.len();
                continue;
            }
            '#' | ';' if !is_quoted => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => break,
            },
            c => out.push(c),
        }
        if is_quoted || !c.is_whitespace() {
            kept = out.len();
        }
    }
    out.truncate(kept);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::Memory;

    #[test]
    fn values_are_read_as_git_reads_them() {
        let system = Memory::new()
            .env("HOME", "/home/u")
            .file(
                "/c/a",
                "; first\n[core]\n\tHooksPath = one # why\n[Core] hookspath = \" two ; \" ; why\n\
                 [core \"x\"]\n\thooksPath = none\n[user]\nhooksPath = none\n",
            )
            .file(
                "/c/b",
                "[core]\nhooksPath = ~/hooks\\\n/all\n[include]\npath = more\n",
            )
            .file(
                "/c/more",
                "[extensions]\n worktreeConfig\n[core]\nx = \"a\\\\b\\tc\"\n",
            )
            .file(
                "/c/loop",
                "[include]\npath = loop\n[core]\nhooksPath = end\n",
            )
            .file("/c/broken", "[core\n= 3\n[]]]\n\\\n\"\nhooksPath\\");
        let say = |file: &str, section: &str, key: &str| {
            value(&system, Path::new(file), section, key).map(|said| said.value)
        };
        assert_eq!(say("/c/a", "core", "hooksPath").as_deref(), Some(" two ; "));
        assert_eq!(
            say("/c/b", "core", "hooksPath").as_deref(),
            Some("~/hooks/all")
        );
        assert_eq!(
            say("/c/b", "extensions", "worktreeConfig").as_deref(),
            Some("true")
        );
        assert_eq!(say("/c/b", "core", "x").as_deref(), Some("a\\b\tc"));
        assert_eq!(say("/c/loop", "core", "hooksPath").as_deref(), Some("end"));
        assert_eq!(say("/c/broken", "core", "hooksPath"), None);
        assert_eq!(say("/c/none", "core", "hooksPath"), None);
        let found = value(&system, Path::new("/c/b"), "core", "x").unwrap();
        assert_eq!(found.file, Path::new("/c/more"));
        assert_eq!(home_path(&system, "~/a"), Path::new("/home/u/a"));
    }
}
