//! `nixtune simulate`: how long a build takes with other settings.

use super::FAILED;
use super::args::{Format, SimulateArgs};
use super::output::Output;
use crate::engine::{self, BuildersRequest, GraphSource, SimulateRequest};
use crate::report;
use crate::simulate::{Assumptions, Class};
use crate::system::System;

/// Bytes of a megabit.
const MEGABIT_BYTES: f64 = 1_000_000.0 / 8.0;

pub(super) fn run(args: &SimulateArgs, system: &dyn System, output: &mut Output) -> u8 {
    output.wait("simulates builds");
    let simulation = match engine::simulate(system, &request(args)) {
        Ok(simulation) => simulation,
        Err(error) => {
            output.complain(&error.to_string());
            return FAILED;
        }
    };
    match args.format {
        Format::Human => {
            let all = !args.max_jobs.is_empty() || !args.cores.is_empty();
            let text = report::simulation(&simulation, all, output.style);
            output.print(&text);
        }
        Format::Json => output.raw(&report::simulation_json(&simulation)),
    }
    0
}

fn request(args: &SimulateArgs) -> SimulateRequest {
    let source = match (&args.drv, &args.graph) {
        (Some(path), _) => GraphSource::Derivation {
            path: path.clone(),
            assumptions: assumptions(args),
            rebuild: args.rebuild,
        },
        // clap asks for one of them.
        (None, graph) => GraphSource::File(graph.clone().unwrap_or_default()),
    };
    SimulateRequest {
        source,
        host: args.host.clone(),
        target: args.target.clone().unwrap_or_default(),
        present: args.present,
        max_jobs: args.max_jobs.clone(),
        cores: args.cores.clone(),
        max_substitution_jobs: args.max_substitution_jobs,
        bandwidth_bytes_per_sec: args.bandwidth.map(|it| f64::from(it) * MEGABIT_BYTES),
        background_threads: args.background,
        record: args.record,
        builders: BuildersRequest {
            list: args.builders.clone(),
            hosts: args.builder_host.clone(),
            bandwidth_bytes_per_sec: args.link.map(|link| link.megabits * MEGABIT_BYTES),
            latency_secs: args.link.map_or(0.0, |link| link.latency_millis / 1000.0),
            use_substitutes: args.builders_use_substitutes,
        },
    }
}

/// What is said for all kinds goes before what is said for one.
fn assumptions(args: &SimulateArgs) -> Assumptions {
    let mut assumptions = Assumptions::default();
    for all in args.assume.iter().filter(|said| said.class.is_none()) {
        for class in Class::ALL {
            assumptions = assumptions.with(class, all.secs);
        }
    }
    for said in &args.assume {
        if let Some(class) = said.class {
            assumptions = assumptions.with(class, said.secs);
        }
    }
    assumptions
}
