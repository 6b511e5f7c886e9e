//! References inside a JSON schema, replaced by what they refer to.

use serde_json::{Map, Value};

/// Definitions are copied to where they are used, up to this many bytes in all: a schema may refer to itself in ways
/// that grow without end.
const MAX_INLINED: usize = 1 << 20;
const MAX_DEPTH: usize = 16;

/// Copies definitions to where a `$ref` names them. One that leads back to itself, or to nothing, stays.
pub fn inline(schema: &mut Value, definitions: &Map<String, Value>) {
    Inlining { definitions, left: MAX_INLINED }.walk(schema, &mut Vec::new());
}

struct Inlining<'a> {
    definitions: &'a Map<String, Value>,
    left: usize,
}

impl<'a> Inlining<'a> {
    fn walk(&mut self, node: &mut Value, inside: &mut Vec<&'a str>) {
        if inside.len() > MAX_DEPTH {
            return;
        }
        if let Some((name, target)) = self.target(node, inside) {
            *node = target.clone();
            inside.push(name);
            self.walk(node, inside);
            inside.pop();
            return;
        }
        match node {
            Value::Object(members) => members.values_mut().for_each(|member| self.walk(member, inside)),
            Value::Array(items) => items.iter_mut().for_each(|item| self.walk(item, inside)),
            _ => {}
        }
    }

    fn target(&mut self, node: &Value, inside: &[&str]) -> Option<(&'a str, &'a Value)> {
        let name = node.get("$ref")?.as_str()?.rsplit('/').next()?;
        let definitions = self.definitions;
        let (name, target) =
            definitions.get_key_value(name).filter(|(name, _)| !inside.contains(&name.as_str()))?;
        self.left = self.left.checked_sub(target.to_string().len())?;
        Some((name, target))
    }
}
