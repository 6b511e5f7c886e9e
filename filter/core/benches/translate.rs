//! What translation costs natively: a request, an answer and a streamed event in each wire format, at 1 KB and 100 KB.
//!
//! `cargo bench -p tianji-core --bench translate -- gemini` runs those of one format.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run should say so")]

mod formats;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use formats::FORMATS;
use serde_json::json;
use std::hint::black_box;
use tianji_core::{
    call::Call,
    cost::cost,
    deployment::Deployment,
    operation::Operation,
    translate::{self, Stream},
    usage::Usage,
};

const NOW: u64 = 1_700_000_000;
const SENTENCE: &str = "The quick brown fox jumps over the lazy dog. ";
/// What a text is called, and how many sentences it has.
const SIZES: [(&str, usize); 2] = [("1 KB", 18), ("100 KB", 2_300)];

fn translation(criterion: &mut Criterion) {
    for format in &FORMATS {
        let mut group = criterion.benchmark_group(format.provider);
        let deployment = deployment(format.provider, format.model);
        for (size, sentences) in SIZES {
            let text = SENTENCE.repeat(sentences);
            let call = call(&text, false);
            let answer = (format.answer)(&text);
            group.throughput(Throughput::Bytes(text.len() as u64));
            group.bench_function(format!("request, {size}"), |bencher| {
                bencher.iter(|| translate::request(black_box(&call), &deployment).unwrap());
            });
            group.bench_function(format!("answer, {size}"), |bencher| {
                bencher.iter(|| translate::answer(&call, &deployment, 200, black_box(&answer), NOW).unwrap());
            });
        }
        let streamed = call("Hi", true);
        let mut stream = Stream::new(&streamed, &deployment, NOW);
        stream.push(&(format.opening)());
        let event = (format.event)(" quick");
        assert!(
            String::from_utf8(stream.push(&event).bytes).unwrap().contains(" quick"),
            "{}",
            format.provider
        );
        group.throughput(Throughput::Elements(1));
        group.bench_function("streamed event", |bencher| bencher.iter(|| stream.push(black_box(&event))));
        group.finish();
    }
}

/// What every request costs before it is translated, and every answer after.
fn around(criterion: &mut Criterion) {
    let text = SENTENCE.repeat(18);
    let body = call(&text, false).body;
    criterion.bench_function("parse a request, 1 KB", |bencher| {
        bencher.iter(|| Call::parse(Operation::Chat, black_box(body.clone())).unwrap());
    });
    let usage = Usage { prompt: 1000, cached: 200, completion: 300, ..Usage::default() };
    let facts = deployment("openai", "gpt-4o").facts;
    criterion.bench_function("cost", |bencher| bencher.iter(|| cost(black_box(&usage), &facts)));
}

fn deployment(provider: &str, model: &str) -> Deployment {
    let facts = json!({
        "input_cost_per_token": 2.5e-6, "output_cost_per_token": 1e-5, "cache_read_input_token_cost": 1.25e-6,
        "supports_function_calling": true, "supports_vision": true, "supports_response_schema": true,
    });
    Deployment {
        id: "bench".into(),
        provider: provider.into(),
        model: model.into(),
        facts: facts.as_object().unwrap().clone(),
        ..Deployment::default()
    }
}

fn call(text: &str, stream: bool) -> Call {
    let body = json!({
        "model": "m", "temperature": 0.2, "max_tokens": 256, "stream": stream,
        "messages": [{ "role": "system", "content": "You are terse." }, { "role": "user", "content": text }],
    });
    Call::parse(Operation::Chat, serde_json::to_vec(&body).unwrap()).unwrap()
}

criterion_group!(benches, translation, around);
criterion_main!(benches);
