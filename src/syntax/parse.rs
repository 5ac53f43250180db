//! Parsing of Nix files through rnix.

use std::sync::Arc;

use rnix::ParseError;

use super::SyntaxError;
use super::ast::Ast;
use super::lower::lower;
use crate::text::{SourceFile, Span};

/// The byte order mark; Nix refuses it, nixtune reports it and reads on.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// Errors of one file that are reported; more would only repeat the first ones.
const MOST_ERRORS: usize = 8;

/// A parsed file: its tree for evaluation, or why there is none.
#[derive(Debug)]
pub struct Parsed {
    /// The tree; `None` when the file has errors.
    pub ast: Option<Arc<Ast>>,
    /// What is wrong, in the order of the file.
    pub errors: Vec<SyntaxError>,
}

/// Parses a Nix file.
pub fn parse(source: &SourceFile) -> Parsed {
    let text = source.text().as_ref();
    let (body, shift) = match text.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => (rest, 3),
        None => (text, 0),
    };
    let mut errors = Vec::new();
    if shift > 0 {
        errors.push(SyntaxError::new(
            Span::new(0, shift),
            "the file starts with a byte order mark, which Nix refuses; save it without",
        ));
    }
    if let Err(error) = super::bounds::check(body) {
        let span = Span::new(error.span.start + shift, error.span.end + shift);
        errors.push(SyntaxError::new(span, error.message));
        return Parsed { ast: None, errors };
    }
    let parsed = rnix::Root::parse(body);
    let faults = parsed.errors();
    if faults.is_empty() {
        let lowered = lower(source.id(), parsed.syntax().green(), shift);
        let refused = errors.len();
        errors.extend(lowered.duplicates.iter().map(SyntaxError::from));
        errors.extend(lowered.apart.iter().map(|span| {
            SyntaxError::new(
                *span,
                "the interpolation stands apart from its path, which Nix refuses; join them",
            )
        }));
        if errors.len() > refused {
            // Which of two definitions was meant is not known.
            errors.truncate(refused + MOST_ERRORS);
            return Parsed { ast: None, errors };
        }
        return Parsed {
            ast: Some(Arc::new(lowered.ast)),
            errors,
        };
    }
    // One fault often brings others behind it; the first of each place is the one to mend.
    let mut last_end = None;
    for fault in faults {
        let error = describe(fault, body, shift);
        if last_end.is_none_or(|end| error.span.start > end) {
            last_end = Some(error.span.end);
            errors.push(error);
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    Parsed { ast: None, errors }
}

fn describe(fault: &ParseError, body: &str, shift: u32) -> SyntaxError {
    let at = |range: &rnix::TextRange| {
        Span::new(
            u32::from(range.start()) + shift,
            u32::from(range.end()) + shift,
        )
    };
    let found = |range: &rnix::TextRange| {
        let range = usize::from(range.start())..usize::from(range.end());
        let text = body
            .get(range)
            .unwrap_or("")
            .lines()
            .next()
            .unwrap_or("")
            .trim();
        text.chars().take(30).collect::<String>()
    };
    let end = u32::try_from(body.len())
        .unwrap_or(u32::MAX)
        .saturating_add(shift);
    match fault {
        ParseError::Unexpected(range) | ParseError::UnexpectedExtra(range) => {
            SyntaxError::new(at(range), format!("unexpected `{}`", found(range)))
        }
        ParseError::UnexpectedWanted(_, range, wanted) => SyntaxError::new(
            at(range),
            format!(
                "unexpected `{}`, expected {}",
                found(range),
                wanted_words(wanted)
            ),
        ),
        ParseError::UnexpectedDoubleBind(range) => {
            SyntaxError::new(at(range), "the pattern is bound twice; keep one `@` name")
        }
        ParseError::DuplicatedArgs(range, name) => {
            SyntaxError::new(at(range), format!("the argument `{name}` is named twice"))
        }
        ParseError::UnexpectedEOFWanted(wanted) => SyntaxError::new(
            Span::empty(end),
            format!("the file ends too early, expected {}", wanted_words(wanted)),
        ),
        ParseError::RecursionLimitExceeded => SyntaxError::new(
            Span::empty(shift),
            "the file is nested too deeply to be read",
        ),
        _ => SyntaxError::new(Span::empty(end), "the file ends too early"),
    }
}

fn wanted_words(wanted: &[rnix::SyntaxKind]) -> String {
    let words: Vec<_> = wanted.iter().map(|kind| kind_word(*kind)).collect();
    match words.as_slice() {
        [] => "something else".to_owned(),
        [only] => (*only).to_owned(),
        [rest @ .., last] => format!("{} or {last}", rest.join(", ")),
    }
}

fn kind_word(kind: rnix::SyntaxKind) -> &'static str {
    use rnix::SyntaxKind as K;
    match kind {
        K::TOKEN_SEMICOLON => "`;`",
        K::TOKEN_ASSIGN => "`=`",
        K::TOKEN_COLON => "`:`",
        K::TOKEN_COMMA => "`,`",
        K::TOKEN_DOT => "`.`",
        K::TOKEN_L_BRACE => "`{`",
        K::TOKEN_R_BRACE => "`}`",
        K::TOKEN_L_BRACK => "`[`",
        K::TOKEN_R_BRACK => "`]`",
        K::TOKEN_L_PAREN => "`(`",
        K::TOKEN_R_PAREN => "`)`",
        K::TOKEN_IDENT => "a name",
        K::TOKEN_IN => "`in`",
        K::TOKEN_THEN => "`then`",
        K::TOKEN_ELSE => "`else`",
        K::TOKEN_STRING_END => "the end of the string",
        K::TOKEN_ELLIPSIS => "`...`",
        _ => "an expression",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{FileFormat, FileId};

    fn errors(text: &str) -> Vec<(u32, String)> {
        let source = SourceFile::new(FileId(0), "x.nix", "x.nix", FileFormat::Nix, text);
        let parsed = parse(&source);
        assert_eq!(parsed.ast.is_some(), parsed.errors.is_empty());
        parsed
            .errors
            .into_iter()
            .map(|error| (error.span.start, error.message))
            .collect()
    }

    #[test]
    fn what_the_parser_takes_and_nix_refuses_is_an_error() {
        assert!(errors("{ a.b = 1; a.c = 2; }").is_empty());
        let [(at, message)] = &errors("{ a.b = 1; a = { b = 2; }; }")[..] else {
            panic!("one error")
        };
        assert_eq!(*at, 17);
        assert!(message.contains("`b` is defined twice"), "{message}");
        assert_eq!(errors("{ a, a }: a")[0].0, 5);
        assert_eq!(errors("[ ./a ${x} ]")[0].0, 6);
        assert_eq!(errors("{ a =\u{c}1; }")[0].0, 5);
    }
}
