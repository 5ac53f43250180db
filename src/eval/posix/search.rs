//! Running patterns over text.

use std::collections::HashMap;

use super::Refusal;
use super::parse::{Node, parse};

#[derive(Clone, Debug)]
enum Step {
    Byte(u8),
    Any,
    Set(Box<[bool; 256]>),
    Start,
    End,
    Save(usize),
    /// `|`: both ways are tried, the first one first.
    Either(usize, usize),
    /// A repetition: the second way only when the first leads nowhere.
    Prefer(usize, usize),
    Jump(usize),
    Match,
}

/// Longest program.
const LONGEST: usize = 4_000;
/// Most pairs of step and position that one attempt may visit.
const LARGEST: usize = 1 << 20;
/// Deepest backtracking.
const DEEPEST: u32 = 20_000;

/// The bytes of the match, and of each group that took part.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(in crate::eval) struct Match {
    pub whole: (usize, usize),
    pub groups: Vec<Option<(usize, usize)>>,
}

/// A pattern made ready.
#[derive(Debug)]
pub(in crate::eval) struct Program {
    steps: Vec<Step>,
    groups: usize,
}

/// How one attempt is made.
#[derive(Clone, Copy)]
struct Attempt {
    /// Where `^` fits.
    line_start: Option<usize>,
    /// The match must take everything that is left.
    whole: bool,
    not_empty: bool,
}

impl Program {
    pub fn new(pattern: &str) -> Result<Self, Refusal> {
        let (node, groups) = parse(pattern)?;
        let mut program = Self {
            steps: Vec::new(),
            groups,
        };
        program.emit(&node)?;
        program.steps.push(Step::Match);
        Ok(program)
    }

