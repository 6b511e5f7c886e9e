//! `docs/providers.md` is written from the registry: `UPDATE_FIXTURES=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "a test")]

use std::{env, fmt::Write, fs};
use tianji_core::{
    operation::Operation,
    providers::{self, Auth, Provider},
};

const OPERATIONS: [(Operation, &str); 3] = [
    (Operation::Chat, "chat"),
    (Operation::Embeddings, "embeddings"),
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
         serves `/v1/chat/completions` and `/v1/messages`, streamed and not; `embeddings` are carried wherever the format has \
         them, whether or not the vendor does. The format is the one most of a provider's models are spoken to in.\n\n| provider | | format | serves | its key | where it is |\n|---|---|---|---|---|---|\n",
    );
    for provider in providers::ALL {
        row(&mut out, *provider);
    }
    out
}

fn row(out: &mut String, provider: &dyn Provider) {
    let facts = provider.facts();
    let wire = facts.format.wire();
    let serves = OPERATIONS.iter().filter(|(operation, _)| wire.supports(*operation)).map(|(_, name)| *name);
    let header = match facts.auth {
        Auth::Bearer => "`authorization: Bearer`".to_owned(),
        Auth::Header(name) => format!("`{name}`"),
        Auth::Scheme(scheme) => format!("`authorization: {}`", scheme.trim()),
        Auth::Aws(_) => "AWS signature, or `authorization: Bearer`".to_owned(),
        Auth::HttpSignature => "HTTP signature".to_owned(),
    };
    let key = match facts.key_env {
        "" => header,
        variable => format!("{header}, from `{variable}`"),
    };
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
