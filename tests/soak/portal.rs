//! A signed-in person without a browser, who presses one button again and again.

use std::collections::BTreeMap;

use reqwest::{RequestBuilder, Response};

pub(crate) struct Visitor {
    base: String,
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    csrf: String,
}

impl Visitor {
    pub(crate) async fn sign_in(base: &str, email: &str, password: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let mut visitor = Self {
            base: base.to_owned(),
            http: http.unwrap(),
            cookies: BTreeMap::new(),
            csrf: String::new(),
        };
        visitor.get("/sign-in").await;
        let answer =
            visitor.post("/sign-in", &[("email", email), ("password", password), ("next", "/")]).await;
        assert_eq!(answer, "/", "signed in");
        visitor
    }

    /// Presses 授权 and answers with the pre_auth_code in the link to WeChat.
    pub(crate) async fn press_authorize(&mut self) -> String {
        self.get("/authorize").await;
        let entry = self.post("/authorize", &[("auth_type", "3")]).await;
        let page = self.get(&entry).await;
        let (_, after) = page.split_once("pre_auth_code=").expect("the entry page links to WeChat");
        let code = after.split(['&', '"', '#']).next().unwrap();
        url::form_urlencoded::parse(format!("x={code}").as_bytes()).next().unwrap().1.into_owned()
    }

    async fn get(&mut self, path: &str) -> String {
        let answer = self.send(self.http.get(format!("{}{path}", self.base))).await;
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let body = answer.text().await.unwrap();
        if let Some((_, after)) = body.split_once(r#"name="csrf" value=""#) {
            self.csrf = after.split('"').next().unwrap().to_owned();
        }
        body
    }

    /// Where the answer leads.
    async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("csrf", &self.csrf).extend_pairs(fields);
        let request = self.http.post(format!("{}{path}", self.base));
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form.finish());
        let answer = self.send(request).await;
        assert_eq!(answer.status().as_u16(), 303, "{path}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header("cookie", cookies.join("; ")).send().await.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        answer
    }
}
