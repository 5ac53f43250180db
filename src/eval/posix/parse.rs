//! From the text of a pattern to its tree.

use super::Refusal;

/// A part of a pattern.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Byte(u8),
    Any,
    Set(Box<[bool; 256]>),
    Start,
    End,
    Group(usize, Box<Node>),
    Concat(Vec<Node>),
    Either(Vec<Node>),
    /// At least so often, at most so often.
    Repeat(Box<Node>, u32, Option<u32>),
}

/// Deeper groups are not followed.
const DEEPEST: u32 = 50;
/// Repetitions beyond this are not expanded.
const MOST: u32 = 255;

/// The tree of a pattern, and how many groups it has.
pub(super) fn parse(pattern: &str) -> Result<(Node, usize), Refusal> {
    let mut parser = Parser {
        rest: pattern.as_bytes(),
        groups: 0,
        depth: 0,
    };
    let node = parser.either()?;
    match parser.rest {
        [] => Ok((node, parser.groups)),
        _ => Err(Refusal::Invalid),
    }
}

struct Parser<'p> {
    rest: &'p [u8],
    groups: usize,
    depth: u32,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, wanted: u8) -> bool {
        if self.rest.first() == Some(&wanted) {
            self.next();
            true
        } else {
            false
        }
    }

    fn either(&mut self) -> Result<Node, Refusal> {
        let mut branches = vec![self.concat()?];
        while self.take(b'|') {
            branches.push(self.concat()?);
        }
        Ok(match branches.pop() {
            Some(only) if branches.is_empty() => only,
            Some(last) => {
                branches.push(last);
                Node::Either(branches)
            }
            None => Node::Concat(Vec::new()),
        })
    }

    fn concat(&mut self) -> Result<Node, Refusal> {
        let mut parts = Vec::new();
        while let Some(first) = self.rest.first() {
            match first {
                b'|' | b')' => break,
                b'^' => {
                    self.next();
                    parts.push(Node::Start);
                }
                b'$' => {
                    self.next();
                    parts.push(Node::End);
                }
                _ => {
                    let atom = self.atom()?;
                    parts.push(self.quantified(atom)?);
                }
            }
        }
        Ok(Node::Concat(parts))
    }

    fn atom(&mut self) -> Result<Node, Refusal> {
        match self.next().ok_or(Refusal::Invalid)? {
            b'.' => Ok(Node::Any),
            b'(' => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Refusal::Limit);
                }
                self.groups += 1;
                let group = self.groups;
                let inner = self.either()?;
                self.depth -= 1;
                if self.take(b')') {
                    Ok(Node::Group(group, Box::new(inner)))
                } else {
                    Err(Refusal::Invalid)
                }
            }
            b'[' => self.bracket(),
            b'\\' => match self.next() {
                Some(byte) if b".[\\()*+?{|^$".contains(&byte) => Ok(Node::Byte(byte)),
                // Whether other letters may be escaped depends on how Nix was compiled.
                Some(_) => Err(Refusal::Unsupported),
                None => Err(Refusal::Invalid),
            },
            b'*' | b'+' | b'?' | b'{' => Err(Refusal::Invalid),
            byte => Ok(Node::Byte(byte)),
        }
    }

    fn quantified(&mut self, mut node: Node) -> Result<Node, Refusal> {
        while let Some(first) = self.rest.first() {
            let (least, most) = match first {
                b'*' => (0, None),
                b'+' => (1, None),
                b'?' => (0, Some(1)),
                b'{' => {
                    self.next();
                    let bounds = self.interval()?;
                    node = repeat(node, bounds)?;
                    continue;
                }
                _ => break,
            };
            self.next();
            node = repeat(node, (least, most))?;
        }
        Ok(node)
    }

    fn number(&mut self) -> Result<Option<u32>, Refusal> {
        let mut number = None;
        while let Some(digit) = self.rest.first().filter(|byte| byte.is_ascii_digit()) {
            let value = number.unwrap_or(0_u32) * 10 + u32::from(digit - b'0');
            if value > MOST {
                return Err(Refusal::Limit);
            }
            number = Some(value);
            self.next();
        }
        Ok(number)
    }

    fn interval(&mut self) -> Result<(u32, Option<u32>), Refusal> {
        let least = self.number()?.ok_or(Refusal::Invalid)?;
        let most = if self.take(b',') {
            self.number()?
        } else {
            Some(least)
        };
        if !self.take(b'}') || most.is_some_and(|most| most < least) {
            return Err(Refusal::Invalid);
        }
        Ok((least, most))
    }

    fn bracket(&mut self) -> Result<Node, Refusal> {
        let negated = self.take(b'^');
        let mut set = Box::new([false; 256]);
        let mut add = |low: u8, high: u8| {
            for byte in low..=high {
                if let Some(slot) = set.get_mut(usize::from(byte)) {
                    *slot = true;
                }
            }
        };
        let mut first = true;
        loop {
            let byte = self.next().ok_or(Refusal::Invalid)?;
            match byte {
                b']' if !first => break,
                b'[' if self.take(b':') => {
                    let end = self
                        .rest
                        .iter()
                        .position(|byte| *byte == b':')
                        .ok_or(Refusal::Invalid)?;
                    let (name, rest) = self.rest.split_at_checked(end).ok_or(Refusal::Invalid)?;
                    let class = class(name).ok_or(Refusal::Unsupported)?;
                    self.rest = rest;
                    if !(self.take(b':') && self.take(b']')) {
                        return Err(Refusal::Invalid);
                    }
                    (0..128).filter(class).for_each(|byte| add(byte, byte));
                    if self.rest.first() == Some(&b'-') && self.rest.get(1) != Some(&b']') {
                        return Err(Refusal::Unsupported);
                    }
                }
                b'[' if matches!(self.rest.first(), Some(b'.' | b'=')) => {
                    return Err(Refusal::Unsupported);
                }
                0x80.. => return Err(Refusal::Unsupported),
                // A dash means itself at either end only.
                b'-' if !first && self.rest.first() != Some(&b']') => {
                    return Err(Refusal::Unsupported);
                }
                _ => match self.rest {
                    [b'-', high, ..] if *high != b']' => {
                        if byte == b'-' || *high >= 0x80 || matches!(high, b'[' | b'-') {
                            return Err(Refusal::Unsupported);
                        }
                        if *high < byte {
                            return Err(Refusal::Invalid);
                        }
                        add(byte, *high);
                        self.next();
                        self.next();
                    }
                    _ => add(byte, byte),
                },
            }
            first = false;
        }
        if negated {
            set.iter_mut().for_each(|slot| *slot = !*slot);
        }
        Ok(Node::Set(set))
    }
}

