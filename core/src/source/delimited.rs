//! Streams the records of a delimited text.
//!
//! Quoting is that of RFC 4180 as the csv crate reads it: ragged rows and stray quotes are
//! read as they are. Every cell is text; what it means is for the cleaning modules to decide.

mod records;

use std::fmt;

use super::encoding::{StrayBytes, Transcoder, Unreadable};
use super::input::ByteStream;
use super::limits::Limits;
use super::scan::{Scan, scan};
use super::{Format, SheetInfo, delimiter, signature, unknown_sheet};
use crate::Error;
use records::Records;

/// Bytes of decoded text in which the delimiter is looked for.
const HEAD: usize = 64 * 1024;

/// A checked text.
pub(super) struct Delimited<'a> {
    stream: Box<dyn ByteStream + 'a>,
    text: Text,
}

/// What is known of a text before its rows are read.
struct Text {
    file_name: String,
    scan: Scan,
    dialect: delimiter::Dialect,
    sheet: SheetInfo,
    limits: Limits,
}

impl fmt::Debug for Delimited<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Delimited")
            .field("sheet", &self.text.sheet)
            .field("scan", &self.text.scan)
            .finish_non_exhaustive()
    }
}

impl<'a> Delimited<'a> {
    pub(super) fn open(
        mut stream: Box<dyn ByteStream + 'a>,
        file_name: &str,
        limits: &Limits,
    ) -> Result<Self, Error> {
        let scan = scan(stream.as_mut(), file_name, limits)?;
        let mut head = Vec::new();
        let mut transcoder = Transcoder::new(stream.as_mut(), scan.detected, limits)?;
        while head.len() < HEAD {
            let piece = transcoder.fill().map_err(|reason| match reason {
                Unreadable::Stream(error) => error,
                Unreadable::Text(what) => {
                    let name = scan.detected.name;
                    let found = format!("it has {what} of {name} in its first lines");
                    signature::refuse(file_name, Format::Csv, &found, "save it as UTF-8")
                }
            })?;
            let taken = piece.len().min(HEAD - head.len());
            if taken == 0 {
                break;
            }
            head.extend_from_slice(piece.get(..taken).unwrap_or_default());
            transcoder.consume(taken);
        }
        let text = Text {
            file_name: file_name.to_owned(),
            scan,
            dialect: delimiter::detect(&head, head.len() < HEAD),
            sheet: SheetInfo {
                name: super::stem(file_name).to_owned(),
                hidden: false,
            },
            limits: limits.clone(),
        };
        Ok(Self { stream, text })
    }

    pub(super) fn sheet(&self) -> &SheetInfo {
        &self.text.sheet
    }

    pub(super) fn encoding(&self) -> &str {
        self.text.scan.detected.name
    }

    pub(super) fn stray_bytes(&self) -> Option<StrayBytes> {
        self.text.scan.detected.strays
    }

    pub(super) fn delimiter(&self) -> char {
        char::from(self.text.dialect.delimiter)
    }

    pub(super) fn row_estimate(&self) -> u64 {
        self.text.scan.line_feeds + 1
    }

    /// Estimates the bytes of all cells together, from those of the file less its separators.
    pub(super) fn text_estimate(&self, columns: usize) -> u64 {
        let separators = self.row_estimate().saturating_mul(columns as u64);
        self.stream.len().saturating_sub(separators)
    }

    pub(super) fn rows(&mut self, sheet: &str) -> Result<Records<'_>, Error> {
        if sheet != self.text.sheet.name {
            return Err(unknown_sheet(sheet, std::slice::from_ref(&self.text.sheet)));
        }
        Records::new(self.stream.as_mut(), &self.text)
    }
}

impl Text {
    /// Builds the error for a text that cannot be read on.
    fn unreadable(&self, number: u32, reason: Unreadable) -> Error {
        match reason {
            Unreadable::Stream(error) => error,
            Unreadable::Text(what) => {
                let found = format!("it has {what}, in {}", self.scan.detected.name);
                self.broken(number, &found)
            }
        }
    }

    fn broken(&self, number: u32, found: &str) -> Error {
        Error::InvalidFile {
            message: format!("\"{}\" cannot be read beyond row {number}", self.file_name),
            detail: Some(found.to_owned()),
            hint: Some("correct it, or save it again as CSV in UTF-8".to_owned()),
        }
    }
}
