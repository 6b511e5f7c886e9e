//! The end, as a value everything can wait for.

use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Begins the end, once.
pub struct Trigger(watch::Sender<bool>);

/// Knows whether the end has begun; clones wait for the same end.
#[derive(Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// A new end. It also begins when the trigger is dropped.
pub fn shutdown() -> (Trigger, Shutdown) {
    let (sender, receiver) = watch::channel(false);
    (Trigger(sender), Shutdown(receiver))
}

impl Trigger {
    /// Begins the end.
    pub fn pull(&self) {
        self.0.send_replace(true);
    }
}

impl Shutdown {
    /// Ends when the end has begun.
    pub async fn begun(mut self) {
        // An error means that the trigger is gone: that is the end, too.
        let _ = self.0.wait_for(|begun| *begun).await;
    }
}

/// Ends at the first SIGTERM or SIGINT.
pub async fn signalled() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
