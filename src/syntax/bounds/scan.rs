//! The tokens of a text, as far as depth and work depend on them.

use memchr::{memchr, memchr2, memchr3, memmem};

use super::levels::{Excess, Kind, Levels};
use crate::syntax::SyntaxError;
use crate::text::Span;

/// What goes on after the `}` of an interpolation.
#[derive(Clone, Copy)]
enum Resume {
    Code,
    Quoted,
    Indented,
    Path,
}

struct Context {
    /// Open `{` inside the interpolation, as the tokenizer counts them.
    braces: u32,
    resume: Resume,
}

/// Reads tokens as the parser's tokenizer does, and nothing twice.
pub(super) struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    /// How deep the tree is here.
    pub levels: Levels,
    contexts: Vec<Context>,
    /// End of the run of path characters that was looked through last.
    run_end: usize,
    /// The same for runs that start with `<`.
    angle_end: usize,
    /// True right after `let`.
    fresh_let: bool,
    /// A NUL byte, the first one from somewhere in the part that has been read; the end of the
    /// text when there is none.
    nul_at: usize,
}

const BLANK: u8 = 1;
const PATH: u8 = 2;
const URI: u8 = 4;
const NAME: u8 = 8;

/// The runs that a byte can be part of.
const fn class(byte: u8) -> u8 {
    match byte {
        b' ' | b'\t' | b'\r' | b'\n' => BLANK,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'-' => PATH | URI | NAME,
        b'/' | b'.' | b'+' => PATH | URI,
        b'\'' => URI | NAME,
        b'%' | b'?' | b':' | b'@' | b'&' | b'=' | b'$' | b',' | b'!' | b'~' | b'*' => URI,
        _ => 0,
    }
}

/// [`class`] of every byte: most of the time goes into finding the ends of runs.
static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut rest: &mut [u8] = &mut classes;
    let mut byte = 0_u8;
    while let Some((first, others)) = rest.split_first_mut() {
        *first = class(byte);
        byte = byte.wrapping_add(1);
        rest = others;
    }
    classes
};

fn is(byte: u8, classes: u8) -> bool {
    CLASSES
        .get(usize::from(byte))
        .is_some_and(|class| class & classes != 0)
}

fn is_path_byte(byte: u8) -> bool {
    is(byte, PATH)
}

fn is_uri_byte(byte: u8) -> bool {
    is(byte, URI)
}

fn is_name_byte(byte: u8) -> bool {
    is(byte, NAME)
}

impl<'a> Scan<'a> {
    /// A scan that has read nothing.
    pub fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        Self {
            text,
            bytes,
            at: 0,
            levels: Levels::new(text.len()),
            contexts: Vec::new(),
            run_end: 0,
            angle_end: 0,
            fresh_let: false,
            nul_at: memchr(0, bytes).unwrap_or(bytes.len()),
        }
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn starts_with(&self, text: &str) -> bool {
        self.bytes
            .get(self.at..)
            .is_some_and(|rest| rest.starts_with(text.as_bytes()))
    }

    /// The first place from `from` on whose byte does not fit.
    fn end_of(&self, from: usize, fits: impl Fn(u8) -> bool) -> usize {
        self.bytes
            .get(from..)
            .and_then(|rest| rest.iter().position(|byte| !fits(*byte)))
            .map_or(self.bytes.len(), |length| from + length)
    }

    fn error(&self, start: usize, length: usize, message: &str) -> SyntaxError {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        SyntaxError::new(Span::new(offset(start), offset(start + length)), message)
    }

    /// An error here when there is too much of something.
    fn within(&self, counted: Result<(), Excess>) -> Result<(), SyntaxError> {
        let message = match counted {
            Ok(()) => return Ok(()),
            Err(Excess::Depth) => "the expression is nested or chained too deeply to be read",
            Err(Excess::Work) => {
                "the file has too many long chains to be read; split it, or put blanks around operators"
            }
        };
        Err(self.error(self.at, 1, message))
    }

    fn spend(&mut self, steps: u64) -> Result<(), SyntaxError> {
        let counted = self.levels.spend(steps);
        self.within(counted)
    }

    fn deepen(&mut self) -> Result<(), SyntaxError> {
        let counted = self.levels.deepen();
        self.within(counted)
    }

    fn open(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        let counted = self.levels.open(kind);
        self.within(counted)
    }

