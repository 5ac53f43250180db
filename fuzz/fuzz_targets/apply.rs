//! Any bytes: linted, fixed, and any change made to any definition.
//!
//! The first byte says what the file is called, the second which change is made; the rest is the
//! file. Nothing may panic or take for ever; what is written parses, keeps every comment, and
//! nothing is left to do for a second run.

#![no_main]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use nixtune::catalog::Catalog;
use nixtune::diagnostic::{Applicability, Change, Fix, NewValue};
use nixtune::engine::{self, Plan, Request, Wanted};
use nixtune::fix::{WhyLeft, lower};
use nixtune::model::{Definition, LoadOptions, OptionPath, load};
use nixtune::system::Memory;

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::embedded);
const HOST: &str = include_str!("../../tests/hosts/mbp-m3-pro.toml");

fuzz_target!(|data: &[u8]| -> Corpus {
    let [kind, change, content @ ..] = data else {
        return Corpus::Reject;
    };
    let name = ["x.nix", "flake.nix", "nix.conf", "home.nix"][usize::from(*kind) % 4];
    apply(name, content);
    force(name, content, *change);
    Corpus::Keep
});

fn system(name: &str, content: &[u8]) -> Memory {
    Memory::new()
        .file(format!("/w/{name}"), content)
        .file("/h/host.toml", HOST)
        .on("linux", "x86_64")
}

fn planned(name: &str, content: &[u8]) -> Plan {
    let request = Request {
        roots: vec![PathBuf::from(format!("/w/{name}"))],
        host: Some(PathBuf::from("/h/host.toml")),
        ..Request::default()
    };
    let wanted = Wanted {
        least: Applicability::Unsafe,
        rules: Vec::new(),
        places: Vec::new(),
        verify: None,
    };
    engine::plan(&system(name, content), &CATALOG, &request, &wanted).expect("the run can start")
}

fn apply(name: &str, content: &[u8]) {
    let plan = planned(name, content);
    for left in &plan.left {
        if let WhyLeft::Failed(failure) = &left.why {
            panic!("{}: {failure}", left.rule);
        }
    }
    for file in &plan.files {
        check(name, &file.before, &file.after);
        let again = planned(name, file.after.as_bytes());
        assert!(again.files.is_empty(), "a second run changes more");
    }
}

/// Makes a change that no rule may have asked for.
fn force(name: &str, content: &[u8], choice: u8) {
    let options = LoadOptions {
        threads: 1,
        ..LoadOptions::default()
    };
    let path = [PathBuf::from(format!("/w/{name}"))];
    let loaded = load(&system(name, content), &path, &CATALOG, &options);
    let workspace = &loaded.workspace;
    let Some(definition) = workspace
        .definitions()
        .get(usize::from(choice / 16) % workspace.definitions().len().max(1))
    else {
        return;
    };
    let fix = Fix {
        title: String::new(),
        applicability: Applicability::Safe,
        changes: vec![change(definition, choice % 16)],
    };
    let Ok(edits) = lower(workspace, &fix) else {
        return;
    };
    for (id, edits) in edits {
        let file = workspace.file(id).expect("a file that was read");
        let after = edits.apply(file.text()).expect("edits of this text");
        check(name, file.text(), &after);
    }
}

fn change(definition: &Definition, choice: u8) -> Change {
    let id = definition.id;
    let insert = |option: &str, value| Change::Insert {
        near: id,
        option: OptionPath::dotted(option),
        value,
        comment: None,
    };
    let set = |value| Change::Set {
        definition: id,
        value,
    };
    let rename = |to| Change::Rename { definition: id, to };
    let words = || vec!["a ${b} ''c''".to_owned(), "d".to_owned()];
    let list = || NewValue::List(words().into_iter().map(NewValue::Str).collect());
    let items = || {
        let list = definition.value.value.as_list().unwrap_or_default();
        list.iter().filter_map(|item| item.site).collect()
    };
    match choice {
        0 => set(NewValue::Int(-7)),
        1 => set(list()),
        2 => set(NewValue::Attrs(vec![("a b".to_owned(), list())])),
        3 => set(NewValue::Bytes(5 << 30)),
        4 | 5 => Change::Remove { definition: id },
        6 => rename(definition.option.parent().join("fuzzed")),
        7 => rename(OptionPath::dotted("nix.gc.fuzzed")),
        8 => insert("nix.settings.fuzzed", NewValue::Bool(true)),
        9 => insert("nix.gc.fuzzed", list()),
        10 => insert("fuzzed", NewValue::Null),
        11 | 12 => Change::ListAdd {
            definition: id,
            items: words(),
        },
        _ => Change::ListRemove {
            definition: id,
            items: items(),
        },
    }
}

fn check(name: &str, before: &str, after: &str) {
    if name == "nix.conf" {
        return;
    }
    let body = after.strip_prefix('\u{feff}').unwrap_or(after);
    let parsed = rnix::Root::parse(body);
    assert!(parsed.errors().is_empty(), "does not parse:\n{after}");
    let (before, after_comments) = (comments(before), comments(after));
    for (comment, count) in before {
        let left = after_comments.get(&comment).copied().unwrap_or(0);
        assert!(left >= count, "lost {comment:?} in\n{after}");
    }
}

/// Comments with their number; how their lines are indented does not matter.
fn comments(text: &str) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for (kind, token) in rnix::tokenize(text) {
        if kind == rnix::SyntaxKind::TOKEN_COMMENT {
            let lines: Vec<_> = token.lines().map(str::trim).collect();
            *found.entry(lines.join("\n")).or_default() += 1;
        }
    }
    found
}
