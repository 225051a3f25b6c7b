//! Streams as the standard reads them, and the same stream in any chunks.

use proptest::prelude::*;
use rapport_core::generation::ModelError;
use rstest::rstest;

use super::{Event, Parser};
use crate::dialect::Progress;

fn events<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>, ModelError> {
    let (mut parser, mut events) = (Parser::default(), Vec::new());
    for chunk in chunks {
        parser.feed(chunk, &mut |event| {
            events.push(event);
            Ok(Progress::More)
        })?;
    }
    Ok(events)
}

#[rstest]
#[case("data: a\n\n", &[("", "a")])]
#[case("data:a\r\n\r\n", &[("", "a")])]
#[case("event: x\r\ndata: a\r\ndata: b\r\n\r\n", &[("x", "a\nb")])]
#[case("data: a\r\rdata: b\r\r", &[("", "a"), ("", "b")])]
#[case("data:  a\n\n", &[("", " a")])]
#[case("data: a\ndata: b\n\n", &[("", "a\nb")])]
#[case("data\n\ndata\ndata\n\n", &[("", ""), ("", "\n")])]
#[case("event: x\ndata: a\n\ndata: b\n\n", &[("x", "a"), ("", "b")])]
#[case("event: x\n\ndata: a\n\n", &[("", "a")])]
#[case(": comment\n\n:\ndata: a\nid: 1\nretry: 5\nother\n\n", &[("", "a")])]
#[case("\u{feff}data: a\n\n", &[("", "a")])]
#[case("data: a\n\n\u{feff}data: b\n\n", &[("", "a")])]
#[case("data: a:b\n\n\n\n", &[("", "a:b")])]
#[case("data: cut off\n", &[])]
#[case("data: cut off", &[])]
#[case("", &[])]
fn stream_has_events(#[case] stream: &str, #[case] expected: &[(&str, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(name, data)| Event {
            name: (*name).to_owned(),
            data: (*data).to_owned(),
        })
        .collect();
    assert_eq!(events([stream.as_bytes()]).unwrap(), expected);
    assert_eq!(events(stream.as_bytes().chunks(1)).unwrap(), expected);
}

#[test]
fn bytes_that_are_no_text_are_an_error() {
    assert!(events([b"data: \xff\n\n".as_slice()]).is_err());
    // Half a character is one only until its other half comes.
    assert!(events([b"data: \xc3".as_slice(), b"\xa4\n\n"]).is_ok());
}

#[test]
fn nothing_is_read_behind_the_end() {
    let mut parser = Parser::default();
    let progress = parser.feed(b"data: a\n\ndata: \xff\n\n", &mut |_| Ok(Progress::Done));
    assert_eq!(progress, Ok(Progress::Done));
}

proptest! {
    #[test]
    fn chunks_do_not_matter(
        lines in prop::collection::vec(("(data|event|id|:|x)(: ?[aä😀]{0,3})?", "\r|\n|\r\n|\n\n"), 0..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let stream: String = lines.into_iter().flat_map(|(line, end)| [line, end]).collect();
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        let chunks = cuts.windows(2).map(|cut| &stream.as_bytes()[cut[0]..cut[1]]);
        prop_assert_eq!(events(chunks), events([stream.as_bytes()]));
    }

    #[test]
    fn any_bytes_are_events_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = events([bytes.as_slice()]);
    }
}
