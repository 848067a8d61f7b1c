//! The database is away: what was known a moment ago is still served, what was not is refused without waiting.

use std::sync::Arc;
use std::time::Duration;

use hufu::clock::Clock;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::program::{Program, make, wide};
use crate::engine::world::{SHOP, World};
use crate::harness::{Database, Kind, run};

/// A way to PostgreSQL that can be cut and mended.
struct Line {
    port: u16,
    is_up: Arc<watch::Sender<bool>>,
}

impl Line {
    /// The line, and the database's address by way of it.
    async fn to(db: &Database) -> (Self, String) {
        let mut url = url::Url::parse(db.url()).unwrap();
        let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let line = Self::open(host).await;
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(line.port)).unwrap();
        (line, url.to_string())
    }

    async fn open(host: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_up = Arc::new(watch::Sender::new(true));
        let seen = is_up.subscribe();
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                tokio::spawn(pass_on(near, host.clone(), seen.clone()));
            }
        });
        Self { port, is_up }
    }

    fn cut(&self) {
        self.is_up.send_replace(false);
    }

    fn mend(&self) {
        self.is_up.send_replace(true);
    }
}

/// While the line is cut, nothing comes through and nobody is told: the worst way to be away.
async fn pass_on(mut near: TcpStream, host: String, mut is_up: watch::Receiver<bool>) {
    is_up.wait_for(|up| *up).await.unwrap();
    let mut far = TcpStream::connect(host).await.unwrap();
    tokio::select! {
        _ = copy_bidirectional(&mut near, &mut far) => {}
        _ = async { is_up.wait_for(|up| !*up).await.map(drop) } => {
            is_up.wait_for(|up| *up).await.unwrap();
        }
    }
}

#[tokio::test]
async fn valid_tokens_are_served_from_memory_while_the_database_is_away() {
    run(Kind::Postgres, |db| async move {
        let (line, through) = Line::to(&db).await;
        let world = World::new(&db).await;
        world.authorize(&world.acme, SHOP).await;
        let portal = world.portal.beside_on(&through).await;
        let program = Program::of(&world, &world.acme).await.moved_to(&portal);
        let token = program.token(SHOP, "").await.text("access_token").to_owned();
        let stranger = make(world.cx(), &world.acme, wide()).await;
        let stranger =
            Program::at(portal.running.url.as_str(), hufu::secret::Secret::expose(&stranger.secret));

        line.cut();
        // What is kept counts as fresh for a second.
        Clock::pause(Duration::from_millis(1100)).await;
        for n in 0..20 {
            let watch = Clock::stopwatch();
            let answer = program.token(SHOP, "").await;
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.text("access_token"), token);
            assert_eq!(answer.header("hufu-database"), "unavailable");
            assert!(watch.elapsed() < Duration::from_secs(6), "request {n}: {:?}", watch.elapsed());
        }
        portal.clock.advance(Duration::from_secs(300));
        assert_eq!(program.token(SHOP, "").await.status, 200, "five minutes later");

        portal.clock.advance(Duration::from_secs(3600));
        for (what, answer) in [
            ("a key that is not kept", stranger.token(SHOP, "").await),
            ("an account that is not kept", program.token("wxnever", "").await),
            ("a report", program.report(SHOP, &hufu::secret::fingerprint(&token)[..16], 40001).await),
            ("a life that is not left", program.token(SHOP, "?min_ttl=3600").await),
        ] {
            assert_eq!(
                (answer.status, answer.problem()),
                (503, "database-unavailable"),
                "{what}: {answer:?}"
            );
            assert_eq!(answer.header("retry-after"), "5");
        }

        line.mend();
        let watch = Clock::stopwatch();
        loop {
            let answer = program.token(SHOP, "").await;
            assert_eq!(answer.status, 200, "{answer:?}");
            if answer.header("hufu-database").is_empty() {
                break;
            }
            assert!(watch.elapsed() < Duration::from_secs(60), "the database is back and not noticed");
        }
        portal.stop().await;
        world.end().await;
    })
    .await;
}
