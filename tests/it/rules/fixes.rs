//! The fixes that rules propose, made on their fixtures: the file still parses, keeps its
//! comments, changes exactly the declared values, loses the diagnostic and gains none.

use std::collections::{BTreeMap, BTreeSet};

use nixtune::diagnostic::{Applicability, Change, Diagnostic, Fix};
use nixtune::fix::{Refusal, lower};
use nixtune::rules::{self, Fixes};
use nixtune::text::FileFormat;
use rnix::SyntaxKind;

use super::fixture::{self, Fixture, Linted, Role};
use super::values::{self, Fact};
use super::{on_every, with_role};
use crate::formatters::{FORMATTERS, disturbed};
use crate::oracle::oracles;

/// The texts of a fixture and of the files beside it.
#[derive(Clone, PartialEq, Debug)]
pub struct Texts {
    pub main: String,
    pub beside: Vec<(String, String)>,
}

/// A fix with the texts before and after it.
pub struct Made<'d> {
    pub diagnostic: &'d Diagnostic,
    pub fix: &'d Fix,
    pub after: Texts,
}

impl Texts {
    pub fn of(fixture: &Fixture) -> Self {
        Self {
            main: fixture.text.clone(),
            beside: fixture.beside.clone(),
        }
    }

    pub fn lint(&self, fixture: &Fixture) -> Linted {
        fixture.lint_beside(&self.main, &self.beside)
    }

    /// These texts with the edits of a fix.
    fn with(&self, fixture: &Fixture, linted: &Linted, fix: &Fix) -> Result<Self, Refusal> {
        let mut after = self.clone();
        for (id, edits) in lower(&linted.loaded.workspace, fix)? {
            let file = linted.loaded.workspace.file(id).unwrap();
            let text = edits.apply(file.text()).unwrap();
            if file.path().ends_with(fixture.linted_name()) {
                after.main = text;
            } else {
                let name = file.path().file_name().unwrap().to_str().unwrap();
                let slot = after.beside.iter_mut().find(|(other, _)| other == name);
                slot.unwrap().1 = text;
            }
        }
        Ok(after)
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.main.as_str()).chain(self.beside.iter().map(|(_, text)| text.as_str()))
    }
}

/// Every fix of the fixture's rule that can be made, each alone on the original.
pub fn made<'d>(fixture: &Fixture, linted: &'d Linted) -> Vec<Made<'d>> {
    linted
        .of(fixture.rule)
        .filter_map(|diagnostic| {
            let fix = diagnostic.fix.as_ref()?;
            let after = Texts::of(fixture).with(fixture, linted, fix).ok()?;
            Some(Made {
                diagnostic,
                fix,
                after,
            })
        })
        .collect()
}

/// What a fix does to the text, for snapshots: the changed lines, or why there are none.
pub fn shown(fixture: &Fixture, linted: &Linted, fix: &Fix) -> Vec<String> {
    let before = Texts::of(fixture);
    match before.with(fixture, linted, fix) {
        Err(refusal) => vec![format!("no edit: {refusal}")],
        Ok(after) => before
            .all()
            .zip(after.all())
            .flat_map(|(before, after)| {
                let diff = similar::TextDiff::from_lines(before, after);
                diff.iter_all_changes()
                    .filter(|change| change.tag() != similar::ChangeTag::Equal)
                    .map(|change| format!("{}{}", change.tag(), change.value().trim_end()))
                    .collect::<Vec<_>>()
            })
            .collect(),
    }
}

/// The comments of a text with their number, whatever their place.
fn comments(format: FileFormat, text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let mut add = |comment: &str| *found.entry(comment.trim().to_owned()).or_default() += 1;
    match format {
        FileFormat::Nix => {
            for (kind, token) in rnix::tokenize(text.trim_start_matches('\u{feff}')) {
                match kind {
                    SyntaxKind::TOKEN_COMMENT => add(token),
                    // Those of a `nix.conf` text.
                    SyntaxKind::TOKEN_STRING_CONTENT => token
                        .lines()
                        .filter(|line| line.trim_start().starts_with('#'))
                        .for_each(&mut add),
                    _ => {}
                }
            }
        }
        FileFormat::Conf => text
            .lines()
            .filter_map(|line| line.split_once('#'))
            .for_each(|(_, comment)| add(comment)),
    }
    found
}

fn inserted_comments(fix: &Fix) -> impl Iterator<Item = &str> {
    fix.changes
        .iter()
        .filter_map(|change| match change {
            Change::Insert { comment, .. } => comment.as_deref(),
            _ => None,
        })
        .flat_map(str::lines)
}

#[test]
fn every_rule_that_declares_fixes_has_one_that_can_be_made() {
    for rule in rules::ALL {
        if rule.fixes == Fixes::Never {
            continue;
        }
        let any = fixture::all()
            .iter()
            .filter(|fixture| fixture.rule.id == rule.id && fixture.role == Role::Bad)
            .any(|fixture| !made(fixture, fixture.linted()).is_empty());
        assert!(any, "{}: no fixture has a fix that can be made", rule.id);
    }
}

#[test]
fn fixed_files_parse() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        for made in made(fixture, fixture.linted()) {
            let after = made.after.lint(fixture);
            let errors = &after.loaded.syntax_errors;
            assert!(errors.is_empty(), "{errors:?} in\n{}", made.after.main);
            assert_ne!(made.after, Texts::of(fixture), "the fix changes nothing");
        }
    });
}

