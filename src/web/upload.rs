//! A posted form with one file in it: `multipart/form-data` with the fields `csrf` and `file`, bounded, from one of our
//! own pages. Nothing of it reaches a handler otherwise.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::{FromRequest, HttpRequest};

use super::body::{self, BodyError};
use super::error::WebError;
use super::{form, gate};

/// A logo and what goes around it. A larger file is refused by its own rule.
const LONGEST: usize = 320 * 1024;

/// The file's bytes; its name and its stated type are of no interest.
#[derive(Clone, Debug)]
pub struct FileForm(pub Vec<u8>);

impl FromRequest for FileForm {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let site = form::check_site(req.headers());
        let kind = req.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
        let boundary = boundary(kind).map(str::to_owned);
        let (request, expected) = (req.clone(), form::expected_csrf(req));
        let visitor = gate::passed(req);
        let payload = payload.take();
        Box::pin(async move {
            visitor.await;
            site?;
            // A form of another kind has no token where it belongs.
            let boundary = boundary.ok_or(WebError::ForeignForm)?;
            let body = body::read(payload, LONGEST).await.map_err(|error| match error {
                BodyError::TooLarge => WebError::TooLarge,
                BodyError::TooSlow | BodyError::Broken => WebError::BadRequest(form::NOT_A_FORM),
            })?;
            let parts = parts(&body, &boundary);
            let part = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.bytes);
            let token = part("csrf").and_then(|bytes| std::str::from_utf8(bytes).ok());
            form::check_token(&request, token, expected.as_deref())?;
            let file = part("file").ok_or(WebError::BadRequest(form::MISSING_FIELD))?;
            Ok(Self(file.to_vec()))
        })
    }
}

struct Part<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

fn boundary(content_type: &str) -> Option<&str> {
    let (kind, rest) = content_type.split_once(';')?;
    let named = rest.split(';').find_map(|one| one.trim().strip_prefix("boundary="))?.trim_matches('"');
    let fits = kind.trim().eq_ignore_ascii_case("multipart/form-data") && (1..=70).contains(&named.len());
    fits.then_some(named)
}

/// What stands between the boundaries; a part without a name is left out.
fn parts<'a>(body: &'a [u8], boundary: &str) -> Vec<Part<'a>> {
    let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
    let mut found = Vec::new();
    let Some(mut rest) = body.strip_prefix(&delimiter[2..]) else { return found };
    while let Some(inside) = rest.strip_prefix(b"\r\n") {
        let Some(end) = position(inside, &delimiter) else { break };
        let (part, after) = inside.split_at(end);
        if let Some(head) = position(part, b"\r\n\r\n")
            && let Some(name) = std::str::from_utf8(&part[..head]).ok().and_then(field_name)
        {
            found.push(Part { name, bytes: &part[head + 4..] });
        }
        rest = &after[delimiter.len()..];
    }
    found
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// `Content-Disposition: form-data; name="file"; filename="…"`.
fn field_name(head: &str) -> Option<&str> {
    let line = head.lines().find(|line| {
        line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    })?;
    line.split(';').find_map(|part| part.trim().strip_prefix("name=\"")?.strip_suffix('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_comes_out_as_it_went_in() {
        let file = b"\x89PNG\r\n--not the boundary\r\n\0\xff";
        let body = [
            b"--X1\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\ntoken\r\n--X1\r\n".as_slice(),
            b"content-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\n",
            file,
            b"\r\n--X1--\r\n",
        ]
        .concat();
        let found = parts(&body, "X1");
        let told: Vec<(&str, &[u8])> = found.iter().map(|part| (part.name, part.bytes)).collect();
        assert_eq!(told, [("csrf", b"token".as_slice()), ("file", file.as_slice())]);
        assert_eq!(boundary("multipart/form-data; boundary=X1"), Some("X1"));
        assert_eq!(boundary("Multipart/Form-Data; charset=utf-8; boundary=\"X 1\""), Some("X 1"));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
    }

    #[test]
    fn nonsense_holds_nothing() {
        for body in
            [b"".as_slice(), b"--X1", b"--X1\r\n", b"--X1\r\n\r\n--X1--", b"--X1\r\nx\r\n\r\ny\r\n", b"X1"]
        {
            assert!(parts(body, "X1").is_empty(), "{body:?}");
        }
    }
}