    fn push(&mut self, step: Step) -> Result<usize, Refusal> {
        if self.steps.len() >= LONGEST {
            return Err(Refusal::Limit);
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn patch(&mut self, at: usize, step: Step) {
        if let Some(slot) = self.steps.get_mut(at) {
            *slot = step;
        }
    }

    fn emit(&mut self, node: &Node) -> Result<(), Refusal> {
        match node {
            Node::Byte(byte) => drop(self.push(Step::Byte(*byte))?),
            Node::Any => drop(self.push(Step::Any)?),
            Node::Set(set) => drop(self.push(Step::Set(set.clone()))?),
            Node::Start => drop(self.push(Step::Start)?),
            Node::End => drop(self.push(Step::End)?),
            Node::Group(index, inner) => {
                self.push(Step::Save(index * 2))?;
                self.emit(inner)?;
                self.push(Step::Save(index * 2 + 1))?;
            }
            Node::Concat(parts) => {
                for part in parts {
                    self.emit(part)?;
                }
            }
            Node::Either(branches) => {
                let mut ends = Vec::new();
                for (index, branch) in branches.iter().enumerate() {
                    if index + 1 == branches.len() {
                        self.emit(branch)?;
                    } else {
                        let split = self.push(Step::Match)?;
                        self.emit(branch)?;
                        ends.push(self.push(Step::Match)?);
                        let next = self.steps.len();
                        self.patch(split, Step::Either(split + 1, next));
                    }
                }
                let end = self.steps.len();
                for at in ends {
                    self.patch(at, Step::Jump(end));
                }
            }
            Node::Repeat(inner, least, most) => {
                for _ in 0..*least {
                    self.emit(inner)?;
                }
                match most {
                    None => {
                        let split = self.push(Step::Match)?;
                        self.emit(inner)?;
                        self.push(Step::Jump(split))?;
                        let end = self.steps.len();
                        self.patch(split, Step::Prefer(split + 1, end));
                    }
                    Some(most) => {
                        let mut splits = Vec::new();
                        for _ in *least..*most {
                            splits.push(self.push(Step::Match)?);
                            self.emit(inner)?;
                        }
                        let end = self.steps.len();
                        for at in splits {
                            self.patch(at, Step::Prefer(at + 1, end));
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The match of the whole text.
    pub fn matches(&self, text: &[u8]) -> Result<Option<Match>, Refusal> {
        let attempt = Attempt {
            line_start: Some(0),
            whole: true,
            not_empty: false,
        };
        self.attempt(text, 0, attempt)
    }

    /// All matches one after the other, as `std::regex_iterator` finds them.
    pub fn find_all(&self, text: &[u8]) -> Result<Vec<Match>, Refusal> {
        let mut found = Vec::new();
        let mut start = 0;
        let mut attempt = Attempt {
            line_start: Some(0),
            whole: false,
            not_empty: false,
        };
        while let Some(hit) = self.search(text, start, attempt)? {
            let (_, mut end) = hit.whole;
            let mut empty = hit.whole.0 == end;
            found.push(hit);
            while empty {
                if end == text.len() {
                    return Ok(found);
                }
                let here = Attempt {
                    line_start: attempt.line_start.map(|_| end),
                    not_empty: true,
                    ..attempt
                };
                match self.attempt(text, end, here)? {
                    Some(hit) => {
                        end = hit.whole.1;
                        empty = false;
                        found.push(hit);
                    }
                    None => {
                        end += 1;
                        break;
                    }
                }
            }
            attempt.line_start = None;
            start = end;
        }
        Ok(found)
    }

    fn search(
        &self,
        text: &[u8],
        start: usize,
        attempt: Attempt,
    ) -> Result<Option<Match>, Refusal> {
        for at in start..=text.len() {
            if let Some(hit) = self.attempt(text, at, attempt)? {
                return Ok(Some(hit));
            }
        }
        Ok(None)
    }

    /// A match that starts at `start`.
    fn attempt(
        &self,
        text: &[u8],
        start: usize,
        attempt: Attempt,
    ) -> Result<Option<Match>, Refusal> {
        let mut run = Run {
            steps: &self.steps,
            text,
            start,
            attempt,
            slots: vec![None; (self.groups + 1) * 2],
            seen: HashMap::new(),
            best: None,
        };
        run.explore(0, start, 0)?;
        Ok(run.best)
    }
}

/// One attempt under way.
struct Run<'p> {
    steps: &'p [Step],
    text: &'p [u8],
    start: usize,
    attempt: Attempt,
    slots: Vec<Option<usize>>,
    /// Whether a match lies behind a step and position that were looked at. A second look cannot
    /// find a longer one.
    seen: HashMap<(usize, usize), bool>,
    best: Option<Match>,
}

impl Run<'_> {
    /// Whether a match lies ahead; the longest is kept.
    fn explore(&mut self, step: usize, at: usize, depth: u32) -> Result<bool, Refusal> {
        if depth > DEEPEST || self.seen.len() > LARGEST {
            return Err(Refusal::Limit);
        }
        if let Some(found) = self.seen.get(&(step, at)) {
            return Ok(*found);
        }
        let byte = self.text.get(at).copied();
        let one = |fits: bool| fits.then_some((step + 1, at + 1));
        let zero = |fits: bool| fits.then_some((step + 1, at));
        let next = match self.steps.get(step) {
            Some(Step::Byte(wanted)) => one(byte == Some(*wanted)),
            Some(Step::Any) => one(byte.is_some()),
            Some(Step::Set(set)) => one(byte
                .and_then(|byte| set.get(usize::from(byte)))
                .is_some_and(|member| *member)),
            Some(Step::Start) => zero(self.attempt.line_start == Some(at)),
            Some(Step::End) => zero(at == self.text.len()),
            Some(Step::Jump(to)) => Some((*to, at)),
            Some(Step::Save(slot)) => {
                let slot = *slot;
                let old = self.slots.get(slot).copied().flatten();
                self.save(slot, Some(at));
                let found = self.explore(step + 1, at, depth + 1)?;
                self.save(slot, old);
                return Ok(self.remember(step, at, found));
            }
            Some(Step::Either(first, second)) => {
                let (first, second) = (*first, *second);
                let left = self.explore(first, at, depth + 1)?;
                let right = self.explore(second, at, depth + 1)?;
                return Ok(self.remember(step, at, left || right));
            }
            Some(Step::Prefer(first, second)) => {
                let (first, second) = (*first, *second);
                let found =
                    self.explore(first, at, depth + 1)? || self.explore(second, at, depth + 1)?;
                return Ok(self.remember(step, at, found));
            }
            Some(Step::Match) | None => {
                let fits = (!self.attempt.whole || at == self.text.len())
                    && !(self.attempt.not_empty && at == self.start);
                let longer = self.best.as_ref().is_none_or(|best| at > best.whole.1);
                if fits && longer {
                    self.best = Some(Match {
                        whole: (self.start, at),
                        groups: groups(&self.slots),
                    });
                }
                return Ok(fits);
            }
        };
        let found = match next {
            Some((step, at)) => self.explore(step, at, depth + 1)?,
            None => false,
        };
        Ok(self.remember(step, at, found))
    }

    fn save(&mut self, slot: usize, value: Option<usize>) {
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = value;
        }
    }

    fn remember(&mut self, step: usize, at: usize, found: bool) -> bool {
        self.seen.insert((step, at), found);
        found
    }
}

/// The groups of the slots, without the match itself.
fn groups(slots: &[Option<usize>]) -> Vec<Option<(usize, usize)>> {
    slots
        .chunks_exact(2)
        .skip(1)
        .map(|pair| match pair {
            [Some(start), Some(end)] => Some((*start, *end)),
            _ => None,
        })
        .collect()
}
