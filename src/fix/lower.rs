//! From the changes of a fix to edits of files.

use std::collections::BTreeMap;

use rnix::{SyntaxKind, SyntaxNode};

use super::draft::Draft;
use super::lines::{Escape, Line};
use super::rename::Way;
use super::tree::{Tree, bound_by, is_entry, length, path_names, path_nodes};
use super::{Refusal, insert, list, remove, rename, render, set, sharing, spot};
use crate::diagnostic::{Change, Fix, NewValue};
use crate::model::{Condition, DefId, Definition, Form, OptionPath, Order, Priority, Workspace};
use crate::syntax::Style;
use crate::syntax::bounds::on_large_stack;
use crate::text::{EditSet, FileFormat, FileId, Place, Span, TextEdit};

/// Turns a fix into edits of the files that it changes.
///
/// # Errors
/// Why no honest edit exists; the fix is for a person then.
pub fn lower(workspace: &Workspace, fix: &Fix) -> Result<BTreeMap<FileId, EditSet>, Refusal> {
    on_large_stack(|| lower_here(workspace, fix))
}

/// [`lower`] for threads that have the stack already.
pub(super) fn lower_here(
    workspace: &Workspace,
    fix: &Fix,
) -> Result<BTreeMap<FileId, EditSet>, Refusal> {
    let mut drafts = Drafts::new(workspace);
    drafts.apply(fix)?;
    Ok(drafts.edits())
}

/// Files while fixes are made to them, one after the other.
#[derive(Clone)]
pub(super) struct Drafts<'w> {
    workspace: &'w Workspace,
    drafts: BTreeMap<FileId, Draft>,
}

/// The statement of a definition in a tree.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// A binding or an `inherit`.
    pub node: SyntaxNode,
    /// How many names of the binding's path belong to the option; a longer path defines a part
    /// of it.
    pub end: usize,
}

impl<'w> Drafts<'w> {
    pub fn new(workspace: &'w Workspace) -> Self {
        Self {
            workspace,
            drafts: BTreeMap::new(),
        }
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

    fn definition(&self, id: DefId) -> Result<&'w Definition, Refusal> {
        self.workspace.definition(id).ok_or(Refusal::NotFound)
    }

    fn draft(&mut self, file: FileId) -> Result<&mut Draft, Refusal> {
        let source = self.workspace.file(file).ok_or(Refusal::NotFound)?;
        Ok(self
            .drafts
            .entry(file)
            .or_insert_with(|| Draft::new(source.text())))
    }

    fn format(&self, file: FileId) -> Option<FileFormat> {
        self.workspace.file(file).map(|source| source.format())
    }

    /// Looks at the draft of a Nix file and edits it.
    fn edit(
        &mut self,
        file: FileId,
        work: impl FnOnce(&Draft, &Tree<'_>, &Style) -> Result<EditSet, Refusal>,
    ) -> Result<(), Refusal> {
        let draft = self.draft(file)?;
        let tree = Tree::parse(draft.text())?;
        let style = Style::of(&tree.root);
        let edits = work(draft, &tree, &style)?;
        draft.apply(&edits)?;
        Ok(())
    }

    /// Edits the line of a definition.
    fn edit_line(
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
            let edits = work(&Line::read(text, area, Escape::None, newline, words)?)?;
            draft.apply(&edits)?;
            return Ok(());
        }
        self.edit(place.file, |draft, tree, style| {
            let words = draft.locate(place.span).ok_or(Refusal::Conflict)?;
            let (token, escape) = list::content(tree, words).ok_or(Refusal::NotFound)?;
            let area = tree.token_span(&token);
            work(&Line::read(tree.text, area, escape, style.newline, words)?)
        })
    }

