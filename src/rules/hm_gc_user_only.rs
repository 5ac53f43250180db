//! A garbage collection of home-manager where the system has none.

use super::list_entry::name_place;
use super::store_upkeep::mentions_collector;
use super::{RuleCx, Sink, declare_rule};
use crate::facts::ModuleSystem;
use crate::model::{Condition, OptionPath, Setting};

declare_rule! {
    /// home-manager collects garbage, but nothing removes the system's old generations.
    ///
    /// ## Why it matters
    ///
    /// `nix.gc` of home-manager runs as the user, and `nix-collect-garbage` with an age deletes the
    /// old generations of that user's profiles only. The generations of NixOS or nix-darwin, which
    /// hold most of what is in the store, stay, and so does everything they hold.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   inputs.home-manager.url = "github:nix-community/home-manager";
    ///   outputs =
    ///     { nixpkgs, home-manager, ... }:
    ///     {
    ///       nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [
    ///           home-manager.nixosModules.home-manager
    ///           {
    ///             system.stateVersion = "26.05";
    ///             nix.settings.max-jobs = 4;
    ///             home-manager.users.alice = {
    ///               home.stateVersion = "26.05";
    ///               nix.gc.automatic = true;
    ///             };
    ///           }
    ///         ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   inputs.home-manager.url = "github:nix-community/home-manager";
    ///   outputs =
    ///     { nixpkgs, home-manager, ... }:
    ///     {
    ///       nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
    ///         system = "x86_64-linux";
    ///         modules = [
    ///           home-manager.nixosModules.home-manager
    ///           {
    ///             system.stateVersion = "26.05";
    ///             nix.gc.automatic = true;
    ///             home-manager.users.alice = {
    ///               home.stateVersion = "26.05";
    ///               nix.gc.automatic = true;
    ///             };
    ///           }
    ///         ];
    ///       };
    ///     };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When someone else removes the generations of the system, or they are few. Nothing is said
    /// where the system's configuration was not read, or where anything in the tree collects
    /// garbage for a system; a module of an input, which is not read, may do so all the same.
    ///
    /// ## Source
    ///
    /// home-manager `modules/services/nix-gc.nix`: a service of the user; Nix
    /// `src/nix/nix-collect-garbage/nix-collect-garbage.cc`: profiles below the caller's state.
    pub HM_GC_USER_ONLY {
        id: "hm-gc-user-only",
        since: "0.1.0",
        applies: "home-manager within NixOS or nix-darwin",
        settings: &["nix.gc.automatic"],
        category: Reliability,
        severity: Info,
        stage: Preview,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    if cx.target().system() != Some(ModuleSystem::HomeManager) {
        return;
    }
    let Setting::Known(automatic) = cx.option("nix.gc.automatic") else {
        return;
    };
    let definition = automatic.definition;
    if automatic.as_bool() != Some(true) || definition.condition != Condition::Always {
        return;
    }
    let (Some(system), Some(place)) = (cx.system_of_user(), name_place(definition)) else {
        return;
    };
    // Determinate Nix collects by itself.
    if system.nix_disabled_by().is_some() {
        return;
    }
    if collects(&system) {
        return;
    }
    let assured = system.machine().complete;
    out.report(
        place,
        "`nix.gc` of home-manager leaves the system's old generations alone",
    )
    .why(
        "it runs as the user and deletes generations of the user's profiles only; nothing that was \
         read collects garbage for the system",
    )
    .help("set `nix.gc.automatic` in the configuration of the system, too")
    .confidence(if assured {
        cx.confidence(definition)
    } else {
        cx.confidence(definition)
            .min(crate::diagnostic::Confidence::Likely)
    });
}

/// True when the system collects garbage, or another system of the tree does, by a file that this
/// one may get as well.
fn collects(system: &RuleCx<'_>) -> bool {
    // A set whose content is not known may hold any of it.
    if !system.machine().holes.is_empty() {
        return true;
    }
    let gc = OptionPath::dotted("nix.gc");
    let clean = OptionPath::dotted("programs.nh.clean");
    let workspace = system.workspace();
    let of_systems = workspace
        .machines()
        .iter()
        .filter(|machine| machine.target.system() != Some(ModuleSystem::HomeManager))
        .flat_map(|machine| workspace.view(machine).definitions());
    let mut of_systems = of_systems.filter(|definition| {
        definition.option.starts_with(&gc)
            || definition.option.starts_with(&clean)
            || definition.setting.as_deref() == Some("min-free")
    });
    of_systems.next().is_some() || mentions_collector(system)
}
