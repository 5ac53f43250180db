//! Who called whom in an evaluation, and where its time went: stacks as a tree.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rustc_hash::FxHashMap;
use serde::Serialize;
use serde_json::json;

/// More different calls are not kept apart: they count for who called them.
const MOST_NODES: usize = 2_000_000;

/// What a weight counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// Looks at the evaluator in equal times.
    Samples,
    /// Nanoseconds.
    Nanoseconds,
}

/// A call, as Nix names it: `FILE:LINE:COLUMN:NAME`.
///
/// Its names and those that are left out are speedscope's.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Frame {
    /// The function, `primop NAME`, or the place where it has no name.
    pub name: String,
    /// The file, as Nix names it; `None` where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// From 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// From 1.
    #[serde(rename = "col", skip_serializing_if = "Option::is_none")]
    pub column: Option<u64>,
}

/// Stacks with weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Stacks {
    unit: Unit,
    names: Vec<String>,
    numbers: FxHashMap<String, u32>,
    nodes: Vec<Node>,
    /// Children by the place of their parent and their name.
    children: FxHashMap<(u32, u32), u32>,
}

/// A call of a caller. The first one is the root, which has no name.
#[derive(Clone, PartialEq, Debug)]
struct Node {
    parent: u32,
    name: u32,
    /// Without what it called.
    own: u64,
}

/// A call with what it called.
#[derive(Clone, PartialEq, Debug)]
pub struct Call {
    /// How many called each other before.
    pub depth: usize,
    /// The text of its frame.
    pub frame: String,
    /// Where it begins when calls lie side by side, in weights from 0.
    pub start: u64,
    /// With what it called.
    pub total: u64,
    /// Without.
    pub own: u64,
}

impl Stacks {
    /// None yet.
    pub fn new(unit: Unit) -> Self {
        let root = Node {
            parent: 0,
            name: u32::MAX,
            own: 0,
        };
        Self {
            unit,
            names: Vec::new(),
            numbers: FxHashMap::default(),
            nodes: vec![root],
            children: FxHashMap::default(),
        }
    }

    /// What weights count.
    pub fn unit(&self) -> Unit {
        self.unit
    }

    /// The place of the root.
    pub(super) const ROOT: u32 = 0;

