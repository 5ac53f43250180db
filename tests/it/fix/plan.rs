//! Fixes are proven before they are offered, and made together until nothing is left to do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nixtune::diagnostic::{Confidence, Diagnostic, Severity};
use nixtune::fix::{
    Plan, PlanOptions, Protection, Reload, Stage, State, Verdict, WhyLeft, plan, unguarded,
    verdicts,
};
use nixtune::system::Overlay;
use nixtune::text::SourceFile;

use super::*;

/// Stands for the rules: says what is wrong with a workspace.
type Lint = fn(&Workspace) -> Vec<Diagnostic>;

fn diagnostic(
    rule: &'static str,
    definition: &Definition,
    applicability: Applicability,
    changes: Vec<Change>,
) -> Diagnostic {
    let fix = Fix {
        title: format!("mend {}", definition.option),
        applicability,
        changes,
    };
    Diagnostic {
        rule,
        severity: Severity::Warning,
        confidence: Confidence::Certain,
        place: definition.statement.unwrap(),
        message: format!("{} is wrong", definition.option),
        why: String::new(),
        help: String::new(),
        applies: String::new(),
        labels: Vec::new(),
        facts: Vec::new(),
        machines: Vec::new(),
        fix: Some(fix),
    }
}

/// Every definition of the option, with what the closure would change about it.
fn about(
    workspace: &Workspace,
    rule: &'static str,
    option: &str,
    applicability: Applicability,
    changes: &dyn Fn(&Definition) -> Vec<Change>,
) -> Vec<Diagnostic> {
    workspace
        .definitions()
        .iter()
        .filter(|definition| definition.option.is(option))
        .map(|definition| diagnostic(rule, definition, applicability, changes(definition)))
        .collect()
}

fn read(system: &dyn nixtune::system::System, lint: Lint) -> State {
    let workspace = load(
        system,
        &[PathBuf::from("/w")],
        catalog(),
        &LoadOptions::default(),
    )
    .workspace;
    let diagnostics = lint(&workspace);
    State {
        workspace,
        diagnostics,
    }
}

/// Runs `work` with the state of the files and a way to read them again.
fn with<T>(files: &[(&str, &str)], lint: Lint, work: impl FnOnce(&State, &Reload<'_>) -> T) -> T {
    let mut system = Memory::new();
    for (name, text) in files {
        system = system.file(format!("/w/{name}"), text);
    }
    let state = read(&system, lint);
    let reload = |texts: &BTreeMap<PathBuf, String>| {
        let mut overlay = Overlay::new(&system);
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        Some(read(&overlay, lint))
    };
    work(&state, &reload)
}

fn planned(files: &[(&str, &str)], lint: Lint, least: Applicability) -> Plan {
    with(files, lint, |state, reload| {
        let options = PlanOptions {
            least,
            choose: &|_, _| true,
            evaluation: None,
            places: None,
            guard: &unguarded,
        };
        plan(state, &options, reload)
    })
}

fn after<'p>(plan: &'p Plan, name: &str) -> &'p str {
    let file = plan
        .files
        .iter()
        .find(|file| file.path == Path::new("/w").join(name));
    &file.unwrap().after
}

fn renamed(workspace: &Workspace) -> Vec<Diagnostic> {
    about(
        workspace,
        "alias",
        "nix.settings.build-cores",
        Applicability::Safe,
        &|d| {
            vec![Change::Rename {
                definition: d.id,
                to: OptionPath::dotted("nix.settings.cores"),
            }]
        },
    )
}

fn too_many(workspace: &Workspace) -> Vec<Diagnostic> {
    about(
        workspace,
        "too-many",
        "nix.settings.cores",
        Applicability::Safe,
        &|d| {
            vec![Change::Set {
                definition: d.id,
                value: NewValue::Int(2),
            }]
        },
    )
    .into_iter()
    .zip(
        workspace
            .definitions()
            .iter()
            .filter(|d| d.option.is("nix.settings.cores")),
    )
    .filter(|(_, d)| d.value.value != nixtune::eval::Value::Int(2))
    .map(|(diagnostic, _)| diagnostic)
    .collect()
}

