//! Writing a profile: the facts with a comment each that tells how it was known.

use std::fmt::Write as _;

use crate::facts::{CoreRole, Fact, Host, How, Implementation, Target};
use crate::units::Bytes;

/// The profile of a host and, where anything is known, of the Nix on it. Reading it back gives the
/// same values, now declared.
pub fn render(host: &Host, target: &Target) -> String {
    let mut out = String::from(
        "# What a machine is, for `nixtune lint --host FILE`.\n\
         # Sizes are 1024-based (K, M, G, T) or plain bytes; what is not known is left out.\n\n\
         [host]\n",
    );
    line(&mut out, "name", &quoted(&host.name), None);
    fact(&mut out, "platform", host.platform.as_ref(), |platform| {
        quoted(&platform.to_string())
    });
    fact(&mut out, "threads", host.threads.as_ref(), |threads| {
        threads.0.to_string()
    });
    size(&mut out, "memory", host.memory.as_ref());
    size(&mut out, "swap", host.swap.as_ref());
    for level in &host.core_levels {
        out.push_str("\n[[host.cores]]\n");
        line(&mut out, "name", &quoted(&level.value.name), None);
        let role = match level.value.role {
            CoreRole::Performance => "performance",
            CoreRole::Efficiency => "efficiency",
        };
        line(&mut out, "role", &quoted(role), None);
        let note = note(level.how, &level.source);
        line(
            &mut out,
            "count",
            &level.value.cores.to_string(),
            Some(&note),
        );
    }
    if let Some(disk) = &host.store {
        out.push_str("\n[host.store]\n");
        size(&mut out, "size", disk.size.as_ref());
        size(&mut out, "free", disk.free.as_ref());
        fact(&mut out, "kind", disk.kind.as_ref(), |kind| quoted(kind));
    }
    if *target != Target::default() {
        out.push_str("\n[target]\n");
        fact(
            &mut out,
            "implementation",
            target.implementation.as_ref(),
            |implementation| quoted(implementation_name(*implementation)),
        );
        fact(&mut out, "version", target.version.as_ref(), |version| {
            quoted(&version.to_string())
        });
        fact(&mut out, "platform", target.platform.as_ref(), |platform| {
            quoted(&platform.to_string())
        });
        fact(
            &mut out,
            "module-system",
            target.module_system.as_ref(),
            |system| quoted(system.name()),
        );
    }
    out
}

const fn implementation_name(implementation: Implementation) -> &'static str {
    match implementation {
        Implementation::Cppnix => "cppnix",
        Implementation::Lix => "lix",
        Implementation::Determinate => "determinate",
    }
}

fn fact<T>(out: &mut String, key: &str, known: Option<&Fact<T>>, write: impl Fn(&T) -> String) {
    if let Some(fact) = known {
        let note = note(fact.how, &fact.source);
        line(out, key, &write(&fact.value), Some(&note));
    }
}

fn line(out: &mut String, key: &str, value: &str, note: Option<&str>) {
    let text = format!("{key} = {value}");
    // Writing to a string does not fail.
    let _ = match note {
        Some(note) => writeln!(out, "{text:<34} # {note}"),
        None => writeln!(out, "{text}"),
    };
}

fn note(how: How, source: &str) -> String {
    let source: String = source
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    format!("{how}: {source}")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Exact: `"36G"` where a unit divides the amount, otherwise the bytes; a number that is hard to
/// read gets its rounded form in the comment.
fn size(out: &mut String, key: &str, known: Option<&Fact<Bytes>>) {
    let Some(fact) = known else { return };
    let (count, unit) = fact.value.whole_unit();
    let written = match unit {
        "" => count.to_string(),
        unit => format!("\"{count}{unit}\""),
    };
    let note = note(fact.how, &fact.source);
    if count < 10_000 {
        line(out, key, &written, Some(&note));
    } else {
        line(out, key, &written, Some(&format!("{}; {note}", fact.value)));
    }
}
