//! chromedriver, one for each journey, on a free port.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use super::patience::eventually;
use super::process::Process;

/// Where Debian and others put the browser.
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

pub(crate) struct Driver {
    process: Process,
    pub(crate) url: String,
    pub(crate) chromium: String,
}

impl Driver {
    /// `None`, said loudly and a failure in CI, when the browser or its driver is not installed.
    pub(crate) async fn start(folder: &Path) -> Option<Self> {
        let chromium = CHROMIUM.into_iter().find_map(program);
        let (Some(chromium), Some(driver)) = (chromium, program("chromedriver")) else {
            skip();
            return None;
        };
        let start = || {
            let mut command = Command::new(&driver);
            command.arg("--port=0");
            Process::start("chromedriver", folder, command)
        };
        // It takes a free port of IPv6 and ends when somebody has the same one of IPv4: then it takes another.
        let (mut process, mut starts) = (start(), 1);
        let port = eventually("chromedriver names its port", async || {
            if let Some(death) = process.death() {
                assert!(starts < 10, "{death}");
                (process, starts) = (start(), starts + 1);
            }
            port_in(&process.said())
        })
        .await;
        let url = format!("http://127.0.0.1:{port}");
        Some(Self { process, url, chromium })
    }

    pub(crate) fn stop(mut self) {
        self.process.kill();
    }
}

fn skip() {
    // Not eprintln!: the test runner would swallow it.
    let words = "\n\n  SKIPPED: journeys in Chromium, chromium and chromedriver are not installed (tests/run does it)\n\n";
    std::io::stderr().write_all(words.as_bytes()).unwrap();
    assert!(std::env::var_os("CI").is_none(), "CI is set and there is no Chromium");
}

/// `ChromeDriver was started successfully on port 41234.`
fn port_in(said: &str) -> Option<u16> {
    let (_, rest) = said.split_once("successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

fn program(name: &str) -> Option<String> {
    let folders = std::env::var_os("PATH")?;
    let found =
        std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())?;
    Some(found.to_string_lossy().into_owned())
}
