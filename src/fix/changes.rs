//! Each kind of change, for each form in which a definition can be written.

use rnix::SyntaxKind;

use super::entry::{
    Entry, entry, holds_everywhere, is_bare, is_one_of_several, name, readings_of, shared_entry,
    site_in, statement, statement_in, unshared,
};
use super::lower::Drafts;
use super::rename::Way;
use super::tree::{Tree, length, path_nodes};
use super::{Refusal, insert, list, origin, remove, rename, render, set, sharing, spot, uses};
use crate::diagnostic::NewValue;
use crate::model::{Definition, Form, OptionPath, Order, Priority};
use crate::syntax::Style;
use crate::text::{EditSet, FileFormat, Place, Span, TextEdit};

impl<'w> Drafts<'w> {
    pub(super) fn set(&mut self, definition: &Definition, value: &NewValue) -> Result<(), Refusal> {
        let is_line = matches!(definition.form, Form::ConfLine | Form::TextLine);
        match self.set_where_written(definition, value) {
            Err(Refusal::Shared) if !is_line => {
                let text =
                    |_: &str, style: &Style, indent: &str| render::expression(value, style, indent);
                self.put_at_uses(definition, &definition.option, &text, None)
            }
            result => result,
        }
    }

    fn set_where_written(
        &mut self,
        definition: &Definition,
        value: &NewValue,
    ) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine | Form::TextLine => self.edit_line(definition, |line| line.set(value)),
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                let site = site_in(definition, place);
                let origin = self.own_origin(definition, place);
                let wishes = self.wishes.clone();
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let site = site.and_then(|site| draft.locate(site.span));
                    let use_of = site
                        .and_then(|site| tree.expression(site))
                        .or_else(|| super::tree::value_of(&entry.node));
                    let sole = origin
                        .and_then(|origin| draft.locate_new(origin))
                        .zip(use_of.as_ref())
                        .and_then(|(origin, use_of)| {
                            origin::sole(tree, use_of, origin).or_else(|| {
                                let (written, uses) = origin::shared(tree, use_of, origin)?;
                                let all = uses.iter().all(|one| {
                                    let at = tree.node_span(one);
                                    wishes.hold(draft, place.file, at, value)
                                });
                                all.then_some(written)
                            })
                        });
                    if let Some(sole) = sole.filter(|_| !entry.is_scattered()) {
                        return set::expression(tree, style, &sole, value);
                    }
                    if use_of.is_some_and(|use_of| origin::brings_wrapper(&use_of)) {
                        return Err(Refusal::Wrapped);
                    }
                    set::binding(tree, style, &entry, site, &definition.option, value)
                })
            }
            Form::Inherit => {
                let (place, name) = (statement(definition)?, name(definition)?);
                let origin = self.own_origin(definition, place);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                    let sole = origin
                        .and_then(|origin| draft.locate_new(origin))
                        .and_then(|origin| origin::sole_inherited(tree, &entry.node, name, origin));
                    if let Some(sole) = sole {
                        return set::expression(tree, style, &sole, value);
                    }
                    unwrapped(definition)?;
                    let text = |indent: &str| render::expression(value, style, indent);
                    let leaf = definition.option.leaf();
                    set::inherited(tree, style, &entry, name, &definition.option, &text, leaf)
                })
            }
        }
    }

    /// Writes a setting where the set that holds a definition is used, because others use the set,
    /// too: `common // { max-jobs = 4; }`. `value` gives its text for what the shared one is called
    /// there (`common.max-jobs`) and an indentation.
    fn put_at_uses(
        &mut self,
        near: &Definition,
        option: &OptionPath,
        value: &dyn Fn(&str, &Style, &str) -> String,
        comment: Option<&str>,
    ) -> Result<(), Refusal> {
        let place = statement(near)?;
        let name = option.names().last().ok_or(Refusal::NotFound)?;
        self.edit(place.file, |draft, tree, style| {
            let entry = shared_entry(draft, tree, near)?;
            let uses = uses::of(tree, &entry, &near.option)
                .filter(|uses| uses.option == option.parent() && !uses.own.is_empty())
                .ok_or(Refusal::Shared)?;
            let mut edits = EditSet::new();
            for one in &uses.own {
                let shared = format!("{}.{}", one.name.text(), render::name(name));
                let new = insert::NewBinding {
                    value: &|indent| value(&shared, style, indent),
                    above: comment.map(render::comment).unwrap_or_default(),
                    behind: None,
                };
                edits.extend(&one.put(tree, style, name, &new)?)?;
            }
            Ok(edits)
        })
    }

    /// Where the value of a definition is written, if in the same file and if every machine that
    /// reads the statement gets it from there.
    fn own_origin(&self, definition: &Definition, statement: Place) -> Option<Span> {
        let origin = definition.value.origin?;
        let is_own = origin.file == statement.file
            && readings_of(self.workspace, definition)
                .all(|other| other.value.origin == definition.value.origin);
        is_own.then_some(origin.span)
    }

    pub(super) fn remove(&mut self, definition: &Definition) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine => self.edit_line(definition, |line| line.remove()),
            Form::TextLine => {
                self.edit_line(definition, |line| line.remove())?;
                self.remove_empty_text(definition)
            }
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                let is_one_of_several = is_one_of_several(self.workspace, definition);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    if is_one_of_several {
                        let site =
                            site_in(definition, place).and_then(|site| draft.locate(site.span));
                        let value = site.and_then(|site| tree.expression(site));
                        return remove::merged(tree, &value.ok_or(Refusal::NotAnElement)?);
                    }
                    if !entry.is_scattered() {
                        return remove::entry(tree, style, &entry.node, &definition.option, &[]);
                    }
                    remove::entries_together(tree, style, &entry.parts(), &definition.option)
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

    /// The definition whose text holds a line, be it that a name stands for the text.
    fn text_definition(&self, line: &Definition) -> Option<&'w Definition> {
        let place = line.statement?;
        self.workspace.definitions().iter().find(|definition| {
            let holds = |outer: Place| outer.file == place.file && outer.span.contains(place.span);
            definition.form == Form::Binding
                && definition.option == line.option
                && (definition.statement.is_some_and(holds)
                    || definition.value.origin.is_some_and(holds))
        })
    }

    pub(super) fn rename(
        &mut self,
        definition: &Definition,
        to: &OptionPath,
    ) -> Result<(), Refusal> {
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
            Form::Binding => {
                fits_file(definition, to)?;
                self.rename_binding(definition, to)
            }
            Form::Inherit => {
                fits_file(definition, to)?;
                self.rename_inherited(definition, to)
            }
        }
    }

    fn rename_binding(&mut self, definition: &Definition, to: &OptionPath) -> Result<(), Refusal> {
        let place = statement(definition)?;
        let from = &definition.option;
        let bare = is_bare(self.workspace, definition);
        let mut counts = None;
        self.edit(place.file, |draft, tree, style| {
            let entry = entry(draft, tree, definition)?;
            match rename::way(tree, &entry, from, to)? {
                Way::InPlace(edits) => Ok(edits),
                Way::Move => {
                    let uses_names = sharing::uses_names(&entry.node);
                    let at_use = where_used(tree, &entry, from, to);
                    if at_use.is_some() && uses_names {
                        return Err(Refusal::Scoped);
                    }
                    if at_use.is_some() && !bare {
                        return Err(Refusal::Wrapped);
                    }
                    let (near, option) = at_use.unwrap_or_else(|| (entry.clone(), from.clone()));
                    let near = spot::Near {
                        entry: &near,
                        option: &option,
                        bare,
                        takes_conditions: false,
                        uses_names,
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
                    takes_conditions: false,
                    uses_names: true,
                };
                spot::find(&near, to)?;
                let text = |_: &str| value.clone();
                set::inherited(tree, style, &entry, name, from, &text, to.leaf())
            });
        }
        let bare = is_bare(self.workspace, definition);
        self.edit(place.file, |draft, tree, style| {
            let entry = entry(draft, tree, definition)?;
            let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
            let value = rename::inherited_value(tree, &entry.node, name)?;
            let near = spot::Near {
                entry: &entry,
                option: from,
                bare,
                takes_conditions: false,
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

    pub(super) fn insert(
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
        fits_file(near, option)?;
        match self.insert_binding(near, option, value, comment) {
            Err(Refusal::Shared) => {
                let text =
                    |_: &str, style: &Style, indent: &str| render::expression(value, style, indent);
                self.put_at_uses(near, option, &text, comment)
            }
            result => result,
        }
    }

    fn insert_binding(
        &mut self,
        near: &Definition,
        option: &OptionPath,
        value: &NewValue,
        comment: Option<&str>,
    ) -> Result<(), Refusal> {
        let place = statement(near)?;
        let bare = holds_everywhere(self.workspace, near);
        let text = self.text_definition(near);
        self.edit(place.file, |draft, tree, style| {
            let (entry, near_option) = match near.form {
                Form::TextLine => {
                    let text = text.ok_or(Refusal::NotFound)?;
                    (shared_entry(draft, tree, text)?, text.option.clone())
                }
                _ => {
                    let entry = shared_entry(draft, tree, near)?;
                    match where_used(tree, &entry, &near.option, option) {
                        Some(at_use) => at_use,
                        None => {
                            sharing::statement(&entry, tree, &near.option)?;
                            (entry, near.option.clone())
                        }
                    }
                }
            };
            let near = spot::Near {
                entry: &entry,
                option: &near_option,
                bare,
                takes_conditions: true,
                uses_names: false,
            };
            let spot = spot::find(&near, option)?;
            let conditions = insert::Conditions::of(tree, &spot)?;
            let new = insert::NewBinding {
                value: &|indent| conditions.around(value, style, indent),
                above: comment.map(render::comment).unwrap_or_default(),
                behind: None,
            };
            insert::at(tree, style, &spot, &new)
        })
    }

    pub(super) fn list_add(
        &mut self,
        definition: &Definition,
        items: &[String],
    ) -> Result<(), Refusal> {
        match self.list_add_where_written(definition, items) {
            Err(Refusal::Shared) if definition.value.value.as_list().is_some() => {
                let added = NewValue::List(items.iter().cloned().map(NewValue::Str).collect());
                let text = |shared: &str, style: &Style, indent: &str| {
                    let added = render::expression(&added, style, indent);
                    format!("{shared} ++ {added}")
                };
                self.put_at_uses(definition, &definition.option, &text, None)
            }
            result => result,
        }
    }

    fn list_add_where_written(
        &mut self,
        definition: &Definition,
        items: &[String],
    ) -> Result<(), Refusal> {
        match definition.form {
            Form::ConfLine | Form::TextLine => self.edit_line(definition, |line| line.add(items)),
            Form::Computed => Err(Refusal::Computed),
            Form::Binding => {
                let place = statement(definition)?;
                let site = site_in(definition, place);
                let origin = self.own_origin(definition, place);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let node = site
                        .and_then(|site| draft.locate(site.span))
                        .and_then(|site| tree.expression(site))
                        .or_else(|| super::tree::value_of(&entry.node))
                        .ok_or(Refusal::NotFound)?;
                    let sole = origin
                        .and_then(|origin| draft.locate_new(origin))
                        .and_then(|origin| origin::sole(tree, &node, origin));
                    if sole.is_none() && origin::brings_wrapper(&node) {
                        return Err(Refusal::Wrapped);
                    }
                    let node = sole.unwrap_or(node);
                    list::add(tree, style, &node, &definition.value.value, items)
                })
            }
            Form::Inherit => {
                let (place, name) = (statement(definition)?, name(definition)?);
                let origin = self.own_origin(definition, place);
                self.edit(place.file, |draft, tree, style| {
                    let entry = entry(draft, tree, definition)?;
                    let name = draft.locate(name.span).ok_or(Refusal::Conflict)?;
                    let sole = origin
                        .and_then(|origin| draft.locate_new(origin))
                        .and_then(|origin| origin::sole_inherited(tree, &entry.node, name, origin));
                    if let Some(sole) = sole {
                        return list::add(tree, style, &sole, &definition.value.value, items);
                    }
                    unwrapped(definition)?;
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

    pub(super) fn list_remove(
        &mut self,
        definition: &Definition,
        item: Place,
    ) -> Result<(), Refusal> {
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

    /// Where a list comes from a place that others read, too: writes it out where it is used,
    /// without the items, or with something else instead.
    pub(super) fn list_spelled_out(
        &mut self,
        definition: &Definition,
        items: &[Place],
        with: Option<&str>,
    ) -> Result<(), Refusal> {
        let list = definition.value.value.as_list().ok_or(Refusal::Shared)?;
        let everywhere = readings_of(self.workspace, definition)
            .all(|other| other.value.value == definition.value.value);
        let listed = |item: &Place| list.iter().any(|element| element.site == Some(*item));
        if !everywhere || !items.iter().all(listed) {
            return Err(Refusal::Shared);
        }
        let mut new = Vec::new();
        for element in list {
            let is_named = element.site.is_some_and(|site| items.contains(&site));
            let text = match (is_named, with) {
                (true, None) => continue,
                (true, Some(with)) => with,
                (false, _) => element.value.as_str().ok_or(Refusal::Shared)?,
            };
            new.push(NewValue::Str(text.to_owned()));
        }
        self.set(definition, &NewValue::List(new))
    }

    pub(super) fn list_replace(
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

/// For an option that has no place in the set around an entry: the binding whose value the set is,
/// and the option that it defines. `None` where the set has a place for it, or where no single
/// binding is.
fn where_used(
    tree: &Tree<'_>,
    entry: &Entry,
    near: &OptionPath,
    option: &OptionPath,
) -> Option<(Entry, OptionPath)> {
    spot::no_place(&entry.node, near, entry.end, option)?;
    let uses = uses::of(tree, entry, near)?;
    let [only] = uses.own.as_slice() else {
        return None;
    };
    let node = only.entry.clone();
    let end = path_nodes(&node).len();
    Some((Entry { node, end }, uses.option))
}

/// Refuses an inherited value that brings its `mkForce` or the like along: a value of its own would
/// lose it.
fn unwrapped(definition: &Definition) -> Result<(), Refusal> {
    if definition.priority == Priority::NORMAL && definition.order == Order::NORMAL {
        Ok(())
    } else {
        Err(Refusal::Wrapped)
    }
}

/// Refuses an option of a module in a `flake.nix` that has a `nixConfig`, and the other way round.
fn fits_file(near: &Definition, option: &OptionPath) -> Result<(), Refusal> {
    let in_flake = |option: &OptionPath| option.starts_with(&OptionPath::dotted("nixConfig"));
    if in_flake(&near.option) == in_flake(option) {
        Ok(())
    } else {
        Err(Refusal::OtherKindOfFile(option.to_string()))
    }
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
