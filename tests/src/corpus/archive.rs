//! A zip archive whose every field may lie.

use std::io::Write as _;

use flate2::{Compression, Crc, write::DeflateEncoder};

/// A file of an archive, with what both of its headers say about it.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Its name in the directory.
    pub(super) name: Vec<u8>,
    /// Its name before its content, when that is another.
    pub(super) local_name: Option<Vec<u8>>,
    /// Its content as it stands in the archive.
    pub(super) data: Vec<u8>,
    /// 0 is stored, 8 is deflated.
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) crc: u32,
    /// What the headers say is the size in the archive.
    pub(super) compressed: u32,
    /// What the headers say is the size once inflated.
    pub(super) size: u32,
    /// Whether the header before the content tells the truth although the directory does not.
    pub(super) honest_locally: bool,
    pub(super) extra: Vec<u8>,
    /// Where the directory says that it starts, when it does not start there.
    pub(super) offset: Option<u32>,
    /// Attributes of the file system: a symbolic link, say.
    pub(super) attributes: u32,
}

impl Part {
    /// A file that is not compressed.
    pub(super) fn stored(name: &str, content: &[u8]) -> Self {
        Self::raw(name, content.to_vec(), 0, checksum(content), content.len())
    }

    /// A compressed file.
    pub(super) fn deflated(name: &str, content: &[u8]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(content).expect("it deflates");
        let data = encoder.finish().expect("it deflates");
        Self::raw(name, data, 8, checksum(content), content.len())
    }

    /// A file that somebody else compressed.
    pub(super) fn raw(name: &str, data: Vec<u8>, method: u16, crc: u32, size: usize) -> Self {
        Self {
            name: name.as_bytes().to_vec(),
            local_name: None,
            compressed: u32::try_from(data.len()).unwrap_or(u32::MAX),
            data,
            method,
            flags: 0,
            crc,
            size: u32::try_from(size).unwrap_or(u32::MAX),
            honest_locally: false,
            extra: Vec::new(),
            offset: None,
            attributes: 0,
        }
    }
}

fn checksum(content: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(content);
    crc.sum()
}

/// An archive; what is `None` is said truly.
#[derive(Debug, Clone, Default)]
pub(super) struct Archive {
    pub(super) parts: Vec<Part>,
    /// What stands before the first file.
    pub(super) prefix: Vec<u8>,
    /// What stands between the directory and its end record.
    pub(super) before_end: Vec<u8>,
    pub(super) comment: Vec<u8>,
    pub(super) comment_length: Option<u16>,
    pub(super) disk: u16,
    pub(super) entries: Option<u16>,
    pub(super) directory_size: Option<u32>,
    pub(super) directory_offset: Option<u32>,
}

impl Archive {
    /// Writes the archive.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut out = self.prefix.clone();
        let mut directory = Vec::new();
        for part in &self.parts {
            let start = out.len() as u32;
            out.extend_from_slice(b"PK\x03\x04\x14\0");
            let truth = (part.data.len() as u32, part.size);
            let said = (part.compressed, part.size);
            let name = part.local_name.as_ref().unwrap_or(&part.name);
            fields(
                &mut out,
                part,
                if part.honest_locally { truth } else { said },
                name,
            );
            out.extend_from_slice(name);
            out.extend_from_slice(&part.extra);
            out.extend_from_slice(&part.data);

            directory.extend_from_slice(b"PK\x01\x02\x14\x03\x14\0");
            fields(&mut directory, part, said, &part.name);
            directory.extend_from_slice(&[0; 6]); // comment, disk, internal attributes
            directory.extend_from_slice(&part.attributes.to_le_bytes());
            directory.extend_from_slice(&part.offset.unwrap_or(start).to_le_bytes());
            directory.extend_from_slice(&part.name);
            directory.extend_from_slice(&part.extra);
        }
        let start = out.len() as u32;
        out.extend_from_slice(&directory);
        out.extend_from_slice(&self.before_end);
        out.extend_from_slice(b"PK\x05\x06");
        let entries = self
            .entries
            .unwrap_or(self.parts.len() as u16)
            .to_le_bytes();
        out.extend_from_slice(&self.disk.to_le_bytes());
        out.extend_from_slice(&self.disk.to_le_bytes());
        out.extend_from_slice(&entries);
        out.extend_from_slice(&entries);
        let size = self.directory_size.unwrap_or(directory.len() as u32);
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&self.directory_offset.unwrap_or(start).to_le_bytes());
        let length = self.comment_length.unwrap_or(self.comment.len() as u16);
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&self.comment);
        out
    }
}

/// Writes the fields that both headers have, from the flags on.
fn fields(out: &mut Vec<u8>, part: &Part, (compressed, size): (u32, u32), name: &[u8]) {
    out.extend_from_slice(&part.flags.to_le_bytes());
    out.extend_from_slice(&part.method.to_le_bytes());
    out.extend_from_slice(&[0, 0, 0x21, 0]); // midnight of 1 January 1980
    out.extend_from_slice(&part.crc.to_le_bytes());
    out.extend_from_slice(&compressed.to_le_bytes());
    out.extend_from_slice(&size.to_le_bytes());
    out.extend_from_slice(&(name.len() as u16).to_le_bytes());
    out.extend_from_slice(&(part.extra.len() as u16).to_le_bytes());
}
