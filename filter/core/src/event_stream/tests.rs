use super::*;
use proptest::prelude::*;

/// A frame as AWS sends it.
fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend_from_slice(name.as_bytes());
        head.push(7);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap().to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    raw(&head, payload)
}

fn raw(headers: &[u8], payload: &[u8]) -> Vec<u8> {
    let total = u32::try_from(PRELUDE + headers.len() + payload.len() + CRC).unwrap();
    let mut out = total.to_be_bytes().to_vec();
    out.extend_from_slice(&u32::try_from(headers.len()).unwrap().to_be_bytes());
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out.extend_from_slice(headers);
    out.extend_from_slice(payload);
    out.extend_from_slice(&crc32fast::hash(&out).to_be_bytes());
    out
}

fn event(name: &str, payload: &str) -> Vec<u8> {
    frame(&[(":event-type", name), (":message-type", "event")], payload.as_bytes())
}

fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, Broken> {
    let (mut splitter, mut events) = (Splitter::default(), Vec::new());
    for mut piece in pieces {
        while let Some(event) = splitter.next(&mut piece)? {
            events.push(event.clone());
        }
    }
    splitter.end()?;
    Ok(events)
}

#[test]
fn a_frame_of_the_vendors_documentation_is_read() {
    // The "payload_one_str_header" case of the protocol's test vectors.
    let vector = "0000003d0000002007fd83960c636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e\
                  7b27666f6f273a27626172277d8d9c08b1";
    let bytes: Vec<u8> =
        (0..vector.len()).step_by(2).map(|at| u8::from_str_radix(&vector[at..at + 2], 16).unwrap()).collect();
    let events = read([&bytes[..]]).unwrap();
    assert_eq!(events, [Event { data: "{'foo':'bar'}".into(), ..Event::default() }]);
}

#[test]
fn an_exception_is_told_apart_from_an_event() {
    let exception =
        frame(&[(":exception-type", "throttlingException"), (":message-type", "exception")], b"{}");
    let error = frame(
        &[(":error-code", "InternalFailure"), (":message-type", "error"), (":error-message", "oh")],
        b"",
    );
    let events = read([&[event("a", "1"), exception, error].concat()[..]]).unwrap();
    let told: Vec<_> = events.iter().map(|e| (e.name.as_str(), e.data.as_str(), e.failed)).collect();
    assert_eq!(
        told,
        [("a", "1", false), ("throttlingException", "{}", true), ("InternalFailure", "oh", true)]
    );
}

#[test]
fn every_type_of_header_is_skipped_or_read() {
    let mut headers = Vec::new();
    for (kind, length) in [(0, 0), (1, 0), (2, 1), (3, 2), (4, 4), (5, 8), (8, 8), (9, 16)] {
        headers.extend([1, b'x', kind]);
        headers.extend(vec![7; length]);
    }
    headers.extend([1, b'y', 6, 0, 2, 1, 2]);
    assert_eq!(read([&raw(&headers, b"z")[..]]).unwrap()[0].data, "z");
    assert_eq!(read([&raw(&[1, b'x', 10], b"")[..]]), Err(Broken::Form));
    assert_eq!(read([&raw(&[9, b'x'], b"")[..]]), Err(Broken::Form));
}

#[test]
fn a_frame_too_long_is_refused_before_it_is_kept() {
    let mut prelude = u32::try_from(LIMIT + 1).unwrap().to_be_bytes().to_vec();
    prelude.extend([0; 4]);
    prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
    assert_eq!(read([&prelude[..]]), Err(Broken::TooLong));
}

#[test]
fn lengths_that_do_not_fit_are_refused() {
    for (total, headers) in [(0_u32, 0_u32), (15, 0), (20, 5), (16, u32::MAX)] {
        let mut prelude = [total.to_be_bytes(), headers.to_be_bytes()].concat();
        prelude.extend(crc32fast::hash(&prelude).to_be_bytes());
        assert_eq!(read([&prelude[..]]), Err(Broken::Form), "{total} {headers}");
    }
}

#[test]
fn a_stream_that_ends_inside_a_frame_is_broken() {
    let bytes = event("a", "1");
    for end in 1..bytes.len() {
        assert_eq!(read([&bytes[..end]]), Err(Broken::Cut));
    }
}

fn part(payload: &[u8]) -> Vec<u8> {
    frame(&[(":event-type", "PayloadPart"), (":message-type", "event")], payload)
}

fn read_parts<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, Broken> {
    let (mut parts, mut events) = (Parts::default(), Vec::new());
    for mut piece in pieces {
        while let Some(event) = parts.next(&mut piece)? {
            events.push(event.clone());
        }
    }
    events.extend(parts.end()?.cloned());
    Ok(events)
}

#[test]
fn an_event_in_several_frames_and_several_in_one_are_events() {
    let bytes =
        [part(b"data: a"), part(b"b\n"), part(b"\ndata: c\n\ndata: d\n\n"), part(b"data: e")].concat();
    let data: Vec<String> = read_parts([&bytes[..]]).unwrap().into_iter().map(|event| event.data).collect();
    assert_eq!(data, ["ab", "c", "d", "e"]);
}

#[test]
fn an_error_between_parts_is_an_event_of_its_own() {
    let error = frame(&[(":exception-type", "ModelStreamError"), (":message-type", "exception")], b"{}");
    let events = read_parts([&[part(b"data: a\n\n"), error].concat()[..]]).unwrap();
    assert_eq!((events[0].data.as_str(), events[0].failed), ("a", false));
    assert_eq!((events[1].name.as_str(), events[1].failed), ("ModelStreamError", true));
}

#[test]
fn parts_that_end_inside_a_frame_are_broken() {
    let bytes = part(b"data: a\n\n");
    assert_eq!(read_parts([&bytes[..bytes.len() - 1]]), Err(Broken::Cut));
}

proptest! {
    #[test]
    fn any_split_into_frames_and_pieces_gives_the_same_events(
        texts in prop::collection::vec("[a-zé日🎉 ]{1,12}", 0..6),
        frames in 1_usize..20,
        pieces in 1_usize..40,
    ) {
        let sse: Vec<u8> = texts.iter().flat_map(|text| format!("data: {text}\n\n").into_bytes()).collect();
        let bytes: Vec<u8> = sse.chunks(frames).flat_map(part).collect();
        let events = read_parts(bytes.chunks(pieces)).unwrap();
        prop_assert_eq!(events.into_iter().map(|event| event.data).collect::<Vec<_>>(), texts);
    }

    #[test]
    fn any_split_gives_the_same_events(
        payloads in prop::collection::vec(".{0,40}", 0..6),
        cuts in prop::collection::vec(1_usize..50, 1..20),
    ) {
        let bytes: Vec<u8> = payloads.iter().flat_map(|payload| event("delta", payload)).collect();
        let (mut rest, mut pieces) = (&bytes[..], Vec::new());
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (head, tail) = rest.split_at((*cut).min(rest.len()));
            pieces.push(head);
            rest = tail;
        }
        let data: Vec<String> = read(pieces).unwrap().into_iter().map(|event| event.data).collect();
        prop_assert_eq!(data, payloads);
    }

    #[test]
    fn a_changed_byte_is_noticed(payload in ".{0,40}", at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut bytes = event("delta", &payload);
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(read([&bytes[..]]).is_err());
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read([&bytes[..]]);
    }

    #[test]
    fn no_headers_panic(headers in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = read([&raw(&headers, b"{}")[..]]);
    }
}
