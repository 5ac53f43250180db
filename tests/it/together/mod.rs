//! `nixtune apply` as a whole: configurations are generated in which many rules speak at once, and
//! everything that may be fixed is. Whatever they look like, a second run changes nothing, no order
//! matters, nothing is written that no fix asked for, and Nix reads what nixtune says.
//!
//! `NIXTUNE_CASES=3000` asks for more than usual, `NIXTUNE_SEED=5` for others.

mod areas;
mod generate;
mod order;
mod values;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nixtune::catalog::Catalog;
use nixtune::diagnostic::Applicability;
use nixtune::engine::{self, Outcome, Plan, Request, Wanted};
use nixtune::fix::WhyLeft;
use nixtune::system::Memory;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{
    Config, RngAlgorithm, TestCaseError, TestCaseResult, TestError, TestRng, TestRunner,
};
use rnix::SyntaxKind;

use crate::rules::fixture;
use generate::{Configuration, configurations};

/// Files by path.
type Files = BTreeMap<PathBuf, String>;

fn catalog() -> &'static Catalog {
    fixture::catalog()
}

fn number(name: &str, usual: u32) -> u32 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

fn runner(cases: u32) -> TestRunner {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&number("NIXTUNE_SEED", 1).to_le_bytes());
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2_000,
        max_shrink_time: 60_000,
        ..Config::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    TestRunner::new_with_rng(config, rng)
}

/// Holds a property against many configurations; the smallest that is found to break it is shown.
fn holds(usual: u32, property: impl Fn(&Configuration) -> TestCaseResult) {
    let cases = number("NIXTUNE_CASES", usual);
    let result = runner(cases).run(&configurations(), |one| property(&one));
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, one)) => panic!("{reason}\n{}", one.shown()),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

fn fail<T>(reason: impl Into<String>) -> Result<T, TestCaseError> {
    Err(TestCaseError::fail(reason.into()))
}

fn files(configuration: &Configuration) -> Files {
    configuration
        .files()
        .into_iter()
        .map(|(name, text)| (Path::new("/w").join(name), text))
        .collect()
}

fn memory(files: &Files) -> Memory {
    let hosts = fixture::folder().join("../hosts");
    let profile = |name: &str| std::fs::read_to_string(hosts.join(name)).unwrap();
    let hardware = |text: String| text.split("[target]").next().unwrap().to_owned();
    files.iter().fold(
        Memory::new()
            .file("/hosts/darwin.toml", hardware(profile("mbp-m3-pro.toml")))
            .file("/hosts/linux.toml", hardware(profile("laptop-hybrid.toml"))),
        |memory, (path, text)| memory.file(path, text),
    )
}

fn request(configuration: &Configuration) -> Request {
    let host = match configuration.target().platform {
        Some(platform) if platform.to_string().ends_with("darwin") => "/hosts/darwin.toml",
        _ => "/hosts/linux.toml",
    };
    Request {
        roots: vec!["/w".into()],
        target: configuration.target(),
        host: configuration.has_host.then(|| host.into()),
        ..Request::default()
    }
}

/// The same with every file named, so that files stay in the run when they say nothing any more.
fn naming_files(configuration: &Configuration) -> Request {
    Request {
        roots: files(configuration).into_keys().collect(),
        ..request(configuration)
    }
}

fn look(files: &Files, request: &Request) -> Outcome {
    engine::look(&memory(files), catalog(), request).unwrap()
}

fn plan(files: &Files, request: &Request, least: Applicability) -> Plan {
    let wanted = Wanted {
        least,
        ..Wanted::default()
    };
    engine::plan(&memory(files), catalog(), request, &wanted).unwrap()
}

/// The files with a plan made.
fn applied(files: &Files, plan: &Plan) -> Files {
    let mut files = files.clone();
    for file in &plan.files {
        let path = Path::new("/").join(&file.path);
        let old = files.insert(path, file.after.to_string());
        assert_eq!(old.as_deref(), Some(file.before.as_ref()));
    }
    files
}

fn shown(files: &Files) -> String {
    files
        .iter()
        .map(|(path, text)| format!("--- {}\n{text}", path.display()))
        .collect()
}

/// A plan without mistakes of nixtune that came to its end.
fn is_sound(plan: &Plan) -> TestCaseResult {
    for left in &plan.left {
        if matches!(left.why, WhyLeft::Failed(_) | WhyLeft::Unfinished) {
            return fail(format!("{left:?}"));
        }
    }
    Ok(())
}

/// Planning again changes nothing.
fn is_done(files: &Files, request: &Request, least: Applicability, what: &str) -> TestCaseResult {
    let again = plan(files, request, least);
    is_sound(&again)?;
    if again.files.is_empty() {
        return Ok(());
    }
    fail(format!(
        "{what}: {:#?}\n{}--- becomes\n{}",
        again.made,
        shown(files),
        shown(&applied(files, &again))
    ))
}

#[test]
fn a_second_run_changes_nothing() {
    holds(40, |configuration| {
        let (before, request) = (files(configuration), request(configuration));
        let all = plan(&before, &request, Applicability::Unsafe);
        is_sound(&all)?;
        let after = applied(&before, &all);
        is_done(&after, &request, Applicability::Unsafe, "again")?;
        is_done(&after, &request, Applicability::Safe, "safe ones again")?;
        let safe = plan(&before, &request, Applicability::Safe);
        is_sound(&safe)?;
        let after = applied(&before, &safe);
        is_done(
            &after,
            &request,
            Applicability::Safe,
            "only safe ones again",
        )?;
        let rest = plan(&after, &request, Applicability::Unsafe);
        is_sound(&rest)?;
        let after = applied(&after, &rest);
        is_done(
            &after,
            &request,
            Applicability::Unsafe,
            "all after safe ones",
        )
    });
}

/// The lines of all comments, sorted; those of `nix.conf` lines in strings included.
fn comments(path: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut add = |comment: &str| {
        let lines = comment
            .lines()
            .map(|line| line.trim_matches(['#', '*', '/', ' ', '\t', '\r']));
        found.extend(lines.filter(|line| !line.is_empty()).map(str::to_owned));
    };
    let in_lines = |text: &str, add: &mut dyn FnMut(&str)| {
        for line in text.lines() {
            if let Some(at) = line.find('#') {
                add(&line[at..]);
            }
        }
    };
    if path
        .extension()
        .is_some_and(|extension| extension == "conf")
    {
        in_lines(text, &mut add);
    } else {
        for (kind, token) in rnix::tokenize(text) {
            match kind {
                SyntaxKind::TOKEN_COMMENT => add(token),
                SyntaxKind::TOKEN_STRING_CONTENT => in_lines(token, &mut add),
                _ => {}
            }
        }
    }
    found.sort();
    found
}

/// The next configuration of a runner.
fn next(runner: &mut TestRunner) -> Configuration {
    configurations().new_tree(runner).unwrap().current()
}
