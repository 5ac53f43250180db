//! Systems that the Linux builder's virtual machine cannot run.

use super::linux_builder::linux_builders;
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change};
use crate::facts::Arch;
use crate::model::{Definition, Effective};

declare_rule! {
    /// The Linux builder offers a system that its virtual machine cannot run.
    ///
    /// ## Why it matters
    ///
    /// The virtual machine is of the Mac's own kind: `aarch64-linux` on Apple silicon. With
    /// `x86_64-linux` in `systems` the Mac sends such builds to it, and they fail there ("a
    /// 'x86_64-linux' … is required", in newer releases "platform mismatch"), unless the guest
    /// emulates it (`config.boot.binfmt.emulatedSystems`) or Rosetta does.
    ///
    /// It speaks when the whole configuration of the virtual machine is known and does nothing of
    /// that kind.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     systems = [ "aarch64-linux" "x86_64-linux" ];
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.linux-builder = {
    ///     enable = true;
    ///     systems = [ "aarch64-linux" "x86_64-linux" ];
    ///     config.boot.binfmt.emulatedSystems = [ "x86_64-linux" ];
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the guest can run it in another way. The fix takes the system out; emulation may be
    /// what you want instead.
    ///
    /// ## Source
    ///
    /// nix-darwin `modules/nix/linux-builder.nix` (`systems`, and its example with
    /// `boot.binfmt.emulatedSystems`); Nix `src/libstore/build`, the check of the system before a
    /// build; tried with Nix 2.8 and 2.34.
    pub LINUX_BUILDER_FOREIGN_SYSTEM {
        id: "linux-builder-foreign-system",
        since: "0.1.0",
        applies: "nix-darwin",
        settings: &["nix.linux-builder.systems", "nix.linux-builder.config"],
        category: Correctness,
        severity: Warning,
        fixes: Sometimes(Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let Some(arch) = cx
        .target()
        .platform
        .as_ref()
        .and_then(|fact| fact.value.arch)
    else {
        return;
    };
    let foreign = match arch {
        Arch::Aarch64 => "x86_64-linux",
        Arch::X86_64 => "aarch64-linux",
    };
    for builder in linux_builders(cx) {
        let Some(systems) = builder.option("systems").known() else {
            continue;
        };
        let is_stock = builder.option("package").is_unset()
            && !builder.is_open()
            && !builder.config().any(may_emulate)
            && !cx.option_may_be_set_elsewhere(&builder.path("config"));
        if builder.is_on && is_stock {
            report(cx, &systems, foreign, out);
        }
    }
}

/// Parts of the guest's configuration that decide what it can run.
fn may_emulate(definition: &Definition) -> bool {
    // Behind the set's two names and `config`.
    let mut names = definition.option.names().iter().skip(3);
    names.any(|name| matches!(&**name, "boot" | "nixpkgs" | "rosetta" | "nix"))
}

fn report(cx: &RuleCx<'_>, systems: &Effective<'_>, foreign: &str, out: &mut Sink<'_>) {
    let Some(items) = systems.value.value.as_list() else {
        return;
    };
    let Some(item) = items
        .iter()
        .find(|item| item.value.as_str() == Some(foreign))
    else {
        return;
    };
    let definition = systems.definition;
    let Some(place) = item.site.or_else(|| definition.place()) else {
        return;
    };
    let others = items.len() > 1;
    let change = item.site.filter(|_| others).map(|site| Change::ListRemove {
        definition: definition.id,
        items: vec![site],
    });
    out.report(
        place,
        format!("the Linux builder offers `{foreign}`, which its virtual machine cannot run"),
    )
    .confidence(cx.confidence(definition))
    .why("builds for it are sent there and fail, because nothing in the guest emulates the system")
    .help(format!(
        "add `\"{foreign}\"` to `boot.binfmt.emulatedSystems` in the builder's `config`, or do not offer it"
    ))
    .fix(
        Applicability::Unsafe,
        format!("do not offer `{foreign}`"),
        change.into_iter().collect(),
    );
}