fn class(name: &[u8]) -> Option<fn(&u8) -> bool> {
    Some(match name {
        b"alnum" => u8::is_ascii_alphanumeric,
        b"alpha" => u8::is_ascii_alphabetic,
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => u8::is_ascii_control,
        b"digit" => u8::is_ascii_digit,
        b"graph" => u8::is_ascii_graphic,
        b"lower" => u8::is_ascii_lowercase,
        b"print" => |byte| byte.is_ascii_graphic() || *byte == b' ',
        b"punct" => u8::is_ascii_punctuation,
        b"space" => |byte| byte.is_ascii_whitespace() || *byte == 0x0b,
        b"upper" => u8::is_ascii_uppercase,
        b"xdigit" => u8::is_ascii_hexdigit,
        _ => return None,
    })
}

fn repeat(node: Node, (least, most): (u32, Option<u32>)) -> Result<Node, Refusal> {
    // How often an empty match is repeated, and what its groups hold then, is the library's own.
    if most.is_none() && nullable(&node) {
        return Err(Refusal::Unsupported);
    }
    Ok(Node::Repeat(Box::new(node), least, most))
}

/// Whether a part may match nothing.
fn nullable(node: &Node) -> bool {
    match node {
        Node::Byte(_) | Node::Any | Node::Set(_) => false,
        Node::Start | Node::End => true,
        Node::Group(_, inner) => nullable(inner),
        Node::Concat(parts) => parts.iter().all(nullable),
        Node::Either(branches) => branches.iter().any(nullable),
        Node::Repeat(inner, least, _) => *least == 0 || nullable(inner),
    }
}