    /// The place of a call of `name` by the call at `parent`.
    pub(super) fn child(&mut self, parent: u32, name: &str) -> u32 {
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let number = match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                self.names.push(name.to_owned());
                self.numbers.insert(name.to_owned(), next);
                next
            }
        };
        if let Some(child) = self.children.get(&(parent, number)) {
            return *child;
        }
        match u32::try_from(self.nodes.len()) {
            Ok(place) if self.nodes.len() < MOST_NODES => {
                self.nodes.push(Node {
                    parent,
                    name: number,
                    own: 0,
                });
                self.children.insert((parent, number), place);
                place
            }
            _ => parent,
        }
    }

    /// Adds a weight to a call itself.
    pub(super) fn add(&mut self, place: u32, weight: u64) {
        if let Some(node) = usize::try_from(place)
            .ok()
            .and_then(|place| self.nodes.get_mut(place))
        {
            node.own = node.own.saturating_add(weight);
        }
    }

    /// Reads folded stacks, `one;two;three 5` each line, as Nix writes them; a stack may come several
    /// times. Lines that are none are left out.
    pub fn read_folded(text: &str) -> Self {
        let mut out = Self::new(Unit::Samples);
        for line in text.lines() {
            let Some((stack, weight)) = line.rsplit_once(' ') else {
                continue;
            };
            let Ok(weight) = weight.parse() else {
                continue;
            };
            let mut place = Self::ROOT;
            for frame in stack.split(';') {
                place = out.child(place, frame);
            }
            out.add(place, weight);
        }
        out
    }

    /// All weights together.
    pub fn total(&self) -> u64 {
        self.nodes.iter().map(|node| node.own).sum()
    }

    fn name(&self, node: &Node) -> &str {
        let name = usize::try_from(node.name).ok();
        name.and_then(|name| self.names.get(name))
            .map_or("", String::as_str)
    }

    /// The places from the outermost call to this one.
    fn path(&self, mut place: u32) -> Vec<&Node> {
        let mut out = Vec::new();
        while place != Self::ROOT {
            let Some(node) = usize::try_from(place)
                .ok()
                .and_then(|place| self.nodes.get(place))
            else {
                break;
            };
            out.push(node);
            place = node.parent;
        }
        out.reverse();
        out
    }

    /// Stacks with a weight of their own, in order.
    fn stacks(&self) -> Vec<(Vec<&Node>, u64)> {
        let mut out: Vec<(Vec<&Node>, u64)> = Vec::new();
        for (place, node) in self.nodes.iter().enumerate() {
            let place = u32::try_from(place).unwrap_or(Self::ROOT);
            if node.own > 0 && place != Self::ROOT {
                out.push((self.path(place), node.own));
            }
        }
        out
    }

    /// Folded stacks, each once, sorted: what flame graphs are made of.
    pub fn folded(&self) -> String {
        let mut lines: Vec<String> = self
            .stacks()
            .iter()
            .map(|(stack, weight)| {
                let names: Vec<&str> = stack.iter().map(|node| self.name(node)).collect();
                format!("{} {weight}", names.join(";"))
            })
            .collect();
        lines.sort();
        let mut out = String::new();
        for line in lines {
            let _ = writeln!(out, "{line}");
        }
        out
    }

    /// One document of speedscope's file format.
    pub fn speedscope(&self, name: &str) -> String {
        let frames: Vec<Frame> = self.names.iter().map(|name| Frame::parse(name)).collect();
        let stacks = self.stacks();
        let samples: Vec<Vec<u32>> = stacks
            .iter()
            .map(|(stack, _)| stack.iter().map(|node| node.name).collect())
            .collect();
        let weights: Vec<u64> = stacks.iter().map(|(_, weight)| *weight).collect();
        let unit = match self.unit {
            Unit::Samples => "none",
            Unit::Nanoseconds => "nanoseconds",
        };
        let document = json!({
            "$schema": "https://www.speedscope.app/file-format-schema.json",
            "exporter": concat!("nixtune ", env!("CARGO_PKG_VERSION")),
            "name": name,
            "activeProfileIndex": 0,
            "shared": { "frames": frames },
            "profiles": [{
                "type": "sampled",
                "name": name,
                "unit": unit,
                "startValue": 0,
                "endValue": weights.iter().sum::<u64>(),
                "samples": samples,
                "weights": weights,
            }],
        });
        format!("{document}\n")
    }

    /// Calls as they lie below their callers, the heaviest first, those lighter than `least` left
    /// out; no deeper than `deepest`.
    pub fn calls(&self, least: u64, deepest: usize) -> Vec<Call> {
        let mut totals: Vec<u64> = self.nodes.iter().map(|node| node.own).collect();
        let mut children: FxHashMap<u32, Vec<u32>> = FxHashMap::default();
        // A call is made after its caller: from the last to the first, all children are added before.
        for (index, node) in self.nodes.iter().enumerate().skip(1).rev() {
            let total = totals.get(index).copied().unwrap_or(0);
            let parent = usize::try_from(node.parent).ok();
            if let Some(sum) = parent.and_then(|parent| totals.get_mut(parent)) {
                *sum = sum.saturating_add(total);
            }
            if total >= least.max(1)
                && let Ok(place) = u32::try_from(index)
            {
                children.entry(node.parent).or_default().push(place);
            }
        }
        let total = |place: u32| {
            let place = usize::try_from(place).ok();
            place
                .and_then(|place| totals.get(place))
                .copied()
                .unwrap_or(0)
        };
        let mut out = Vec::new();
        // Place, depth, start. Depth is bounded by memory only: no recursion.
        let mut open = vec![(Self::ROOT, 0_usize, 0_u64)];
        while let Some((place, depth, start)) = open.pop() {
            if let Some(node) = usize::try_from(place)
                .ok()
                .and_then(|place| self.nodes.get(place))
                && place != Self::ROOT
            {
                out.push(Call {
                    depth: depth - 1,
                    frame: self.name(node).to_owned(),
                    start,
                    total: total(place),
                    own: node.own,
                });
            }
            if depth >= deepest {
                continue;
            }
            let mut below = children.get(&place).cloned().unwrap_or_default();
            below.sort_by_key(|child| (std::cmp::Reverse(total(*child)), *child));
            let mut at = start;
            for child in below {
                open.push((child, depth + 1, at));
                at += total(child);
            }
        }
        out.sort_by_key(|call| (call.depth, call.start));
        out
    }

    /// Weights by `key` of frames, each stack counted once for each key on it; the heaviest first.
    pub fn by(&self, key: impl Fn(&Frame) -> Option<String>) -> Vec<(String, u64)> {
        let keys: Vec<Option<String>> = self
            .names
            .iter()
            .map(|name| key(&Frame::parse(name)))
            .collect();
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for (stack, weight) in self.stacks() {
            let mut on_it: Vec<&str> = stack
                .iter()
                .filter_map(|node| keys.get(usize::try_from(node.name).ok()?)?.as_deref())
                .collect();
            on_it.sort_unstable();
            on_it.dedup();
            for key in on_it {
                *sums.entry(key).or_default() += weight;
            }
        }
        let mut out: Vec<(String, u64)> = sums
            .into_iter()
            .map(|(key, sum)| (key.to_owned(), sum))
            .collect();
        out.sort_by(|one, other| other.1.cmp(&one.1).then(one.0.cmp(&other.0)));
        out
    }

    /// Weights by derivation, which Nix names in its frames since it samples.
    pub fn by_derivation(&self) -> Vec<(String, u64)> {
        self.by(|frame| {
            let name = frame.name.strip_prefix("primop derivationStrict:")?;
            Some(name.to_owned())
        })
    }

    /// Weights by file.
    pub fn by_file(&self) -> Vec<(String, u64)> {
        self.by(|frame| frame.file.clone())
    }
}

