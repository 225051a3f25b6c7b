//! Inflates every file of a workbook's archive once, before anything is built from it.
//!
//! The sizes that an archive declares about itself are never used: what counts is what comes
//! out of the decompressor. The parts are inspected on the way (see [`super::markup`]).

use std::cell::Cell;
use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, Read};

use memchr::memmem;
use zip::ZipArchive;
use zip::result::ZipError;

use super::input::{Content, Watched};
use super::limits::Limits;
use super::markup::{Findings, Outline, inspect_part};
use super::pace::PIECE;
use super::signature::{archive_kind, encrypted, refuse};
use super::{FOUND, Format};
use crate::Error;
use crate::ledger::{quoted, visible};

/// Inflated bytes below which a file of the archive may be of any ratio: harmless in any case,
/// and small parts of repeated styles do compress very well.
const RATIO_FLOOR: u64 = 16 * 1024 * 1024;
const END_OF_DIRECTORY: &[u8] = b"PK\x05\x06";
const ZIP64_LOCATOR: &[u8] = b"PK\x06\x07";
/// Distance from a zip64 locator to the end record that follows it.
const ZIP64_LOCATOR_BYTES: usize = 20;

/// Which limit the decompressor has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Breach {
    /// One file of the archive is too large.
    Entry,
    /// All files together are too large.
    Total,
    /// One file inflates to far more than it weighs.
    Ratio,
    /// One tag or one run of text is too long to be buffered.
    Event,
}

/// Counts what comes out of the decompressor.
#[derive(Debug)]
pub(super) struct Meter {
    entry: Cell<u64>,
    total: Cell<u64>,
    compressed: Cell<u64>,
    event: Cell<usize>,
    event_bytes: Cell<usize>,
    breach: Cell<Option<Breach>>,
}

impl Meter {
    fn new() -> Self {
        Self {
            entry: Cell::new(0),
            total: Cell::new(0),
            compressed: Cell::new(0),
            event: Cell::new(0),
            event_bytes: Cell::new(usize::MAX),
            breach: Cell::new(None),
        }
    }

    fn start_entry(&self, compressed: u64) {
        self.entry.set(0);
        self.compressed.set(compressed.max(1));
        self.breach.set(None);
    }

    /// Limits the bytes that may be read between two calls of [`Self::next_event`].
    pub(super) fn limit_events(&self, bytes: usize) {
        self.event_bytes.set(bytes);
        self.event.set(0);
    }

    /// Starts to count for the next event.
    pub(super) fn next_event(&self) {
        self.event.set(0);
    }

    /// Tells which limit was passed, if any.
    pub(super) fn breach(&self) -> Option<Breach> {
        self.breach.get()
    }

    fn add(&self, bytes: usize, limits: &Limits) -> Option<Breach> {
        self.entry
            .set(self.entry.get().saturating_add(bytes as u64));
        self.total
            .set(self.total.get().saturating_add(bytes as u64));
        self.event.set(self.event.get().saturating_add(bytes));
        let entry = self.entry.get();
        let breach = if entry > limits.entry_bytes {
            Breach::Entry
        } else if self.total.get() > limits.inflated_bytes {
            Breach::Total
        } else if entry > RATIO_FLOOR && entry / self.compressed.get() > limits.inflation_ratio {
            Breach::Ratio
        } else if self.event.get() > self.event_bytes.get() {
            Breach::Event
        } else {
            return None;
        };
        self.breach.set(Some(breach));
        Some(breach)
    }
}

struct Metered<'m, R> {
    inner: R,
    meter: &'m Meter,
    limits: &'m Limits,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        (self.limits.checkpoint)();
        let length = buffer.len().min(PIECE);
        let read = self
            .inner
            .read(buffer.get_mut(..length).unwrap_or_default())?;
        match self.meter.add(read, self.limits) {
            Some(_) => Err(io::Error::other("a limit was passed")),
            None => Ok(read),
        }
    }
}

/// Inflates and inspects the whole archive, and tells what its parts hold.
///
/// # Errors
///
/// [`Error::InvalidFile`] for what is no sound workbook, [`Error::TooLarge`] for one beyond a
/// limit.
pub(super) fn inspect(content: &[u8], file_name: &str, limits: &Limits) -> Result<Outline, Error> {
    refuse_zip64(content, file_name, limits)?;
    let bytes = Watched::new(Content::Borrowed(content), limits.checkpoint);
    let mut archive =
        ZipArchive::new(bytes).map_err(|error| damaged(file_name, None, &error.to_string()))?;
    if archive.len() > limits.zip_entries {
        return Err(Error::TooLarge {
            what: format!(
                "\"{file_name}\" with {} files in its archive",
                archive.len()
            ),
            limit: format!("{} files", limits.zip_entries),
        });
    }
    let names = names(&archive, file_name)?;
    if let Some((found, hint)) = archive_kind(&names) {
        return Err(refuse(file_name, Format::Xlsx, found, hint));
    }

    let meter = Meter::new();
    let mut findings = Findings::default();
    for (index, name) in names.iter().enumerate() {
        let entry = archive
            .by_index(index)
            .map_err(|error| unreadable(file_name, name, &error))?;
        meter.start_entry(entry.compressed_size());
        let metered = Metered {
            inner: entry,
            meter: &meter,
            limits,
        };
        inspect_entry(
            BufReader::with_capacity(PIECE, metered),
            name,
            file_name,
            limits,
            &meter,
            &mut findings,
        )?;
    }
    findings.finish()
}

