//! What the translation costs where it matters most: OpenAI to OpenAI, per request, per answer, per streamed event.
//!
//! `cargo bench -p tianji-core --bench translate` prints one line each. Plain wall clock, best of several rounds.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot run should say so")]

use serde_json::json;
use std::{
    hint::black_box,
    time::{Duration, Instant},
};
use tianji_core::{
    call::Call,
    cost::cost,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Stream},
    usage::Usage,
};

const NOW: u64 = 1_700_000_000;

fn main() {
    let deployment = deployment();
    let text = "The quick brown fox jumps over the lazy dog. ".repeat(18);
    let small = call(&text, false);
    measure("parse a 1 KB request", || Call::parse(Operation::Chat, small.body.clone()).unwrap());
    measure("request, 1 KB", || translate::request(&small, &deployment).unwrap());
    let large = call(&text.repeat(500), false);
    measure("request, 400 KB", || translate::request(&large, &deployment).unwrap());
    let tools = tool_call();
    measure("request, 1 KB with a null in its history", || translate::request(&tools, &deployment).unwrap());

    let answer = answer(&text);
    measure("answer, 1 KB", || translate::answer(&small, &deployment, 200, &answer, NOW).unwrap());

    let streamed = call(&text, true);
    let mut stream = Stream::new(&streamed, &deployment, NOW);
    stream.push(&event(&json!({ "role": "assistant", "content": "" })));
    stream.push(&event(&json!({ "content": "The" })));
    let delta = event(&json!({ "content": " quick" }));
    measure("streamed event", || stream.push(&delta));
    let burst = delta.repeat(34);
    measure("34 streamed events at once", || stream.push(&burst));

    let usage = Usage { prompt: 1000, cached: 200, completion: 300, ..Usage::default() };
    measure("cost", || cost(&usage, &deployment.facts));
}

/// Prints the time of one run: the best average of ten rounds.
fn measure<T>(what: &str, mut run: impl FnMut() -> T) {
    let start = Instant::now();
    let mut runs = 0_u32;
    while start.elapsed() < Duration::from_millis(50) {
        black_box(run());
        runs += 1;
    }
    let round = || {
        let start = Instant::now();
        (0..runs).for_each(|_| drop(black_box(run())));
        start.elapsed() / runs
    };
    let best = std::iter::repeat_with(round).take(10).min().expect("ten rounds");
    println!("{what:42} {:>10} ns", best.as_nanos());
}

fn deployment() -> Deployment {
    let facts = json!({
        "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-6,
        "supports_function_calling": true, "supports_vision": true, "supports_response_schema": true,
    });
    Deployment {
        id: "bench".into(),
        provider: "openai".into(),
        model: "gpt-4o-2024-08-06".into(),
        facts: facts.as_object().unwrap().clone(),
        ..Deployment::default()
    }
}

fn call(text: &str, stream: bool) -> Call {
    let body = json!({
        "model": "gpt-4o", "temperature": 0.2, "max_tokens": 256, "stream": stream,
        "messages": [{ "role": "system", "content": "You are terse." }, { "role": "user", "content": text }],
    });
    Call::parse(Operation::Chat, serde_json::to_vec(&body).unwrap()).unwrap()
}

fn tool_call() -> Call {
    let called = json!({ "id": "call_1", "type": "function",
        "function": { "name": "get_weather", "arguments": "{\"city\":\"Paris\"}" } });
    let body = json!({
        "model": "gpt-4o",
        "messages": [
            { "role": "user", "content": "Weather in Paris? ".repeat(40) },
            { "role": "assistant", "content": null, "tool_calls": [called] },
            { "role": "tool", "tool_call_id": "call_1", "content": "20C" },
        ],
    });
    Call::parse(Operation::Chat, serde_json::to_vec(&body).unwrap()).unwrap()
}

fn answer(text: &str) -> Vec<u8> {
    let usage = json!({ "prompt_tokens": 12, "completion_tokens": 5, "total_tokens": 17,
        "prompt_tokens_details": { "cached_tokens": 0, "audio_tokens": 0 },
        "completion_tokens_details": { "reasoning_tokens": 0, "audio_tokens": 0 } });
    let message = json!({ "role": "assistant", "content": text, "refusal": null, "annotations": [] });
    serde_json::to_vec(&json!({
        "id": "chatcmpl-abc123", "object": "chat.completion", "created": NOW, "model": "gpt-4o-2024-08-06",
        "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "stop" }],
        "usage": usage, "service_tier": "default", "system_fingerprint": "fp_44",
    }))
    .unwrap()
}

fn event(delta: &serde_json::Value) -> Vec<u8> {
    let chunk = json!({
        "id": "chatcmpl-abc123", "object": "chat.completion.chunk", "created": NOW, "model": "gpt-4o-2024-08-06",
        "service_tier": "default", "system_fingerprint": "fp_44",
        "choices": [{ "index": 0, "delta": delta, "logprobs": null, "finish_reason": null }],
        "usage": null, "obfuscation": "aB3xY",
    });
    format!("data: {chunk}\n\n").into_bytes()
}
