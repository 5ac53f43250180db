//! A unit that Nix does not read.

use super::integer_auto_invalid::numbers;
use super::list_entry::{value_confidence, value_place};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::catalog::{SettingKind, Unit};
use crate::diagnostic::{Applicability, Change, NewValue};
use crate::eval::Value;
use crate::model::parse_amount;
use crate::units::Bytes;

declare_rule! {
    /// A size has a unit that Nix does not read.
    ///
    /// ## Why it matters
    ///
    /// Nix reads whole numbers, from 2.23 on with one letter `K`, `M`, `G` or `T` right behind
    /// them (powers of 1024). `5GB`, `5GiB`, `5 G` and `1.5G` are fatal: once the file is in place
    /// every `nix` command fails, the one that would repair it included.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.settings = {
    ///     min-free = "5GiB";
    ///     max-free = "20 G";
    ///   };
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.settings = {
    ///     min-free = 5 * 1024 * 1024 * 1024;
    ///     max-free = 20 * 1024 * 1024 * 1024;
    ///   };
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: no release of any implementation accepts it. Whether `5GB` meant 5,000,000,000
    /// bytes or 5 GiB only its author knows; the fix takes the larger one and is unsafe.
    ///
    /// ## Source
    ///
    /// Nix, `string2IntWithUnitPrefix` in `src/libutil` (2.23 on; before that and in Lix no unit at
    /// all); `5GB`, `5 G`, `1.5G` and `1e9` tried with Nix 2.8 and 2.34.
    pub SIZE_UNIT_INVALID {
        id: "size-unit-invalid",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["min-free", "max-free", "download-buffer-size", "max-build-log-size"],
        category: Correctness,
        severity: Error,
        fixes: Sometimes(Safe, Unsafe),
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for name in numbers(cx) {
        let Some(setting) = cx.catalog().setting(name) else {
            continue;
        };
        if *setting.kind() != SettingKind::Size {
            continue;
        }
        for value in cx.setting(name).candidates() {
            let Value::Str(text) = &value.value.value else {
                continue;
            };
            let text = text.trim();
            if parse_amount(text).is_some() {
                continue;
            }
            let Some(size) = read(text) else { continue };
            let definition = value.definition;
            let Some(place) = value.value.site.or_else(|| value_place(definition)) else {
                continue;
            };
            let letter = setting.accepts_suffix(cx.target()) == Some(true);
            let bytes = Bytes(size.bytes);
            let (new, shown) = match bytes.whole_unit() {
                (count, unit @ ("K" | "M" | "G" | "T")) if letter => {
                    let text = format!("{count}{unit}");
                    (NewValue::Str(text.clone()), text)
                }
                _ => (NewValue::Bytes(bytes.0), bytes.0.to_string()),
            };
            // Only amounts of bytes are what a unit of bytes says.
            let fits = setting.unit.is_none_or(|unit| unit == Unit::Bytes);
            let report = out
                .report(
                    place,
                    format!("`{name}` is `{text}`, a size that nix does not read"),
                )
                .why(
                    "nix takes a whole number, from 2.23 on with one letter K, M, G or T right \
                     behind it; anything else makes every nix command fail",
                )
                .help(if fits {
                    format!("write `{shown}` ({bytes})")
                } else {
                    "write a plain number in KiB per second".to_owned()
                })
                .confidence(value_confidence(cx, &value));
            if fits && value.value.value == definition.value.value {
                report.fix(
                    if size.exact {
                        Applicability::Safe
                    } else {
                        Applicability::Unsafe
                    },
                    format!("set `{name}` to {shown}"),
                    vec![Change::Set {
                        definition: definition.id,
                        value: new,
                    }],
                );
            }
        }
    }
}

/// A size as people write it.
struct Written {
    /// What it comes to.
    bytes: u64,
    /// False when it is a guess: decimal units, or a fraction that does not come out even.
    exact: bool,
}

/// Reads `5GB`, `5 GiB`, `1.5G`, `500 MB`, `5_000_000`. `None` for what is no size at all.
fn read(text: &str) -> Option<Written> {
    let split = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '_' | ','))
        .unwrap_or(text.len());
    let (number, unit) = (text.get(..split)?, text.get(split..)?.trim());
    let grouped = number.contains(['_', ',']);
    let number: String = number.chars().filter(|c| !matches!(c, '_' | ',')).collect();
    let (whole, fraction) = number.split_once('.').unwrap_or((&number, ""));
    if whole.is_empty() || fraction.contains('.') || fraction.len() > 6 {
        return None;
    }
    let (shift, unit_exact) = match unit.to_ascii_lowercase().as_str() {
        "" if grouped => (0, true),
        "b" | "bytes" => (0, true),
        "k" | "kib" => (10, true),
        "m" | "mib" => (20, true),
        "g" | "gib" => (30, true),
        "t" | "tib" => (40, true),
        "kb" => (10, false),
        "mb" => (20, false),
        "gb" => (30, false),
        "tb" => (40, false),
        _ => return None,
    };
    let scale = 10u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let units = u128::from(whole.parse::<u64>().ok()?) * u128::from(scale)
        + if fraction.is_empty() {
            0
        } else {
            u128::from(fraction.parse::<u64>().ok()?)
        };
    let scaled = units << shift;
    let bytes = u64::try_from(scaled / u128::from(scale)).ok()?;
    // The settings are 64 bits wide, the module system's integers 63.
    i64::try_from(bytes).ok()?;
    Some(Written {
        bytes,
        exact: unit_exact && scaled % u128::from(scale) == 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        let bytes = |text: &str| read(text).map(|size| (size.bytes, size.exact));
        assert_eq!(bytes("5GiB"), Some((5 << 30, true)));
        assert_eq!(bytes("5 G"), Some((5 << 30, true)));
        assert_eq!(bytes("1.5G"), Some((3 << 29, true)));
        assert_eq!(bytes("5GB"), Some((5 << 30, false)));
        assert_eq!(bytes("1_000_000"), Some((1_000_000, true)));
        for other in [
            "",
            "auto",
            "5x",
            "G",
            "1.2.3G",
            "1e9",
            "99999999999999999999G",
            "20000000T",
        ] {
            assert_eq!(bytes(other), None, "{other}");
        }
    }
}
