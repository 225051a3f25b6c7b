//! The body of an upload: its declared type first, its declared length next, then its bytes up to the limit, as they
//! arrive.

use std::time::Duration;

use axum::{
    body::BodyDataStream,
    extract::Request,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use tokio::time::timeout;

use crate::{config::ServerConfig, import::FileFormat, problem::Problem, upload::Arriving};

/// The content type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The content type of comma-separated values.
const CSV: &str = "text/csv";

/// The content type of tab-separated values.
const TSV: &str = "text/tab-separated-values";

/// How much of a body is read before it takes a connection: most files end before that, and however slowly they come,
/// they keep no other import waiting.
const AHEAD: usize = 1 << 20;

/// What a body is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Xlsx,
    Csv,
    Tsv,
}

impl Kind {
    /// Reads what the headers say about the body.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
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
        let accepted = format!("send \"{XLSX}\", \"{CSV}\" or \"{TSV}\"");
        match essence.as_str() {
            XLSX => Ok(Self::Xlsx),
            CSV => Ok(Self::Csv),
            TSV => Ok(Self::Tsv),
            "" => Err(Problem::unsupported_media_type(format!(
                "the header content-type is missing; {accepted}"
            ))),
            _ => Err(Problem::unsupported_media_type(format!(
                "the content type \"{essence}\" cannot be imported; {accepted}"
            ))),
        }
    }

    /// Returns how the file is read. The delimiter of a text file is found out from its content.
    pub(super) fn format(self) -> FileFormat {
        match self {
            Self::Xlsx => FileFormat::Xlsx,
            Self::Csv | Self::Tsv => FileFormat::Csv,
        }
    }

    /// Returns the name of a file that came without one.
    pub(super) fn default_file_name(self) -> &'static str {
        match self {
            Self::Xlsx => "upload.xlsx",
            Self::Csv => "upload.csv",
            Self::Tsv => "upload.tsv",
        }
    }
}

/// A body whose beginning is here.
pub(super) struct Body {
    stream: BodyDataStream,
    beginning: Bytes,
    size: usize,
    limit: usize,
    patience: Duration,
}

impl Body {
    /// Reads the beginning, unless the declared length is over the limit already.
    pub(super) async fn begin(request: Request, config: &ServerConfig) -> Result<Self, Problem> {
        let limit = config.max_file_bytes();
        let declared = request
            .headers()
            .get(header::CONTENT_LENGTH)
            .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if declared
            .is_some_and(|length| usize::try_from(length).map_or(true, |length| length > limit))
        {
            return Err(Problem::too_large(limit));
        }
        let mut body = Self {
            stream: request.into_body().into_data_stream(),
            beginning: Bytes::new(),
            size: 0,
            limit,
            patience: config.idle_timeout(),
        };
        // Copied together, because each piece of a body that comes byte by byte has its own allocation.
        let mut beginning = BytesMut::new();
        while beginning.len() < AHEAD
            && let Some(bytes) = body.read().await?
        {
            beginning.extend_from_slice(&bytes);
        }
        body.beginning = beginning.freeze();
        Ok(body)
    }

    async fn read(&mut self) -> Result<Option<Bytes>, Problem> {
        match timeout(self.patience, self.stream.next()).await {
            Ok(Some(Ok(bytes))) => {
                self.size = self.size.saturating_add(bytes.len());
                if self.size > self.limit {
                    return Err(Problem::too_large(self.limit));
                }
                Ok(Some(bytes))
            }
            Ok(Some(Err(error))) => {
                tracing::info!(%error, bytes = self.size, "an upload broke off");
                Err(Problem::unreadable(
                    "the body ended before it was complete; nothing was imported",
                ))
            }
            Ok(None) => Ok(None),
            Err(_) => {
                let seconds = self.patience.as_secs();
                tracing::info!(seconds, bytes = self.size, "an upload fell silent");
                Err(Problem::upload_timeout())
            }
        }
    }
}

impl Arriving for Body {
    type Error = Problem;

    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        if self.beginning.is_empty() {
            return self.read().await;
        }
        Ok(Some(std::mem::take(&mut self.beginning)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(content_type: &str) -> Result<Kind, Problem> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        Kind::of(&headers)
    }

    #[test]
    fn the_content_type_decides_and_its_parameters_do_not() {
        assert_eq!(
            declared("Text/CSV; charset=windows-1252").unwrap(),
            Kind::Csv
        );
        assert_eq!(declared(TSV).unwrap(), Kind::Tsv);
        assert_eq!(Kind::Tsv.format(), FileFormat::Csv);
        assert_eq!(declared(XLSX).unwrap(), Kind::Xlsx);
        assert_eq!(
            declared("application/json").unwrap_err().status().as_u16(),
            415
        );
        assert_eq!(
            Kind::of(&HeaderMap::new()).unwrap_err().status().as_u16(),
            415
        );
    }

    #[test]
    fn a_compressed_body_is_refused() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, CSV.parse().unwrap());
        headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
        assert_eq!(Kind::of(&headers).unwrap_err().status().as_u16(), 415);
    }
}
