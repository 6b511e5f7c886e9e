//! From a client of `OpenAI`'s API to an upstream that speaks it too: what is long stays the text it was.

use super::{
    This, answer,
    messages::{self, Content, Rules},
    plain::{Plain, splice},
    relay::Relay,
    request,
};
use crate::{
    error::Error,
    fields::{Fields, quoted},
    operation::Operation,
    parameters,
    providers::{Extras, Finish, json_tool},
    translate::{Answer, Flow, Outgoing, Pairing, events::Events},
    usage::Usage,
    wire::{Target, Wire},
};
use serde_json::{Map, Value, json, value::RawValue};

/// The pair.
pub struct Direct;

/// What may be long, and is passed on unread where no rule applies. Never `true` in a request that works.
const LONG: &[&str] = &["messages", "tools", "functions", "response_format", "input", "prediction"];

impl Pairing for Direct {
    fn request(&self, target: &Target) -> Result<Outgoing, Error> {
        let fields = target.call.fields();
        let has = |name: &str| fields.get(name).is_some() || target.deployment.params.contains_key(name);
        let whole = drops_parts(target) || target.provider().reads(&has);
        let mut chat = Map::new();
        for (name, text) in fields.iter() {
            let long = !whole && LONG.contains(&name) && text.len() > 4;
            let value = if long { Value::Bool(true) } else { parse(text)? };
            chat.insert(name.to_owned(), value);
        }
        let headers = This.headers(&chat, target);
        let headers = This.join(headers, parameters::apply(&mut chat, target.deployment));
        chat.insert("model".into(), target.deployment.model.as_str().into());
        let body = if whole || target.call.operation != Operation::Chat {
            write(&request::build(chat, target)?, &fields, None, target)?
        } else {
            request::fit(&mut chat, target)?;
            write(&chat, &fields, Some(target.provider().rules(target.deployment)), target)?
        };
        Ok(Outgoing::json(target.path(), headers, body))
    }

    fn answer(&self, body: &[u8], target: &Target) -> Result<Answer, Error> {
        let model = Value::from(target.call.model.as_str());
        if let Some(plain) = Plain::answer(body).filter(|_| may_stay(body, target)) {
            let mut out = Vec::new();
            splice(body, plain.model, model.to_string().as_bytes(), &mut out);
            return Ok(Answer::json(out, plain.usage));
        }
        match target.call.operation {
            Operation::Embeddings => return embeddings(body, target),
            Operation::Moderations => return judged(body, target),
            _ => {}
        }
        let facts = target.provider().facts();
        let mut chat: Value = serde_json::from_slice(body).map_err(|e| Error::unreadable(facts, body, &e))?;
        chat = answer::normalise(chat, target)?;
        let usage = Usage::of_chat(&mut chat, target);
        if let Some(chat) = chat.as_object_mut() {
            chat.insert("model".into(), model);
        }
        Ok(Answer::json(chat.to_string().into_bytes(), usage))
    }

    fn flow(&self, target: &Target) -> Box<dyn Flow> {
        Box::new(Events::new(target, Relay::new(target)))
    }
}

/// Whether the provider leaves a plain answer as it is.
fn may_stay(body: &[u8], target: &Target) -> bool {
    let provider = target.provider();
    provider.facts().extras != Extras::Nowhere
        && match provider.finish() {
            None => true,
            Some(Finish::JsonTool) => memchr::memmem::find(body, json_tool::NAME.as_bytes()).is_none(),
            Some(Finish::Always(_)) => false,
        }
}

/// An answer of vectors: they stay the text they are, to the last digit.
fn embeddings(body: &[u8], target: &Target) -> Result<Answer, Error> {
    let facts = target.provider().facts();
    let unreadable = |why: &dyn std::fmt::Display| Error::unreadable(facts, body, why);
    let fields = Fields::of(body).map_err(|e| unreadable(&e))?;
    if fields.get("data").is_none_or(|data| !data.starts_with('[')) {
        // It says what is wrong, or nothing that can be understood.
        answer::normalise(serde_json::from_slice(body).map_err(|e| unreadable(&e))?, target)?;
        return Err(unreadable(&"no data"));
    }
    let usage = fields.get("usage").and_then(|usage| serde_json::from_str::<Map<String, Value>>(usage).ok());
    let mut usage = usage.unwrap_or_default();
    if let Some(total) = usage.get("total_tokens").cloned() {
        usage.entry("prompt_tokens").or_insert(total); // all that vectors cost is input
    }
    let mut counted = json!({ "usage": usage });
    let usage = Usage::of_chat(&mut counted, target);
    let mut out = Vec::with_capacity(body.len() + 64);
    let own = ["model", "usage"];
    for (name, text) in fields.iter().filter(|(name, _)| !own.contains(name)) {
        out.push(if out.is_empty() { b'{' } else { b',' });
        append(&mut out, name);
        out.push(b':');
        let nested = name == "data" && memchr::memmem::find(text.as_bytes(), b"[[").is_some();
        match unnest(text).filter(|_| nested) {
            Some(data) => append(&mut out, &data),
            None => out.extend_from_slice(text.as_bytes()),
        }
    }
    let model = Value::from(target.call.model.as_str());
    let rest = format!(",\"model\":{model},\"usage\":{}}}", counted.get("usage").unwrap_or(&Value::Null));
    out.extend_from_slice(rest.as_bytes());
    Ok(Answer::json(out, usage))
}

