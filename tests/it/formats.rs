//! The report in the words of other programs: each is read by what its readers read it with, also
//! when files, values and comments hold whatever those words would obey.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};

use nixtune::catalog::Catalog;
use nixtune::engine::{self, Outcome, Request};
use nixtune::report;
use nixtune::system::Memory;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value as Json;

/// A name and words that every format has to escape.
const NAME: &str = "a b,c:%0A|<&>\"'`]]>.nix";
const WORDS: &str = "\\u{1b}]0;x::error::y%0A|<b>&amp;]]>@all`";

fn lint(files: &[(&str, String)]) -> Outcome {
    let system = files.iter().fold(Memory::new(), |system, (path, text)| {
        system.file(format!("/{path}"), text)
    });
    let request = Request {
        roots: vec!["w".into()],
        ..Request::default()
    };
    engine::lint(&system, &Catalog::embedded(), &request).unwrap()
}

/// A run with everything that a report can hold.
fn nasty() -> Outcome {
    let text = format!(
        "{{\n  # nixtune: allow(min-free-too-small) {WORDS}\n  nix.settings.min-free = 1;\n  \
         nix.settings.substituters = [\n    \"http://ä{}.example\" \"https://a.example\" \"https://a.example\"\n  ];\n  \
         nix.settings.max-jobz = 3;\n  nix.settings.keep-going = \"{}\";\n  \
         nix.gc.automatic = true;\n  nix.gc.interval = {{ Day = 1; }};\n}}\n",
        "\u{1b}[31m::error::|<b>@all`]]>%0A", "\u{1b}]8;;x::warning::\u{202e}"
    );
    lint(&[
        (
            "w/plain.nix",
            "{ nix.settings.sandbox = false; nix.settings.cores = \"none\"; }\n".into(),
        ),
        (&format!("w/{NAME}"), text),
        ("w/broken.nix", "{ nix.settings.cores = ; }\n".into()),
        (
            "w/clean.nix",
            "{ nix.settings.keep-going = true; }\n".into(),
        ),
    ])
}

fn schema(path: &str) -> jsonschema::Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

pub fn validate(schema_file: &str, text: &str) -> Json {
    let json: Json = serde_json::from_str(text).unwrap();
    let schema = schema(schema_file);
    let errors: Vec<String> = schema
        .iter_errors(&json)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{text}");
    json
}

fn outcomes() -> Vec<Outcome> {
    vec![
        nasty(),
        lint(&[(
            "w/clean.nix",
            "{ nix.settings.keep-going = true; }\n".into(),
        )]),
        lint(&[("w/nothing.txt", String::new())]),
    ]
}

#[test]
fn json_is_what_its_schema_says() {
    for outcome in outcomes() {
        let json = validate("docs/report.schema.json", &report::json(&outcome));
        let count = json["diagnostics"].as_array().unwrap().len();
        assert_eq!(count, outcome.diagnostics.len());
    }
    validate(
        "docs/report.schema.json",
        &report::error_json("no such file"),
    );
    // It is not one that takes everything.
    let schema = schema("docs/report.schema.json");
    let mut wrong: Json = serde_json::from_str(&report::json(&nasty())).unwrap();
    wrong["diagnostics"][0]["severity"] = "bad".into();
    assert!(!schema.is_valid(&wrong));
}

#[test]
fn json_lines_hold_what_the_document_holds() {
    let outcome = nasty();
    let document: Json = serde_json::from_str(&report::json(&outcome)).unwrap();
    let lines: Vec<Json> = report::jsonl(&outcome)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["type"], "run");
    assert_eq!(lines[0]["machines"], document["machines"]);
    for (kind, list) in [("diagnostic", "diagnostics"), ("suppressed", "suppressed")] {
        let of_kind: Vec<Json> = lines
            .iter()
            .filter(|line| line["type"] == kind)
            .map(|line| {
                let mut line = line.clone();
                line.as_object_mut().unwrap().remove("type");
                line
            })
            .collect();
        assert_eq!(&Json::from(of_kind), &document[list], "{kind}");
        assert!(!document[list].as_array().unwrap().is_empty(), "{kind}");
    }
}

