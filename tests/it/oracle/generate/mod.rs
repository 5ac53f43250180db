//! Random Nix expressions: built by kind from templates, with scopes that shadow each other and
//! perhaps an argument `u` that nixtune does not know.

mod templates;
mod text;

use templates::Template;

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

/// What an expression evaluates to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Int,
    Float,
    Bool,
    Str,
    /// Of integers.
    List,
    /// Of strings.
    Strs,
    /// With an integer `a`, a string `b`, and perhaps more.
    Attrs,
}

const KINDS: [Kind; 7] = [
    Kind::Int,
    Kind::Float,
    Kind::Bool,
    Kind::Str,
    Kind::List,
    Kind::Strs,
    Kind::Attrs,
];
/// Few names, so that they collide.
const NAMES: [&str; 4] = ["w", "x", "y", "z"];

/// A generated expression.
#[derive(Debug)]
pub struct Case {
    pub text: String,
    /// The kind of the argument `u`, if the expression may use it.
    pub unknown: Option<Kind>,
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "str" => Self::Str,
            "list" => Self::List,
            "strs" => Self::Strs,
            "attrs" => Self::Attrs,
            _ => return None,
        })
    }

    /// Values that an argument of this kind may have.
    pub fn examples(self) -> &'static [&'static str] {
        match self {
            Self::Int => &["0", "3", "(-2)"],
            Self::Float => &["0.5", "2.0"],
            Self::Bool => &["true", "false"],
            Self::Str => &["\"\"", "\"s1\"", "\"a-b.c\""],
            Self::List => &["[ ]", "[ 1 2 ]", "[ 7 ]"],
            Self::Strs => &["[ ]", "[ \"a\" \"s1\" ]"],
            Self::Attrs => &[
                "{ a = 1; b = \"t\"; }",
                "{ a = 5; b = \"\"; c = true; w = 2; }",
            ],
        }
    }
}

/// The expression for a seed: every third has an argument that is not known.
pub fn case(seed: u64) -> Case {
    let mut generator = Generator {
        state: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
        scope: Vec::new(),
    };
    // The first numbers of close seeds are alike.
    for _ in 0..4 {
        generator.below(2);
    }
    let unknown = seed.is_multiple_of(3).then(|| generator.kind());
    if let Some(kind) = unknown {
        generator.scope.push(Name {
            name: "u",
            kind: Some(kind),
            with: false,
        });
    }
    let kind = generator.kind();
    let depth = 2 + generator.below(3);
    Case {
        text: generator.of(kind, depth),
        unknown,
    }
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

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// A visible name of this kind.
    fn variable(&mut self, kind: Kind) -> Option<&'static str> {
        let visible: Vec<&'static str> = NAMES
            .into_iter()
            .chain(["u"])
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

    fn of(&mut self, kind: Kind, depth: usize) -> String {
        if self.below(3) == 0
            && let Some(name) = self.variable(kind)
        {
            return name.to_owned();
        }
        if depth == 0 {
            return self.literal(kind);
        }
        let template = if self.below(3) == 0 {
            self.pick(templates::ANY)
        } else {
            self.pick(templates::of(kind))
        };
        self.fill(template, kind, depth - 1)
    }

    fn literal(&mut self, kind: Kind) -> String {
        let number = self.below(20);
        match kind {
            Kind::Int => match number {
                0..3 => format!("(-{number})"),
                3 => "9007199254740993".to_owned(),
                _ => number.to_string(),
            },
            Kind::Float => self
                .pick(&[
                    "0.5", "1.25", "(-2.75)", "3.0", "1.e3", "0.1", ".5", "12.e-2",
                ])
                .to_owned(),
            Kind::Bool => ["true", "false"][number % 2].to_owned(),
            Kind::Str => self.string(0),
            Kind::List => match number {
                0..4 => "[ ]".to_owned(),
                _ => format!("[ {number} {} ]", self.below(5)),
            },
            Kind::Strs => match number {
                0..4 => "[ ]".to_owned(),
                _ => format!("[ {} {} ]", self.string(0), self.string(0)),
            },
            Kind::Attrs => format!("{{ a = {number}; b = \"t\"; }}"),
        }
    }

    /// Writes a template: `N` and `M` are names, `‹kind›` is an expression, `‹kind N:kind›` one
    /// that sees a name, `‹kind N~kind›` one that sees it through `with`, and in `‹kind N!›` the
    /// name is being defined. `‹this›` is of the kind that is asked for, `‹that›` of another.
    fn fill(&mut self, template: Template, kind: Kind, depth: usize) -> String {
        let name = self.pick(&NAMES);
        let other = self.pick(&NAMES.map(|other| if other == name { "v" } else { other }));
        let that = self.kind();
        let resolve = |word: &str| match word {
            "this" => kind,
            "that" => that,
            _ => Kind::named(word).unwrap_or_else(|| panic!("no kind {word} in {template}")),
        };
        let mut out = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('‹') {
            let (hole, after) = after.split_once('›').expect("a hole ends");
            out.push_str(&named(before, name, other));
            rest = after;
            let mut words = hole.split(' ');
            let wanted = words.next().expect("a hole has a kind");
            let known = self.scope.len();
            for word in words {
                let which = if word.starts_with('N') { name } else { other };
                let (bound, with) = match word[1..].split_at(1) {
                    (":", bound) => (Some(resolve(bound)), false),
                    ("~", bound) => (Some(resolve(bound)), true),
                    ("!", "") => (None, false),
                    _ => panic!("{word} in {template}"),
                };
                self.scope.push(Name {
                    name: which,
                    kind: bound,
                    with,
                });
            }
            let text = match wanted {
                "nat" => self.below(6).to_string(),
                "pattern" => self.pattern(),
                "version" => self.version(),
                _ => self.of(resolve(wanted), depth),
            };
            self.scope.truncate(known);
            out.push_str(&text);
        }
        out.push_str(&named(rest, name, other));
        out
    }
}

/// Puts names in place of `N` and `M` where these stand alone.
fn named(text: &str, name: &str, other: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let letter = |at: Option<&char>| at.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let mut out = String::new();
    for (at, c) in chars.iter().enumerate() {
        let alone = !letter(chars.get(at.wrapping_sub(1))) && !letter(chars.get(at + 1));
        match c {
            'N' if alone => out.push_str(name),
            'M' if alone => out.push_str(other),
            _ => out.push(*c),
        }
    }
    out
}
