//! Every change that can be made to every definition of whole configurations, whether or not a
//! rule would propose it: proven in all stages, or refused with a reason.
//!
//! The configurations of this repository are tried in each run. `NIXTUNE_TREES=/path:/other` names
//! further ones; what was tried, made and refused is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::diagnostic::{Confidence, Diagnostic, Severity};
use nixtune::eval::Value;
use nixtune::fix::{State, Verdict, unguarded, verdicts};
use nixtune::model::Shelf;
use nixtune::system::{Os, Overlay, System};
use nixtune::text::FileFormat;

use super::*;

/// A configuration that is loaded again and again with other contents.
struct Tree {
    root: PathBuf,
    shelf: Arc<Shelf>,
    /// The files that matter, found by the first walk.
    files: Vec<PathBuf>,
}

impl Tree {
    fn open(root: &Path) -> Self {
        let mut tree = Self {
            root: root.to_path_buf(),
            shelf: Arc::default(),
            files: Vec::new(),
        };
        let loaded = tree.load(&Os::new(), None, Vec::new());
        tree.files = loaded
            .asked
            .iter()
            .filter_map(|id| loaded.workspace.file(*id))
            .map(|file| file.path().to_path_buf())
            .collect();
        tree
    }

    fn load(
        &self,
        system: &dyn System,
        files: Option<Vec<PathBuf>>,
        changed: Vec<PathBuf>,
    ) -> nixtune::model::Loaded {
        let options = LoadOptions {
            files,
            changed,
            shelf: Arc::clone(&self.shelf),
            ..LoadOptions::default()
        };
        load(
            system,
            std::slice::from_ref(&self.root),
            catalog(),
            &options,
        )
    }

    fn workspace(&self, texts: &BTreeMap<PathBuf, String>) -> Workspace {
        let mut overlay = Overlay::new(&Os);
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        let changed = texts.keys().cloned().collect();
        self.load(&overlay, Some(self.files.clone()), changed)
            .workspace
    }
}

