//! Child processes of a bench: this same program with a hidden command, so that their work is not counted as the
//! server's. A child ends when its standard input does, so none outlives a bench that was killed.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::super::failure::Failure;

/// A running child. Dropping it ends it.
pub(super) struct Running {
    child: Child,
    /// Held open: its end is the child's.
    _input: Option<ChildStdin>,
    /// The first line that it said.
    pub(super) said: String,
}

impl Running {
    /// Starts `hufu bench <arguments>` and waits for its first line.
    pub(super) async fn start(arguments: &[&str]) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::other)?);
        command.arg("bench").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(Failure::other)?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut running = Self { child, _input: input, said: String::new() };
        let first = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            output.map_or(Ok(0), |output| BufReader::new(output).read_line(&mut line)).map(|_| line)
        });
        let line = first.await.map_err(Failure::other)?.map_err(Failure::other)?;
        line.trim().clone_into(&mut running.said);
        if running.said.is_empty() {
            Err(Failure::sentence("a bench's child said nothing"))
        } else {
            Ok(running)
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error here means that it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// For the child: ends this process when whoever started it is gone.
pub(super) fn end_with_parent() {
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
}
