//! What a rule says about a bad file, kept beside the file for review.
//!
//! After an intended change: `INSTA_UPDATE=always cargo test --test it rules::snapshot`, and
//! read the difference. A snapshot without its fixture fails the test below.

use std::fmt::Write as _;

use nixtune::diagnostic::Diagnostic;
use nixtune::text::Place;

use super::fixes;
use super::fixture::{self, Fixture, Linted, Role};
use super::{on_every, with_role};

#[test]
fn reports_are_as_reviewed() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let linted = fixture.linted();
        let mut text = String::new();
        for diagnostic in linted.of(fixture.rule) {
            if !text.is_empty() {
                text.push('\n');
            }
            describe(fixture, linted, diagnostic, &mut text);
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(fixture.path.parent().unwrap());
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.remove_input_file();
        let name = fixture.path.file_name().unwrap().to_str().unwrap();
        settings.bind(|| insta::assert_snapshot!(name, text));
    });
}

#[test]
fn every_snapshot_has_its_fixture() {
    for folder in std::fs::read_dir(fixture::folder()).unwrap() {
        for entry in std::fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap();
            assert!(!name.ends_with(".snap.new"), "{name} waits for review");
            if let Some(of) = name.strip_suffix(".snap") {
                assert!(std::fs::exists(of).unwrap(), "{name} has no fixture");
            }
        }
    }
}

/// `line:column`, both from 1.
fn at(linted: &Linted, place: Place) -> String {
    match linted.loaded.workspace.file(place.file) {
        Some(file) => {
            let position = file.position(place.span.start);
            format!("{}:{}", position.line, position.column)
        }
        None => "nowhere".to_owned(),
    }
}

fn describe(fixture: &Fixture, linted: &Linted, diagnostic: &Diagnostic, out: &mut String) {
    let source = linted.loaded.workspace.text(diagnostic.place);
    let shown = source.lines().next().unwrap_or("");
    let more = if source.lines().count() > 1 {
        " …"
    } else {
        ""
    };
    writeln!(
        out,
        "{} {} {}: {}",
        at(linted, diagnostic.place),
        diagnostic.confidence,
        diagnostic.severity,
        diagnostic.message
    )
    .unwrap();
    writeln!(out, "  at:   {shown}{more}").unwrap();
    for label in &diagnostic.labels {
        writeln!(out, "  also: {} {}", at(linted, label.place), label.text).unwrap();
    }
    writeln!(out, "  why:  {}", diagnostic.why).unwrap();
    if !diagnostic.help.is_empty() {
        writeln!(out, "  help: {}", diagnostic.help).unwrap();
    }
    for fact in &diagnostic.facts {
        let (name, value, how, source) = (&fact.name, &fact.value, fact.how, &fact.source);
        writeln!(out, "  fact: {name} = {value} ({how}, {source})").unwrap();
    }
    if let Some(fix) = &diagnostic.fix {
        writeln!(out, "  fix:  {} ({})", fix.title, fix.applicability).unwrap();
        for line in fixes::shown(fixture, linted, fix) {
            writeln!(out, "    {line}").unwrap();
        }
    }
}
