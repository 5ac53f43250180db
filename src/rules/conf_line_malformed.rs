//! A line that is no line of `nix.conf`.

use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Confidence;
use crate::model::Oddity;

declare_rule! {
    /// A line of `nix.conf` is none that Nix reads.
    ///
    /// ## Why it matters
    ///
    /// A line is `name = value` with a blank on both sides of the `=`, `include FILE` or
    /// `!include FILE`; comments begin with `#`. Anything else is an "illegal configuration line",
    /// or a "syntax error" from 2.24 on: once the file is in place every `nix` command fails, the
    /// one that would repair it included.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.extraOptions = ''
    ///     keep-outputs=true
    ///   '';
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.extraOptions = ''
    ///     keep-outputs = true
    ///   '';
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// Never: no release of any implementation reads it. There is no fix, because the line sets
    /// nothing that a fix could be checked against; the help says what to write.
    ///
    /// ## Source
    ///
    /// Nix, `src/libutil/configuration.cc`, `parseConfigFiles`; tried with Nix 2.8 and 2.34.
    pub CONF_LINE_MALFORMED {
        id: "conf-line-malformed",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &[],
        category: Correctness,
        severity: Error,
        fixes: Never,
    }
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    for line in cx.odd_lines() {
        let (Oddity::Malformed(why), Some(place)) = (&line.what, line.place) else {
            continue;
        };
        let key = line.text.split(['=', ' ', '\t']).next().unwrap_or("");
        let known = cx.catalog().resolve(key).is_some();
        // A value may be a secret; the key is enough.
        let message = if known {
            format!("the line of `{key}` is no line that nix reads")
        } else {
            "this is no line that nix reads".to_owned()
        };
        let help = match line.text.split_once('=') {
            Some((name, _)) if known && !name.trim().contains(char::is_whitespace) => {
                format!(
                    "write `{} = …` with a blank on both sides of the `=`",
                    name.trim()
                )
            }
            _ if line.text.starts_with(';') || line.text.starts_with("//") => {
                "begin the comment with `#`".to_owned()
            }
            _ => {
                "write `name = value`, `include FILE` or `!include FILE`, one to a line".to_owned()
            }
        };
        out.report(place, message)
            .why(format!("{}; every nix command fails", lower_first(why)))
            .help(help)
            .confidence(if line.certain {
                Confidence::Certain
            } else {
                Confidence::Likely
            });
    }
}

/// A sentence that goes on within another one; names keep their capital.
fn lower_first(text: &str) -> String {
    match text.strip_prefix("Nix ") {
        Some(rest) => format!("nix {rest}"),
        None => text.to_owned(),
    }
}
