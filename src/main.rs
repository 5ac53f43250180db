//! The binary: hands the arguments over to `cli` and returns its exit code.

/// Evaluation is many small allocations on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    nixtune::cli::run()
}
