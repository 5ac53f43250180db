//! Any change of any definition, however the file is written, is proven or refused with a reason.

use std::collections::BTreeMap;
use std::path::PathBuf;

use nixtune::diagnostic::{Confidence, Diagnostic, Severity};
use nixtune::fix::{State, Verdict, unguarded, verdicts};
use nixtune::system::Overlay;
use proptest::prelude::*;

use super::*;

/// How the sets of a generated module are written.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// `nix.settings.a = 1; nix.gc.b = 2;`
    Dotted,
    /// `nix.settings = { a = 1; }; nix.gc = { b = 2; };`
    Sets,
    /// `nix = { settings = { a = 1; }; gc = { b = 2; }; };`
    Nested,
    /// `nix = { settings.a = 1; gc.b = 2; };`
    Mixed,
    /// `nix.settings = { a = 1; } // { … };`
    Update,
}

#[derive(Clone, Debug)]
struct Module {
    shape: Shape,
    one_line: bool,
    newline: &'static str,
    unit: &'static str,
    /// Name, value, comment above, comment behind.
    settings: Vec<(&'static str, &'static str, bool, bool)>,
    gc: Vec<(&'static str, &'static str, bool, bool)>,
}

const SETTINGS: [(&str, &str); 6] = [
    ("cores", "2"),
    ("max-jobs", "lib.mkDefault 8"),
    ("min-free", "5 * 1024 * 1024 * 1024"),
    (
        "substituters",
        "[ \"https://a.example\" \"https://b.example\" ]",
    ),
    ("trusted-users", "[\n\"root\" # always\n\"me\"\n]"),
    ("experimental-features", "\"nix-command flakes\""),
];
const GC: [(&str, &str); 3] = [
    ("automatic", "true"),
    ("options", "\"--delete-older-than 30d\""),
    ("interval", "{ Hour = 3; Minute = 15; }"),
];

fn some_of(
    all: &'static [(&'static str, &'static str)],
) -> impl Strategy<Value = Vec<(&'static str, &'static str, bool, bool)>> {
    prop::sample::subsequence(all, 1..=all.len())
        .prop_shuffle()
        .prop_flat_map(|chosen| {
            let length = chosen.len();
            (
                Just(chosen),
                prop::collection::vec(
                    (prop::bool::weighted(0.3), prop::bool::weighted(0.3)),
                    length,
                ),
            )
        })
        .prop_map(|(chosen, comments)| {
            chosen
                .into_iter()
                .zip(comments)
                .map(|((name, value), (above, behind))| (name, value, above, behind))
                .collect()
        })
}

fn modules() -> impl Strategy<Value = Module> {
    (
        prop::sample::select(vec![
            Shape::Dotted,
            Shape::Sets,
            Shape::Nested,
            Shape::Mixed,
            Shape::Update,
        ]),
        prop::bool::weighted(0.2),
        prop::sample::select(vec!["\n", "\r\n"]),
        prop::sample::select(vec!["  ", "\t", "    "]),
        some_of(&SETTINGS),
        some_of(&GC),
    )
        .prop_map(|(shape, one_line, newline, unit, settings, gc)| Module {
            shape,
            one_line,
            newline,
            unit,
            settings,
            gc,
        })
}

impl Module {
    fn entries(
        &self,
        prefix: &str,
        entries: &[(&'static str, &'static str, bool, bool)],
        depth: usize,
    ) -> String {
        let indent = self.unit.repeat(depth);
        let mut out = String::new();
        for (name, value, above, behind) in entries {
            if self.one_line {
                let value = value.replace(" # always", "").replace('\n', " ");
                out.push_str(&format!("{prefix}{name} = {value}; "));
                continue;
            }
            let value = value.replace('\n', &format!("{}{indent}{}", self.newline, self.unit));
            if *above {
                out.push_str(&format!("{indent}# above {name}{}", self.newline));
            }
            out.push_str(&format!("{indent}{prefix}{name} = {value};"));
            if *behind {
                out.push_str(&format!(" # behind {name}"));
            }
            out.push_str(self.newline);
        }
        out
    }

    fn set(&self, entries: &str, depth: usize) -> String {
        if self.one_line {
            format!("{{ {entries}}}")
        } else {
            format!("{{{}{entries}{}}}", self.newline, self.unit.repeat(depth))
        }
    }

    fn line(&self, depth: usize, text: &str) -> String {
        if self.one_line {
            format!("{text} ")
        } else {
            format!("{}{text}{}", self.unit.repeat(depth), self.newline)
        }
    }

