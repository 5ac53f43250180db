//! The binary: hands the arguments over to `cli` and returns its exit code.

fn main() -> std::process::ExitCode {
    nixtune::cli::run()
}
