//! What happens when the process is killed, signalled or refused something at each single call of
//! a write, and of its undoing.

use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use super::strace::{Call, Traced, at, calls, for_each, run_injected, run_with, start, stop_at};
use super::{PREVIEW, SAMPLES, Tree, WRITE};

/// After the last call of a write comes the report.
const REPORT: &str = "write(1,";
/// After the last call of an undoing it is told of.
const NOTE: &str = "write(2,";

impl Tree {
    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The one journal that is there.
    fn journal(&self) -> PathBuf {
        let journals = self.journals();
        assert_eq!(journals.len(), 1, "{journals:?}");
        journals[0].clone()
    }

    /// A write in which `effect` happens at `call`.
    fn write_with(&self, call: &Call, effect: &str) -> Traced {
        run_with(&self.command(WRITE), &self.log(), call, effect)
    }
}

/// The calls of a write.
fn calls_of_a_write() -> Vec<Call> {
    let tree = Tree::new();
    let calls = calls(&tree.command(WRITE), &tree.log(), REPORT);
    let count = |name: &str| {
        calls
            .iter()
            .filter(|call| call.name.starts_with(name))
            .count()
    };
    assert_eq!(
        count("rename"),
        SAMPLES.len() + 1,
        "and the journal: {calls:#?}"
    );
    assert!(count("fsync") > 2 * SAMPLES.len(), "{calls:#?}");
    calls
}

/// The call that renames the n-th file, from 0.
fn renaming(index: usize) -> Call {
    let calls = calls_of_a_write();
    let mut renames = calls.into_iter().filter(|call| call.name == "renameat");
    renames.nth(index).unwrap()
}

/// A tree whose write was killed before the n-th file was renamed.
fn killed_before_renaming(index: usize) -> Tree {
    let tree = Tree::new();
    let traced = tree.write_with(&renaming(index), "signal=SIGKILL");
    assert_eq!(traced.output.status.signal(), Some(9), "{}", traced.log);
    tree
}

#[test]
fn killed_at_any_call_a_write_is_whole_or_undone() {
    let calls = calls_of_a_write();
    for_each(&calls, |call| {
        let tree = Tree::new();
        let traced = tree.write_with(call, "signal=SIGKILL");
        assert_eq!(traced.output.status.signal(), Some(9), "{}", call.line);
        let before = tree.state();
        let said = tree.says(PREVIEW, 0);
        let is_new = tree.assert_whole(&call.line);
        assert_eq!(is_new, before == [true; 3], "{}: {before:?}", call.line);
        let is_mixed = before != [true; 3] && before != [false; 3];
        assert_eq!(
            is_mixed,
            said.contains("is undone"),
            "{}: {said}",
            call.line
        );
        if is_mixed {
            tree.says(WRITE, 0);
            assert!(tree.assert_whole("written after it was undone"));
        }
    });
}

#[test]
fn killed_at_any_call_an_undoing_is_taken_up_again() {
    let tree = killed_before_renaming(2);
    assert_eq!(tree.state(), [true, true, false]);
    let calls = calls(&tree.command(PREVIEW), &tree.log(), NOTE);
    assert_eq!(tree.state(), [false; 3]);
    assert!(calls.len() > 10, "{calls:#?}");
    let effects = ["signal=SIGKILL", "error=EIO"];
    let pairs: Vec<_> = calls
        .iter()
        .flat_map(|call| effects.map(|effect| (call, effect)))
        .collect();
    let rename = renaming(2);
    for_each(&pairs, |(call, effect)| {
        let tree = Tree::new();
        tree.write_with(&rename, "signal=SIGKILL");
        let traced = run_with(&tree.command(PREVIEW), &tree.log(), call, effect);
        let when = format!("{effect} at {}", call.line);
        if *effect == "signal=SIGKILL" {
            assert_eq!(traced.output.status.signal(), Some(9), "{when}");
        } else {
            assert!(traced.log.contains("(INJECTED)"), "{when}");
            let said = super::said(&traced.output);
            let is_told = said.contains("is undone")
                || traced.output.status.code() == Some(2) && said.contains("error: ")
                // A journal that cannot be looked at now is one that the next run finds.
                || tree.state() == [true, true, false];
            assert!(is_told, "{when}: {said}");
        }
        tree.state();
        tree.says(PREVIEW, 0);
        assert!(!tree.assert_whole(&when), "{when}");
    });
}

