//! What a file may look like before the parser sees it.
//!
//! The parser's recursion is bounded for some constructs only, and its tokenizer and its node
//! cache take quadratic time on others. One linear pass over the text bounds both, so that no
//! input overflows the stack or stalls. It reports the bytes that Nix reads differently, too.
//!
//! The pass keeps frames, one per open bracket or keyword, and counts in each how long the
//! chain of operators or applications has become. A frame closes only where the parser closes
//! it too; on malformed input the count errs upwards.

use super::SyntaxError;
use crate::text::Span;

/// How deep a tree may become. The parser and everything that walks its trees recurses once
/// per level, on threads with a large stack. A chain of a binary operator is one level a term.
pub const MAX_DEPTH: u32 = 6_000;

/// The stack on which [`MAX_DEPTH`] levels are safe for everything that recurses once per level.
/// The memory is only reserved.
pub const STACK_BYTES: usize = 256 << 20;

/// Runs `work` on a thread with [`STACK_BYTES`] of stack and waits for it; on this thread when
/// the system grants no other.
pub fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let mut work = Some(work);
    let mut done = None;
    let joined = std::thread::scope(|scope| {
        let (work, done) = (&mut work, &mut done);
        std::thread::Builder::new()
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, move || *done = work.take().map(|work| work()))
            .map(std::thread::ScopedJoinHandle::join)
    });
    if let Ok(Err(panic)) = joined {
        std::panic::resume_unwind(panic);
    }
    match done.or_else(|| work.take().map(|work| work())) {
        Some(done) => done,
        None => unreachable!("the work is done once, there or here"),
    }
}

/// Steps of quadratic work that every file may cost.
const BASE_BUDGET: u64 = 40_000_000;

/// Steps of quadratic work that each byte adds, so that the bound stays linear in the size.
const BUDGET_PER_BYTE: u64 = 64;

/// Depth that costs nothing: what people write is shallower.
const FREE_DEPTH: u32 = 128;

/// Refuses text that the parser could not read within bounds, and bytes that it reads
/// differently from Nix.
///
/// # Errors
/// The first such place.
pub fn check(text: &str) -> Result<(), SyntaxError> {
    if u32::try_from(text.len()).is_err() {
        return Err(SyntaxError::new(
            Span::empty(0),
            "the file is larger than 4 GiB, too large to be read",
        ));
    }
    Scan::new(text).run()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Root,
    Paren,
    List,
    Brace,
    Interpolation,
    /// Between `let` and `in`.
    Let,
    /// Between `with` or `assert` and its `;`.
    Head,
    /// Between `if` and `else`.
    If,
}

struct Frame {
    kind: Kind,
    /// Levels that the chain in progress adds to the tree.
    levels: u32,
    /// True where things stand side by side without being applied to each other: the elements
    /// of a list, the names after `inherit`.
    flat: bool,
}

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

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    frames: Vec<Frame>,
    contexts: Vec<Context>,
    depth: u32,
    deepest: u32,
    /// The depth that is refused.
    limit: u32,
    cost: u64,
    budget: u64,
    /// End of the run of path characters that was looked through last.
    run_end: usize,
    /// The same for runs that start with `<`.
    angle_end: usize,
    /// True right after something that an argument can be applied to.
    operand: bool,
    /// True right after `let`.
    fresh_let: bool,
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'.' | b'+' | b'-')
}

fn is_uri_byte(byte: u8) -> bool {
    is_path_byte(byte)
        || matches!(
            byte,
            b'%' | b'?' | b':' | b'@' | b'&' | b'=' | b'$' | b',' | b'!' | b'~' | b'*' | b'\''
        )
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'\'')
}

impl<'a> Scan<'a> {
    fn new(text: &'a str) -> Self {
        let size = text.len() as u64;
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
            frames: vec![Frame {
                kind: Kind::Root,
                levels: 0,
                flat: false,
            }],
            contexts: Vec::new(),
            depth: 0,
            deepest: 0,
            limit: MAX_DEPTH,
            cost: 0,
            budget: BASE_BUDGET.saturating_add(size.saturating_mul(BUDGET_PER_BYTE)),
            run_end: 0,
            angle_end: 0,
            operand: false,
            fresh_let: false,
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

    fn spend(&mut self, steps: u64) -> Result<(), SyntaxError> {
        self.cost = self.cost.saturating_add(steps);
        if self.cost > self.budget {
            return Err(self.error(
                self.at,
                1,
                "the file has too many long chains to be read; split it, or put blanks around operators",
            ));
        }
        Ok(())
    }

    /// The tree gets one level deeper here.
    fn deepen(&mut self) -> Result<(), SyntaxError> {
        self.depth += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.levels += 1;
        }
        self.deepest = self.deepest.max(self.depth);
        if self.depth > self.limit {
            return Err(self.error(
                self.at,
                1,
                "the expression is nested or chained too deeply to be read",
            ));
        }
        self.spend(u64::from(self.depth.saturating_sub(FREE_DEPTH)))
    }