#[test]
fn fixes_of_several_files_are_made_together() {
    let plan = planned(
        &[
            ("a.nix", "{ nix.settings.build-cores = 1; } # a\n"),
            (
                "b.nix",
                "{ nix.settings = {\n  # b\n  build-cores = 1;\n}; }\n",
            ),
            ("c.nix", "{ nix.settings.fallback = true; }\n"),
        ],
        renamed,
        Applicability::Safe,
    );
    assert_eq!(plan.files.len(), 2);
    assert_eq!(after(&plan, "a.nix"), "{ nix.settings.cores = 1; } # a\n");
    assert_eq!(
        after(&plan, "b.nix"),
        "{ nix.settings = {\n  # b\n  cores = 1;\n}; }\n"
    );
    let applied: Vec<_> = plan
        .applied
        .iter()
        .map(|fix| (fix.rule, fix.file.as_ref(), fix.position.line))
        .collect();
    assert_eq!(applied, [("alias", "w/a.nix", 1), ("alias", "w/b.nix", 3)]);
    assert!(plan.left.is_empty());
    assert!(plan.state.unwrap().diagnostics.is_empty());
}

#[test]
fn what_one_fix_uncovers_is_no_reason_to_make_it() {
    // The rename brings the other rule's diagnostic: it is new.
    let lint: Lint = |workspace| {
        let mut all = renamed(workspace);
        all.extend(too_many(workspace));
        all
    };
    let plan = planned(
        &[("a.nix", "{ nix.settings.build-cores = 64; }\n")],
        lint,
        Applicability::Safe,
    );
    assert!(plan.is_empty());
    let [left] = plan.left.as_slice() else {
        panic!("{:?}", plan.left)
    };
    let WhyLeft::Refused(Refusal::Uncovers { rule, .. }) = &left.why else {
        panic!("{left:?}")
    };
    assert_eq!(*rule, "too-many");
}

#[test]
fn a_fix_that_writes_what_another_rule_refuses_is_a_mistake() {
    let lint: Lint = |workspace| {
        let mut all = about(
            workspace,
            "one",
            "nix.settings.cores",
            Applicability::Safe,
            &|d| {
                vec![Change::Set {
                    definition: d.id,
                    value: NewValue::Int(64),
                }]
            },
        );
        let is = |number| {
            let value = nixtune::eval::Value::Int(number);
            workspace
                .definitions()
                .iter()
                .any(|d| d.value.value == value)
        };
        all.retain(|_| is(1));
        if is(64) {
            all.extend(too_many(workspace));
        }
        all
    };
    let plan = planned(
        &[("a.nix", "{ nix.settings.cores = 1; }\n")],
        lint,
        Applicability::Safe,
    );
    assert!(plan.is_empty());
    let [left] = plan.left.as_slice() else {
        panic!("{:?}", plan.left)
    };
    let WhyLeft::Failed(failure) = &left.why else {
        panic!("{left:?}")
    };
    assert_eq!(failure.stage, Stage::Diagnostics);
}

#[test]
fn what_failed_is_tried_again_when_other_fixes_were_made() {
    // While `cores` is there, nothing else may become of `max-jobs`.
    let lint: Lint = |workspace| {
        let has = |option: &str| workspace.definitions().iter().any(|d| d.option.is(option));
        let removal = |rule, option| {
            about(workspace, rule, option, Applicability::Safe, &|d| {
                vec![Change::Remove { definition: d.id }]
            })
        };
        let mut all = removal("jobs", "nix.settings.max-jobs");
        if has("nix.settings.max-jobs") || has("nix.settings.fallback") {
            all.extend(removal("cores", "nix.settings.cores"));
        }
        if has("nix.settings.cores") && !has("nix.settings.max-jobs") {
            all.extend(removal("lonely", "nix.settings.cores"));
            all.extend(removal("lonely", "nix.settings.fallback"));
        }
        all
    };
    let plan = planned(
        &[(
            "a.nix",
            "{\n  nix.settings.max-jobs = 1;\n  nix.settings.cores = 2;\n  nix.settings.fallback = true;\n}\n",
        )],
        lint,
        Applicability::Safe,
    );
    assert_eq!(
        after(&plan, "a.nix"),
        "{\n  nix.settings.fallback = true;\n}\n"
    );
    assert!(plan.left.is_empty(), "{:?}", plan.left);
}

