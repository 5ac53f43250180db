//! Tables of short cells: columns as wide as their widest cell, numbers to the right.

use owo_colors::Style as Paint;
use textwrap::core::display_width;

use super::super::Style;

/// On which side a column's cells begin.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Side {
    Left,
    Right,
}

/// A table with a heading, indented by two; nothing for no rows.
pub(super) fn columns<const N: usize>(
    heading: [(&str, Side); N],
    rows: &[[String; N]],
    style: Style,
) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let head = heading.get(column).map_or("", |(text, _)| text);
        cells
            .map(|cell| display_width(cell))
            .chain([display_width(head)])
            .max()
            .unwrap_or(0)
    });
    let line = |cells: &[&str]| -> String {
        let mut out = String::from(" ");
        for ((cell, width), (_, side)) in cells.iter().zip(widths).zip(heading) {
            let gap = " ".repeat(width.saturating_sub(display_width(cell)));
            out.push(' ');
            match side {
                Side::Left => out.push_str(&format!("{cell}{gap} ")),
                Side::Right => out.push_str(&format!("{gap}{cell} ")),
            }
        }
        out.trim_end().to_owned()
    };
    let heads = heading.map(|(text, _)| text);
    let mut out = format!("{}\n", style.paint(&line(&heads), Paint::new().dimmed()));
    for row in rows {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        out.push_str(&line(&cells));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_at_the_same_column() {
        let rows = [
            ["a".to_owned(), "1".to_owned()],
            ["longer".to_owned(), "200".to_owned()],
        ];
        let heading = [("name", Side::Left), ("n", Side::Right)];
        assert_eq!(
            columns(heading, &rows, Style::PLAIN),
            "  name      n\n  a         1\n  longer  200\n"
        );
        assert_eq!(columns(heading, &[], Style::PLAIN), "");
    }
}
