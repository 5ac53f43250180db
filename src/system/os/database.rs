//! SQLite databases of other programs, read-only.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use crate::system::{Cell, DatabaseError, OnRow};

/// How long a writer is waited for.
const BUSY_LIMIT: Duration = Duration::from_secs(2);

/// Runs queries in one transaction, so that all of them see the same state, whoever writes meanwhile.
pub(super) fn query(
    path: &Path,
    statements: &[&str],
    row: &mut OnRow<'_>,
) -> Result<(), DatabaseError> {
    if !path.exists() {
        return Err(DatabaseError::Missing { path: path.into() });
    }
    let plain = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(path, plain).and_then(|connection| {
        begin(&connection)?;
        Ok(connection)
    });
    let connection = match opened {
        Ok(connection) => connection,
        // A reader that may not write to the folder cannot share a write-ahead log that is not there.
        // Where there is none, nobody writes and nothing is pending: the file alone is the database.
        Err(error) if is_about_opening(&error) && !has_log(path) => {
            let uri = format!("file:{}?immutable=1", escaped(path));
            let flags = plain | OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(uri, flags)
                .and_then(|connection| {
                    begin(&connection)?;
                    Ok(connection)
                })
                .map_err(|error| wrong(path, &error))?
        }
        Err(error) => return Err(wrong(path, &error)),
    };
    for (index, statement) in statements.iter().enumerate() {
        visit(&connection, index, statement, row).map_err(|error| wrong(path, &error))?;
    }
    Ok(())
}

fn begin(connection: &Connection) -> Result<(), Error> {
    connection.busy_timeout(BUSY_LIMIT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.execute_batch("BEGIN")?;
    // The transaction sees what is there when it first reads.
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
}

fn visit(
    connection: &Connection,
    index: usize,
    statement: &str,
    row: &mut OnRow<'_>,
) -> Result<(), Error> {
    let mut prepared = connection.prepare(statement)?;
    let columns = prepared.column_count();
    let mut rows = prepared.query([])?;
    while let Some(found) = rows.next()? {
        let mut cells = [Cell::Null; MOST_COLUMNS];
        for (column, cell) in cells.iter_mut().enumerate().take(columns) {
            *cell = match found.get_ref(column)? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(number) => Cell::Integer(number),
                ValueRef::Text(bytes) => std::str::from_utf8(bytes).map_or(Cell::Other, Cell::Text),
                ValueRef::Real(_) | ValueRef::Blob(_) => Cell::Other,
            };
        }
        row(index, cells.get(..columns).unwrap_or(&cells));
    }
    Ok(())
}

/// More columns than this are cut off; nobody asks for so many.
const MOST_COLUMNS: usize = 8;

fn is_about_opening(error: &Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
    )
}

fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    fs::symlink_metadata(PathBuf::from(log)).is_ok()
}

/// A path in an address.
fn escaped(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.to_string_lossy().bytes() {
        match byte {
            b'%' | b'?' | b'#' => out.push_str(&format!("%{byte:02X}")),
            _ if byte.is_ascii() => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

fn wrong(path: &Path, error: &Error) -> DatabaseError {
    let path = path.to_path_buf();
    let message = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => DatabaseError::Locked { path },
        _ if is_about_opening(error) => DatabaseError::Unopened { path, message },
        _ => DatabaseError::Unreadable { path, message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(folder: &Path) -> (PathBuf, Connection) {
        let path = folder.join("a?b#c%.sqlite");
        let writer = Connection::open(&path).unwrap();
        writer.pragma_update(None, "journal_mode", "wal").unwrap();
        writer
            .execute_batch("CREATE TABLE t (n, s); INSERT INTO t VALUES (1, 'a'), (NULL, x'ff');")
            .unwrap();
        (path, writer)
    }

    fn rows(path: &Path, statements: &[&str]) -> Result<Vec<String>, DatabaseError> {
        let mut all = Vec::new();
        query(path, statements, &mut |index, cells| {
            all.push(format!("{index} {cells:?}"));
        })?;
        Ok(all)
    }

    #[test]
    fn what_a_writer_has_not_yet_moved_out_of_its_log_is_seen() {
        let folder = tempfile::tempdir().unwrap();
        let (path, writer) = database(folder.path());
        let found = rows(&path, &["SELECT n, s FROM t", "SELECT count(*) FROM t"]).unwrap();
        assert_eq!(
            found,
            [
                "0 [Integer(1), Text(\"a\")]",
                "0 [Null, Other]",
                "1 [Integer(2)]"
            ]
        );
        drop(writer);
    }

    #[test]
    fn one_that_stays_locked_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let (path, writer) = database(folder.path());
        writer
            .execute_batch("PRAGMA locking_mode = exclusive; BEGIN IMMEDIATE; DELETE FROM t;")
            .unwrap();
        let error = rows(&path, &["SELECT n FROM t"]).unwrap_err();
        assert!(matches!(error, DatabaseError::Locked { .. }), "{error}");
    }

    #[test]
    fn nothing_can_be_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (path, _writer) = database(folder.path());
        let error = rows(&path, &["DELETE FROM t"]).unwrap_err();
        assert!(matches!(error, DatabaseError::Unopened { .. }), "{error}");
    }

    #[test]
    fn what_cannot_be_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("none");
        assert!(matches!(
            rows(&missing, &["SELECT 1"]),
            Err(DatabaseError::Missing { .. })
        ));
        assert!(!missing.exists());
        let broken = folder.path().join("broken");
        fs::write(&broken, [b'x'; 4096]).unwrap();
        assert!(matches!(
            rows(&broken, &["SELECT 1"]),
            Err(DatabaseError::Unreadable { .. })
        ));
    }
}
