//! Proof that changed texts are what a fix declares.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;
use rnix::SyntaxKind;

use super::Refusal;
use super::evaluation::Proofs;
use super::values::{self, Difference, Different, Sides};
use crate::diagnostic::{Change, Diagnostic, Fix};
use crate::model::Workspace;
use crate::syntax::{self, BYTE_ORDER_MARK, ConfStatement, comment_body, conf_lines};
use crate::text::{FileFormat, FileId, SourceFile};

/// What files say, and what is reported about them.
#[derive(Debug, Default)]
pub struct State {
    /// The files and what they define.
    pub workspace: Workspace,
    /// What is reported, syntax errors included.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads everything again with other contents for some files, by their paths. `None` when that
/// is not possible.
pub type Reload<'r> = dyn Fn(&BTreeMap<PathBuf, String>) -> Option<State> + Sync + 'r;

/// A step of the proof.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Stage {
    /// The changed files parse, and no set defines a name twice.
    Parse,
    /// Every comment is kept.
    Comments,
    /// Exactly the declared options change, in every machine.
    Values,
    /// The diagnostic is gone, and none is new.
    Diagnostics,
    /// Nix evaluates the files to what is declared; only where someone asked for it.
    Nix,
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Parse => "parse",
            Self::Comments => "comments",
            Self::Values => "values",
            Self::Diagnostics => "diagnostics",
            Self::Nix => "nix",
        })
    }
}

/// Why a fix is dropped although it could be written: a mistake of nixtune, or something that only
/// an evaluation shows.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the fix was dropped because it failed the {stage} check: {detail}")]
pub struct Failure {
    /// Where the proof failed.
    pub stage: Stage,
    /// What was found there.
    pub detail: String,
    /// Set when the text is right and the fix is not to be made all the same: that is no mistake.
    pub refusal: Option<Refusal>,
    /// Where it was seen.
    pub scene: Box<Scene>,
}

/// The file and the machines in which a proof failed, by name: among fixes that were proven together,
/// those that are made there are to blame first. Empty when that is not known.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scene {
    /// The file.
    pub file: Option<Arc<str>>,
    /// The machines.
    pub machines: Vec<Arc<str>>,
}

impl Failure {
    /// True when nixtune alone is to blame. What only Nix finds may come from code that no reading
    /// of files can know.
    pub fn is_mistake(&self) -> bool {
        self.stage != Stage::Nix
    }
}

fn failure(stage: Stage, detail: impl Into<String>) -> Failure {
    Failure {
        stage,
        detail: detail.into(),
        refusal: None,
        scene: Box::default(),
    }
}

fn failure_in(file: &SourceFile, stage: Stage, detail: &str) -> Failure {
    Failure {
        scene: Box::new(Scene {
            file: Some(Arc::clone(file.name())),
            machines: Vec::new(),
        }),
        ..failure(stage, format!("{}: {detail}", file.name()))
    }
}

fn different(different: Different) -> Failure {
    let scene = Box::new(Scene {
        file: None,
        machines: different.machine.into_iter().collect(),
    });
    let machine = scene.machines.first().map_or("", |name| &**name);
    let failure = match different.difference {
        Difference::Mistake(detail) => failure(Stage::Values, detail),
        Difference::Apart => Failure {
            refusal: Some(Refusal::Apart(machine.to_owned())),
            ..failure(Stage::Values, format!("{machine} would fall apart"))
        },
        Difference::Follows(option) => Failure {
            refusal: Some(Refusal::Follows {
                option: option.clone(),
                machine: machine.to_owned(),
            }),
            ..failure(
                Stage::Values,
                format!("`{option}` of {machine} changes with it"),
            )
        },
    };
    Failure { scene, ..failure }
}

