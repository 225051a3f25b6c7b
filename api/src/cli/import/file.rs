//! A file to import: its size is checked before it is read, and its format decided.

use std::path::Path;

use tokio::io::AsyncReadExt as _;

use super::progress::Progress;
use crate::{error::Error, import::FileFormat};

/// How much is read between two looks at the progress bar.
const CHUNK: usize = 1 << 20;

/// A file in memory.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) format: FileFormat,
    pub(super) content: Vec<u8>,
}

/// Reads a file of at most `limit` bytes.
///
/// # Errors
/// [`Error::Input`] when it is missing, unreadable, too large or of no known format.
pub(super) async fn read(
    path: &Path,
    format: Option<FileFormat>,
    limit: u64,
    progress: &Progress,
) -> Result<File, Error> {
    let unreadable = |error: std::io::Error| {
        Error::input(
            format!("file \"{}\" cannot be read: {error}", path.display()),
            None,
        )
    };
    let mut source = tokio::fs::File::open(path).await.map_err(unreadable)?;
    let metadata = source.metadata().await.map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Error::input(
            format!("\"{}\" is a folder", path.display()),
            Some("name the files in it"),
        ));
    }
    if metadata.len() > limit {
        return Err(too_large(path, Some(metadata.len()), limit));
    }
    progress.reading(metadata.len());
    let mut content = Vec::new();
    // A pipe has no length in its metadata, so the limit is kept while reading too.
    let mut source = (&mut source).take(limit + 1);
    loop {
        content.try_reserve(CHUNK).map_err(|error| {
            Error::input(
                format!("no memory for file \"{}\": {error}", path.display()),
                None,
            )
        })?;
        if source.read_buf(&mut content).await.map_err(unreadable)? == 0 {
            break;
        }
        progress.read(content.len() as u64);
    }
    if content.len() as u64 > limit {
        return Err(too_large(path, None, limit));
    }
    let format = match format.or_else(|| format_of_name(path)) {
        Some(format) => format,
        None => format_of_content(path, &content)?,
    };
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    Ok(File {
        name,
        format,
        content,
    })
}

fn too_large(path: &Path, size: Option<u64>, limit: u64) -> Error {
    Error::Input {
        message: format!("file \"{}\" is too large", path.display()),
        detail: Some(match size {
            Some(size) => format!("it has {size} bytes; at most {limit} are accepted"),
            None => format!("it has more than the {limit} bytes that are accepted"),
        }),
        hint: Some(
            "split the file, or raise --max-file-mib and the setting rapport.max_file_size"
                .to_owned(),
        ),
    }
}

fn format_of_name(path: &Path) -> Option<FileFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "xlsx" | "xlsm" => Some(FileFormat::Xlsx),
        "csv" => Some(FileFormat::Csv),
        _ => None,
    }
}

fn format_of_content(path: &Path, content: &[u8]) -> Result<FileFormat, Error> {
    const ZIP: &[u8] = b"PK\x03\x04";
    const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0";
    const UTF16: [&[u8]; 2] = [b"\xFF\xFE", b"\xFE\xFF"];
    let refused = |detail: &str, hint: &str| Error::Input {
        message: format!("file \"{}\" is neither a workbook nor CSV", path.display()),
        detail: Some(detail.to_owned()),
        hint: Some(hint.to_owned()),
    };
    if content.starts_with(ZIP) {
        Ok(FileFormat::Xlsx)
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
    #[case(b"\x7FELF\0\0", None)]
    fn then_the_first_bytes_decide(#[case] content: &[u8], #[case] format: Option<FileFormat>) {
        assert_eq!(format_of_content(Path::new("x"), content).ok(), format);
    }

    #[tokio::test]
    async fn a_sparse_file_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.xlsx");
        std::fs::File::create(&path)
            .unwrap()
            .set_len(2 << 30)
            .unwrap();
        let started = std::time::Instant::now();
        let error = read(&path, None, 128 << 20, &Progress::start(&path))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("too large"), "{error}");
        assert!(error.detail().unwrap().contains("2147483648"), "{error:?}");
        assert!(started.elapsed().as_millis() < 500);
    }
}
