//! A file on its way into a session of PostgreSQL: piece by piece, so that no client ever holds it whole.
//!
//! The pieces go into the session's own temporary table, and an import reads them from there. Nothing is imported
//! before the last one has arrived, and whoever gives up before that closes the connection and leaves nothing.

use std::future::Future;

use bytes::Bytes;
use sqlx::PgConnection;

/// The statement that imports what was sent: the name of the file is `$1`, its format `$2`.
pub const IMPORT: &str = "SELECT to_json(i)::text FROM rapport.import_upload($1, $2) AS i";

/// The same with nothing written: the result, and the quality report it would have.
pub const PREVIEW: &str = "SELECT rapport.preview_upload($1, $2)::text";

/// The statement that makes or empties the table.
pub const BEGIN: &str = "SELECT rapport.begin_upload()";

const COPY: &str = "COPY pg_temp.rapport_upload (part, content) FROM STDIN (FORMAT binary)";

/// Bytes in a row of the table; only the last row has fewer.
const PIECE: usize = 256 << 10;

/// Pieces in one COPY. The server only says at its end that something is wrong, a full disk for example; with this
/// many, 64 MiB are sent in vain at most.
const PIECES_PER_COPY: u32 = 256;

/// How binary COPY begins: its signature, no flags, no extension of the header.
const COPY_HEADER: &[u8] = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";

/// How it ends: a row of -1 columns.
const COPY_TRAILER: &[u8] = &[0xFF, 0xFF];

/// Bytes of a row before its content: number of columns, length and value of `part`, length of `content`.
const ROW_HEADER: usize = 2 + 4 + 4 + 4;

/// A file that comes in piece by piece.
pub trait Arriving {
    /// Why the next piece does not come.
    type Error: From<sqlx::Error>;

    /// Waits for the next bytes, however many; `None` is the end of the file.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, Self::Error>> + Send;
}

/// Sends a file into the table of the session, and returns its size in bytes.
///
/// After an error, or when the future is dropped, the connection is in the middle of something: close it.
///
/// # Errors
/// Whatever keeps the file from arriving, or PostgreSQL from taking it.
pub async fn send<A: Arriving + Send>(
    connection: &mut PgConnection,
    file: &mut A,
) -> Result<u64, A::Error> {
    sqlx::query(BEGIN).execute(&mut *connection).await?;
    let mut row = Row::new();
    let mut size = 0_u64;
    let mut rest = Bytes::new();
    let mut ended = false;
    while !ended {
        let mut copy = connection.copy_in_raw(COPY).await?;
        copy.send(COPY_HEADER).await?;
        let mut pieces = 0;
        while pieces < PIECES_PER_COPY && !ended {
            if rest.is_empty() {
                match file.next().await? {
                    Some(bytes) => rest = bytes,
                    None => ended = true,
                }
            }
            size += row.fill(&mut rest) as u64;
            if row.is_full() || (ended && !row.is_empty()) {
                copy.send(row.encoded()?).await?;
                row.next();
                pieces += 1;
            }
        }
        copy.send(COPY_TRAILER).await?;
        copy.finish().await?;
    }
    Ok(size)
}

/// The row that is being filled.
struct Row {
    part: i32,
    /// [`ROW_HEADER`] bytes, and the content.
    bytes: Vec<u8>,
}

impl Row {
    fn new() -> Self {
        let mut bytes = Vec::with_capacity(ROW_HEADER + PIECE);
        bytes.resize(ROW_HEADER, 0);
        Self { part: 0, bytes }
    }

    fn is_empty(&self) -> bool {
        self.bytes.len() <= ROW_HEADER
    }

    fn is_full(&self) -> bool {
        self.bytes.len() >= ROW_HEADER + PIECE
    }

    /// Takes as many bytes as there is room for, and returns their number.
    fn fill(&mut self, rest: &mut Bytes) -> usize {
        let room = (ROW_HEADER + PIECE).saturating_sub(self.bytes.len());
        let taken = rest.split_to(room.min(rest.len()));
        self.bytes.extend_from_slice(&taken);
        taken.len()
    }

    /// Writes the header of the row, and returns the row as binary COPY has it.
    fn encoded(&mut self) -> Result<&[u8], sqlx::Error> {
        let length = i32::try_from(self.bytes.len().saturating_sub(ROW_HEADER))
            .map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        let header = [
            2_i16.to_be_bytes().as_slice(),
            &4_i32.to_be_bytes(),
            &self.part.to_be_bytes(),
            &length.to_be_bytes(),
        ]
        .concat();
        for (place, byte) in self.bytes.iter_mut().zip(header) {
            *place = byte;
        }
        Ok(&self.bytes)
    }

    /// Begins the next row.
    fn next(&mut self) {
        // 2^31 pieces are 512 TiB, more than any limit of the server lets through.
        self.part = self.part.saturating_add(1);
        self.bytes.truncate(ROW_HEADER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts bytes into rows as `send` does, and returns part and content of each as PostgreSQL reads them.
    fn rows(chunks: &[&[u8]]) -> Vec<(i32, Vec<u8>)> {
        let mut row = Row::new();
        let mut found = Vec::new();
        let read = |row: &mut Row| {
            let bytes = row.encoded().unwrap();
            assert_eq!(&bytes[..6], [0, 2, 0, 0, 0, 4]);
            let part = i32::from_be_bytes(bytes[6..10].try_into().unwrap());
            let length = i32::from_be_bytes(bytes[10..14].try_into().unwrap());
            assert_eq!(bytes.len(), 14 + length as usize);
            (part, bytes[14..].to_vec())
        };
        for chunk in chunks {
            let mut rest = Bytes::copy_from_slice(chunk);
            while !rest.is_empty() {
                row.fill(&mut rest);
                if row.is_full() {
                    found.push(read(&mut row));
                    row.next();
                }
            }
        }
        if !row.is_empty() {
            found.push(read(&mut row));
        }
        found
    }

    #[test]
    fn pieces_have_the_same_size_however_the_bytes_arrive() {
        let file: Vec<u8> = (0..PIECE * 2 + 17).map(|n| (n % 251) as u8).collect();
        let whole = rows(&[&file]);
        assert_eq!(whole.len(), 3);
        assert_eq!(whole[2].1.len(), 17);
        assert_eq!(
            whole.iter().map(|(part, _)| *part).collect::<Vec<_>>(),
            [0, 1, 2]
        );
        assert_eq!(
            whole
                .iter()
                .flat_map(|(_, bytes)| bytes.clone())
                .collect::<Vec<_>>(),
            file
        );
        for size in [1_000, PIECE - 1, PIECE, PIECE + 1] {
            assert_eq!(
                rows(&file.chunks(size).collect::<Vec<_>>()),
                whole,
                "chunks of {size}"
            );
        }
    }

    #[test]
    fn a_file_that_ends_at_a_border_has_no_empty_piece() {
        assert_eq!(rows(&[&vec![7; PIECE]]), [(0, vec![7; PIECE])]);
        assert!(rows(&[b""]).is_empty());
    }

    #[test]
    fn the_header_is_the_one_of_the_binary_format() {
        // Eleven bytes of signature, flags and length of the extension of four bytes each.
        assert_eq!(COPY_HEADER.len(), 19);
        assert_eq!(COPY_TRAILER, (-1_i16).to_be_bytes());
    }
}
