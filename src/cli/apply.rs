//! `nixtune apply`: the diff that mends what is wrong, and the writing of it.

use super::args::ApplyArgs;
use super::output::Output;
use crate::system::System;

pub(super) fn run(_args: &ApplyArgs, _system: &dyn System, output: &mut Output) -> u8 {
    output.complain("apply is not there yet");
    super::FAILED
}
