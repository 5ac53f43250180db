//! Changes become the text that a person would have written.
//!
//! Every case runs as it stands, and again with Windows line endings, with tabs, and with
//! characters beyond ASCII around it. What comes out must parse, define nothing twice, keep every
//! comment, and, where the input was in the formatter's form, be in it still.

mod insert;
mod lines;
mod list;
mod matrix;
mod mutations;
mod origin;
mod plan;
mod property;
mod remove;
mod rename;
mod set;

use std::path::PathBuf;

use nixtune::catalog::Catalog;
use nixtune::diagnostic::{Applicability, Change, Fix, NewValue};
use nixtune::fix::{Refusal, lower};
use nixtune::model::{DefId, Definition, LoadOptions, OptionPath, Workspace, load};
use nixtune::syntax;
use nixtune::system::Memory;
use nixtune::text::Place;

use crate::formatters::disturbed;

fn catalog() -> &'static Catalog {
    static CATALOG: std::sync::OnceLock<Catalog> = std::sync::OnceLock::new();
    CATALOG.get_or_init(Catalog::embedded)
}

/// A file of the given name as a workspace.
fn workspace(name: &str, text: &str) -> Workspace {
    let system = Memory::new().file(format!("/w/{name}"), text);
    load(
        &system,
        &[PathBuf::from(format!("/w/{name}"))],
        catalog(),
        &LoadOptions::default(),
    )
    .workspace
}

/// The definition of an option, or of a `nix.conf` key by its name alone.
fn definition<'w>(workspace: &'w Workspace, option: &str) -> &'w Definition {
    workspace
        .definitions()
        .iter()
        .find(|definition| {
            definition.option.is(option)
                || (definition.setting.as_deref() == Some(option)
                    && !definition.option.is("nix.extraOptions.x"))
        })
        .unwrap_or_else(|| {
            let known: Vec<_> = workspace
                .definitions()
                .iter()
                .map(|definition| definition.option.to_string())
                .collect();
            panic!("no definition of {option}, only {known:?}")
        })
}

fn id(workspace: &Workspace, option: &str) -> DefId {
    definition(workspace, option).id
}

/// The place of an element or word of a definition: the only occurrence of `text` in it.
fn item(workspace: &Workspace, option: &str, text: &str) -> Place {
    let definition = definition(workspace, option);
    let place = definition.statement.unwrap();
    let source = workspace.file(place.file).unwrap().text();
    let start = place.span.start as usize;
    let found: Vec<_> = source[start..place.span.end as usize]
        .match_indices(text)
        .collect();
    assert_eq!(found.len(), 1, "{text} in {option}");
    let at = u32::try_from(start + found[0].0).unwrap();
    let end = at + u32::try_from(text.len()).unwrap();
    Place::new(place.file, nixtune::text::Span::new(at, end))
}

fn lowered(
    name: &str,
    text: &str,
    changes: &dyn Fn(&Workspace) -> Vec<Change>,
) -> Result<String, Refusal> {
    let workspace = workspace(name, text);
    let fix = Fix {
        title: "test".to_owned(),
        applicability: Applicability::Safe,
        changes: changes(&workspace),
    };
    let edits = lower(&workspace, &fix)?;
    assert_eq!(edits.len(), 1, "one file changes");
    let edits = edits.into_values().next().unwrap();
    Ok(edits.apply(text).unwrap())
}

fn comments(text: &str) -> Vec<String> {
    let mut found: Vec<String> = rnix::tokenize(text)
        .filter(|(kind, _)| *kind == rnix::SyntaxKind::TOKEN_COMMENT)
        .map(|(_, comment)| {
            let lines: Vec<_> = syntax::comment_body(comment)
                .lines()
                .map(str::trim)
                .collect();
            lines.join("\n")
        })
        .collect();
    found.sort();
    found
}

fn check_nix(before: &str, after: &str) {
    let parsed = rnix::Root::parse(after);
    assert_eq!(parsed.errors(), [], "{after}");
    assert_eq!(syntax::duplicates(&parsed.syntax(), 0), [], "{after}");
    let mut left = comments(after);
    for comment in comments(before) {
        let at = left.iter().position(|other| *other == comment);
        let at = at.unwrap_or_else(|| panic!("the comment {comment:?} is lost in\n{after}"));
        left.remove(at);
    }
    if let Some(difference) = disturbed(before, after) {
        panic!("{difference}\n{after}");
    }
}

