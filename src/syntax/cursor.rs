//! What a place in the text is about, told by the tokens before it: the text may be unfinished.
//!
//! While someone types, a file rarely parses. The brackets that are open and the names before each
//! `=` are enough to say which option a place belongs to.

use rnix::SyntaxKind as K;

use super::bounds;
use crate::text::Span;

/// What a place in a text is about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cursor {
    /// Where it stands.
    pub role: CursorRole,
    /// The names of the sets around it and of the statement, up to the word at the place. Names
    /// that code makes are empty.
    pub path: Vec<String>,
    /// The word at the place, also where the place is its end; empty between words. Of a string
    /// this is the text between blanks, quotes excluded.
    pub word: Span,
    /// True within a string.
    pub in_string: bool,
}

/// Where a place stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CursorRole {
    /// In the name of a definition, or where one may begin.
    Name,
    /// In the value of a definition.
    Value,
    /// In an element of a list, or where one may begin.
    Item,
}

/// Something open before the place.
struct Open {
    kind: OpenKind,
    /// The path of a value that stands here.
    path: Vec<String>,
    /// The names of the statement that is being written; only in sets.
    statement: Vec<String>,
    /// A dot came last: another name follows.
    after_dot: bool,
    /// Behind the `=` of a statement.
    in_value: bool,
    /// In `inherit`, which names without giving values.
    in_inherit: bool,
    /// `with x;` and `assert x;` whose semicolon is still to come.
    clauses: usize,
    /// Between quotes.
    is_string: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OpenKind {
    /// The file, or brackets: one expression.
    Plain,
    Set,
    List,
    /// The bindings of `let`; their names are no options.
    Let,
}

impl Open {
    fn new(kind: OpenKind, path: Vec<String>) -> Self {
        Self {
            kind,
            path,
            statement: Vec::new(),
            after_dot: false,
            in_value: false,
            in_inherit: false,
            clauses: 0,
            is_string: false,
        }
    }

    fn has_names(&self) -> bool {
        matches!(self.kind, OpenKind::Set | OpenKind::Let) && !self.in_value && !self.in_inherit
    }

    /// The path of what stands here now.
    fn here(&self) -> Vec<String> {
        self.path.iter().chain(&self.statement).cloned().collect()
    }

    fn name(&mut self, name: &str) {
        if !self.after_dot {
            self.statement.clear();
        }
        self.statement.push(name.to_owned());
        self.after_dot = false;
    }

