//! The formatters that people run over Nix files. What one of them leaves as it is must be left as
//! it is after a fix, too.

use std::panic::catch_unwind;

/// A formatter; `None` for text that it cannot read.
pub struct Formatter {
    pub name: &'static str,
    pub format: fn(&str) -> Option<String>,
}

pub const FORMATTERS: [Formatter; 3] = [
    Formatter {
        name: "nixfmt",
        format: |text| nixfmt_rs::format(text).ok(),
    },
    Formatter {
        name: "alejandra",
        format: |text| {
            // Its parser is an old one that panics on some newer syntax.
            let formatted =
                catch_unwind(|| alejandra::format::in_memory("x.nix".to_owned(), text.to_owned()));
            match formatted {
                Ok((alejandra::format::Status::Error(_), _)) | Err(_) => None,
                Ok((_, text)) => Some(text),
            }
        },
    },
    Formatter {
        name: "nixpkgs-fmt",
        format: |text| catch_unwind(|| nixpkgs_fmt::reformat_string(text)).ok(),
    },
];

impl Formatter {
    /// True when the formatter leaves the text as it is.
    pub fn keeps(&self, text: &str) -> bool {
        (self.format)(text).is_some_and(|formatted| formatted == text)
    }
}

/// What a formatter that left `before` alone would change in `after`.
///
/// Where several leave `before` alone, it does not show which of them is in use, and they disagree
/// about `[ ]` and `[]`: nixfmt must be content if it was, otherwise one of the others.
pub fn disturbed(before: &str, after: &str) -> Option<String> {
    let mut content = FORMATTERS
        .iter()
        .filter(|formatter| formatter.keeps(before));
    let first = content.next()?;
    let is_kept = first.keeps(after)
        || (first.name != "nixfmt" && content.any(|formatter| formatter.keeps(after)));
    if is_kept {
        return None;
    }
    let wanted = (first.format)(after).unwrap_or_default();
    let diff = similar::TextDiff::from_lines(after, wanted.as_str());
    let diff = diff.unified_diff().context_radius(3).to_string();
    Some(format!("{} would change\n{diff}", first.name))
}