/// An answer about what may be said: it stays as it is.
fn judged(body: &[u8], target: &Target) -> Result<Answer, Error> {
    let facts = target.provider().facts();
    let fields = Fields::of(body).map_err(|e| Error::unreadable(facts, body, &e))?;
    if fields.get("results").is_none_or(|results| !results.starts_with('[')) {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        return Err(answer::without("results", &body, facts));
    }
    let mut out = Vec::with_capacity(body.len() + 32);
    fields.write(&[("model", &quoted(&target.call.model))], &mut out);
    Ok(Answer::json(out, target.call.expected()))
}

/// Some put each vector in a list of one.
fn unnest(data: &str) -> Option<Value> {
    let mut data: Value = serde_json::from_str(data).ok()?;
    for vector in data.as_array_mut()?.iter_mut().filter_map(|item| item.get_mut("embedding")) {
        if let Some([inner]) = vector.as_array_mut().map(Vec::as_mut_slice)
            && inner.is_array()
        {
            *vector = inner.take();
        }
    }
    Some(data)
}

/// The deployment drops something from within a field: that needs the tree.
fn drops_parts(target: &Target) -> bool {
    parameters::strings(target.deployment.params.get("additional_drop_params"))
        .any(|path| path.contains(['.', '[']))
}

fn parse(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|e| Error::invalid(format!("Invalid JSON payload: {e}")))
}

/// Writes the body; a long field from its text.
fn write(
    chat: &Map<String, Value>,
    fields: &Fields,
    rules: Option<Rules>,
    target: &Target,
) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(target.call.body.len() + 64);
    for (name, value) in chat {
        out.push(if out.is_empty() { b'{' } else { b',' });
        append(&mut out, name);
        out.push(b':');
        let text = (*value == Value::Bool(true) && LONG.contains(&name.as_str()))
            .then(|| fields.get(name))
            .flatten();
        match (text, name.as_str(), rules) {
            (None, ..) => append(&mut out, value),
            (Some(text), "messages", Some(rules)) => write_messages(text, rules, &mut out)?,
            (Some(text), "tools", Some(rules)) => {
                write_list(text, rules, &mut out, |tool| rules.clean_tool(tool))?;
            }
            (Some(text), ..) => out.extend_from_slice(text.as_bytes()),
        }
    }
    out.push(b'}');
    Ok(out)
}

fn append<T: serde::Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    // Writing JSON to memory cannot fail.
    let _ = serde_json::to_writer(out, value);
}

fn write_messages(text: &str, rules: Rules, out: &mut Vec<u8>) -> Result<(), Error> {
    if rules.content == Content::Text || !Rules::may_hold_image_result(text) {
        return write_list(text, rules, out, |message| rules.clean(message));
    }
    let messages = serde_json::from_str(text).map_err(|e| Error::invalid(format!("messages: {e}")))?;
    let mut messages = messages::hoist_images(messages);
    for message in &mut messages {
        rules.clean(message);
    }
    append(out, &messages);
    Ok(())
}

/// Writes a list, cleaning only the items that need it.
fn write_list(text: &str, rules: Rules, out: &mut Vec<u8>, clean: impl Fn(&mut Value)) -> Result<(), Error> {
    if rules.leave(text) {
        out.extend_from_slice(text.as_bytes());
        return Ok(());
    }
    let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text) else {
        out.extend_from_slice(text.as_bytes()); // not a list: the upstream will say so
        return Ok(());
    };
    out.push(b'[');
    for (at, item) in items.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if rules.leave(item.get()) {
            out.extend_from_slice(item.get().as_bytes());
        } else {
            let mut item = parse(item.get())?;
            clean(&mut item);
            append(out, &item);
        }
    }
    out.push(b']');
    Ok(())
}
