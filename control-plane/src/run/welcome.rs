//! The first thing a newcomer reads.

use crate::secret::Secret;
use std::{net::SocketAddr, path::PathBuf};

/// What is worth knowing once everything runs.
#[derive(Debug, Clone)]
pub struct Welcome {
    /// The admin key; it is printed, once, on the terminal.
    pub admin_key: Secret,
    /// The file it is kept in, when Tianji made it.
    pub key_file: Option<PathBuf>,
    /// A model to try.
    pub model: String,
    /// The gateway serves HTTPS.
    pub tls: bool,
}

impl Welcome {
    /// To standard output; logs go to standard error.
    #[expect(clippy::print_stdout, reason = "this is what the command is for")]
    pub fn print(&self, gateway: SocketAddr) {
        println!("{}", self.text(gateway));
    }

    fn text(&self, gateway: SocketAddr) -> String {
        let url = format!("{}://{}", if self.tls { "https" } else { "http" }, reachable(gateway));
        let key = self.admin_key.expose();
        let kept = self.key_file.as_ref().map(|file| format!("   (kept in {})", file.display()));
        let curl = if self.tls { "curl -sk" } else { "curl -s" };
        let json = "-H 'content-type: application/json'";
        let chat = |stream: &str| {
            let message = r#"[{"role": "user", "content": "Why is the sky blue?"}]"#;
            let body = format!(r#"{{"model": "{}", {stream}"messages": {message}}}"#, self.model);
            format!("{url}/v1/chat/completions -H \"Authorization: Bearer $KEY\" {json} -d '{body}'")
        };
        format!(
            "\nTianji is ready.\n\n\
             Base URL   {url}\n\
             Admin key  {key}{kept}\n\
             API        {url}/openapi.json\n\n\
             Mint a key, chat, chat with streaming:\n\n\
             KEY=$({curl} {url}/key/generate -H 'Authorization: Bearer {key}' {json} -d '{{\"max_budget\": 5}}' \
             | grep -o 'sk-[A-Za-z0-9_-]\\{{16,\\}}' | head -1); echo \"$KEY\"\n\n\
             {curl} {}\n\n\
             {curl}N {}\n\n\
             Ctrl-C stops it.",
            chat(""),
            chat("\"stream\": true, "),
            kept = kept.unwrap_or_default(),
        )
    }
}

/// "Any address" is none to connect to.
fn reachable(gateway: SocketAddr) -> SocketAddr {
    let mut at = gateway;
    match at {
        SocketAddr::V4(_) if at.ip().is_unspecified() => at.set_ip(std::net::Ipv4Addr::LOCALHOST.into()),
        SocketAddr::V6(_) if at.ip().is_unspecified() => at.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_can_be_pasted_into_a_shell() {
        let welcome =
            Welcome { admin_key: Secret::new("sk-admin"), key_file: None, model: "demo".into(), tls: false };
        let text = welcome.text("0.0.0.0:4000".parse().unwrap());
        assert!(!text.contains("0.0.0.0"));
        let script: Vec<_> = text.lines().filter(|line| line.contains("curl")).collect();
        assert_eq!(script.len(), 3);
        let status =
            std::process::Command::new("sh").args(["-n", "-c", &script.join("\n")]).status().unwrap();
        assert!(status.success(), "{script:?}");
    }
}