/// A kind of change, made to a definition where it can be.
type Mutation = (&'static str, fn(&Definition) -> Option<Change>);

fn other_value(value: &Value) -> NewValue {
    match value {
        Value::Bool(value) => NewValue::Bool(!value),
        Value::Int(number) => NewValue::Int(number.wrapping_add(1)),
        Value::Str(_) => NewValue::Str("an \"${other}\" ''text''".to_owned()),
        Value::List(_) => strings(&["one", "two ${words}"]),
        _ => NewValue::Int(7),
    }
}

fn items(definition: &Definition) -> Vec<Place> {
    let list = definition.value.value.as_list().unwrap_or_default();
    list.iter().filter_map(|item| item.site).collect()
}

fn beside(definition: &Definition, option: &str, value: NewValue, comment: &str) -> Change {
    Change::Insert {
        near: definition.id,
        option: OptionPath::dotted(option),
        value,
        comment: (!comment.is_empty()).then(|| comment.to_owned()),
    }
}

fn renamed(definition: &Definition, to: &str) -> Option<Change> {
    Some(Change::Rename {
        definition: definition.id,
        to: OptionPath::dotted(to),
    })
}

const MUTATIONS: [Mutation; 14] = [
    ("set alike", |definition| {
        Some(Change::Set {
            definition: definition.id,
            value: other_value(&definition.value.value),
        })
    }),
    ("set amount", |definition| {
        Some(Change::Set {
            definition: definition.id,
            value: NewValue::Bytes(3 << 30),
        })
    }),
    ("set list", |definition| {
        Some(Change::Set {
            definition: definition.id,
            value: strings(&["x", "y"]),
        })
    }),
    ("remove", |definition| {
        Some(Change::Remove {
            definition: definition.id,
        })
    }),
    ("rename beside", |definition| {
        Some(Change::Rename {
            definition: definition.id,
            to: definition.option.parent().join("renamed-here"),
        })
    }),
    ("rename to extra", |definition| {
        let name = format!("extra-{}", definition.option.leaf());
        Some(Change::Rename {
            definition: definition.id,
            to: definition.option.parent().join(name),
        })
    }),
    ("rename away", |definition| {
        renamed(definition, "nix.optimise.renamed")
    }),
    ("rename to gc", |definition| {
        renamed(definition, "nix.gc.renamed")
    }),
    ("insert setting", |definition| {
        let option = definition.sibling_setting("inserted").to_string();
        let comment = "why\nand what from";
        Some(beside(
            definition,
            &option,
            NewValue::Bytes(1 << 30),
            comment,
        ))
    }),
    ("insert option", |definition| {
        Some(beside(
            definition,
            "nix.optimise.inserted",
            NewValue::Bool(true),
            "why",
        ))
    }),
    ("insert list", |definition| {
        Some(beside(
            definition,
            "nix.gc.inserted",
            strings(&["x", "y"]),
            "",
        ))
    }),
    ("list add", |definition| {
        let is_list = definition.value.value.as_list().is_some();
        let is_words = definition.setting.is_some() && definition.value.value.as_str().is_some();
        (is_list || is_words).then(|| Change::ListAdd {
            definition: definition.id,
            items: vec!["added".to_owned()],
        })
    }),
    ("list remove", |definition| {
        let item = items(definition).into_iter().next()?;
        Some(Change::ListRemove {
            definition: definition.id,
            items: vec![item],
        })
    }),
    ("list replace", |definition| {
        let item = items(definition).into_iter().next_back()?;
        Some(Change::ListReplace {
            definition: definition.id,
            item,
            with: "https://new.example".to_owned(),
        })
    }),
];

/// What became of the changes that were tried.
#[derive(Default)]
struct Tally {
    tried: usize,
    made: usize,
    refused: BTreeMap<String, usize>,
    failed: Vec<String>,
    /// Changes after which the formatter of the file would change more.
    unformatted: Vec<String>,
}

/// True for what configures Nix; names of machines and users are read, but nothing changes them.
fn is_of_nix(option: &OptionPath) -> bool {
    let first = option.names().first().map_or("", AsRef::as_ref);
    option.names().len() == 1
        || first.to_ascii_lowercase().contains("nix") && first != "nixpkgs"
        || option.starts_with(&OptionPath::dotted("programs.nh"))
        || option.starts_with(&OptionPath::dotted("services.nix-daemon"))
}

/// One definition for each statement: several machines may read the same.
fn distinct(workspace: &Workspace) -> Vec<&Definition> {
    let mut seen = BTreeSet::new();
    workspace
        .definitions()
        .iter()
        .filter(|definition| is_of_nix(&definition.option))
        .filter(|definition| {
            let place = definition.statement.or(definition.value.site);
            let key = |place: Place| (place.file, place.span);
            seen.insert((
                place.map(key),
                definition.option.clone(),
                definition.setting.clone(),
            ))
        })
        .collect()
}

fn asking_for<'d>(
    definitions: &'d [&Definition],
    mutation: &'d Mutation,
) -> impl Iterator<Item = Diagnostic> + 'd {
    definitions.iter().filter_map(|definition| {
        let place = definition.place()?;
        Some(Diagnostic {
            rule: mutation.0,
            severity: Severity::Info,
            confidence: Confidence::Certain,
            place,
            message: definition.option.to_string(),
            why: String::new(),
            help: String::new(),
            applies: String::new(),
            labels: Vec::new(),
            facts: Vec::new(),
            machines: Vec::new(),
            fix: Some(Fix {
                title: definition.option.to_string(),
                applicability: Applicability::Safe,
                changes: vec![(mutation.1)(definition)?],
            }),
        })
    })
}

