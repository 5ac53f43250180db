//! What real Nix sees in the files before and after.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::diagnostic::NewValue;
use serde_json::{Value as Json, json};

use super::{Cell, Files, Group, Outcome, Target};
use crate::oracle::fixtures::{Question, RealOption, ask};
use crate::oracle::{Oracle, oracles};

/// One definition of one option. A line of `nix.extraOptions` is one, too.
#[derive(Clone, PartialEq, Debug)]
pub struct Row {
    option: String,
    priority: i64,
    order: i64,
    undecided: bool,
    value: Json,
}

/// Everything that files define.
#[derive(Clone, PartialEq, Debug)]
pub struct Rows(Vec<Row>);

/// Text with single blanks: how it is broken into lines differs from variant to variant.
pub fn plain(value: &Json) -> Json {
    match value {
        Json::String(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            json!(words.join(" "))
        }
        Json::Array(items) => items.iter().map(plain).collect(),
        Json::Object(set) => {
            let plain = set.iter().map(|(name, value)| (name.clone(), plain(value)));
            Json::Object(plain.collect())
        }
        other => other.clone(),
    }
}

/// A value as a line of `nix.conf` holds it.
pub fn line(value: &Json) -> Json {
    match value {
        Json::String(text) => json!(text),
        Json::Array(items) => {
            let words: Vec<&str> = items.iter().filter_map(Json::as_str).collect();
            json!(words.join(" "))
        }
        other => json!(other.to_string()),
    }
}

fn json_of(value: &NewValue) -> Json {
    match value {
        NewValue::Null => Json::Null,
        NewValue::Bool(value) => json!(value),
        NewValue::Int(value) => json!(value),
        NewValue::Bytes(value) | NewValue::Size(value) => json!(value),
        NewValue::Str(value) => json!(value),
        NewValue::List(items) => items.iter().map(json_of).collect(),
        NewValue::Attrs(set) => {
            let set = set
                .iter()
                .map(|(name, value)| (name.clone(), json_of(value)));
            Json::Object(set.collect())
        }
    }
}

/// A value as the options that it has parts for.
fn leaves(option: &str, value: &Json) -> Vec<(String, Json)> {
    match value {
        Json::Object(set) => set
            .iter()
            .flat_map(|(name, value)| leaves(&format!("{option}.{name}"), value))
            .collect(),
        _ => vec![(option.to_owned(), plain(value))],
    }
}

impl Rows {
    fn of_module(options: &[RealOption]) -> Self {
        let mut rows = Vec::new();
        for option in options {
            let name = option.path.join(".");
            for definition in &option.definitions {
                let mut row = |option: String, value: Json| {
                    rows.push(Row {
                        option,
                        priority: definition.priority,
                        order: definition.order,
                        undecided: definition.undecided,
                        value,
                    });
                };
                let value = definition.value.clone().unwrap_or(json!("cannot be had"));
                match value.as_str().filter(|_| name == "nix.extraOptions") {
                    Some(text) => {
                        for (key, value) in lines(text) {
                            row(format!("{name}:{key}"), value);
                        }
                    }
                    None => row(name.clone(), plain(&value)),
                }
            }
        }
        Self(rows)
    }

    /// The settings that are not as Nix has them by itself.
    fn of_conf(read: &Json, usual: &Json) -> Self {
        let settings = read.as_object().unwrap().iter();
        let rows = settings
            .filter(|(name, setting)| setting["value"] != usual[name.as_str()]["value"])
            // These name files beside the `nix.conf`, which lies in another folder each time.
            .filter(|(name, _)| !["builders", "netrc-file"].contains(&name.as_str()))
            .map(|(name, setting)| Row {
                option: name.clone(),
                priority: 100,
                order: 1000,
                undecided: false,
                value: plain(&setting["value"]),
            });
        Self(rows.collect())
    }

    /// The rows of the definition, taken out.
    pub fn take(&mut self, target: &Target<'_>) -> Option<Row> {
        let is_conf = target.shape.file == "nix.conf";
        let old = if is_conf {
            (target.value.old)()
        } else {
            target.old()
        };
        let mut found = None;
        for (option, value) in leaves(&target.option(target.value.option), &old) {
            let index = self
                .0
                .iter()
                .position(|row| row.option == option && row.value == value);
            found = Some(self.0.remove(index?));
        }
        found
    }

    fn put(&mut self, like: &Row, option: &str, value: &Json) {
        for (option, value) in leaves(option, value) {
            self.0.push(Row {
                option,
                value,
                ..like.clone()
            });
        }
    }

