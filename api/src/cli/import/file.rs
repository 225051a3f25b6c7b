//! A file to import, read piece by piece: a workbook up to the limit, a text file to its end.

use std::path::Path;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::progress::Progress;
use crate::{error::Error, import::FileFormat, upload::Arriving};

/// How much is read at once, and what the format is decided from.
const CHUNK: usize = 256 << 10;

/// The argument that means standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// What the command line says about a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) path: &'a Path,
    pub(super) format: Option<FileFormat>,
    pub(super) name: Option<&'a str>,
    /// The largest workbook in bytes.
    pub(super) limit: u64,
}

/// A file of which the first bytes are known.
pub(super) struct File {
    pub(super) name: String,
    pub(super) format: FileFormat,
    /// How it is called in messages.
    shown: String,
    /// Its size, where it has one before it is read: a pipe has none.
    size: Option<u64>,
    limit: u64,
    read: u64,
    start: Option<Bytes>,
    source: Box<dyn AsyncRead + Send + Unpin>,
}

impl File {
    /// Opens a file and decides its format.
    ///
    /// # Errors
    /// [`Error::Input`] when it is missing, unreadable, of no known format, or a workbook over the limit.
    pub(super) async fn open(wanted: Wanted<'_>) -> Result<Self, Error> {
        let Wanted { path, limit, .. } = wanted;
        let shown = shown(path);
        let by_name = wanted.format.or_else(|| format_of_name(path));
        let (source, size): (Box<dyn AsyncRead + Send + Unpin>, _) = if is_standard_input(path) {
            (Box::new(tokio::io::stdin()), None)
        } else {
            let file = tokio::fs::File::open(path)
                .await
                .map_err(|error| unreadable(&shown, &error))?;
            let metadata = file
                .metadata()
                .await
                .map_err(|error| unreadable(&shown, &error))?;
            if metadata.is_dir() {
                return Err(Error::input(
                    format!("{shown} is a folder"),
                    Some("name the files in it"),
                ));
            }
            let size = metadata.is_file().then_some(metadata.len());
            (Box::new(file), size)
        };
        let mut file = Self {
            name: String::new(),
            format: by_name.unwrap_or(FileFormat::Csv),
            shown,
            size,
            limit,
            read: 0,
            start: None,
            source,
        };
        if by_name.is_some() {
            file.refuse_beyond_limit(file.size.unwrap_or_default())?;
        }
        let start = file.read_chunk().await?.unwrap_or_default();
        if by_name.is_none() {
            file.format = format_of_content(&file.shown, &start)?;
            file.refuse_beyond_limit(file.size.unwrap_or_default())?;
        }
        file.start = Some(start);
        file.name = name_of(path, wanted.name, file.format);
        Ok(file)
    }

    /// Returns its size, when it is known before it is read.
    pub(super) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Refuses a workbook over the limit: PostgreSQL holds it in memory. Text is read as a stream to its end.
    fn refuse_beyond_limit(&self, size: u64) -> Result<(), Error> {
        if self.format == FileFormat::Csv || size <= self.limit {
            return Ok(());
        }
        let limit = self.limit;
        Err(Error::Input {
            message: format!("{} is too large for a workbook", self.shown),
            detail: Some(match self.size {
                Some(size) => format!("it has {size} bytes; at most {limit} are accepted"),
                None => format!("it has more than the {limit} bytes that are accepted"),
            }),
            hint: Some(
                "split it or save it as CSV, or raise --max-file-mib and the setting rapport.max_file_size"
                    .to_owned(),
            ),
        })
    }

    /// Reads until a chunk is full or the file ends: what comes from a pipe comes in crumbs.
    async fn read_chunk(&mut self) -> Result<Option<Bytes>, Error> {
        let mut chunk = BytesMut::with_capacity(CHUNK);
        while chunk.len() < CHUNK {
            let mut rest = (&mut self.source).take((CHUNK - chunk.len()) as u64);
            let count = rest
                .read_buf(&mut chunk)
                .await
                .map_err(|error| unreadable(&self.shown, &error))?;
            if count == 0 {
                break;
            }
        }
        self.read += chunk.len() as u64;
        // The size of a file that grows, or has none, is only known now.
        if self.size.is_none_or(|size| self.read > size) {
            self.size = None;
            self.refuse_beyond_limit(self.read)?;
        }
        Ok((!chunk.is_empty()).then(|| chunk.freeze()))
    }
}

/// A file on its way, with the bar that shows it.
pub(super) struct Shown<'a> {
    pub(super) file: &'a mut File,
    pub(super) progress: &'a Progress,
    pub(super) sent: u64,
}

impl Arriving for Shown<'_> {
    type Error = Error;

    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.progress.sent(self.sent);
        let chunk = match self.file.start.take() {
            Some(start) if !start.is_empty() => Some(start),
            _ => self.file.read_chunk().await?,
        };
        self.sent += chunk.as_ref().map_or(0, |chunk| chunk.len() as u64);
        Ok(chunk)
    }
}

/// Says whether an argument means standard input.
pub(super) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// Names a file in messages.
pub(super) fn shown(path: &Path) -> String {
    if is_standard_input(path) {
        "standard input".to_owned()
    } else {
        format!("file \"{}\"", path.display())
    }
}

/// Names a file where there is little room.
pub(super) fn label(path: &Path) -> String {
    match path.file_name() {
        Some(name) if !is_standard_input(path) => name.to_string_lossy().into_owned(),
        _ => shown(path),
    }
}

