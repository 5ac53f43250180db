//! An amount of bytes that nobody can read.

use super::given::{given, is_written_out};
use super::list_entry::is_line;
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::Unit;
use crate::diagnostic::{Applicability, Change, NewValue, Severity};
use crate::eval::Value;
use crate::units::Bytes;

declare_rule! {
    /// An amount of bytes is a long number without a unit.
    ///
    /// ## Why it matters
    ///
    /// Whether `10737418240` is ten gigabytes or one hundred, readers have to count. A product or a
    /// unit letter says it, and so does a comment.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings.min-free = 10737418240;
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings.min-free = 10 * 1024 * 1024 * 1024;
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// A number with a comment beside it is not reported. A line of `nix.conf` cannot hold a product,
    /// and a letter only for Nix 2.23 and later. The fix writes the letter where it is known to be
    /// read, and is safe.
    ///
    /// ## Source
    ///
    /// What the settings count, in Nix `src/libstore/include/nix/store`.
    pub MAGIC_BYTE_NUMBER {
        id: "magic-byte-number",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free", "download-buffer-size", "max-build-log-size"],
        category: Style,
        severity: Info,
        stage: OptIn,
        fixes: Sometimes(Safe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for one in given(cx) {
        let name = one.setting.name;
        let definition = one.definition;
        if one.setting.unit != Some(Unit::Bytes)
            || !is_written_out(cx, &one)
            || !matches!(one.value.value, Value::Int(_) | Value::Str(_))
        {
            continue;
        }
        let digits = one.text.bytes().all(|byte| byte.is_ascii_digit());
        let Some(amount) = one.text.parse::<u64>().ok().filter(|_| digits) else {
            continue;
        };
        let (count, unit) = Bytes(amount).whole_unit();
        let is_round = matches!(unit, "M" | "G" | "T") && i64::try_from(amount).is_ok();
        if amount < Bytes::MIB || !is_round || cx.comment_near(definition.place()).is_some() {
            continue;
        }
        let letters = one.setting.accepts_suffix(cx.target()) == Some(true);
        // A line cannot hold a product, and a letter has to be one that is read.
        if is_line(definition) && !letters {
            continue;
        }
        let changes = if letters && one.is_whole() && definition.stands_alone() {
            vec![Change::Set {
                definition: definition.id,
                value: NewValue::Str(format!("{count}{unit}")),
            }]
        } else {
            Vec::new()
        };
        out.report(
            one.place,
            format!("`{name}` is `{}`, which is {}", one.text, Bytes(amount)),
        )
        .severity(Severity::Info)
        .confidence(one.confidence)
        .why("readers have to count digits to see how much it is")
        .help("write it as a product, with a unit letter, or say in a comment how much it is")
        .fix(
            Applicability::Safe,
            format!("write {} so that it can be read", Bytes(amount)),
            changes,
        );
    }
}