#[test]
fn refused_any_call_a_write_is_made_or_leaves_everything_as_it_was() {
    let calls = calls_of_a_write();
    let effects = ["error=ENOSPC", "error=EIO", "error=EACCES"];
    let pairs: Vec<_> = calls
        .iter()
        .flat_map(|call| effects.map(|effect| (call, effect)))
        .collect();
    for_each(&pairs, |(call, effect)| {
        let tree = Tree::new();
        let traced = tree.write_with(call, effect);
        let said = super::said(&traced.output);
        let when = format!("{effect} at {}: {said}", call.line);
        assert!(traced.log.contains("(INJECTED)"), "{when}");
        if traced.output.status.code() == Some(0) {
            assert_eq!(tree.state(), [true; 3], "{when}");
            if said.contains("is left over") {
                tree.says(PREVIEW, 0);
            }
            assert!(tree.assert_whole(&when));
        } else {
            assert_eq!(traced.output.status.code(), Some(2), "{when}");
            let error = said.lines().find(|line| line.starts_with("error: "));
            let error = error.unwrap_or_else(|| panic!("{when}"));
            let root = tree.folder.path().to_string_lossy();
            assert!(
                error.contains(&*root) || SAMPLES.iter().any(|sample| error.contains(sample.name)),
                "{when} names no file"
            );
            assert!(!tree.assert_whole(&when), "{when}");
        }
    });
}

#[test]
fn signals_wait_until_a_write_is_over() {
    let calls = calls_of_a_write();
    let signals = [("SIGTERM", 15), ("SIGINT", 2), ("SIGHUP", 1)];
    let of_call: Vec<_> = calls.iter().zip(signals.iter().cycle()).collect();
    for_each(&of_call, |(call, (signal, number))| {
        let tree = Tree::new();
        let traced = tree.write_with(call, &format!("signal={signal}"));
        let when = format!("{signal} at {}", call.line);
        assert_eq!(traced.output.status.signal(), Some(*number), "{when}");
        let is_new = tree.assert_whole(&when);
        assert!(is_new || !call.name.starts_with("rename"), "{when}");
    });
}

#[test]
fn ignored_signals_stay_ignored() {
    let tree = Tree::new();
    let mut command = std::process::Command::new("sh");
    command
        .args([
            "-c",
            "trap '' TERM; exec \"$@\"",
            "sh",
            env!("CARGO_BIN_EXE_nixtune"),
        ])
        .args(WRITE)
        .current_dir(tree.root())
        .env("HOME", tree.home());
    let traced = run_with(&command, &tree.log(), &renaming(1), "signal=SIGTERM");
    assert_eq!(traced.output.status.code(), Some(0), "{}", traced.log);
    assert!(tree.assert_whole("ignored"));
}

#[test]
fn what_cannot_be_put_back_is_named_and_put_back_by_the_next_run() {
    let tree = Tree::new();
    let call = renaming(1);
    let from_then_on = format!("{}:error=EIO:when={}+", call.name, call.nth);
    let traced = run_injected(&tree.command(WRITE), &tree.log(), &[&from_then_on]);
    let said = super::said(&traced.output);
    assert_eq!(traced.output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("could not be put back") && said.contains("a.nix"),
        "{said}"
    );
    assert_eq!(tree.state(), [true, false, false]);
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("after the next run"));
}

#[test]
fn other_commands_tell_of_an_interrupted_write_and_leave_it() {
    let tree = killed_before_renaming(1);
    for command in [&["lint"][..], &["show"]] {
        let said = super::said(&tree.run(command));
        assert!(
            said.contains("was interrupted") && said.contains("`nixtune apply` undoes it"),
            "{command:?}: {said}"
        );
    }
    assert_eq!(tree.state(), [true, false, false]);
    assert!(!tree.is_clean());
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("after apply"));
    assert!(!tree.says(PREVIEW, 0).contains("interrupted"));
}

#[test]
fn what_was_edited_since_is_left_and_named() {
    let tree = killed_before_renaming(2);
    assert_eq!(tree.state(), [true, true, false]);
    let mine = "{ nix.settings.cores = 3; }\n";
    tree.put("a.nix", mine);
    let said = tree.says(PREVIEW, 0);
    assert!(
        said.contains("a.nix was changed or removed since"),
        "{said}"
    );
    assert!(said.contains("b.nix holds the old content again"), "{said}");
    assert_eq!(tree.read("a.nix"), mine);
    assert_eq!(tree.read("b.nix"), SAMPLES[1].old);
    assert_eq!(tree.read("sub/nix.conf"), SAMPLES[2].old);
    assert!(tree.is_clean());
}

#[test]
fn an_edit_after_the_last_rename_does_not_undo_the_write() {
    let calls = calls_of_a_write();
    let forgetting = calls.iter().rfind(|call| call.name == "unlinkat").unwrap();
    let tree = Tree::new();
    tree.write_with(forgetting, "signal=SIGKILL");
    assert_eq!(tree.state(), [true; 3]);
    let mine = "{ nix.settings.cores = 3; }\n";
    tree.put("a.nix", mine);
    let said = tree.says(PREVIEW, 0);
    assert!(said.contains("when every file was written"), "{said}");
    assert_eq!(tree.read("a.nix"), mine);
    assert_eq!(tree.read("b.nix"), SAMPLES[1].new);
    assert!(tree.is_clean());
}