    fn change(&mut self, change: &Change) -> Result<(), Refusal> {
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
                items
                    .iter()
                    .try_for_each(|item| self.list_remove(definition, *item))
            }
            Change::ListReplace {
                definition,
                item,
                with,
            } => self.list_replace(self.definition(*definition)?, *item, with),
        }
    }

    fn set(&mut self, definition: &Definition, value: &NewValue) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine | Form::TextLine => self.edit_line(definition, |line| line.set(value)),
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                let site = definition
                    .value
                    .site
                    .filter(|site| site.file == place.file && place.span.contains(site.span));
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let site = site.and_then(|site| draft.locate(site.span));
                    set::binding(tree, style, &entry, site, &definition.option, value)
                })
            }
            Form::Inherit => {
                let (place, name) = (statement(definition)?, name(definition)?);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                    let text = |indent: &str| render::expression(value, style, indent);
                    let leaf = definition.option.leaf();
                    set::inherited(tree, style, &entry, name, &definition.option, &text, leaf)
                })
            }
        }
    }

    fn remove(&mut self, definition: &Definition) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine => self.edit_line(definition, |line| line.remove()),
            Form::TextLine => {
                self.edit_line(definition, |line| line.remove())?;
                self.remove_empty_text(definition)
            }
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    if !entry.is_scattered() {
                        return remove::entry(tree, style, &entry.node, &definition.option, &[]);
                    }
                    let mut edits = EditSet::new();
                    for part in entry.parts() {
                        let part = remove::entry(tree, style, &part, &definition.option, &[])?;
                        edits.extend(&part).map_err(|_| Refusal::Scattered)?;
                    }
                    Ok(edits)
                })
            }
            Form::Inherit => {
                let (place, name) = (statement(definition)?, name(definition)?);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                    remove::inherited(tree, style, &entry.node, name, &definition.option)
                })
            }
        }
    }

    /// Takes out the binding of a string that has lost its last line.
    fn remove_empty_text(&mut self, definition: &Definition) -> Result<(), Refusal> {
        let Some(text) = self.text_definition(definition) else {
            return Ok(());
        };
        let place = statement(text)?;
        self.edit(place.file, |draft, tree, style| {
            let Some(entry) = entry(draft, tree, text).ok() else {
                return Ok(EditSet::new());
            };
            let value = super::tree::value_of(&entry.node).ok_or(Refusal::NotFound)?;
            let source = tree.slice(tree.node_span(&value));
            let empty = value.kind() == SyntaxKind::NODE_STRING
                && source.trim_matches(['"', '\'']).trim().is_empty();
            if !empty || entry.is_scattered() {
                return Ok(EditSet::new());
            }
            remove::entry(tree, style, &entry.node, &text.option, &[])
        })
    }

    /// The definition whose string holds a line.
    fn text_definition(&self, line: &Definition) -> Option<&'w Definition> {
        let place = line.statement?;
        self.workspace.definitions().iter().find(|definition| {
            definition.form == Form::Binding
                && definition.option == line.option
                && definition.statement.is_some_and(|statement| {
                    statement.file == place.file && statement.span.contains(place.span)
                })
        })
    }

    fn rename(&mut self, definition: &Definition, to: &OptionPath) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine => match conf_key(to) {
                Some(key) => self.edit_line(definition, |line| line.rename(key)),
                None => Err(Refusal::OptionNotInConf(to.to_string())),
            },
            Form::TextLine => match conf_key(to) {
                Some(key) => self.edit_line(definition, |line| line.rename(key)),
                None => {
                    let value = line_value(definition)?;
                    self.insert(definition, to, &value, None)?;
                    self.remove(definition)
                }
            },
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => self.rename_binding(definition, to),
            Form::Inherit => self.rename_inherited(definition, to),
        }
    }

    fn rename_binding(&mut self, definition: &Definition, to: &OptionPath) -> Result<(), Refusal> {
        let place = statement(definition)?;
        let from = &definition.option;
        let mut counts = None;
        self.edit(place.file, |draft, tree, style| {
            let entry = entry(draft, tree, definition)?;
            match rename::way(tree, &entry, from, to)? {
                Way::InPlace(edits) => Ok(edits),
                Way::Move => {
                    let near = spot::Near {
                        entry: &entry,
                        option: from,
                        bare: is_bare(definition),
                        uses_names: super::sharing::uses_names(&entry.node),
                    };
                    let spot = spot::find(&near, to)?;
                    let luggage = rename::luggage(tree, &entry.node)?;
                    counts = Some(luggage.counts);
                    let new = insert::NewBinding {
                        value: &|indent| luggage.value_at(indent, style),
                        above: luggage.above.clone(),
                        behind: luggage.behind.clone(),
                    };
                    insert::at(tree, style, &spot, &new)
                }
            }
        })?;
        let Some((above, behind)) = counts else {
            return Ok(());
        };
        // The new binding stands; now the old one goes, with the comments that moved.
        self.edit(place.file, |draft, tree, style| {
            let entry = entry(draft, tree, definition)?;
            let leading = tree.leading_comments(&entry.node);
            let skipped = leading.len().saturating_sub(above);
            let moved: Vec<_> = leading
                .into_iter()
                .skip(skipped)
                .chain(tree.comments_in(&entry.node))
                .chain(tree.trailing_comments(&entry.node).into_iter().take(behind))
                .collect();
            remove::entry(tree, style, &entry.node, from, &moved)
        })
    }

    fn rename_inherited(
        &mut self,
        definition: &Definition,
        to: &OptionPath,
    ) -> Result<(), Refusal> {
        let (place, name) = (statement(definition)?, name(definition)?);
        let from = &definition.option;
        if from.parent() == to.parent() {
            return self.edit(place.file, |draft, tree, style| {
                let entry = entry(draft, tree, definition)?;
                let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                let value = rename::inherited_value(tree, &entry.node, name)?;
                // Refuses a name that is there already.
                let near = spot::Near {
                    entry: &entry,
                    option: from,
                    bare: true,
                    uses_names: true,
                };
                spot::find(&near, to)?;
                let text = |_: &str| value.clone();
                set::inherited(tree, style, &entry, name, from, &text, to.leaf())
            });
        }
        self.edit(place.file, |draft, tree, style| {
            let entry = entry(draft, tree, definition)?;
            let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
            let value = rename::inherited_value(tree, &entry.node, name)?;
            let near = spot::Near {
                entry: &entry,
                option: from,
                bare: is_bare(definition),
                uses_names: true,
            };
            let spot = spot::find(&near, to)?;
            let new = insert::NewBinding {
                value: &|_| value.clone(),
                above: Vec::new(),
                behind: None,
            };
            insert::at(tree, style, &spot, &new)
        })?;
        self.remove(definition)
    }

    fn insert(
        &mut self,
        near: &Definition,
        option: &OptionPath,
        value: &NewValue,
        comment: Option<&str>,
    ) -> Result<(), Refusal> {
        let is_line = match near.form {
            Form::ConfLine => true,
            Form::TextLine => option.names().len() == 1,
            _ => false,
        };
        if is_line {
            let key =
                conf_key(option).ok_or_else(|| Refusal::OptionNotInConf(option.to_string()))?;
            return self.edit_line(near, |line| line.insert(key, value, comment));
        }
        if near.form == Form::Computed {
            return Err(Refusal::Computed);
        }
        let place = statement(near)?;
        self.edit(place.file, |draft, tree, style| {
            let entry = match near.form {
                Form::TextLine => {
                    let words = draft.locate(place.span).ok_or(Refusal::Conflict)?;
                    let (token, _) = list::content(tree, words).ok_or(Refusal::NotFound)?;
                    let string = token.parent().ok_or(Refusal::NotFound)?;
                    let node = bound_by(&string).ok_or(Refusal::NotFound)?;
                    let end = path_nodes(&node).len();
                    Entry { node, end }
                }
                _ => statement_entry(draft, tree, near)?,
            };
            let near = spot::Near {
                entry: &entry,
                option: &near.option,
                bare: near.condition == Condition::Always,
                uses_names: false,
            };
            let spot = spot::find(&near, option)?;
            let new = insert::NewBinding {
                value: &|indent| render::expression(value, style, indent),
                above: comment.map(render::comment).unwrap_or_default(),
                behind: None,
            };
            insert::at(tree, style, &spot, &new)
        })
    }

    fn list_add(&mut self, definition: &Definition, items: &[String]) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine | Form::TextLine => self.edit_line(definition, |line| line.add(items)),
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                let site = definition
                    .value
                    .site
                    .filter(|site| site.file == place.file && place.span.contains(site.span));
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let node = site
                        .and_then(|site| draft.locate(site.span))
                        .and_then(|site| tree.expression(site))
                        .or_else(|| super::tree::value_of(&entry.node))
                        .ok_or(Refusal::NotFound)?;
                    list::add(tree, style, &node, &definition.value.value, items)
                })
            }
            Form::Inherit => {
                let (place, name) = (statement(definition)?, name(definition)?);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                    let source = rename::inherited_value(tree, &entry.node, name)?;
                    let items = items.iter().cloned().map(NewValue::Str).collect();
                    let items = NewValue::List(items);
                    let text = |indent: &str| {
                        let added = render::expression(&items, style, indent);
                        format!("{source} ++ {added}")
                    };
                    let leaf = definition.option.leaf();
                    set::inherited(tree, style, &entry, name, &definition.option, &text, leaf)
                })
            }
        }
    }

    fn list_remove(&mut self, definition: &Definition, item: Place) -> Result<(), Refusal> {
        if self.format(item.file) == Some(FileFormat::Conf) {
            let draft = self.draft(item.file)?;
            let span = draft.locate(item.span).ok_or(Refusal::Conflict)?;
            let text = draft.text();
            let area = Span::new(0, length(text));
            let mut edits = EditSet::new();
            edits.insert(TextEdit {
                span: super::lines::word(text, area, span),
                text: String::new(),
            })?;
            draft.apply(&edits)?;
            return Ok(());
        }
        self.edit(item.file, |draft, tree, style| {
            let span = draft.locate(item.span).ok_or(Refusal::Conflict)?;
            unshared(draft, tree, definition, item)?;
            list::take_out(
                tree,
                style,
                span,
                statement_in(draft, definition, item.file),
            )
        })
    }

    fn list_replace(
        &mut self,
        definition: &Definition,
        item: Place,
        with: &str,
    ) -> Result<(), Refusal> {
        if self.format(item.file) == Some(FileFormat::Conf) {
            let text = render::conf(&NewValue::List(vec![NewValue::Str(with.to_owned())]))
                .ok_or(Refusal::NotInConf)?;
            let draft = self.draft(item.file)?;
            let span = draft.locate(item.span).ok_or(Refusal::Conflict)?;
            let mut edits = EditSet::new();
            edits.insert(TextEdit { span, text })?;
            draft.apply(&edits)?;
            return Ok(());
        }
        self.edit(item.file, |draft, tree, _| {
            let span = draft.locate(item.span).ok_or(Refusal::Conflict)?;
            unshared(draft, tree, definition, item)?;
            list::replace(tree, span, with, statement_in(draft, definition, item.file))
        })
    }
}

