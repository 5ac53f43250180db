//! Text that is typed: whatever was written, taken back and written again on the way, what is
//! found in the end is what `nixtune lint` finds in the file.

use std::path::Path;
use std::sync::Arc;

use nixtune::system::Memory;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::editor::{Editor, abilities, hello};
use super::text::Encoding;
use super::trees::{all_shown, lint, put, reported, uri};
use crate::rules::fixture::{self, Fixture};

/// What is written on the way and taken back: wide characters, all ends of lines, halves of
/// words of the language, a byte order mark, a zero.
const MISCHIEF: [&str; 14] = [
    "ö",
    "€",
    "😀",
    "👩🏽‍🚀",
    "\u{feff}",
    "\0",
    "\n",
    "\r\n",
    "\r",
    "''",
    "\"",
    "${",
    "/*",
    "{ nix.settings = {",
];

/// One thing that a person does.
#[derive(Clone, Debug)]
enum Step {
    /// Types so many characters, each a message of its own.
    Keys(usize),
    /// Types so many characters in one message, as several changes.
    Burst(usize),
    /// Pastes so many characters.
    Paste(usize),
    /// Writes something elsewhere, asks, and takes it back.
    Slip(Index, Index),
    /// The same within one message.
    Flicker(Index, Index),
    /// Cuts a part out and puts it back.
    Cut(Index, Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..12_usize).prop_map(Step::Keys),
        3 => (1..40_usize).prop_map(Step::Burst),
        3 => (1..80_usize).prop_map(Step::Paste),
        2 => any::<(Index, Index)>().prop_map(|(at, what)| Step::Slip(at, what)),
        1 => any::<(Index, Index)>().prop_map(|(at, what)| Step::Flicker(at, what)),
        1 => any::<(Index, Index)>().prop_map(|(from, to)| Step::Cut(from, to)),
    ]
}

/// Bytes of a text that have a position: borders of characters, but not those within a line end.
fn borders(text: &str) -> Vec<usize> {
    let all = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    all.filter(|at| !(text[..*at].ends_with('\r') && text[*at..].starts_with('\n')))
        .collect()
}

/// A person who types a text.
struct Typist<'t> {
    editor: Editor,
    uri: String,
    /// What is still to be typed.
    rest: &'t str,
}

impl<'t> Typist<'t> {
    fn text(&self) -> &str {
        &self.editor.documents[&self.uri].text
    }

    fn end(&self) -> usize {
        self.text().len()
    }

    /// The next characters.
    fn next(&mut self, count: usize) -> &'t str {
        let end = self.rest.char_indices().nth(count);
        let (next, rest) = self
            .rest
            .split_at(end.map_or(self.rest.len(), |(at, _)| at));
        self.rest = rest;
        next
    }

    fn change(&mut self, changes: &[(std::ops::Range<usize>, &str)]) {
        self.editor.change(&self.uri, changes);
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Keys(count) => {
                for key in self.next(*count).split_inclusive(|_| true) {
                    let end = self.end();
                    self.change(&[(end..end, key)]);
                }
            }
            Step::Burst(count) => {
                let mut end = self.end();
                let mut changes = Vec::new();
                for key in self.next(*count).split_inclusive(|_| true) {
                    changes.push((end..end, key));
                    end += key.len();
                }
                self.change(&changes);
            }
            Step::Paste(count) => {
                let end = self.end();
                let next = self.next(*count);
                self.change(&[(end..end, next)]);
            }
            Step::Slip(at, what) => {
                let (at, what) = self.slip(at, what);
                let before = self.text().to_owned();
                self.change(&[(at..at, what)]);
                self.ask(at + what.len());
                // What is put beside half of a line end has no place of its own.
                if borders(self.text()).contains(&(at + what.len()))
                    && borders(self.text()).contains(&at)
                {
                    self.change(&[(at..at + what.len(), "")]);
                } else {
                    self.editor.rewrite(&self.uri, &before);
                }
                assert_eq!(self.text(), before);
            }
            Step::Flicker(at, what) => {
                let (at, what) = self.slip(at, what);
                if !what.contains(['\r', '\n']) {
                    self.change(&[(at..at, what), (at..at + what.len(), "")]);
                }
            }
            Step::Cut(from, to) => {
                let places = borders(self.text());
                let (from, to) = (*from.get(&places), *to.get(&places));
                let (from, to) = (from.min(to), from.max(to));
                let before = self.text().to_owned();
                self.change(&[(from..to, "")]);
                self.ask(from);
                if borders(self.text()).contains(&from) {
                    self.change(&[(from..from, &before[from..to])]);
                } else {
                    self.editor.rewrite(&self.uri, &before);
                }
                assert_eq!(self.text(), before);
            }
        }
    }

    fn slip(&self, at: &Index, what: &Index) -> (usize, &'static str) {
        (*at.get(&borders(self.text())), *what.get(&MISCHIEF))
    }

    /// Asks everything that can be asked about a place; each must be answered.
    fn ask(&mut self, byte: usize) {
        if !borders(self.text()).contains(&byte) {
            return;
        }
        let at = super::text::position(self.text(), byte, self.editor.encoding);
        let uri = self.uri.clone();
        for method in ["hover", "completion", "definition"] {
            let method = format!("textDocument/{method}");
            self.editor.about(&uri, &method, json!({ "position": at }));
        }
        let range = self.editor.whole(&uri);
        self.editor
            .about(&uri, "textDocument/inlayHint", json!({ "range": range }));
        self.editor
            .about(&uri, "textDocument/documentLink", json!({}));
        self.editor
            .actions(&uri, &json!({ "start": at, "end": at }), None);
    }
}

fn type_and_compare(fixture: &Fixture, encoding: Encoding, steps: &[Step], start: &str) {
    let folder = Path::new("/w");
    let (saved, path) = put(Memory::new(), fixture, folder, &fixture.text);
    let (unsaved, _) = put(Memory::new(), fixture, folder, start);
    let uri = uri(&path);
    let mut abilities = abilities();
    abilities["general"] = json!({ "positionEncodings": [encoding.name()] });
    let mut editor = Editor::start(Arc::new(unsaved), hello(&abilities, &["file:///w"]));
    assert_eq!(editor.encoding, encoding);
    editor.open(&uri, start);
    editor.rewrite(&uri, "");
    let mut typist = Typist {
        editor,
        uri,
        rest: &fixture.text,
    };
    for step in steps {
        typist.step(step);
    }
    typist.step(&Step::Burst(usize::MAX));
    assert_eq!(typist.text(), fixture.text);
    let mut editor = typist.editor;
    editor.settle();
    let expected = reported(&lint(&saved, folder), editor.encoding);
    assert_eq!(all_shown(&editor), expected, "{}", fixture.shown());
    editor.quit();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_typed_is_found_as_if_it_were_opened(
        which in any::<Index>(),
        encoding in prop::sample::select(&Encoding::ALL[..]),
        steps in prop::collection::vec(step(), 1..40),
        start in prop::sample::select(&["", "{ }\n", "{ nix.gc.automatic = true; }", "{ nix.settings = {"][..]),
    ) {
        type_and_compare(which.get(fixture::all()), encoding, &steps, start);
    }
}
