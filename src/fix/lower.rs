//! From the changes of a fix to edits of files.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Arc, Mutex};

use rowan::GreenNode;

use super::draft::Draft;
use super::lines::{Escape, Line};
use super::protection::{Guard, unguarded};
use super::tree::{Tree, length};
use super::{Refusal, imports, list, sharing};
use crate::diagnostic::{Change, Fix, NewValue};
use crate::model::{DefId, Definition, Workspace};
use crate::syntax::Style;
use crate::syntax::bounds::on_large_stack;
use crate::text::{EditSet, FileFormat, FileId, Place, Span};

/// Turns a fix into edits of the files that it changes, whether or not these may be written.
///
/// # Errors
/// Why no honest edit exists; the fix is for a person then.
pub fn lower(workspace: &Workspace, fix: &Fix) -> Result<BTreeMap<FileId, EditSet>, Refusal> {
    on_large_stack(|| Drafts::new(workspace, &unguarded).lower(fix))
}

/// Files while fixes are made to them, one after the other.
#[derive(Clone)]
pub(super) struct Drafts<'w> {
    pub(super) workspace: &'w Workspace,
    /// Asked before a file is changed for the first time.
    guard: &'w Guard<'w>,
    drafts: BTreeMap<FileId, Draft>,
    /// The trees of files as they were read, shared by all that start from them: a file is
    /// parsed once for all fixes that are tried alone.
    originals: Arc<Mutex<BTreeMap<FileId, (GreenNode, Style)>>>,
    pub(super) wishes: Wishes,
}

/// The values that all fixes which are made together want, with the statements that shall have
/// them.
#[derive(Clone, Default)]
pub(super) struct Wishes(Arc<[(Place, NewValue)]>);

impl Wishes {
    /// True when the statement that holds a place of a draft shall have a value.
    pub fn hold(&self, draft: &Draft, file: FileId, at: Span, value: &NewValue) -> bool {
        self.0.iter().any(|(statement, wish)| {
            let is_here = || {
                draft
                    .locate(statement.span)
                    .is_some_and(|it| it.contains(at))
            };
            statement.file == file && wish == value && is_here()
        })
    }
}

impl<'w> Drafts<'w> {
    pub fn new(workspace: &'w Workspace, guard: &'w Guard<'w>) -> Self {
        Self {
            workspace,
            guard,
            drafts: BTreeMap::new(),
            originals: Arc::default(),
            wishes: Wishes::default(),
        }
    }

