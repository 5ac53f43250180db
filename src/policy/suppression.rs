//! Suppression comments: `# nixtune: ignore[rule-id] reason`.
//!
//! A comment on its own line speaks for the next line that holds more than a comment; one at
//! the end of a line speaks for that line. `# nixtune: ignore-file[rule-id]` in the comments
//! that open a file speaks for the whole file. The grammar is the same in Nix, in `nix.conf`
//! and in `nix.conf` text inside a Nix string, so it is read by line, not by syntax tree.

use crate::diagnostic::Diagnostic;
use crate::rules::Rule;
use crate::text::{Place, SourceFile, Span};

use super::selection::known_ids;
use super::suggestion;

/// One comment that silences rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// Ids as written; ids that do not exist are left out.
    pub rules: Vec<String>,
    /// Why, in the user's words; may be empty.
    pub reason: String,
    /// The comment.
    pub place: Place,
    reach: Reach,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    File,
    /// One line, counted from 1.
    Line(u32),
}

/// A comment that does not do what it says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SuppressionProblem {
    /// The part that is wrong.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to write.
    pub help: String,
}

/// The suppression comments of one file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Suppressions {
    comments: Vec<Suppression>,
    problems: Vec<SuppressionProblem>,
}

const MARK: &str = "nixtune:";

impl Suppressions {
    /// Reads the comments of `file`. Ids are checked against `rules`.
    pub fn read(file: &SourceFile, rules: &[&'static Rule]) -> Self {
        let mut out = Self::default();
        if !file.text().contains(MARK) {
            return out;
        }
        let mut pending: Vec<Suppression> = Vec::new();
        let mut at_top = true;
        let mut offset = 0;
        for (number, line) in (1..).zip(file.text().split_inclusive('\n')) {
            let start = offset;
            offset += line.len();
            let body = line.trim_start_matches('\u{feff}').trim();
            let own_line = body.starts_with('#');
            if let Some(comment) = find_comment(line) {
                let reach = match comment.keyword {
                    "ignore-file" => Reach::File,
                    // Where it points is known when the next line with code comes.
                    _ if own_line => Reach::Line(0),
                    _ => Reach::Line(number),
                };
                let at = |range: std::ops::Range<usize>| {
                    let offset = |byte: usize| u32::try_from(start + byte).unwrap_or(u32::MAX);
                    Place::new(file.id(), Span::new(offset(range.start), offset(range.end)))
                };
                if let Some(suppression) = out.check(&comment, reach, at_top, &at, rules) {
                    if reach == Reach::Line(0) {
                        pending.push(suppression);
                    } else {
                        out.comments.push(suppression);
                    }
                }
            }
            if !own_line {
                at_top &= body.is_empty();
                for mut suppression in pending.drain(..) {
                    suppression.reach = Reach::Line(number);
                    out.comments.push(suppression);
                }
            }
        }
        out
    }

    fn check(
        &mut self,
        comment: &Comment<'_>,
        reach: Reach,
        at_top: bool,
        at: &dyn Fn(std::ops::Range<usize>) -> Place,
        rules: &[&'static Rule],
    ) -> Option<Suppression> {
        let mut complain = |range: std::ops::Range<usize>, message: String, help: String| {
            self.problems.push(SuppressionProblem {
                place: at(range),
                message,
                help,
            });
        };
        if !matches!(comment.keyword, "ignore" | "ignore-file") {
            complain(
                comment.keyword_range.clone(),
                format!("unknown nixtune comment `{}`", comment.keyword),
                "write `# nixtune: ignore[rule-id] reason`".to_owned(),
            );
            return None;
        }
        if reach == Reach::File && !at_top {
            complain(
                comment.range.clone(),
                "`ignore-file` below the top of the file has no effect".to_owned(),
                "move it above the first line of code, or use `ignore`".to_owned(),
            );
            return None;
        }
        if comment.ids.is_empty() {
            complain(
                comment.range.clone(),
                format!("`{}` without a rule has no effect", comment.keyword),
                format!(
                    "name the rules: `# nixtune: {}[rule-id] reason`",
                    comment.keyword
                ),
            );
            return None;
        }
        let mut known = Vec::new();
        for (id, range) in &comment.ids {
            if known_ids(rules).any(|known| known == *id) {
                known.push((*id).to_owned());
            } else {
                complain(
                    range.clone(),
                    format!("unknown rule `{id}` in a suppression"),
                    suggestion(id, known_ids(rules)),
                );
            }
        }
        Some(Suppression {
            rules: known,
            reason: comment.reason.to_owned(),
            place: at(comment.range.clone()),
            reach,
        })
    }

    /// The comment that silences `diagnostic`, which lies in the file that was read.
    pub fn silences(&self, diagnostic: &Diagnostic, file: &SourceFile) -> Option<&Suppression> {
        if self.comments.is_empty() {
            return None;
        }
        let line = file.position(diagnostic.place.span.start).line;
        self.comments.iter().find(|comment| {
            (comment.reach == Reach::File || comment.reach == Reach::Line(line))
                && comment.rules.iter().any(|id| id == diagnostic.rule)
        })
    }

    /// Comments that do not do what they say.
    pub fn problems(&self) -> &[SuppressionProblem] {
        &self.problems
    }
}

/// The parts of a comment; ranges count within its line.
struct Comment<'l> {
    keyword: &'l str,
    keyword_range: std::ops::Range<usize>,
    ids: Vec<(&'l str, std::ops::Range<usize>)>,
    reason: &'l str,
    range: std::ops::Range<usize>,
}

fn find_comment(line: &str) -> Option<Comment<'_>> {
    let (mark, _) = line.match_indices(MARK).find(|(at, _)| {
        line.get(..*at)
            .is_some_and(|before| before.trim_end().ends_with('#'))
    })?;
    let hash = line.get(..mark)?.rfind('#')?;
    let end = line.trim_end().len();
    let after = mark + MARK.len();
    let keyword_start = after + leading_blanks(line.get(after..end)?);
    let rest = line.get(keyword_start..end)?;
    let length = rest
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(rest.len());
    let keyword_range = keyword_start..keyword_start + length;
    let mut ids = Vec::new();
    let mut reason = rest.get(length..)?;
    if let Some(list) = reason.strip_prefix('[')
        && let Some(close) = list.find(']')
    {
        let mut at = keyword_range.end + 1;
        for part in list.get(..close)?.split(',') {
            let start = at + leading_blanks(part);
            let id = part.trim();
            if !id.is_empty() {
                ids.push((id, start..start + id.len()));
            }
            at += part.len() + 1;
        }
        reason = list.get(close + 1..)?;
    }
    Some(Comment {
        keyword: line.get(keyword_range.clone())?,
        keyword_range,
        ids,
        reason: reason.trim_start_matches([':', '-', ' ']).trim_end(),
        range: hash..end,
    })
}

fn leading_blanks(text: &str) -> usize {
    text.len() - text.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Confidence, Severity};
    use crate::policy::SYNTAX_ERROR;
    use crate::text::{FileFormat, FileId};

