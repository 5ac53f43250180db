//! One setting given twice, where only one of the two counts.

use super::list_entry::{fits_every_machine, is_line, is_written, name_place};
use super::overwritten::{Overwritten, both_hold, overwritten, written_name};
use super::{RuleCx, Sink, declare_rule};
use crate::diagnostic::{Applicability, Change, Severity};
use crate::model::{Definition, Form};

declare_rule! {
    /// A setting is given twice: in `nix.settings` and as a line of text, or on two lines.
    ///
    /// ## Why it matters
    ///
    /// Of two lines for one setting Nix takes the later one. As long as both say the same nothing
    /// happens; whoever changes one of them later changes either nothing or half of what he meant.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///   ];
    ///   nix.extraOptions = ''
    ///     experimental-features = nix-command flakes
    ///     keep-outputs = true
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.experimental-features = [
    ///     "nix-command"
    ///     "flakes"
    ///   ];
    ///   nix.extraOptions = ''
    ///     keep-outputs = true
    ///   '';
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When a file that is shared with other machines needs the line there. The fix takes the copy
    /// out that makes no difference: of two equal values it is safe, of two different ones it takes
    /// the void one, which may be the one that was meant, and needs `--unsafe`. A line that drops
    /// something of `nix.settings` is the matter of `extra-options-overrides-settings`.
    ///
    /// ## Source
    ///
    /// Nix `src/libutil/configuration.cc` (tried with 2.8 and 2.34); nix-darwin
    /// `modules/nix/default.nix`, NixOS `nixos/modules/config/nix.nix`: the text comes last.
    pub DUPLICATE_SETTING_TWO_SPELLINGS {
        id: "duplicate-setting-two-spellings",
        since: "0.1.0",
        applies: "NixOS, nix-darwin, home-manager, nix.conf",
        settings: &["nix.extraOptions", "experimental-features"],
        category: Correctness,
        severity: Info,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in overwritten(cx).iter() {
        let Some(earlier) = one.definition() else {
            continue;
        };
        if one.appends(cx) || !one.has_one_name() {
            continue;
        }
        if one.is_option_before_text() {
            // Which drops something is another rule's.
            if one.changes_nothing() || (one.setting.is_list() && one.missing().is_empty()) {
                option_and_line(cx, one, earlier, out);
            }
        } else if is_line(earlier) && is_line(one.later) {
            two_lines(cx, one, earlier, out);
        }
    }
}

/// The module's line and the text's: the text counts, and says nothing else.
fn option_and_line(
    cx: &RuleCx<'_>,
    one: &Overwritten<'_>,
    earlier: &Definition,
    out: &mut Sink<'_>,
) {
    let line = one.later;
    let Some(place) = line.place() else { return };
    let same = one.changes_nothing();
    let option = written_name(earlier, &one.earlier_key);
    let goes_with_option = fits_every_machine(cx, line, |machine| {
        machine.definitions.contains(&earlier.id)
    });
    let changes = if same && is_written(line) && both_hold(one) && goes_with_option {
        vec![Change::Remove {
            definition: line.id,
        }]
    } else {
        Vec::new()
    };
    out.report(
        place,
        format!(
            "`{}` is given twice: here and as `{option}`",
            one.later_key
        ),
    )
    .why(if same {
        "both say the same; the text of `nix.extraOptions` stands behind what the module writes, and \
         Nix takes the later line"
    } else {
        "the option has no effect: the text of `nix.extraOptions` stands behind what the module \
         writes, and Nix takes the later line"
    })
    .help("keep one of the two, in `nix.settings`")
    .label(name_place(earlier), "given here, too")
    .confidence(cx.confidence(earlier).min(cx.confidence(line)))
    .fix(
        if cx.confidence(earlier) == crate::diagnostic::Confidence::Certain {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        },
        "take the line out",
        changes,
    );
}

/// Two lines of one text: the first one is void.
fn two_lines(cx: &RuleCx<'_>, one: &Overwritten<'_>, earlier: &Definition, out: &mut Sink<'_>) {
    let Some(place) = earlier.place() else { return };
    let same = one.changes_nothing();
    let one_text =
        earlier.form == one.later.form && (earlier.form == Form::ConfLine || both_hold(one));
    let changes = if one_text && is_written(earlier) {
        vec![Change::Remove {
            definition: earlier.id,
        }]
    } else {
        Vec::new()
    };
    let key = &one.earlier_key;
    out.report(
        place,
        if same {
            format!("`{key}` is given twice with the same value")
        } else {
            format!("`{key}` is given again further down, so that this line has no effect")
        },
    )
    .severity(if same {
        Severity::Info
    } else {
        Severity::Warning
    })
    .why("of two lines for one setting Nix takes the later one")
    .help("keep one of the two")
    .label(one.later.place(), "this line counts")
    .confidence(cx.confidence(earlier).min(cx.confidence(one.later)))
    .fix(
        if same {
            Applicability::Safe
        } else {
            Applicability::Unsafe
        },
        "take the void line out",
        changes,
    );
}
