//! A fix touches the text that it is about, and nothing else.

use std::ops::Range;
use std::sync::Mutex;

use nixtune::diagnostic::{Change, Diagnostic, Fix};
use nixtune::eval::{Traced, Value};
use nixtune::fix::{self, Answer, PlanOptions, PlannedFile, State, unguarded};
use nixtune::model::Workspace;
use nixtune::system::Overlay;
use nixtune::text::{Place, Span};
use rnix::SyntaxNode;

use super::*;

/// The text that a fix may change, by file.
type Areas = BTreeMap<PathBuf, Vec<Span>>;

/// Everything that is written for the definitions of a fix: statements, values, elements, the
/// sets that would be left empty, and the comments and blanks around these.
fn areas(workspace: &Workspace, fix: &Fix) -> Areas {
    let mut places: Vec<(Place, bool)> = Vec::new();
    for change in &fix.changes {
        let Some(definition) = workspace.definition(change.definition()) else {
            continue;
        };
        let goes = matches!(change, Change::Remove { .. } | Change::Rename { .. });
        places.extend(definition.statement.map(|place| (place, goes)));
        written(&definition.value, &mut |place| places.push((place, false)));
    }
    let mut areas = Areas::new();
    for (place, goes) in places {
        let file = workspace.file(place.file).unwrap();
        let area = if goes && file.path().extension().is_some_and(|end| end == "nix") {
            emptied(file.text(), place.span)
        } else {
            place.span
        };
        let area = with_trivia(file.path(), file.text(), area);
        areas
            .entry(file.path().to_path_buf())
            .or_default()
            .push(area);
    }
    areas
}

/// Where a value and its parts are written.
fn written(value: &Traced, add: &mut dyn FnMut(Place)) {
    value
        .site
        .into_iter()
        .chain(value.origin)
        .for_each(&mut *add);
    if let Value::List(items) | Value::OneOf(items) = &value.value {
        items.iter().for_each(|item| written(item, add));
    }
}

fn range(node: &SyntaxNode) -> Span {
    let range = node.text_range();
    Span::new(range.start().into(), range.end().into())
}

/// True for a node in which every statement goes. Sets in values are parts of their statement.
fn is_emptied(node: &SyntaxNode, goes: &dyn Fn(Span) -> bool) -> bool {
    let is_statement = |node: &SyntaxNode| {
        matches!(
            node.kind(),
            SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT
        )
    };
    node.descendants()
        .filter(is_statement)
        .filter(|one| !one.descendants().skip(1).any(|part| is_statement(&part)))
        .all(|one| goes(range(&one)))
}

/// A node with the parentheses around it and the operator beside it.
fn with_operator(mut node: SyntaxNode) -> Span {
    while let Some(parent) = node
        .parent()
        .filter(|parent| parent.kind() == SyntaxKind::NODE_PAREN)
    {
        node = parent;
    }
    let parent = node.parent();
    let Some(parent) = parent.filter(|parent| parent.kind() == SyntaxKind::NODE_BIN_OP) else {
        return range(&node);
    };
    let other = parent.children().find(|other| *other != node);
    let (all, other) = (range(&parent), other.map(|other| range(&other)));
    match other {
        Some(other) if other.start == all.start => Span::new(other.end, all.end),
        Some(other) => Span::new(all.start, other.start),
        None => all,
    }
}

/// The statement, or the outermost thing that holds nothing else.
fn emptied(text: &str, statement: Span) -> Span {
    rnix::Root::parse(text)
        .syntax()
        .descendants()
        .filter(|node| range(node).contains(statement))
        .find(|node| is_emptied(node, &|part| statement.contains(part)))
        .map_or(statement, with_operator)
}