fn statement(definition: &Definition) -> Result<Place, Refusal> {
    definition.statement.ok_or(Refusal::NotFound)
}

fn name(definition: &Definition) -> Result<Place, Refusal> {
    definition.name.ok_or(Refusal::NotFound)
}

/// Where a definition's statement stands in the draft of a file; `None` in any other file.
fn statement_in(draft: &Draft, definition: &Definition, file: FileId) -> Option<Span> {
    let place = definition.statement.filter(|place| place.file == file)?;
    draft.locate(place.span)
}

/// Refuses an element of a statement whose value others use.
fn unshared(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
    item: Place,
) -> Result<(), Refusal> {
    let inside = definition
        .statement
        .is_some_and(|place| place.file == item.file && place.span.contains(item.span));
    if inside && definition.form == Form::Binding {
        entry(draft, tree, definition)?;
    }
    Ok(())
}

/// Finds the statement of a definition that changes.
fn entry(draft: &Draft, tree: &Tree<'_>, definition: &Definition) -> Result<Entry, Refusal> {
    let entry = statement_entry(draft, tree, definition)?;
    let name = definition.name.and_then(|name| draft.locate(name.span));
    sharing::name(&entry.node, tree, name)?;
    Ok(entry)
}

/// Finds a definition's statement in the tree of its draft.
fn statement_entry(
    draft: &Draft,
    tree: &Tree<'_>,
    definition: &Definition,
) -> Result<Entry, Refusal> {
    let span = draft
        .locate(statement(definition)?.span)
        .ok_or(Refusal::Conflict)?;
    let node = tree
        .exact(span, |kind| {
            matches!(
                kind,
                SyntaxKind::NODE_ATTRPATH_VALUE | SyntaxKind::NODE_INHERIT
            )
        })
        .filter(is_entry)
        .ok_or(Refusal::NotFound)?;
    if path_names(&node).is_none() && node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE {
        return Err(Refusal::Computed);
    }
    let name = definition.name.and_then(|name| draft.locate(name.span));
    let nodes = path_nodes(&node);
    let end = name
        .and_then(|name| nodes.iter().position(|node| tree.node_span(node) == name))
        .map_or(nodes.len(), |index| index + 1);
    sharing::statement(&node, tree, &definition.option, end)?;
    Ok(Entry { node, end })
}

/// True when nothing that stands around a definition decides whether, or how strongly, it counts.
fn is_bare(definition: &Definition) -> bool {
    definition.condition == Condition::Always
        && definition.priority == Priority::NORMAL
        && definition.order == Order::NORMAL
}

/// The `nix.conf` key of an option; `None` for options that are none.
pub(super) fn conf_key(option: &OptionPath) -> Option<&str> {
    let parent = option.parent().to_string();
    let fits = parent.is_empty()
        || parent == "nix.extraOptions"
        || crate::model::SETTINGS_SETS.contains(&parent.as_str());
    fits.then(|| option.leaf())
}

/// The value of a line as a module would write it.
pub(super) fn line_value(definition: &Definition) -> Result<NewValue, Refusal> {
    let text = definition.value.value.as_str().ok_or(Refusal::Computed)?;
    Ok(match text {
        "true" => NewValue::Bool(true),
        "false" => NewValue::Bool(false),
        _ => match text.parse::<i64>() {
            Ok(number) => NewValue::Int(number),
            Err(_) => NewValue::Str(text.to_owned()),
        },
    })
}