#[test]
fn one_option_does_not_get_two_values() {
    // The importing file gives the same value, and no change names it.
    let lint: Lint = |workspace| {
        about(
            workspace,
            "one",
            "nix.settings.cores",
            Applicability::Safe,
            &|d| {
                vec![Change::Set {
                    definition: d.id,
                    value: NewValue::Int(0),
                }]
            },
        )
        .into_iter()
        .filter(|diagnostic| {
            let file = workspace.file(diagnostic.place.file).unwrap();
            file.path().ends_with("b.nix") && file.text().contains("auto")
        })
        .collect()
    };
    let plan = planned(
        &[
            (
                "default.nix",
                "{ imports = [ ./b.nix ]; nix.settings.cores = \"auto\"; }\n",
            ),
            ("b.nix", "{ nix.settings.cores = \"auto\"; }\n"),
        ],
        lint,
        Applicability::Safe,
    );
    assert!(plan.is_empty(), "{:?}", plan.files);
    let [left] = plan.left.as_slice() else {
        panic!("{:?}", plan.left)
    };
    let WhyLeft::Failed(failure) = &left.why else {
        panic!("{left:?}")
    };
    assert_eq!(failure.stage, Stage::Values);
    assert!(failure.detail.contains("two values"), "{}", failure.detail);
}

/// Two rules that want the same option.
fn rivals(workspace: &Workspace) -> Vec<Diagnostic> {
    let option = "nix.settings.sandbox";
    let mut all = about(workspace, "remove", option, Applicability::Safe, &|d| {
        vec![Change::Remove { definition: d.id }]
    });
    all.extend(about(workspace, "set", option, Applicability::Safe, &|d| {
        vec![Change::Set {
            definition: d.id,
            value: NewValue::Bool(true),
        }]
    }));
    all.retain(|diagnostic| diagnostic.rule == "remove" || is_false(workspace));
    all
}

fn is_false(workspace: &Workspace) -> bool {
    workspace
        .definitions()
        .iter()
        .any(|d| d.value.value == nixtune::eval::Value::Bool(false))
}

#[test]
fn of_two_that_want_the_same_option_the_order_of_rules_decides_nothing() {
    let reversed: Lint = |workspace| {
        let mut all = rivals(workspace);
        all.reverse();
        all
    };
    let file = [(
        "a.nix",
        "{\n  nix.settings.cores = 2;\n  nix.settings.sandbox = false;\n}\n",
    )];
    let one = planned(&file, rivals, Applicability::Safe);
    let other = planned(&file, reversed, Applicability::Safe);
    assert_eq!(one.applied.len(), 1);
    assert_eq!(one.files, other.files);
    assert_eq!(one.applied, other.applied);
}

#[test]
fn losers_of_a_conflict_are_made_in_a_later_round() {
    // The second rename waits until the first one has moved the definition.
    let lint: Lint = |workspace| {
        let mut all = about(
            workspace,
            "one",
            "nix.settings.a",
            Applicability::Safe,
            &|d| {
                vec![Change::Rename {
                    definition: d.id,
                    to: OptionPath::dotted("nix.settings.b"),
                }]
            },
        );
        all.extend(about(
            workspace,
            "two",
            "nix.settings.a",
            Applicability::Safe,
            &|d| {
                vec![Change::Insert {
                    near: d.id,
                    option: OptionPath::dotted("nix.settings.b"),
                    value: NewValue::Int(1),
                    comment: None,
                }]
            },
        ));
        all.extend(about(
            workspace,
            "three",
            "nix.settings.c",
            Applicability::Safe,
            &|d| vec![Change::Remove { definition: d.id }],
        ));
        all
    };
    let plan = planned(
        &[(
            "a.nix",
            "{\n  nix.settings.a = 2;\n  nix.settings.c = 3;\n}\n",
        )],
        lint,
        Applicability::Safe,
    );
    assert_eq!(after(&plan, "a.nix"), "{\n  nix.settings.b = 2;\n}\n");
    assert!(plan.state.unwrap().diagnostics.is_empty());
}

