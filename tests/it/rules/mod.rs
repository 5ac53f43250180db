//! The rules on their fixtures: what they report, in every disguise of the file, and what their
//! fixes do.

pub mod fixes;
pub mod fixture;
mod plans;
mod rows;
mod snapshot;
pub mod values;
mod variants;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};

use nixtune::diagnostic::Applicability;
use nixtune::rules::{self, Fixes};

use fixture::{Fixture, Role};

/// Runs a check on every fixture and reports all that fail, not only the first.
///
/// Plain threads, not rayon: linting waits for a rayon pool of its own, and a waiting rayon
/// thread would begin another fixture in the middle of this one.
pub fn on_every(fixtures: Vec<&Fixture>, check: impl Fn(&Fixture) + Sync) {
    assert!(!fixtures.is_empty(), "no fixtures");
    let next = AtomicUsize::new(0);
    let work = || {
        let mut failed = Vec::new();
        while let Some(fixture) = fixtures.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| check(fixture))) {
                let message = panic
                    .downcast_ref::<String>()
                    .cloned()
                    .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
                    .unwrap_or_default();
                failed.push(format!("{}: {message}", fixture.shown()));
            }
        }
        failed
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut failed: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(|worker| worker.join().unwrap());
        results.flatten().collect()
    });
    failed.sort();
    assert!(
        failed.is_empty(),
        "{} fixtures fail:\n\n{}",
        failed.len(),
        failed.join("\n\n")
    );
}

fn with_role(roles: &[Role]) -> Vec<&'static Fixture> {
    fixture::all()
        .iter()
        .filter(|fixture| roles.contains(&fixture.role))
        .collect()
}

#[test]
fn every_rule_has_fixtures() {
    for rule in rules::ALL {
        let roles: Vec<Role> = fixture::all()
            .iter()
            .filter(|fixture| fixture.rule.id == rule.id)
            .map(|fixture| fixture.role)
            .collect();
        for role in [Role::Bad, Role::Good, Role::Unknown] {
            assert!(roles.contains(&role), "{} has no {role:?} fixture", rule.id);
        }
    }
}

#[test]
fn every_fixture_folder_belongs_to_a_rule() {
    for entry in std::fs::read_dir(fixture::folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            rules::ALL.iter().any(|rule| rule.id == name),
            "tests/rules/{name} belongs to no rule"
        );
    }
}

#[test]
fn fixtures_are_read_without_trouble() {
    on_every(fixture::all().iter().collect(), |fixture| {
        let linted = fixture.linted();
        assert!(
            linted.loaded.syntax_errors.is_empty(),
            "{:?}",
            linted.loaded.syntax_errors
        );
        assert!(
            linted.loaded.problems.is_empty(),
            "{:?}",
            linted.loaded.problems
        );
    });
}

#[test]
fn bad_files_are_reported() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let linted = fixture.linted();
        let workspace = &linted.loaded.workspace;
        assert!(
            linted.of(fixture.rule).next().is_some(),
            "nothing is reported; other rules say {:?}; target {:?}; defined is {:?}",
            linted
                .diagnostics
                .iter()
                .map(|diagnostic| diagnostic.rule)
                .collect::<Vec<_>>(),
            workspace
                .machines()
                .iter()
                .map(|machine| &machine.target)
                .collect::<Vec<_>>(),
            workspace
                .definitions()
                .iter()
                .map(|definition| definition.option.to_string())
                .collect::<Vec<_>>()
        );
    });
}

#[test]
fn examples_of_the_pages_are_true() {
    for rule in rules::ALL {
        for role in [Role::Bad, Role::Good] {
            let shown = fixture::pages()
                .iter()
                .any(|page| page.rule.id == rule.id && page.role == role);
            assert!(shown, "the page of {} has no {role:?} example", rule.id);
        }
    }
    on_every(fixture::pages().iter().collect(), |page| {
        let linted = page.linted();
        assert!(
            linted.loaded.syntax_errors.is_empty(),
            "{:?}",
            linted.loaded.syntax_errors
        );
        let said: Vec<_> = linted
            .of(page.rule)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        assert_eq!(!said.is_empty(), page.role == Role::Bad, "{said:?}");
        let beside: Vec<_> = linted
            .errors_beside(page.rule)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        assert!(beside.is_empty(), "errors of other rules: {beside:?}");
    });
}

