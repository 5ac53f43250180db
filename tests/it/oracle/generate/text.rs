//! Random strings in both notations, patterns, versions.

use super::{Generator, Kind};

/// Pieces of `"…"`, as they are written.
const PIECES: [&str; 24] = [
    "a", "b-c", " ", "\\n", "\\t", "\\\"", "\\\\", "$", "$$", "\\${", "$${", "''", "é", "1.2", ".",
    ":", "/", "X", "\n", "\\q", "'", "s1", "a,b", "=",
];

/// Pieces of a line of `''…''`.
const INDENTED: [&str; 18] = [
    "a", "b c", "''${", "'''", "''\\n", "''\\t", "$", "$$", "\\", "\"", "'", "é", "''$", "x = 1;",
    "$${", "''\\\\", "\\n", " ",
];

const PATTERNS: [&str; 22] = [
    "a",
    "-",
    "[.]",
    "\\\\.",
    "([a-z]+)",
    "[[:space:]]+",
    "(a|ab)(c|bcd)?",
    ".*",
    "(.*)-(.*)",
    "[^a]*",
    "s([0-9]+)",
    "(x)?(s)",
    "a|s1|t",
    "[[:alnum:]]",
    "^s",
    "1$",
    "([^.]*)[.](.*)",
    "(s1?|1)+",
    "",
    "(a)|(s)",
    "[0-9]{1,2}",
    "[]s-]",
];

const VERSIONS: [&str; 14] = [
    "1.0",
    "1.0.1",
    "2.31pre4",
    "2.4",
    "",
    "1.0a",
    "1.0-2",
    "20240101",
    "99999999999",
    "a.b",
    "1..2",
    "-1",
    "2.31.2",
    "1.0pre",
];

impl Generator {
    /// A string literal; with `depth` it may hold expressions.
    pub(super) fn string(&mut self, depth: usize) -> String {
        if self.below(3) == 0 {
            return self.indented(depth);
        }
        let mut out = String::from("\"");
        for _ in 0..self.below(5) {
            // Two dollars are not an interpolation; that has pieces of its own.
            if out.ends_with('$') {
                out.push('_');
            }
            if self.below(5) == 0 {
                let inner = self.of(Kind::Str, depth);
                out.push_str(&format!("${{{inner}}}"));
            } else {
                out.push_str(self.pick(&PIECES));
            }
        }
        // A dollar before the quote is a dollar.
        out.push('"');
        out
    }

    fn indented(&mut self, depth: usize) -> String {
        let mut out = String::from("''");
        let first = self.below(4);
        if first > 0 {
            out.push_str(["", "\n", "  \n", "a\n"][first]);
        }
        for line in 0..self.below(4) {
            if line > 0 {
                out.push('\n');
            }
            out.push_str(self.pick(&["", "  ", "    ", "   ", "\t", "  \t"]));
            for _ in 0..self.below(4) {
                if out.ends_with('$') {
                    out.push('_');
                }
                if self.below(4) == 0 {
                    let inner = self.of(Kind::Str, depth);
                    out.push_str(&format!("${{{inner}}}"));
                } else {
                    let piece = self.pick(&INDENTED);
                    // A quote before two others, or a dollar before a brace, reads otherwise.
                    if !(out.ends_with('\'') && piece.starts_with('\'')) {
                        out.push_str(piece);
                    }
                }
            }
        }
        if out.ends_with(['\'', '$', '\\']) && out.len() > 2 {
            out.push(' ');
        }
        if self.below(2) == 0 {
            out.push_str(self.pick(&["\n", "\n  ", "\n      "]));
        }
        out.push_str("''");
        out
    }

    pub(super) fn pattern(&mut self) -> String {
        format!("\"{}\"", self.pick(&PATTERNS))
    }

    pub(super) fn version(&mut self) -> String {
        format!("\"{}\"", self.pick(&VERSIONS))
    }
}