#[test]
fn several_insertions_at_one_place_need_one_round() {
    let lint: Lint = |workspace| {
        let has = |option: &str| workspace.definitions().iter().any(|d| d.option.is(option));
        [
            "nix.gc.automatic",
            "nix.gc.persistent",
            "nix.settings.fallback",
            "nix.settings.sandbox",
        ]
        .iter()
        .filter(|option| !has(option))
        .flat_map(|option| {
            about(
                workspace,
                "absent",
                "nix.settings.cores",
                Applicability::Safe,
                &|d| {
                    vec![Change::Insert {
                        near: d.id,
                        option: OptionPath::dotted(option),
                        value: NewValue::Bool(true),
                        comment: None,
                    }]
                },
            )
        })
        .collect()
    };
    let plan = planned(
        &[("a.nix", "{\n  nix.settings = {\n    cores = 2;\n  };\n}\n")],
        lint,
        Applicability::Safe,
    );
    assert_eq!(
        after(&plan, "a.nix"),
        "{\n  nix.settings = {\n    cores = 2;\n    sandbox = true;\n    fallback = true;\n  };\n  nix.gc = {\n    automatic = true;\n    persistent = true;\n  };\n}\n"
    );
    assert_eq!(plan.applied.len(), 4);
}

#[test]
fn a_fix_that_changes_more_than_it_says_is_dropped_alone() {
    // Another option is made from the same file, by a path that is no plain one.
    let lint: Lint = |workspace| {
        let mut all = renamed(workspace);
        all.extend(about(
            workspace,
            "bad",
            "nix.settings.max-jobs",
            Applicability::Safe,
            &|d| {
                vec![Change::Set {
                    definition: d.id,
                    value: NewValue::Int(1),
                }]
            },
        ));
        all
    };
    let files = [
        (
            "a.nix",
            "{\n  nix.settings = import ./n.nix;\n  determinateNix.customSettings = import (./. + \"/n.nix\");\n}\n",
        ),
        ("c.nix", "{ nix.settings.build-cores = 1; }\n"),
        ("n.nix", "{ max-jobs = 4; }\n"),
    ];
    let plan = planned(&files, lint, Applicability::Safe);
    assert_eq!(after(&plan, "c.nix"), "{ nix.settings.cores = 1; }\n");
    assert_eq!(plan.files.len(), 1);
    let [left] = plan.left.as_slice() else {
        panic!("{:?}", plan.left)
    };
    let WhyLeft::Failed(failure) = &left.why else {
        panic!("{left:?}")
    };
    assert_eq!(failure.stage, Stage::Values);
    with(&files, lint, |state, reload| {
        let verdicts = verdicts(state, reload, &unguarded);
        let failed = |verdict: &Option<Verdict>| matches!(verdict, Some(Verdict::Failed(_)));
        let proven = |verdict: &Option<Verdict>| matches!(verdict, Some(Verdict::Proven(_)));
        assert_eq!(verdicts.len(), 2);
        assert!(
            verdicts.iter().any(failed) && verdicts.iter().any(proven),
            "{verdicts:?}"
        );
    });
}

