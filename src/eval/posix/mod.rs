//! POSIX extended regular expressions as Nix has them: those of the C++ library.
//!
//! Bytes, not characters; `.` takes line breaks as well. A search gives the leftmost match. It
//! tries both sides of `|` for the longest match, as POSIX wants it, but repetitions take what
//! they can get, as Perl has it (`_M_dfs` of libstdc++). Of equally long matches the first that
//! backtracking finds wins.

mod parse;
mod search;

pub(super) use search::{Match, Program};

/// Why a pattern or a search has no result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// Nix refuses the pattern too.
    Invalid,
    /// The C++ library has a behavior of its own here.
    Unsupported,
    /// It would take too long.
    Limit,
}
