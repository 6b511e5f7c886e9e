//! What an answer rests on: searches, pages, maps. <https://ai.google.dev/gemini-api/docs/google-search>

use super::{list, response::Candidate, text};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// What `LiteLLM` tells of an answer beside it, from all of its candidates.
#[derive(Debug, Default)]
pub struct Metadata {
    /// `groundingMetadata`.
    pub grounding: Vec<Value>,
    url_context: Vec<Value>,
    safety: Vec<Value>,
    citations: Vec<Value>,
}

impl Metadata {
    /// Takes in a candidate's.
    pub fn collect(&mut self, candidate: &Candidate) {
        match &candidate.grounding_metadata {
            Some(Value::Array(several)) => self.grounding.extend(several.iter().cloned()),
            one => self.grounding.extend(one.clone()),
        }
        self.url_context.extend(candidate.url_context_metadata.clone());
        self.safety.extend(candidate.safety_ratings.clone());
        self.citations.extend(candidate.citation_metadata.clone());
    }

    /// There is nothing to tell.
    pub fn is_empty(&self) -> bool {
        [&self.grounding, &self.url_context, &self.safety, &self.citations].iter().all(|list| list.is_empty())
    }

    /// Writes it into an answer, or into a chunk of one, which has two names for the ratings.
    pub fn write(self, out: &mut Map<String, Value>, chunk: bool) {
        if chunk {
            out.insert("vertex_ai_safety_ratings".into(), self.safety.clone().into());
        }
        out.insert("vertex_ai_grounding_metadata".into(), self.grounding.into());
        out.insert("vertex_ai_url_context_metadata".into(), self.url_context.into());
        out.insert("vertex_ai_safety_results".into(), self.safety.into());
        out.insert("vertex_ai_citation_metadata".into(), self.citations.into());
    }
}

/// `annotations`: which stretch of the text rests on which page.
pub fn annotations(found: &Value) -> Vec<Value> {
    let several = found.as_array().map_or(std::slice::from_ref(found), Vec::as_slice);
    several.iter().flat_map(of_one).collect()
}

fn of_one(found: &Value) -> impl Iterator<Item = Value> {
    let chunks = list(found.get("groundingChunks"));
    list(found.get("groundingSupports")).iter().filter_map(move |support| {
        let segment = support.get("segment")?;
        let at = support.get("groundingChunkIndices")?.get(0)?.as_u64()?;
        let page = chunks.get(usize::try_from(at).ok()?)?.get("web")?;
        let citation = json!({
            "start_index": segment.get("startIndex").filter(|index| !index.is_null())?,
            "end_index": segment.get("endIndex").filter(|index| !index.is_null())?,
            "url": text(page, "uri"),
            "title": text(page, "title"),
        });
        Some(json!({ "type": "url_citation", "url_citation": citation }))
    })
}

/// What is paid for each: searches of the web, and of maps (at least one where a map was used).
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Different searches.
    pub web: usize,
    /// Different searches.
    pub maps: usize,
}

impl Requests {
    /// Counts them.
    pub fn of(grounding: &[Value]) -> Self {
        let has = |found: &Value, kind: &str| {
            list(found.get("groundingChunks")).iter().any(|chunk| chunk.get(kind).is_some())
        };
        let (mut web, mut maps, mut mapped) = (HashSet::new(), HashSet::new(), false);
        for found in grounding {
            let map = has(found, "maps") || !text(found, "googleMapsWidgetContextToken").is_empty();
            mapped |= map;
            let queries = list(found.get("webSearchQueries")).iter().filter_map(Value::as_str);
            let place = if map && !has(found, "web") { &mut maps } else { &mut web };
            place.extend(queries.filter(|query| !query.is_empty()));
        }
        Self { web: web.len(), maps: if mapped { maps.len().max(1) } else { 0 } }
    }
}
