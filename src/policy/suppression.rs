//! Suppression comments: `# nixtune: allow(rule-id) reason`.
//!
//! A comment on its own line speaks for what begins on the next line that holds more than a
//! comment: a definition with all of its block, an element of a list, a line of `nix.conf`. One
//! at the end of a line speaks for that line. `# nixtune: allow-file(rule-id) reason` in the
//! comments that open a file speaks for the whole file. The grammar is the same in Nix, in
//! `nix.conf` and in `nix.conf` text inside a Nix string, so it is read by line.

use crate::diagnostic::Diagnostic;
use crate::rules::Rule;
use crate::syntax::reach_of_line;
use crate::text::{FileFormat, Place, SourceFile, Span};

use super::selection::known_ids;
use super::suggestion;

/// One comment that silences rules.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Suppression {
    /// The rules, as far as they exist.
    pub rules: Vec<Allowed>,
    /// Why, in the user's words; may be empty.
    pub reason: String,
    /// The comment.
    pub place: Place,
    /// The text that it speaks for; `None` for the whole file.
    reach: Option<Span>,
}

/// A rule in a comment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allowed {
    /// Its id.
    pub id: String,
    /// Where it is named.
    pub place: Place,
    /// True once it silenced something.
    pub used: bool,
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

/// Speaks for a line or for what begins on the next one.
const ONE: &str = "allow";

/// Speaks for a file.
const FILE: &str = "allow-file";

