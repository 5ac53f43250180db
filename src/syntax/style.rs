//! How a file is written, so that what is added to it looks the same.

use std::collections::HashMap;

use rnix::{NodeOrToken, SyntaxKind, SyntaxNode};

/// Habits of one file. Where it shows none, those of the common formatters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Style {
    /// `\n` or `\r\n`.
    pub newline: &'static str,
    /// One level of indentation.
    pub unit: String,
    /// True when sets with several bindings stand on one line.
    pub one_line_sets: bool,
    /// True when lists with several elements stand on one line.
    pub one_line_lists: bool,
    /// True for `{}` and `[]`, false for `{ }` and `[ ]`.
    pub tight_empty: bool,
    /// True for `["a"]` and `{a = 1;}`, false for `[ "a" ]` and `{ a = 1; }`.
    pub tight: bool,
    /// True when amounts are products of 1024, false when they are plain numbers.
    pub products: bool,
    /// True when amounts are strings with a unit letter: `"10G"`.
    pub letters: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            newline: "\n",
            unit: "  ".to_owned(),
            one_line_sets: false,
            one_line_lists: false,
            tight_empty: false,
            tight: false,
            products: true,
            letters: false,
        }
    }
}

/// Integers from here on are amounts of bytes rather than counts.
const SMALLEST_AMOUNT: u64 = 1 << 20;

impl Style {
    /// The habits of the file with this tree.
    pub fn of(root: &SyntaxNode) -> Self {
        let mut style = Self::default();
        let mut units: HashMap<String, usize> = HashMap::new();
        let (mut empty, mut full, mut heads) = (Lean::default(), Lean::default(), Lean::default());
        let (mut products, mut plain, mut letters) = (0usize, 0usize, 0usize);
        let mut newlines = None;
        // Blanks at the start of the line that is being read.
        let mut indent = String::new();
        let mut holders: Vec<Holder> = Vec::new();
        for event in root.preorder_with_tokens() {
            match event {
                rnix::WalkEvent::Enter(NodeOrToken::Node(node)) => match node.kind() {
                    SyntaxKind::NODE_ATTR_SET | SyntaxKind::NODE_LIST => holders.push(Holder {
                        indent: indent.clone(),
                        inner: None,
                        broken: false,
                    }),
                    SyntaxKind::NODE_BIN_OP if is_product_of_1024(&node) => products += 1,
                    SyntaxKind::NODE_STRING if is_amount(&node.text().to_string()) => letters += 1,
                    SyntaxKind::NODE_PATTERN => {
                        heads.see(&node);
                        heads.tight += usize::from(is_alejandra_head(&node));
                    }
                    _ => {}
                },
                rnix::WalkEvent::Leave(NodeOrToken::Node(node)) => {
                    let kind = node.kind();
                    if !matches!(kind, SyntaxKind::NODE_ATTR_SET | SyntaxKind::NODE_LIST) {
                        continue;
                    }
                    let Some(holder) = holders.pop() else {
                        continue;
                    };
                    let members = node.children().count();
                    if let Some(unit) = holder
                        .inner
                        .as_deref()
                        .and_then(|inner| inner.strip_prefix(holder.indent.as_str()))
                        .filter(|unit| !unit.is_empty())
                    {
                        *units.entry(unit.to_owned()).or_default() += 1;
                    }
                    if members > 0 && !holder.broken {
                        full.see(&node);
                    }
                    match (members, holder.broken, kind) {
                        (0, false, _) => empty.see(&node),
                        (2.., false, SyntaxKind::NODE_ATTR_SET) if is_value(&node) => {
                            style.one_line_sets = true;
                        }
                        (2.., false, SyntaxKind::NODE_LIST) if is_value(&node) => {
                            style.one_line_lists = true;
                        }
                        _ => {}
                    }
                }
                rnix::WalkEvent::Enter(NodeOrToken::Token(token)) => {
                    let text = token.text();
                    match token.kind() {
                        SyntaxKind::TOKEN_WHITESPACE => {
                            if let Some((_, last)) = text.rsplit_once('\n') {
                                // A comment takes the carriage return that ends its line.
                                newlines.get_or_insert_with(|| {
                                    text.contains("\r\n")
                                        || token
                                            .prev_token()
                                            .is_some_and(|before| before.text().ends_with('\r'))
                                });
                                last.clone_into(&mut indent);
                                if let Some(holder) = holders.last_mut()
                                    && token.parent().is_some_and(|parent| {
                                        matches!(
                                            parent.kind(),
                                            SyntaxKind::NODE_ATTR_SET | SyntaxKind::NODE_LIST
                                        )
                                    })
                                {
                                    holder.broken = true;
                                    holder.inner.get_or_insert_with(|| last.to_owned());
                                }
                            } else if indent.is_empty() && token.text_range().start().eq(&0.into())
                            {
                                text.clone_into(&mut indent);
                            }
                        }
                        SyntaxKind::TOKEN_INTEGER
                            if text
                                .parse::<u64>()
                                .is_ok_and(|value| value >= SMALLEST_AMOUNT) =>
                        {
                            plain += 1;
                        }
                        _ => {}
                    }
                }
                rnix::WalkEvent::Leave(NodeOrToken::Token(_)) => {}
            }
        }
        if newlines == Some(true) {
            style.newline = "\r\n";
        }
        if let Some((unit, _)) = units
            .into_iter()
            .max_by(|(a, x), (b, y)| x.cmp(y).then_with(|| b.len().cmp(&a.len())))
        {
            style.unit = unit;
        }
        style.tight = full.decided().or(heads.decided()).unwrap_or(false);
        style.tight_empty = empty.decided().unwrap_or(style.tight);
        style.products = products >= plain;
        style.letters = letters > products + plain;
        style
    }
}

