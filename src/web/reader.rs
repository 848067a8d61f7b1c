//! Who reads an answer: what it looks like and which headers it has follow from that.

/// Who reads the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reader {
    /// A person in a browser.
    Person,
    /// A program, which has a frame of its own (`api/around.rs`).
    Program,
    /// WeChat: never any detail.
    Wechat,
    /// A load balancer or Prometheus.
    Probe,
    /// A browser, for a file that goes with a page.
    File,
}

impl Reader {
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" | "/metrics" => Self::Probe,
            path if path.starts_with("/api/") => Self::Program,
            path if path.starts_with("/wechat/") => Self::Wechat,
            path if path.starts_with("/static/") || path.starts_with("/logo/") => Self::File,
            _ => Self::Person,
        }
    }
}
