//! Every change, in every place where a definition can stand, in every dress that a file can wear:
//! made as declared, or refused for a reason that stands in a table.
//!
//! Each run tries every change in every place in three dresses, which take turns;
//! `NIXTUNE_MATRIX=all` tries all of them. `NIXTUNE_PLACE` and `NIXTUNE_VALUE` name what alone shall
//! be tried, separated by `;`, while a mistake is looked for.
//!
//! What is made is proven by nixtune, and then checked without it: the text parses, every comment
//! is there, formatters stay content, and real Nix sees exactly the declared option changed.

mod checks;
mod real;
mod refusals;
mod shapes;
mod variants;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nixtune::diagnostic::{Confidence, Diagnostic, Severity};
use nixtune::fix::{State, Verdict, unguarded, verdicts};
use nixtune::model::{Form, Shelf};
use nixtune::system::{Overlay, System};

use super::*;
use crate::oracle::values::to_json;
use shapes::{PLACES, Place as Shape, Value};
use variants::{VARIANTS, Variant};

/// A file with those that belong to it; the first is the one that is looked at.
#[derive(Clone, PartialEq, Debug)]
pub struct Files(Vec<(String, String)>);

impl Files {
    /// The files of a place with a value in it, the Nix files as nixfmt writes them.
    fn of(shape: &Shape, value: &Value) -> Self {
        let is_conf = shape.file == "nix.conf" || shape.option == "nix.extraOptions";
        let text = if is_conf {
            value.text.replace(['[', ']', '"'], "").trim().to_owned()
        } else {
            value.text.to_owned()
        };
        let all = std::iter::once((shape.file, shape.text)).chain(shape.beside.iter().copied());
        let files = all.map(|(file, body)| {
            let body = body.replace("NAME", value.option).replace("VALUE", &text);
            (file.to_owned(), variants::formatted(file, &body))
        });
        Self(files.collect())
    }

    fn map(&self, dress: impl Fn(&str, &str) -> String) -> Self {
        let dressed = self
            .0
            .iter()
            .map(|(file, text)| (file.clone(), dress(file, text)));
        Self(dressed.collect())
    }

    fn try_map(&self, dress: impl Fn(&str, &str) -> Option<String>) -> Option<Self> {
        let dressed = self
            .0
            .iter()
            .map(|(file, text)| Some((file.clone(), dress(file, text)?)));
        Some(Self(dressed.collect::<Option<_>>()?))
    }

    fn system(&self) -> Memory {
        self.0.iter().fold(Memory::new(), |system, (file, text)| {
            system.file(format!("/w/{file}"), text)
        })
    }

    fn main(&self) -> PathBuf {
        Path::new("/w").join(&self.0[0].0)
    }

    /// All files, for a message.
    fn shown(&self) -> String {
        let shown = self
            .0
            .iter()
            .map(|(file, text)| format!("--- {file}\n{text}"));
        shown.collect()
    }
}

/// A definition that is to be changed, as the test knows it.
struct Target<'t> {
    shape: &'t Shape,
    value: &'t Value,
    definition: &'t Definition,
    workspace: &'t Workspace,
}