/// How often brackets stand without and with blanks inside.
#[derive(Default)]
struct Lean {
    tight: usize,
    loose: usize,
}

impl Lean {
    /// Looks at the opening bracket.
    fn see(&mut self, node: &SyntaxNode) {
        let mut tokens = node
            .descendants_with_tokens()
            .filter_map(NodeOrToken::into_token);
        tokens.find(|token| {
            matches!(
                token.kind(),
                SyntaxKind::TOKEN_L_BRACE | SyntaxKind::TOKEN_L_BRACK
            )
        });
        match tokens.next() {
            Some(token) if token.kind() == SyntaxKind::TOKEN_WHITESPACE => {
                // What is broken over lines says nothing.
                self.loose += usize::from(!token.text().contains('\n'));
            }
            Some(_) => self.tight += 1,
            None => {}
        }
    }

    /// `None` when nothing was seen that decides.
    fn decided(&self) -> Option<bool> {
        (self.tight != self.loose).then_some(self.tight > self.loose)
    }
}

/// A set or list that is being read.
struct Holder {
    /// The indentation of the line where it opens.
    indent: String,
    /// The indentation of its first line inside.
    inner: Option<String>,
    /// True when it stands on several lines.
    broken: bool,
}

/// True for a function head on lines of its own with the body on the last of them, as only
/// alejandra writes it: `{`, the names, `}: {`.
fn is_alejandra_head(pattern: &SyntaxNode) -> bool {
    let mut inside = pattern
        .children_with_tokens()
        .filter_map(NodeOrToken::into_token);
    let opens = inside.nth(1).is_some_and(|token| {
        token.kind() == SyntaxKind::TOKEN_WHITESPACE && token.text().contains('\n')
    });
    let mut behind =
        std::iter::successors(pattern.last_token(), |token| token.next_token()).skip(1);
    opens
        && behind
            .next()
            .is_some_and(|token| token.kind() == SyntaxKind::TOKEN_COLON)
        && behind.next().is_some_and(|token| {
            token.kind() == SyntaxKind::TOKEN_WHITESPACE && !token.text().contains('\n')
        })
}

/// True for the whole value of a binding: formatters leave short arguments on one line.
fn is_value(node: &SyntaxNode) -> bool {
    node.parent()
        .is_some_and(|parent| parent.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)
}

/// True for `"10G"`.
fn is_amount(literal: &str) -> bool {
    let body = literal.trim_matches('"');
    let digits = body.trim_end_matches(['K', 'M', 'G', 'T']);
    digits.len() + 1 == body.len()
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.is_empty()
}

fn is_product_of_1024(node: &SyntaxNode) -> bool {
    let mut product = false;
    let mut factor = false;
    for element in node.children_with_tokens() {
        match element {
            NodeOrToken::Token(token) => product |= token.kind() == SyntaxKind::TOKEN_MUL,
            NodeOrToken::Node(child) => {
                factor |= child.kind() == SyntaxKind::NODE_LITERAL && child.text() == "1024";
            }
        }
    }
    product && factor
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(text: &str) -> Style {
        Style::of(&rnix::Root::parse(text).syntax())
    }

    #[test]
    fn a_file_without_habits_gets_those_of_the_formatters() {
        assert_eq!(style("1"), Style::default());
        assert_eq!(style("{ a = 1; }"), Style::default());
    }

    #[test]
    fn habits_are_seen() {
        let seen = style(
            "{\r\n\ta = {\r\n\t\tb = [ 1 2 ];\r\n\t};\r\n\tc = { d = 1; e = 2; };\r\n\tf = [];\r\n\tg = 1048576;\r\n}\r\n",
        );
        assert_eq!(
            seen,
            Style {
                newline: "\r\n",
                unit: "\t".to_owned(),
                one_line_sets: true,
                one_line_lists: true,
                tight_empty: true,
                tight: false,
                products: false,
                letters: false,
            }
        );
    }

    #[test]
    fn the_most_common_indentation_counts() {
        let seen = style("{\n    a = {\n        b = 1;\n    };\n    c = [\n      1\n    ];\n}");
        assert_eq!(seen.unit, "    ");
        assert!(!seen.one_line_sets);
        assert!(style("{ a = 5 * 1024 * 1024; b = 1048576; }").products);
        assert!(style("{ a = \"5G\"; b = 5; }").letters);
        assert!(!style("{ a = \"5 G\"; b = \"G\"; }").letters);
        assert!(!style("{ a = \"5G\"; b = 1048576; }").letters);
        assert!(style("{lib, ...}: {\n  a = 1;\n}").tight_empty);
        assert!(!style("{lib, ...}: {\n  a = [ ];\n}").tight_empty);
        assert!(style("{ lib, ... }:\n[[\"a\"] [\"b\"]]").tight);
    }
}
