//! Fetches what stands at an address that a client names. The client may be anybody and the address anything, so nothing
//! is connected to that was not looked at first: every name is resolved here, once for each connection, and every redirect
//! begins anew.

use super::{media, networks, networks::Networks};
use reqwest::{
    Client, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, CONTENT_TYPE, LOCATION},
    redirect::Policy,
};
use std::{
    collections::VecDeque,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;
use url::{Host, Url};

/// The most of one document, in bytes.
const MOST_BYTES: usize = 20 << 20;
/// How long one may take, with all redirects.
const TIMEOUT: Duration = Duration::from_secs(20);
/// How often it may lead elsewhere.
const REDIRECTS: usize = 5;
/// How many are fetched at once.
const PARALLEL: usize = 32;
/// How much of what was fetched is kept, in bytes, and for how long.
const KEPT: usize = 64 << 20;
const FRESH: Duration = Duration::from_mins(5);

/// Why something was not fetched, for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// It is no address, or one of something else.
    #[error("only http:// and https:// addresses are fetched")]
    Scheme,
    /// It leads to where clients may not look.
    #[error("the address is not on the public internet")]
    Closed,
    /// Nobody answers there.
    #[error("nobody answers there")]
    Unreachable,
    /// The server has something else to say.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// It leads elsewhere and elsewhere again.
    #[error("more than {REDIRECTS} redirects")]
    Redirects,
    /// It is too large.
    #[error("it is larger than {} MiB", MOST_BYTES >> 20)]
    Size,
    /// It is nothing that models take in.
    #[error("its type is nothing that models take in")]
    Type,
    /// It took too long.
    #[error("it took longer than {} seconds", TIMEOUT.as_secs())]
    Time,
}

/// Fetches, and keeps a little of what was fetched. Clones share it.
#[derive(Clone)]
pub struct Fetcher(Arc<Inner>);

struct Inner {
    client: Client,
    allowed: Arc<Networks>,
    slots: Semaphore,
    kept: Mutex<Kept>,
}

impl Fetcher {
    /// One that connects to the public internet and to these networks.
    pub fn new(allowed: Networks) -> reqwest::Result<Self> {
        let allowed = Arc::new(allowed);
        let client = Client::builder()
            .dns_resolver(Arc::new(Looked(allowed.clone())))
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .pool_max_idle_per_host(0)
            .connect_timeout(Duration::from_secs(5))
            .timeout(TIMEOUT)
            .user_agent("tianji")
            .build()?;
        let (slots, kept) = (Semaphore::new(PARALLEL), Mutex::default());
        Ok(Self(Arc::new(Inner { client, allowed, slots, kept })))
    }

    /// What stands at an address, as a `data:` URL.
    pub async fn fetch(&self, url: &str) -> Result<Arc<str>, Fault> {
        if let Some(kept) = self.kept().get(url, Instant::now()) {
            return Ok(kept);
        }
        // The semaphore is never closed.
        let _slot = self.0.slots.acquire().await.map_err(|_| Fault::Unreachable)?;
        let data: Arc<str> =
            tokio::time::timeout(TIMEOUT, self.follow(url)).await.map_err(|_| Fault::Time)??.into();
        self.kept().put(url, &data, Instant::now());
        Ok(data)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(&self, url: &str) -> Result<String, Fault> {
        let mut url = Url::parse(url).map_err(|_| Fault::Scheme)?;
        for _ in 0..=REDIRECTS {
            self.look_at(&url)?;
            let answer = self.0.client.get(url.clone()).header(ACCEPT, "*/*").send().await;
            let answer = answer.map_err(|error| fault(&error))?;
            let status = answer.status();
            if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
                let to = to.ok_or(Fault::Status(status.as_u16()))?;
                url = url.join(to).map_err(|_| Fault::Scheme)?;
                continue;
            }
            if !status.is_success() {
                return Err(Fault::Status(status.as_u16()));
            }
            let said = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
            let kind = media::kind(said, url.path()).ok_or(Fault::Type)?;
            return Ok(media::data_url(&kind, &body(answer).await?));
        }
        Err(Fault::Redirects)
    }

    /// Refuses what can be told from the address alone. An IP address is never resolved, so it is looked at here.
    fn look_at(&self, url: &Url) -> Result<(), Fault> {
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some()
        {
            return Err(Fault::Scheme);
        }
        let address = match url.host() {
            None => return Err(Fault::Scheme),
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
        };
        if networks::may_connect(address, &self.0.allowed) { Ok(()) } else { Err(Fault::Closed) }
    }
}

async fn body(mut answer: reqwest::Response) -> Result<Vec<u8>, Fault> {
    if answer.content_length().is_some_and(|length| length > MOST_BYTES as u64) {
        return Err(Fault::Size);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| fault(&error))? {
        if body.len() + chunk.len() > MOST_BYTES {
            return Err(Fault::Size);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn fault(error: &reqwest::Error) -> Fault {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(fault) = error.downcast_ref::<Fault>() {
            return fault.clone();
        }
        cause = error.source();
    }
    if error.is_timeout() { Fault::Time } else { Fault::Unreachable }
}

/// Resolves names to addresses that were looked at: the connection goes to one of these and to no other.
struct Looked(Arc<Networks>);

impl Resolve for Looked {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.0.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let found: Vec<SocketAddr> = found.collect();
            // A name with one open and one closed address is up to no good.
            if found.is_empty() || !found.iter().all(|at| networks::may_connect(at.ip(), &allowed)) {
                return Err(Fault::Closed.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What was fetched lately, the oldest first.
#[derive(Default)]
struct Kept {
    entries: VecDeque<(String, Arc<str>, Instant)>,
    bytes: usize,
}

impl Kept {
    fn get(&mut self, url: &str, now: Instant) -> Option<Arc<str>> {
        while self.entries.front().is_some_and(|(.., since)| now.duration_since(*since) > FRESH) {
            self.drop_oldest();
        }
        self.entries.iter().find(|(known, ..)| known == url).map(|(_, data, _)| data.clone())
    }

    fn put(&mut self, url: &str, data: &Arc<str>, now: Instant) {
        // What would take up half of it alone is not worth the others.
        if data.len() > KEPT / 2 || self.entries.iter().any(|(known, ..)| known == url) {
            return;
        }
        self.bytes += data.len();
        self.entries.push_back((url.to_owned(), data.clone(), now));
        while self.bytes > KEPT {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, data, _)) = self.entries.pop_front() {
            self.bytes -= data.len();
        }
    }
}

#[cfg(test)]
mod tests;
