//! From pieces of a stream to lines, in bounded memory.

/// Of a longer line the rest is dropped; what Nix itself writes is far below this.
pub const LINE_LIMIT_BYTES: usize = 1 << 20;

/// Cuts what is pushed into lines.
#[derive(Debug, Default)]
pub struct Splitter {
    /// The begin of a line whose end has not come yet.
    begun: Vec<u8>,
    /// How many lines were longer than [`LINE_LIMIT_BYTES`] and lost their ends.
    cut: u64,
    is_cutting: bool,
}

impl Splitter {
    /// Hands every line that ends in `bytes` to `line`, without its line break.
    pub fn push(&mut self, bytes: &[u8], line: &mut dyn FnMut(&[u8])) {
        let mut rest = bytes;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            let (piece, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
            rest = after.get(1..).unwrap_or_default();
            if self.begun.is_empty() && piece.len() <= LINE_LIMIT_BYTES {
                line(without_return(piece));
            } else {
                self.keep(piece);
                line(without_return(&self.begun));
                self.begun.clear();
                self.is_cutting = false;
            }
        }
        self.keep(rest);
    }

    /// Hands over what came after the last line break, if anything did.
    pub fn finish(&mut self, line: &mut dyn FnMut(&[u8])) {
        if !self.begun.is_empty() {
            line(without_return(&self.begun));
            self.begun.clear();
        }
    }

    /// How many lines lost their ends.
    pub fn cut_lines(&self) -> u64 {
        self.cut
    }

    fn keep(&mut self, piece: &[u8]) {
        let room = LINE_LIMIT_BYTES - self.begun.len().min(LINE_LIMIT_BYTES);
        if piece.len() > room && !self.is_cutting {
            self.is_cutting = true;
            self.cut += 1;
        }
        self.begun
            .extend_from_slice(piece.get(..room).unwrap_or(piece));
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(pieces: &[&[u8]]) -> (Vec<String>, u64) {
        let mut splitter = Splitter::default();
        let mut out = Vec::new();
        let mut take = |line: &[u8]| out.push(String::from_utf8_lossy(line).into_owned());
        for piece in pieces {
            splitter.push(piece, &mut take);
        }
        splitter.finish(&mut take);
        (out, splitter.cut_lines())
    }

    #[test]
    fn lines_are_the_same_wherever_the_pieces_end() {
        let text = b"one\ntwo\r\n\nfour \0\nlast";
        let expected = ["one", "two", "", "four \0", "last"];
        for cut in 0..=text.len() {
            let (begin, end) = text.split_at(cut);
            assert_eq!(lines(&[begin, end]).0, expected, "cut at {cut}");
        }
    }

    #[test]
    fn endless_lines_are_cut() {
        let long = vec![b'x'; LINE_LIMIT_BYTES];
        let (found, cut) = lines(&[&long, &long, b"\nnext\n"]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].len(), LINE_LIMIT_BYTES);
        assert_eq!(found[1], "next");
        assert_eq!(cut, 1);
        let whole = [long.as_slice(), b"yyy\nnext\n"].concat();
        let (found, cut) = lines(&[&whole]);
        assert_eq!((found[0].len(), cut), (LINE_LIMIT_BYTES, 1));
    }
}