    fn read(text: &str) -> (SourceFile, Suppressions) {
        let file = SourceFile::new(FileId(0), "x.nix", "x.nix", FileFormat::Nix, text);
        let suppressions = Suppressions::read(&file, &[]);
        (file, suppressions)
    }

    fn silenced(text: &str, needle: &str) -> Option<String> {
        let (file, suppressions) = read(text);
        let at = u32::try_from(text.find(needle).unwrap()).unwrap();
        let diagnostic = Diagnostic {
            rule: SYNTAX_ERROR,
            severity: Severity::Error,
            confidence: Confidence::Certain,
            place: Place::new(FileId(0), Span::empty(at)),
            message: String::new(),
            why: String::new(),
            help: String::new(),
            applies: String::new(),
            labels: Vec::new(),
            facts: Vec::new(),
            machines: Vec::new(),
            fix: None,
        };
        suppressions
            .silences(&diagnostic, &file)
            .map(|found| found.reason.clone())
    }

    #[test]
    fn a_comment_speaks_for_its_line_or_the_next() {
        let text = "{\n  a = 1; # nixtune: ignore[syntax-error] small cache\n  b = 2;\n}\n";
        assert_eq!(silenced(text, "a =").as_deref(), Some("small cache"));
        assert_eq!(silenced(text, "b ="), None);
        let text = "{\r\n  # nixtune: ignore[other, syntax-error]\r\n  # more\r\n  a = 1;\r\n  b = 2;\r\n}\r\n";
        assert_eq!(silenced(text, "a =").as_deref(), Some(""));
        assert_eq!(silenced(text, "b ="), None);
    }

    #[test]
    fn a_file_comment_speaks_for_everything_but_only_at_the_top() {
        let top = "\u{feff}# about\n# nixtune: ignore-file[syntax-error]: generated\n{ a = 1; }\n";
        assert_eq!(silenced(top, "a =").as_deref(), Some("generated"));
        let below = "{ a = 1; }\n# nixtune: ignore-file[syntax-error]\n";
        assert_eq!(silenced(below, "a ="), None);
        assert_eq!(read(below).1.problems().len(), 1);
    }

    #[test]
    fn a_comment_that_does_nothing_says_so() {
        let problem = |text: &str| {
            let (_, suppressions) = read(text);
            let problem = suppressions.problems()[0].clone();
            (text[problem.place.span.range()].to_owned(), problem.message)
        };
        assert_eq!(
            problem("a # nixtune: ignore[syntax-eror]"),
            (
                "syntax-eror".to_owned(),
                "unknown rule `syntax-eror` in a suppression".to_owned()
            )
        );
        assert_eq!(
            problem("a # nixtune: ignore"),
            (
                "# nixtune: ignore".to_owned(),
                "`ignore` without a rule has no effect".to_owned()
            )
        );
        assert_eq!(problem("# nixtune:ignored[x]").0, "ignored");
        assert!(read("# see nixtune: ignore").1.problems().is_empty());
    }
}
