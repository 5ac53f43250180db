//! One number of jobs for machines of different sizes.

use std::collections::BTreeMap;

use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::{Fact, How};
use crate::model::{Definition, Priority};
use crate::units::Threads;

declare_rule! {
    /// A number of jobs or cores is shared by machines of very different sizes.
    ///
    /// ## Why it matters
    ///
    /// A number that fits a laptop leaves a server idle, and one that fits the server runs the
    /// laptop out of memory. It speaks when one definition of `max-jobs` or `cores` decides on
    /// several machines whose profiles in `nixtune.toml` differ by a factor of two or more in
    /// threads. A definition under `mkDefault` is meant to be replaced where it does not fit, and
    /// `auto` or 0 follow the machine: both are silent.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   # a laptop with 8 threads, a server with 64
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   outputs =
    ///     { nixpkgs, ... }:
    ///     let
    ///       common.nix.settings.max-jobs = 8;
    ///     in
    ///     {
    ///       nixosConfigurations.laptop = nixpkgs.lib.nixosSystem { modules = [ common ]; };
    ///       nixosConfigurations.server = nixpkgs.lib.nixosSystem { modules = [ common ]; };
    ///     };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    ///   outputs =
    ///     { nixpkgs, ... }:
    ///     let
    ///       common = { lib, ... }: { nix.settings.max-jobs = lib.mkDefault 4; };
    ///     in
    ///     {
    ///       nixosConfigurations.laptop = nixpkgs.lib.nixosSystem { modules = [ common ]; };
    ///       nixosConfigurations.server = nixpkgs.lib.nixosSystem { modules = [ common ]; };
    ///     };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the machines shall all build as little. A comment that gives a reason silences it. There
    /// is no fix, because each machine needs a value of its own.
    ///
    /// ## Source
    ///
    /// NixOS/nixpkgs#84570, which asks for values that follow the machine.
    pub JOBS_HARDCODED_IN_SHARED_MODULE {
        id: "jobs-hardcoded-in-shared-module",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["max-jobs", "cores"],
        category: Performance,
        severity: Info,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for name in ["max-jobs", "cores"] {
        let Some(set) = cx.setting(name).known() else {
            continue;
        };
        let Some(amount) = set.as_amount().filter(|amount| *amount > 0) else {
            continue;
        };
        // A weak value is one that machines may replace.
        if set.definition.priority <= Priority::NORMAL {
            report(cx, name, amount, set.definition, out);
        }
    }
}

fn report(cx: &RuleCx<'_>, name: &str, amount: u64, definition: &Definition, out: &mut Sink<'_>) {
    let sizes = sizes(cx, name, definition);
    let by_size = |size: &(&&str, &&Fact<Threads>)| size.1.value;
    let (Some(least), Some(most)) = (
        sizes.iter().min_by_key(by_size),
        sizes.iter().max_by_key(by_size),
    ) else {
        return;
    };
    let own = sizes.contains_key(&*cx.machine().name);
    if !own || most.1.value.0 < least.1.value.0.saturating_mul(2) {
        return;
    }
    let severity = cx.eased(Severity::Info, definition);
    let (Some(severity), Some(place)) = (severity, definition.place()) else {
        return;
    };
    let mut report = out
        .report(
            place,
            format!(
                "`{name}` is `{amount}` for `{}` with {} as well as for `{}` with {}",
                least.0, least.1.value, most.0, most.1.value
            ),
        )
        .severity(severity)
        .confidence(cx.confidence(definition))
        .why("what fits one of them leaves the other idle, or asks too much of it")
        .help(
            "set it for each machine, or let the shared value be a `mkDefault` that the others \
             replace",
        );
    for (machine, threads) in &sizes {
        report = report.fact(&format!("threads of {machine}"), threads, threads.value);
    }
}

/// The machines on which the definition decides and whose threads are known.
fn sizes<'a>(
    cx: &RuleCx<'a>,
    name: &str,
    definition: &Definition,
) -> BTreeMap<&'a str, &'a Fact<Threads>> {
    let mut sizes = BTreeMap::new();
    for machine in cx.workspace().machines_of(definition.id) {
        let view = cx.workspace().view(machine).reaching_nix();
        let decides = view
            .setting(cx.catalog(), name)
            .known()
            .is_some_and(|known| known.definition.id == definition.id);
        let threads = cx
            .known_host(&machine.name)
            .and_then(|host| host.threads.as_ref());
        // What is only assumed says nothing about a machine.
        if let Some(threads) = threads.filter(|fact| decides && fact.how != How::Assumed) {
            sizes.insert(&*machine.name, threads);
        }
    }
    sizes
}