#[test]
fn sarif_is_valid_and_whole() {
    for outcome in outcomes() {
        let json = validate("tests/schemas/sarif-2.1.0.json", &report::sarif(&outcome));
        let results = json["runs"][0]["results"].as_array().unwrap();
        assert_eq!(
            results.len(),
            outcome.diagnostics.len() + outcome.suppressed.len()
        );
        let rules = json["runs"][0]["tool"]["driver"]["rules"]
            .as_array()
            .unwrap();
        for result in results {
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
    }
    let json: Json = serde_json::from_str(&report::sarif(&nasty())).unwrap();
    let results = json["runs"][0]["results"].as_array().unwrap();
    let has = |key: &str| results.iter().any(|result| result.get(key).is_some());
    assert!(has("fixes") && has("suppressions") && has("relatedLocations"));
    let files: BTreeSet<&str> = results
        .iter()
        .map(|result| {
            let location = &result["locations"][0]["physicalLocation"];
            location["artifactLocation"]["uri"].as_str().unwrap()
        })
        .collect();
    assert!(
        files.contains("w/a%20b,c%3A%250A%7C%3C%26%3E%22%27%60%5D%5D%3E.nix"),
        "{files:?}"
    );
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let prints = |text: &str| -> Vec<String> {
        let json: Json =
            serde_json::from_str(&report::sarif(&lint(&[("w/a.nix", text.into())]))).unwrap();
        let results = json["runs"][0]["results"].as_array().unwrap();
        let print = |result: &Json| {
            result["partialFingerprints"]["nixtune/v1"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        let mut prints: Vec<String> = results.iter().map(print).collect();
        prints.sort();
        prints
    };
    let one = "{\n  nix.settings.max-jobz = 3;\n  nix.settings.corez = 1;\n}\n";
    let moved =
        "{\n\n  # a comment\n  nix.settings.corez   = 1;\n  nix.settings.max-jobz = 3;\n}\n";
    assert_eq!(prints(one).len(), 2);
    assert_eq!(prints(one), prints(moved));
    let other = "{\n  nix.settings.max-jobz = 3;\n  nix.settings.cors = 1;\n}\n";
    assert_ne!(prints(one), prints(other));
}

#[test]
fn gitlab_and_reviewdog_take_their_reports() {
    for outcome in outcomes() {
        let gitlab = validate(
            "tests/schemas/gitlab-code-quality.json",
            &report::gitlab(&outcome),
        );
        let prints: BTreeSet<&str> = gitlab
            .as_array()
            .unwrap()
            .iter()
            .map(|issue| issue["fingerprint"].as_str().unwrap())
            .collect();
        // GitLab takes two issues with one fingerprint for one.
        assert_eq!(prints.len(), outcome.diagnostics.len());
        validate("tests/schemas/rdjson.json", &report::rdjson(&outcome));
    }
}

#[test]
fn suggestions_of_reviewdog_are_the_fix() {
    let text = "{ /* ä */ nix.settings.max-jobz = 3; }\n";
    let outcome = lint(&[("w/a.nix", text.into())]);
    let json: Json = serde_json::from_str(&report::rdjson(&outcome)).unwrap();
    let suggestion = &json["diagnostics"][0]["suggestions"][0];
    let at = |end: &str| suggestion["range"][end]["column"].as_u64().unwrap() as usize - 1;
    assert_eq!(&text[at("start")..at("end")], "max-jobz");
    assert_eq!(suggestion["text"], "max-jobs");
}

/// Everything that is reported, as `(file, rule)`.
fn reported(outcome: &Outcome) -> Vec<(String, String)> {
    let mut all: Vec<_> = outcome
        .diagnostics
        .iter()
        .map(|one| {
            let file = outcome.workspace.file(one.place.file).unwrap();
            (file.name().to_string(), one.rule.to_owned())
        })
        .collect();
    all.sort();
    all
}

#[test]
fn xml_is_well_formed_and_says_what_was_said() {
    for outcome in outcomes() {
        let mut found = Vec::new();
        let text = report::checkstyle(&outcome);
        let mut reader = Reader::from_str(&text);
        let mut file = String::new();
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(tag) | Event::Empty(tag) => {
                    let value = |name: &str| {
                        let attribute = tag.try_get_attribute(name).unwrap()?;
                        Some(
                            attribute
                                .normalized_value(quick_xml::XmlVersion::Explicit1_0)
                                .unwrap()
                                .into_owned(),
                        )
                    };
                    match tag.name().as_ref() {
                        "file" => file = value("name").unwrap(),
                        "error" => {
                            let source = value("source").unwrap();
                            let rule = source.strip_prefix("nixtune.").unwrap();
                            found.push((file.clone(), rule.to_owned()));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        found.sort();
        assert_eq!(found, reported(&outcome));
    }
}

#[test]
fn junit_is_what_its_schema_says() {
    for outcome in outcomes() {
        let text = report::junit(&outcome);
        let mut child = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema"])
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit-10.xsd"))
            .arg("-")
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xmllint is needed; tests/set-up installs it");
        std::io::Write::write_all(child.stdin.as_mut().unwrap(), text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}\n{text}");
    }
    let text = report::junit(&nasty());
    let failures = nasty()
        .diagnostics
        .iter()
        .filter(|one| nasty().fail_on.fails(one.severity))
        .count();
    assert!(failures > 0);
    assert_eq!(text.matches("<failure ").count(), failures);
    assert!(text.contains(&format!("failures=\"{failures}\"")), "{text}");
}

#[test]
fn every_line_for_actions_is_one_command() {
    let outcome = nasty();
    let text = report::github(&outcome);
    assert_eq!(text.lines().count(), outcome.diagnostics.len());
    for line in text.lines() {
        let (command, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (kind, properties) = command.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&kind), "{line}");
        for property in properties.split(',') {
            let (name, _) = property.split_once('=').unwrap();
            assert!(
                ["file", "line", "endLine", "col", "endColumn", "title"].contains(&name),
                "{line}"
            );
        }
        assert!(!message.is_empty());
        assert!(!line.contains('\u{1b}') && !line.contains('\r'));
    }
    assert!(text.contains("file=w/a b%2Cc%3A%250A|<&>"), "{text}");
}

#[test]
fn concise_is_one_line_each_and_nothing_that_a_terminal_obeys() {
    let outcome = nasty();
    let text = report::concise(&outcome);
    assert_eq!(text.lines().count(), outcome.diagnostics.len());
    assert!(!text.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn markdown_is_a_table_with_a_row_for_each() {
    let outcome = nasty();
    let text = report::markdown(&outcome);
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert_eq!(rows.len(), outcome.diagnostics.len() + 2);
    for row in rows {
        // As GitHub's tables read it: an escaped bar is no end of a cell.
        let cells = row.replace("\\|", "").matches('|').count();
        assert_eq!(cells, 5, "{row}");
        assert!(!row.contains("<b>") || row.contains('`'), "{row}");
    }
}
