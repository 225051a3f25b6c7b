//! Reads the body of an upload: its declared type first, its declared length next, then its bytes up to the limit.

use axum::{
    extract::{
        DefaultBodyLimit, FromRequest, Request,
        rejection::{BytesRejection, FailedToBufferBody},
    },
    http::{HeaderMap, header},
};
use bytes::Bytes;

use crate::{config::ServerConfig, import::FileFormat, problem::Problem};

/// The content type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The content type of comma-separated values.
const CSV: &str = "text/csv";

/// Reads what the headers say about the body.
pub(super) fn format_of(headers: &HeaderMap) -> Result<FileFormat, Problem> {
    let text = |name| {
        headers
            .get(&name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
    };
    if let Some(encoding) = text(header::CONTENT_ENCODING)
        && !encoding.trim().eq_ignore_ascii_case("identity")
    {
        return Err(Problem::unsupported_media_type(format!(
            "the body is encoded with \"{encoding}\"; send the file as it is"
        )));
    }
    let declared = text(header::CONTENT_TYPE).unwrap_or_default();
    let essence = declared
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        XLSX => Ok(FileFormat::Xlsx),
        CSV => Ok(FileFormat::Csv),
        "" => Err(Problem::unsupported_media_type(format!(
            "the header content-type is missing; send \"{XLSX}\" or \"{CSV}\""
        ))),
        _ => Err(Problem::unsupported_media_type(format!(
            "the content type \"{essence}\" cannot be imported; send \"{XLSX}\" or \"{CSV}\""
        ))),
    }
}

/// Reads the whole body, or says why not. Nothing is imported before the last byte is here.
pub(super) async fn read(mut request: Request, config: &ServerConfig) -> Result<Bytes, Problem> {
    let limit = config.max_file_bytes();
    let declared = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if declared.is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
    {
        return Err(Problem::too_large(limit));
    }
    DefaultBodyLimit::max(limit).apply(&mut request);
    let reading = tokio::time::timeout(config.import_timeout(), Bytes::from_request(request, &()));
    match reading.await {
        Ok(Ok(content)) => Ok(content),
        Ok(Err(BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)))) => {
            Err(Problem::too_large(limit))
        }
        Ok(Err(error)) => {
            tracing::info!(%error, "an upload broke off");
            Err(Problem::unreadable(
                "the body ended before it was complete; nothing was imported",
            ))
        }
        Err(_) => Err(Problem::upload_timeout()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(content_type: &str) -> Result<FileFormat, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        format_of(&headers)
    }

    #[test]
    fn the_content_type_decides_and_its_parameters_do_not() {
        assert_eq!(
            declared("Text/CSV; charset=windows-1252").unwrap(),
            FileFormat::Csv
        );
        assert_eq!(declared(XLSX).unwrap(), FileFormat::Xlsx);
        assert_eq!(
            declared("application/json").unwrap_err().status().as_u16(),
            415
        );
        assert_eq!(
            format_of(&HeaderMap::new()).unwrap_err().status().as_u16(),
            415
        );
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, CSV.parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(format_of(&headers).unwrap_err().status().as_u16(), 415);
    }
}
