//! What a shell proposes while somebody types: rules, settings, machines of the folder.

use clap_complete::CompletionCandidate;

use crate::catalog::Catalog;
use crate::engine::{self, Request};
use crate::facts::ModuleSystem;
use crate::rules::{self, Category};
use crate::system::Os;

/// Ids of rules, with what they are about.
pub(super) fn rule_ids() -> Vec<CompletionCandidate> {
    rules::ALL
        .iter()
        .map(|rule| CompletionCandidate::new(rule.id).help(Some(rule.summary().into())))
        .collect()
}

/// What `--select` and `--ignore` take.
pub(super) fn rule_words() -> Vec<CompletionCandidate> {
    let groups = Category::ALL.map(Category::name).into_iter();
    let groups = groups.chain(["default", "all"]);
    groups
        .map(CompletionCandidate::new)
        .chain(rule_ids())
        .collect()
}

/// Settings of `nix.conf` and options of module systems.
pub(super) fn settings() -> Vec<CompletionCandidate> {
    let catalog = Catalog::embedded();
    let systems = [
        ModuleSystem::NixDarwin,
        ModuleSystem::Nixos,
        ModuleSystem::HomeManager,
    ];
    let options = systems
        .into_iter()
        .flat_map(|system| catalog.options(system))
        .map(|option| option.path.to_string());
    let settings = catalog
        .settings()
        .iter()
        .map(|setting| setting.name.to_string());
    let mut names: Vec<String> = settings.chain(options).collect();
    names.sort();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Everything that has a page.
pub(super) fn pages() -> Vec<CompletionCandidate> {
    rule_ids().into_iter().chain(settings()).collect()
}

/// The machines that the working directory configures.
pub(super) fn machines() -> Vec<CompletionCandidate> {
    let request = Request {
        roots: vec![".".into()],
        ..Request::default()
    };
    // Where nothing can be read there is nothing to propose.
    let Ok(outcome) = engine::look(&Os, &Catalog::embedded(), &request) else {
        return Vec::new();
    };
    let machines = outcome.workspace.machines().iter();
    machines
        .map(|machine| CompletionCandidate::new(machine.name.as_ref()))
        .collect()
}
