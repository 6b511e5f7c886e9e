//! Edges of the native stream.

use super::{call, claude, relayed as relayed_parts};
use crate::{error::Error, operation::Operation, translate::Stream, usage::Usage};
use serde_json::json;

const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"model\":\"served\",\
                     \"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\n";
const STOP: &str = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

fn relayed(stream: &str) -> (String, Option<Error>, Usage) {
    let (out, error, usage) = relayed_parts(&[stream.as_bytes()]);
    (String::from_utf8(out).expect("UTF-8"), error, usage)
}

#[test]
fn comments_and_unknown_events_and_crlf_pass() {
    let odd = ": ping\r\n\r\nevent: message_delta\r\ndata: {}\r\n\r\nid: 7\ndata: [1]\n\n\n";
    let (out, error, _) = relayed(&format!("{odd}{STOP}"));
    assert_eq!((out, error), (format!("{odd}{STOP}"), None));
}

#[test]
fn what_no_client_could_read_does_not_pass_and_does_not_end_the_stream() {
    let (out, error, _) = relayed(&format!("data: {{\"id\": \"broken\n\n{STOP}"));
    assert_eq!((out.as_str(), error), (STOP, None));
}

#[test]
fn only_the_data_of_message_start_is_rewritten() {
    let start = "id: 1\r\nevent: message_start\r\ndata: {\"type\":\"message_start\",\r\ndata: \"message\":{\"model\":\r\n\
                 data: \"served\"}}\r\nretry: 5\r\n\r\n";
    let (out, ..) = relayed(start);
    let rewritten = "id: 1\r\nevent: message_start\r\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"al\\\"ias\"}}\
                     \r\nretry: 5\r\n\r\n";
    assert!(out.starts_with(rewritten), "{out}");
}

#[test]
fn events_without_a_name_are_known_by_their_type() {
    let unnamed = |stream: &str| {
        stream
            .lines()
            .filter(|line| !line.starts_with("event:"))
            .fold(String::new(), |all, line| all + line + "\n")
    };
    let (out, error, usage) = relayed(&(unnamed(START) + &unnamed(STOP)));
    assert!(out.contains("al\\\"ias"), "{out}");
    assert_eq!((error, usage.prompt, usage.cached), (None, 7, 4));
}

#[test]
fn an_error_event_passes_and_is_told() {
    let event = "event: error\ndata: {\"type\": \"error\", \"error\": {\"type\": \"overloaded_error\", \"message\": \"Over\"}}\n\n";
    let (out, error, _) = relayed(event);
    assert_eq!(out, event);
    assert_eq!(error, Some(Error::new(529, "overloaded_error", "Over")));
}

#[test]
fn a_stream_that_breaks_off_is_an_error_and_its_tokens_are_estimated() {
    let delta = format!(
        "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\
         \"text_delta\",\"text\":\"{}\"}}}}\n\n",
        "x".repeat(400)
    );
    let (out, error, usage) = relayed(&format!("{START}{delta}event: content_bl"));
    let error = error.expect("an error");
    assert_eq!(error.status, 502);
    assert!(out.ends_with(&format!(
        "{delta}event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"api_error\",\"message\":\"{}\"}}}}\n\n",
        error.message
    )));
    assert!(usage.estimated && (95..=110).contains(&usage.completion), "{usage:?}");
    assert_eq!(usage.prompt, 7);
}

#[test]
fn a_last_event_without_its_blank_line_counts() {
    let (out, error, _) = relayed(&format!("{START}{}", STOP.trim_end()));
    assert!(out.ends_with(STOP));
    assert_eq!(error, None);
}

#[test]
fn what_is_no_stream_is_an_error() {
    for (body, status) in [
        ("", 502),
        ("<html>\n\n<body>\n\n</html>", 502),
        (r#"{"type":"error","error":{"type":"rate_limit_error","message":"slow down"}}"#, 429),
    ] {
        let (out, error, usage) = relayed(body);
        assert_eq!(error.expect(body).status, status);
        assert!(out.starts_with("event: error\n"), "{out}");
        assert_eq!(usage.prompt, call(Operation::Messages, true).estimate.prompt);
    }
}

#[test]
fn an_event_without_end_is_not_waited_for() {
    let mut stream = Stream::new(&call(Operation::Messages, true), &claude(json!({})), 0);
    let piece = vec![b'x'; 1 << 20];
    let errors = (0..40).filter(|_| stream.push(&piece).error.is_some()).count();
    assert_eq!(errors, 1);
    assert_eq!(stream.end().error, None);
}
