//! Just enough HTTP to ask Envoy how it is.

use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// One request on one connection: the answer's status, and its raw bytes after the status line.
pub async fn ask(at: SocketAddr, method: &str, path: &str) -> io::Result<(u16, String)> {
    let exchange = async {
        let mut stream = TcpStream::connect(at).await?;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        io::Result::Ok(String::from_utf8_lossy(&answer).into_owned())
    };
    let answer = timeout(Duration::from_secs(5), exchange).await??;
    let (line, rest) = answer.split_once("\r\n").unwrap_or((&answer, ""));
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no HTTP answer"))?;
    Ok((status, rest.to_owned()))
}

/// The answer is a 200.
pub async fn fine(at: SocketAddr, path: &str) -> bool {
    matches!(ask(at, "GET", path).await, Ok((200, _)))
}
