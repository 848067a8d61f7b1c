//! Parses the command and hands over.

fn main() -> std::process::ExitCode {
    hufu::cli::main()
}