fn try_all(root: &Path, tally: &mut Tally) {
    let tree = Tree::open(root);
    let only = std::env::var("NIXTUNE_MUTATION").ok();
    for mutation in &MUTATIONS {
        if only.as_deref().is_some_and(|only| only != mutation.0) {
            continue;
        }
        let workspace = tree.workspace(&BTreeMap::new());
        let diagnostics: Vec<Diagnostic> = {
            let definitions = distinct(&workspace);
            asking_for(&definitions, mutation).collect()
        };
        let state = State {
            workspace,
            diagnostics,
        };
        let reload = |texts: &BTreeMap<PathBuf, String>| {
            Some(State {
                workspace: tree.workspace(texts),
                diagnostics: Vec::new(),
            })
        };
        for (diagnostic, verdict) in state
            .diagnostics
            .iter()
            .zip(verdicts(&state, &reload, &unguarded))
        {
            tally.tried += 1;
            match verdict.unwrap() {
                Verdict::Proven(edits) => {
                    tally.made += 1;
                    for (file, edits) in edits {
                        let file = state.workspace.file(file).unwrap();
                        if file.format() == FileFormat::Conf {
                            continue;
                        }
                        let before = file.text();
                        let after = edits.apply(before).unwrap();
                        if let Some(difference) = disturbed(before, &after) {
                            tally
                                .unformatted
                                .push(shown(&state, diagnostic, &difference));
                        }
                    }
                }
                Verdict::Refused(refusal) => {
                    let kind = format!("{}: {}", diagnostic.rule, reason(&refusal));
                    if std::env::var_os("NIXTUNE_REFUSED").is_some() {
                        tally.failed.push(shown(&state, diagnostic, &kind));
                    }
                    *tally.refused.entry(kind).or_default() += 1;
                }
                other => {
                    let text = format!("{other:?}");
                    tally.failed.push(shown(&state, diagnostic, &text));
                }
            }
        }
    }
}

/// The refusal without the names in it.
fn reason(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Follows { .. } => return "another option would change with it".to_owned(),
        Refusal::Apart(_) => return "modules would contradict each other".to_owned(),
        _ => {}
    }
    refusal
        .to_string()
        .split('`')
        .enumerate()
        .map(|(index, part)| if index % 2 == 0 { part } else { "…" })
        .collect()
}

fn shown(state: &State, diagnostic: &Diagnostic, what: &str) -> String {
    let file = state.workspace.file(diagnostic.place.file).unwrap();
    let position = file.position(diagnostic.place.span.start);
    format!(
        "{}:{}: {} of {}: {what}\n",
        file.path().display(),
        position.line,
        diagnostic.rule,
        diagnostic.message
    )
}

#[test]
fn every_change_of_whole_configurations_is_proven_or_refused() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut roots: Vec<PathBuf> = ["examples", "tests/precision"]
        .iter()
        .flat_map(|folder| {
            let mut found: Vec<PathBuf> = home
                .join(folder)
                .read_dir()
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .filter(|path| path.is_dir())
                .collect();
            found.sort();
            found
        })
        .collect();
    if let Some(trees) = std::env::var_os("NIXTUNE_TREES") {
        roots = std::env::split_paths(&trees).collect();
    }
    let mut tally = Tally::default();
    for root in &roots {
        let (tried, made) = (tally.tried, tally.made);
        try_all(root, &mut tally);
        println!(
            "{}: {} tried, {} made",
            root.display(),
            tally.tried - tried,
            tally.made - made
        );
    }
    let mut report = format!("{} tried, {} made\n", tally.tried, tally.made);
    for (why, count) in &tally.refused {
        let _ = writeln!(report, "{count:6} {why}");
    }
    let _ = writeln!(
        report,
        "{:6} left for a formatter to change\n{}",
        tally.unformatted.len(),
        tally.unformatted.concat()
    );
    println!("{report}");
    assert!(
        tally.failed.is_empty(),
        "{} failed:\n{}",
        tally.failed.len(),
        tally.failed.concat()
    );
    // Formatters break lines anew where a value of code gets another width; none here does.
    let is_own = std::env::var_os("NIXTUNE_TREES").is_none();
    assert!(!is_own || tally.unformatted.is_empty(), "{report}");
    assert!(tally.made * 2 > tally.tried, "most can be made:\n{report}");
}