/// Nix itself refuses what rnix lets pass, duplicate attributes above all.
#[test]
fn nix_parses_fixed_files() {
    let oracle = oracles().last().unwrap();
    on_every(with_role(&[Role::Bad]), |fixture| {
        if fixture.format == FileFormat::Conf {
            return;
        }
        for made in made(fixture, fixture.linted()) {
            for text in made.after.all() {
                if let Err(error) = oracle.parse(text) {
                    panic!("{error}\n{text}");
                }
            }
        }
    });
}

#[test]
fn fixes_keep_every_comment() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        for made in made(fixture, fixture.linted()) {
            let before = Texts::of(fixture);
            let mut expected = BTreeMap::new();
            let mut found = BTreeMap::new();
            let count = |texts: &Texts, into: &mut BTreeMap<String, usize>| {
                for text in texts.all() {
                    for (comment, times) in comments(fixture.format, text) {
                        *into.entry(comment).or_default() += times;
                    }
                }
            };
            count(&before, &mut expected);
            count(&made.after, &mut found);
            for comment in inserted_comments(made.fix) {
                let comment = match fixture.format {
                    FileFormat::Nix => format!("# {comment}"),
                    FileFormat::Conf => comment.to_owned(),
                };
                *expected.entry(comment).or_default() += 1;
            }
            assert_eq!(
                found, expected,
                "comments after and before, in\n{}",
                made.after.main
            );
        }
    });
}

#[test]
fn fixes_remove_their_diagnostic_and_add_none() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let linted = fixture.linted();
        let said = |linted: &Linted| {
            let mut said: BTreeMap<(String, String), usize> = BTreeMap::new();
            for diagnostic in &linted.diagnostics {
                let key = (diagnostic.rule.to_owned(), diagnostic.message.clone());
                *said.entry(key).or_default() += 1;
            }
            said
        };
        let before = said(linted);
        for made in made(fixture, linted) {
            let after = said(&made.after.lint(fixture));
            let key = (
                made.diagnostic.rule.to_owned(),
                made.diagnostic.message.clone(),
            );
            let left = after.get(&key).copied().unwrap_or(0);
            assert!(
                left < before[&key],
                "`{}` is still reported in\n{}",
                key.1,
                made.after.main
            );
            let new: Vec<_> = after
                .iter()
                .filter(|(key, times)| **times > before.get(*key).copied().unwrap_or(0))
                .map(|(key, _)| key)
                .filter(|(rule, _)| !fixture.then.contains(rule))
                .collect();
            assert!(
                new.is_empty(),
                "`{}` brings {new:?} in\n{}",
                made.fix.title,
                made.after.main
            );
        }
    });
}

/// Makes all fixes of the rule, one after the other.
fn settle(fixture: &Fixture, start: &Texts) -> Texts {
    let mut texts = start.clone();
    for _ in 0..30 {
        let linted = texts.lint(fixture);
        let next = linted
            .of(fixture.rule)
            .filter_map(|diagnostic| diagnostic.fix.as_ref())
            .filter(|fix| fix.applicability > Applicability::Manual)
            .find_map(|fix| texts.with(fixture, &linted, fix).ok());
        match next {
            Some(next) if next != texts => texts = next,
            Some(_) => panic!("a fix changes nothing in\n{}", texts.main),
            None => return texts,
        }
    }
    panic!("fixes never end; now\n{}", texts.main)
}

#[test]
fn a_second_apply_changes_nothing() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let once = settle(fixture, &Texts::of(fixture));
        let twice = settle(fixture, &once);
        assert_eq!(once.main, twice.main);
    });
}

#[test]
fn fixes_keep_line_endings() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let dos = |text: &str| text.replace('\n', "\r\n");
        let original = Texts::of(fixture);
        let start = Texts {
            main: dos(&original.main),
            beside: original
                .beside
                .iter()
                .map(|(name, text)| (name.clone(), dos(text)))
                .collect(),
        };
        let fixed = settle(fixture, &original);
        let fixed_dos = settle(fixture, &start);
        assert_eq!(fixed_dos.main, dos(&fixed.main));
    });
}

#[test]
fn fixes_change_exactly_the_declared_values() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let linted = fixture.linted();
        for made in made(fixture, linted) {
            let expected = values::after(&linted.loaded.workspace, made.fix);
            let found = values::facts(&made.after.lint(fixture).loaded.workspace);
            let show = |facts: &BTreeSet<Fact>, other: &BTreeSet<Fact>| {
                facts
                    .difference(other)
                    .map(|fact| format!("\n  {fact}"))
                    .collect::<String>()
            };
            assert!(
                expected == found,
                "`{}`\nmissing:{}\ntoo much:{}\nin\n{}",
                made.fix.title,
                show(&expected, &found),
                show(&found, &expected),
                made.after.main
            );
        }
    });
}

/// Each fixture in the form of each formatter: what is fixed is still in that form.
#[test]
fn fixes_keep_the_form_of_formatters() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        if fixture.format == FileFormat::Conf {
            return;
        }
        for formatter in &FORMATTERS {
            let mut start = Texts::of(fixture);
            let Some(main) = (formatter.format)(&start.main) else {
                continue;
            };
            if !formatter.keeps(&main) {
                continue;
            }
            start.main = main;
            let linted = start.lint(fixture);
            for diagnostic in linted.of(fixture.rule) {
                let Some(fix) = &diagnostic.fix else { continue };
                let Ok(after) = start.with(fixture, &linted, fix) else {
                    continue;
                };
                if let Some(difference) = disturbed(&start.main, &after.main) {
                    panic!("{difference}\n{}", after.main);
                }
            }
        }
    });
}