    fn before_operand(&mut self) -> Result<(), SyntaxError> {
        let counted = self.levels.before_operand();
        self.within(counted)
    }

    /// Reads the whole text.
    pub fn run(&mut self) -> Result<(), SyntaxError> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => {
                    self.at = self.end_of(self.at + 1, |byte| is(byte, BLANK));
                }
                b'#' => self.line_comment()?,
                b'/' if self.peek(1) == Some(b'*') => {
                    let Some(length) = self
                        .bytes
                        .get(self.at + 2..)
                        .and_then(|rest| memmem::find(rest, b"*/"))
                    else {
                        return Ok(());
                    };
                    self.at += 2 + length + 2;
                }
                _ => {
                    let fresh_let = std::mem::take(&mut self.fresh_let);
                    self.token(byte, fresh_let)?;
                }
            }
        }
        Ok(())
    }

    fn line_comment(&mut self) -> Result<(), SyntaxError> {
        let rest = self.bytes.get(self.at..).unwrap_or(&[]);
        let body = match memchr(b'\n', rest) {
            Some(length) => rest.get(..length).unwrap_or(&[]),
            None => rest,
        };
        // The last byte may be the CR of a CRLF, or of a final line ending.
        let inner = body.split_last().map_or(body, |(_, inner)| inner);
        if let Some(cr) = memchr(b'\r', inner) {
            return Err(self.error(
                self.at + cr,
                1,
                "a bare carriage return in a comment: for Nix the comment ends here; convert the line endings to LF",
            ));
        }
        self.at += body.len();
        Ok(())
    }

    fn token(&mut self, byte: u8, fresh_let: bool) -> Result<(), SyntaxError> {
        if !byte.is_ascii() || byte.is_ascii_control() {
            return self.odd_character();
        }
        if byte == b'.' && self.starts_with("...") {
            self.at += 3;
            self.levels.operand = false;
            return Ok(());
        }
        if self.path(byte)? {
            return Ok(());
        }
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.number(),
            b'.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) => self.number(),
            b'"' => {
                self.before_operand()?;
                self.at += 1;
                self.quoted()
            }
            b'\'' if self.peek(1) == Some(b'\'') => {
                self.before_operand()?;
                self.at += 2;
                self.indented()
            }
            b'$' if self.peek(1) == Some(b'{') => {
                self.before_operand()?;
                self.interpolation(Resume::Code)
            }
            b'(' => {
                self.before_operand()?;
                self.at += 1;
                self.open(Kind::Paren)
            }
            b'[' => {
                self.before_operand()?;
                self.at += 1;
                self.open(Kind::List)
            }
            b'{' => {
                self.before_operand()?;
                self.at += 1;
                if let Some(context) = self.contexts.last_mut() {
                    context.braces = context.braces.saturating_add(1);
                }
                if fresh_let {
                    // The old `let { … }` is a set.
                    self.levels.become_kind(Kind::Brace);
                    self.levels.operand = false;
                    return Ok(());
                }
                self.open(Kind::Brace)
            }
            b')' => {
                self.at += 1;
                self.levels.close(Kind::Paren);
                self.levels.operand = true;
                Ok(())
            }
            b']' => {
                self.at += 1;
                self.levels.close(Kind::List);
                self.levels.operand = true;
                Ok(())
            }
            b'}' => self.right_brace(),
            b';' => {
                self.at += 1;
                self.levels.operand = false;
                match self.levels.top() {
                    Kind::Head => {
                        self.levels.close(Kind::Head);
                    }
                    Kind::Brace | Kind::Let => {
                        self.levels.restart();
                        self.levels.set_flat(false);
                    }
                    _ => {}
                }
                Ok(())
            }
            b',' => {
                self.at += 1;
                self.levels.operand = false;
                if self.levels.top() == Kind::Brace {
                    self.levels.restart();
                }
                Ok(())
            }
            b':' => {
                self.at += 1;
                self.levels.operand = false;
                self.levels.set_flat(false);
                self.deepen()
            }
            b'.' | b'@' => {
                self.at += 1;
                self.levels.operand = false;
                Ok(())
            }
            b'=' if self.peek(1) != Some(b'=') => {
                self.at += 1;
                self.levels.operand = false;
                Ok(())
            }
            _ => self.operator(),
        }
    }

    fn odd_character(&mut self) -> Result<(), SyntaxError> {
        let Some(c) = self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        else {
            self.at += 1;
            return Ok(());
        };
        if c.is_whitespace() {
            let message = format!(
                "U+{:04X} is no blank for Nix; replace it with an ordinary space",
                u32::from(c)
            );
            return Err(self.error(self.at, c.len_utf8(), &message));
        }
        if c == '\0' {
            return Err(self.nul());
        }
        // No token of the language starts with it; the parser says so.
        self.at += c.len_utf8();
        Ok(())
    }

    /// Goes to the next of the bytes that `find` finds, or to the end; an error when a NUL byte
    /// comes before.
    fn skip_to(&mut self, find: impl Fn(&[u8]) -> Option<usize>) -> Result<(), SyntaxError> {
        let Some(rest) = self.bytes.get(self.at..) else {
            return Ok(());
        };
        let end = find(rest).map_or(self.bytes.len(), |length| self.at + length);
        if self.nul_at < self.at {
            self.nul_at = memchr(0, rest).map_or(self.bytes.len(), |length| self.at + length);
        }
        if self.nul_at < end {
            self.at = self.nul_at;
            return Err(self.nul());
        }
        self.at = end;
        Ok(())
    }

    fn nul(&self) -> SyntaxError {
        self.error(self.at, 1, "a NUL byte, which Nix refuses; remove it")
    }

    /// Takes a path or a search path; pays for the tokenizer's look ahead.
    fn path(&mut self, byte: u8) -> Result<bool, SyntaxError> {
        let is_path = match byte {
            b'/' => {
                let next = self.peek(1);
                next != Some(b'/') && (next.is_some_and(is_path_byte) || self.starts_with("/${"))
            }
            b'~' if self.peek(1) == Some(b'/') => true,
            b'<' => {
                if self.at >= self.angle_end {
                    self.angle_end = self.end_of(self.at, |b| b == b'<' || is_path_byte(b));
                }
                self.spend((self.angle_end - self.at) as u64)?;
                let end = self.end_of(self.at + 1, is_path_byte);
                if end > self.at + 1 && self.bytes.get(end) == Some(&b'>') {
                    self.before_operand()?;
                    self.at = end + 1;
                    self.levels.operand = true;
                    return Ok(true);
                }
                false
            }
            _ => {
                if self.at >= self.run_end {
                    self.run_end = self.end_of(self.at, |b| b != b'/' && is_path_byte(b));
                }
                self.spend((self.run_end - self.at) as u64)?;
                let after = |ahead: usize| self.bytes.get(self.run_end + ahead).copied();
                after(0) == Some(b'/')
                    && after(1).is_some_and(|next| {
                        !matches!(next, b'/' | b'*' | b' ' | b'\t' | b'\r' | b'\n')
                    })
                    && (self.run_end > self.at)
            }
        };
        if is_path {
            self.before_operand()?;
            self.at += 1;
            self.path_segment()?;
        }
        Ok(is_path)
    }

    fn path_segment(&mut self) -> Result<(), SyntaxError> {
        self.at = self.end_of(self.at, is_path_byte);
        self.levels.operand = true;
        if self.starts_with("${") {
            return self.interpolation(Resume::Path);
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), SyntaxError> {
        self.before_operand()?;
        let leading_zero = self.peek(0) == Some(b'0') && self.peek(1) != Some(b'.');
        self.at = self.end_of(self.at, |b| b.is_ascii_digit());
        if !leading_zero && self.peek(0) == Some(b'.') {
            self.at = self.end_of(self.at + 1, |b| b.is_ascii_digit());
            if matches!(self.peek(0), Some(b'e' | b'E')) {
                self.at += 1;
                if matches!(self.peek(0), Some(b'+' | b'-')) {
                    self.at += 1;
                }
                self.at = self.end_of(self.at, |b| b.is_ascii_digit());
            }
        }
        self.levels.operand = true;
        Ok(())
    }

    fn word(&mut self) -> Result<(), SyntaxError> {
        let run = self.bytes.get(self.at..self.run_end).unwrap_or(&[]);
        let is_uri = self.bytes.get(self.run_end) == Some(&b':')
            && self
                .bytes
                .get(self.run_end + 1)
                .is_some_and(|b| is_uri_byte(*b))
            && !run.contains(&b'_');
        let start = self.at;
        let end = self.end_of(start, |b| is_name_byte(b) || (is_uri && is_uri_byte(b)));
        let word = self.bytes.get(start..end).unwrap_or(&[]);
        match word {
            b"let" => {
                self.before_operand()?;
                self.at = end;
                self.fresh_let = true;
                self.open(Kind::Let)
            }
            b"with" | b"assert" => {
                self.before_operand()?;
                self.at = end;
                self.open(Kind::Head)
            }
            b"if" => {
                self.before_operand()?;
                self.at = end;
                self.open(Kind::If)
            }
            b"in" => {
                self.at = end;
                self.levels.close(Kind::Let);
                self.levels.operand = false;
                Ok(())
            }
            b"then" => {
                self.at = end;
                if self.levels.top() == Kind::If {
                    self.levels.restart();
                }
                self.levels.operand = false;
                Ok(())
            }
            b"else" => {
                self.at = end;
                self.levels.close(Kind::If);
                self.levels.operand = false;
                Ok(())
            }
            b"inherit" => {
                self.at = end;
                self.levels.operand = false;
                if matches!(self.levels.top(), Kind::Brace | Kind::Let) {
                    self.levels.set_flat(true);
                }
                Ok(())
            }
            b"rec" => {
                self.before_operand()?;
                self.at = end;
                self.levels.operand = false;
                Ok(())
            }
            b"or" => {
                // The default of a selection, or the name `or` applied.
                self.at = end;
                self.levels.operand = false;
                self.deepen()
            }
            _ => {
                self.before_operand()?;
                self.at = end;
                self.levels.operand = true;
                Ok(())
            }
        }
    }

    fn operator(&mut self) -> Result<(), SyntaxError> {
        const TWO: [&str; 11] = [
            "==", "!=", "//", "++", "->", "<|", "|>", "&&", "||", "<=", ">=",
        ];
        self.deepen()?;
        self.levels.operand = false;
        self.at += if TWO.iter().any(|op| self.starts_with(op)) {
            2
        } else {
            1
        };
        Ok(())
    }

    fn interpolation(&mut self, resume: Resume) -> Result<(), SyntaxError> {
        self.at += 2;
        self.contexts.push(Context { braces: 0, resume });
        self.open(Kind::Interpolation)
    }

    fn right_brace(&mut self) -> Result<(), SyntaxError> {
        self.at += 1;
        if let Some(context) = self.contexts.last_mut() {
            if let Some(fewer) = context.braces.checked_sub(1) {
                context.braces = fewer;
            } else {
                let resume = context.resume;
                self.contexts.pop();
                self.levels.close(Kind::Interpolation);
                self.levels.operand = true;
                return match resume {
                    Resume::Code => Ok(()),
                    Resume::Quoted => self.quoted(),
                    Resume::Indented => self.indented(),
                    Resume::Path => self.path_segment(),
                };
            }
        }
        self.levels.close(Kind::Brace);
        self.levels.operand = true;
        Ok(())
    }

    /// The body of a string in double quotes, up to its end or the next interpolation.
    fn quoted(&mut self) -> Result<(), SyntaxError> {
        self.levels.operand = true;
        loop {
            self.skip_to(|rest| memchr3(b'"', b'\\', b'$', rest))?;
            let Some(byte) = self.peek(0) else {
                return Ok(());
            };
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.at += 2,
                b'$' if self.peek(1) == Some(b'$') => self.at += 2,
                b'$' if self.peek(1) == Some(b'{') => return self.interpolation(Resume::Quoted),
                _ => self.at += 1,
            }
        }
    }

    /// The body of an indented string, up to its end or the next interpolation.
    fn indented(&mut self) -> Result<(), SyntaxError> {
        self.levels.operand = true;
        loop {
            self.skip_to(|rest| memchr2(b'\'', b'$', rest))?;
            let Some(byte) = self.peek(0) else {
                return Ok(());
            };
            match byte {
                b'\'' if self.peek(1) == Some(b'\'') => match self.peek(2) {
                    Some(b'\'' | b'$') => self.at += 3,
                    Some(b'\\') => self.at += 4,
                    _ => {
                        self.at += 2;
                        return Ok(());
                    }
                },
                b'$' if self.peek(1) == Some(b'$') => self.at += 2,
                b'$' if self.peek(1) == Some(b'{') => return self.interpolation(Resume::Indented),
                _ => self.at += 1,
            }
        }
    }
}
