//! Folders for the server: a fixture of a rule with all that it is judged by, and what `nixtune
//! lint` says about a folder.

use std::path::{Path, PathBuf};

use nixtune::engine::{self, Outcome, Request};
use nixtune::facts::{Target, profile};
use nixtune::system::{Memory, System};
use nixtune::text::{FileId, Span};
use serde_json::Value;

use super::editor::Editor;
use super::text::{Encoding, range};
use crate::rules::fixture::{Fixture, catalog};

/// What is reported: rule, file, range.
pub type Found = (String, String, String);

/// Puts a fixture into a folder, with `text` in its file, and a `nixtune.toml` that says what
/// there is to know. Returns the path of the file.
pub fn put(system: Memory, fixture: &Fixture, folder: &Path, text: &str) -> (Memory, PathBuf) {
    let path = folder.join(fixture.linted_name());
    let mut system = system.file(&path, text);
    for (name, text) in &fixture.beside {
        system = system.file(folder.join(name), text);
    }
    let mut policy = String::new();
    if let Some(host) = &fixture.host {
        policy.push_str("host = \"of-all.toml\"\n");
        let profile = profile::render(host, &Target::default());
        system = system.file(folder.join("of-all.toml"), profile);
    }
    // A rule that speaks only when it is asked for is asked for.
    policy.push_str(&format!(
        "[lint]\nselect = [\"default\", \"{}\"]\n",
        fixture.rule.id
    ));
    let beside = |name: &str| std::fs::read_to_string(fixture.path.with_file_name(name)).ok();
    let target = beside(&format!("{}.target.toml", fixture.name)).or_else(|| beside("target.toml"));
    if let Some(target) = target {
        policy.push_str(&format!("[target]\n{target}\n"));
    }
    for (name, host) in &fixture.hosts {
        policy.push_str(&format!("[machine.{name}]\nhost = \"host-{name}.toml\"\n"));
        let profile = profile::render(host, &Target::default());
        system = system.file(folder.join(format!("host-{name}.toml")), profile);
    }
    (system.file(folder.join("nixtune.toml"), policy), path)
}

/// What `nixtune lint FOLDER` is asked.
pub fn request(folder: &Path) -> Request {
    Request {
        roots: vec![folder.to_path_buf()],
        ..Request::default()
    }
}

/// What `nixtune lint FOLDER` finds.
pub fn lint(system: &dyn System, folder: &Path) -> Outcome {
    engine::lint(system, catalog(), &request(folder)).unwrap()
}

/// The address of a path that needs no escapes.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.to_str().unwrap())
}

/// What is reported, as the command line has it.
pub fn reported(outcome: &Outcome, encoding: Encoding) -> Vec<Found> {
    let mut found: Vec<Found> = outcome
        .diagnostics
        .iter()
        .map(|one| {
            let range = range_of(outcome, one.place.file, one.place.span, encoding);
            let file = outcome.workspace.file(one.place.file).unwrap();
            // Paths may be relative to the working directory, which is `/`.
            let path = Path::new("/").join(file.path());
            (one.rule.to_owned(), uri(&path), range.to_string())
        })
        .collect();
    found.sort();
    found
}

pub fn range_of(outcome: &Outcome, file: FileId, span: Span, encoding: Encoding) -> Value {
    let text = outcome.workspace.file(file).unwrap().text();
    range(text, span.range(), encoding)
}

/// What is reported, as an editor has it.
pub fn shown<'v>(all: impl IntoIterator<Item = (&'v str, &'v [Value])>) -> Vec<Found> {
    let mut found = Vec::new();
    for (uri, items) in all {
        found.extend(items.iter().map(|one| {
            let rule = one["code"].as_str().unwrap().to_owned();
            (rule, uri.to_owned(), one["range"].to_string())
        }));
    }
    found.sort();
    found
}

/// All that an editor shows.
pub fn all_shown(editor: &Editor) -> Vec<Found> {
    let all = editor.shown.iter();
    shown(all.map(|(uri, items)| (uri.as_str(), items.as_slice())))
}
