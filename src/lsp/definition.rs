//! Where the value comes from that counts: on each machine, through whatever files.

use lsp_types::{GotoDefinitionResponse, Location};

use super::answer::{Scene, Subject};
use super::topic::Topic;
use crate::model::{Definition, MachineView};
use crate::text::Place;

/// The places that give the setting or option at a byte its value.
pub(super) fn definition(
    scene: &Scene<'_, '_>,
    subject: &Subject,
    offset: u32,
) -> Option<GotoDefinitionResponse> {
    let topic = Topic::at(subject, offset)?;
    let workspace = scene.workspace();
    let mut places: Vec<Place> = Vec::new();
    for machine in workspace.machines() {
        let is_part = subject.id.is_some_and(|id| machine.files.contains(&id));
        if !is_part {
            continue;
        }
        for definition in winners(scene, &workspace.view(machine), &topic) {
            let written = definition.value.origin.or(definition.value.site);
            let at = match topic.role {
                // From the name to what says it, from the value to what it is made of.
                crate::syntax::CursorRole::Name => definition.name.or(definition.place()),
                _ => written.or(definition.place()),
            };
            if let Some(at) = at.filter(|at| !places.contains(at)) {
                places.push(at);
            }
        }
    }
    let encoding = scene.client.encoding;
    let locations: Vec<Location> = places
        .into_iter()
        .filter_map(|place| scene.tree.location(scene.live, place, encoding))
        .collect();
    (!locations.is_empty()).then_some(GotoDefinitionResponse::Array(locations))
}

/// The definitions that a machine's value is made of.
fn winners<'m>(
    scene: &Scene<'_, '_>,
    view: &MachineView<'m>,
    topic: &Topic,
) -> Vec<&'m Definition> {
    let Some(name) = topic.setting(scene.catalog) else {
        let option = view.option(&topic.option());
        return option.candidates().iter().map(|it| it.definition).collect();
    };
    let is_list = scene
        .catalog
        .setting(name)
        .is_some_and(|setting| setting.is_list());
    if is_list {
        let items = view.items(scene.catalog, name);
        return items.items.iter().map(|item| item.definition).collect();
    }
    let setting = view.setting(scene.catalog, name);
    setting
        .candidates()
        .iter()
        .map(|it| it.definition)
        .collect()
}