fn tabs(text: &str) -> String {
    text.split('\n')
        .map(|line| {
            let body = line.trim_start_matches(' ');
            let blanks = line.len() - body.len();
            format!(
                "{}{}{body}",
                "\t".repeat(blanks / 2),
                " ".repeat(blanks % 2)
            )
        })
        .collect::<Vec<_>>()
        .join("\n")
}

type Disguise<'d> = &'d dyn Fn(&str) -> String;

/// Asserts what a change makes of a Nix file, in all its disguises.
fn case(before: &str, changes: &dyn Fn(&Workspace) -> Vec<Change>, after: &str) {
    let got = lowered("x.nix", before, changes).unwrap_or_else(|refusal| {
        panic!("refused: {refusal}\n{before}");
    });
    assert_eq!(got, after, "\n--- got\n{got}\n--- wanted\n{after}");
    check_nix(before, after);
    let unicode = |text: &str| format!("# ünï→ 🦀\n{text}# 終\n");
    let windows = |text: &str| text.replace('\n', "\r\n");
    let disguises: [(&str, Disguise<'_>); 4] = [
        ("unicode", &unicode),
        ("windows", &windows),
        ("tabs", &tabs),
        ("tabs on windows", &|text| windows(&tabs(text))),
    ];
    for (name, disguise) in disguises {
        if name.starts_with("tabs") && !before.contains("\n  ") {
            // Nothing shows what this file would be indented with.
            continue;
        }
        let (before, after) = (disguise(before), disguise(after));
        let got = lowered("x.nix", &before, changes).unwrap_or_else(|refusal| {
            panic!("{name}: refused: {refusal}\n{before}");
        });
        assert_eq!(got, after, "{name}\n--- got\n{got}\n--- wanted\n{after}");
    }
}

/// Asserts what a change makes of a `nix.conf`, also with Windows line endings.
fn conf_case(before: &str, changes: &dyn Fn(&Workspace) -> Vec<Change>, after: &str) {
    let got = lowered("nix.conf", before, changes).unwrap();
    assert_eq!(got, after, "\n--- got\n{got}\n--- wanted\n{after}");
    let windows = |text: &str| text.replace('\n', "\r\n");
    let got = lowered("nix.conf", &windows(before), changes).unwrap();
    assert_eq!(got, windows(after));
}

fn refused(before: &str, changes: &dyn Fn(&Workspace) -> Vec<Change>) -> Refusal {
    match lowered("x.nix", before, changes) {
        Err(refusal) => refusal,
        Ok(after) => panic!("not refused, but\n{after}"),
    }
}

fn remove<'a>(option: &'a str) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::Remove {
            definition: id(workspace, option),
        }]
    }
}

fn set<'a>(option: &'a str, value: &'a NewValue) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::Set {
            definition: id(workspace, option),
            value: value.clone(),
        }]
    }
}

fn rename<'a>(option: &'a str, to: &'a str) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::Rename {
            definition: id(workspace, option),
            to: OptionPath::dotted(to),
        }]
    }
}

fn insert<'a>(
    near: &'a str,
    option: &'a str,
    value: &'a NewValue,
    comment: Option<&'a str>,
) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::Insert {
            near: id(workspace, near),
            option: OptionPath::dotted(option),
            value: value.clone(),
            comment: comment.map(str::to_owned),
        }]
    }
}

fn list_add<'a>(option: &'a str, items: &'a [&'a str]) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::ListAdd {
            definition: id(workspace, option),
            items: items.iter().map(|item| (*item).to_owned()).collect(),
        }]
    }
}

fn list_remove<'a>(
    option: &'a str,
    items: &'a [&'a str],
) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::ListRemove {
            definition: id(workspace, option),
            items: items
                .iter()
                .map(|text| item(workspace, option, text))
                .collect(),
        }]
    }
}

fn list_replace<'a>(
    option: &'a str,
    old: &'a str,
    with: &'a str,
) -> impl Fn(&Workspace) -> Vec<Change> + 'a {
    move |workspace| {
        vec![Change::ListReplace {
            definition: id(workspace, option),
            item: item(workspace, option, old),
            with: with.to_owned(),
        }]
    }
}

fn strings(items: &[&str]) -> NewValue {
    NewValue::List(
        items
            .iter()
            .map(|item| NewValue::Str((*item).to_owned()))
            .collect(),
    )
}