/// Proves that `texts`, the new contents of some files, are what the fixes of `fixed` declare.
/// Gives what is said and reported then.
pub(super) fn verify(
    before: &State,
    texts: &BTreeMap<FileId, String>,
    fixed: &[&Diagnostic],
    proofs: &Proofs<'_>,
) -> Result<State, Failure> {
    let fixes: Vec<&Fix> = fixed
        .iter()
        .filter_map(|diagnostic| diagnostic.fix.as_ref())
        .collect();
    let mut by_path = BTreeMap::new();
    let mut added = added_comments(&fixes);
    let texts: Vec<(&FileId, &String)> = texts.iter().collect();
    let looked_at: Vec<_> = texts
        .into_par_iter()
        .map(|(id, text)| {
            let file = before
                .workspace
                .file(*id)
                .ok_or_else(|| failure(Stage::Parse, "an unknown file would change"))?;
            parses(file.format(), file.text(), text)
                .map_err(|detail| failure_in(file, Stage::Parse, &detail))?;
            let counts =
                [file.text().as_ref(), text.as_str()].map(|text| comments(file.format(), text));
            Ok((file, text, counts))
        })
        .collect::<Vec<Result<_, Failure>>>();
    for found in looked_at {
        let (file, text, [old, new]) = found?;
        keeps_comments(old, new, &mut added)
            .map_err(|detail| failure_in(file, Stage::Comments, &detail))?;
        by_path.insert(file.path().to_path_buf(), text.clone());
    }
    let after = (proofs.reload)(&by_path)
        .ok_or_else(|| failure(Stage::Values, "the files could not be read again"))?;
    let sides = Sides {
        before: &before.workspace,
        after: &after.workspace,
        texts: &by_path,
    };
    values::compare(&sides, &fixes).map_err(different)?;
    diagnostics(before, &after, fixed)?;
    if let Some(confirm) = proofs.confirm {
        confirm(before, &by_path, &after, &fixes).map_err(|detail| failure(Stage::Nix, detail))?;
    }
    Ok(after)
}

/// Stage 1.
fn parses(format: FileFormat, before: &str, after: &str) -> Result<(), String> {
    if format == FileFormat::Conf {
        let bad = |text: &str| {
            conf_lines(text)
                .into_iter()
                .filter(|line| matches!(line.statement, ConfStatement::Malformed(_)))
                .count()
        };
        return if bad(after) > bad(before) {
            Err("a line would be malformed".to_owned())
        } else {
            Ok(())
        };
    }
    let body = |text: &str| {
        let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        body.to_owned()
    };
    let after = body(after);
    syntax::bounds::check(&after).map_err(|error| error.message)?;
    let parsed = rnix::Root::parse(&after);
    if let Some(error) = parsed.errors().first() {
        return Err(error.to_string());
    }
    let new = syntax::duplicates(&parsed.syntax(), 0);
    if new.is_empty() {
        return Ok(());
    }
    let old = syntax::duplicates(&rnix::Root::parse(&body(before)).syntax(), 0);
    let mut left: Vec<&Arc<str>> = old.iter().map(|duplicate| &duplicate.name).collect();
    for duplicate in &new {
        match left.iter().position(|name| **name == duplicate.name) {
            Some(index) => {
                left.remove(index);
            }
            None => return Err(format!("`{}` would be defined twice", duplicate.name)),
        }
    }
    Ok(())
}

/// The comments that the fixes declare, line by line.
fn added_comments(fixes: &[&Fix]) -> HashMap<String, usize> {
    let mut added = HashMap::new();
    for change in fixes.iter().flat_map(|fix| &fix.changes) {
        if let Change::Insert {
            comment: Some(comment),
            ..
        } = change
        {
            for line in comment.lines() {
                *added.entry(line.trim().to_owned()).or_default() += 1;
            }
        }
    }
    added
}

/// Stage 2: the comments before and after, with their numbers.
fn keeps_comments(
    before: HashMap<String, usize>,
    after: HashMap<String, usize>,
    added: &mut HashMap<String, usize>,
) -> Result<(), String> {
    let mut left = after;
    for (comment, count) in before {
        let now = left.get(&comment).copied().unwrap_or(0);
        if now < count {
            return Err(format!("the comment `{}` would be lost", shorten(&comment)));
        }
        left.insert(comment, now - count);
    }
    for (comment, count) in left {
        let allowed = added.entry(comment.clone()).or_default();
        if *allowed < count {
            return Err(format!(
                "the comment `{}` would come out of nowhere",
                shorten(&comment)
            ));
        }
        *allowed -= count;
    }
    Ok(())
}

