//! The machines of flakes: each output that a known function builds is read as one machine, and
//! so is each home-manager user within it.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::assembly::Assembled;
use super::flake::{self, Locked, Output, Outputs};
use super::load::Loader;
use super::machine::Origin;
use super::modules::{Reader, Reading};
use super::scope::{Frame, Scope};
use super::which_nix::{self, OfFlake};
use crate::catalog::{Catalog, OptionDefault};
use crate::eval::runtime::Val;
use crate::eval::{Evaluator, Why};
use crate::facts::{Fact, ModuleSystem, Platform, Target};
use crate::text::{FileFormat, PathSet};

/// A further thread needs at least so many machines of a flake: each evaluates the outputs anew.
const MACHINES_OF_A_THREAD: usize = 4;

/// What was read of one machine of a flake: itself, then its users.
pub(super) type Readings = Arc<Vec<(Option<String>, ModuleSystem, Arc<Reading>)>>;

/// The machines of one flake.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    outputs: Vec<Output>,
    /// Sets of machines whose names are not all known.
    unknown: Vec<(&'static str, Why)>,
}

/// A machine that a flake names and that could not be read.
#[derive(Clone, PartialEq, Debug)]
pub struct UnreadMachine {
    /// The flake and the output: `flake.nix: nixosConfigurations.web`.
    pub name: String,
    /// Why not.
    pub why: Why,
}

/// The machines of all flakes, and those that could not be read.
#[derive(Default)]
pub(super) struct FlakeMachines {
    pub machines: Vec<Assembled>,
    pub unread: Vec<UnreadMachine>,
    /// Every module that one of them reads or may read.
    pub reached: PathSet,
}

/// One machine before it has a name.
struct Found {
    flake: PathBuf,
    output: Output,
    readings: Result<Readings, Why>,
}