impl Suppressions {
    /// Reads the comments of `file`. Ids are checked against `rules`.
    pub fn read(file: &SourceFile, rules: &[&'static Rule]) -> Self {
        let mut out = Self::default();
        if !file.text().contains(MARK) {
            return out;
        }
        let mut pending: Vec<Suppression> = Vec::new();
        let mut at_top = true;
        let mut start = 0u32;
        for line in file.text().split_inclusive('\n') {
            let length = u32::try_from(line.len()).unwrap_or(u32::MAX);
            let here = Span::new(start, start.saturating_add(length));
            start = here.end;
            let body = line.trim_start_matches('\u{feff}').trim();
            let own_line = body.starts_with('#');
            if let Some(comment) = find_comment(line)
                && let Some(mut suppression) = out.check(file, &comment, here, at_top, rules)
            {
                if comment.keyword == FILE {
                    out.comments.push(suppression);
                } else if own_line {
                    pending.push(suppression);
                } else {
                    suppression.reach = Some(here);
                    out.comments.push(suppression);
                }
            }
            if own_line || body.is_empty() {
                continue;
            }
            at_top = false;
            if pending.is_empty() {
                continue;
            }
            let end = match file.format() {
                FileFormat::Nix => reach_of_line(file.text(), here),
                FileFormat::Conf => here.end,
            };
            for mut suppression in pending.drain(..) {
                suppression.reach = Some(Span::new(here.start, end));
                out.comments.push(suppression);
            }
        }
        // Nothing comes after them: they speak for nothing.
        for mut suppression in pending {
            suppression.reach = Some(Span::empty(start));
            out.comments.push(suppression);
        }
        out
    }

    fn check(
        &mut self,
        file: &SourceFile,
        comment: &Comment<'_>,
        line: Span,
        at_top: bool,
        rules: &[&'static Rule],
    ) -> Option<Suppression> {
        let at = |range: &std::ops::Range<usize>| {
            let offset = |byte: usize| {
                line.start
                    .saturating_add(u32::try_from(byte).unwrap_or(u32::MAX))
            };
            Place::new(file.id(), Span::new(offset(range.start), offset(range.end)))
        };
        let mut complain = |range: &std::ops::Range<usize>, message: String, help: String| {
            self.problems.push(SuppressionProblem {
                place: at(range),
                message,
                help,
            });
        };
        let keyword = comment.keyword;
        if !matches!(keyword, ONE | FILE) {
            complain(
                &comment.keyword_range,
                format!("unknown nixtune comment `{keyword}`"),
                "write `# nixtune: allow(rule-id) reason`".to_owned(),
            );
            return None;
        }
        if keyword == FILE && !at_top {
            complain(
                &comment.range,
                format!("`{FILE}` below the top of the file has no effect"),
                format!("move it above the first line of code, or use `{ONE}`"),
            );
            return None;
        }
        if comment.ids.is_empty() {
            complain(
                &comment.range,
                format!("`{keyword}` without a rule has no effect"),
                format!("name the rules: `# nixtune: {keyword}(rule-id) reason`"),
            );
            return None;
        }
        let mut known = Vec::new();
        for (id, range) in &comment.ids {
            if known_ids(rules).any(|known| known == *id) {
                known.push(Allowed {
                    id: (*id).to_owned(),
                    place: at(range),
                    used: false,
                });
            } else {
                complain(
                    range,
                    format!("unknown rule `{id}` in a suppression"),
                    suggestion(id, known_ids(rules)),
                );
            }
        }
        (!known.is_empty()).then(|| Suppression {
            rules: known,
            reason: comment.reason.to_owned(),
            place: at(&comment.range),
            reach: None,
        })
    }

    /// The reason of the first comment that silences `diagnostic`, which lies in the file that was
    /// read. Every rule in a comment that could have done so counts as used from then on.
    pub fn silence(&mut self, diagnostic: &Diagnostic) -> Option<String> {
        let at = diagnostic.place.span.start;
        let mut reason = None;
        for comment in &mut self.comments {
            let speaks = comment
                .reach
                .is_none_or(|reach| reach.start <= at && at < reach.end);
            for allowed in comment.rules.iter_mut().filter(|_| speaks) {
                if allowed.id == diagnostic.rule {
                    allowed.used = true;
                    reason = reason.or_else(|| Some(comment.reason.clone()));
                }
            }
        }
        reason
    }

    /// The comments that name a rule which exists, or did.
    pub fn comments(&self) -> &[Suppression] {
        &self.comments
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
    if let Some(list) = reason.strip_prefix('(')
        && let Some(close) = list.find(')')
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

    fn diagnostic(at: u32) -> Diagnostic {
        Diagnostic {
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
        }
    }

    fn silenced(text: &str, needle: &str) -> Option<String> {
        let (_, mut suppressions) = read(text);
        let at = u32::try_from(text.find(needle).unwrap()).unwrap();
        suppressions.silence(&diagnostic(at))
    }

    #[test]
    fn a_comment_speaks_for_its_line_or_the_next() {
        let text = "{\n  a = 1; # nixtune: allow(syntax-error) small cache\n  b = 2;\n}\n";
        assert_eq!(silenced(text, "a =").as_deref(), Some("small cache"));
        assert_eq!(silenced(text, "b ="), None);
        let text = "{\r\n  # nixtune: allow(other, syntax-error)\r\n  # more\r\n  a = 1;\r\n  b = 2;\r\n}\r\n";
        assert_eq!(silenced(text, "a =").as_deref(), Some(""));
        assert_eq!(silenced(text, "b ="), None);
    }

    #[test]
    fn a_file_comment_speaks_for_everything_but_only_at_the_top() {
        let top = "\u{feff}# about\n# nixtune: allow-file(syntax-error): generated\n{ a = 1; }\n";
        assert_eq!(silenced(top, "a =").as_deref(), Some("generated"));
        let below = "{ a = 1; }\n# nixtune: allow-file(syntax-error)\n";
        assert_eq!(silenced(below, "a ="), None);
        assert_eq!(read(below).1.problems().len(), 1);
    }

    #[test]
    fn a_comment_above_a_block_speaks_for_the_block() {
        let text =
            "{\n  # nixtune: allow(syntax-error) here\n  a = {\n    b = 1;\n  };\n  c = 2;\n}\n";
        assert_eq!(silenced(text, "b =").as_deref(), Some("here"));
        assert_eq!(silenced(text, "c ="), None);
        let text = "{\n  # nixtune: allow(syntax-error) here\n\n  a = 1;\n}\n";
        assert_eq!(silenced(text, "a =").as_deref(), Some("here"));
        let conf =
            "{ a = ''\n  # nixtune: allow(syntax-error) line\n  cores = 0\n  jobs = 1\n''; }";
        assert_eq!(silenced(conf, "cores").as_deref(), Some("line"));
        assert_eq!(silenced(conf, "jobs"), None);
    }

    #[test]
    fn what_silenced_something_is_used() {
        let text = "a # nixtune: allow(syntax-error, invalid-suppression) x\n# nixtune: allow(syntax-error)\n";
        let (_, mut suppressions) = read(text);
        let used = |suppressions: &Suppressions| -> Vec<bool> {
            let comments = suppressions.comments().iter();
            comments
                .flat_map(|comment| comment.rules.iter().map(|allowed| allowed.used))
                .collect()
        };
        assert_eq!(used(&suppressions), [false, false, false]);
        assert!(suppressions.silence(&diagnostic(0)).is_some());
        assert_eq!(used(&suppressions), [true, false, false]);
    }

    #[test]
    fn a_comment_that_does_nothing_says_so() {
        let problem = |text: &str| {
            let (_, suppressions) = read(text);
            let problem = suppressions.problems()[0].clone();
            (text[problem.place.span.range()].to_owned(), problem.message)
        };
        assert_eq!(
            problem("a # nixtune: allow(syntax-eror)"),
            (
                "syntax-eror".to_owned(),
                "unknown rule `syntax-eror` in a suppression".to_owned()
            )
        );
        assert_eq!(
            problem("a # nixtune: allow"),
            (
                "# nixtune: allow".to_owned(),
                "`allow` without a rule has no effect".to_owned()
            )
        );
        assert_eq!(problem("# nixtune:allowed(x)").0, "allowed");
        assert!(read("# see nixtune: allow").1.problems().is_empty());
    }
}