impl Frame {
    /// The name; where there is none, the last part of the place.
    pub fn short(&self) -> String {
        match (&self.file, self.line, self.column) {
            (Some(file), Some(line), Some(column))
                if self.name.ends_with(&format!(":{line}:{column}")) =>
            {
                let base = file.rsplit('/').next().unwrap_or(file);
                format!("{base}:{line}:{column}")
            }
            _ => self.name.clone(),
        }
    }

    /// Reads `FILE:LINE:COLUMN:NAME`, `FILE:LINE:COLUMN` or a name alone. Names may hold colons.
    pub fn parse(text: &str) -> Self {
        let parts: Vec<&str> = text.split(':').collect();
        let is_number =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        // The first two numbers in a row: a file may hold colons, too.
        let numbers = parts
            .windows(2)
            .skip(1)
            .position(|pair| pair.iter().all(is_number))
            .map(|before| before + 1);
        let Some(at) = numbers else {
            return Self {
                name: text.to_owned(),
                file: None,
                line: None,
                column: None,
            };
        };
        let part = |index: usize| parts.get(index).and_then(|part| part.parse().ok());
        let file = parts.get(..at).unwrap_or_default().join(":");
        let name = parts.get(at + 2..).unwrap_or_default().join(":");
        Self {
            name: if name.is_empty() {
                text.to_owned()
            } else {
                name
            },
            file: Some(file),
            line: part(at),
            column: part(at + 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDED: &str = "/a.nix:1:2:f;/b.nix:3:4:g 2\n/a.nix:1:2:f 1\n\
        /a.nix:1:2:f;/b.nix:3:4:g 3\nnothing\n/a.nix:1:2:f;//x:9:1:primop derivationStrict:hello 4\n";

    #[test]
    fn stacks_that_come_again_are_added() {
        let stacks = Stacks::read_folded(FOLDED);
        assert_eq!(stacks.total(), 10);
        assert_eq!(
            stacks.folded(),
            "/a.nix:1:2:f 1\n/a.nix:1:2:f;//x:9:1:primop derivationStrict:hello 4\n/a.nix:1:2:f;/b.nix:3:4:g 5\n"
        );
        assert_eq!(Stacks::read_folded(&stacks.folded()).total(), 10);
        assert_eq!(stacks.by_derivation(), [("hello".to_owned(), 4)]);
        assert_eq!(stacks.by_file()[0], ("/a.nix".to_owned(), 10));
        // A function that calls itself counts once for a stack.
        let recursive = Stacks::read_folded("/a:1:1:f;/a:1:1:f;/a:1:1:f 7");
        assert_eq!(recursive.by_file(), [("/a".to_owned(), 7)]);
    }

    #[test]
    fn calls_lie_below_their_callers() {
        let calls = Stacks::read_folded(FOLDED).calls(1, 10);
        let found: Vec<_> = calls
            .iter()
            .map(|call| (call.depth, call.start, call.total, call.own))
            .collect();
        assert_eq!(found, [(0, 0, 10, 1), (1, 0, 5, 5), (1, 5, 4, 4)]);
        assert_eq!(Stacks::read_folded(FOLDED).calls(5, 10).len(), 2);
        assert_eq!(Stacks::read_folded(FOLDED).calls(1, 1).len(), 1);
    }

    #[test]
    fn frames_are_read_whatever_they_hold() {
        let frame = Frame::parse("«github:a/b»/x:y.nix:12:3:primop derivationStrict:a:b");
        assert_eq!(frame.file.as_deref(), Some("«github:a/b»/x:y.nix"));
        assert_eq!((frame.line, frame.column), (Some(12), Some(3)));
        assert_eq!(frame.name, "primop derivationStrict:a:b");
        assert_eq!(Frame::parse("«none»").file, None);
        assert_eq!(Frame::parse("/b/a:1:2").name, "/b/a:1:2");
        assert_eq!(Frame::parse("/b/a:1:2").short(), "a:1:2");
        assert_eq!(frame.short(), frame.name);
        assert_eq!(Frame::parse("").name, "");
    }
}
