//! What the admin API works with, and how its changes reach the rest of the control plane.

use crate::{
    catalog::{Catalog, Entry, entry::take_secrets},
    clock::Clock,
    config::Config,
    credentials::{Desk, Keeper, Logins},
    environment::Environment,
    fault::Fault,
    keys,
    secret::Secret,
    store::{
        self, Store,
        writes::{By, Write},
    },
    vault::{self, Vault},
    xds,
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use subtle::ConstantTimeEq;
use tokio::sync::{Mutex, broadcast, watch};

/// Changes of keys that a slow listener can be behind by before it has to take all keys for changed.
const CHANGES: usize = 1024;

/// The control plane's truth: handlers and services share one.
pub struct App {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Seals providers' keys.
    pub vault: Vault,
    /// Has the tokens of deployments that need them.
    pub keeper: Keeper,
    /// What `os.environ/NAME` refers to.
    pub env: Environment,
    /// The connected Envoys.
    pub envoys: xds::Status,
    /// `tianji.wasm`, once it was read.
    pub wasm: Option<Wasm>,
    /// Hexadecimal SHA-256 of the master key.
    master: String,
    file: Config,
    catalog: watch::Sender<Arc<Catalog>>,
    changed_keys: broadcast::Sender<Arc<[String]>>,
    stopping: AtomicBool,
    // One reload at a time, so that an older catalog never replaces a newer one.
    reloading: Mutex<()>,
}

/// The filter's module.
pub struct Wasm {
    /// Hexadecimal SHA-256 of `code`; Envoy asks for it by this name.
    pub sha256: String,
    /// The module.
    pub code: axum::body::Bytes,
}

impl App {
    /// Over an open, migrated database. The catalog is empty until `reload`.
    pub fn new(store: Store, clock: Clock, master: &Secret, file: Config) -> Self {
        let vault = Vault::new(master);
        Self {
            store,
            keeper: Keeper::new(Desk::new(clock.clone(), Logins::new("data", vault.clone()))),
            clock,
            vault,
            env: file.env.clone(),
            envoys: xds::Status::default(),
            wasm: None,
            master: keys::hash(master.expose()),
            file,
            catalog: watch::Sender::default(),
            changed_keys: broadcast::Sender::new(CHANGES),
            stopping: AtomicBool::new(false),
            reloading: Mutex::new(()),
        }
    }

    /// The same, with people's logins in this folder.
    #[must_use]
    pub fn with_logins(mut self, folder: &Path) -> Self {
        let logins = Logins::new(folder, self.vault.clone());
        self.keeper = Keeper::new(Desk::new(self.clock.clone(), logins));
        self
    }

    /// Whether this is the master key. Takes as long for a wrong one as for the right one.
    pub fn is_master(&self, key: &str) -> bool {
        keys::hash(key).as_bytes().ct_eq(self.master.as_bytes()).into()
    }

    /// Hexadecimal SHA-256 of the master key: what the gate compares a caller's hash with.
    pub fn master_hash(&self) -> &str {
        &self.master
    }

    /// From now on liveness says that the end has begun.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the end has begun.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// The models, now and whenever they change.
    pub fn catalog(&self) -> watch::Receiver<Arc<Catalog>> {
        self.catalog.subscribe()
    }

    /// Hashes of keys, and names of parties and budgets, that were changed, blocked or deleted, after the database knows.
    /// Who lags behind has to take every key for changed.
    pub fn changed_keys(&self) -> broadcast::Receiver<Arc<[String]>> {
        self.changed_keys.subscribe()
    }

    /// Tells who listens that these keys are not what they were.
    pub fn keys_changed(&self, hashes: impl Into<Arc<[String]>>) {
        // An error means that nobody listens.
        let _ = self.changed_keys.send(hashes.into());
    }

    /// Does these changes, or none of them, and tells who listens. `false` if somebody else was quicker.
    pub async fn write(&self, writes: &[Write], by: &By) -> store::Result<bool> {
        if !self.store.apply(writes, by).await? {
            return Ok(false);
        }
        let touched: Vec<String> = writes.iter().filter_map(Write::touches).collect();
        if !touched.is_empty() {
            self.keys_changed(touched);
        }
        Ok(true)
    }

    /// Makes the catalog anew from file and database and tells who listens. What cannot be served is logged, left out
    /// and given back.
    pub async fn reload(&self) -> store::Result<Vec<Fault>> {
        let _one = self.reloading.lock().await;
        let mut faults = Vec::new();
        let mut entries = self.file.models.clone();
        for row in self.store.models().await? {
            match self.entry(&row) {
                Ok(entry) => entries.push(entry),
                Err(fault) => faults.push(fault),
            }
        }
        let (mut catalog, mut found) = Catalog::build(&entries, self.file.settings.clone(), &self.env);
        faults.append(&mut found);
        for fault in &faults {
            tracing::warn!(%fault, "a model is not served");
        }
        catalog.revision = self.clock.now().timestamp_micros();
        self.catalog.send_replace(Arc::new(catalog));
        Ok(faults)
    }

    /// A row of the table `model` as an entry, its credentials opened.
    pub fn entry(&self, row: &store::models::Model) -> Result<Entry, Fault> {
        let path = format!("model {}", row.id);
        let secrets = self.credentials(row).map_err(|e| Fault::new(&path, e.to_string()))?;
        let mut info = row.info.0.clone();
        info.insert("id".into(), row.id.clone().into());
        let entry = Entry {
            name: row.model_name.clone(),
            params: row.params.0.clone(),
            secrets,
            info,
            db: true,
            path,
        };
        self.with_environment(entry)
    }

    /// The credentials of a row, as they were given.
    pub fn credentials(&self, row: &store::models::Model) -> Result<BTreeMap<String, Secret>, vault::Error> {
        let Some(sealed) = &row.credential else { return Ok(BTreeMap::new()) };
        let opened = self.vault.open(&row.id, sealed)?;
        let parsed: BTreeMap<String, String> =
            serde_json::from_str(opened.expose()).map_err(|_| vault::Error::Sealed)?;
        Ok(parsed.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
    }

    /// Replaces `os.environ/NAME`, which is stored as it was given.
    fn with_environment(&self, mut entry: Entry) -> Result<Entry, Fault> {
        let mut unset = None;
        let mut params = Value::Object(std::mem::take(&mut entry.params));
        for (name, secret) in &entry.secrets {
            params[name] = secret.expose().into();
        }
        let path = format!("{}.litellm_params", entry.path);
        self.env.resolve(&mut params, &path, &mut |path, name| {
            unset = Some(Fault::new(path, format!("the environment variable {name} is not set")));
        });
        if let Some(fault) = unset {
            return Err(fault);
        }
        let mut params = if let Value::Object(params) = params { params } else { Map::new() };
        entry.secrets = take_secrets(&mut params);
        entry.params = params;
        Ok(entry)
    }
}