fn shorten(comment: &str) -> String {
    comment
        .lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(60)
        .collect()
}

/// The comments of a text with their numbers; those in indented strings of Nix files, which may
/// be lines of `nix.conf`, included.
fn comments(format: FileFormat, text: &str) -> HashMap<String, usize> {
    let mut found: HashMap<String, usize> = HashMap::new();
    // The indentation of a comment's lines may change when it moves.
    let mut add = |body: &str| {
        let lines: Vec<&str> = body.lines().map(str::trim).collect();
        *found.entry(lines.join("\n")).or_default() += 1;
    };
    let lines = |text: &str, add: &mut dyn FnMut(&str)| {
        for line in conf_lines(text) {
            if let Some(comment) = line.comment.and_then(|span| text.get(span.range())) {
                add(comment_body(comment));
            }
        }
    };
    if format == FileFormat::Conf {
        lines(text, &mut |body| add(body));
        return found;
    }
    let mut in_indented = Vec::new();
    for (kind, token) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_COMMENT => add(comment_body(token)),
            SyntaxKind::TOKEN_STRING_START => in_indented.push(token == "''"),
            SyntaxKind::TOKEN_STRING_END => {
                in_indented.pop();
            }
            SyntaxKind::TOKEN_STRING_CONTENT if in_indented.last() == Some(&true) => {
                lines(token, &mut |body| add(body));
            }
            _ => {}
        }
    }
    found
}

/// A rule, and the file that it speaks about.
type Key = (&'static str, Arc<str>);

fn key_of(workspace: &Workspace, diagnostic: &Diagnostic) -> Key {
    let name = workspace
        .file(diagnostic.place.file)
        .map_or_else(|| "".into(), |file| Arc::clone(file.name()));
    (diagnostic.rule, name)
}

/// Stage 4. Diagnostics are told apart by rule and file: places and words change with the text.
///
/// A value that Nix refused or dropped had no effect, so that nothing could be said about it; once
/// it counts, a milder rule may speak of it. Such a diagnostic in the file or machine of a graver
/// one that is mended is no reason to leave the graver one alone.
fn diagnostics(before: &State, after: &State, fixed: &[&Diagnostic]) -> Result<(), Failure> {
    let mut allowed: HashMap<Key, usize> = HashMap::new();
    for diagnostic in &before.diagnostics {
        *allowed
            .entry(key_of(&before.workspace, diagnostic))
            .or_default() += 1;
    }
    let mut gone: Vec<Key> = Vec::new();
    for diagnostic in fixed {
        let key = key_of(&before.workspace, diagnostic);
        let count = allowed.entry(key.clone()).or_default();
        *count = count.saturating_sub(1);
        gone.push(key);
    }
    for diagnostic in &after.diagnostics {
        let key = key_of(&after.workspace, diagnostic);
        let count = allowed.entry(key.clone()).or_default();
        let is_milder = || {
            fixed.iter().zip(&gone).any(|(fixed, (_, file))| {
                let together = *file == key.1
                    || fixed
                        .machines
                        .iter()
                        .any(|machine| diagnostic.machines.contains(machine));
                diagnostic.severity < fixed.severity && together
            })
        };
        if *count == 0 && !gone.contains(&key) && is_milder() {
            continue;
        }
        if *count == 0 {
            let detail = if gone.contains(&key) {
                format!("`{}` would still be reported", key.0)
            } else {
                format!("`{}` would be new: {}", key.0, diagnostic.message)
            };
            return Err(Failure {
                refusal: uncovered(before, after, &key, fixed),
                scene: Box::new(Scene {
                    file: Some(Arc::clone(&key.1)),
                    machines: diagnostic.machines.clone(),
                }),
                ..failure(Stage::Diagnostics, detail)
            });
        }
        *count -= 1;
    }
    Ok(())
}

/// The line in which a diagnostic begins, without the blanks around it.
fn line_of<'w>(workspace: &'w Workspace, diagnostic: &Diagnostic) -> &'w str {
    let Some(file) = workspace.file(diagnostic.place.file) else {
        return "";
    };
    let (before, after) = file
        .text()
        .split_at_checked(diagnostic.place.span.start as usize)
        .unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let end = before.len() + after.find('\n').unwrap_or(after.len());
    file.text().get(start..end).unwrap_or("").trim()
}