    /// These drafts, for fixes that will be made together: what all of them want of a shared value
    /// is done to it.
    pub fn expecting<'f>(&self, fixes: impl Iterator<Item = &'f Fix>) -> Self {
        let wishes = fixes.flat_map(|fix| &fix.changes).filter_map(|change| {
            let Change::Set { definition, value } = change else {
                return None;
            };
            let statement = self.workspace.definition(*definition)?.statement?;
            Some((statement, value.clone()))
        });
        Self {
            wishes: Wishes(wishes.collect()),
            ..self.clone()
        }
    }

    /// The edits of one fix, these drafts left as they are.
    pub fn lower(&self, fix: &Fix) -> Result<BTreeMap<FileId, EditSet>, Refusal> {
        let mut drafts = self.expecting(std::iter::once(fix));
        drafts.apply(fix)?;
        Ok(drafts.edits())
    }

    /// Makes all changes of a fix, or none.
    pub fn apply(&mut self, fix: &Fix) -> Result<(), Refusal> {
        let mut next = self.clone();
        for change in &fix.changes {
            next.change(change)?;
        }
        *self = next;
        Ok(())
    }

    /// The differences of the files that changed.
    pub fn edits(&self) -> BTreeMap<FileId, EditSet> {
        self.drafts
            .iter()
            .map(|(file, draft)| (*file, draft.edits()))
            .filter(|(_, edits)| !edits.is_empty())
            .collect()
    }

    /// The new texts of the files that changed.
    pub fn texts(&self) -> impl Iterator<Item = (FileId, &str)> {
        self.drafts
            .iter()
            .filter(|(_, draft)| !draft.edits().is_empty())
            .map(|(file, draft)| (*file, draft.text()))
    }

    pub(super) fn definition(&self, id: DefId) -> Result<&'w Definition, Refusal> {
        self.workspace.definition(id).ok_or(Refusal::NotFound)
    }

    pub(super) fn draft(&mut self, file: FileId) -> Result<&mut Draft, Refusal> {
        match self.drafts.entry(file) {
            Entry::Occupied(draft) => Ok(draft.into_mut()),
            Entry::Vacant(slot) => {
                let source = self.workspace.file(file).ok_or(Refusal::NotFound)?;
                if let Some(why) = (self.guard)(source) {
                    let file = Arc::clone(source.name());
                    return Err(Refusal::Protected { file, why });
                }
                Ok(slot.insert(Draft::new(source.text())))
            }
        }
    }

    pub(super) fn format(&self, file: FileId) -> Option<FileFormat> {
        self.workspace.file(file).map(|source| source.format())
    }

    /// Looks at the draft of a Nix file and edits it.
    pub(super) fn edit(
        &mut self,
        file: FileId,
        work: impl FnOnce(&Draft, &Tree<'_>, &Style) -> Result<EditSet, Refusal>,
    ) -> Result<(), Refusal> {
        let originals = Arc::clone(&self.originals);
        let draft = self.draft(file)?;
        let known = originals
            .lock()
            .ok()
            .filter(|_| draft.is_original())
            .and_then(|originals| originals.get(&file).cloned());
        let (tree, style) = match known {
            Some((green, style)) => (Tree::again(draft.text(), &green), style),
            None => {
                let tree = Tree::parse(draft.text())?;
                let style = Style::of(&tree.root);
                if draft.is_original()
                    && let Ok(mut originals) = originals.lock()
                {
                    let green = tree.root.green().to_owned();
                    originals.insert(file, (green, style.clone()));
                }
                (tree, style)
            }
        };
        let edits = work(draft, &tree, &style)?;
        draft.apply(&edits)?;
        Ok(())
    }

    /// Edits the line of a definition.
    pub(super) fn edit_line(
        &mut self,
        definition: &Definition,
        work: impl FnOnce(&Line<'_>) -> Result<EditSet, Refusal>,
    ) -> Result<(), Refusal> {
        let place = definition.statement.ok_or(Refusal::Computed)?;
        if self.format(place.file) == Some(FileFormat::Conf) {
            let draft = self.draft(place.file)?;
            let text = draft.text();
            let area = Span::new(0, length(text));
            let words = draft.locate(place.span).ok_or(Refusal::Conflict)?;
            let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
            let line = Line::read(text, area, Escape::None, newline, words)?;
            let edits = work(&line.in_draft(draft))?;
            draft.apply(&edits)?;
            return Ok(());
        }
        self.edit(place.file, |draft, tree, style| {
            let words = draft.locate(place.span).ok_or(Refusal::Conflict)?;
            let (token, escape) = list::content(tree, words).ok_or(Refusal::NotFound)?;
            sharing::line(tree, words)?;
            let area = tree.token_span(&token);
            let line = Line::read(tree.text, area, escape, style.newline, words)?;
            work(&line.in_draft(draft))
        })
    }

    /// Refuses a definition of which other values are made, too, because they import its file.
    fn imported_alone(&mut self, definition: &Definition) -> Result<(), Refusal> {
        let Some(place) = definition.statement else {
            return Ok(());
        };
        if self.format(place.file) != Some(FileFormat::Nix) {
            return Ok(());
        }
        let mut is_part = false;
        self.edit(place.file, |draft, tree, _| {
            is_part = imports::is_part(draft, tree, definition);
            Ok(EditSet::new())
        })?;
        if is_part {
            imports::alone(self.workspace, definition)?;
        }
        Ok(())
    }

    fn change(&mut self, change: &Change) -> Result<(), Refusal> {
        self.imported_alone(self.definition(change.definition())?)?;
        match change {
            Change::Set { definition, value } => self.set(self.definition(*definition)?, value),
            Change::Remove { definition } => self.remove(self.definition(*definition)?),
            Change::Rename { definition, to } => self.rename(self.definition(*definition)?, to),
            Change::Insert {
                near,
                option,
                value,
                comment,
            } => self.insert(self.definition(*near)?, option, value, comment.as_deref()),
            Change::ListAdd { definition, items } => {
                self.list_add(self.definition(*definition)?, items)
            }
            Change::ListRemove { definition, items } => {
                let definition = self.definition(*definition)?;
                let mut next = self.clone();
                match items
                    .iter()
                    .try_for_each(|item| next.list_remove(definition, *item))
                {
                    Ok(()) => *self = next,
                    Err(Refusal::Shared) => self.list_spelled_out(definition, items, None)?,
                    Err(refusal) => return Err(refusal),
                }
                Ok(())
            }
            Change::ListReplace {
                definition,
                item,
                with,
            } => {
                let definition = self.definition(*definition)?;
                match self.list_replace(definition, *item, with) {
                    Err(Refusal::Shared) => self.list_spelled_out(definition, &[*item], Some(with)),
                    result => result,
                }
            }
        }
    }
}
