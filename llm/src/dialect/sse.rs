//! Server-sent events, after the section of that name of the HTML standard of the WHATWG.
//!
//! Events are told apart across chunks of any size. An event without its closing empty line is
//! not delivered, as the standard asks. Bytes that are not UTF-8 are an error here: the standard
//! would replace them, and an answer would change without notice.

use rapport_core::generation::ModelError;

use super::Progress;
use super::body::malformed;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Its type; empty if the stream gave none.
    pub name: String,
    /// Its data; lines are joined by line feeds.
    pub data: String,
}

/// Splits a stream into events.
#[derive(Debug, Default)]
pub struct Parser {
    line: Vec<u8>,
    name: String,
    data: Option<String>,
    /// The last byte was a carriage return, so that a line feed belongs to it.
    after_return: bool,
    after_first_line: bool,
}

impl Parser {
    /// Takes a chunk and hands its complete events over, one by one, until the sink is done.
    ///
    /// # Errors
    /// What the sink returns, or [`ModelError::Failed`] for bytes that are not UTF-8.
    pub fn feed(
        &mut self,
        chunk: &[u8],
        sink: &mut dyn FnMut(Event) -> Result<Progress, ModelError>,
    ) -> Result<Progress, ModelError> {
        for &byte in chunk {
            let continues = std::mem::take(&mut self.after_return) && byte == b'\n';
            match byte {
                b'\n' if continues => continue,
                b'\n' => {}
                b'\r' => self.after_return = true,
                _ => {
                    self.line.push(byte);
                    continue;
                }
            }
            if let Some(event) = self.end_line()?
                && sink(event)? == Progress::Done
            {
                return Ok(Progress::Done);
            }
        }
        Ok(Progress::More)
    }

    fn end_line(&mut self) -> Result<Option<Event>, ModelError> {
        let line = std::mem::take(&mut self.line);
        let first = !std::mem::replace(&mut self.after_first_line, true);
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(rest) if first => rest,
            _ => &line,
        };
        let line = std::str::from_utf8(line).map_err(|_| malformed("it is not UTF-8"))?;
        if line.is_empty() {
            let name = std::mem::take(&mut self.name);
            return Ok(self.data.take().map(|data| Event { name, data }));
        }
        // A line without a colon is a field without a value; one that begins with it is a comment.
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
