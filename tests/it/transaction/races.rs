//! Several runs on the same files.

use std::fs;
use std::path::PathBuf;

use nixtune::system::{FileWrite, Os, System, SystemError};

use super::{Tree, WRITE, said};

#[test]
fn of_runs_that_race_none_undoes_or_mixes_what_another_did() {
    for round in 0..15 {
        let tree = Tree::new();
        let children: Vec<_> = (0..3)
            .map(|_| {
                let mut command = tree.command(WRITE);
                command
                    .stdout(std::process::Stdio::null())
                    .stderr(std::process::Stdio::piped());
                command.spawn().unwrap()
            })
            .collect();
        let outputs: Vec<_> = children
            .into_iter()
            .map(|child| child.wait_with_output().unwrap())
            .collect();
        let said: Vec<_> = outputs.iter().map(said).collect();
        assert!(
            outputs.iter().any(|output| output.status.success()),
            "{said:?}"
        );
        for (output, said) in outputs.iter().zip(&said) {
            assert!(
                output.status.success() || said.contains("changed since it was read"),
                "round {round}: {said}"
            );
        }
        assert!(tree.assert_whole(&format!("round {round}: {said:?}")));
    }
}

/// Each thread counts all files up, by one from what it read, until it has done so often enough.
/// A count that got lost, or one that not all files have, shows in the end.
#[test]
fn writes_of_several_threads_are_as_if_one_came_after_the_other() {
    const THREADS: usize = 4;
    const WRITES: usize = 20;
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = ["x/one", "y/two", "x/three"]
        .iter()
        .map(|name| folder.path().join(name))
        .collect();
    for path in &paths {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "0").unwrap();
    }
    let count_up = |path: &PathBuf| {
        let old = fs::read_to_string(path).unwrap();
        let count: usize = old.parse().unwrap();
        FileWrite {
            path: path.clone(),
            expected: Some(old.into_bytes()),
            new: (count + 1).to_string().into_bytes(),
            executable: false,
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let mut paths = paths.clone();
            paths.rotate_left(thread % 3);
            scope.spawn(move || {
                let mut written = 0;
                while written < WRITES {
                    let writes: Vec<_> = paths.iter().map(count_up).collect();
                    match Os.write_all(&writes) {
                        Ok(_) => written += 1,
                        Err(SystemError::Changed { .. }) => {}
                        Err(other) => panic!("{other}"),
                    }
                }
            });
        }
    });
    for path in &paths {
        let count = fs::read_to_string(path).unwrap();
        assert_eq!(count, (THREADS * WRITES).to_string());
    }
    assert_eq!(fs::read_dir(folder.path().join("x")).unwrap().count(), 2);
}