#[test]
fn a_file_that_changes_while_the_write_is_prepared_stops_it() {
    // When the old files are kept, the write has looked at all of them. It looks again before it
    // renames.
    let calls = calls_of_a_write();
    let keeping = calls.iter().find(|call| call.name == "linkat").unwrap();
    let tree = Tree::new();
    let stopped = stop_at(&tree.command(WRITE), keeping);
    let mine = "{ nix.settings.cores = 3; }\n";
    tree.put("b.nix", mine);
    stopped.go_on();
    let (code, said) = stopped.end();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("b.nix: changed since it was read"), "{said}");
    assert_eq!(tree.read("a.nix"), SAMPLES[0].old);
    assert_eq!(tree.read("b.nix"), mine);
    assert_eq!(tree.read("sub/nix.conf"), SAMPLES[2].old);
    assert!(tree.is_clean());
}

#[test]
fn a_write_that_goes_on_is_not_taken_for_interrupted() {
    let tree = Tree::new();
    let stopped = stop_at(&tree.command(WRITE), &renaming(0));
    for command in [&["lint"][..], PREVIEW] {
        let said = super::said(&tree.run(command));
        assert!(!said.contains("interrupted"), "{command:?}: {said}");
    }
    assert_eq!(tree.state(), [true, false, false]);
    stopped.go_on();
    let (code, said) = stopped.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(tree.assert_whole("went on"));
}

#[test]
fn a_run_waits_for_another_and_then_finds_what_that_did() {
    let calls = calls_of_a_write();
    let keeping = calls.iter().find(|call| call.name == "linkat").unwrap();
    let tree = Tree::new();
    let first = stop_at(&tree.command(WRITE), keeping);
    let mut second = start(&tree.command(WRITE), &[]);
    // Both have read the old files now, and the second stands before the lock.
    second.wait_for("/tree>, LOCK_EX");
    assert_eq!(tree.state(), [false; 3]);
    first.go_on();
    let (code, said) = first.end();
    assert_eq!(code, Some(0), "{said}");
    let (code, said) = second.end();
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("changed since it was read"), "{said}");
    assert!(tree.assert_whole("after both"));
}

/// A folder or file that was replaced by a link is not followed out of the tree.
#[test]
fn nothing_is_put_back_through_a_link() {
    let tree = killed_before_renaming(2);
    let outside = tree.folder.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    let victim = outside.join("a.nix");
    std::fs::rename(tree.at("a.nix"), &victim).unwrap();
    symlink(&victim, tree.at("a.nix")).unwrap();
    let said = tree.says(PREVIEW, 0);
    assert!(said.contains("a.nix, which is a link now"), "{said}");
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), SAMPLES[0].new);
    std::fs::remove_file(tree.at("a.nix")).unwrap();
    std::fs::rename(&victim, tree.at("a.nix")).unwrap();

    let moved = tree.folder.path().join("moved");
    std::fs::rename(tree.at("sub"), &moved).unwrap();
    let said = tree.says(PREVIEW, 0);
    assert!(said.contains("sub, which is not there now"), "{said}");
    symlink(&moved, tree.at("sub")).unwrap();
    let said = tree.says(PREVIEW, 0);
    assert!(
        said.contains("sub, which is reached by a link now"),
        "{said}"
    );
    std::fs::remove_file(tree.at("sub")).unwrap();
    std::fs::rename(&moved, tree.at("sub")).unwrap();

    assert_eq!(tree.state(), [true, true, false]);
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("all is where it was"));
}

#[test]
fn every_interrupted_write_of_the_user_is_undone_wherever_it_was() {
    let (one, other) = (killed_before_renaming(1), killed_before_renaming(2));
    // As if both had had one home.
    let journal = other.journal();
    std::fs::rename(&journal, one.writes().join(journal.file_name().unwrap())).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = one.command(PREVIEW);
    command.current_dir(elsewhere.path());
    let said = super::said(&crate::cli::run(command, b""));
    assert_eq!(said.matches("is undone").count(), 2, "{said}");
    assert!(!one.assert_whole("one"));
    assert!(!other.assert_whole("other"));
}

#[test]
fn what_cannot_be_undone_now_stops_the_run_and_waits_for_the_next() {
    let tree = killed_before_renaming(2);
    let injection = ["renameat:error=EIO:when=1+"];
    let traced = run_injected(&tree.command(WRITE), &tree.log(), &injection);
    let said = super::said(&traced.output);
    assert_eq!(traced.output.status.code(), Some(2), "{said}");
    assert!(said.contains("could not be undone, run again"), "{said}");
    assert_eq!(tree.state(), [true, true, false]);
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("the next run"));
}