/// A place with the comments and blanks on both sides.
fn with_trivia(path: &Path, text: &str, area: Span) -> Span {
    let (mut start, mut end) = (area.start as usize, area.end as usize);
    let mut tokens = Vec::new();
    let mut at = 0;
    if path.extension().is_some_and(|end| end == "conf") {
        for line in text.split_inclusive('\n') {
            let comment = line.find('#').unwrap_or(line.trim_end().len());
            tokens.push((at, at + comment, comment == 0));
            tokens.push((at + comment, at + line.len(), true));
            at += line.len();
        }
    } else {
        for (kind, token) in rnix::tokenize(text) {
            tokens.push((at, at + token.len(), kind.is_trivia()));
            at += token.len();
        }
    }
    for (from, to, is_trivia) in tokens.iter().rev() {
        if *is_trivia && *to == start {
            start = *from;
        }
    }
    for (from, to, is_trivia) in &tokens {
        if *is_trivia && *from == end {
            end = *to;
        }
    }
    Span::new(u32::try_from(start).unwrap(), u32::try_from(end).unwrap())
}

/// True for a fix that writes something new, wherever it fits.
fn adds(fix: &Fix) -> bool {
    fix.changes.iter().any(|change| {
        matches!(
            change,
            Change::Insert { .. } | Change::Rename { .. } | Change::ListAdd { .. }
        )
    })
}

fn is_inside(file: &PlannedFile, fix: &Fix, areas: &Areas) -> TestCaseResult {
    let none = Vec::new();
    let areas = areas.get(&file.path).unwrap_or(&none);
    for edit in file.edits.iter() {
        let inside = areas.iter().any(|area| area.contains(edit.span));
        let gone = &file.before[edit.span.range()];
        // Comments of a value that goes come to stand beside its statement.
        let only_comments = rnix::tokenize(&edit.text).all(|(kind, _)| kind.is_trivia());
        let is_beside = || {
            let near = |area: &Span| statement_around(file, *area).contains(edit.span);
            areas.iter().any(near)
        };
        let is_free = gone.trim().is_empty() && (adds(fix) || (only_comments && is_beside()));
        if !inside && !is_free {
            return fail(format!(
                "`{}` changes {gone:?} to {:?} in {}, outside of its definitions:\n{}",
                fix.title, edit.text, file.name, file.before
            ));
        }
    }
    Ok(())
}

/// The statement that holds a place, with the comments and blanks around it.
fn statement_around(file: &PlannedFile, place: Span) -> Span {
    let around = rnix::Root::parse(&file.before)
        .syntax()
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
        .map(|node| with_trivia(&file.path, &file.before, range(&node)))
        .filter(|around| around.contains(place))
        .last();
    around.unwrap_or(place)
}

fn declared(fix: &Fix) -> Vec<String> {
    let added = fix.changes.iter().filter_map(|change| match change {
        Change::Insert { comment, .. } => comment.as_deref(),
        _ => None,
    });
    let mut lines: Vec<String> = added
        .flat_map(str::lines)
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect();
    lines.sort();
    lines
}

/// The comments before and those that were declared are the comments after.
fn keeps_comments(file: &PlannedFile, fix: &Fix, open: &mut Vec<String>) -> TestCaseResult {
    let mut left = comments(&file.path, &file.after);
    for comment in comments(&file.path, &file.before) {
        match left.iter().position(|other| *other == comment) {
            Some(at) => drop(left.remove(at)),
            None => {
                return fail(format!(
                    "`{}` loses {comment:?} of\n{}",
                    fix.title, file.before
                ));
            }
        }
    }
    for comment in left {
        match open.iter().position(|other| *other == comment) {
            Some(at) => drop(open.remove(at)),
            None => {
                return fail(format!(
                    "`{}` brings {comment:?} to\n{}",
                    fix.title, file.before
                ));
            }
        }
    }
    Ok(())
}