    fn end_statement(&mut self) {
        self.statement.clear();
        self.after_dot = false;
        self.in_value = false;
        self.in_inherit = false;
    }
}

/// What the byte `offset` of a Nix file is about; `None` in a comment, and for text that cannot be
/// read within bounds.
pub fn cursor(text: &str, offset: u32) -> Option<Cursor> {
    if bounds::check(text).is_err() {
        return None;
    }
    let offset = offset as usize;
    let mut open = vec![Open::new(OpenKind::Plain, Vec::new())];
    let mut start = 0;
    for (kind, token) in rnix::tokenize(text) {
        let end = start + token.len();
        // A word counts from its start to its end; anything else ends what was before it.
        let is_word = matches!(
            kind,
            K::TOKEN_IDENT
                | K::TOKEN_STRING_CONTENT
                | K::TOKEN_INTEGER
                | K::TOKEN_OR
                | K::TOKEN_URI
                | K::TOKEN_FLOAT
        );
        let here = open.last()?;
        if start >= offset && !(is_word && start == offset) {
            return Some(between(here, offset));
        }
        if is_word && end >= offset {
            return Some(at_word(here, kind, token, start, offset));
        }
        if kind == K::TOKEN_COMMENT && end >= offset && start < offset {
            return None;
        }
        step(&mut open, kind, token);
        start = end;
    }
    Some(between(open.last()?, offset))
}

/// Where no word is.
fn between(here: &Open, offset: usize) -> Cursor {
    let at = u32::try_from(offset).unwrap_or(u32::MAX);
    let mut path = here.path.clone();
    let role = role(here);
    if role != CursorRole::Name || here.after_dot {
        path.extend(here.statement.iter().cloned());
    }
    Cursor {
        role,
        path,
        word: Span::empty(at),
        in_string: here.is_string,
    }
}

fn at_word(here: &Open, kind: K, token: &str, start: usize, offset: usize) -> Cursor {
    let (mut from, mut to) = (0, token.len());
    if kind == K::TOKEN_STRING_CONTENT {
        let before = token.get(..offset - start).unwrap_or("");
        let after = token.get(offset - start..).unwrap_or("");
        from = before.rfind(char::is_whitespace).map_or(0, |blank| {
            let width = before.get(blank..).and_then(|it| it.chars().next());
            blank + width.map_or(1, char::len_utf8)
        });
        to = after
            .find(char::is_whitespace)
            .map_or(token.len(), |blank| offset - start + blank);
    }
    let byte = |at: usize| u32::try_from(start + at).unwrap_or(u32::MAX);
    Cursor {
        word: Span::new(byte(from), byte(to)),
        ..between(here, offset)
    }
}

fn role(here: &Open) -> CursorRole {
    match here.kind {
        OpenKind::List => CursorRole::Item,
        _ if here.has_names() => CursorRole::Name,
        _ => CursorRole::Value,
    }
}

fn step(open: &mut Vec<Open>, kind: K, token: &str) {
    let Some(here) = open.last_mut() else { return };
    let push = |open: &mut Vec<Open>, kind: OpenKind| {
        let path = open.last().map(Open::here).unwrap_or_default();
        open.push(Open::new(kind, path));
    };
    match kind {
        K::TOKEN_L_BRACE => push(open, OpenKind::Set),
        K::TOKEN_L_BRACK => push(open, OpenKind::List),
        K::TOKEN_L_PAREN | K::TOKEN_INTERPOL_START => push(open, OpenKind::Plain),
        K::TOKEN_LET => open.push(Open::new(OpenKind::Let, vec![String::new()])),
        K::TOKEN_STRING_START => {
            if here.has_names() {
                // A quoted name; what stands in it is one.
                let path = here.path.clone();
                let after_dot = here.after_dot;
                let statement = if after_dot {
                    here.statement.clone()
                } else {
                    Vec::new()
                };
                let mut quoted = Open::new(OpenKind::Set, path);
                quoted.statement = statement;
                quoted.after_dot = true;
                quoted.is_string = true;
                open.push(quoted);
            } else {
                // Elements of a list are written as strings.
                let kind = match here.kind {
                    OpenKind::List => OpenKind::List,
                    _ => OpenKind::Plain,
                };
                let mut text = Open::new(kind, here.here());
                text.is_string = true;
                open.push(text);
            }
        }
        K::TOKEN_STRING_END => {
            let closed = (open.len() > 1).then(|| open.pop()).flatten();
            if let (Some(closed), Some(here)) = (closed, open.last_mut())
                && here.has_names()
            {
                here.name(closed.statement.last().map_or("", String::as_str));
            }
        }
        K::TOKEN_STRING_CONTENT if here.has_names() => here.name(token),
        K::TOKEN_R_BRACE | K::TOKEN_R_BRACK | K::TOKEN_R_PAREN | K::TOKEN_INTERPOL_END => {
            if open.len() > 1 {
                open.pop();
            }
            // `${name} = …`
            if kind == K::TOKEN_INTERPOL_END
                && let Some(here) = open.last_mut()
                && here.has_names()
            {
                here.name("");
            }
        }
        K::TOKEN_IN if here.kind == OpenKind::Let => drop(open.pop()),
        K::TOKEN_IDENT | K::TOKEN_OR if here.has_names() => here.name(token),
        K::TOKEN_DOT if here.has_names() => here.after_dot = true,
        K::TOKEN_ASSIGN if here.has_names() => {
            here.in_value = true;
            here.after_dot = false;
        }
        K::TOKEN_INHERIT if here.has_names() => here.in_inherit = true,
        K::TOKEN_WITH | K::TOKEN_ASSERT => here.clauses += 1,
        K::TOKEN_SEMICOLON => {
            if here.clauses > 0 {
                here.clauses -= 1;
            } else {
                here.end_statement();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Looks at the bar in `text`: role, path with the word behind it.
    fn at(text: &str) -> String {
        let offset = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        match cursor(&text, u32::try_from(offset).unwrap()) {
            None => "nothing".to_owned(),
            Some(found) => format!(
                "{:?} {} [{}]{}",
                found.role,
                found.path.join("."),
                text.get(found.word.range()).unwrap(),
                if found.in_string { " text" } else { "" }
            ),
        }
    }

    #[test]
    fn names_in_every_spelling() {
        for text in [
            "{ nix.settings.max-|",
            "{ nix.settings = { max-|",
            "{ pkgs, ... }: { nix = { settings.max-| = 4; }; }",
            "{ nix.settings = lib.mkIf (x == 1) { a = [ 1 ]; max-|jobs = 2; }; }",
            "{ nix.\"settings\" = rec { max-|",
            "{ nix.settings = lib.mkMerge [ { max-|",
            "{ nix.settings = a // { b = { }; max-|",
            "let x = { y = 1; }; in { nix.settings = { inherit x; max-|",
            "{ nix = with lib; { settings = { max-|",
        ] {
            let word = if text.contains("|jobs") {
                "max-jobs"
            } else {
                "max-"
            };
            assert_eq!(at(text), format!("Name nix.settings [{word}]"), "{text}");
        }
    }

    #[test]
    fn values_and_elements() {
        assert_eq!(
            at("{ nix.gc.automatic = tr|"),
            "Value nix.gc.automatic [tr]"
        );
        assert_eq!(
            at("{ nix.gc.automatic = | ; }"),
            "Value nix.gc.automatic []"
        );
        assert_eq!(at("{ a = lib.mkDefault t|; }"), "Value a [t]");
        assert_eq!(
            at("{ a.b = [ \"x\" \"fl|akes\" ]; }"),
            "Item a.b [flakes] text"
        );
        assert_eq!(at("{ a.b = [ | ]; }"), "Item a.b []");
        assert_eq!(at("{ a.b = [ \"|\" ]; }"), "Item a.b [] text");
        assert_eq!(at("{ a = \"one tw|o\"; }"), "Value a [two] text");
        assert_eq!(
            at("{ a = ''\n  cores = 4\n  max-|\n''; }"),
            "Value a [max-] text"
        );
    }

    #[test]
    fn where_a_statement_may_begin() {
        assert_eq!(at("{ nix.settings = { | }; }"), "Name nix.settings []");
        assert_eq!(
            at("{ nix.settings = { a = 1; | }; }"),
            "Name nix.settings []"
        );
        assert_eq!(at("{ nix.settings.|"), "Name nix.settings []");
        assert_eq!(at("{ nix.settings.\"|"), "Name nix.settings [] text");
        assert_eq!(at("{ a = 1; } |"), "Value  []");
    }

    #[test]
    fn names_of_let_are_no_options() {
        assert_eq!(at("let nix.settings.ma| in { }"), "Name .nix.settings [ma]");
        assert_eq!(at("{ a = let b = 1; in c|; }"), "Value a [c]");
    }

    #[test]
    fn made_names_are_empty() {
        assert_eq!(at("{ users.${name}.nix.ma|"), "Name users..nix [ma]");
        assert_eq!(at("{ \"a.b\".c|"), "Name a.b [c]");
    }

    #[test]
    fn comments_are_about_nothing() {
        assert_eq!(at("{ # max-|\n}"), "nothing");
        assert_eq!(at("{ /* max-| */ }"), "nothing");
        assert_eq!(at("{ # c\n| }"), "Name  []");
    }

    #[test]
    fn anything_is_read() {
        for text in [
            "",
            "}",
            "]]]",
            "in in",
            "\"",
            "''${",
            "{ ${",
            "let",
            "{ a = ;;; =",
        ] {
            for offset in 0..=text.len() {
                let _ = cursor(text, u32::try_from(offset).unwrap());
            }
        }
    }
}
