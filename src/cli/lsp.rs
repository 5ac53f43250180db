//! `nixtune lsp`: the language server over standard input and output.

use lsp_server::Connection;

use super::output::Output;
use super::{FAILED, request};
use crate::lsp::{self, ServeError};
use crate::system::System;

pub(super) fn run(system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let (connection, threads) = Connection::stdio();
    let served = lsp::serve(&connection, system, &catalog);
    // What is not sent yet is sent before the process ends.
    drop(connection);
    let sent = threads.join();
    match (served, sent) {
        // The protocol says what this ends with.
        (Err(ServeError::Left), _) => 1,
        (Err(error), _) => {
            output.complain(&error.to_string());
            FAILED
        }
        (Ok(()), Err(error)) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            output.complain(&format!("cannot speak with the editor: {error}"));
            FAILED
        }
        _ => 0,
    }
}
