//! `nixtune generate ci`: jobs that lint and check where a configuration is pushed.

use std::path::PathBuf;

use crate::catalog::Catalog;
use crate::cli::args::CiArgs;
use crate::cli::output::Output;
use crate::cli::{FAILED, place, request};
use crate::engine::{self, Decided, EngineError, InitRequest, Repository};
use crate::facts::Host;
use crate::generate::{self, Ci, GenerateError, Provider, Sink, Subject, Usage};
use crate::report;
use crate::system::System;

pub(super) fn run(args: &CiArgs, system: &dyn System, output: &mut Output) -> u8 {
    let catalog = request::catalog(system);
    let repository = Repository::around(system);
    let provider = args.provider.map(Provider::from);
    let Some(provider) = provider.or_else(|| found(&repository, system)) else {
        output.complain(
            "neither the repository's files nor its remote say who runs its jobs; \
             give `--provider github`, `gitlab` or `forgejo`",
        );
        return FAILED;
    };
    let mut decided = match decide(args, provider, system, &catalog) {
        Ok(decided) => decided,
        Err(error) => {
            request::complain(&error, output);
            return FAILED;
        }
    };
    let flake = repository.flake(system, &catalog);
    decided.subject.has_flake = flake.is_some();
    let flake = flake.unwrap_or_default();
    let branch = args.branch.clone();
    let branch = branch.or_else(|| repository.main_branch(system));
    let wanted = Ci {
        provider,
        subject: &decided.subject,
        label: args.runner.as_deref(),
        branch: branch.as_deref().unwrap_or("main"),
        has_nixtune_input: flake.inputs.iter().any(|input| input == "nixtune"),
        caches: &flake.caches,
        keys: &flake.keys,
        has_gitlab_ci: repository.has(system, ".gitlab-ci.yml"),
        explain: !args.place.no_explain,
    };
    match generate::ci(&wanted, &catalog) {
        Ok((rows, mut made)) => {
            for file in &mut made.files {
                file.path = file.path.take().map(|path| repository.root.join(path));
            }
            let table = report::init_table(&decided, &rows, output.style);
            place::put(&args.place, &table, &made, system, output)
        }
        Err(error) => {
            output.complain(&error.to_string());
            FAILED
        }
    }
}

/// The runner: the one of the profile, the one that the service lends, or one that nobody knows.
fn decide(
    args: &CiArgs,
    provider: Provider,
    system: &dyn System,
    catalog: &Catalog,
) -> Result<Decided, EngineError> {
    if args.host.is_some() {
        let request = InitRequest {
            host: args.host.clone(),
            sink: Some(Sink::NixConf),
            usage: Some(Usage::Ci),
            ..InitRequest::default()
        };
        return engine::decide(system, catalog, &request).map(|decided| Decided {
            because: "the jobs write their own".to_owned(),
            ..decided
        });
    }
    let host = generate::runner(provider, catalog)
        .unwrap_or_else(|| Host::unknown("a runner that is not known"));
    let target = crate::facts::Target::default();
    let subject =
        Subject::new(&host, &target, Sink::NixConf, Usage::Ci).map_err(GenerateError::from)?;
    Ok(Decided {
        subject,
        because: "the jobs write their own".to_owned(),
        path: None,
        folder: PathBuf::new(),
    })
}

/// Who runs the repository's jobs, by what is there already, else by its remote.
fn found(repository: &Repository, system: &dyn System) -> Option<Provider> {
    let files = [
        (".github/workflows", Provider::Github),
        (".gitlab-ci.yml", Provider::Gitlab),
        (".forgejo", Provider::Forgejo),
    ];
    let there = files.iter().find(|(name, _)| repository.has(system, name));
    there.map(|(_, provider)| *provider).or_else(|| {
        let remote = repository.remote(system)?.to_ascii_lowercase();
        let words = [
            ("github", Provider::Github),
            ("gitlab", Provider::Gitlab),
            ("codeberg", Provider::Forgejo),
            ("forgejo", Provider::Forgejo),
        ];
        let said = words.iter().find(|(word, _)| remote.contains(word))?;
        Some(said.1)
    })
}