#[test]
fn a_fix_that_is_only_right_with_others_is_told_apart_from_a_mistake() {
    // Two definitions of one value: alone each contradicts the other.
    let lint: Lint = |workspace| {
        about(
            workspace,
            "both",
            "nix.settings.cores",
            Applicability::Safe,
            &|d| {
                vec![Change::Set {
                    definition: d.id,
                    value: NewValue::Int(0),
                }]
            },
        )
        .into_iter()
        .filter(|diagnostic| {
            workspace.definitions().iter().any(|d| {
                d.statement
                    .is_some_and(|place| place.file == diagnostic.place.file)
                    && d.value.value != nixtune::eval::Value::Int(0)
            })
        })
        .collect()
    };
    let files = [
        ("a.nix", "{ nix.settings.cores = \"auto\"; }\n"),
        ("b.nix", "{ nix.settings.cores = \"auto\"; }\n"),
    ];
    let together = planned(&files, lint, Applicability::Safe);
    assert_eq!(together.files.len(), 2, "{:?}", together.left);
    with(&files, lint, |state, reload| {
        let guard = |file: &SourceFile| {
            file.path()
                .ends_with("a.nix")
                .then_some(Protection::Ignored)
        };
        let options = PlanOptions {
            least: Applicability::Safe,
            choose: &|_, _| true,
            places: None,
            evaluation: None,
            guard: &guard,
        };
        let plan = plan(state, &options, reload);
        assert!(plan.is_empty(), "{:?}", plan.files);
        let whys: Vec<_> = plan.left.iter().map(|left| &left.why).collect();
        assert!(
            matches!(
                whys.as_slice(),
                [
                    WhyLeft::Refused(Refusal::Protected { .. }),
                    WhyLeft::Dependent(_)
                ] | [
                    WhyLeft::Dependent(_),
                    WhyLeft::Refused(Refusal::Protected { .. })
                ]
            ),
            "{whys:?}"
        );
        let verdicts = verdicts(state, reload, &guard);
        let dependent = |verdict: &Option<Verdict>| {
            matches!(
                verdict,
                Some(Verdict::Dependent(_) | Verdict::Refused(Refusal::Apart(_)))
            )
        };
        assert!(verdicts.iter().any(dependent), "{verdicts:?}");
    });
}

#[test]
fn only_what_is_allowed_is_made() {
    let lint: Lint = |workspace| {
        let mut all = about(
            workspace,
            "unsafe",
            "nix.settings.cores",
            Applicability::Unsafe,
            &|d| vec![Change::Remove { definition: d.id }],
        );
        all.extend(about(
            workspace,
            "manual",
            "nix.settings.sandbox",
            Applicability::Manual,
            &|d| vec![Change::Remove { definition: d.id }],
        ));
        all.extend(about(
            workspace,
            "refused",
            "nix.settings.fallback",
            Applicability::Safe,
            &|d| {
                vec![Change::Insert {
                    near: d.id,
                    option: OptionPath::dotted("nix.settings.sandbox"),
                    value: NewValue::Bool(true),
                    comment: None,
                }]
            },
        ));
        all
    };
    let file = [(
        "a.nix",
        "{\n  nix.settings.cores = 2;\n  nix.settings.fallback = true;\n  nix.settings.sandbox = true;\n}\n",
    )];
    let plan = planned(&file, lint, Applicability::Safe);
    assert!(plan.is_empty());
    let why: Vec<_> = plan
        .left
        .iter()
        .map(|left| (left.rule, left.why.clone()))
        .collect();
    assert_eq!(
        why,
        [
            ("unsafe", WhyLeft::NotAllowed(Applicability::Unsafe)),
            ("manual", WhyLeft::NotAllowed(Applicability::Manual)),
            (
                "refused",
                WhyLeft::Refused(Refusal::Exists("nix.settings.sandbox".to_owned()))
            ),
        ]
    );
    let plan = planned(&file, lint, Applicability::Unsafe);
    assert_eq!(
        after(&plan, "a.nix"),
        "{\n  nix.settings.fallback = true;\n  nix.settings.sandbox = true;\n}\n"
    );
    assert_eq!(plan.rules().into_iter().collect::<Vec<_>>(), ["unsafe"]);
}