/// A kind of change.
struct Kind {
    name: &'static str,
    fits: fn(&Shape, &Value) -> bool,
    /// `None` when the element that is to change has no place of its own.
    change: fn(&Target<'_>) -> Option<Change>,
    /// What Nix shall see afterwards.
    expect: fn(&mut real::Rows, &Target<'_>),
}

const ADDED: &str = "added";
const REPLACED: &str = "https://new.example/?a=1";
const COMMENT: &str = "why it is here";
const AWAY: &str = "nix.optimise.renamed";
const BESIDE: &str = "keep-outputs";
const ELSEWHERE: &str = "nix.optimise.inserted";

fn always(_: &Shape, _: &Value) -> bool {
    true
}

fn has_elements(_: &Shape, value: &Value) -> bool {
    value.has_elements
}

fn is_no_conf(shape: &Shape, _: &Value) -> bool {
    shape.file != "nix.conf"
}

const KINDS: [Kind; 9] = [
    Kind {
        name: "set",
        fits: always,
        change: |target| {
            Some(Change::Set {
                definition: target.definition.id,
                value: (target.value.new)(),
            })
        },
        expect: |rows, target| rows.set(target, &(target.value.new)()),
    },
    Kind {
        name: "remove",
        fits: always,
        change: |target| {
            Some(Change::Remove {
                definition: target.definition.id,
            })
        },
        expect: |rows, target| {
            rows.take(target);
        },
    },
    Kind {
        name: "rename beside",
        fits: always,
        change: |target| {
            let sibling = target.value.sibling;
            Some(Change::Rename {
                definition: target.definition.id,
                to: match target.definition.setting {
                    Some(_) if target.is_line() => OptionPath::dotted(sibling),
                    _ => target.definition.option.parent().join(sibling),
                },
            })
        },
        expect: |rows, target| rows.rename(target, &target.option(target.value.sibling)),
    },
    Kind {
        name: "rename away",
        fits: is_no_conf,
        change: |target| {
            Some(Change::Rename {
                definition: target.definition.id,
                to: OptionPath::dotted(AWAY),
            })
        },
        expect: |rows, target| rows.rename(target, AWAY),
    },
    Kind {
        name: "insert beside",
        fits: always,
        change: |target| {
            Some(Change::Insert {
                near: target.definition.id,
                option: target.beside(),
                value: NewValue::Bool(true),
                comment: Some(COMMENT.to_owned()),
            })
        },
        expect: |rows, target| {
            let option = if target.is_line() {
                target.option(BESIDE)
            } else {
                target.beside().to_string()
            };
            rows.insert(target, option);
        },
    },
    Kind {
        name: "insert elsewhere",
        fits: is_no_conf,
        change: |target| {
            Some(Change::Insert {
                near: target.definition.id,
                option: OptionPath::dotted(ELSEWHERE),
                value: NewValue::Bool(true),
                comment: None,
            })
        },
        expect: |rows, target| rows.insert(target, ELSEWHERE.to_owned()),
    },
    Kind {
        name: "list add",
        fits: has_elements,
        change: |target| {
            Some(Change::ListAdd {
                definition: target.definition.id,
                items: vec![ADDED.to_owned()],
            })
        },
        expect: |rows, target| rows.elements(target, |items| items.push(ADDED.to_owned())),
    },
    Kind {
        name: "list remove",
        fits: has_elements,
        change: |target| {
            Some(Change::ListRemove {
                definition: target.definition.id,
                items: vec![target.last_item()?],
            })
        },
        expect: |rows, target| {
            rows.elements(target, |items| {
                items.retain(|item| *item != target.last_word());
            });
        },
    },
    Kind {
        name: "list replace",
        fits: has_elements,
        change: |target| {
            Some(Change::ListReplace {
                definition: target.definition.id,
                item: target.last_item()?,
                with: REPLACED.to_owned(),
            })
        },
        expect: |rows, target| {
            rows.elements(target, |items| {
                for item in items.iter_mut().filter(|item| **item == target.last_word()) {
                    *item = REPLACED.to_owned();
                }
            });
        },
    },
];

impl<'t> Target<'t> {
    /// The definition with the value that the test put there.
    fn find(shape: &'t Shape, value: &'t Value, workspace: &'t Workspace) -> Option<Self> {
        let option = shape.option.replace("NAME", value.option);
        let named: Vec<&Definition> = workspace
            .definitions()
            .iter()
            .filter(|definition| {
                if shape.option == "nix.extraOptions" || shape.file == "nix.conf" {
                    matches!(definition.form, Form::TextLine | Form::ConfLine)
                        && definition.setting.as_deref() == Some(value.option)
                } else {
                    definition.option.is(&option)
                }
            })
            .collect();
        let mut target = Self {
            shape,
            value,
            definition: named.first()?,
            workspace,
        };
        let old = target.old();
        let same = named.iter().find(|definition| {
            to_json(&definition.value.value).is_some_and(|value| real::plain(&value) == old)
        });
        target.definition = same.unwrap_or(&target.definition);
        Some(target)
    }

    fn is_line(&self) -> bool {
        self.shape.option == "nix.extraOptions" || self.shape.file == "nix.conf"
    }

    /// How a setting that stands where the definition does is called in what Nix sees.
    fn option(&self, name: &str) -> String {
        match self.shape.option {
            "nix.extraOptions" => format!("nix.extraOptions:{name}"),
            option => option.replace("NAME", name),
        }
    }

    /// Another setting that stands where the definition does.
    fn beside(&self) -> OptionPath {
        if self.is_line() {
            OptionPath::dotted(BESIDE)
        } else {
            self.definition.sibling_setting(BESIDE)
        }
    }

    /// The value as Nix sees it before.
    fn old(&self) -> serde_json::Value {
        let old = real::plain(&(self.value.old)());
        if self.is_line() {
            real::line(&old)
        } else {
            old
        }
    }

    fn last_word(&self) -> &'static str {
        match self.value.has_elements {
            true if self.value.option == shapes::WORDS.option => "flakes",
            _ => "me",
        }
    }

    fn last_item(&self) -> Option<Place> {
        let machine = self.workspace.machines_of(self.definition.id).next()?;
        let view = self.workspace.view(machine);
        view.items(catalog(), self.value.option)
            .items
            .into_iter()
            .filter(|item| item.definition.id == self.definition.id)
            .find(|item| *item.text == *self.last_word())?
            .site
    }
}

/// What became of one change of one definition.
enum Outcome {
    Made(Files),
    Refused(String),
}

struct Cell {
    shape: &'static Shape,
    value: &'static Value,
    variant: &'static Variant,
    kind: &'static Kind,
    outcome: Outcome,
}

impl Cell {
    fn shown(&self) -> String {
        format!(
            "{} | {} | {} | {}",
            self.shape.name, self.value.name, self.kind.name, self.variant.name
        )
    }
}

/// The changes of one text.
struct Group {
    before: Files,
    cells: Vec<Cell>,
}

/// Reads files; those that are not `changed` come from the shelf, once they lie there.
fn loaded(
    system: &dyn System,
    main: &Path,
    shelf: &Arc<Shelf>,
    changed: Vec<PathBuf>,
) -> Workspace {
    let options = LoadOptions {
        changed,
        shelf: Arc::clone(shelf),
        ..LoadOptions::default()
    };
    load(system, &[main.to_path_buf()], catalog(), &options).workspace
}

fn asking(definition: &Definition, change: Change) -> Diagnostic {
    Diagnostic {
        rule: "rule",
        severity: Severity::Info,
        confidence: Confidence::Certain,
        place: definition.place().unwrap(),
        message: String::new(),
        why: String::new(),
        help: String::new(),
        applies: String::new(),
        labels: Vec::new(),
        facts: Vec::new(),
        machines: Vec::new(),
        fix: Some(Fix {
            title: String::new(),
            applicability: Applicability::Safe,
            changes: vec![change],
        }),
    }
}

/// Makes one change, or says why not; the error is a mistake.
fn tried(
    files: &Files,
    shape: &Shape,
    value: &Value,
    kind: &Kind,
    shelf: &Arc<Shelf>,
) -> Result<Outcome, String> {
    let system = files.system();
    let main = files.main();
    let all = || {
        let files = files.0.iter();
        files.map(|(file, _)| Path::new("/w").join(file)).collect()
    };
    let workspace = loaded(&system, &main, shelf, all());
    let Some(target) = Target::find(shape, value, &workspace) else {
        return Ok(Outcome::Refused("no definition is seen".to_owned()));
    };
    let Some(change) = (kind.change)(&target) else {
        return Ok(Outcome::Refused(
            "no text stands for the element".to_owned(),
        ));
    };
    let diagnostics = vec![asking(target.definition, change)];
    let state = State {
        workspace,
        diagnostics,
    };
    let reload = |texts: &BTreeMap<PathBuf, String>| {
        let mut overlay = Overlay::new(&system);
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        Some(State {
            workspace: loaded(&overlay, &main, shelf, all()),
            diagnostics: Vec::new(),
        })
    };
    match verdicts(&state, &reload, &unguarded).remove(0).unwrap() {
        Verdict::Proven(edits) => {
            let mut after = files.clone();
            for (id, edits) in edits {
                let file = state.workspace.file(id).unwrap();
                let name = file.path().file_name().unwrap().to_str().unwrap();
                let slot = after.0.iter_mut().find(|(file, _)| file == name).unwrap();
                slot.1 = edits.apply(&slot.1).unwrap();
            }
            Ok(Outcome::Made(after))
        }
        Verdict::Refused(refusal) => Ok(Outcome::Refused(refusal.to_string())),
        other => Err(format!("{other:?}")),
    }
}

/// True when every place is tried in every dress.
fn is_complete() -> bool {
    std::env::var_os("NIXTUNE_MATRIX").is_some_and(|wanted| wanted == "all")
}

/// The dresses in which a value at a place is tried otherwise: the first, and two more by turns, so
/// that every change meets every dress and every place.
fn is_sampled(number: usize, variant: usize) -> bool {
    let others = VARIANTS.len() - 1;
    variant == 0 || (0..2).any(|turn| variant == 1 + (2 * number + turn) % others)
}

/// All texts, with what became of every change of them.
fn groups(wrong: &mut Vec<String>) -> Vec<Group> {
    let only = |variable: &str, name: &str| {
        std::env::var(variable).map_or(true, |only| only.split(';').any(|only| only == name))
    };
    let mut texts = Vec::new();
    let mut number = 0;
    for shape in PLACES
        .iter()
        .filter(|shape| only("NIXTUNE_PLACE", shape.name))
    {
        for value in shape.values.list() {
            if !only("NIXTUNE_VALUE", value.name) {
                continue;
            }
            let files = Files::of(shape, value);
            number += 1;
            for (index, variant) in VARIANTS.iter().enumerate() {
                if !is_complete() && !is_sampled(number, index) {
                    continue;
                }
                if let Some(before) = (variant.dress)(shape, &files) {
                    texts.push((shape, value, variant, before));
                }
            }
        }
    }
    let results = on_threads(&texts, |shelf, (shape, value, variant, before)| {
        let mut wrong = Vec::new();
        let kinds = KINDS.iter().filter(|kind| (kind.fits)(shape, value));
        let cells = kinds.map(|kind| {
            let outcome = tried(before, shape, value, kind, shelf)
                .unwrap_or_else(|error| Outcome::Refused(format!("mistake: {error}")));
            let cell = Cell {
                shape,
                value,
                variant,
                kind,
                outcome,
            };
            if let Outcome::Made(after) = &cell.outcome
                && let Err(error) = checks::text(before, after, &cell)
            {
                wrong.push(format!("{}: {error}", cell.shown()));
            }
            cell
        });
        let cells = cells.collect();
        let before = before.clone();
        (Group { before, cells }, wrong)
    });
    let mut groups = Vec::new();
    for (group, found) in results {
        wrong.extend(found);
        groups.push(group);
    }
    groups
}

/// Does work in parallel, with stacks that are large enough for the formatters.
fn on_threads<T: Sync, R: Send>(all: &[T], work: impl Fn(&Arc<Shelf>, &T) -> R + Sync) -> Vec<R> {
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        let shelf = Arc::default();
        loop {
            let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(one) = all.get(index) else {
                return done;
            };
            done.push((index, work(&shelf, one)));
        }
    };
    let mut done: Vec<(usize, R)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|_| {
                let builder = std::thread::Builder::new().stack_size(64 << 20);
                builder.spawn_scoped(scope, worker).unwrap()
            })
            .collect();
        let joined = threads.into_iter().map(|thread| thread.join().unwrap());
        joined.flatten().collect()
    });
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// How many changes are tried, and how many of them refused, when dresses take turns and when none
/// is left out. A place, value or dress more or less shows here.
const SAMPLED: (usize, usize) = (5033, 450);
const COMPLETE: (usize, usize) = (19864, 1752);

#[test]
fn every_change_works_wherever_a_definition_stands() {
    let mut wrong = Vec::new();
    let groups = groups(&mut wrong);
    real::check(&groups, &mut wrong);
    let cells: Vec<&Cell> = groups.iter().flat_map(|group| &group.cells).collect();
    let refused = refusals::check(&cells, &mut wrong);
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let expected = if is_complete() { COMPLETE } else { SAMPLED };
    assert_eq!((cells.len(), refused), expected);
}
