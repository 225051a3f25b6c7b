//! The bodies of the fuzz targets, fed by chance: a short run where libFuzzer is not at hand.

#[cfg(test)]
mod bodies;

#[cfg(test)]
mod chance {
    use proptest::prelude::*;

    use super::bodies;

    /// Bytes of a sound text of which some were replaced.
    fn damaged(sound: Vec<u8>) -> impl Strategy<Value = Vec<u8>> {
        let change = (
            any::<prop::sample::Index>(),
            0..8_usize,
            "[<>/=\"&;,\\s0-9A-Za-z\u{0}é€-]{0,6}",
        );
        prop::collection::vec(change, 0..6).prop_map(move |changes| {
            let mut bytes = sound.clone();
            for (at, removed, inserted) in changes {
                let start = at.index(bytes.len() + 1);
                let end = (start + removed).min(bytes.len());
                bytes.splice(start..end, inserted.into_bytes());
            }
            bytes
        })
    }

    fn part() -> impl Strategy<Value = Vec<u8>> {
        (0..9_u8).prop_flat_map(|choice| {
            let sound = bodies::sound_part(choice);
            damaged(sound).prop_map(move |mut bytes| {
                if let Some(first) = bytes.first_mut() {
                    *first = choice;
                }
                bytes
            })
        })
    }

    fn rows() -> impl Strategy<Value = Vec<u8>> {
        let sound = "Date Start,Interaction,Customers,Topic,Sentiment,Notes\n13/01/2020 09:00,Email,1,Drug  Efficacy,Positive,a\n\"14/01/2020\",Phone,\"1,2\",,neutral,\n";
        damaged(sound.as_bytes().to_vec())
    }

    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(any::<u8>(), 0..400),
            "\\PC{0,200}".prop_map(String::into_bytes),
            ".{0,100}".prop_map(String::into_bytes),
        ]
    }

    fn text(pattern: &'static str) -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![bytes(), pattern.prop_map(String::into_bytes)]
    }

    #[test]
    fn the_sound_parts_are_sound() {
        for choice in 0..9 {
            bodies::workbook_part(&bodies::sound_part(choice));
        }
    }

    proptest! {
        #[test]
        fn workbook(data in bytes()) {
            bodies::workbook(&data);
            bodies::workbook(&[b"PK\x03\x04", data.as_slice()].concat());
        }

        #[test]
        fn workbook_part(data in part()) { bodies::workbook_part(&data); }

        #[test]
        fn delimited(data in prop_oneof![bytes(), rows()]) { bodies::delimited(&data); }

        #[test]
        fn encoding(data in prop_oneof![bytes(), rows()]) { bodies::encoding(&data); }

        #[test]
        fn timestamp(data in text("[0-9]{1,4}[-/. ][0-9A-Za-z]{1,9}[-/. ,]{1,2}[0-9]{1,4}[ T]?([0-9]{1,2}:[0-9]{2}(:[0-9]{2})?)?( ?[AaPp][Mm])?")) {
            bodies::timestamp(&data);
        }

        #[test]
        fn month(data in text("([0-9]{1,4}|[A-Z][a-z]{2,8})[-/. ]?[0-9]{0,4}")) { bodies::month(&data); }

        #[test]
        fn customer_id(data in text("[ #a-z]{0,3}[0-9]{1,20}([,;/& \n]{1,2}[0-9]{1,5}[a-z]{0,2}){0,4}(\\.0)?")) {
            bodies::customer_id(&data);
        }

        #[test]
        fn label(data in text("[ A-Za-zÃ¼â‚¬™\u{a0}\u{200b}\n\t'’-]{0,60}")) { bodies::label(&data); }

        #[test]
        fn mojibake(data in text("([a-zA-Z ]|Ã¼|Ã©|â€™|â‚¬|Ã|Â|ÃƒÂ¼|å|ä¸|é|€){0,30}")) { bodies::mojibake(&data); }

        #[test]
        fn header(data in text("((Customer Id|Date( Start)?|Type|Occupation|Topic|Sentiment|Product|Notes|[a-z ]{0,8})\n){0,8}")) {
            bodies::header(&data);
        }

        #[test]
        fn reply(data in text("(\\{|\\}|\\[|\\]|\"|:|,|parts|sentences|text|evidence|[0-9]|On 13 January 2020|Email|Drug Efficacy|you| ){0,40}")) {
            bodies::reply(&data);
        }
    }
}
