//! `--trace-function-calls`: a line when a function is entered and one when it is left, with the time
//! in nanoseconds. Releases before 2.30 have no sampling profiler, but this.

use super::stacks::{Stacks, Unit};

/// Makes stacks of the lines, in memory that does not grow with their number.
#[derive(Debug)]
pub struct CallTrace {
    stacks: Stacks,
    /// Where each call that goes on has its place; the innermost last.
    open: Vec<u32>,
    /// The last time that was told.
    last: Option<u64>,
    lines: u64,
}

impl Default for CallTrace {
    fn default() -> Self {
        Self {
            stacks: Stacks::new(Unit::Nanoseconds),
            open: Vec::new(),
            last: None,
            lines: 0,
        }
    }
}

impl CallTrace {
    /// Takes the next line; true when it is one of the trace.
    pub fn take(&mut self, line: &[u8]) -> bool {
        let Some(text) = line.strip_prefix(b"function-trace ") else {
            return false;
        };
        let text = String::from_utf8_lossy(text);
        let Some((what, at)) = text.rsplit_once(" at ") else {
            return false;
        };
        let Ok(at) = at.parse::<u64>() else {
            return false;
        };
        self.lines += 1;
        // What passed since the last line was spent in the innermost call.
        if let (Some(last), Some(place)) = (self.last, self.open.last()) {
            self.stacks.add(*place, at.saturating_sub(last));
        }
        self.last = Some(at);
        if let Some(name) = what.strip_prefix("entered ") {
            let parent = self.open.last().copied().unwrap_or(Stacks::ROOT);
            let place = self.stacks.child(parent, name);
            self.open.push(place);
        } else if what.starts_with("exited ") {
            self.open.pop();
        }
        true
    }

    /// The stacks; `None` when there was no line.
    pub fn finish(self) -> Option<Stacks> {
        (self.lines > 0).then_some(self.stacks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_counts_for_the_innermost_call() {
        let mut trace = CallTrace::default();
        for line in [
            "function-trace entered /a.nix:1:2 at 100",
            "warning: something else",
            "function-trace entered undefined position at 130",
            "function-trace exited undefined position at 180",
            "function-trace entered /b.nix:3:4 at 185",
            "function-trace exited /b.nix:3:4 at 200",
            "function-trace exited /a.nix:1:2 at 210",
        ] {
            assert_eq!(trace.take(line.as_bytes()), line.starts_with("function"));
        }
        let stacks = trace.finish().unwrap();
        assert_eq!(stacks.total(), 110);
        assert_eq!(
            stacks.folded(),
            "/a.nix:1:2 45\n/a.nix:1:2;/b.nix:3:4 15\n/a.nix:1:2;undefined position 50\n"
        );
        assert_eq!(CallTrace::default().finish(), None);
    }
}
