//! How much of a configuration is known: machines, definitions, conditions. Shared by the suite,
//! which holds it for trees of its own, and by the measurement over real ones.

use std::collections::BTreeMap;

use nixtune::catalog::Catalog;
use nixtune::eval::{Value, Why};
use nixtune::facts::ModuleSystem;
use nixtune::model::{Condition, Definition, Loaded};

/// What is known of one tree, or of several.
#[derive(Default)]
pub struct Counts {
    /// Every machine with its platform; `?` where that is not known.
    pub machines: Vec<String>,
    /// How many of them have one.
    pub with_platform: usize,
    /// Machines that a flake names and that were not read, with the reason.
    pub unread: Vec<String>,
    /// All definitions that some file writes; what modules forward by themselves does not count.
    pub definitions: usize,
    /// Those whose value is wholly known.
    pub known: usize,
    /// Those that a package, a secret or an input decides.
    pub outside: usize,
    /// Those under a condition that is not decided.
    pub undecided: usize,
    /// Each that is neither known nor outside: option, place, reason.
    pub missing: Vec<String>,
    /// How often each reason keeps a value or a condition unknown.
    pub reasons: BTreeMap<String, usize>,
}

impl Counts {
    /// Counts one tree.
    pub fn of(loaded: &Loaded, catalog: &Catalog) -> Self {
        let mut counts = Self::default();
        for machine in loaded.workspace.machines() {
            let platform = machine.target.platform.as_ref().map(|fact| fact.value);
            counts.with_platform += usize::from(platform.is_some());
            let platform = platform.map_or_else(|| "?".to_owned(), |platform| platform.to_string());
            let machine = format!("{} ({platform})", machine.name);
            counts.machines.push(machine);
        }
        let unread = loaded.unread.iter();
        counts.unread = unread
            .map(|unread| format!("{}: {}", unread.name, unread.why))
            .collect();
        let definitions = loaded.workspace.definitions().iter();
        for definition in definitions.filter(|definition| definition.place().is_some()) {
            counts.add_definition(loaded, catalog, definition);
        }
        counts
    }

    fn add_definition(&mut self, loaded: &Loaded, catalog: &Catalog, definition: &Definition) {
        self.definitions += 1;
        if let Condition::Unknown { why, .. } = &definition.condition {
            self.undecided += 1;
            let reason = format!("condition {why}");
            *self.reasons.entry(reason).or_default() += 1;
        }
        let option = definition.option.to_string();
        match unknown(&definition.value.value) {
            None => self.known += 1,
            Some(why) if is_outside(&why) || is_package(catalog, &option) => self.outside += 1,
            Some(why) => {
                let place = definition.place().and_then(|place| {
                    let file = loaded.workspace.file(place.file)?;
                    let before = file.text().get(..place.span.start as usize)?;
                    let line = before.matches('\n').count() + 1;
                    Some(format!("{}:{line}", file.name()))
                });
                let place = place.unwrap_or_else(|| "no place".to_owned());
                self.missing.push(format!("{option} ({place}) {why}"));
                let reason = format!("value {why}");
                *self.reasons.entry(reason).or_default() += 1;
            }
        }
    }

    /// Adds what another tree has.
    pub fn add(&mut self, other: &Self) {
        self.machines.extend(other.machines.iter().cloned());
        self.with_platform += other.with_platform;
        self.unread.extend(other.unread.iter().cloned());
        self.definitions += other.definitions;
        self.known += other.known;
        self.outside += other.outside;
        self.undecided += other.undecided;
        self.missing.extend(other.missing.iter().cloned());
        for (reason, count) in &other.reasons {
            *self.reasons.entry(reason.clone()).or_default() += count;
        }
    }

    /// Known definitions in percent of those that nothing outside of the files decides.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share_known(&self) -> f64 {
        100.0 * self.known as f64 / (self.definitions - self.outside).max(1) as f64
    }

    /// Definitions under undecided conditions in percent of all.
    #[expect(clippy::cast_precision_loss, reason = "a share for people")]
    pub fn share_undecided(&self) -> f64 {
        100.0 * self.undecided as f64 / self.definitions.max(1) as f64
    }
}

/// Why a value is not wholly known; `None` when it is.
fn unknown(value: &Value) -> Option<Why> {
    match value {
        Value::Unknown(why) => Some(why.clone()),
        Value::OneOf(_) => Some(Why::Unsupported("a choice".into())),
        Value::List(items) => items.iter().find_map(|item| unknown(&item.value)),
        Value::Attrs(attrs) => attrs.values().find_map(|attr| unknown(&attr.value)),
        _ => None,
    }
}

/// True for what no reading of the files can tell: packages, inputs, secrets, the system.
fn is_outside(why: &Why) -> bool {
    match why {
        Why::Argument(name) => {
            let name = name.as_ref();
            name == "pkgs" || name.starts_with("pkgs.") || name.starts_with("inputs")
        }
        Why::Impure(_) | Why::SearchPath(_) => true,
        Why::Option(path) => {
            let path = path.as_ref();
            path.starts_with("sops") || path.starts_with("age.")
        }
        _ => false,
    }
}

/// True for options whose values are packages.
fn is_package(catalog: &Catalog, option: &str) -> bool {
    let systems = [
        ModuleSystem::NixDarwin,
        ModuleSystem::Nixos,
        ModuleSystem::HomeManager,
    ];
    systems
        .into_iter()
        .filter_map(|system| catalog.option(system, option)?.kind)
        .any(|kind| kind.ends_with("package"))
}
