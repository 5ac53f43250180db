//! The book: it builds, all that it links to is there, and it takes nothing from the network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use mdbook_driver::MDBook;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use super::{bless, documents, root};
use crate::cli::contents;

/// Where files of the repository can be read, for documents that are shown elsewhere.
const REPOSITORY: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/");

/// The book, built once for all tests: its files by their paths. It stays in `target/tmp/book`,
/// for those who want to read it.
fn book() -> &'static BTreeMap<PathBuf, Vec<u8>> {
    static BOOK: OnceLock<BTreeMap<PathBuf, Vec<u8>>> = OnceLock::new();
    BOOK.get_or_init(|| {
        bless();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
        let mut book = MDBook::load(root().join("docs")).unwrap();
        book.config.build.build_dir = folder.clone();
        book.build().unwrap();
        contents(&folder)
    })
}

fn pages() -> impl Iterator<Item = (&'static Path, &'static str)> {
    book()
        .iter()
        .filter(|(path, _)| path.extension().is_some_and(|ending| ending == "html"))
        .map(|(path, bytes)| (path.as_path(), std::str::from_utf8(bytes).unwrap()))
}

fn is_remote(address: &str) -> bool {
    address.contains("://") || address.starts_with("//") || address.starts_with("mailto:")
}

/// `to` as seen from the file `from`, without `..`; `None` when it leads out of the root.
fn resolved(from: &Path, to: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    let joined = from.parent().unwrap().join(to);
    for part in joined.components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path.pop() => {}
            Component::ParentDir => return None,
            _ => {}
        }
    }
    Some(path)
}

/// What is wrong with a link; `has` tells whether a file is there, `anchors` what it can be
/// entered at.
fn broken(
    from: &Path,
    link: &str,
    has: impl Fn(&Path) -> bool,
    anchors: impl Fn(&Path) -> BTreeSet<String>,
) -> Option<String> {
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => from.to_owned(),
        path => match resolved(from, path) {
            Some(target) => target,
            None => return Some(format!("{link} leads out")),
        },
    };
    if !has(&target) {
        return Some(format!("{link} is not there"));
    }
    if !anchor.is_empty() && !anchors(&target).contains(anchor) {
        return Some(format!("{link} has no such place"));
    }
    None
}

#[test]
fn every_link_of_the_book_leads_somewhere() {
    let link = Regex::new(r#"(?:href|src)="([^"]*)""#).unwrap();
    let id = Regex::new(r#"\bid="([^"]*)""#).unwrap();
    let places: BTreeMap<&Path, BTreeSet<String>> = pages()
        .map(|(path, text)| {
            let ids = id.captures_iter(text).map(|found| found[1].to_owned());
            (path, ids.collect())
        })
        .collect();
    let mut checked = 0;
    let mut failures = Vec::new();
    for (path, text) in pages() {
        // The page for what is not found is shown at any address.
        if path == Path::new("404.html") {
            continue;
        }
        for found in link.captures_iter(text) {
            let address = found[1].replace("&amp;", "&");
            if is_remote(&address) || address.starts_with("data:") {
                continue;
            }
            checked += 1;
            let failure = broken(
                path,
                &address,
                |target| {
                    book().contains_key(target) || book().contains_key(&target.join("index.html"))
                },
                |target| places.get(target).cloned().unwrap_or_default(),
            );
            failures.extend(failure.map(|said| format!("{}: {said}", path.display())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(checked > 1000, "only {checked} links were found");
}

#[test]
fn the_book_takes_nothing_from_the_network() {
    let tag = Regex::new(r"(?s)<(script|link|img|iframe|source|video|audio|object|embed)\b[^>]*>")
        .unwrap();
    let address = Regex::new(r#"(?:href|src|data|srcset)="([^"]*)""#).unwrap();
    for (path, text) in pages() {
        for found in tag.find_iter(text) {
            for address in address.captures_iter(found.as_str()) {
                let at = path.display();
                assert!(!is_remote(&address[1]), "{at}: {}", found.as_str());
            }
        }
    }
    let called = Regex::new(r#"(?:url\(|@import|importScripts\(|fetch\()\s*["']?(?:https?:)?//"#);
    let called = called.unwrap();
    for (path, bytes) in book() {
        let is_code = path.extension().is_some_and(|it| it == "css" || it == "js");
        if is_code {
            let text = String::from_utf8_lossy(bytes);
            assert!(!called.is_match(&text), "{}", path.display());
        }
        let name = path.file_name().unwrap().to_string_lossy();
        assert!(!name.starts_with("searchindex"), "{name}");
    }
}

#[test]
fn the_book_holds_every_document() {
    for document in documents() {
        let Ok(path) = document.strip_prefix("docs") else {
            continue;
        };
        let path = match path.file_name().unwrap() == "README.md" {
            true => path.with_file_name("index.html"),
            false => path.with_extension("html"),
        };
        assert!(
            book().contains_key(&path),
            "{} is in no chapter",
            document.display()
        );
    }
    for rule in nixtune::rules::ALL {
        let page = PathBuf::from(format!("rules/{}.html", rule.id));
        assert!(book().contains_key(&page), "{}", page.display());
    }
}

/// What GitHub calls the headings of a document.
fn headings(document: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    let mut found = BTreeSet::new();
    let mut heading: Option<String> = None;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            Event::End(TagEnd::Heading(_)) => {
                let words = heading.take().unwrap().to_lowercase();
                let kept = words.chars().filter_map(|c| match c {
                    ' ' => Some('-'),
                    c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
                    _ => None,
                });
                found.insert(kept.collect());
            }
            _ => {}
        }
    }
    found
}

#[test]
fn every_link_of_a_document_leads_somewhere() {
    let mut names = documents();
    names.extend(["CONTRIBUTING.md", "ARCHITECTURE.md", "docs/settings.md"].map(PathBuf::from));
    let mut checked = 0;
    let mut failures = Vec::new();
    for name in names {
        let text = fs::read_to_string(root().join(&name)).unwrap();
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
            let (Event::Start(Tag::Link { dest_url, .. })
            | Event::Start(Tag::Image { dest_url, .. })) = event
            else {
                continue;
            };
            // The book cannot link to what lies beside it.
            let (from, link) = match dest_url.strip_prefix(REPOSITORY) {
                Some(path) => (Path::new("README.md"), path),
                None if is_remote(&dest_url) => continue,
                None => (name.as_path(), &*dest_url),
            };
            checked += 1;
            let failure = broken(from, link, |target| root().join(target).exists(), headings);
            failures.extend(failure.map(|said| format!("{}: {said}", name.display())));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(checked > 100, "only {checked} links were found");
}
