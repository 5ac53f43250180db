//! A line of the machines file that Nix cannot read.

use super::build_machines::confidence;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::{Implementation, Version};
use crate::model::{Builder, Column, Fault, Misread};

declare_rule! {
    /// A remote builder has a column that Nix cannot read.
    ///
    /// ## Why it matters
    ///
    /// Each builder is a line of up to eight columns: store URI, systems, SSH key, max jobs, speed
    /// factor, supported features, mandatory features, public host key; a blank begins the next
    /// column. Nix reads all lines before it starts a build. One that it cannot read is an error,
    /// mostly "bad machine specification", and then no build starts, not even on this machine.
    /// `nix config show` does not notice, so the rebuild that brings the line in still succeeds.
    ///
    /// `nix.buildMachines` becomes such lines, too. The module checks types, not content: a public
    /// host key that is pasted as it stands in `ssh_host_ed25519_key.pub` has a blank in it and is
    /// not the base64 of that line, which is what is wanted (`base64 -w0` of the file).
    ///
    /// Columns after the eighth are not an error; Nix does not look at them, so that something is
    /// not where it was meant to be.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     {
    ///       hostName = "build01";
    ///       system = "x86_64-linux";
    ///       publicHostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDYkgCbFOGoTqzEkV4hzzVaD";
    ///     }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     {
    ///       hostName = "build01";
    ///       system = "x86_64-linux";
    ///       publicHostKey = "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSURZa2dDYkZPR29UcXpFa1Y0aHp6VmFECg==";
    ///     }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never. There is no fix: only you know what was meant.
    ///
    /// ## Source
    ///
    /// Nix, `src/libstore/machines.cc`, all releases from 2.3 on, Lix and Determinate Nix; tried
    /// with Nix 2.8 and 2.34. A speed factor with a fraction is read from 2.20 on (NixOS/nix#9841).
    /// Lines of modules: nix-darwin `modules/nix/default.nix`, NixOS
    /// `nixos/modules/config/nix-remote-build.nix`.
    pub BUILDER_LINE_MALFORMED {
        id: "builder-line-malformed",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["builders", "nix.buildMachines"],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let machines = cx.build_machines();
    let lines = cx.builder_lines();
    for builder in machines.list.iter().chain(&lines.list) {
        for misread in &builder.misread {
            if counts(cx, misread.fault) {
                report(cx, builder, misread, out);
            }
        }
    }
}

/// Fractions are fine in all releases of the last years.
fn counts(cx: &RuleCx<'_>, fault: Fault) -> bool {
    if fault != Fault::Fraction {
        return true;
    }
    let target = cx.target();
    let is = |implementation| {
        let fact = target.implementation.as_ref();
        fact.is_some_and(|fact| fact.value == implementation)
    };
    let version = target.version.as_ref().map(|fact| fact.value);
    is(Implementation::Cppnix) && version.is_some_and(|version| version < Version::new(2, 20, 0))
}

fn report(cx: &RuleCx<'_>, builder: &Builder<'_>, misread: &Misread, out: &mut Sink<'_>) {
    let Some(place) = misread.place.or_else(|| builder.shown_at()) else {
        return;
    };
    let is_list = matches!(misread.column, Column::Features | Column::Mandatory);
    let severity = match misread.fault {
        Fault::Surplus(_) => Severity::Warning,
        // No number stands behind it that would be refused.
        Fault::Blank if is_list => Severity::Warning,
        _ => Severity::Error,
    };
    let why = match misread.fault {
        Fault::Surplus(_) => {
            "nix looks at eight columns, so that what stands behind them has no effect, and one \
             before them may be in the wrong place"
        }
        Fault::Blank => {
            "a blank begins the next column of the machines file: everything after it is read as \
             something else"
        }
        Fault::Empty => {
            "an empty column is none, so that every later one is read in the place of the one \
             before it"
        }
        _ => {
            "nix reads all builders before it starts a build and gives up on this one: no build \
             starts any more, not even on this machine"
        }
    };
    out.report(place, message(builder, misread))
        .severity(severity)
        .confidence(confidence(cx, builder))
        .why(why)
        .help(help(builder, misread));
}

fn message(builder: &Builder<'_>, misread: &Misread) -> String {
    let (name, column, text) = (builder.name(), misread.column.words(), &misread.text);
    match misread.fault {
        Fault::NoUri => "a line of `builders` has no store URI in its first column".to_owned(),
        Fault::NotUnsigned => {
            format!("the {column} of `{name}` are `{text}`, which is not a number from 0 up")
        }
        Fault::NotNumber => format!("the {column} of `{name}` is `{text}`, which is not a number"),
        Fault::Negative => format!("the {column} of `{name}` is `{text}`, which is below zero"),
        Fault::Fraction => {
            format!("the {column} of `{name}` is `{text}`, which this Nix wants as a whole number")
        }
        Fault::NotBase64(c) => format!(
            "the {column} of `{name}` holds `{}`, which is not base64",
            c.escape_default()
        ),
        Fault::Blank => format!("`{text}` of `{name}` has a blank, which ends the {column} column"),
        Fault::Empty => {
            format!("the {column} of `{name}` is an empty text, which leaves no column")
        }
        Fault::Surplus(count) => format!(
            "the line of `{name}` has {count} column{} too many, from `{text}` on",
            if count == 1 { "" } else { "s" }
        ),
    }
}

fn help(builder: &Builder<'_>, misread: &Misread) -> String {
    match misread.fault {
        Fault::NotBase64(_) => {
            "give the base64 of the whole line of the builder's `ssh_host_ed25519_key.pub`, as \
             `base64 -w0` prints it"
                .to_owned()
        }
        Fault::NoUri => "write the builder's address first, such as `ssh-ng://build01`".to_owned(),
        Fault::Blank => "take the blank out, or give each part an element of its own".to_owned(),
        Fault::Empty => "use `null`, or leave the option out".to_owned(),
        Fault::Surplus(_) => {
            "compare the line with the eight columns: URI, systems, SSH key, max jobs, speed \
             factor, supported features, mandatory features, host key; `-` stands for a default"
                .to_owned()
        }
        Fault::NotUnsigned | Fault::NotNumber | Fault::Negative | Fault::Fraction
            if builder.is_option =>
        {
            "give a whole number".to_owned()
        }
        _ => format!(
            "give a whole number in column {}, or `-` for the default; a column that is left out \
             moves all later ones",
            misread.column.number()
        ),
    }
}
