//! actionlint on the workflows that are generated, and on those that use this repository's action.

use super::*;

/// What actionlint says about a workflow, in a repository with `action.yml`.
fn found(workflow: &str) -> String {
    let it = Repository::new();
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    it.write("action.yml", &fs::read_to_string(action).unwrap());
    it.write(".github/workflows/nixtune.yml", workflow);
    let mut command = it.program(&tool("actionlint"), &it.root(), &programs());
    let (_, printed) = it.run(command.args(["-no-color", "-oneline", "-pyflakes="]));
    printed
}

/// A workflow with a step.
fn workflow(step: &str) -> String {
    format!(
        "on: pull_request\n\
         permissions: {{ contents: read }}\n\
         jobs:\n\
         \x20 lint:\n\
         \x20   runs-on: ubuntu-latest\n\
         \x20   steps:\n\
         \x20     {step}\n"
    )
}

#[test]
fn generated_workflows_pass() {
    for (repository, arguments) in [
        ("flake.nix", ""),
        ("flake.nix", " --no-explain"),
        ("flake.nix", " --branch on --runner self-hosted"),
        ("configuration.nix", ""),
    ] {
        let it = Repository::new();
        it.write(repository, "{ outputs = _: { }; }\n");
        it.git_here("add .");
        let made = it
            .generate(
                &it.root(),
                &format!("ci --provider github --output -{arguments}"),
            )
            .unwrap();
        assert_eq!(found(&made), "", "{made}");
    }
}

#[test]
fn the_action_is_used_with_inputs_that_it_has() {
    let uses = "- uses: ./\n        with: { paths: hosts, args: --fail-on error, sarif: n.sarif, flake: '.' }";
    assert_eq!(found(&workflow(uses)), "");
    let wrong = found(&workflow("- uses: ./\n        with: { path: hosts }"));
    assert!(
        wrong.contains("input \"path\" is not defined in action \"nixtune\""),
        "{wrong}"
    );
}

#[test]
fn the_actions_script_is_sound_as_a_step() {
    let action = Path::new(env!("CARGO_MANIFEST_DIR")).join("action.yml");
    let action = yaml(&fs::read_to_string(action).unwrap());
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert!(!steps.is_empty());
    for step in steps {
        let script = step["run"].as_str().unwrap();
        assert!(!script.contains("${{"), "{script}");
        let script = script.replace('\n', "\n          ");
        let step = format!("- shell: bash\n        run: |\n          {script}");
        assert_eq!(found(&workflow(&step)), "");
    }
    let wrong = found(&workflow("- run: echo $*; rm $1"));
    assert!(wrong.contains("SC2086"), "{wrong}");
}
