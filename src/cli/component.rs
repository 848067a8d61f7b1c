//! `hufu component add`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::ids::ComponentAppid;
use crate::random::Random;
use crate::secret::Secret;
use crate::service::put_component::{self, Input, Mode};

use super::failure::Failure;
use super::{say, stdin};

#[derive(Debug, Subcommand)]
pub(super) enum Component {
    /// Add a third-party platform, or update its secrets when it is there already.
    Add(Add),
}

#[derive(Args, Debug)]
pub(super) struct Add {
    /// The third-party platform's own AppID.
    #[arg(long)]
    appid: String,
    /// Name for people; the appid when left out.
    #[arg(long)]
    name: Option<String>,
    /// File with the AppSecret; "-" for standard input.
    #[arg(long)]
    secret_file: PathBuf,
    /// File with the message Token (消息校验Token).
    #[arg(long)]
    token_file: PathBuf,
    /// File with the EncodingAESKey (消息加解密Key), 43 characters.
    #[arg(long)]
    aes_key_file: PathBuf,
    /// File with the Token before, while WeChat still uses it.
    #[arg(long)]
    previous_token_file: Option<PathBuf>,
    /// File with the EncodingAESKey before, while WeChat still uses it.
    #[arg(long)]
    previous_aes_key_file: Option<PathBuf>,
}

pub(super) async fn run(command: Component, config: &Config) -> Result<(), Failure> {
    let Component::Add(add) = command;
    let input = read(&add)?;
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let outcome = put_component::run(&cx, cx.clock.now(), &Actor::cli(), Mode::AddOrUpdate, input).await;
    let public_url = cx.settings.public_url.clone();
    cx.store.close().await;
    outcome?.map_err(|refused| Failure::usage(refused.to_string()))?;
    say::line(&format!("component {} is set up; enter at WeChat:", add.appid));
    say::line(&format!("  授权事件接收 URL     {public_url}wechat/{}/events", add.appid));
    say::line(&format!("  消息与事件接收 URL   {public_url}wechat/{}/messages/$APPID$", add.appid));
    say::line(&format!("  授权发起页域名       {}", public_url.host_str().unwrap_or_default()));
    Ok(())
}

fn read(add: &Add) -> Result<Input, Failure> {
    let appid =
        ComponentAppid::parse(&add.appid).map_err(|error| Failure::usage(format!("--appid: {error}")))?;
    Ok(Input {
        appid,
        name: add.name.clone(),
        appsecret: Some(stdin::secret(&add.secret_file, "--secret-file")?),
        token: Some(stdin::secret(&add.token_file, "--token-file")?),
        aes_key: Some(stdin::secret(&add.aes_key_file, "--aes-key-file")?),
        previous_token: optional(add.previous_token_file.as_ref(), "--previous-token-file")?,
        previous_aes_key: optional(add.previous_aes_key_file.as_ref(), "--previous-aes-key-file")?,
    })
}

fn optional<S: Secret>(path: Option<&PathBuf>, option: &str) -> Result<Option<S>, Failure> {
    path.map(|path| stdin::secret(path, option)).transpose()
}
