//! How the provider behaves is written in the model's name: `gpt-d20-p2-n100` waits 20 ms before its head and sends
//! 100 events 2 ms apart; `gpt-429-first2` refuses the first two requests.
//!
//! | word | meaning |
//! |---|---|
//! | `dN` | N ms before the response head |
//! | `pN` | N ms between events |
//! | `nN` | N events in all, the closing ones included (34) |
//! | `inN`, `outN`, `cacheN` | tokens reported: input, output, of the input cached |
//! | `nousage` | no tokens reported |
//! | `think` | reasons before it answers |
//! | `echo` | answers with the text of the last message |
//! | `bigN` | an answer (or one event) of N KiB |
//! | `splitN` | a stream arrives in pieces of N bytes |
//! | `crlf` | a stream with CRLF line ends |
//! | `400`–`599` | that status, with an error in the provider's shape |
//! | `html`, `empty`, `badjson` | a body that is none |
//! | `err200` | status 200 with an error inside |
//! | `badsse` | a malformed event in mid-stream |
//! | `eof` | a stream that ends in the middle, cleanly |
//! | `reset` | the connection is reset before the head |
//! | `cut` | the connection is reset in mid-answer |
//! | `stall` | nothing more after half a stream; no head at all for a whole answer |
//! | `firstN` | whatever is wrong is so for the model's first N requests only |

use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// An error status in the provider's own shape.
    Status,
    /// A page for people.
    Html,
    /// No body.
    Empty,
    /// JSON that breaks off.
    BadJson,
    /// Status 200, an error inside.
    ErrorInside,
    /// One event of the stream is no JSON.
    BadEvent,
    /// The stream ends too early, but cleanly.
    Eof,
    /// TCP reset before the head.
    Reset,
    /// TCP reset in the middle of the answer.
    Cut,
    /// Silence.
    Stall,
}

/// One model's script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the script")]
pub struct Behaviour {
    /// Before the response head.
    pub delay: Duration,
    /// Between two events.
    pub pace: Duration,
    /// Events in all; the default's stream has 34.
    pub events: Option<usize>,
    /// Input tokens reported, cached ones included.
    pub prompt: Option<u64>,
    /// Output tokens reported.
    pub completion: Option<u64>,
    /// Cached input tokens reported.
    pub cached: u64,
    /// No tokens reported at all.
    pub without_usage: bool,
    /// Reasons first.
    pub thinks: bool,
    /// Answers with what it was told.
    pub echoes: bool,
    /// Bytes of text in the answer.
    pub big: Option<usize>,
    /// Bytes in each piece of a stream.
    pub split: Option<usize>,
    /// CRLF instead of LF.
    pub crlf: bool,
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// The status to answer with.
    pub status: Option<u16>,
    /// How many requests it goes wrong for; all when absent.
    pub first: Option<u64>,
}

impl Behaviour {
    /// Reads the script out of a model's name. Words it does not know mean nothing.
    pub fn of(model: &str) -> Self {
        let mut it = Self::default();
        for word in model.split('-').skip(1) {
            it.read(word);
        }
        it
    }

    /// This script for a model's `nth` request, counting from one: without the fault once that has had its share.
    #[must_use]
    pub fn for_request(mut self, nth: u64) -> Self {
        if self.first.is_some_and(|first| nth > first) {
            self.fault = None;
            self.status = None;
        }
        self
    }

    fn read(&mut self, word: &str) {
        match word {
            "nousage" => self.without_usage = true,
            "think" => self.thinks = true,
            "echo" => self.echoes = true,
            "crlf" => self.crlf = true,
            "html" => self.fault = Some(Fault::Html),
            "empty" => self.fault = Some(Fault::Empty),
            "badjson" => self.fault = Some(Fault::BadJson),
            "err200" => self.fault = Some(Fault::ErrorInside),
            "badsse" => self.fault = Some(Fault::BadEvent),
            "eof" => self.fault = Some(Fault::Eof),
            "reset" => self.fault = Some(Fault::Reset),
            "cut" => self.fault = Some(Fault::Cut),
            "stall" => self.fault = Some(Fault::Stall),
            _ => self.read_number(word),
        }
    }

    fn read_number(&mut self, word: &str) {
        let digits = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
        let (name, number) = word.split_at(digits);
        let Ok(number) = number.parse::<u32>() else { return };
        let (count, tokens) = (number as usize, u64::from(number));
        match name {
            "d" => self.delay = Duration::from_millis(tokens),
            "p" => self.pace = Duration::from_millis(tokens),
            "n" => self.events = Some(count),
            "in" => self.prompt = Some(tokens),
            "out" => self.completion = Some(tokens),
            "cache" => self.cached = tokens,
            "big" => self.big = Some(count * 1024),
            "split" => self.split = Some(count.max(1)),
            "first" => self.first = Some(tokens),
            "" if (400..600).contains(&number) => {
                self.status = u16::try_from(number).ok();
                self.fault = self.fault.or(Some(Fault::Status));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_words_is_a_well_behaved_model() {
        assert_eq!(Behaviour::of("gpt"), Behaviour::default());
        assert_eq!(Behaviour::of("claude-sonnet-4o"), Behaviour::default());
    }

    #[test]
    fn words_add_up() {
        let it = Behaviour::of("gpt-d20-p2-n100-in7-out9");
        assert_eq!((it.delay.as_millis(), it.pace.as_millis(), it.events), (20, 2, Some(100)));
        assert_eq!((it.prompt, it.completion, it.fault), (Some(7), Some(9), None));
    }

    #[test]
    fn a_status_goes_with_another_fault() {
        let it = Behaviour::of("gpt-html-502");
        assert_eq!((it.fault, it.status), (Some(Fault::Html), Some(502)));
        assert_eq!(Behaviour::of("gpt-429").fault, Some(Fault::Status));
    }

    #[test]
    fn a_fault_is_over_after_its_first_requests() {
        let it = Behaviour::of("gpt-reset-first2");
        assert_eq!(it.clone().for_request(2).fault, Some(Fault::Reset));
        assert_eq!(it.for_request(3).fault, None);
    }
}
