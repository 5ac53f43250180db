//! Charts out of characters, with and without Unicode.

use crate::report::Style;

/// A bar of at most `width` columns for a share from 0 to 1.
pub(super) fn bar(share: f64, width: usize, style: Style) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = to_count(share.clamp(0.0, 1.0) * to_float(width) * 8.0);
    if !style.unicode {
        return "#".repeat((eighths + 4) / 8);
    }
    let mut out = "█".repeat(eighths / 8);
    if let Some(rest) = EIGHTHS.get(eighths % 8).filter(|rest| **rest != ' ') {
        out.push(*rest);
    }
    out
}

/// A line of small bars, each for a value from 0 to `most`.
pub(super) fn sparkline(values: &[f64], most: f64, style: Style) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const ASCII: [char; 8] = ['_', '.', '-', '-', '=', '=', '#', '#'];
    let signs = if style.unicode { BLOCKS } else { ASCII };
    values
        .iter()
        .map(|value| {
            let share = if most > 0.0 { value / most } else { 0.0 };
            let step = to_count(share.clamp(0.0, 1.0) * 7.0);
            signs.get(step).copied().unwrap_or(' ')
        })
        .collect()
}

/// `1.25 s`, `1 min 5 s`, `2 h 3 min`.
pub(super) fn duration(secs: f64) -> String {
    if secs < 0.1 {
        return format!("{:.1} ms", secs * 1000.0);
    }
    if secs < 10.0 {
        return format!("{secs:.2} s");
    }
    if secs < 100.0 {
        return format!("{secs:.1} s");
    }
    let whole = to_count(secs);
    if whole < 3600 {
        return format!("{} min {} s", whole / 60, whole % 60);
    }
    format!("{} h {} min", whole / 3600, whole / 60 % 60)
}

/// The nearest count; nothing here is negative or beyond a screen by much.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts of floats saturate"
)]
pub(super) fn to_count(value: f64) -> usize {
    value.round() as usize
}

#[expect(clippy::cast_precision_loss, reason = "columns of a screen")]
fn to_float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn charts_are_as_long_as_their_values() {
        let ascii = Style {
            unicode: false,
            ..Style::PLAIN
        };
        assert_eq!(bar(0.5, 10, Style::PLAIN), "█████");
        assert_eq!(bar(0.55, 10, Style::PLAIN), "█████▌");
        assert_eq!(bar(0.5, 10, ascii), "#####");
        assert_eq!(bar(7.0, 3, Style::PLAIN), "███");
        assert_eq!(bar(f64::NAN, 3, Style::PLAIN), "");
        assert_eq!(sparkline(&[0.0, 1.0, 2.0], 2.0, Style::PLAIN), "▁▅█");
        assert_eq!(sparkline(&[0.0, 2.0], 2.0, ascii), "_#");
        assert_eq!(sparkline(&[1.0], 0.0, ascii), "_");
    }

    #[test]
    fn durations_have_the_digits_that_count() {
        assert_eq!(duration(0.0042), "4.2 ms");
        assert_eq!(duration(0.254), "0.25 s");
        assert_eq!(duration(12.34), "12.3 s");
        assert_eq!(duration(125.0), "2 min 5 s");
        assert_eq!(duration(7384.0), "2 h 3 min");
    }
}
