//! The root contexts: configuration, and the link to the control plane.

use crate::{egress::Egress, host, ingress::Ingress, relay, vm};
use log::{error, info, warn};
use prost::Message;
use proxy_wasm::{
    hostcalls,
    traits::{Context, HttpContext, RootContext},
    types::ContextType,
};
use std::time::Duration;
use tianji_proto::{Down, Up};

/// How often records go out and idle leases are looked for.
const TICK: Duration = Duration::from_millis(100);

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
        match hostcalls::open_grpc_stream(host::CONTROL_PLANE, host::SERVICE, "Link", vec![]) {
            Ok(link) => {
                self.link = Some(link);
                self.say(vm::gateway().link_opened());
            }
            Err(status) => warn!("cannot open the link to the control plane: {status:?}"),
        }
    }

    fn say(&self, messages: Vec<Up>) {
        let Some(link) = self.link else { return };
        for message in messages {
            if hostcalls::send_grpc_stream_message(link, Some(&message.encode_to_vec()), false).is_err() {
                warn!("the link to the control plane does not take messages");
            }
        }
    }
}

impl Context for Root {
    fn on_grpc_stream_message(&mut self, link: u32, size: usize) {
        if self.link != Some(link) {
            return;
        }
        let message = self.get_grpc_stream_message(0, size).unwrap_or_default();
        match Down::decode(message.as_slice()) {
            Ok(down) => self.say(vm::gateway().heard(down)),
            Err(e) => error!("the control plane said something unreadable: {e}"),
        }
    }

    fn on_grpc_stream_close(&mut self, link: u32, status: u32) {
        if self.link == Some(link) {
            info!("the link to the control plane is gone (status {status})");
            self.link = None;
            vm::gateway().link_closed();
        }
    }
}

impl RootContext for Root {
    fn on_configure(&mut self, _: usize) -> bool {
        self.egress = host::property(&["plugin_root_id"]).is_some_and(|role| role == b"egress");
        if self.egress {
            return true;
        }
        let configuration = self.get_plugin_configuration().unwrap_or_default();
        match serde_json::from_slice(&configuration) {
            Ok(config) => vm::gateway().configure(config),
            Err(e) => {
                error!("unusable configuration: {e}");
                return false;
            }
        }
        vm::own(self.id);
        relay::register(&vm::gateway().worker);
        self.set_tick_period(TICK);
        true
    }

    fn on_tick(&mut self) {
        if !vm::is_owner(self.id) {
            if let Some(link) = self.link.take() {
                let _ = hostcalls::close_grpc_stream(link);
            }
            self.set_tick_period(Duration::ZERO);
            return;
        }
        if self.link.is_none() {
            self.open_link();
        }
        self.say(vm::gateway().tick());
    }

    fn on_queue_ready(&mut self, queue: u32) {
        relay::turn(queue);
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        if self.egress { Some(Box::new(Egress::default())) } else { Some(Box::new(Ingress::new(id))) }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}
