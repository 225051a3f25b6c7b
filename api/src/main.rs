//! Starts the command line and turns its result into an exit code.

use std::process::ExitCode;

use rapport_api::cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::read();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(cli.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            error.print();
            error.exit_code()
        }
    };
    // A file read that hangs on a dead mount must not keep the process alive.
    runtime.shutdown_background();
    code
}
