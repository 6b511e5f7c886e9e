//! The root contexts: configuration, the link to the control plane, and the queue of streams to resume.

use crate::{
    filters::Shell,
    gateway,
    host::{self, Envoy},
};
use log::{error, info};
use proxy_wasm::{
    hostcalls,
    traits::{Context, HttpContext, RootContext},
    types::ContextType,
};
use std::{cell::Cell, time::Duration};
use tianji_core::{egress, host::Host, host::Side, ingress};

/// How often records go out and idle leases are looked for.
const TICK: Duration = Duration::from_millis(100);

thread_local! {
    /// Each new configuration makes a new root context: the newest one keeps the link and the queue.
    static OWNER: Cell<u32> = const { Cell::new(0) };
    static QUEUE: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Asks for a turn of the event loop.
pub fn queue() -> bool {
    QUEUE.get().is_some_and(|queue| hostcalls::enqueue_shared_queue(queue, Some(b"1")).is_ok())
}

/// One per configuration of a role; the ingress role's newest keeps the link.
pub struct Root {
    id: u32,
    egress: bool,
    link: Option<u32>,
}

impl Root {
    /// The root context with this id; its role is known once it is configured.
    pub fn new(id: u32) -> Self {
        Self { id, egress: false, link: None }
    }

    fn open_link(&mut self) {
        self.link = host::open_link();
        if self.link.is_some() {
            self.say(gateway().link_opened());
        }
    }

    fn say(&self, messages: Vec<Vec<u8>>) {
        let Some(link) = self.link else { return };
        for message in messages {
            host::log("link", hostcalls::send_grpc_stream_message(link, Some(&message), false));
        }
    }
}

impl Context for Root {
    fn on_grpc_stream_message(&mut self, link: u32, size: usize) {
        if self.link != Some(link) {
            return;
        }
        let message = self.get_grpc_stream_message(0, size).unwrap_or_default();
        match gateway().heard(&message) {
            Ok(answers) => self.say(answers),
            Err(e) => error!("the control plane said something unreadable: {e}"),
        }
    }

    fn on_grpc_stream_close(&mut self, link: u32, status: u32) {
        if self.link == Some(link) {
            info!("the link to the control plane is gone (status {status})");
            self.link = None;
            // The newest root's link may be open already.
            if OWNER.get() == self.id {
                gateway().link_closed();
            }
        }
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        self.egress = Envoy.property(&["plugin_root_id"]).is_some_and(|role| role == b"egress");
        if self.egress {
            return true;
        }
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match serde_json::from_slice(&configuration) {
            Ok(config) => gateway().configure(config),
            Err(e) => {
                error!("unusable configuration: {e}");
                return false;
            }
        }
        OWNER.set(self.id);
        // The queue's name is the VM's own; registering it again moves it to this context.
        QUEUE.set(hostcalls::register_shared_queue(&gateway().worker).ok());
        self.set_tick_period(TICK);
        true
    }

    fn on_tick(&mut self) {
        if OWNER.get() != self.id {
            if let Some(link) = self.link.take() {
                host::log("link", hostcalls::close_grpc_stream(link));
            }
            self.set_tick_period(Duration::ZERO);
            return;
        }
        if self.link.is_none() {
            self.open_link();
        }
        self.say(gateway().tick());
    }

    fn on_queue_ready(&mut self, queue: u32) {
        if !matches!(hostcalls::dequeue_shared_queue(queue), Ok(Some(_))) {
            return;
        }
        let due = gateway().relay.borrow_mut().turn();
        if due.is_some_and(|ingress| hostcalls::set_effective_context(ingress).is_ok()) {
            Envoy.resume(Side::Response);
        }
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(if self.egress {
            Box::new(Shell(egress::Context::new(gateway())))
        } else {
            Box::new(Shell(ingress::Context::new(id, gateway())))
        })
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
