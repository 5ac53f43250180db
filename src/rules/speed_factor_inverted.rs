//! Speed factors that contradict the hardware.

use super::build_machines::{builders, confidence, host_of};
use super::{EVERY_NIX, RuleCx, Sink, declare_rule};
use crate::diagnostic::Severity;
use crate::facts::Fact;
use crate::model::Builder;
use crate::units::Threads;

declare_rule! {
    /// A remote builder with far more threads has a lower speed factor than a smaller one.
    ///
    /// ## Why it matters
    ///
    /// Of the builders that can take a build, Nix chooses the one with the lowest load, and divides
    /// the number of builds that run there by the speed factor. A big machine with the lower
    /// factor gets its first build only when the small one is busy.
    ///
    /// It compares builders of one system whose hardware is known: `nixtune.toml` has machines of
    /// their names, or of the first labels of them. It speaks when one has at least twice the
    /// threads of the other. Threads are a hint, not a measure, which is why this rule is a preview.
    ///
    /// ## Example
    ///
    /// ```nix,bad
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     # 32 threads
    ///     { hostName = "big"; system = "x86_64-linux"; maxJobs = 8; speedFactor = 1; }
    ///     # 8 threads
    ///     { hostName = "small"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 2; }
    ///   ];
    /// }
    /// ```
    ///
    /// ```nix,good
    /// {
    ///   nix.distributedBuilds = true;
    ///   nix.buildMachines = [
    ///     { hostName = "big"; system = "x86_64-linux"; maxJobs = 8; speedFactor = 4; }
    ///     { hostName = "small"; system = "x86_64-linux"; maxJobs = 4; speedFactor = 1; }
    ///   ];
    /// }
    /// ```
    ///
    /// ## When not to act
    ///
    /// When the threads of the smaller machine are faster, or the big one is for others first.
    ///
    /// ## Source
    ///
    /// Nix `build-remote/build-remote.cc` (in `src`, now in `src/nix`): load is the number of jobs
    /// divided by the speed factor.
    pub SPEED_FACTOR_INVERTED {
        id: "speed-factor-inverted",
        since: "0.1.0",
        applies: EVERY_NIX,
        settings: &["nix.buildMachines", "builders"],
        category: Performance,
        severity: Info,
        stage: Preview,
        fixes: Never,
    }
}

/// A builder with what counts here.
struct Rated<'b, 'a> {
    builder: &'b Builder<'a>,
    threads: &'a Fact<Threads>,
    /// 0 counts as 1.
    factor: f64,
}

fn check(cx: &RuleCx<'_>, out: &mut Sink<'_>) {
    let builders = builders(cx);
    let rated: Vec<Rated<'_, '_>> = builders
        .iter()
        .filter_map(|builder| {
            let factor = builder.speed_factor.or_default(1.0)?;
            Some(Rated {
                builder,
                threads: host_of(cx, builder)?.threads.as_ref()?,
                factor: if factor == 0.0 { 1.0 } else { factor },
            })
        })
        .collect();
    for big in &rated {
        let smaller = rated.iter().find(|small| {
            big.threads.value.0 >= small.threads.value.0.saturating_mul(2)
                && big.factor < small.factor
                && big.builder.shares_system_with(small.builder)
        });
        if let Some(small) = smaller {
            report(cx, big, small, out);
        }
    }
}

fn report(cx: &RuleCx<'_>, big: &Rated<'_, '_>, small: &Rated<'_, '_>, out: &mut Sink<'_>) {
    let builder = big.builder;
    let place = builder.speed_factor.place().or_else(|| builder.shown_at());
    let (Some(place), Some(_)) = (place, cx.eased(Severity::Info, builder.definition)) else {
        return;
    };
    let other = small.builder;
    out.report(
        place,
        format!(
            "`{}` with {} has speed factor {}, `{}` with {} has {}",
            builder.name(),
            big.threads.value,
            big.factor,
            other.name(),
            small.threads.value,
            small.factor
        ),
    )
    .confidence(confidence(cx, builder).min(confidence(cx, other)))
    .label(
        other.speed_factor.place().or_else(|| other.shown_at()),
        "more than here",
    )
    .why(
        "nix divides the number of running builds by the factor and takes the builder with the \
         least: the small machine is filled first",
    )
    .help("give the machine that is faster the higher factor")
    .fact(
        &format!("threads of {}", builder.name()),
        big.threads,
        big.threads.value,
    )
    .fact(
        &format!("threads of {}", other.name()),
        small.threads,
        small.threads.value,
    );
}