/// A new diagnostic of a rule in a file that is about words which somebody wrote, not a fix: they
/// are read as they are now for the first time.
fn uncovered(before: &State, after: &State, key: &Key, fixed: &[&Diagnostic]) -> Option<Refusal> {
    let changes = || {
        let fixes = fixed.iter().filter_map(|fixed| fixed.fix.as_ref());
        fixes.flat_map(|fix| &fix.changes)
    };
    let renames = changes().any(|change| matches!(change, Change::Rename { .. }));
    // An element that got something before or behind it is still what somebody wrote.
    let grew = |words: &str| {
        changes().any(|change| match change {
            Change::ListReplace { item, with, .. } => {
                let old = before.workspace.text(*item).trim_matches('"');
                !old.is_empty() && with.contains(old) && words.contains(with.as_str())
            }
            _ => false,
        })
    };
    // A value that is written anew has single blanks between its words.
    let spaced = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let stood = |diagnostic: &Diagnostic| {
        let words = spaced(after.workspace.text(diagnostic.place));
        let mut files = before.workspace.files().iter();
        files.any(|file| *file.name() == key.1 && spaced(file.text()).contains(&words))
            || grew(&words)
    };
    let is_new = |diagnostic: &Diagnostic| {
        let line = line_of(&after.workspace, diagnostic);
        !before.diagnostics.iter().any(|old| {
            old.message == diagnostic.message
                && key_of(&before.workspace, old) == *key
                && line_of(&before.workspace, old) == line
        })
    };
    after
        .diagnostics
        .iter()
        .filter(|diagnostic| key_of(&after.workspace, diagnostic) == *key)
        .find(|diagnostic| is_new(diagnostic) && (renames || stood(diagnostic)))
        .map(|diagnostic| Refusal::Uncovers {
            rule: diagnostic.rule,
            message: diagnostic.message.clone(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicates_and_syntax_errors_are_noticed() {
        let nix = FileFormat::Nix;
        assert!(parses(nix, "{ a = 1; }", "{ a = 1; b = 2; }").is_ok());
        assert!(parses(nix, "{ a = 1; }", "{ a = 1; a = 2; }").is_err());
        assert!(parses(nix, "{ a = 1; a = 2; }", "{ a = 1; a = 3; }").is_ok());
        assert!(parses(nix, "{ a = 1; a = 2; }", "{ b = 1; b = 3; }").is_err());
        assert!(parses(nix, "{ a = 1; }", "{ a = 1 }").is_err());
        assert!(parses(FileFormat::Conf, "a = 1", "a=1").is_err());
    }

    #[test]
    fn lost_and_invented_comments_are_noticed() {
        let nix = FileFormat::Nix;
        let none = || HashMap::new();
        let keeps_with = |before: &str, after: &str, added: &mut HashMap<String, usize>| {
            keeps_comments(comments(nix, before), comments(nix, after), added)
        };
        let keeps = |before: &str, after: &str| keeps_with(before, after, &mut none());
        assert!(keeps("{ } # a", "{ }\n# a").is_ok());
        assert!(keeps("{ } # a\n# a", "{ } # a").is_err());
        assert!(keeps("{ }", "{ } # b").is_err());
        assert!(keeps("''\n a # c\n''", "''\n b # c\n''").is_ok());
        assert!(keeps("''\n a # c\n''", "''\n b\n''").is_err());
        assert!(keeps("\"a#b\"", "\"a\"").is_ok());
        let mut added = HashMap::from([("why".to_owned(), 1)]);
        assert!(keeps_with("{ }", "{ } # why", &mut added).is_ok());
    }
}
