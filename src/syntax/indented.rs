//! Strings in two single quotes: escapes, and the indentation that does not count.
//!
//! Follows Nix's lexer and `stripIndentation` (`src/libexpr/lexer.l`, `parser-state.hh`) token by
//! token: what is an escape ends the blanks at the start of a line, and an escaped line break
//! starts a new line.

/// A piece of such a string: text as it is written, or an interpolation.
pub(super) enum Piece<T> {
    Text(String),
    Expr(T),
}

/// What Nix's lexer makes of a string.
enum Token<T> {
    /// Text, and whether blanks in it can be indentation.
    Text(String, bool),
    Expr(T),
}

/// The string that is meant by what is written between the quotes.
pub(super) fn dedent<T>(pieces: Vec<Piece<T>>) -> Vec<Piece<T>> {
    let mut tokens = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        match piece {
            Piece::Text(text) if index == 0 => split(without_first_line(&text), &mut tokens),
            Piece::Text(text) => split(&text, &mut tokens),
            Piece::Expr(expr) => tokens.push(Token::Expr(expr)),
        }
    }
    let indent = smallest_indent(&tokens);
    let mut at_start = true;
    let mut dropped = 0;
    let count = tokens.len();
    let strip = |(index, token)| match token {
        Token::Expr(expr) => {
            (at_start, dropped) = (false, 0);
            Piece::Expr(expr)
        }
        Token::Text(text, _) => {
            let mut kept = String::with_capacity(text.len());
            for c in text.chars() {
                if at_start && c == ' ' {
                    if dropped >= indent {
                        kept.push(c);
                    }
                    dropped += 1;
                    continue;
                }
                at_start = c == '\n';
                dropped = 0;
                kept.push(c);
            }
            // The line of the closing quotes does not count.
            if index + 1 == count
                && let Some((before, last)) = kept.rsplit_once('\n')
                && last.bytes().all(|byte| byte == b' ')
            {
                kept.truncate(before.len() + 1);
            }
            Piece::Text(kept)
        }
    };
    joined(tokens.into_iter().enumerate().map(strip))
}

/// Pieces without empty texts, and with no two texts after each other.
fn joined<T>(pieces: impl Iterator<Item = Piece<T>>) -> Vec<Piece<T>> {
    let mut out = Vec::new();
    for piece in pieces {
        match (out.last_mut(), piece) {
            (_, Piece::Text(more)) if more.is_empty() => {}
            (Some(Piece::Text(text)), Piece::Text(more)) => text.push_str(&more),
            (_, piece) => out.push(piece),
        }
    }
    out
}

/// A first line of blanks belongs to the opening quotes.
fn without_first_line(text: &str) -> &str {
    text.trim_start_matches(' ')
        .strip_prefix('\n')
        .unwrap_or(text)
}

/// Splits text as the lexer does.
fn split<T>(text: &str, tokens: &mut Vec<Token<T>>) {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let ahead = rest.clone().next();
        let escape = match (c, ahead) {
            ('$', Some(next)) if next != '{' && next != '\'' => {
                plain.extend(['$', next]);
                rest.next();
                continue;
            }
            ('\'', Some(next)) if next != '\'' && next != '$' => {
                plain.extend(['\'', next]);
                rest.next();
                continue;
            }
            ('\'', Some('\'')) => {
                rest.next();
                match rest.next() {
                    Some('$') => "$".to_owned(),
                    Some('\'') => "''".to_owned(),
                    Some('\\') => match rest.next() {
                        Some('n') => "\n".to_owned(),
                        Some('r') => "\r".to_owned(),
                        Some('t') => "\t".to_owned(),
                        other => other.into_iter().collect(),
                    },
                    other => other.into_iter().collect(),
                }
            }
            ('$' | '\'', _) => c.to_string(),
            _ => {
                plain.push(c);
                continue;
            }
        };
        if !plain.is_empty() {
            tokens.push(Token::Text(std::mem::take(&mut plain), true));
        }
        tokens.push(Token::Text(escape, false));
    }
    if !plain.is_empty() {
        tokens.push(Token::Text(plain, true));
    }
}

/// The blanks that every line starts with that is not empty.
fn smallest_indent<T>(tokens: &[Token<T>]) -> usize {
    let mut at_start = true;
    let mut smallest = usize::MAX;
    let mut current = 0;
    for token in tokens {
        match token {
            Token::Text(text, true) => {
                for c in text.chars() {
                    match c {
                        '\n' => (at_start, current) = (true, 0),
                        ' ' if at_start => current += 1,
                        _ if at_start => {
                            at_start = false;
                            smallest = smallest.min(current);
                        }
                        _ => {}
                    }
                }
            }
            Token::Text(_, false) | Token::Expr(_) if at_start => {
                at_start = false;
                smallest = smallest.min(current);
            }
            Token::Text(..) | Token::Expr(_) => {}
        }
    }
    smallest
}
