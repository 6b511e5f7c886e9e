//! The bootstrap of an Envoy: `envoy/bootstrap.yaml`, filled in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// What one Envoy must know before it can ask the control plane.
#[derive(Debug, Clone, clap::Args)]
pub struct Bootstrap {
    /// Envoy's name; each Envoy has its own.
    #[arg(long, value_name = "NAME", env = "TIANJI_NODE", default_value = "gateway")]
    pub node: String,
    /// Where clients connect.
    #[arg(long, value_name = "ADDRESS", env = "TIANJI_LISTEN", default_value = "127.0.0.1:4000")]
    pub listen: SocketAddr,
    /// The file Envoy writes one line per exchange to: the ledger's copy on disk.
    #[arg(long, value_name = "FILE", env = "TIANJI_JOURNAL", default_value = "data/journal.log")]
    pub journal: String,
    /// Envoy's own admin port; keep it on loopback.
    #[arg(long, value_name = "ADDRESS", env = "TIANJI_ENVOY_ADMIN", default_value = "127.0.0.1:4009")]
    pub envoy_admin: SocketAddr,
    /// The control plane's REST port, as Envoy reaches it.
    #[arg(long, value_name = "HOST:PORT", env = "TIANJI_REST", default_value = "127.0.0.1:4001")]
    pub rest: Endpoint,
    /// The control plane's gRPC port, as Envoy reaches it.
    #[arg(long, value_name = "HOST:PORT", env = "TIANJI_GRPC", default_value = "127.0.0.1:4002")]
    pub grpc: Endpoint,
    /// Envoy refuses requests before its heap is larger than this many MiB.
    #[arg(long, value_name = "MIB", env = "TIANJI_MAX_HEAP", default_value_t = 2048)]
    pub max_heap: u64,
    /// Clients connected at once.
    #[arg(long, value_name = "NUMBER", env = "TIANJI_MAX_CONNECTIONS", default_value_t = 50_000)]
    pub max_connections: u32,
}

/// A host, by name or address, and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    host: String,
    port: u16,
}

impl std::str::FromStr for Endpoint {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text.rsplit_once(':').ok_or("expected HOST:PORT")?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = port.parse().map_err(|_| "expected a port number after the colon")?;
        if host.is_empty() {
            Err("expected a host before the colon")
        } else {
            Ok(Self { host: host.into(), port })
        }
    }
}

impl Endpoint {
    /// Where to listen so that an Envoy on this machine reaches it.
    pub fn loopback(&self) -> SocketAddr {
        let host = self.host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
        SocketAddr::new(host, self.port)
    }
}

impl From<SocketAddr> for Endpoint {
    fn from(at: SocketAddr) -> Self {
        Self { host: at.ip().to_string(), port: at.port() }
    }
}

impl Bootstrap {
    /// The YAML text.
    pub fn render(&self) -> String {
        let values = [
            ("NODE", quoted(&self.node)),
            ("LISTEN", quoted(&self.listen.to_string())),
            ("JOURNAL", quoted(&self.journal)),
            ("ADMIN_HOST", quoted(&self.envoy_admin.ip().to_string())),
            ("ADMIN_PORT", self.envoy_admin.port().to_string()),
            ("REST_HOST", quoted(&self.rest.host)),
            ("REST_PORT", self.rest.port.to_string()),
            ("GRPC_HOST", quoted(&self.grpc.host)),
            ("GRPC_PORT", self.grpc.port.to_string()),
            ("MAX_HEAP_BYTES", (self.max_heap << 20).to_string()),
            ("MAX_CONNECTIONS", self.max_connections.to_string()),
        ];
        let template = include_str!("../../../envoy/bootstrap.yaml");
        values
            .iter()
            .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
    }
}

/// JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        bootstrap: Bootstrap,
    }

    #[test]
    fn nothing_is_left_to_fill_in_and_the_result_is_yaml() {
        let cli = Cli::parse_from(["tianji", "--node", "a \"b\": c", "--rest", "[::1]:4001"]);
        let yaml = cli.bootstrap.render();
        let value: serde_json::Value = serde_yaml_ng::from_str(&yaml).unwrap();
        assert!(!value.to_string().contains("${"), "{yaml}");
        assert_eq!(value["node"]["id"], "a \"b\": c");
        assert_eq!(value["node"]["metadata"]["tianji.listen"], "127.0.0.1:4000");
        let rest =
            &value["static_resources"]["clusters"][0]["load_assignment"]["endpoints"][0]["lb_endpoints"][0];
        assert_eq!(rest["endpoint"]["address"]["socket_address"]["address"], "::1");
    }

    #[test]
    fn an_endpoint_is_a_host_and_a_port() {
        assert_eq!("tianji:4001".parse(), Ok(Endpoint { host: "tianji".into(), port: 4001 }));
        for bad in ["tianji", ":4001", "tianji:", "tianji:x"] {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }
}