    fn text(&self) -> String {
        let inner = |entries, depth| self.set(&self.entries("", entries, depth + 1), depth);
        let body = match self.shape {
            Shape::Dotted => {
                self.entries("nix.settings.", &self.settings, 1)
                    + &self.entries("nix.gc.", &self.gc, 1)
            }
            Shape::Sets => {
                self.line(1, &format!("nix.settings = {};", inner(&self.settings, 1)))
                    + &self.line(1, &format!("nix.gc = {};", inner(&self.gc, 1)))
            }
            Shape::Update => {
                let settings = format!(
                    "nix.settings = {} // {{ fallback = true; }};",
                    inner(&self.settings, 1)
                );
                self.line(1, &settings)
                    + &self.line(1, &format!("nix.gc = {};", inner(&self.gc, 1)))
            }
            Shape::Nested => {
                let both = self.line(2, &format!("settings = {};", inner(&self.settings, 2)))
                    + &self.line(2, &format!("gc = {};", inner(&self.gc, 2)));
                self.line(1, &format!("nix = {};", self.set(&both, 1)))
            }
            Shape::Mixed => {
                let both = self.entries("settings.", &self.settings, 2)
                    + &self.entries("gc.", &self.gc, 2);
                self.line(1, &format!("nix = {};", self.set(&both, 1)))
            }
        };
        format!(
            "{{ lib, ... }}:{}{}{}",
            self.newline,
            self.set(&body, 0),
            self.newline
        )
    }
}

/// Every kind of change of a definition.
fn changes(definition: &Definition) -> Vec<Vec<Change>> {
    let id = definition.id;
    let option = &definition.option;
    let set = |value| {
        vec![Change::Set {
            definition: id,
            value,
        }]
    };
    let near = |option: &str, value, comment: Option<&str>| {
        vec![Change::Insert {
            near: id,
            option: OptionPath::dotted(option),
            value,
            comment: comment.map(str::to_owned),
        }]
    };
    let rename = |to| vec![Change::Rename { definition: id, to }];
    let mut all = vec![
        set(NewValue::Int(7)),
        set(NewValue::Bytes(3 << 30)),
        set(strings(&["x", "y"])),
        set(NewValue::Attrs(vec![("Hour".to_owned(), NewValue::Int(1))])),
        vec![Change::Remove { definition: id }],
        rename(option.parent().join("renamed")),
        rename(OptionPath::dotted("nix.optimise.renamed")),
        rename(OptionPath::dotted("nix.gc.renamed")),
        near(
            "nix.settings.inserted",
            NewValue::Bytes(1 << 30),
            Some("two\nlines"),
        ),
        near("nix.gc.inserted", strings(&["x", "y"]), None),
        near("nix.optimise.inserted", NewValue::Bool(true), Some("why")),
    ];
    let items: Vec<Place> = definition
        .value
        .value
        .as_list()
        .unwrap_or_default()
        .iter()
        .filter_map(|item| item.site)
        .collect();
    if !items.is_empty() {
        all.push(vec![Change::ListRemove {
            definition: id,
            items: items.clone(),
        }]);
        all.push(vec![Change::ListReplace {
            definition: id,
            item: items[0],
            with: "https://new.example".to_owned(),
        }]);
    }
    if !items.is_empty() || definition.value.value.as_str().is_some() {
        all.push(vec![Change::ListAdd {
            definition: id,
            items: vec!["added".to_owned()],
        }]);
    }
    all
}

fn state(system: &dyn nixtune::system::System, changes: Option<(DefId, Vec<Change>)>) -> State {
    let options = LoadOptions {
        threads: 1,
        ..LoadOptions::default()
    };
    let path = [PathBuf::from("/w/x.nix")];
    let workspace = load(system, &path, catalog(), &options).workspace;
    let diagnostics = changes
        .into_iter()
        .map(|(id, changes)| Diagnostic {
            rule: "rule",
            severity: Severity::Info,
            confidence: Confidence::Certain,
            place: workspace.definition(id).unwrap().statement.unwrap(),
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
                changes,
            }),
        })
        .collect();
    State {
        workspace,
        diagnostics,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn every_change_is_proven_or_refused(module in modules(), pick in any::<prop::sample::Index>()) {
        let text = module.text();
        let system = Memory::new().file("/w/x.nix", &text);
        let plain = state(&system, None).workspace;
        prop_assert_eq!(plain.definitions().iter().filter(|d| d.option.is("nix.settings.fallback")).count(), usize::from(matches!(module.shape, Shape::Update)));
        let definition = pick.get(plain.definitions());
        for changes in changes(definition) {
            let state_before = state(&system, Some((definition.id, changes.clone())));
            let reload = |texts: &BTreeMap<PathBuf, String>| {
                let mut overlay = Overlay::new(&system);
                for (path, text) in texts {
                    overlay.replace(path, text.as_bytes());
                }
                Some(state(&overlay, None))
            };
            let verdict = verdicts(&state_before, &reload, &unguarded).remove(0).unwrap();
            match verdict {
                Verdict::Proven(edits) => {
                    let after = edits.values().next().map(|edits| edits.apply(&text).unwrap());
                    let after = after.unwrap_or_else(|| text.clone());
                    check_nix(&text, &after);
                    prop_assert_eq!(after.contains("\r\n"), text.contains("\r\n"));
                    prop_assert_eq!(after.matches("\r\n").count() == after.matches('\n').count(), module.newline == "\r\n");
                }
                Verdict::Refused(refusal) => prop_assert!(
                    matches!(refusal, Refusal::Exists(_) | Refusal::NotASet(_)),
                    "{refusal}: {changes:?} in\n{text}"
                ),
                other => prop_assert!(false, "{other:?}: {changes:?} in\n{text}"),
            }
        }
    }
}