    /// What comes next belongs to another element, binding or branch of the same frame.
    fn restart(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            let own = u32::from(frame.kind != Kind::Root).min(frame.levels);
            self.depth = self.depth.saturating_sub(frame.levels - own);
            frame.levels = own;
        }
    }

    fn open(&mut self, kind: Kind) -> Result<(), SyntaxError> {
        // What follows a closed `with`, `let` or `if` head is still inside its node; what
        // follows a closed bracket is not.
        if matches!(kind, Kind::Let | Kind::Head | Kind::If) {
            self.deepen()?;
        }
        self.frames.push(Frame {
            kind,
            levels: 0,
            flat: kind == Kind::List,
        });
        self.operand = false;
        self.deepen()
    }

    /// Closes the innermost frame if it is of this kind.
    fn close(&mut self, kind: Kind) -> bool {
        if self.top() != kind || kind == Kind::Root {
            return false;
        }
        if let Some(frame) = self.frames.pop() {
            self.depth = self.depth.saturating_sub(frame.levels);
        }
        true
    }

    fn top(&self) -> Kind {
        self.frames.last().map_or(Kind::Root, |frame| frame.kind)
    }

    /// Something starts that can be an argument or a list's element.
    fn before_operand(&mut self) -> Result<(), SyntaxError> {
        if !self.operand {
            return Ok(());
        }
        if self.frames.last().is_some_and(|frame| frame.flat) {
            self.restart();
            Ok(())
        } else {
            self.deepen()
        }
    }

    fn run(&mut self) -> Result<(), SyntaxError> {
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => self.line_comment()?,
                b'/' if self.peek(1) == Some(b'*') => {
                    let Some(length) = self
                        .text
                        .get(self.at + 2..)
                        .and_then(|rest| rest.find("*/"))
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
        let end = self.end_of(self.at, |byte| byte != b'\n');
        let body = self.bytes.get(self.at..end).unwrap_or(&[]);
        // The last byte may be the CR of a CRLF, or of a final line ending.
        let inner = body.split_last().map_or(body, |(_, inner)| inner);
        if let Some(cr) = inner.iter().position(|byte| *byte == b'\r') {
            return Err(self.error(
                self.at + cr,
                1,
                "a bare carriage return in a comment: for Nix the comment ends here; convert the line endings to LF",
            ));
        }
        self.at = end;
        Ok(())
    }

    fn token(&mut self, byte: u8, fresh_let: bool) -> Result<(), SyntaxError> {
        if !byte.is_ascii() || byte.is_ascii_control() {
            return self.odd_character();
        }
        if self.starts_with("...") {
            self.at += 3;
            self.operand = false;
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
                if fresh_let && let Some(frame) = self.frames.last_mut() {
                    frame.kind = Kind::Brace;
                    self.operand = false;
                    return Ok(());
                }
                self.open(Kind::Brace)
            }
            b')' => {
                self.at += 1;
                self.close(Kind::Paren);
                self.operand = true;
                Ok(())
            }
            b']' => {
                self.at += 1;
                self.close(Kind::List);
                self.operand = true;
                Ok(())
            }
            b'}' => self.right_brace(),
            b';' => {
                self.at += 1;
                self.operand = false;
                match self.top() {
                    Kind::Head => {
                        self.close(Kind::Head);
                    }
                    Kind::Brace | Kind::Let => {
                        self.restart();
                        if let Some(frame) = self.frames.last_mut() {
                            frame.flat = false;
                        }
                    }
                    _ => {}
                }
                Ok(())
            }
            b',' => {
                self.at += 1;
                self.operand = false;
                if self.top() == Kind::Brace {
                    self.restart();
                }
                Ok(())
            }
            b':' => {
                self.at += 1;
                self.operand = false;
                if let Some(frame) = self.frames.last_mut() {
                    frame.flat = false;
                }
                self.deepen()
            }
            b'.' | b'@' => {
                self.at += 1;
                self.operand = false;
                Ok(())
            }
            b'=' if self.peek(1) != Some(b'=') => {
                self.at += 1;
                self.operand = false;
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
                    self.operand = true;
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
        self.operand = true;
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
        self.operand = true;
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
                self.close(Kind::Let);
                self.operand = false;
                Ok(())
            }
            b"then" => {
                self.at = end;
                if self.top() == Kind::If {
                    self.restart();
                }
                self.operand = false;
                Ok(())
            }
            b"else" => {
                self.at = end;
                self.close(Kind::If);
                self.operand = false;
                Ok(())
            }
            b"inherit" => {
                self.at = end;
                self.operand = false;
                if matches!(self.top(), Kind::Brace | Kind::Let)
                    && let Some(frame) = self.frames.last_mut()
                {
                    frame.flat = true;
                }
                Ok(())
            }
            b"rec" => {
                self.before_operand()?;
                self.at = end;
                self.operand = false;
                Ok(())
            }
            b"or" => {
                // The default of a selection, or the name `or` applied.
                self.at = end;
                self.operand = false;
                self.deepen()
            }
            _ => {
                self.before_operand()?;
                self.at = end;
                self.operand = true;
                Ok(())
            }
        }
    }

    fn operator(&mut self) -> Result<(), SyntaxError> {
        const TWO: [&str; 11] = [
            "==", "!=", "//", "++", "->", "<|", "|>", "&&", "||", "<=", ">=",
        ];
        self.deepen()?;
        self.operand = false;
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
                self.close(Kind::Interpolation);
                self.operand = true;
                return match resume {
                    Resume::Code => Ok(()),
                    Resume::Quoted => self.quoted(),
                    Resume::Indented => self.indented(),
                    Resume::Path => self.path_segment(),
                };
            }
        }
        self.close(Kind::Brace);
        self.operand = true;
        Ok(())
    }

    /// The body of a string in double quotes, up to its end or the next interpolation.
    fn quoted(&mut self) -> Result<(), SyntaxError> {
        self.operand = true;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => self.at += 2,
                b'$' if self.peek(1) == Some(b'$') => self.at += 2,
                b'$' if self.peek(1) == Some(b'{') => return self.interpolation(Resume::Quoted),
                b'\0' => return Err(self.nul()),
                _ => self.at += 1,
            }
        }
        Ok(())
    }

    /// The body of an indented string, up to its end or the next interpolation.
    fn indented(&mut self) -> Result<(), SyntaxError> {
        self.operand = true;
        while let Some(byte) = self.peek(0) {
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
                b'\0' => return Err(self.nul()),
                _ => self.at += 1,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