#[test]
fn the_last_definition_of_a_file_may_go() {
    let lint: Lint = |workspace| {
        about(
            workspace,
            "gone",
            "nix.settings.cores",
            Applicability::Safe,
            &|d| vec![Change::Remove { definition: d.id }],
        )
    };
    let plan = planned(
        &[(
            "a.nix",
            "{\n  nix.settings.cores = 2; # c\n  networking.hostName = \"x\";\n}\n",
        )],
        lint,
        Applicability::Safe,
    );
    assert_eq!(
        after(&plan, "a.nix"),
        "{\n  # c\n  networking.hostName = \"x\";\n}\n"
    );
}

#[test]
fn a_machine_that_shares_the_file_is_looked_at_too() {
    // `b.nix` reads the same value for another option.
    let lint: Lint = |workspace| {
        about(
            workspace,
            "set",
            "nix.settings.cores",
            Applicability::Safe,
            &|d| {
                vec![Change::Set {
                    definition: d.id,
                    value: NewValue::Int(2),
                }]
            },
        )
        .into_iter()
        .filter(|_| {
            workspace
                .definitions()
                .iter()
                .any(|d| d.value.value == nixtune::eval::Value::Int(64))
        })
        .collect()
    };
    let plan = planned(
        &[
            ("shared.nix", "{ nix.settings.cores = 64; }\n"),
            (
                "one/default.nix",
                "{ imports = [ ../shared.nix ]; nix.gc.automatic = true; }\n",
            ),
            (
                "two/default.nix",
                "{ imports = [ ../shared.nix ]; nix.gc.automatic = false; }\n",
            ),
        ],
        lint,
        Applicability::Safe,
    );
    assert_eq!(after(&plan, "shared.nix"), "{ nix.settings.cores = 2; }\n");
    assert_eq!(plan.files.len(), 1);
}

/// Wants every text gone that stands for the element `me`.
fn without_me(workspace: &Workspace) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for machine in workspace.machines() {
        for item in workspace
            .view(machine)
            .items(catalog(), "trusted-users")
            .items
        {
            let Some(site) = item.site.filter(|_| &*item.text == "me") else {
                continue;
            };
            if found.iter().any(|known| known.place == site) {
                continue;
            }
            let definition = item.definition.id;
            let items = vec![site];
            let change = vec![Change::ListRemove { definition, items }];
            found.push(Diagnostic {
                place: site,
                ..diagnostic("me", item.definition, Applicability::Safe, change)
            });
        }
    }
    found
}

#[test]
fn elements_that_are_written_or_read_several_times_change_where_they_are_written() {
    for (before, after_it) in [
        (
            "if pkgs.stdenv.isLinux then [ \"root\" \"me\" ] else [ \"me\" \"you\" ]",
            "if pkgs.stdenv.isLinux then [ \"root\" ] else [ \"you\" ]",
        ),
        (
            "if pkgs.stdenv.isLinux then \"root me\" else \"me you\"",
            "if pkgs.stdenv.isLinux then \"root\" else \"you\"",
        ),
        (
            "[ \"me\" \"root\" ] ++ lib.optional pkgs.stdenv.isLinux \"you\"",
            "[ \"root\" ] ++ lib.optional pkgs.stdenv.isLinux \"you\"",
        ),
        ("[ \"me\" \"root\" \"me\" ]", "[ \"root\" ]"),
        (
            "let us = [ \"me\" \"you\" ]; in us ++ us",
            "let us = [ \"you\" ]; in us ++ us",
        ),
        (
            "if pkgs.stdenv.isLinux then us else us ++ [ \"me\" ]",
            "if pkgs.stdenv.isLinux then us else us",
        ),
    ] {
        let file = |value: &str| {
            format!(
                "{{ lib, pkgs, ... }}:\nlet\n  us = [ \"you\" ];\nin\n{{\n  nix.settings.trusted-users = {value};\n}}\n"
            )
        };
        let plan = planned(&[("x.nix", &file(before))], without_me, Applicability::Safe);
        assert!(plan.left.is_empty(), "{before}: {:?}", plan.left);
        assert_eq!(after(&plan, "x.nix"), file(after_it));
    }
}