#[test]
fn an_interrupted_write_is_undone_before_its_files_are_written_again() {
    let tree = killed_before_renaming(2);
    let said = tree.says(WRITE, 0);
    assert!(said.contains("is undone"), "{said}");
    assert!(tree.assert_whole("undone and written"));
}

#[test]
fn journals_that_others_may_have_written_are_not_obeyed() {
    let tree = killed_before_renaming(2);
    let journal = tree.journal();
    let refused = |why: &str| {
        let said = tree.says(PREVIEW, 0);
        assert!(
            said.contains(why) && said.contains("is not obeyed"),
            "{said}"
        );
        assert_eq!(tree.state(), [true, true, false]);
        assert!(journal.symlink_metadata().is_ok());
    };
    let text = std::fs::read_to_string(&journal).unwrap();

    std::fs::set_permissions(&journal, Permissions::from_mode(0o666)).unwrap();
    refused("may have been written by other users");
    std::fs::set_permissions(&journal, Permissions::from_mode(0o600)).unwrap();

    std::fs::write(&journal, &text[..text.len() / 2]).unwrap();
    refused("is no journal of a write");
    std::fs::write(&journal, text.replace("/tree/", "/tree/../tree/")).unwrap();
    refused("not absolute and plain");

    std::fs::remove_file(&journal).unwrap();
    let elsewhere = tree.folder.path().join("elsewhere.json");
    std::fs::write(&elsewhere, &text).unwrap();
    symlink(&elsewhere, &journal).unwrap();
    refused("is no regular file");
    std::fs::remove_file(&journal).unwrap();

    std::fs::write(&journal, &text).unwrap();
    std::fs::set_permissions(&journal, Permissions::from_mode(0o600)).unwrap();
    if rustix::process::geteuid().is_root() {
        std::os::unix::fs::chown(&journal, Some(65534), None).unwrap();
        refused("belongs to another user");
        std::os::unix::fs::chown(&journal, Some(0), None).unwrap();
    }
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("the journal is ours again"));
}

#[test]
fn a_tree_in_which_another_run_is_at_work_is_left_to_it() {
    let tree = killed_before_renaming(2);
    let folder = std::fs::File::open(tree.root()).unwrap();
    rustix::fs::flock(&folder, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert!(!tree.says(PREVIEW, 0).contains("undone"));
    assert_eq!(tree.state(), [true, true, false]);
    drop(folder);
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("the other run is over"));
}

#[test]
fn a_disk_that_stays_full_leaves_everything_as_it_was() {
    let calls = calls_of_a_write();
    let syncs: Vec<_> = calls.iter().filter(|call| call.name == "fsync").collect();
    for_each(&syncs, |call| {
        let tree = Tree::new();
        let from_then_on = format!("{}+", at(call, "error=ENOSPC"));
        let traced = run_injected(&tree.command(WRITE), &tree.log(), &[&from_then_on]);
        let said = super::said(&traced.output);
        let is_new = tree.assert_whole(&said);
        assert_eq!(is_new, traced.output.status.success(), "{said}");
        assert!(is_new || said.contains("No space left on device"), "{said}");
    });
}

/// Not every file system has second names, and locks.
#[test]
fn a_poor_file_system_is_written_as_well() {
    let poor = [
        "linkat:error=EPERM:when=1+",
        "flock:error=EOPNOTSUPP:when=1+",
    ];
    let tree = Tree::new();
    let traced = run_injected(&tree.command(WRITE), &tree.log(), &poor);
    let said = super::said(&traced.output);
    assert_eq!(traced.output.status.code(), Some(0), "{said}");
    assert!(said.contains("has no locks"), "{said}");
    assert!(tree.assert_whole("written"));

    let tree = Tree::new();
    let killing = at(&renaming(2), "signal=SIGKILL");
    run_injected(
        &tree.command(WRITE),
        &tree.log(),
        &[poor[0], poor[1], &killing],
    );
    assert_eq!(tree.state(), [true, true, false]);
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("undone"));
}

#[test]
fn old_contents_come_from_the_journal_when_the_old_files_are_gone() {
    let tree = killed_before_renaming(2);
    let mut olds: Vec<_> = super::names(&tree.root());
    olds.retain(|path| path.to_string_lossy().ends_with("-old.tmp"));
    assert_eq!(olds.len(), 2);
    std::fs::remove_file(&olds[0]).unwrap();
    // One that somebody put a link in place of is not taken for the old file.
    std::fs::remove_file(&olds[1]).unwrap();
    symlink(tree.at("sub/nix.conf"), &olds[1]).unwrap();
    assert!(tree.says(PREVIEW, 0).contains("is undone"));
    assert!(!tree.assert_whole("undone"));
}
