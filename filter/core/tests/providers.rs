//! `docs/providers.md` is written from the registry: `UPDATE_FIXTURES=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::{env, fmt::Write, fs};
use tianji_core::{
    deployment::Deployment,
    operation::Operation,
    providers::{self, Auth, Provider, Tokens},
};

const OPERATIONS: [(Operation, &str); 9] = [
    (Operation::Chat, "chat"),
    (Operation::Completions, "completions"),
    (Operation::Embeddings, "embeddings"),
    (Operation::Images, "images"),
    (Operation::Rerank, "rerank"),
    (Operation::Moderations, "moderations"),
    (Operation::Transcription, "transcription"),
    (Operation::Speech, "speech"),
    (Operation::CountTokens, "count_tokens"),
];

#[test]
fn the_table_of_providers_is_as_the_registry_has_it() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md");
    let table = table();
    if env::var_os("UPDATE_FIXTURES").is_some() {
        fs::write(file, &table).unwrap();
    }
    assert!(
        fs::read_to_string(file).unwrap() == table,
        "docs/providers.md differs; UPDATE_FIXTURES=1 rewrites it"
    );
}

fn table() -> String {
    let mut out = String::from(
        "# Providers\n\nWritten from the registry (`filter/core/src/providers`) by a test; `UPDATE_FIXTURES=1 cargo test -p \
         tianji-core --test providers` rewrites it.\n\nIn `model_list` a deployment is `model: <provider>/<model>`. `chat` \
         serves `/v1/chat/completions`, `/v1/messages`, `/v1/responses`, `/v1/completions` and Google's `generateContent`, \
         streamed and not, each by translation or, where the provider has the same API, as it is; `completions` says that the \
         vendor has its own of them. `embeddings`, `images`, `moderations`, `transcription` and `speech` are carried wherever \
         the format has them, whether or not the vendor does. The format is the one most of a provider's models are spoken to in.\n\n| provider | | format | serves | its key | where it is |\n|---|---|---|---|---|---|\n",
    );
    for provider in providers::ALL {
        row(&mut out, *provider);
    }
    out
}

fn row(out: &mut String, provider: &dyn Provider) {
    let facts = provider.facts();
    let any = Deployment { provider: facts.slug.into(), ..Deployment::default() };
    let supports = |operation: Operation| provider.format_for(&any, operation).wire().supports(operation);
    let serves = OPERATIONS.iter().filter(|(operation, _)| match operation {
        Operation::Completions => facts.completes || supports(*operation),
        operation => supports(*operation),
    });
    let serves = serves.map(|(_, name)| *name);
    let header = match facts.auth {
        Auth::Bearer => "`authorization: Bearer`".to_owned(),
        Auth::Header(name) => format!("`{name}`"),
        Auth::Scheme(scheme) => format!("`authorization: {}`", scheme.trim()),
        Auth::Aws(_) => "AWS signature, or `authorization: Bearer`".to_owned(),
        Auth::HttpSignature => "HTTP signature".to_owned(),
    };
    let mut key = match facts.key_env {
        "" => header,
        variable => format!("{header}, from `{variable}`"),
    };
    if facts.tokens != Tokens::None {
        key += "; or [tokens](credentials.md)";
    }
    let base = match facts.base_url {
        "" => "`api_base`".to_owned(),
        base => format!("<{base}>"),
    };
    writeln!(
        out,
        "| `{}` | [{}]({}) | {:?} | {} | {key} | {base} |",
        facts.slug,
        facts.name,
        facts.docs,
        facts.format,
        serves.collect::<Vec<_>>().join(", "),
    )
    .unwrap();
}
