//! Pages are for people who come to them: what another site embeds, fetches or posts is turned away before any
//! session is read. Browsers say by `Sec-Fetch-…` who asks for what; those that say nothing are judged by cookies and
//! form tokens alone.

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;

/// Whether the request is another site's, and none of the ways in which people come from there: following a link,
/// as back from WeChat, or opening the address.
pub(super) fn is_foreign(method: &Method, headers: &HeaderMap) -> bool {
    let said = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let Some(site) = said("sec-fetch-site") else { return false };
    if matches!(site, "same-origin" | "none") {
        return false;
    }
    let follows_a_link = matches!(*method, Method::GET | Method::HEAD)
        && said("sec-fetch-mode").is_none_or(|mode| mode == "navigate")
        && said("sec-fetch-dest").is_none_or(|dest| dest == "document");
    !follows_a_link
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn asked(method: &Method, said: &[(&str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            let name = HeaderName::try_from(format!("sec-fetch-{name}")).unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        is_foreign(method, &headers)
    }

    #[test]
    fn people_come_by_links_from_anywhere() {
        let link = [("site", "cross-site"), ("mode", "navigate"), ("dest", "document")];
        assert!(!asked(&Method::GET, &link), "back from WeChat");
        assert!(!asked(&Method::GET, &[("site", "same-site"), ("mode", "navigate"), ("dest", "document")]));
        assert!(!asked(&Method::GET, &[("site", "none"), ("mode", "navigate"), ("dest", "document")]));
        assert!(!asked(
            &Method::POST,
            &[("site", "same-origin"), ("mode", "navigate"), ("dest", "document")]
        ));
        assert!(!asked(&Method::POST, &[]), "an old browser");
    }

    #[test]
    fn what_other_sites_embed_fetch_or_post_is_foreign() {
        for site in ["cross-site", "same-site"] {
            assert!(asked(&Method::POST, &[("site", site), ("mode", "navigate"), ("dest", "document")]));
            assert!(asked(&Method::GET, &[("site", site), ("mode", "navigate"), ("dest", "iframe")]));
            assert!(asked(&Method::GET, &[("site", site), ("mode", "no-cors"), ("dest", "image")]));
            assert!(asked(&Method::GET, &[("site", site), ("mode", "no-cors"), ("dest", "script")]));
            assert!(asked(&Method::GET, &[("site", site), ("mode", "cors"), ("dest", "empty")]));
        }
    }
}
