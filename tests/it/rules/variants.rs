//! The same file in disguise: line endings, tabs, byte order mark, trailing noise, suppression
//! comments.

use nixtune::diagnostic::Diagnostic;
use nixtune::text::FileFormat;

use super::fixture::{Fixture, Linted, Role};
use super::{on_every, with_role};

/// What must not depend on how the file is written.
#[derive(PartialEq, Debug)]
struct Essence {
    line: u32,
    message: String,
    severity: String,
    fix: Option<String>,
}

fn essence(fixture: &Fixture, text: &str) -> Vec<Essence> {
    essence_of(fixture, &fixture.lint(text))
}

fn essence_of(fixture: &Fixture, linted: &Linted) -> Vec<Essence> {
    linted
        .of(fixture.rule)
        .map(|diagnostic| Essence {
            line: line(linted, diagnostic),
            message: diagnostic.message.clone(),
            severity: format!("{} {}", diagnostic.confidence, diagnostic.severity),
            fix: diagnostic
                .fix
                .as_ref()
                .map(|fix| format!("{} ({})", fix.title, fix.applicability)),
        })
        .collect()
}

fn line(linted: &Linted, diagnostic: &Diagnostic) -> u32 {
    linted
        .loaded
        .workspace
        .file(diagnostic.place.file)
        .map_or(0, |file| file.position(diagnostic.place.span.start).line)
}

#[test]
fn line_endings_do_not_matter() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let dos = fixture.text.replace('\n', "\r\n");
        assert_eq!(
            essence(fixture, &dos),
            essence_of(fixture, fixture.linted())
        );
    });
}

#[test]
fn tabs_do_not_matter() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let tabs: String = fixture
            .text
            .split_inclusive('\n')
            .map(|line| {
                let body = line.trim_start_matches(' ');
                "\t".repeat((line.len() - body.len()) / 2) + body
            })
            .collect();
        assert_eq!(
            essence(fixture, &tabs),
            essence_of(fixture, fixture.linted())
        );
    });
}

/// Nix refuses a `.nix` file with a mark; nixtune says so and reads on. In `nix.conf` Nix takes the
/// mark for a part of the first name, and so does nixtune.
#[test]
fn a_byte_order_mark_does_not_matter() {
    let mut fixtures = with_role(&[Role::Bad]);
    fixtures.retain(|fixture| fixture.format == FileFormat::Nix);
    on_every(fixtures, |fixture| {
        let marked = format!("\u{feff}{}", fixture.text);
        assert_eq!(
            essence(fixture, &marked),
            essence_of(fixture, fixture.linted())
        );
    });
}

#[test]
fn trailing_noise_does_not_matter() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        for noise in ["\n\n   \n\t\n", "\n# the end\n\n# really", "  "] {
            let noisy = fixture.text.trim_end().to_owned() + noise;
            assert_eq!(
                essence(fixture, &noisy),
                essence_of(fixture, fixture.linted())
            );
        }
        let bare = fixture.text.trim_end();
        assert_eq!(
            essence(fixture, bare),
            essence_of(fixture, fixture.linted())
        );
    });
}

#[test]
fn a_comment_for_the_file_silences_it() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let id = fixture.rule.id;
        let text = format!("# nixtune: allow-file({id}) on purpose\n{}", fixture.text);
        assert_eq!(essence(fixture, &text), []);
    });
}

#[test]
fn a_comment_above_the_line_silences_it() {
    on_every(with_role(&[Role::Bad]), |fixture| {
        let id = fixture.rule.id;
        let lines: Vec<u32> = essence_of(fixture, fixture.linted())
            .iter()
            .map(|essence| essence.line)
            .collect();
        let text: String = (1..)
            .zip(fixture.text.split_inclusive('\n'))
            .map(|(number, line)| {
                let indent = &line[..line.len() - line.trim_start().len()];
                if lines.contains(&number) {
                    format!("{indent}# nixtune: allow({id}) on purpose\n{line}")
                } else {
                    line.to_owned()
                }
            })
            .collect();
        assert_eq!(essence(fixture, &text), [], "in\n{text}");
    });
}
