//! Reasoning that a model puts in marks in front of its text (`<think>…</think>`), told apart as it streams by.

use super::fields::THOUGHTS;
use std::mem;

/// Where in its answer a choice is.
#[derive(Debug)]
pub enum Thoughts {
    /// No text yet, or text that may become a mark.
    Before(String),
    /// After an opening mark; text that may become the closing one is held.
    Inside(&'static str, String),
    /// Plain text from here on.
    Over,
}

impl Default for Thoughts {
    fn default() -> Self {
        Self::Before(String::new())
    }
}

impl Thoughts {
    /// Everything that comes is plain text.
    pub fn are_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// Tells apart what came next: the reasoning and the text. At the `last` piece nothing is held back.
    pub fn split(&mut self, piece: &str, last: bool) -> (String, String) {
        let (mut thought, mut text) = (String::new(), String::new());
        *self = match mem::take(self) {
            Self::Before(held) => {
                let all = held + piece;
                match THOUGHTS.iter().find_map(|(open, close)| Some((all.strip_prefix(open)?, close))) {
                    Some((rest, close)) => inside(close, rest, last, &mut thought, &mut text),
                    None if !last && THOUGHTS.iter().any(|(open, _)| open.starts_with(&all)) => {
                        Self::Before(all)
                    }
                    None => {
                        text = all;
                        Self::Over
                    }
                }
            }
            Self::Inside(close, held) => inside(close, &(held + piece), last, &mut thought, &mut text),
            Self::Over => {
                piece.clone_into(&mut text);
                Self::Over
            }
        };
        (thought, text)
    }
}

fn inside(close: &'static str, all: &str, last: bool, thought: &mut String, text: &mut String) -> Thoughts {
    if let Some((before, after)) = all.split_once(close) {
        before.clone_into(thought);
        after.clone_into(text);
        return Thoughts::Over;
    }
    let held =
        (1..close.len()).rev().filter_map(|n| close.get(..n)).find(|start| !last && all.ends_with(start));
    let (before, held) = all.split_at(all.len() - held.map_or(0, str::len));
    before.clone_into(thought);
    Thoughts::Inside(close, held.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split<'a>(pieces: impl IntoIterator<Item = &'a str>) -> (String, String) {
        let (mut thoughts, mut all) = (Thoughts::default(), (String::new(), String::new()));
        for piece in pieces.into_iter().map(Some).chain([None]) {
            let (thought, text) = thoughts.split(piece.unwrap_or_default(), piece.is_none());
            all.0 += &thought;
            all.1 += &text;
        }
        all
    }

    #[test]
    fn marks_may_come_in_pieces() {
        assert_eq!(split(["<th", "ink>a<", "/thin", "k>b"]), ("a".into(), "b".into()));
        assert_eq!(split(["<think>never ends</thi"]), ("never ends</thi".into(), String::new()));
        assert_eq!(split(["Hi <think>"]), (String::new(), "Hi <think>".into()));
        assert_eq!(split(["<thin"]), (String::new(), "<thin".into()));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same(text in "(<think>)?[a-z<>/é]{0,12}(</think>)?[a-z<é]{0,6}", at in any::<prop::sample::Index>()) {
            let cut = (0..=at.index(text.len() + 1)).rev().find(|cut| text.is_char_boundary(*cut)).unwrap();
            prop_assert_eq!(split([&text[..cut], &text[cut..]]), split([&text[..]]));
        }
    }
}
