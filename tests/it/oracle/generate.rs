//! Random Nix expressions that have a value: built by type, with scopes that shadow each other.

/// A small generator of the same expressions for the same seed.
struct Generator {
    state: u64,
    scope: Vec<Name>,
}

struct Name {
    name: &'static str,
    /// `None` while its own definition is being written: a use there would never end.
    kind: Option<Kind>,
    /// Bound by `with`: any other binding of the name wins over it.
    with: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Bool,
    Str,
    List,
    Attrs,
}

const KINDS: [Kind; 5] = [Kind::Int, Kind::Bool, Kind::Str, Kind::List, Kind::Attrs];
/// Few names, so that they collide.
const NAMES: [&str; 4] = ["w", "x", "y", "z"];

/// The expression for a seed.
pub fn expression(seed: u64) -> String {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        scope: Vec::new(),
    };
    let kind = generator.kind();
    generator.of(kind, 5)
}

impl Generator {
    /// Xorshift (Marsaglia 2003), below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 11) as usize % bound
    }

    fn kind(&mut self) -> Kind {
        KINDS[self.below(KINDS.len())]
    }

    fn name(&mut self) -> &'static str {
        NAMES[self.below(NAMES.len())]
    }

    /// A visible name of this kind.
    fn variable(&mut self, kind: Kind) -> Option<&'static str> {
        let visible: Vec<&'static str> = NAMES
            .into_iter()
            .filter(|name| {
                let lexical = self
                    .scope
                    .iter()
                    .rev()
                    .find(|bound| bound.name == *name && !bound.with);
                let winner =
                    lexical.or_else(|| self.scope.iter().rev().find(|bound| bound.name == *name));
                winner.is_some_and(|bound| bound.kind == Some(kind))
            })
            .collect();
        match visible.len() {
            0 => None,
            count => Some(visible[self.below(count)]),
        }
    }

    /// An expression of this kind with one more name in scope.
    fn inside(&mut self, bound: (&'static str, Kind, bool), kind: Kind, depth: usize) -> String {
        let (name, of, with) = bound;
        self.scope.push(Name {
            name,
            kind: Some(of),
            with,
        });
        let text = self.of(kind, depth);
        self.scope.pop();
        text
    }

    fn of(&mut self, kind: Kind, depth: usize) -> String {
        if self.below(4) == 0
            && let Some(name) = self.variable(kind)
        {
            return name.to_owned();
        }
        if depth == 0 {
            return self.literal(kind);
        }
        let depth = depth - 1;
        if self.below(3) == 0 {
            return self.scoped(kind, depth);
        }
        match kind {
            Kind::Int => self.int(depth),
            Kind::Bool => self.bool(depth),
            Kind::Str => self.str(depth),
            Kind::List => self.list(depth),
            Kind::Attrs => self.attrs(depth),
        }
    }

    fn literal(&mut self, kind: Kind) -> String {
        let number = self.below(20);
        match kind {
            Kind::Int => number.to_string(),
            Kind::Bool => ["true", "false"][number % 2].to_owned(),
            Kind::Str => format!("\"s{number}\""),
            Kind::List => format!("[ {number} {} ]", self.below(5)),
            Kind::Attrs => format!("{{ a = {number}; b = \"t\"; }}"),
        }
    }

    /// Any kind, through a construct that binds a name or chooses.
    fn scoped(&mut self, kind: Kind, depth: usize) -> String {
        let of = self.kind();
        let name = self.name();
        let construct = self.below(9);
        let recursive = [0, 3, 4, 5].contains(&construct);
        if recursive {
            self.scope.push(Name {
                name,
                kind: None,
                with: false,
            });
        }
        let value = self.of(of, depth);
        if recursive {
            self.scope.pop();
        }
        match construct {
            0 => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(let {name} = {value}; in {body})")
            }
            1 => {
                let body = self.inside((name, of, true), kind, depth);
                format!("(with {{ {name} = {value}; }}; {body})")
            }
            2 => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(({name}: {body}) {value})")
            }
            3 => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(({{ {name} ? {value}, ... }}: {body}) {{ }})")
            }
            4 => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(rec {{ {name} = {value}; result = {body}; }}).result")
            }
            5 => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(let inherit ({{ {name} = {value}; }}) {name}; in {body})")
            }
            6 => {
                let (condition, yes, no) = (
                    self.of(Kind::Bool, depth),
                    self.of(kind, depth),
                    self.of(kind, depth),
                );
                format!("(if {condition} then {yes} else {no})")
            }
            7 => {
                let (have, fallback) = (self.of(kind, depth), self.of(kind, depth));
                let asked = ["p", "q.r"][self.below(2)];
                format!("({{ p = {have}; }}.{asked} or {fallback})")
            }
            _ => {
                let body = self.inside((name, of, false), kind, depth);
                format!("(({{ {name}, ... }}@all: {body}) {{ {name} = {value}; extra = 1; }})")
            }
        }
    }

    fn int(&mut self, depth: usize) -> String {
        let (a, b) = (self.of(Kind::Int, depth), self.of(Kind::Int, depth));
        match self.below(9) {
            0 => format!("({a} + {b})"),
            1 => format!("({a} - {b})"),
            2 => format!("({a} * {})", self.below(4)),
            3 => format!("({a} / {})", 1 + self.below(5)),
            4 => format!("(builtins.length {})", self.of(Kind::List, depth)),
            5 => format!("(builtins.stringLength {})", self.of(Kind::Str, depth)),
            6 => format!("({}).a", self.of(Kind::Attrs, depth)),
            7 => {
                let list = self.of(Kind::List, depth);
                format!("(builtins.foldl' (acc: item: acc + item) {a} {list})")
            }
            _ => format!("(lib.max {a} {b})"),
        }
    }

    fn bool(&mut self, depth: usize) -> String {
        let (a, b) = (self.of(Kind::Bool, depth), self.of(Kind::Bool, depth));
        match self.below(8) {
            0 => format!("({a} && {b})"),
            1 => format!("({a} || {b})"),
            2 => format!("({a} -> {b})"),
            3 => format!("(!{a})"),
            4 => {
                let operator = ["<", "<=", ">", ">=", "==", "!="][self.below(6)];
                let (x, y) = (self.of(Kind::Int, depth), self.of(Kind::Int, depth));
                format!("({x} {operator} {y})")
            }
            5 => {
                let kind = self.kind();
                format!("({} == {})", self.of(kind, depth), self.of(kind, depth))
            }
            6 => format!("({} ? a)", self.of(Kind::Attrs, depth)),
            _ => format!(
                "(builtins.elem {} {})",
                self.of(Kind::Int, depth),
                self.of(Kind::List, depth)
            ),
        }
    }

    fn str(&mut self, depth: usize) -> String {
        let (a, b) = (self.of(Kind::Str, depth), self.of(Kind::Str, depth));
        match self.below(8) {
            0 => format!("({a} + {b})"),
            1 => format!("\"<${{{a}}}-${{{b}}}>\""),
            2 => format!("''\n      first ${{{a}}}\n        second\n    ''"),
            3 => format!("(toString {})", self.of(Kind::Int, depth)),
            4 => format!(
                "(builtins.concatStringsSep \",\" (map toString {}))",
                self.of(Kind::List, depth)
            ),
            5 => format!("(lib.optionalString {} {a})", self.of(Kind::Bool, depth)),
            6 => format!("(builtins.substring {} 3 {a})", self.below(4)),
            _ => format!("({}).b", self.of(Kind::Attrs, depth)),
        }
    }

    fn list(&mut self, depth: usize) -> String {
        let a = self.of(Kind::List, depth);
        let name = self.name();
        match self.below(8) {
            0 => format!("({a} ++ {})", self.of(Kind::List, depth)),
            1 => {
                let body = self.inside((name, Kind::Int, false), Kind::Int, depth);
                format!("(map ({name}: {body}) {a})")
            }
            2 => {
                let body = self.inside((name, Kind::Int, false), Kind::Bool, depth);
                format!("(builtins.filter ({name}: {body}) {a})")
            }
            3 => format!(
                "(lib.optional {} {})",
                self.of(Kind::Bool, depth),
                self.of(Kind::Int, depth)
            ),
            4 => format!("(lib.optionals {} {a})", self.of(Kind::Bool, depth)),
            5 => {
                let body = self.inside((name, Kind::Int, false), Kind::Int, depth);
                format!("(builtins.genList ({name}: {body}) 3)")
            }
            6 => format!("(lib.unique {a})"),
            _ => format!(
                "[ {} ({}) ]",
                self.literal(Kind::Int),
                self.of(Kind::Int, depth)
            ),
        }
    }

    fn attrs(&mut self, depth: usize) -> String {
        let (a, b) = (self.of(Kind::Int, depth), self.of(Kind::Str, depth));
        match self.below(6) {
            0 => format!("({} // {{ a = {a}; }})", self.of(Kind::Attrs, depth)),
            1 => format!("(let a = {a}; b = {b}; in {{ inherit a b; }})"),
            2 => format!("(rec {{ a = {a}; b = toString a; }})"),
            3 => format!(
                "({{ a = {a}; b = {b}; }} // lib.optionalAttrs {} {{ b = \"other\"; }})",
                self.of(Kind::Bool, depth)
            ),
            4 => format!(
                "(builtins.mapAttrs (name: value: if name == \"a\" then value + 1 else value) {})",
                self.of(Kind::Attrs, depth)
            ),
            _ => format!(
                "{{ a = {a}; b = {b}; c.d = {}; }}",
                self.of(Kind::Bool, depth)
            ),
        }
    }
}