/// For each byte of `text` where it stood in `first`, word by word.
fn origins(first: &str, text: &str) -> Vec<Option<usize>> {
    // Words of strings count by themselves.
    let tokens = |text: &str| -> Vec<String> {
        rnix::tokenize(text)
            .flat_map(|(_, token)| token.split_inclusive([' ', '\n']))
            .map(str::to_owned)
            .collect()
    };
    let (old, new) = (tokens(first), tokens(text));
    let starts = |tokens: &[String]| -> Vec<usize> {
        tokens
            .iter()
            .scan(0, |at, token| {
                let start = *at;
                *at += token.len();
                Some(start)
            })
            .collect()
    };
    let (old_starts, new_starts) = (starts(&old), starts(&new));
    let mut origins = vec![None; text.len()];
    for op in similar::capture_diff_slices(similar::Algorithm::Myers, &old, &new) {
        if let similar::DiffOp::Equal {
            old_index,
            new_index,
            len,
        } = op
        {
            for offset in 0..len {
                let (from, to) = (
                    old_starts[old_index + offset],
                    new_starts[new_index + offset],
                );
                for byte in 0..new[new_index + offset].len() {
                    origins[to + byte] = Some(from + byte);
                }
            }
        }
    }
    origins
}

/// Parts of texts, by file.
type Ranges = BTreeMap<PathBuf, Vec<Range<usize>>>;

/// What the rules said in all rounds of a plan, as the text stood at the beginning.
#[derive(Default)]
struct Concern {
    /// By title and file of the diagnostic.
    areas: BTreeMap<(String, String), Ranges>,
    comments: Vec<String>,
}

impl Concern {
    fn note(&mut self, before: &Files, workspace: &Workspace, diagnostic: &Diagnostic) {
        let Some(fix) = &diagnostic.fix else { return };
        let file = workspace.file(diagnostic.place.file).unwrap();
        let key = (fix.title.clone(), file.name().to_string());
        self.comments.extend(declared(fix));
        for (path, areas) in areas(workspace, fix) {
            let text = workspace
                .files()
                .iter()
                .find(|file| file.path() == path)
                .unwrap()
                .text();
            let origins = origins(&before[&path], text);
            for area in areas {
                let from: Vec<usize> = origins[area.range()].iter().flatten().copied().collect();
                let (Some(first), Some(last)) = (from.iter().min(), from.iter().max()) else {
                    continue;
                };
                let own = self.areas.entry(key.clone()).or_default();
                own.entry(path.clone()).or_default().push(*first..last + 1);
            }
        }
    }
}

/// A configuration with what is needed to plan by hand.
struct Trial<'t> {
    before: Files,
    request: Request,
    system: &'t Memory,
}

impl Trial<'_> {
    fn read(&self, texts: &Files) -> Option<State> {
        let mut overlay = Overlay::new(self.system);
        for (path, text) in texts {
            overlay.replace(path, text.as_bytes());
        }
        let outcome = engine::look(&overlay, catalog(), &self.request).ok()?;
        Some(State {
            workspace: outcome.workspace,
            diagnostics: outcome.diagnostics,
        })
    }
}

fn options<'o>(choose: &'o (dyn Fn(&Workspace, &Diagnostic) -> bool + Sync)) -> PlanOptions<'o> {
    PlanOptions {
        least: Applicability::Unsafe,
        choose,
        evaluation: None,
        places: None,
        guard: &unguarded,
    }
}

#[test]
fn a_fix_touches_what_it_names_and_keeps_comments() {
    holds(20, |configuration| {
        let before = files(configuration);
        let trial = Trial {
            request: naming_files(configuration),
            system: &memory(&before),
            before,
        };
        let start = trial.read(&trial.before).unwrap();
        let mut now = trial.before.clone();
        let mut wrong = Ok(());
        let all = |_: &Workspace, _: &Diagnostic| true;
        let read = |texts: &Files| trial.read(texts);
        fix::plan_by_asking(&start, &options(&all), &read, &mut |offer| {
            let state = trial.read(&now).unwrap();
            let found = state
                .diagnostics
                .iter()
                .find(|other| same(other, &offer.diagnostic));
            let fix = found.unwrap().fix.as_ref().unwrap();
            let areas = areas(&state.workspace, fix);
            let mut open = declared(fix);
            for file in &offer.files {
                let one = is_inside(file, fix, &areas)
                    .and_then(|()| keeps_comments(file, fix, &mut open));
                wrong = std::mem::replace(&mut wrong, Ok(())).and(one);
                now.insert(file.path.clone(), file.after.to_string());
            }
            if wrong.is_ok() && !open.is_empty() {
                wrong = fail(format!("`{}` does not write {open:?}", fix.title));
            }
            if wrong.is_ok() {
                Answer::Yes
            } else {
                Answer::Quit
            }
        });
        wrong
    });
}

