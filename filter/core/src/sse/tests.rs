use super::{Event, LIMIT, Splitter, TooLong};
use proptest::prelude::*;

fn events<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
    let mut splitter = Splitter::default();
    let mut all = Vec::new();
    for mut part in parts {
        while let Some(event) = splitter.next(&mut part).unwrap() {
            all.push(event.clone());
        }
    }
    all.extend(splitter.end().cloned());
    all
}

fn data(bytes: &[u8]) -> Vec<String> {
    events([bytes]).into_iter().map(|event| event.data).collect()
}

#[test]
fn every_kind_of_line_end_ends_a_line() {
    assert_eq!(data(b"data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\r\n\n"), ["a", "b", "c", "d"]);
}

#[test]
fn comments_and_unknown_fields_are_skipped_and_the_space_is_optional() {
    assert_eq!(data(b": ping\n\n:\nid: 1\nretry: 5\ndata:a\ndata:  b\ndata\n\n"), ["a\n b\n"]);
}

#[test]
fn a_name_belongs_to_its_own_event_only() {
    let all = events([&b"\xef\xbb\xbfevent: x\ndata: 1\n\nevent: lost\n\ndata: 2\n\n"[..]]);
    assert_eq!(all.iter().map(|e| (&*e.name, &*e.data)).collect::<Vec<_>>(), [("x", "1"), ("", "2")]);
}

#[test]
fn an_event_without_its_blank_line_is_given_at_the_end() {
    assert_eq!(data(b"data: a\n\ndata: [DONE]"), ["a", "[DONE]"]);
    assert_eq!(data(b"data: a\n\n: bye\n"), ["a"]);
}

#[test]
fn an_event_over_the_limit_is_an_error_whole_or_in_pieces() {
    let long = vec![b'x'; LIMIT + 1];
    let mut whole = [b"data: ", &long[..], b"\n\n"].concat();
    assert_eq!(Splitter::default().next(&mut &whole[..]), Err(TooLong));
    whole.truncate(LIMIT + 10);
    let mut splitter = Splitter::default();
    assert!(whole.chunks(1 << 16).any(|mut part| splitter.next(&mut part).is_err()));
    let lines = b"data: 1234567890\n".repeat(LIMIT / 10);
    assert_eq!(Splitter::default().next(&mut &lines[..]), Err(TooLong));
}

#[test]
fn what_is_written_reads_back() {
    let event = Event { name: "x".into(), data: "a\n\nb".into(), ..Event::default() };
    let mut bytes = Vec::new();
    event.write(&mut bytes);
    assert_eq!(events([&bytes[..]]), [event]);
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        lines in prop::collection::vec("(data|event|:|id)?(: ?)?[a-zé日\u{feff}]{0,4}(\n|\r|\r\n|\n\n)", 0..20),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes = lines.concat().into_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        at.extend([0, bytes.len()]);
        at.sort_unstable();
        prop_assert_eq!(events(at.windows(2).map(|pair| &bytes[pair[0]..pair[1]])), events([&bytes[..]]));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), size in 1usize..9) {
        events(bytes.chunks(size));
    }
}