impl Loader<'_> {
    /// Reads the machines of these flakes.
    pub(super) fn flake_machines(&self, flakes: &[PathBuf]) -> FlakeMachines {
        let found: Vec<(Vec<Found>, Outline)> = flakes
            .par_iter()
            .with_max_len(1)
            .map(|flake| self.flake(flake))
            .collect();
        self.name_machines(flakes, found)
    }

    /// What the machines of these flakes are: those that could be read, then what the names of the
    /// outputs say.
    pub(super) fn targets(&self, flakes: &[PathBuf]) -> Vec<Target> {
        let found = self.flake_machines(flakes).machines.into_iter();
        let mut targets: Vec<Target> = found.map(|machine| machine.target).collect();
        let outlines = flakes
            .iter()
            .filter_map(|flake| self.library.outline(flake));
        for output in outlines.flat_map(|outline| outline.outputs) {
            let system = match output.set {
                "darwinConfigurations" => ModuleSystem::NixDarwin,
                "homeConfigurations" => ModuleSystem::HomeManager,
                _ => ModuleSystem::Nixos,
            };
            targets.push(Target {
                module_system: Some(Fact::declared(system, output.set)),
                ..Target::default()
            });
        }
        targets
    }

    fn flake(&self, flake: &Path) -> (Vec<Found>, Outline) {
        let mut at_hand = None;
        let outline = match self.library.outline(flake) {
            Some(outline) => outline,
            None => {
                let evaluator = self.evaluator().with_copies_by_origin();
                let outputs = Outputs::of(&evaluator, flake);
                let (machines, unknown) = outputs.machines(&evaluator);
                at_hand = Some((evaluator, outputs));
                let outline = Outline {
                    outputs: machines,
                    unknown,
                };
                self.library.keep_outline(flake, &outline);
                outline
            }
        };
        let readings = self.read_machines(flake, &outline.outputs, at_hand);
        let found = outline
            .outputs
            .iter()
            .zip(readings)
            .map(|(output, readings)| Found {
                flake: flake.to_path_buf(),
                output: output.clone(),
                readings,
            });
        (found.collect(), outline)
    }

    /// What each machine of a flake says, in their order.
    fn read_machines<'l>(
        &'l self,
        flake: &Path,
        machines: &[Output],
        at_hand: Option<(Evaluator<'l>, Outputs)>,
    ) -> Vec<Result<Readings, Why>> {
        let key = |output: &Output| (flake.to_path_buf(), output.clone());
        let mut readings: Vec<Option<Result<Readings, Why>>> = machines
            .iter()
            .map(|output| self.library.machine(&key(output)).map(Ok))
            .collect();
        let open: Vec<(usize, &Output)> = machines
            .iter()
            .enumerate()
            .filter(|(index, _)| readings.get(*index).is_some_and(Option::is_none))
            .collect();
        let threads = rayon::current_num_threads().min(open.len().div_ceil(MACHINES_OF_A_THREAD));
        // Machines differ much in size: each thread takes the next one when it is done with one.
        let next = AtomicUsize::new(0);
        let read = |mut at_hand: Option<(Evaluator<'l>, Outputs)>| {
            let mut read = Vec::new();
            while let Some((index, output)) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                let (evaluator, outputs) = at_hand.get_or_insert_with(|| {
                    let evaluator = self.evaluator().with_copies_by_origin();
                    let outputs = Outputs::of(&evaluator, flake);
                    (evaluator, outputs)
                });
                let found = self.machine_of(evaluator, outputs, flake, output);
                if evaluator.was_limited() {
                    // What it remembers depends on the order of work.
                    at_hand = None;
                }
                if let Ok(found) = &found {
                    self.library.keep_machine(key(output), found);
                }
                read.push((*index, found));
            }
            read
        };
        let read: Vec<(usize, Result<Readings, Why>)> = if threads > 1 {
            drop(at_hand);
            let threads = (0..threads).into_par_iter().with_max_len(1);
            threads.flat_map_iter(|_| read(None)).collect()
        } else {
            read(at_hand)
        };
        for (index, found) in read {
            if let Some(slot) = readings.get_mut(index) {
                *slot = Some(found);
            }
        }
        readings.into_iter().flatten().collect()
    }

    fn machine_of(
        &self,
        evaluator: &Evaluator<'_>,
        outputs: &Outputs,
        flake: &Path,
        output: &Output,
    ) -> Result<Readings, Why> {
        evaluator.refuel();
        let built = outputs.built(evaluator, output)?;
        let mut unread = Vec::new();
        let modules = built.modules(evaluator, &mut unread);
        let declared = self.options.target.platform.as_ref().map(|fact| fact.value);
        let frame = Frame {
            special: built.special(evaluator),
            platform: declared.or_else(|| built.platform(evaluator)),
            named_platform: built.named_platform(evaluator),
            usual: usual_arguments(built.system),
            defaults: defaults_of(self.catalog, built.system),
            whole: true,
            ..Frame::default()
        };
        let scope = Scope::new(evaluator, frame, modules);
        let platform = scope.platform(evaluator);
        let read = |scope: &std::rc::Rc<Scope>, system| {
            let reader = Reader::new(&self.library, evaluator, self.catalog, platform, &[]);
            let reader = reader.of_flake(flake, system);
            let mut reading = reader.scope(scope);
            if let Ok(id) = self.library.open(flake, FileFormat::Nix)
                && !reading.files.contains(&id)
            {
                reading.files.insert(0, id);
            }
            reading.paths.insert(flake.into());
            reading
        };
        let mut reading = read(&scope, built.system);
        reading.unread.splice(0..0, unread);
        let locked = Locked::read(evaluator, flake);
        let of_flake = OfFlake {
            inputs: &locked,
            from: built.from.as_deref(),
            is_given_packages: built.is_given_packages(evaluator),
        };
        let is_apart = |why: &Why| matches!(why, Why::Argument(path) if locked.is_apart(path));
        reading.unread.retain(|why| !is_apart(why));
        let ask = |reading: &Reading, system| {
            which_nix::nix_of(reading, Some(system), Some(&of_flake), self.catalog)
        };
        reading.nix = ask(&reading, built.system);
        let of_system = reading.nix.clone();
        let mut readings = vec![(None, built.system, reading)];
        if built.system != ModuleSystem::HomeManager {
            for (user, own) in flake::users(evaluator, &scope, built.system) {
                let mut defaults = defaults_of(self.catalog, ModuleSystem::HomeManager);
                defaults.extend(own.defaults);
                let frame = Frame {
                    special: own.arguments,
                    usual: usual_arguments(ModuleSystem::HomeManager),
                    platform,
                    defaults,
                    whole: true,
                    ..Frame::default()
                };
                let scope = Scope::new(evaluator, frame, own.modules);
                let mut reading = read(&scope, ModuleSystem::HomeManager);
                reading.unread.extend(own.unread);
                reading.unread.retain(|why| !is_apart(why));
                // Who sets nothing gets the package of the system.
                let own = ask(&reading, ModuleSystem::HomeManager);
                reading.nix = if which_nix::is_said(&own) {
                    own
                } else {
                    of_system.clone()
                };
                scope.clear();
                readings.push((Some(user), ModuleSystem::HomeManager, reading));
            }
        }
        // Reading users may have read further modules of the machine.
        if let Some((_, _, reading)) = readings.first_mut() {
            reading.paths.extend(scope.members());
        }
        scope.clear();
        let readings = readings
            .into_iter()
            .map(|(user, system, reading)| (user, system, Arc::new(reading)));
        Ok(Arc::new(readings.collect()))
    }

    /// Gives machines the shortest names that tell them apart.
    fn name_machines(
        &self,
        flakes: &[PathBuf],
        found: Vec<(Vec<Found>, Outline)>,
    ) -> FlakeMachines {
        let mut all = FlakeMachines::default();
        let with_machines = found.iter().filter(|(found, _)| !found.is_empty()).count();
        for (flake, (machines, outline)) in flakes.iter().zip(found) {
            let place = self.shown(flake);
            for (set, why) in outline.unknown {
                all.unread.push(UnreadMachine {
                    name: format!("{place}: {set}"),
                    why,
                });
            }
            let mut uses: BTreeMap<String, usize> = BTreeMap::new();
            for machine in &machines {
                *uses.entry(machine.output.name.clone()).or_default() += 1;
            }
            for machine in machines {
                let Output { set, name } = &machine.output;
                let long = format!("{set}.{name}");
                let readings = match machine.readings {
                    Ok(readings) => readings,
                    Err(why) => {
                        all.unread.push(UnreadMachine {
                            name: format!("{place}: {long}"),
                            why,
                        });
                        continue;
                    }
                };
                let short = match uses.get(name) {
                    Some(1) => name.clone(),
                    _ => long.clone(),
                };
                let short = match (with_machines > 1, machine.flake.parent()) {
                    (true, Some(folder)) => format!("{}#{short}", self.shown(folder)),
                    _ => short,
                };
                for (user, system, reading) in readings.iter() {
                    all.reached.extend(reading.paths.iter().cloned());
                    let origin = Origin::Flake {
                        flake: self.library.absolute(&machine.flake),
                        set,
                        name: name.as_str().into(),
                        user: user.as_deref().map(Into::into),
                    };
                    all.machines
                        .push(self.flake_machine(&short, &long, origin, *system, reading));
                }
            }
        }
        all
    }

    fn flake_machine(
        &self,
        short: &str,
        long: &str,
        origin: Origin,
        system: ModuleSystem,
        reading: &Arc<Reading>,
    ) -> Assembled {
        let source = format!("the flake's output `{long}`");
        let mut target = self.options.target.clone();
        target.module_system = target
            .module_system
            .or_else(|| Some(Fact::declared(system, source.clone())));
        let platform = reading.platform.or_else(|| {
            let implied = super::kind::platform_of(system)?;
            Some(implied)
        });
        target.platform = target
            .platform
            .or_else(|| platform.map(|platform: Platform| Fact::declared(platform, source)));
        target.fill_nix(&reading.nix);
        let complete = reading.unread.is_empty();
        Assembled {
            name: match &origin {
                Origin::Flake {
                    user: Some(user), ..
                } => format!("{user}@{short}"),
                _ => short.to_owned(),
            },
            origin,
            target,
            reading: (**reading).clone(),
            complete,
        }
    }
}

/// What a module system's own modules give as `_module.args` for whoever is called with nothing
/// else (home-manager `modules/misc/submodule-support.nix`).
fn usual_arguments(system: ModuleSystem) -> Vec<(&'static str, Val)> {
    match system {
        ModuleSystem::HomeManager => ["osConfig", "nixosConfig", "darwinConfig"]
            .map(|name| (name, Val::Null))
            .to_vec(),
        _ => Vec::new(),
    }
}

/// Defaults of the module system's own options, where they are plain values.
fn defaults_of(catalog: &Catalog, system: ModuleSystem) -> HashMap<&'static str, Val> {
    catalog
        .options(system)
        .filter(|option| option.is_current() && !option.determinate)
        .filter_map(|option| {
            let Some(OptionDefault::Json(default)) = &option.default else {
                return None;
            };
            let value = match default {
                serde_json::Value::Bool(value) => Val::Bool(*value),
                serde_json::Value::Number(number) => Val::Int(number.as_i64()?),
                serde_json::Value::String(text) => Val::Str(text.as_str().into()),
                _ => return None,
            };
            Some((option.path, value))
        })
        .collect()
}