#[test]
fn all_fixes_together_touch_what_they_name_and_keep_comments() {
    holds(25, |configuration| {
        let before = files(configuration);
        let trial = Trial {
            request: naming_files(configuration),
            system: &memory(&before),
            before,
        };
        let start = trial.read(&trial.before).unwrap();
        let concern = Mutex::new(Concern::default());
        let choose = |workspace: &Workspace, diagnostic: &Diagnostic| {
            let mut concern = concern.lock().unwrap();
            concern.note(&trial.before, workspace, diagnostic);
            true
        };
        let made = fix::plan(&start, &options(&choose), &|texts| trial.read(texts));
        let concern = concern.into_inner().unwrap();
        for file in &made.files {
            let areas: Vec<_> = made
                .applied
                .iter()
                .filter_map(|fix| {
                    concern
                        .areas
                        .get(&(fix.title.clone(), fix.file.to_string()))
                })
                .filter_map(|areas| areas.get(&file.path))
                .flatten()
                .cloned()
                .collect();
            let mut areas: Vec<Range<usize>> = areas;
            // Several fixes may leave a set empty together.
            let is_nix = file.path.extension().is_some_and(|end| end == "nix");
            if is_nix {
                let goes = |part: Span| {
                    let part = part.range();
                    areas
                        .iter()
                        .any(|area| area.start <= part.start && part.end <= area.end)
                };
                let emptied: Vec<_> = rnix::Root::parse(&file.before)
                    .syntax()
                    .descendants()
                    .filter(|node| {
                        matches!(
                            node.kind(),
                            SyntaxKind::NODE_ATTR_SET | SyntaxKind::NODE_ATTRPATH_VALUE
                        )
                    })
                    .filter(|node| is_emptied(node, &goes))
                    .map(|node| with_trivia(&file.path, &file.before, with_operator(node)))
                    .map(Span::range)
                    .collect();
                areas.extend(emptied);
            }
            for edit in file.edits.iter() {
                let is_own = |at: usize| {
                    is_blank(&file.before, at) || areas.iter().any(|area| area.contains(&at))
                };
                if let Some(at) = edit.span.range().find(|at| !is_own(*at)) {
                    return fail(format!(
                        "{:?} becomes {:?}, and {:?} is nobody's:\n{}{:#?}",
                        &file.before[edit.span.range()],
                        edit.text,
                        &file.before[at..edit.span.end as usize],
                        file.before,
                        made.applied,
                    ));
                }
            }
            let mut left = comments(&file.path, &file.after);
            for comment in comments(&file.path, &file.before) {
                match left.iter().position(|other| *other == comment) {
                    Some(at) => drop(left.remove(at)),
                    None => return fail(format!("{comment:?} is lost in {}", file.after)),
                }
            }
            if let Some(comment) = left
                .iter()
                .find(|comment| !concern.comments.contains(comment))
            {
                return fail(format!("{comment:?} is new in {}", file.after));
            }
        }
        Ok(())
    });
}

fn is_blank(text: &str, at: usize) -> bool {
    text.as_bytes()[at].is_ascii_whitespace()
}

/// The same diagnostic, apart from the numbers of files and definitions.
fn same(one: &Diagnostic, other: &Diagnostic) -> bool {
    (
        one.rule,
        &one.message,
        one.place.span,
        one.fix.as_ref().map(|fix| &fix.title),
    ) == (
        other.rule,
        &other.message,
        other.place.span,
        other.fix.as_ref().map(|fix| &fix.title),
    )
}
