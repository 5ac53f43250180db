//! How much nixtune knows of configurations like those that people have: a ratchet. Whoever makes
//! it know less sees it here; whoever makes it know more writes down the new state.

pub mod count;

use std::fmt::Write as _;
use std::path::Path;

use nixtune::catalog::Catalog;
use nixtune::model::{LoadOptions, load};
use nixtune::system::Os;

use count::Counts;

/// What is known of the tree of that name under `tests/precision`.
fn of_tree(name: &str) -> Counts {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/precision");
    let catalog = Catalog::embedded();
    let options = LoadOptions::default();
    let loaded = load(&Os, &[root.join(name)], &catalog, &options);
    assert_eq!(loaded.problems, [], "{name}");
    let mut counts = Counts::of(&loaded, &catalog);
    let here = format!("tests/precision/{name}/");
    for text in counts.missing.iter_mut().chain(&mut counts.machines) {
        *text = text.replace(&format!("{}/", root.join(name).display()), "");
        *text = text.replace(&here, "");
    }
    counts
}

fn summary(counts: &Counts) -> String {
    let mut out = format!("machines: {}\n", counts.machines.join(", "));
    for unread in &counts.unread {
        writeln!(out, "not read: {unread}").unwrap();
    }
    writeln!(
        out,
        "definitions: {}, outside {}, known {}, undecided {}",
        counts.definitions, counts.outside, counts.known, counts.undecided
    )
    .unwrap();
    for missing in &counts.missing {
        writeln!(out, "  {missing}").unwrap();
    }
    out
}

#[test]
fn most_of_what_stands_in_the_files_is_known() {
    let mut all = Counts::default();
    let mut shown = String::new();
    for name in ["hosts", "parts", "loader", "home", "plain"] {
        let counts = of_tree(name);
        writeln!(shown, "{name}\n{}", summary(&counts)).unwrap();
        all.add(&counts);
    }
    insta::assert_snapshot!(shown);
    assert!(all.share_known() >= 95.0, "{:.1} %", all.share_known());
    assert!(
        all.share_undecided() <= 5.0,
        "{:.1} %",
        all.share_undecided()
    );
}