fn name_of(path: &Path, wanted: Option<&str>, format: FileFormat) -> String {
    match wanted {
        Some(name) => name.to_owned(),
        None if is_standard_input(path) => format!("stdin.{}", format.name()),
        None => path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned(),
    }
}

fn unreadable(shown: &str, error: &std::io::Error) -> Error {
    Error::input(format!("{shown} cannot be read: {error}"), None)
}

fn format_of_name(path: &Path) -> Option<FileFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "xlsx" | "xlsm" => Some(FileFormat::Xlsx),
        "csv" | "tsv" | "tab" => Some(FileFormat::Csv),
        // Anything is called .txt, so its content decides.
        _ => None,
    }
}

fn format_of_content(shown: &str, content: &[u8]) -> Result<FileFormat, Error> {
    const ZIP: &[u8] = b"PK\x03\x04";
    const GZIP: &[u8] = b"\x1F\x8B";
    const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0";
    const UTF16: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];
    let refused = |detail: &str, hint: &str| Error::Input {
        message: format!("{shown} is neither a workbook nor CSV"),
        detail: Some(detail.to_owned()),
        hint: Some(hint.to_owned()),
    };
    if content.starts_with(ZIP) {
        Ok(FileFormat::Xlsx)
    } else if content.starts_with(GZIP) {
        Err(refused(
            "it is compressed with gzip",
            "send what is in it: zcat FILE | rapport import -",
        ))
    } else if content.starts_with(COMPOUND_FILE) {
        Err(refused(
            "it looks like a workbook of Excel 97 to 2003",
            "open it and save it as .xlsx",
        ))
    } else if UTF16.iter().any(|mark| content.starts_with(mark))
        || !content.iter().take(8192).any(|byte| *byte == 0)
    {
        Ok(FileFormat::Csv)
    } else {
        Err(refused(
            "it holds bytes that no text holds",
            "say what it is with --file-format",
        ))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("a.XLSX", Some(FileFormat::Xlsx))]
    #[case("a.b.csv", Some(FileFormat::Csv))]
    #[case("a.TSV", Some(FileFormat::Csv))]
    #[case("a.tab", Some(FileFormat::Csv))]
    #[case("csv", None)]
    #[case("a.txt", None)]
    fn the_ending_of_the_name_decides_first(
        #[case] name: &str,
        #[case] format: Option<FileFormat>,
    ) {
        assert_eq!(format_of_name(Path::new(name)), format);
    }

    #[rstest]
    #[case(b"PK\x03\x04rest", Some(FileFormat::Xlsx))]
    #[case(b"Date,Product\n", Some(FileFormat::Csv))]
    #[case(b"\xFF\xFED\0a\0", Some(FileFormat::Csv))]
    #[case(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", None)]
    #[case(b"\x1F\x8B\x08", None)]
    #[case(b"\x7FELF\0\0", None)]
    fn then_the_first_bytes_decide(#[case] content: &[u8], #[case] format: Option<FileFormat>) {
        assert_eq!(format_of_content("x", content).ok(), format);
    }

    async fn open(path: &Path, limit: u64) -> Result<File, Error> {
        File::open(Wanted {
            path,
            format: None,
            name: None,
            limit,
        })
        .await
    }

    #[rstest]
    #[case("huge.xlsx", true)]
    #[case("huge.csv", false)]
    #[tokio::test]
    async fn the_limit_is_for_workbooks_and_is_kept_before_a_byte_is_read(
        #[case] name: &str,
        #[case] refused: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let sparse = std::fs::File::create(&path).unwrap();
        sparse.set_len(2 << 30).unwrap();
        match open(&path, 128 << 20).await {
            Ok(file) => assert!(!refused && file.size() == Some(2 << 30)),
            Err(error) => {
                assert!(
                    refused && error.to_string().contains("too large"),
                    "{error}"
                );
                assert!(error.detail().unwrap().contains("2147483648"), "{error:?}");
            }
        }
    }

    #[tokio::test]
    async fn a_workbook_without_a_size_is_refused_once_it_passes_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        std::fs::write(
            &path,
            [b"PK\x03\x04".as_slice(), &vec![1; 3 * CHUNK]].concat(),
        )
        .unwrap();
        let mut file = open(&path, 2 * CHUNK as u64 + CHUNK as u64 * 2)
            .await
            .unwrap();
        file.size = None;
        file.limit = 2 * CHUNK as u64;
        let progress = Progress::start(&file.shown);
        let mut arriving = Shown {
            file: &mut file,
            progress: &progress,
            sent: 0,
        };
        assert_eq!(arriving.next().await.unwrap().unwrap().len(), CHUNK);
        assert_eq!(arriving.next().await.unwrap().unwrap().len(), CHUNK);
        let error = arriving.next().await.unwrap_err();
        assert!(error.detail().unwrap().contains("more than"), "{error:?}");
    }

    #[tokio::test]
    async fn every_byte_of_a_file_arrives_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let content: Vec<u8> = (0..size).map(|n| (n % 250 + 1) as u8).collect();
            std::fs::write(&path, &content).unwrap();
            let mut file = open(&path, 1).await.unwrap();
            let progress = Progress::start(&file.shown);
            let mut arriving = Shown {
                file: &mut file,
                progress: &progress,
                sent: 0,
            };
            let mut arrived = Vec::new();
            while let Some(bytes) = arriving.next().await.unwrap() {
                arrived.extend_from_slice(&bytes);
            }
            assert!(arrived == content, "{size}");
            assert_eq!(arriving.sent, size as u64);
        }
    }
}
