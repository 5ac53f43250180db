//! How deep the parser's tree becomes.
//!
//! One frame per open bracket or keyword counts how long the chain of operators or applications
//! in it has become. A frame closes only where the parser closes it, too; on malformed input the
//! count errs upwards.

use super::{BASE_BUDGET, BUDGET_PER_BYTE, MAX_DEPTH};

/// Depth that costs nothing: what people write is shallower.
const FREE_DEPTH: u32 = 128;

/// What keeps a frame open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
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

#[derive(Debug)]
struct Frame {
    kind: Kind,
    /// Levels that the chain in progress adds to the tree.
    levels: u32,
    /// True where things stand side by side without being applied to each other: the elements
    /// of a list, the names after `inherit`.
    flat: bool,
}

/// What there is too much of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Excess {
    /// Levels of the tree.
    Depth,
    /// Work that grows with the square of a chain's length.
    Work,
}

/// The levels at the place that is being read.
#[derive(Debug)]
pub(super) struct Levels {
    frames: Vec<Frame>,
    depth: u32,
    /// The deepest level so far.
    pub deepest: u32,
    /// The depth that is refused.
    pub limit: u32,
    /// Work so far.
    pub cost: u64,
    /// The work that is refused.
    pub budget: u64,
    /// True right after something that an argument can be applied to.
    pub operand: bool,
}

impl Levels {
    /// For a text of this many bytes.
    pub fn new(size: usize) -> Self {
        let size = size as u64;
        Self {
            frames: vec![Frame {
                kind: Kind::Root,
                levels: 0,
                flat: false,
            }],
            depth: 0,
            deepest: 0,
            limit: MAX_DEPTH,
            cost: 0,
            budget: BASE_BUDGET.saturating_add(size.saturating_mul(BUDGET_PER_BYTE)),
            operand: false,
        }
    }

    /// Counts work.
    pub fn spend(&mut self, steps: u64) -> Result<(), Excess> {
        self.cost = self.cost.saturating_add(steps);
        if self.cost > self.budget {
            return Err(Excess::Work);
        }
        Ok(())
    }

    /// The tree gets one level deeper here.
    pub fn deepen(&mut self) -> Result<(), Excess> {
        self.depth += 1;
        if let Some(frame) = self.frames.last_mut() {
            frame.levels += 1;
        }
        self.deepest = self.deepest.max(self.depth);
        if self.depth > self.limit {
            return Err(Excess::Depth);
        }
        self.spend(u64::from(self.depth.saturating_sub(FREE_DEPTH)))
    }

    /// What comes next belongs to another element, binding or branch of the same frame.
    pub fn restart(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            let own = u32::from(frame.kind != Kind::Root).min(frame.levels);
            self.depth = self.depth.saturating_sub(frame.levels - own);
            frame.levels = own;
        }
    }

    /// Opens a frame.
    pub fn open(&mut self, kind: Kind) -> Result<(), Excess> {
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
    pub fn close(&mut self, kind: Kind) -> bool {
        if self.top() != kind || kind == Kind::Root {
            return false;
        }
        if let Some(frame) = self.frames.pop() {
            self.depth = self.depth.saturating_sub(frame.levels);
        }
        true
    }

    /// The innermost frame's kind.
    pub fn top(&self) -> Kind {
        self.frames.last().map_or(Kind::Root, |frame| frame.kind)
    }

    /// Makes the innermost frame one of another kind.
    pub fn become_kind(&mut self, kind: Kind) {
        if let Some(frame) = self.frames.last_mut() {
            frame.kind = kind;
        }
    }

    /// Says whether things stand side by side in the innermost frame without being applied.
    pub fn set_flat(&mut self, flat: bool) {
        if let Some(frame) = self.frames.last_mut() {
            frame.flat = flat;
        }
    }

    /// Something starts that can be an argument or a list's element.
    pub fn before_operand(&mut self) -> Result<(), Excess> {
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
}
