//! Holds the repair of mojibake against right texts and against what ftfy answers to the same.
//!
//! `mojibake/README.md` tells how the fixture is recorded.

#[cfg(test)]
mod mojibake {
    mod fixture;
    mod oracle;
    mod properties;
}