    pub fn set(&mut self, target: &Target<'_>, value: &NewValue) {
        let value = json_of(value);
        let is_text = target.shape.option == "nix.extraOptions";
        let value = if is_text { line(&value) } else { value };
        if let Some(row) = self.take(target) {
            self.put(&row, &target.option(target.value.option), &value);
        }
    }

    pub fn rename(&mut self, target: &Target<'_>, to: &str) {
        let Some(row) = self.take(target) else { return };
        if target.is_line() && to.starts_with("nix.optimise") {
            // The line becomes a definition of its own.
            let value = row.value.as_str().map_or(row.value.clone(), |text| {
                text.parse::<i64>()
                    .map_or(json!(text), |number| json!(number))
            });
            return self.insert_value(&row, to, &value);
        }
        let old = if target.shape.file == "nix.conf" {
            (target.value.old)()
        } else {
            target.old()
        };
        self.put(&row, to, &old);
        // A name is one for all that a statement says.
        let others = self.0.iter_mut().filter(|other| other.option == row.option);
        for other in others {
            other.option = to.to_owned();
        }
    }

    /// Only the value of something new is declared.
    pub fn insert(&mut self, target: &Target<'_>, option: String) {
        let mut rest = self.clone();
        let Some(near) = rest.take(target) else {
            return;
        };
        let is_text = option.starts_with("nix.extraOptions");
        let value = if is_text { json!("true") } else { json!(true) };
        self.insert_value(&near, &option, &value);
    }

    fn insert_value(&mut self, near: &Row, option: &str, value: &Json) {
        self.put(near, &format!("{NEW}{option}"), value);
    }

    pub fn elements(&mut self, target: &Target<'_>, edit: impl Fn(&mut Vec<String>)) {
        let Some(row) = self.take(target) else { return };
        let mut items: Vec<String> = match &row.value {
            Json::Array(items) => items
                .iter()
                .map(|item| item.as_str().unwrap().to_owned())
                .collect(),
            value => value
                .as_str()
                .unwrap()
                .split(' ')
                .map(str::to_owned)
                .collect(),
        };
        edit(&mut items);
        let value = match &row.value {
            Json::Array(_) => json!(items),
            _ => json!(items.join(" ")),
        };
        self.0.push(Row { value, ..row });
    }

    /// What is in one and not in the other.
    fn differences(mut self, mut got: Self) -> Vec<String> {
        self.0.retain(|row| {
            let (name, is_new) = match row.option.strip_prefix(NEW) {
                Some(name) => (name, true),
                None => (row.option.as_str(), false),
            };
            let same = got.0.iter().position(|other| {
                let same = other.option == name && other.value == row.value;
                // What is new may stand beside the wrappers of its neighbor, or inside of them.
                let as_usual = (other.priority, other.order) == (100, 1000);
                let beside = is_new && as_usual && other.undecided == row.undecided;
                let inside = (other.priority, other.order, other.undecided)
                    == (row.priority, row.order, row.undecided);
                let mixed = is_new && !other.undecided && other.priority == row.priority;
                same && (beside || inside || mixed)
            });
            same.map(|index| got.0.remove(index)).is_none()
        });
        let shown = |what: &str, row: Row| {
            let Row {
                option,
                priority,
                order,
                undecided,
                value,
            } = row;
            format!("{what} {option} = {value} ({priority}, {order}, {undecided})")
        };
        let missing = self.0.into_iter().map(|row| shown("missing", row));
        let more = got.0.into_iter().map(|row| shown("unexpected", row));
        missing.chain(more).collect()
    }
}

/// Marks an option of which only the value is declared.
const NEW: &str = "new ";

fn lines(text: &str) -> impl Iterator<Item = (String, Json)> {
    text.lines().filter_map(|line| {
        let line = line.split('#').next()?;
        let (key, value) = line.split_once('=')?;
        Some((key.trim().to_owned(), plain(&json!(value))))
    })
}

/// Files on the disk.
struct Written {
    /// The one that Nix is asked about, if it is a module.
    module: PathBuf,
    /// All that are Nix.
    nix: Vec<PathBuf>,
    files: Files,
}

impl Written {
    /// Writes files of their own number into `folder`; a folder of its own for those that belong
    /// together.
    fn new(folder: &Path, number: usize, files: &Files) -> Self {
        let mut written = Self {
            module: folder.join(format!("{number}.nix")),
            nix: Vec::new(),
            files: files.clone(),
        };
        let (main, text) = &files.0[0];
        if written.is_conf() {
            return written;
        }
        if files.0.len() == 1 && main == "x.nix" {
            std::fs::write(&written.module, text).unwrap();
            written.nix.push(written.module.clone());
            return written;
        }
        let folder = folder.join(number.to_string());
        std::fs::create_dir(&folder).unwrap();
        for (file, text) in &files.0 {
            std::fs::write(folder.join(file), text).unwrap();
            written.nix.push(folder.join(file));
        }
        written.module = folder.join(main);
        if main == "flake.nix" {
            written.module = folder.join("module.nix");
            let module = "{ inherit (import ./flake.nix) nixConfig; }";
            std::fs::write(&written.module, module).unwrap();
        }
        written
    }