#[test]
fn good_and_unknown_files_are_not_reported() {
    on_every(with_role(&[Role::Good, Role::Unknown]), |fixture| {
        let linted = fixture.linted();
        let said: Vec<_> = linted
            .of(fixture.rule)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        assert!(said.is_empty(), "{said:?}");
    });
}

#[test]
fn other_rules_see_no_error_unless_declared() {
    on_every(fixture::all().iter().collect(), |fixture| {
        let linted = fixture.linted();
        let said: BTreeSet<&str> = linted
            .errors_beside(fixture.rule)
            .map(|diagnostic| diagnostic.rule)
            .collect();
        let declared: BTreeSet<&str> = fixture.also.iter().map(String::as_str).collect();
        assert_eq!(said, declared, "errors of other rules, and those declared");
    });
}

#[test]
fn messages_keep_the_style_of_the_house() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let linted = fixture.linted();
        for diagnostic in linted.of(fixture.rule) {
            let message = &diagnostic.message;
            assert!(
                !message.ends_with('.'),
                "message ends with a full stop: {message}"
            );
            let first = message.chars().next().unwrap();
            assert!(
                first.is_lowercase() || !first.is_alphabetic(),
                "message does not begin in lower case: {message}"
            );
            assert!(
                !message.contains('\n'),
                "message has several lines: {message}"
            );
            assert!(!diagnostic.why.is_empty(), "no reason is given: {message}");
            assert!(
                !diagnostic.help.is_empty() || diagnostic.fix.is_some(),
                "neither help nor fix: {message}"
            );
            let file = linted.file(fixture).unwrap();
            assert!(
                file.slice(diagnostic.place.span).len() == diagnostic.place.span.len() as usize,
                "the place lies outside of the file"
            );
        }
    });
}

#[test]
fn declared_fixability_is_real() {
    for rule in rules::ALL {
        let reported: Vec<Option<Applicability>> = fixture::all()
            .iter()
            .filter(|fixture| fixture.rule.id == rule.id && fixture.role == Role::Bad)
            .flat_map(|fixture| {
                let linted = fixture.linted();
                linted
                    .of(rule)
                    .map(|diagnostic| diagnostic.fix.as_ref().map(|fix| fix.applicability))
                    .collect::<Vec<_>>()
            })
            .collect();
        let with = reported.iter().filter(|has| has.is_some()).count();
        let mut seen: Vec<Applicability> = reported.iter().flatten().copied().collect();
        seen.sort_unstable();
        seen.dedup();
        seen.reverse();
        if std::env::var_os("NIXTUNE_SHOW_SAFETY").is_some() {
            println!("SAFETY {} {seen:?}", rule.id);
        } else {
            assert_eq!(rule.safety, seen, "{}: who may make its fixes", rule.id);
        }
        match rule.fixes {
            Fixes::Always => assert_eq!(with, reported.len(), "{}: not every one", rule.id),
            Fixes::Sometimes => assert!(with > 0, "{}: no fixture shows a fix", rule.id),
            Fixes::Never => assert_eq!(with, 0, "{}: a fix is reported", rule.id),
        }
    }
}

#[test]
fn every_rule_has_fixtures_of_each_kind() {
    for rule in rules::ALL {
        let own = || fixture::all().iter().filter(|one| one.rule.id == rule.id);
        for role in [Role::Bad, Role::Good, Role::Unknown] {
            assert!(
                own().any(|fixture| fixture.role == role),
                "{}: no {role:?} fixture",
                rule.id
            );
        }
        let is_layered = |fixture: &Fixture| {
            let text = &fixture.text;
            ["mkForce", "mkOverride", "imports", "import "]
                .iter()
                .any(|word| text.contains(word))
        };
        assert!(
            own().any(is_layered),
            "{}: no fixture with mkForce or an import",
            rule.id
        );
    }
}
