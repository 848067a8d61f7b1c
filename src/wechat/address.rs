//! Addresses under a base that may have a path of its own.

use url::Url;

/// `path` below `base`; a query or fragment of the base is dropped.
pub(super) fn under(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
    url.set_path(&joined);
    url.set_query(None);
    url.set_fragment(None);
    url
}