    fn is_conf(&self) -> bool {
        self.files.0[0].0 == "nix.conf"
    }

    fn question(&self) -> Question {
        Question::new(self.module.clone(), &self.files.0[0].1, "x86_64-linux")
    }
}

/// Asks Nix about everything that was made, its releases by turns.
pub fn check(groups: &[Group], wrong: &mut Vec<String>) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut number = 0;
    let mut shares: Vec<Vec<(&Group, Vec<Written>)>> =
        oracles().iter().map(|_| Vec::new()).collect();
    let turns = shares.len();
    for (turn, group) in groups.iter().enumerate() {
        let made = group.cells.iter().filter_map(|cell| match &cell.outcome {
            Outcome::Made(after) => Some(after),
            Outcome::Refused(_) => None,
        });
        let written = std::iter::once(&group.before).chain(made).map(|files| {
            number += 1;
            Written::new(folder.path(), number, files)
        });
        shares[turn % turns].push((group, written.collect()));
    }
    let found: Vec<Vec<String>> = std::thread::scope(|scope| {
        let judges: Vec<_> = oracles()
            .iter()
            .zip(&shares)
            .map(|(oracle, share)| scope.spawn(|| judge(oracle, share)))
            .collect();
        judges
            .into_iter()
            .map(|judge| judge.join().unwrap())
            .collect()
    });
    wrong.extend(found.into_iter().flatten());
}

/// What one Nix finds wrong.
fn judge(oracle: &Oracle, share: &[(&Group, Vec<Written>)]) -> Vec<String> {
    let mut wrong = Vec::new();
    let written = || share.iter().flat_map(|(_, written)| written);
    let nix: Vec<PathBuf> = written().flat_map(|one| one.nix.clone()).collect();
    if let Err(error) = oracle.parse_files(&nix) {
        wrong.push(error);
    }
    let modules: Vec<Question> = written()
        .filter(|one| !one.is_conf())
        .map(Written::question)
        .collect();
    let mut answers = ask(oracle, &modules).into_iter();
    let usual = oracle.read_conf("").unwrap().settings;
    let mut seen = written().map(|one| {
        if one.is_conf() {
            conf(oracle, one).map(|read| Rows::of_conf(&read, &usual))
        } else {
            answers
                .next()
                .unwrap()
                .map(|answer| Rows::of_module(&answer))
        }
    });
    for (group, _) in share {
        let before = seen.next().unwrap();
        for cell in &group.cells {
            let Outcome::Made(after) = &cell.outcome else {
                continue;
            };
            let found = match (&before, seen.next().unwrap()) {
                (Ok(before), Ok(got)) => differences(cell, group, before, got, &usual),
                (Err(error), _) => vec![format!("does not evaluate before: {error}")],
                (_, Err(error)) => vec![format!("does not evaluate: {error}")],
            };
            if !found.is_empty() {
                wrong.push(format!(
                    "{} (Nix {}): {}\n{}",
                    cell.shown(),
                    oracle.version,
                    found.join("; "),
                    after.shown()
                ));
            }
        }
    }
    wrong
}

fn differences(cell: &Cell, group: &Group, before: &Rows, got: Rows, usual: &Json) -> Vec<String> {
    let system = group.before.system();
    let workspace = super::loaded(&system, &group.before.main(), &Arc::default(), Vec::new());
    let target = Target::find(cell.shape, cell.value, &workspace).unwrap();
    if before.clone().take(&target).is_none() {
        return vec![format!("Nix does not see the definition in {before:?}")];
    }
    let mut expected = before.clone();
    (cell.kind.expect)(&mut expected, &target);
    if group.before.0[0].0 == "nix.conf" {
        let is_usual = |row: &Row| usual[&row.option]["value"] == row.value;
        expected.0.retain(|row| !is_usual(row));
    }
    expected.differences(got)
}

fn conf(oracle: &Oracle, written: &Written) -> Result<Json, String> {
    let (_, text) = &written.files.0[0];
    let beside: Vec<(&str, &str)> = written.files.0[1..]
        .iter()
        .map(|(file, text)| (file.as_str(), text.as_str()))
        .collect();
    Ok(oracle.read_conf_with(text, &beside)?.settings)
}
