//! The whole way on every fixture: the engine lints, plans all fixes that it may make, writes
//! them, and finds nothing more to do.

use std::path::PathBuf;

use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Look, Plan, Request, Wanted};
use nixtune::facts::profile;
use nixtune::fix::{Stage, WhyLeft};
use nixtune::policy::TargetPolicy;
use nixtune::system::{Memory, System as _};
use nixtune::text::FileFormat;

use super::fixes::made;
use super::fixture::{self, Fixture, Role};
use super::{on_every, with_role};
use crate::oracle::oracles;

/// A machine that holds the fixture and the hardware profiles that it has.
fn machine(fixture: &Fixture) -> (Memory, Request) {
    let path = PathBuf::from("/fixture").join(fixture.linted_name());
    let mut system = Memory::new().file(&path, &fixture.text);
    for (name, text) in &fixture.beside {
        system = system.file(PathBuf::from("/fixture").join(name), text);
    }
    if !fixture.hosts.is_empty() {
        let mut policy = String::new();
        for (name, host) in &fixture.hosts {
            let file = format!("host-{name}.toml");
            policy.push_str(&format!("[machine.{name}]\nhost = \"{file}\"\n"));
            let text = profile::render(host, &nixtune::facts::Target::default());
            system = system.file(PathBuf::from("/fixture").join(file), text);
        }
        system = system.file("/fixture/nixtune.toml", policy);
    }
    let target = &fixture.target;
    let host = fixture.host.as_ref().map(|host| {
        let profile = PathBuf::from("/host.toml");
        (profile, profile::render(host, target))
    });
    let request = Request {
        roots: vec![path],
        host: host.as_ref().map(|(path, _)| path.clone()),
        target: TargetPolicy {
            module_system: target.module_system.as_ref().map(|fact| fact.value),
            implementation: target.implementation.as_ref().map(|fact| fact.value),
            version: target.version.as_ref().map(|fact| fact.value),
            platform: target.platform.as_ref().map(|fact| fact.value),
        },
        // A rule that speaks only when it is asked for is asked for.
        select: vec!["default".to_owned(), fixture.rule.id.to_owned()],
        live: fixture
            .live
            .as_ref()
            .map(|seen| Look::Told(Box::new(seen.clone()))),
        ..Request::default()
    };
    if let Some((path, text)) = host {
        system = system.file(path, text);
    }
    (system, request)
}

fn plan(system: &Memory, request: &Request) -> Plan {
    let wanted = Wanted {
        least: Applicability::Unsafe,
        ..Wanted::default()
    };
    engine::plan(system, fixture::catalog(), request, &wanted).unwrap()
}

#[test]
fn the_engine_reports_what_the_rule_reports() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let (system, request) = machine(fixture);
        let outcome = engine::lint(&system, fixture::catalog(), &request).unwrap();
        assert!(outcome.problems.is_empty(), "{:?}", outcome.problems);
        let mut engine: Vec<&str> = outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.rule == fixture.rule.id)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        let mut alone: Vec<&str> = fixture
            .linted()
            .of(fixture.rule)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        engine.sort_unstable();
        engine.dedup();
        alone.sort_unstable();
        alone.dedup();
        assert_eq!(engine, alone);
    });
}

#[test]
fn good_files_stay_good_through_the_engine() {
    on_every(with_role(&[Role::Good, Role::Unknown]), |fixture| {
        let (system, request) = machine(fixture);
        let outcome = engine::lint(&system, fixture::catalog(), &request).unwrap();
        let said: Vec<&str> = outcome
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.rule == fixture.rule.id)
            .map(|diagnostic| diagnostic.message.as_str())
            .collect();
        assert!(said.is_empty(), "{said:?}");
    });
}

#[test]
fn every_fix_that_can_be_made_is_proven_and_made() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let (system, request) = machine(fixture);
        let plan = plan(&system, &request);
        for left in &plan.left {
            let excused = match &left.why {
                // What another rule says about the fixed file keeps the fix from being made.
                WhyLeft::Failed(failure) => {
                    failure.stage == Stage::Diagnostics && !fixture.then.is_empty()
                }
                WhyLeft::Dependent(_) | WhyLeft::Declined | WhyLeft::Unfinished => false,
                WhyLeft::NotAllowed(_) | WhyLeft::Refused(_) => true,
            };
            assert!(
                excused,
                "{}: `{}` is left: {:?}",
                left.rule, left.title, left.why
            );
        }
        let wanted = made(fixture, fixture.linted())
            .iter()
            .any(|made| made.fix.applicability > Applicability::Manual);
        let done = plan.made.iter().any(|fix| fix.rule == fixture.rule.id);
        let excused = !fixture.then.is_empty();
        assert!(
            done || !wanted || excused,
            "no fix is made; left: {:?}",
            plan.left
        );
    });
}

#[test]
fn after_writing_there_is_nothing_left_to_do() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let (system, request) = machine(fixture);
        let first = plan(&system, &request);
        engine::write(&system, &first).unwrap();
        for file in &first.files {
            let now = system.read(&file.path, 1 << 20).unwrap();
            assert_eq!(now, file.after.as_bytes(), "{}", file.path.display());
        }
        let second = plan(&system, &request);
        let again: Vec<&str> = second.made.iter().map(|fix| fix.title.as_str()).collect();
        assert!(
            second.files.is_empty() && again.is_empty(),
            "the second run makes {again:?}"
        );
    });
}

#[test]
fn nix_parses_what_all_fixes_together_write() {
    let oracle = oracles().last().unwrap();
    on_every(with_role(&[Role::Bad]), |fixture| {
        if fixture.format == FileFormat::Conf {
            return;
        }
        let (system, request) = machine(fixture);
        for file in plan(&system, &request).files {
            if let Err(error) = oracle.parse(&file.after) {
                panic!("{error}\n{}", file.after);
            }
        }
    });
}
