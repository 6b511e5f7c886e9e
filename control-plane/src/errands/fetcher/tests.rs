use super::*;
use axum::{
    Router,
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Redirect},
    routing::get,
};
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server on loopback; gives its address.
async fn server() -> (String, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let kind = |kind: &'static str| [("content-type", kind)];
    let image = move || {
        count.fetch_add(1, Ordering::Relaxed);
        async move { (kind("image/png"), [0u8; 3].to_vec()).into_response() }
    };
    let to = |to: &'static str| move || async move { Redirect::temporary(to) };
    let router = Router::new()
        .route("/1.png", get(image))
        .route("/moved", get(to("/1.png")))
        .route("/inside", get(to("http://10.0.0.1/1.png")))
        .route("/metadata", get(to("http://169.254.169.254/latest/meta-data/")))
        .route("/mapped", get(to("http://[::ffff:169.254.169.254]/")))
        .route("/decimal", get(to("http://2852039166/")))
        .route("/named", get(to("http://localhost.localdomain.invalid/")))
        .route("/file", get(to("file:///etc/passwd")))
        .route("/round", get(to("/round")))
        .route("/script", get(move || async move { (kind("application/javascript"), "x") }))
        .route(
            "/large",
            get(move || async move { (kind("image/png"), Bytes::from(vec![0; MOST_BYTES + 1])) }),
        )
        .route("/endless", get(endless))
        .route("/secret", get(|headers: HeaderMap| async move { format!("{headers:?}") }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (address, asked)
}

/// More than is taken, without saying how much.
async fn endless() -> impl IntoResponse {
    let chunks = (0..64).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![0; 1 << 20])));
    ([("content-type", "image/png")], axum::body::Body::from_stream(tokio_stream::iter(chunks)))
}

fn open() -> Fetcher {
    Fetcher::new(vec!["127.0.0.0/8".parse().unwrap()]).unwrap()
}

#[tokio::test]
async fn what_stands_at_an_address_is_fetched_once() {
    let ((at, asked), fetcher) = (server().await, open());
    for _ in 0..2 {
        assert_eq!(&*fetcher.fetch(&format!("{at}/1.png")).await.unwrap(), "data:image/png;base64,AAAA");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 1, "the second time it was kept");
    assert!(fetcher.fetch(&format!("{at}/moved")).await.is_ok());
}

#[tokio::test]
async fn nothing_inside_is_connected_to_at_first() {
    let ((at, asked), fetcher) = (server().await, Fetcher::new(Vec::new()).unwrap());
    let port = at.rsplit(':').next().unwrap();
    for host in [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "0.0.0.0",
        "127.1",
        "0x7f000001",
        "017700000001",
    ] {
        let url = format!("http://{host}:{port}/1.png");
        assert_eq!(fetcher.fetch(&url).await, Err(Fault::Closed), "{url}");
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn nothing_inside_is_connected_to_by_a_redirect() {
    let ((at, _), fetcher) = (server().await, open());
    for path in ["inside", "metadata", "mapped", "decimal"] {
        assert_eq!(fetcher.fetch(&format!("{at}/{path}")).await, Err(Fault::Closed), "{path}");
    }
    assert_eq!(fetcher.fetch(&format!("{at}/file")).await, Err(Fault::Scheme));
    assert_eq!(fetcher.fetch(&format!("{at}/round")).await, Err(Fault::Redirects));
    assert!(fetcher.fetch(&format!("{at}/named")).await.is_err());
}

#[tokio::test]
async fn what_is_too_large_or_nothing_for_models_is_left() {
    let ((at, _), fetcher) = (server().await, open());
    for (path, fault) in [
        ("large", Fault::Size),
        ("endless", Fault::Size),
        ("script", Fault::Type),
        ("nowhere", Fault::Status(404)),
    ] {
        assert_eq!(fetcher.fetch(&format!("{at}/{path}")).await, Err(fault), "{path}");
    }
}

#[tokio::test]
async fn only_addresses_of_the_web_are_fetched() {
    let fetcher = open();
    for url in [
        "",
        "a",
        "file:///etc/passwd",
        "ftp://a.test/1",
        "data:image/png,a",
        "http://user:key@a.test/",
        "gopher://a/",
    ] {
        assert_eq!(fetcher.fetch(url).await, Err(Fault::Scheme), "{url}");
    }
}

#[tokio::test]
async fn nothing_of_ours_is_told_to_the_server() {
    let ((at, _), fetcher) = (server().await, open());
    let data = fetcher.fetch(&format!("{at}/secret")).await.unwrap();
    let encoded = data.strip_prefix("data:text/plain;base64,").unwrap();
    let text = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, encoded).unwrap();
    let text = String::from_utf8(text).unwrap().to_lowercase();
    assert!(
        !text.contains("authorization") && !text.contains("cookie") && !text.contains("referer"),
        "{text}"
    );
}

#[test]
fn little_is_kept_and_not_for_long() {
    let (mut kept, now) = (Kept::default(), Instant::now());
    let data: Arc<str> = "x".repeat(KEPT / 4).into();
    for name in 0..6 {
        kept.put(&name.to_string(), &data, now);
    }
    assert!(kept.bytes <= KEPT && kept.get("0", now).is_none() && kept.get("5", now).is_some());
    assert!(kept.get("5", now + FRESH * 2).is_none() && kept.bytes == 0);
    kept.put("large", &"x".repeat(KEPT).into(), now);
    assert_eq!(kept.bytes, 0);
}
