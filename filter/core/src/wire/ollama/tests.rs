//! What is right where recorded facts show `LiteLLM` to be wrong, and the properties that hold for any stream.

use crate::{
    call::Call,
    deployment::Deployment,
    error::Error,
    operation::Operation,
    translate::{self, Stream},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const PROVIDERS: [&str; 2] = ["ollama", "ollama_chat"];

fn deployment(provider: &str) -> Deployment {
    Deployment { provider: provider.into(), model: "llama3.1".into(), ..Deployment::default() }
}

/// A call with these fields beside a question.
fn call(extra: &Value) -> Call {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "Hi" }] });
    body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    Call::parse(Operation::Chat, body.to_string().into_bytes()).unwrap()
}

fn sent(provider: &str, extra: &Value) -> Result<Value, Error> {
    let outgoing = translate::request(&call(extra), &deployment(provider))?;
    Ok(serde_json::from_slice(&outgoing.body).unwrap())
}

fn answer(provider: &str, extra: &Value, body: &Value) -> Result<Value, Error> {
    let answer = translate::answer(&call(extra), &deployment(provider), 200, body.to_string().as_bytes(), 1)?;
    Ok(serde_json::from_slice(&answer.body).unwrap())
}

/// The chunks of a stream, and whether it failed.
fn stream<'a>(
    provider: &str,
    extra: &Value,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Value>, bool) {
    let mut stream = Stream::new(&call(extra), &deployment(provider), 1);
    let mut pushed: Vec<_> = pieces.into_iter().map(|piece| stream.push(piece)).collect();
    pushed.push(stream.end());
    let failed = pushed.iter().any(|pushed| pushed.error.is_some());
    let text: String = pushed.into_iter().map(|pushed| String::from_utf8(pushed.bytes).unwrap()).collect();
    let data = text.lines().filter_map(|line| line.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    (data.map(|data| serde_json::from_str(data).unwrap()).collect(), failed)
}

/// Lines of `/api/generate` that say this, and the last one.
fn generated(texts: &[&str]) -> Vec<u8> {
    let line = |text: &&str| json!({ "response": text, "done": false }).to_string() + "\n";
    let end = json!({ "response": "", "done": true, "done_reason": "stop", "prompt_eval_count": 1, "eval_count": 2 });
    (texts.iter().map(line).collect::<String>() + &end.to_string()).into_bytes()
}

fn joined(chunks: &[Value], name: &str) -> String {
    chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"][name].as_str()).collect()
}

fn tools() -> Value {
    json!({ "tools": [{ "type": "function", "function": { "name": "w" } }] })
}

#[test]
fn an_answer_that_was_cut_off_says_so() {
    let body = json!({ "response": "Hel", "done": true, "done_reason": "length" });
    assert_eq!(answer("ollama", &json!({}), &body).unwrap()["choices"][0]["finish_reason"], "length");
    let (chunks, _) = stream("ollama", &json!({}), [body.to_string().as_bytes()]);
    assert!(chunks.iter().any(|chunk| chunk["choices"][0]["finish_reason"] == "length"));
}

#[test]
fn an_effort_is_understood_in_either_of_its_shapes() {
    for provider in PROVIDERS {
        let body = sent(provider, &json!({ "reasoning_effort": { "effort": "high" } })).unwrap();
        assert_eq!(body["think"], true);
    }
}

#[test]
fn arguments_that_are_no_json_are_the_clients_fault_and_none_are_none() {
    for provider in PROVIDERS {
        let history = |arguments: &str| {
            let call =
                json!({ "id": "c", "type": "function", "function": { "name": "w", "arguments": arguments } });
            json!({ "messages": [{ "role": "assistant", "tool_calls": [call] }] })
        };
        assert_eq!(sent(provider, &history("not json")).unwrap_err().status, 400);
        assert!(sent(provider, &history("")).unwrap().to_string().contains("arguments"));
    }
}

#[test]
fn sounds_and_videos_do_not_stand_in_the_way_of_an_answer() {
    let parts = json!([{ "type": "text", "text": "Hear" }, { "type": "input_audio", "input_audio": {} }]);
    let extra = json!({ "messages": [{ "role": "user", "content": parts }] });
    assert_eq!(sent("ollama_chat", &extra).unwrap()["messages"][0]["content"], "Hear");
    let body = json!({ "message": { "content": "Hi" }, "done": true });
    assert_eq!(answer("ollama_chat", &extra, &body).unwrap()["choices"][0]["message"]["content"], "Hi");
}

#[test]
fn a_function_of_old_is_a_tool() {
    let function = json!({ "name": "w", "parameters": {} });
    let body = sent("ollama_chat", &json!({ "functions": [function] })).unwrap();
    assert_eq!(body["tools"], json!([{ "type": "function", "function": function }]));
}

#[test]
fn fields_of_the_api_are_no_options_of_the_model() {
    let extra =
        json!({ "keep_alive": "5m", "num_ctx": 9, "mine": 1, "extra_body": { "mine": 1, "theirs": 2 } });
    for provider in PROVIDERS {
        let body = sent(provider, &extra).unwrap();
        assert_eq!(body["options"], json!({ "num_ctx": 9 }), "{provider}");
        assert_eq!(
            (&body["keep_alive"], &body["mine"], &body["theirs"]),
            (&json!("5m"), &json!(1), &json!(2))
        );
    }
}

#[test]
fn json_is_a_call_only_where_there_are_tools() {
    let call = "{\"name\": \"w\", \"arguments\": {\"a\": 1}}";
    let body = json!({ "response": format!("```json\n{call}\n```"), "done": true });
    let chat = answer("ollama", &tools(), &body).unwrap();
    assert_eq!(chat["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"], "{\"a\":1}");
    assert_eq!(chat["choices"][0]["finish_reason"], "tool_calls");
    let plain =
        answer("ollama", &json!({ "tools": [] }), &json!({ "response": call, "done": true })).unwrap();
    assert_eq!(plain["choices"][0]["message"]["content"], call);
    let (chunks, failed) =
        stream("ollama", &tools(), [&generated(&["{\"name\":", " \"w\", \"arguments\": {}}"])[..]]);
    assert!(!failed && joined(&chunks, "content").is_empty());
    assert_eq!(chunks[0]["choices"][0]["delta"]["tool_calls"][0]["function"]["name"], "w");
    assert_eq!(chunks[1]["choices"][0]["finish_reason"], "tool_calls");
}

#[test]
fn text_that_is_no_call_is_let_go() {
    let (chunks, _) = stream("ollama", &tools(), [&generated(&["{\"a\":", "1}"])[..]]);
    assert_eq!(joined(&chunks, "content"), "{\"a\":1}");
    let (chunks, _) = stream("ollama", &tools(), [&generated(&["```py\n", "x"])[..]]);
    assert_eq!(chunks[0]["choices"][0]["delta"]["content"], "```py\n", "at once");
    let (chunks, failed) = stream("ollama", &tools(), [&b"{\"response\":\"{\"}"[..]]);
    assert!(failed && joined(&chunks, "content") == "{", "though the rest is missing");
    let (chunks, _) = stream("ollama", &tools(), [&b"{\"response\":\"He\"}\n{\"response\":\"llo\"}\n"[..]]);
    assert_eq!(joined(&chunks, "content"), "Hello");
    let long = "{".repeat(70_000);
    let line = json!({ "response": long }).to_string() + "\n";
    assert_eq!(joined(&stream("ollama", &tools(), [line.as_bytes()]).0, "content"), long);
}

#[test]
fn calls_are_numbered_through_a_stream() {
    let line = |done: bool| {
        let call = json!({ "function": { "name": "w", "arguments": {} } });
        json!({ "message": { "content": "", "tool_calls": [call] }, "done": done }).to_string() + "\n"
    };
    let (chunks, failed) = stream("ollama_chat", &tools(), [(line(false) + &line(true)).as_bytes()]);
    let call = |at: usize| &chunks[at]["choices"][0]["delta"]["tool_calls"][0];
    assert!(!failed && call(0)["index"] == 0 && call(1)["index"] == 1);
    assert_ne!(call(0)["id"], call(1)["id"]);
}

#[test]
fn reasoning_in_marks_is_told_apart() {
    let (chunks, _) = stream("ollama", &json!({}), [&generated(&["<think>", "Hm", "</think>", "42"])[..]]);
    assert_eq!(
        (joined(&chunks, "reasoning_content"), joined(&chunks, "content")),
        ("Hm".into(), "42".into())
    );
}

#[test]
fn an_error_is_one_wherever_it_comes() {
    let error = json!({ "error": "model runner has unexpectedly stopped" });
    for provider in PROVIDERS {
        assert_eq!(answer(provider, &json!({}), &error).unwrap_err().status, 500);
        assert!(stream(provider, &json!({}), [error.to_string().as_bytes()]).1);
        assert!(stream(provider, &json!({}), [&b"{\"response\":\"Hi\",\"done\":false}\n"[..]]).1, "cut off");
    }
}

proptest! {
    #[test]
    fn nothing_of_a_stream_is_lost_wherever_it_is_cut(
        texts in prop::collection::vec("[a-zé{}`\"\\\\\n]{1,6}", 0..5),
        tooled in any::<bool>(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let bytes = generated(&texts);
        let extra = if tooled { tools() } else { json!({}) };
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        cuts.extend([0, bytes.len()]);
        cuts.sort_unstable();
        let (chunks, failed) = stream("ollama", &extra, cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]));
        prop_assert!(!failed);
        prop_assert_eq!(&chunks, &stream("ollama", &extra, [&bytes[..]]).0);
        prop_assert_eq!(joined(&chunks, "content"), texts.concat());
    }

    #[test]
    fn nothing_panics(text in "[\\x00-\\x7fé]{0,60}") {
        for provider in PROVIDERS {
            for name in ["message", "response"] {
                let body = format!("{{\"{name}\":{text}}}");
                stream(provider, &tools(), [body.as_bytes()]);
                let _ = translate::answer(&call(&tools()), &deployment(provider), 200, body.as_bytes(), 1);
            }
        }
    }
}
