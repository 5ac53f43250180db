//! `Key: value` lines, as caches answer them.

/// At most this much of an answer is read, in bytes. A narinfo with ten thousand references is half
/// of it.
pub const LONGEST_ANSWER_BYTES: u64 = 1 << 20;

/// The fields of an answer in their order. A line without a colon ends them: what follows is `Err`
/// with its number.
pub(super) fn fields(text: &str) -> impl Iterator<Item = Result<(&str, &str), usize>> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| match line.split_once(':') {
            Some((key, value)) => Ok((key, value.trim())),
            None => Err(index + 1),
        })
}
