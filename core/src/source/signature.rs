//! Tells from the first bytes what a file is, so that a wrong one is refused with its name.
//!
//! Extensions are not trusted: people rename files, and a download may be a page of HTML.

use memchr::memmem;

use super::{FOUND, Format};
use crate::Error;
use crate::ledger::{quoted, visible};

/// "EncryptedPackage" and "Workbook" as OLE directories spell them, in UTF-16.
const ENCRYPTED_PACKAGE: &[u8] = b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
const OLE_WORKBOOK: &[u8] = b"W\0o\0r\0k\0b\0o\0o\0k\0";
const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
const SAVE_AS: &str = "open it in a spreadsheet program and save it as .xlsx or as CSV";

/// First bytes, and what they are the first bytes of.
const SIGNATURES: &[(&[u8], &str)] = &[
    (b"%PDF", "a PDF document"),
    (b"\x1F\x8B", "a gzip archive"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"Rar!\x1A\x07", "a RAR archive"),
    (b"\xFD7zXZ\0", "an xz archive"),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xFF\xD8\xFF", "a JPEG picture"),
    (b"GIF89a", "a GIF picture"),
    (b"{\\rtf", "an RTF document"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x7FELF", "a program"),
];

/// Tells whether a file is an old Office document, which [`OleSearch`] tells more about.
pub(super) fn is_ole(head: &[u8]) -> bool {
    head.starts_with(OLE)
}

/// Looks through an old Office document, piece by piece, for what it is.
#[derive(Default)]
pub(super) struct OleSearch {
    is_encrypted: bool,
    is_workbook: bool,
    /// The end of the last piece, in which a name may begin.
    tail: Vec<u8>,
}

impl OleSearch {
    pub(super) fn piece(&mut self, piece: &[u8]) {
        let longest = ENCRYPTED_PACKAGE.len();
        self.tail
            .extend_from_slice(piece.get(..longest).unwrap_or(piece));
        for text in [&self.tail, piece] {
            self.is_encrypted |= memmem::find(text, ENCRYPTED_PACKAGE).is_some();
            self.is_workbook |= memmem::find(text, OLE_WORKBOOK).is_some();
        }
        if piece.len() > longest {
            self.tail.clear();
            let start = piece.len() - longest;
            self.tail
                .extend_from_slice(piece.get(start..).unwrap_or_default());
        }
    }

    /// Refuses the file.
    pub(super) fn refusal(&self, file_name: &str, format: Format) -> Error {
        if self.is_encrypted {
            return encrypted(file_name, format);
        }
        let found = if self.is_workbook {
            "it looks like an old .xls workbook"
        } else {
            "it looks like an old Office document"
        };
        refuse(file_name, format, found, SAVE_AS)
    }
}

/// Refuses a file whose first bytes are those of another kind; 4 KiB of them are enough.
pub(super) fn check(content: &[u8], file_name: &str, format: Format) -> Result<(), Error> {
    if content.is_empty() {
        return Err(refuse(
            file_name,
            format,
            "it is empty",
            "choose a file with content",
        ));
    }
    if let Some((_, kind)) = SIGNATURES
        .iter()
        .find(|(bytes, _)| content.starts_with(bytes))
    {
        return Err(refuse(
            file_name,
            format,
            &format!("it looks like {kind}"),
            SAVE_AS,
        ));
    }
    if let Some(kind) = markup(content) {
        return Err(refuse(
            file_name,
            format,
            &format!("it looks like {kind}"),
            SAVE_AS,
        ));
    }
    let is_zip = content.starts_with(b"PK");
    match format {
        // A CSV may start with any letters, but not with these control characters after "PK".
        Format::Csv if is_zip && content.get(2).is_some_and(|byte| *byte < 9) => Err(refuse(
            file_name,
            format,
            "it looks like a workbook or another zip archive",
            "import it as a workbook, or save it as CSV",
        )),
        Format::Xlsx if !is_zip => {
            let head = content.get(..4096).unwrap_or(content);
            let (found, hint) = if head.contains(&0) {
                ("it is no zip archive, as every .xlsx is", SAVE_AS)
            } else {
                ("it looks like plain text", "import it as CSV")
            };
            Err(refuse(file_name, format, found, hint))
        }
        Format::Csv | Format::Xlsx => Ok(()),
    }
}

/// Builds the refusal of a file.
pub(super) fn refuse(file_name: &str, format: Format, found: &str, hint: &str) -> Error {
    let wanted = match format {
        Format::Xlsx => "an .xlsx workbook",
        Format::Csv => "a CSV file",
    };
    Error::InvalidFile {
        message: format!("{} is not {wanted} that can be read", quoted(file_name)),
        detail: Some(visible(found, FOUND)),
        hint: Some(hint.to_owned()),
    }
}

/// Builds the error for a file with a password.
pub(super) fn encrypted(file_name: &str, format: Format) -> Error {
    refuse(
        file_name,
        format,
        "it is encrypted with a password",
        "remove the password in Excel and save it again",
    )
}

/// Tells what a zip archive is that holds no workbook, from the lower-case names of its files.
pub(super) fn archive_kind(names: &[String]) -> Option<(&'static str, &'static str)> {
    let has = |name: &str| names.iter().any(|known| known == name);
    let has_folder = |folder: &str| names.iter().any(|known| known.starts_with(folder));
    if has("xl/workbook.bin") {
        Some(("it looks like an .xlsb workbook", SAVE_AS))
    } else if has("content.xml") && has("mimetype") {
        Some(("it looks like an OpenDocument file", SAVE_AS))
    } else if has_folder("xl/") {
        None
    } else if has_folder("word/") {
        Some(("it looks like a Word document", SAVE_AS))
    } else if has_folder("ppt/") {
        Some(("it looks like a PowerPoint document", SAVE_AS))
    } else if has("index/document.iwa") {
        Some(("it looks like a Numbers or Pages document", SAVE_AS))
    } else if has("_rels/.rels") {
        None
    } else {
        Some((
            "it looks like a zip archive without a workbook",
            "unpack it first",
        ))
    }
}

fn markup(content: &[u8]) -> Option<&'static str> {
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let head = content
        .get(..512)
        .unwrap_or(content)
        .trim_ascii_start()
        .to_ascii_lowercase();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") {
        Some("a web page")
    } else if head.starts_with(b"<?xml") {
        Some("an XML file")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(content: &[u8], format: Format) -> String {
        let outcome = if is_ole(content) {
            let mut search = OleSearch::default();
            // In pieces of every kind: names may lie across them.
            for piece in content.chunks(7) {
                search.piece(piece);
            }
            Err(search.refusal("a.bin", format))
        } else {
            check(content, "a.bin", format)
        };
        match outcome {
            Err(Error::InvalidFile { detail, hint, .. }) => {
                assert!(hint.is_some());
                detail.unwrap()
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn other_files_are_named() {
        let mut xls = OLE.to_vec();
        xls.extend_from_slice(&[0; 600]);
        assert!(detail(&xls, Format::Xlsx).contains("Office"));
        xls.extend_from_slice(OLE_WORKBOOK);
        assert!(detail(&xls, Format::Xlsx).contains(".xls"));
        xls.extend_from_slice(ENCRYPTED_PACKAGE);
        assert!(detail(&xls, Format::Xlsx).contains("password"));
        assert!(detail(&xls, Format::Csv).contains("password"));
        assert!(detail(b"%PDF-1.7\n", Format::Xlsx).contains("PDF"));
        assert!(detail(b"%PDF-1.7\n", Format::Csv).contains("PDF"));
        assert!(detail(b"\n <!DOCTYPE HTML><html>", Format::Csv).contains("web page"));
        assert!(detail(b"\xEF\xBB\xBF<?xml version='1.0'?>", Format::Xlsx).contains("XML"));
        assert!(detail(b"PK\x03\x04abc", Format::Csv).contains("workbook"));
        assert!(detail(b"Date,Product\n", Format::Xlsx).contains("plain text"));
        assert!(detail(b"\x01\x00\x02", Format::Xlsx).contains("no zip"));
        assert!(detail(b"", Format::Xlsx).contains("empty"));
        assert!(detail(b"", Format::Csv).contains("empty"));
    }

    #[test]
    fn text_that_starts_like_a_zip_is_text() {
        assert!(check(b"PK,Name\n", "a.csv", Format::Csv).is_ok());
        assert!(check(b"PK", "a.csv", Format::Csv).is_ok());
        assert!(check(b"PK\x03\x04", "a.xlsx", Format::Xlsx).is_ok());
    }

    #[test]
    fn archives_are_named() {
        let kind = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            archive_kind(&names).map(|(found, _)| found)
        };
        assert!(
            kind(&["mimetype", "content.xml"])
                .unwrap()
                .contains("OpenDocument")
        );
        assert!(
            kind(&["_rels/.rels", "xl/workbook.bin"])
                .unwrap()
                .contains(".xlsb")
        );
        assert!(
            kind(&["_rels/.rels", "word/document.xml"])
                .unwrap()
                .contains("Word")
        );
        assert!(kind(&["a.txt"]).unwrap().contains("zip"));
        assert_eq!(
            kind(&["_rels/.rels", "xl/workbook.xml", "word/a.xml"]),
            None
        );
        assert_eq!(kind(&["_rels/.rels", "workbook.xml"]), None);
    }
}