/// Lists the names in the archive as calamine looks them up: `/` between folders, lower case.
fn names(archive: &ZipArchive<Watched<'_>>, file_name: &str) -> Result<Vec<String>, Error> {
    let ambiguous = |name: &str| {
        damaged(
            file_name,
            None,
            &format!("its archive has two files named \"{name}\""),
        )
    };
    if archive.has_duplicate_names() {
        return Err(ambiguous("the same"));
    }
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for name in archive.file_names() {
        let name = name.map_err(|error| damaged(file_name, None, &error.to_string()))?;
        let name = name.replace('\\', "/").to_ascii_lowercase();
        if !seen.insert(name.clone()) {
            return Err(ambiguous(&name));
        }
        names.push(name);
    }
    Ok(names)
}

fn inspect_entry(
    mut entry: impl BufRead,
    name: &str,
    file_name: &str,
    limits: &Limits,
    meter: &Meter,
    findings: &mut Findings,
) -> Result<(), Error> {
    meter.limit_events(usize::MAX);
    let outcome = match is_markup(&mut entry) {
        Ok(true) => inspect_part(name, &mut entry, meter, limits, findings),
        Ok(false) => Err(damaged(file_name, Some(name), "it is no XML")),
        Err(error) => Err(damaged(file_name, Some(name), &error.to_string())),
    };
    if let Err(flaw) = outcome {
        // Pictures and embedded documents are no XML either; they matter only when calamine
        // would read them, which the relationships tell in the end.
        findings.add_flaw(name, flaw);
    }
    if matches!(meter.breach(), None | Some(Breach::Event)) {
        meter.limit_events(usize::MAX);
        // The rest counts too, and its checksum proves that the part is whole.
        if let Err(error) = io::copy(&mut entry, &mut io::sink())
            && matches!(meter.breach(), None | Some(Breach::Event))
        {
            return Err(damaged(file_name, Some(name), &error.to_string()));
        }
    }
    match meter.breach() {
        None | Some(Breach::Event) => Ok(()),
        Some(breach) => Err(too_large(file_name, name, breach, limits)),
    }
}

/// Tells whether the first character is the `<` that every XML document starts with.
fn is_markup(entry: &mut impl BufRead) -> io::Result<bool> {
    let head = entry.fill_buf()?;
    let head = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    Ok(head.trim_ascii_start().starts_with(b"<"))
}

/// Refuses the zip64 form: it is for archives beyond 4 GiB, and the zip library allocates for
/// as many files as its 64-bit counters declare.
fn refuse_zip64(content: &[u8], file_name: &str, limits: &Limits) -> Result<(), Error> {
    let mut start = 0;
    while start < content.len() {
        (limits.checkpoint)();
        // The end of the directory may lie across two pieces.
        let end = start.saturating_add(PIECE + END_OF_DIRECTORY.len() - 1);
        let piece = content.get(start..end.min(content.len()));
        let has_locator = memmem::find_iter(piece.unwrap_or_default(), END_OF_DIRECTORY)
            .filter_map(|found| (start + found).checked_sub(ZIP64_LOCATOR_BYTES))
            .filter_map(|locator| content.get(locator..))
            .any(|before| before.starts_with(ZIP64_LOCATOR));
        if has_locator {
            return Err(damaged(file_name, None, "its archive is in the zip64 form"));
        }
        start = start.saturating_add(PIECE);
    }
    Ok(())
}

fn too_large(file_name: &str, name: &str, breach: Breach, limits: &Limits) -> Error {
    let part = format!("part \"{name}\" of \"{file_name}\"");
    let (what, limit) = match breach {
        Breach::Entry | Breach::Event => (
            format!("the inflated size of {part}"),
            format!("{} bytes", limits.entry_bytes),
        ),
        Breach::Total => (
            format!("the inflated size of \"{file_name}\""),
            format!("{} bytes", limits.inflated_bytes),
        ),
        Breach::Ratio => (
            format!("the compression of {part}"),
            format!("{} bytes for each compressed byte", limits.inflation_ratio),
        ),
    };
    Error::TooLarge { what, limit }
}

fn unreadable(file_name: &str, name: &str, error: &ZipError) -> Error {
    if matches!(error, ZipError::UnsupportedArchive(text) if *text == ZipError::PASSWORD_REQUIRED) {
        return encrypted(file_name, Format::Xlsx);
    }
    damaged(file_name, Some(name), &error.to_string())
}

/// Builds the error for an archive that cannot be read to its end.
pub(super) fn damaged(file_name: &str, part: Option<&str>, found: &str) -> Error {
    let found = visible(found, FOUND);
    Error::InvalidFile {
        message: format!("{} is damaged", quoted(file_name)),
        detail: Some(match part {
            Some(part) => format!("part {}: {found}", quoted(part)),
            None => found,
        }),
        hint: Some(
            "copy it again, or open it in a spreadsheet program and save it as .xlsx".to_owned(),
        ),
    }
}
